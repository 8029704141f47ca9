"""Carving: which part of the VPC's range each subnet gets.

A subnet's place depends on the VPC's range, its zone and its role, and on nothing else, so that a zone or a service
that is added moves no subnet. Never here: which subnets are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from fargate_net.errors import UsageError
from fargate_net.spec.addresses import Tier, subnet_prefix

ROLES: tuple[Tier, ...] = ("public", "private")
_SMALLEST = 28
"""The longest prefix of a subnet (VPC User Guide, Subnet CIDR blocks)."""


@dataclass(frozen=True)
class Block:
    """The place of one subnet: its IPv4 range, and the number of its /64 in the VPC's IPv6 range."""

    zone: str
    role: Tier
    cidr: str
    ipv6_index: int


def carve(cidr: str, zones: Sequence[str], region: str) -> dict[tuple[str, str], Block]:
    """The block of each zone and role, by (zone, role). UsageError when the zones do not fit.

    A zone has the place of its letter, so the order of zones does not matter; where two would share a place (small
    ranges, local zones) the one named first keeps it.
    """
    vpc = IPv4Network(cidr)
    prefix = subnet_prefix(vpc.prefixlen, len(zones))
    if prefix > _SMALLEST:
        raise UsageError(
            f"The range {cidr} is too small for {len(zones)} zones.",
            hint="Take a larger `network.cidr` (/16 is usual) or fewer `network.zones`.",
        )
    parts = list(vpc.subnets(new_prefix=prefix))
    places = len(parts) // len(ROLES)
    blocks: dict[tuple[str, str], Block] = {}
    taken: set[int] = set()
    for zone in zones:
        place = (ord(zone_letter(zone, region)[-1]) - ord("a")) % places
        while place in taken:
            place = (place + 1) % places
        taken.add(place)
        for offset, role in enumerate(ROLES):
            number = place * len(ROLES) + offset
            blocks[zone, role] = Block(zone, role, str(parts[number]), number)
    return blocks


def zone_letter(zone: str, region: str) -> str:
    """What tells zones of a Region apart: ``a`` of eu-west-1a, ``lax-1a`` of the local zone us-west-2-lax-1a."""
    return zone.removeprefix(region).lstrip("-") or zone


def resolver(cidr: str) -> str:
    """The address of the Route 53 Resolver of a VPC (VPC User Guide, DNS attributes for your VPC), as a /32."""
    return f"{IPv4Network(cidr).network_address + 2}/32"
