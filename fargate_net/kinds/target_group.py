"""A target group: where a balancer sends requests and how it judges health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class TargetHealthCheck:
    """``port`` is ``traffic-port`` or a number as text; ``codes`` as in ``200-299`` (empty for TCP checks)."""

    protocol: str
    port: str = "traffic-port"
    path: str = ""
    codes: str = ""
    interval: int = 15
    timeout: int = 10
    healthy: int = 2
    unhealthy: int = 2


@dataclass(frozen=True)
class TargetState:
    """A registered target as the balancer sees it. ``zone`` is a zone name or ``all``."""

    id: str
    port: int
    zone: str = ""
    state: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True)
class TargetGroup:
    """``targets`` is None when target health could not be read; ``load_balancers`` are ARNs that use the group."""

    kind: ClassVar[str] = "target_group"
    name: str
    protocol: str
    port: int
    vpc: Id
    health: TargetHealthCheck
    target_type: str = "ip"
    protocol_version: str = ""
    attributes: frozenset[tuple[str, str]] | None = frozenset()
    targets: tuple[TargetState, ...] | None = observed(default=())
    load_balancers: tuple[str, ...] = observed(default=())

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, or None when it is not stated."""
        return dict(self.attributes or ()).get(name)
