"""A rule of an application listener: conditions that choose a target group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.kinds.listener import Action
from fargate_net.model.resource import Id


@dataclass(frozen=True)
class ListenerRule:
    """``conditions`` pairs (field, values), as in ``("host-header", ("www.app.io",))``; lower priority is tried
    first.
    """

    kind: ClassVar[str] = "listener_rule"
    listener: Id
    priority: int
    conditions: frozenset[tuple[str, tuple[str, ...]]]
    actions: tuple[Action, ...]
