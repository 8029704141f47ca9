"""A destination as people write it: an endpoint, a port or range, a protocol. Never here: what the endpoint means."""

from __future__ import annotations

import re

from fargate_net.errors import UsageError
from fargate_net.reach import addresses

PROTOCOLS = ("tcp", "udp", "icmp")


def parse_target(text: str) -> tuple[str, tuple[int, int] | None, str | None]:
    """``web:80/tcp`` as (endpoint, inclusive port range or None, protocol or None).

    Raises UsageError for a port that is none, an unknown protocol and empty text. IPv6 with a port stands in brackets.
    """
    whole, protocol = text.strip(), None
    head, slash, last = whole.rpartition("/")
    if slash and last.lower() in PROTOCOLS:
        whole, protocol = head, last.lower()
    elif slash and re.search(r"[^:]:[\d-]+$", head) and ("[" in head or not last.isdigit()):
        raise UsageError(f"{text!r} asks for protocol {last!r}.", hint="Use tcp, udp or icmp.")
    ports: tuple[int, int] | None = None
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", whole)
    if bracketed:
        whole = bracketed[1]
        ports = _ports(bracketed[2], text) if bracketed[2] is not None else None
    elif not _is_ipv6(whole):
        before, colon, after = whole.rpartition(":")
        id_part = "/" in after and before.startswith(("planned", "arn:"))
        if colon and before != "aws" and not id_part:
            whole, ports = before, _ports(after, text)
    if not whole:
        raise UsageError(
            f"{text!r} names no endpoint.", hint="Write a service, an address, lb/NAME, internet or aws:s3."
        )
    if ports is not None and protocol == "icmp":
        raise UsageError(f"{text!r} gives a port for icmp, which has none.", hint="Leave the port out.")
    return whole, ports, protocol


def _is_ipv6(text: str) -> bool:
    try:
        return addresses.cidr(text).family == 6
    except ValueError:
        return False


def _ports(text: str, whole: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if not found:
        raise UsageError(f"{text!r} in {whole!r} is not a port.", hint="Write a number from 1 to 65535, or FROM-TO.")
    low, high = int(found[1]), int(found[2] or found[1])
    if not 1 <= low <= high <= 65535:
        raise UsageError(f"{text!r} in {whole!r} is not a port or range of ports.", hint="Ports run from 1 to 65535.")
    return low, high
