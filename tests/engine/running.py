"""What tests do with the engine: look, plan, run, and compare what was foreseen with what there is."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

from fargate_net.engine.apply import apply
from fargate_net.engine.foresee import foresee
from fargate_net.engine.patience import Patience
from fargate_net.engine.plan import plan, plan_down
from fargate_net.kinds.base import REGISTRY, Scope
from fargate_net.model.change import Plan
from fargate_net.model.event import Event, Failed
from fargate_net.model.resource import Graph
from fargate_net.model.snapshot import Found, Missing, Snapshot
from tests.engine.fake_cloud import FakeCloud
from tests.engine.toys import TOYS

STACK = "shop"


def observe(cloud: FakeCloud) -> Snapshot:
    found: list[Found[Any]] = []
    for toy in TOYS:
        found += [item for item in REGISTRY[toy.name].scan(cloud, Scope()) if not isinstance(item, Missing)]
    return Snapshot(found)


def patience(cloud: FakeCloud, deadline: float = 3600.0) -> Patience:
    return Patience(cloud.clock, deadline, random.Random(7))


def start(
    cloud: FakeCloud, graph: Graph, *, prune: bool = False, deadline: float = 3600.0, **options: Any
) -> tuple[Plan, Snapshot, Generator[Event]]:
    live = observe(cloud)
    todo = plan(graph, live, STACK, prune=prune)
    return todo, foresee(graph, live, todo), apply(cloud, graph, todo, live, patience(cloud, deadline), **options)


def up(cloud: FakeCloud, graph: Graph, **options: Any) -> list[Event]:
    return list(start(cloud, graph, **options)[2])


def down(cloud: FakeCloud, deadline: float = 3600.0, **options: Any) -> list[Event]:
    live = observe(cloud)
    return list(apply(cloud, Graph(), plan_down(live, STACK), live, patience(cloud, deadline), **options))


def failures(events: list[Event]) -> list[Failed]:
    return [event for event in events if isinstance(event, Failed)]


def named(snapshot: Snapshot) -> list[str]:
    """The snapshot with every id replaced by what it belongs to, so that planned and live compare."""
    newest: dict[str, Found[Any]] = {}
    names: dict[str, str] = {}
    for item in sorted(snapshot, key=lambda item: getattr(item.props, "revision", 0)):
        if item.key and item.key.startswith(f"{item.kind}/"):
            newest[item.key] = item
            names[item.id] = item.key
            names[f"{item.id}.toy"] = f"{item.key}.dns_name"
            names[f"planned:{item.key}.dns_name"] = f"{item.key}.dns_name"
    others = [item for item in snapshot if not (item.key or "").startswith(f"{item.kind}/")]
    return sorted(_words(item.props, names) for item in [*newest.values(), *others])


def _words(value: Any, names: dict[str, str]) -> str:
    from dataclasses import fields, is_dataclass

    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, (frozenset, tuple)):
        return "{" + ", ".join(sorted(_words(item, names) for item in value)) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        inner = ", ".join(f"{f.name}={_words(getattr(value, f.name), names)}" for f in fields(value) if f.compare)
        return f"{type(value).__name__}({inner})"
    return repr(value)
