"""A plan as single steps and what each has to wait for. Pure; never here: calls, waiting.

A replacement is two steps: the new thing is made, and the old one removed when nothing of ours names it any more (the
other way round when AWS allows only one of the name).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fargate_net.engine.choice import chosen
from fargate_net.engine.claims import Claims, ours
from fargate_net.engine.difference import Node, kind_of, links
from fargate_net.engine.halves import grow_first, hand_over, in_turn
from fargate_net.engine.handover import Handover, handover
from fargate_net.engine.plan import goes_first
from fargate_net.engine.removal import removal_needs
from fargate_net.engine.step import Step
from fargate_net.model.change import Change, Plan
from fargate_net.model.resource import Graph
from fargate_net.model.snapshot import Found, Snapshot


@dataclass(frozen=True)
class Steps:
    """Every step with those that must be done before it, the change behind it, and how urgent it is.

    ``urgency`` counts the seconds (usual waits, else one a step) of the longest chain that hangs on a step. ``pauses``
    are the seconds to let pass before a step, because others may still live on what it takes away.
    """

    needs: Mapping[Step, frozenset[Step]]
    changes: Mapping[Step, Change]
    urgency: Mapping[Step, float]
    pauses: Mapping[Step, float]


def steps_of(graph: Graph, plan: Plan, snapshot: Snapshot) -> Steps:
    """The steps of a plan that was made from this graph and snapshot."""
    try:
        return _steps(graph, plan, snapshot, halves=True)
    except CycleError:  # what is to be taken away at the end is held by a thing that has to go before its successor
        return _steps(graph, plan, snapshot, halves=False)


def _steps(graph: Graph, plan: Plan, snapshot: Snapshot, *, halves: bool) -> Steps:
    live = {(item.kind, item.id): item for item in ours(snapshot, plan.stack)}
    todo = {change.key: change for change in plan.of("create", "update", "replace")}
    makes: dict[str, Step] = {}
    changes: dict[Step, Change] = {}
    have = chosen(graph, snapshot, plan.stack) if len(graph) else Claims({})
    for key in graph.order:
        change = todo.get(key)
        step = Step(change.action, key, change.id) if change else Step("wait", key, have.current[key].id)  # type: ignore[arg-type]
        makes[key] = step
        if change:
            changes[step] = change
    first = {change.key for change in todo.values() if goes_first(change, graph, snapshot)}
    passing = handover(graph, todo.values(), have, first)
    handed = hand_over(passing, have, makes, changes)
    grown = grow_first(makes, changes) if halves else {}
    last = handed | grown
    needs: dict[Step, set[Step]] = {makes[key]: {makes[other] for other in graph.needs(key)} for key in graph.order}
    in_turn(graph, passing, makes, handed, needs)
    for late in grown.values():
        needs[late] = {makes[other] for other in todo} | set(handed.values())
    removals = _removals(plan, live)
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
                needs[removal] |= {last.get(other, makes[other]) for other in graph.order if key in graph.needs(other)}
        elif key in makes:
            needs[removal].add(makes[key])
    pruned = {removals[node] for node in removals if removals[node].key not in makes}
    _make_before_pruning(needs, {*changes, *last.values()}, pruned)
    TopologicalSorter(needs).prepare()
    settled = {step: frozenset(before) for step, before in needs.items()}
    return Steps(settled, changes, _urgency(needs), _pauses(passing, have, handed))


def _pauses(passing: Handover, have: Claims, handed: Mapping[str, Step]) -> dict[Step, float]:
    """Clients remember where an entrance led them: whoever served there stays for that long."""
    pauses: dict[Step, float] = {}
    for entrance, served in passing.entrances.items():
        remembered = kind_of(entrance).remembered(have.current[entrance].props)
        for key in served:
            pauses[handed[key]] = max(remembered, pauses.get(handed[key], 0.0))
    return pauses


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
