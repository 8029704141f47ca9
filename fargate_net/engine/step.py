"""One thing to do in a run. Never here: what it has to wait for, how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fargate_net.engine.difference import kind_of
from fargate_net.kinds.base import Kind

Action = Literal["create", "update", "replace", "delete", "wait"]


@dataclass(frozen=True)
class Step:
    """``id`` is the live thing it is about (the one to be replaced, for a replacement).

    ``wait`` is for what needs no change: it may still be on its way from an earlier run. ``late`` is the second half
    of an update that takes something away or ends a handover. ``hurried`` is done when a first part of the thing
    serves; its late half then waits for all of it.
    """

    action: Action
    key: str
    id: str | None = None
    late: bool = False
    hurried: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of the resource."""
        return kind_of(self.key)
