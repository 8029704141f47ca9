"""A NAT gateway: the way out for private subnets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class NatGateway:
    """A zonal gateway lives in ``subnet``; a ``regional`` one has none and spans ``zones`` of ``vpc``.

    ``public`` is False for private NAT. Status: state, failure.
    """

    kind: ClassVar[str] = "nat_gateway"
    vpc: Id
    subnet: Id | None
    allocation: Id | None
    public: bool = True
    regional: bool = False
    state: str = observed(default="available")
    public_ips: tuple[str, ...] = observed(default=())
    private_ips: tuple[str, ...] = observed(default=())
    interfaces: tuple[str, ...] = observed(default=())
    zones: tuple[str, ...] = observed(default=())
    route_table: str = observed(default="")
