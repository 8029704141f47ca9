"""How large the subnets of a new VPC are: pure arithmetic, shared by the rules and the drawing.

Never here: which subnet lies where, which subnets a stack needs, free addresses of subnets that exist.
"""

from __future__ import annotations

from typing import Literal

Tier = Literal["public", "private"]

RESERVED = 5
"""Addresses AWS keeps in every subnet: the first four and the last (VPC User Guide, Subnet CIDR blocks)."""


def subnet_prefix(vpc_prefix: int, zones: int) -> int:
    """Prefix length of every subnet in a VPC of that prefix length; above 28 there is no room for the zones.

    A range up to /23 is always cut into 16 blocks, enough for 8 zones of two subnets, so that a zone that is added
    moves no subnet. A smaller one is cut into as many /27 as it has, which a balancer needs, or else into /28; more
    zones than that cut it finer.
    """
    usual = vpc_prefix + 4 if vpc_prefix <= 23 else max(27, min(28, vpc_prefix + 2))
    finest = vpc_prefix + (2 * zones - 1).bit_length()
    return max(usual, finest)


def usable(prefix: int) -> int:
    """Addresses of a subnet that can be given to interfaces."""
    return max(0, (1 << (32 - prefix)) - RESERVED)
