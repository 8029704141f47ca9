"""A subnet: an address range in one zone of one VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Subnet:
    """``ipv6_index`` is the number of its /64 inside the VPC's /56 (None: no IPv6). Status: ``free_ips``."""

    kind: ClassVar[str] = "subnet"
    vpc: Id
    cidr: str
    zone: str
    map_public_ip: bool = False
    ipv6_index: int | None = None
    assign_ipv6: bool = False
    ipv6_cidr: str = observed(default="")
    zone_id: str = observed(default="")
    owner: str = observed(default="")
