"""A route table: its routes, and the subnets and gateways that use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Route:
    """Where packets for a destination go. ``destination`` is a CIDR (IPv4 or IPv6) or a prefix list id.

    ``target`` is ``local`` or the id of a gateway, NAT, interface, peering, transit gateway, endpoint or instance;
    ``state`` is ``active`` or ``blackhole``; ``origin`` is ``table`` (made with the table), ``static`` or ``propagated``.
    """

    destination: Id
    target: Id
    state: str = observed(default="active")
    origin: str = observed(default="static")


@dataclass(frozen=True)
class RouteTable:
    """``subnets`` are the explicit associations; the ``main`` table serves every subnet of the VPC without one.

    ``routes`` are the static ones; ``implied`` are those AWS keeps by itself: local, propagated, gateway endpoints'.
    ``gateways`` are internet or VPN gateways whose incoming traffic this table redirects (edge association).
    """

    kind: ClassVar[str] = "route_table"
    vpc: Id
    subnets: frozenset[Id] = frozenset()
    routes: frozenset[Route] = frozenset()
    main: bool = observed(default=False)
    implied: tuple[Route, ...] = observed(default=())
    gateways: tuple[str, ...] = observed(default=())
    propagating: tuple[str, ...] = observed(default=())
