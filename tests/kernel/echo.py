"""ICMP echoes as bytes (RFC 792). Never here: sending them."""

from __future__ import annotations

import socket
import struct

REQUEST, REPLY = 8, 0


def request(identifier: int) -> bytes:
    """An echo request; its identifier stands where other protocols have a client port."""
    return struct.pack("!BBHHH", REQUEST, 0, _checksum((REQUEST << 8, identifier, 1)), identifier, 1)


def is_reply(packet: bytes, identifier: int, source: str, target: str) -> bool:
    """Whether an IPv4 packet is the reply to that request. Raw sockets hear others of their host as well."""
    if packet[12:20] != socket.inet_aton(target) + socket.inet_aton(source):
        return False
    message = packet[(packet[0] & 15) * 4 :]
    return len(message) >= 8 and message[0] == REPLY and struct.unpack("!H", message[4:6])[0] == identifier


def _checksum(words: tuple[int, ...]) -> int:
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
