"""From a plan to events: the run, and how it ends. Never here: retry rules, rendering, a concrete type.

A generator: the caller's loop drives it. Worker threads only call AWS; everything shared is touched by the driving
thread alone. What fails takes along what depends on it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from fargate_net.engine.calls import Diagnosis, Order
from fargate_net.engine.patience import Patience
from fargate_net.engine.run import Run
from fargate_net.errors import Refused
from fargate_net.kinds.base import Aws, Scope
from fargate_net.model.change import Plan
from fargate_net.model.event import Event
from fargate_net.model.resource import Graph, Resource
from fargate_net.model.snapshot import Found, Snapshot


def _no_tags(resource: Resource) -> Mapping[str, str]:
    return {}


def apply(
    aws: Aws,
    graph: Graph,
    plan: Plan,
    snapshot: Snapshot,
    patience: Patience,
    *,
    workers: int = 8,
    scope: Scope | None = None,
    tags: Callable[[Resource], Mapping[str, str]] = _no_tags,
    diagnose: Callable[[Found[Any]], Diagnosis | None] | None = None,
) -> Generator[Event]:
    """Do what the plan says; the last event is always Finished, except when the generator is closed.

    ``graph`` and ``snapshot`` are those the plan was made from (an empty graph for a removal). Raises Refused, before
    anything is done, when the plan holds a refusal. On Ctrl-C nothing more is started, calls on their way are heard
    out, and the last events say where it stands; a second Ctrl-C leaves at once. A failure of our own code is raised
    after calls on their way have ended.
    """
    if refused := plan.of("refuse"):
        told = "; ".join(f"{change.key}: {change.note}" for change in refused)
        raise Refused(f"{len(refused)} of the changes cannot be made: {told}.")
    run = Run(Order(aws, graph, plan, snapshot, scope, tags, diagnose), patience, workers)
    try:
        yield from run.events()
        yield from run.closing(interrupted=False)
    except KeyboardInterrupt:
        run.stop()
        yield from run.drain()
        yield from run.closing(interrupted=True)
    except (Exception, GeneratorExit):
        run.stop()
        for _ in run.drain():
            pass
        raise


def interrupt(events: Generator[Event]) -> Iterator[Event]:
    """The last events of a run whose consumer was interrupted: tells the run, and yields how it ends."""
    try:
        yield events.throw(KeyboardInterrupt)
        yield from events
    except StopIteration:
        return
