"""An ECS cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class Cluster:
    """``insights`` is Container Insights: ``enabled``, ``enhanced`` or ``disabled``. Its id is the cluster's name."""

    kind: ClassVar[str] = "cluster"
    name: str
    insights: str = "enabled"
    providers: frozenset[str] = frozenset({"FARGATE", "FARGATE_SPOT"})
    arn: str = observed(default="")
