"""What lets a service's count follow its load: a scalable target and its policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class ScalingTarget:
    """``policies`` pairs (metric, target value), as in ``("ECSServiceAverageCPUUtilization", 60)``.

    Its id is ``service/CLUSTER/SERVICE``.
    """

    kind: ClassVar[str] = "scaling_target"
    resource: Id
    minimum: int
    maximum: int
    policies: frozenset[tuple[str, int]] = frozenset()
