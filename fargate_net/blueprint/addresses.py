"""Carving: which part of the VPC's range each subnet gets.

A subnet's place depends on the VPC's range, its zone and its role, and on nothing else, so that a zone or a service
that is added moves no subnet. Never here: which subnets are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from fargate_net.errors import UsageError

ROLES = ("public", "private")
_SMALLEST = 28
"""The longest prefix of a subnet (VPC User Guide, Subnet CIDR blocks)."""


@dataclass(frozen=True)
class Block:
    """The place of one subnet: its IPv4 range, and the number of its /64 in the VPC's IPv6 range."""

    zone: str
    role: str
    cidr: str
    ipv6_index: int


def subnet_prefix(cidr: str) -> int:
    """The prefix length of every subnet in a VPC of that range.

    A VPC down to /23 is cut in 16: eight zones of two roles. A smaller one in fewer, so that subnets stay /27 as long
    as four fit, because a balancer needs that (ALB User Guide, Subnets for your load balancer).
    """
    vpc: int = IPv4Network(cidr).prefixlen
    if vpc <= 23:
        return vpc + 4
    return max(27, vpc) if vpc < 26 else _SMALLEST


def most_zones(cidr: str) -> int:
    """How many zones of two roles fit; at least one, in which a /28 has room for one role only."""
    parts: int = 2 ** (subnet_prefix(cidr) - IPv4Network(cidr).prefixlen)
    return max(1, parts // len(ROLES))


def carve(cidr: str, zones: Sequence[str], region: str) -> dict[tuple[str, str], Block]:
    """The block of each zone and role, by (zone, role). They never overlap, except in a /28, which is one block.

    A zone has the place of its letter, so the order of zones does not matter; where two would share a place (small
    ranges, local zones) the one named first keeps it. UsageError when the zones do not fit.
    """
    room = most_zones(cidr)
    if len(zones) > room:
        raise UsageError(
            f"The range {cidr} has room for {room} zone{'s' if room > 1 else ''}, not for {len(zones)}.",
            hint="Take a larger `network.cidr` (/16 is usual) or fewer `network.zones`.",
        )
    parts = list(IPv4Network(cidr).subnets(new_prefix=subnet_prefix(cidr)))
    blocks: dict[tuple[str, str], Block] = {}
    taken: set[int] = set()
    for zone in zones:
        place = (ord(zone_letter(zone, region)[-1]) - ord("a")) % room
        while place in taken:
            place = (place + 1) % room
        taken.add(place)
        for offset, role in enumerate(ROLES):
            # A /28 is one subnet: whichever role is wanted has it.
            number = min(place * len(ROLES) + offset, len(parts) - 1)
            blocks[zone, role] = Block(zone, role, str(parts[number]), number)
    return blocks


def zone_letter(zone: str, region: str) -> str:
    """What tells zones of a Region apart: ``a`` of eu-west-1a, ``lax-1a`` of the local zone us-west-2-lax-1a."""
    return zone.removeprefix(region).lstrip("-") or zone


def resolver(cidr: str) -> str:
    """The address of the Route 53 Resolver of a VPC (VPC User Guide, DNS attributes for your VPC), as a /32."""
    return f"{IPv4Network(cidr).network_address + 2}/32"
