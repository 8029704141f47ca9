"""A transit gateway, its attachments and its route tables. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class TransitGateway:
    """``sg_referencing`` is the gateway's own switch (off by default)."""

    kind: ClassVar[str] = "transit_gateway"
    owner: str = ""
    sg_referencing: bool = False
    state: str = observed(default="available")


@dataclass(frozen=True)
class TransitGatewayAttachment:
    """``type`` is ``vpc``, ``vpn``, ``direct-connect-gateway``, ``peering``, ``connect``; ``resource`` its id.

    ``subnets`` are those of a VPC attachment (None: not known); ``route_table`` is the associated table (``""``: none,
    None: not known). ``sg_referencing`` is the attachment's switch (on by default).
    """

    kind: ClassVar[str] = "transit_gateway_attachment"
    gateway: str
    type: str
    resource: str
    resource_owner: str = ""
    subnets: tuple[str, ...] | None = None
    route_table: str | None = None
    sg_referencing: bool = True
    appliance_mode: bool = False
    state: str = observed(default="available")


@dataclass(frozen=True)
class TransitRoute:
    """``type`` is ``static`` or ``propagated``; ``state`` ``active`` or ``blackhole``."""

    destination: str
    attachments: tuple[str, ...]
    type: str
    state: str
    resource_type: str = ""


@dataclass(frozen=True)
class TransitGatewayRouteTable:
    """``routes`` is None when they were not read, or more exist than were answered."""

    kind: ClassVar[str] = "transit_gateway_route_table"
    gateway: str
    associations: tuple[str, ...] | None
    propagations: tuple[str, ...] | None
    routes: tuple[TransitRoute, ...] | None
