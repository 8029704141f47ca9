"""A peering connection between two VPCs. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class PeeringSide:
    """One side: its VPC, ranges, Region and account."""

    vpc: str
    cidrs: tuple[str, ...]
    ipv6_cidrs: tuple[str, ...] = ()
    region: str = ""
    owner: str = ""
    dns: bool = False


@dataclass(frozen=True)
class VpcPeering:
    """Works only in state ``active``, never beyond its two VPCs."""

    kind: ClassVar[str] = "vpc_peering"
    requester: PeeringSide
    accepter: PeeringSide
    state: str = observed(default="active")
