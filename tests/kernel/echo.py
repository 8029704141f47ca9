"""ICMP echoes of both families as bytes (RFC 792, RFC 4443). Never here: sending them."""

from __future__ import annotations

import socket
import struct

KINDS = {4: (8, 0), 6: (128, 129)}
"""What asks and what answers."""


def request(identifier: int, family: int) -> bytes:
    """An echo request; its identifier stands where other protocols have a client port."""
    asks, _ = KINDS[family]
    # Over IPv6 the sum covers addresses as well, and the kernel fills it in.
    total = _checksum((asks << 8, identifier, 1)) if family == 4 else 0
    return struct.pack("!BBHHH", asks, 0, total, identifier, 1)


def is_reply(packet: bytes, identifier: int, source: str, target: str) -> bool:
    """Whether what a raw socket heard is the reply to that request. Such sockets hear others of their host as well.

    Over IPv6 they hear the message alone, and only what comes from where they are connected.
    """
    family = 6 if ":" in target else 4
    if family == 4:
        if packet[12:20] != socket.inet_aton(target) + socket.inet_aton(source):
            return False
        packet = packet[(packet[0] & 15) * 4 :]
    return len(packet) >= 8 and packet[0] == KINDS[family][1] and struct.unpack("!H", packet[4:6])[0] == identifier


def _checksum(words: tuple[int, ...]) -> int:
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
