"""An ECS service: keeps tasks running and tells balancers and Cloud Map about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class ServiceTarget:
    """One entry of the service's load balancers."""

    target_group: Id
    container: str
    port: int


@dataclass(frozen=True)
class ServiceRegistry:
    """The Cloud Map service tasks are registered in. Container and port are for SRV records, else empty and 0."""

    service: Id
    container: str = ""
    port: int = 0


@dataclass(frozen=True)
class ServiceConnect:
    """``namespace`` ARN or name; ``endpoints`` are (port name, discovery name, DNS name, client port)."""

    namespace: Id
    endpoints: tuple[tuple[str, str, str, int], ...] = ()


@dataclass(frozen=True)
class Service:
    """Its id is the ARN. ``desired`` is compared only when nothing scales it.

    Status: ``status``, ``running``, ``pending``, ``deployments`` (tuples as the kind documents them), ``events``.
    """

    kind: ClassVar[str] = "service"
    name: str
    cluster: Id
    task_definition: Id
    desired: int
    subnets: tuple[Id, ...]
    security_groups: frozenset[Id]
    public_ip: bool = False
    targets: frozenset[ServiceTarget] = frozenset()
    registries: frozenset[ServiceRegistry] = frozenset()
    connect: ServiceConnect | None = None
    providers: tuple[tuple[str, int, int], ...] = (("FARGATE", 1, 0),)
    """(capacity provider, weight, base); a launch type FARGATE reads as the default."""
    platform_version: str = "1.4.0"
    min_percent: int = 100
    max_percent: int = 200
    circuit_breaker: tuple[bool, bool] = (True, True)
    """(enabled, rollback)."""
    grace: int = 0
    exec: bool = False
    rebalancing: bool = True
    propagate_tags: str = "SERVICE"
    scaled: bool = observed(default=False)
    """True when a scaling target owns the count."""
