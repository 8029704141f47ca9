"""What each change of a plan means for running traffic, in words. Never here: the words of a kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from fargate_net.engine.claims import Claims
from fargate_net.engine.difference import TAGS, kind_of
from fargate_net.engine.handover import handover, wished
from fargate_net.kinds.base import Way
from fargate_net.model.change import Change
from fargate_net.model.resource import Graph

_BOTH = "traffic moves when the new one serves; until then tasks stand in both, and have to be healthy in both"


def with_interrupts(graph: Graph, changes: Iterable[Change], have: Claims, first: Collection[str]) -> Iterator[Change]:
    """The changes, those of live things with what they interrupt. ``first`` as for :func:`handover`."""
    changes = tuple(changes)
    passing = handover(graph, changes, have, first)
    for change in changes:
        if change.action not in ("update", "replace"):
            yield change
            continue
        kind, live = kind_of(change.key), have.current[change.key]
        names = frozenset(field.name for field in change.fields if field.name != TAGS)
        way: Way = "in place"
        if change.action == "replace":
            way = "first" if change.key in first else passing.way(live.id)
        elif change.key in passing.between:
            way = "handed over"
        words = kind.interrupts(live, wished(live.props, change), names, way) if names else ""
        if change.action == "replace" and way == "handed over":
            change = replace(change, note=". ".join(filter(None, (change.note, _BOTH))))
        yield replace(change, interrupts=words)
