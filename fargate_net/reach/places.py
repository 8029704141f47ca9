"""Where on its way a packet is when it meets a gateway. Never here: a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fargate_net.reach.interfaces import Nic
from fargate_net.reach.walk import Packet, Walk


@dataclass(frozen=True, slots=True)
class Place:
    """The border of a subnet: the VPC and subnet, the table that routed, and who sends (None: a transit gateway)."""

    vpc: str
    subnet: str
    table: str
    nic: Nic | None


class Travel(Protocol):
    """Goes on along the route table of a subnet."""

    def __call__(self, walk: Walk, packet: Packet, vpc: str, subnet: str, nic: Nic | None, *, nat: bool) -> None:
        """Follow the packet from the border of that subnet."""
