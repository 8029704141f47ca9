"""Where on its way a packet is, and what every gateway says about a target that is gone. Never here: a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fargate_net.reach.interfaces import Lack, Nic
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


def gone(walk: Walk, id: str, kind: str, lack: Lack, place: Place) -> None:
    """A route target that the snapshot does not hold: deleted when all of its kind are known, else not known."""
    if not walk.network.complete(kind):
        walk.lack(lack.text)
        return
    walk.block(
        "BAD_STATE",
        id,
        "",
        f"{id}, the target of a route in {place.table}, does not exist",
        f"Point the route of {place.table} at something that exists; {id} does not.",
    )
