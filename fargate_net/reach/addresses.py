"""Addresses and ranges as integers, each text parsed once. Never here: routes, rules, names.

A packet question compares addresses thousands of times; integers do that an order of magnitude faster than objects.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import NamedTuple

from fargate_net.reach.intervals import Intervals

BITS = {4: 32, 6: 128}


class Cidr(NamedTuple):
    """A range of one family: the first and last address, the prefix length, and the text it came from."""

    family: int
    low: int
    high: int
    length: int
    text: str


@cache
def cidr(text: str) -> Cidr:
    """A range or a single address from its text. Raises ValueError when it is neither. Host bits are cleared."""
    net = ipaddress.ip_network(text, strict=False)
    low = int(net.network_address)
    return Cidr(net.version, low, low + net.num_addresses - 1, net.prefixlen, text)


def is_cidr(text: str) -> bool:
    """Whether the text reads as an address range; ids and names do not."""
    return "/" in text and not text.startswith("planned:") and (":" in text or "." in text.partition("/")[0])


def v4(text: str) -> int:
    """A well-formed IPv4 address as an integer. Raises ValueError when it has not four numbers."""
    try:
        a, b, c, d = text.split(".")
        return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv4 address") from None


@cache
def v6(text: str) -> int:
    """An IPv6 address as an integer. Raises ValueError on anything else."""
    return int(ipaddress.IPv6Address(text.split("/")[0]))


def parse(text: str) -> tuple[int, int]:
    """(family, integer) of an address. Raises ValueError when it is none."""
    address = ipaddress.ip_address(text)
    return address.version, int(address)


UNASSIGNED = 0xF0000000
"""Stands for an IPv4 address AWS has not chosen yet; reserved, so only a rule for every address matches it."""


def v4_or_stand_in(text: str) -> int:
    """An IPv4 address, or :data:`UNASSIGNED` for one that is only planned."""
    try:
        return v4(text)
    except ValueError:
        return UNASSIGNED


def show(family: int, value: int) -> str:
    """The address as text."""
    if family == 4 and value == UNASSIGNED:
        return "an address not yet assigned"
    return str(ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value))


def ranges(family: int, addresses: Intervals) -> tuple[str, ...]:
    """The set as CIDRs, the fewest there are."""
    kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    return tuple(
        str(net) for low, high in addresses for net in ipaddress.summarize_address_range(kind(low), kind(high))
    )


def span(*cidrs: str) -> Intervals:
    """All addresses of these ranges (of one family)."""
    return Intervals([(c.low, c.high) for c in map(cidr, cidrs)])


PRIVATE_4 = span("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""RFC 1918 and RFC 6598: an internet gateway forwards neither (Reachability Analyzer, explanation codes)."""

SHARED_4 = span("100.64.0.0/10")
"""The part of them that RFC 6598 sets apart."""

SPECIAL_4 = span("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
"""Addresses no host on the internet has: this-network, loopback, link-local, multicast and reserved."""

INTERNET = {
    4: Intervals([(0, 2**32 - 1)]) - PRIVATE_4 - SPECIAL_4,
    6: span("2000::/3"),
}
"""Every public address of a family."""

UNROUTABLE = {4: SPECIAL_4, 6: span("fe80::/10", "ff00::/8", "::1/128", "fd00:ec2::/32")}
"""Addresses for which no route of a VPC helps: link-local, loopback, multicast and those of AWS's own services."""

UNFORWARDED = {4: span("169.254.168.0/22"), 6: span("fd00:ec2::/32")}
"""Reserved for AWS services; never forwarded, even under a wider route (VPC User Guide, Route tables)."""
