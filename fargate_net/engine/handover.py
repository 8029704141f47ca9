"""How traffic passes from a thing to its replacement without a moment in which nobody serves. Pure; never here: calls.

A listener leads to the old target group. The new one is made, the listener names both (the new one with weight 0), the
service registers its tasks in both, and when they are healthy the listener leads to the new one alone and the service
leaves the old one. ELB guides, Forward actions: weight 0 gets no traffic. ECS API Reference, UpdateService: the target
groups of a service can be several; ECS Developer Guide: each of them must belong to a balancer.

So a change of a kind that has a part in it is done in two halves, all first halves before all second ones. Where tasks
cannot be in both groups (they change at the same time) the service moves at once, and the listener follows as soon as a
first task is healthy: that is called hurried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from fargate_net.engine.claims import Claims
from fargate_net.engine.difference import TAGS, kind_of, texts
from fargate_net.kinds.base import REGISTRY, Way
from fargate_net.model.change import Change
from fargate_net.model.resource import Graph, Id, Ref

Olds: TypeAlias = dict[str, frozenset[str]]
"""By key of a change: the ids it lets go of, while others still lead to them."""


@dataclass(frozen=True)
class Handover:
    """Changes in two halves: ``between`` are the props after the first half, ``hurried`` the keys without such a state.

    ``olds`` are the ids that a change lets go of, ``keys`` the keys of those ids. ``entrances`` are the changes that
    lead clients elsewhere, each with the keys that have to serve there before.
    """

    between: Mapping[str, Any] = field(default_factory=dict)
    hurried: frozenset[str] = frozenset()
    olds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    entrances: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def way(self, old: str) -> Way:
        """How the thing of that id is replaced."""
        having = {key for key, olds in self.olds.items() if old in olds}
        if not having:
            return "beside"
        return "hurried" if having & self.hurried else "handed over"


def handover(graph: Graph, changes: Iterable[Change], have: Claims, first: Iterable[str]) -> Handover:
    """Which changes are made in two halves. ``first`` are the keys whose old thing has to go before the new one."""
    changes = tuple(changes)
    updates = {change.key: change for change in changes if change.action == "update" and kind_of(change.key).handover}
    lives = {key: have.current[key].props for key in updates}
    wants = {key: wished(lives[key], change) for key, change in updates.items()}
    led = {target for item in have.current.values() for target in kind_of(str(item.key)).leads_to(item.props)}
    left = {key: led & set(texts(lives[key])) - set(texts(wants[key])) for key in updates}

    def halfway(olds: Olds, heirs: Mapping[str, Id]) -> dict[str, Any]:
        return {
            key: kind_of(key).between(lives[key], wants[key], {old: heirs.get(old, old) for old in gone})
            for key, gone in olds.items()
        }

    heirs = _heirs(changes, have, frozenset(first))
    olds = _lets_go(left, heirs)
    while cut := {
        old for key, state in halfway(olds, heirs).items() if state is None and _leads(key) for old in olds[key]
    }:  # what one of those who lead cannot hand over, nobody does: the service would name a group without a balancer
        heirs = {old: heir for old, heir in heirs.items() if old not in cut}
        olds = _lets_go(left, heirs)
    entrances = _entrances(graph, changes, updates)
    for key in {key for serving in entrances.values() for key in serving}:
        if left[key]:
            olds[key] = frozenset(left[key])
    states = halfway(olds, heirs)
    between = {key: state for key, state in states.items() if state is not None}
    replaced = {change.id for change in changes if change.action == "replace"}
    wanted = {item.id for item in have.current.values() if item.key in graph} - replaced
    for key in filter(_leads, updates):
        # Another one may lead there from now on, as a rule does in place of its listener: it has to come first.
        if dropped := left[key] & wanted - set(heirs):
            between.setdefault(key, lives[key])
            olds[key] = olds.get(key, frozenset()) | dropped
    return Handover(
        between,
        frozenset(key for key, state in states.items() if state is None),
        olds,
        {item.id: str(item.key) for item in (*have.current.values(), *have.replaced)},
        {key: frozenset(serving & set(olds)) for key, serving in entrances.items()},
    )


def wished(live: Any, change: Change) -> Any:
    """The live props with all that the change says."""
    return replace(live, **{field.name: field.after for field in change.fields if field.name != TAGS})


def _heirs(changes: tuple[Change, ...], have: Claims, first: frozenset[str]) -> dict[str, Id]:
    """The new id of every old thing: of those to be replaced, and of those whose replacement an earlier run made."""
    heirs: dict[str, Id] = {
        str(change.id): Ref(change.key) for change in changes if change.action == "replace" and change.key not in first
    }
    made = {change.key for change in changes if change.action == "replace"}
    for item in have.replaced:
        key = str(item.key)
        if key in have.current and not (key in made and key in first):
            heirs[item.id] = Ref(key) if key in made else have.current[key].id
    return heirs


def _lets_go(left: Mapping[str, set[str]], heirs: Mapping[str, Id]) -> Olds:
    return {key: frozenset(gone) for key, ids in left.items() if (gone := ids & set(heirs))}


def _leads(key: str) -> bool:
    return REGISTRY[key.partition("/")[0]].handover == "leads"


def _entrances(graph: Graph, changes: tuple[Change, ...], updates: Mapping[str, Change]) -> dict[str, frozenset[str]]:
    """The entrances that are led elsewhere, with the changed services that stand behind what they are led to."""
    serving = {key for key in updates if kind_of(key).handover == "serves"}
    led = [change.key for change in changes if change.action == "update" and kind_of(change.key).entrance]
    found: dict[str, frozenset[str]] = {}
    for key in led if serving else ():
        needed = set(graph.needs(key))
        behind = set(needed)
        for other in graph.order:
            if behind & graph.needs(other) and not kind_of(other).entrance:
                behind.add(other)
        for other in reversed(graph.order):  # a record of task addresses needs the service itself
            if other in needed:
                needed |= graph.needs(other)
        found[key] = frozenset(behind & serving - needed)
    return found
