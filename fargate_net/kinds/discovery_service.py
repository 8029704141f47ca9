"""A Cloud Map service: a name that answers with the addresses of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class DiscoveredInstance:
    """A registered address; ``port`` is None for A records alone."""

    id: str
    ip: str
    port: int | None = None
    healthy: bool | None = None
    ipv6: str = ""


@dataclass(frozen=True)
class DiscoveryService:
    """``records`` pairs (type, TTL). ``instances`` is None when they could not be listed. Its id is ``srv-…``."""

    kind: ClassVar[str] = "discovery_service"
    name: str
    namespace: Id
    records: frozenset[tuple[str, int]]
    routing: str = "MULTIVALUE"
    custom_health: bool = True
    instances: tuple[DiscoveredInstance, ...] | None = observed(default=())
    arn: str = observed(default="")
