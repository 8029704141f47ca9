"""Who waits for what, and when each kind is looked at again. Pure bookkeeping; never here: calls, events.

One scan of a kind serves everybody who waits for that kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fargate_net.engine.patience import Patience
from fargate_net.engine.step import Step
from fargate_net.kinds.base import REGISTRY, Kind, Readiness, Scope, broken, pending
from fargate_net.model.resource import Graph
from fargate_net.model.snapshot import Found, Snapshot

INVISIBLE = 300.0
"""Seconds after which a thing that AWS says it made, and never shows, counts as lost."""
_JOIN = 0.1
"""Seconds before the first look, so that things made together are looked at together."""


@dataclass
class Wait:
    """A step that waits for AWS since ``since``. ``last`` is the readiness seen last.

    ``stale`` is true while a look is on its way that began before the wait: what it brings may be from before.
    """

    step: Step
    id: str
    since: float
    last: Readiness = field(default_factory=lambda: pending("not visible yet"))
    diagnosed: float = 0.0
    stale: bool = False


class Waits:
    """The waits of a run, by kind."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._by_kind: dict[str, list[Wait]] = {}

    def __bool__(self) -> bool:
        return any(self._by_kind.values())

    def add(self, step: Step, id: str, *, stale: bool) -> Wait:
        """Begin to wait for a thing."""
        wait = Wait(step, id, self._patience.clock.now(), stale=stale)
        self._by_kind.setdefault(step.kind.name, []).append(wait)
        return wait

    def of(self, kind: str) -> tuple[Wait, ...]:
        """Who waits for this kind."""
        return tuple(self._by_kind.get(kind, ()))

    def all(self) -> tuple[Wait, ...]:
        """Who waits at all."""
        return tuple(wait for waits in self._by_kind.values() for wait in waits)

    def end(self, wait: Wait) -> None:
        """The wait is over."""
        self._by_kind[wait.step.kind.name].remove(wait)

    def delay(self, kind: str) -> float:
        """Seconds until the next look at a kind: the most impatient of those who wait decides."""
        now = self._patience.clock.now()
        delays = [
            max(_JOIN, self._patience.next_look(now - wait.since, wait.last.usual)) if now > wait.since else _JOIN
            for wait in self._by_kind[kind]
        ]
        return min(delays)


def judge(wait: Wait, world: Snapshot, now: float) -> tuple[Readiness, Found[Any] | None]:
    """How far AWS is with what is waited for, and the thing as it is now."""
    kind = wait.step.kind
    found = world.kind(kind.name).get(wait.id)
    if wait.step.action == "delete":
        if found is None or kind.gone(found):
            return Readiness("ready"), None
        return pending(found.status.get("state") or "AWS is removing it"), found
    if found is None:
        if now - wait.since > INVISIBLE:
            return broken(f"AWS answered that it made {wait.id}, but does not list it"), None
        return pending("not visible yet"), None
    return (kind.joined if wait.step.hurried else kind.settled)(found, world), found


def looked_at(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that one look at ``kind`` has to read."""
    return (kind, *(REGISTRY[name] for name in sorted(kind.settles_with)))


def scope_of(scope: Scope | None, graph: Graph, stack: str) -> Scope:
    """Where to look for what the run makes: the given scope, else everything with the stack's tags.

    Without a given scope, clusters and names are those of the graph.
    """
    if scope is not None:
        return replace(scope, stack=stack)
    names: dict[str, set[str]] = {}
    for resource in graph:
        if isinstance(name := getattr(resource.props, "name", None), str):
            names.setdefault(resource.kind, set()).add(name)
    return Scope(
        stack=stack,
        clusters=frozenset(names["cluster"]) if "cluster" in names else None,
        names={kind: frozenset(some) for kind, some in names.items()},
    )
