"""An IAM role that ECS assumes: to start tasks, or for the application inside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class Role:
    """``policies`` are managed policy ARNs; ``inline`` pairs (name, canonical JSON). Its id is the ARN."""

    kind: ClassVar[str] = "role"
    name: str
    trust: str
    policies: frozenset[str] = frozenset()
    inline: tuple[tuple[str, Id], ...] = ()
    boundary: str = ""
