"""A load balancer: Application, Network or Gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class LoadBalancer:
    """``type`` is ``application``, ``network`` or ``gateway``; ``scheme`` ``internet-facing`` or ``internal``.

    ``attributes`` are (name, value) pairs, None when they could not be read; of what we want only those stated here are
    compared. ``addresses`` pairs (subnet, Elastic IP allocation) for a balancer with static addresses.
    Status: ``dns_name``, ``zone_id`` (hosted zone), ``state``, ``zones`` (zone -> subnet).
    """

    kind: ClassVar[str] = "load_balancer"
    name: str
    type: str
    scheme: str
    vpc: Id
    subnets: frozenset[Id]
    security_groups: frozenset[Id]
    ip_address_type: str = "ipv4"
    attributes: frozenset[tuple[str, str]] | None = frozenset()
    addresses: frozenset[tuple[Id, Id]] = frozenset()
    zones: tuple[tuple[str, str], ...] = observed(default=())
    dns_name: str = observed(default="")
    state: str = observed(default="active")

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, or None when it is not stated."""
        return dict(self.attributes or ()).get(name)
