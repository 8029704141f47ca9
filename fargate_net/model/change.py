"""The difference between what we want and what there is, as data. Never here: how to apply it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["create", "update", "replace", "delete", "orphan", "keep", "refuse"]


@dataclass(frozen=True)
class FieldChange:
    """One property that differs. ``before`` is None on create; an unknown after is shown as ``known after up``."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """What must happen to one resource, and why.

    An ``orphan`` is ours and no longer wanted; ``keep`` is as wanted, and its ``note`` names what somebody added to it.
    ``id`` is the live id (None on create). ``interrupts`` says in words what running traffic suffers, or is empty.
    ``note`` explains an orphan, a refusal or something found beside ours that is left alone.
    """

    action: Action
    key: str
    id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    interrupts: str = ""
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """Every change of one run, in an order in which it could be done."""

    stack: str
    changes: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing has to be done: orphans and what stands beside ours are shown, but left."""
        return all(change.action in ("orphan", "keep") for change in self.changes)

    @property
    def counts(self) -> dict[str, int]:
        """How many changes of each action."""
        return dict(Counter(change.action for change in self.changes))

    def of(self, *actions: Action) -> tuple[Change, ...]:
        """The changes of these actions, in order."""
        return tuple(change for change in self.changes if change.action in actions)
