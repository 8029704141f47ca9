"""How the range of a new VPC is cut into subnets: pure arithmetic, shared by the rules and the drawing.

Zone ``i`` gets block ``2i`` for its public and block ``2i + 1`` for its private subnet. A range up to /22 is
always cut into 16 blocks, so that a third zone later does not move the subnets of the first two.
Never here: which subnets a stack needs, free addresses of subnets that exist.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

Tier = Literal["public", "private"]

RESERVED = 5
"""Addresses AWS keeps in every subnet: the first four and the last (VPC User Guide, Subnet CIDR blocks)."""

_SMALLEST = 28


@dataclass(frozen=True)
class SubnetRange:
    """One subnet to make: ``zone`` counts from 0."""

    zone: int
    tier: Tier
    cidr: str


def subnet_prefix(vpc_prefix: int, zones: int) -> int:
    """Prefix length of every subnet in a VPC of that prefix length; above 28 there is no room for the zones."""
    if vpc_prefix <= 22:
        return vpc_prefix + 4
    bits = (2 * zones - 1).bit_length()
    return vpc_prefix + bits


def usable(prefix: int) -> int:
    """Addresses of a subnet that can be given to interfaces."""
    return max(0, (1 << (32 - prefix)) - RESERVED)


def carve(cidr: str, zones: int) -> tuple[SubnetRange, ...]:
    """The subnets of a VPC, zone by zone, public before private.

    Raises ``ValueError`` when the range is no IPv4 network or too small for the zones; the rules of the spec say
    so in better words before.
    """
    network = ipaddress.IPv4Network(cidr)
    prefix = subnet_prefix(network.prefixlen, zones)
    if prefix > _SMALLEST:
        raise ValueError(f"{cidr} has no room for {zones} zones")
    blocks = network.subnets(new_prefix=prefix)
    tiers: tuple[Tier, ...] = ("public", "private")
    return tuple(SubnetRange(zone, tier, str(next(blocks))) for zone in range(zones) for tier in tiers)
