"""A plan as single steps and what each has to wait for. Pure; never here: calls, waiting.

A replacement is two steps: the new thing is made, and the old one removed when nothing of ours names it any more (the
other way round when AWS allows only one of the name).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from fargate_net.engine.claims import claims, ours
from fargate_net.engine.difference import Node, kind_of, links
from fargate_net.engine.plan import goes_first
from fargate_net.engine.removal import removal_needs
from fargate_net.kinds.base import Kind
from fargate_net.model.change import Change, Plan
from fargate_net.model.resource import Graph
from fargate_net.model.snapshot import Found, Snapshot

Action = Literal["create", "update", "replace", "delete", "wait"]


@dataclass(frozen=True)
class Step:
    """One thing to do. ``id`` is the live thing it is about (the one to be replaced, for a replacement).

    ``wait`` is for what needs no change: it may still be on its way from an earlier run. ``late`` is the second half
    of an update that takes something away.
    """

    action: Action
    key: str
    id: str | None = None
    late: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of the resource."""
        return kind_of(self.key)


@dataclass(frozen=True)
class Steps:
    """Every step with those that must be done before it, the change behind it, and how urgent it is.

    ``urgency`` counts the seconds (usual waits, else one a step) of the longest chain that hangs on a step.
    """

    needs: Mapping[Step, frozenset[Step]]
    changes: Mapping[Step, Change]
    urgency: Mapping[Step, float]


def steps_of(graph: Graph, plan: Plan, snapshot: Snapshot) -> Steps:
    """The steps of a plan that was made from this graph and snapshot."""
    live = {(item.kind, item.id): item for item in ours(snapshot, plan.stack)}
    todo = {change.key: change for change in plan.of("create", "update", "replace")}
    makes: dict[str, Step] = {}
    changes: dict[Step, Change] = {}
    current = claims(snapshot, plan.stack).current if len(graph) else {}
    for key in graph.order:
        change = todo.get(key)
        step = Step(change.action, key, change.id) if change else Step("wait", key, current[key].id)  # type: ignore[arg-type]
        makes[key] = step
        if change:
            changes[step] = change
    first = {change.key for change in todo.values() if goes_first(change, graph, snapshot)}
    last = {} if first else _split(makes, changes)
    needs: dict[Step, set[Step]] = {makes[key]: {makes[other] for other in graph.needs(key)} for key in graph.order}
    removals = _removals(plan, live)
    for late in last.values():
        needs[late] = {makes[other] for other in todo}
    for node, before in removal_needs(live[node] for node in removals).items():
        needs[removals[node]] = {removals[other] for other in before}
    naming = links(live.values())
    for node, removal in removals.items():
        key = removal.key
        for user, targets in naming.items():
            if node in targets and user not in removals and (make := makes.get(str(live[user].key))) is not None:
                needs[removal].add(last.get(make.key, make))
        replaced = todo.get(key)
        if replaced is not None and replaced.action == "replace" and replaced.id == node[1]:
            if key in first:
                needs[makes[key]].add(removal)
            else:
                needs[removal].add(makes[key])
                needs[removal] |= {makes[other] for other in graph.order if key in graph.needs(other)}
        elif key in makes:
            needs[removal].add(makes[key])
    _make_before_pruning(needs, set(changes), {removals[node] for node in removals if removals[node].key not in makes})
    return Steps({step: frozenset(before) for step, before in needs.items()}, changes, _urgency(needs))


def _split(makes: Mapping[str, Step], changes: dict[Step, Change]) -> dict[str, Step]:
    """The second halves of updates that both add and take away, where other changes may have to come between."""
    if all(step.kind.grows_first for step in changes):
        return {}
    last: dict[str, Step] = {}
    for key, step in makes.items():
        if step.action != "update" or not step.kind.grows_first:
            continue
        grow, shrink = _halves(changes[step])
        if shrink is not None:
            last[key] = replace(step, late=True)
            changes[step], changes[last[key]] = grow, shrink
    return last


def _halves(change: Change) -> tuple[Change, Change | None]:
    """The change without what it takes away, and the change that takes it away (None: nothing)."""
    grow, shrink = [], []
    for field in change.fields:
        stays = field.after
        if isinstance(field.before, frozenset) and isinstance(field.after, frozenset):
            wanted = {getattr(item, "identity", item) for item in field.after}
            stays = field.after | {item for item in field.before if getattr(item, "identity", item) not in wanted}
        grow.append(replace(field, after=stays))
        if stays != field.after:
            shrink.append(replace(field, before=stays))
    return replace(change, fields=tuple(grow)), replace(change, fields=tuple(shrink)) if shrink else None


def _make_before_pruning(needs: dict[Step, set[Step]], changes: set[Step], pruned: set[Step]) -> None:
    """What the spec no longer holds goes when everything new is there: it may be the way out that others still use.

    Nothing tells that a running task sends its packets through an endpoint, so the order cannot be left to references.
    A change that itself has to wait for a pruned thing is not waited for.
    """
    users: dict[Step, set[Step]] = {}
    for step, before in needs.items():
        for other in before:
            users.setdefault(other, set()).add(step)
    late, queue = set(pruned), list(pruned)
    while queue:
        for user in users.get(queue.pop(), set()) - late:
            late.add(user)
            queue.append(user)
    for removal in pruned:
        needs[removal] |= changes - late


def _removals(plan: Plan, live: Mapping[Node, Found[Any]]) -> dict[Node, Step]:
    removals: dict[Node, Step] = {}
    for change in plan.of("delete", "replace"):
        node = (kind_of(change.key).name, str(change.id))
        if node in live:
            removals[node] = Step("delete", change.key, str(change.id))
    return removals


def _urgency(needs: Mapping[Step, set[Step]]) -> dict[Step, float]:
    after: dict[Step, list[Step]] = {step: [] for step in needs}
    for step, before in needs.items():
        for other in before:
            after[other].append(step)
    urgency: dict[Step, float] = {}
    for root in needs:
        stack = [root]
        while stack:
            step = stack[-1]
            if step in urgency:
                stack.pop()
            elif waiting := [other for other in after[step] if other not in urgency]:
                stack += waiting
            else:
                stack.pop()
                longest = max((urgency[other] for other in after[step]), default=0.0)
                urgency[step] = longest + max(1.0, step.kind.usual)
    return urgency
