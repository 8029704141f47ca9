"""Updates that are made in two halves, because other changes have to come between. Pure; never here: calls, waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fargate_net.engine.claims import Claims
from fargate_net.engine.difference import TAGS, kind_of
from fargate_net.engine.handover import Handover
from fargate_net.engine.step import Step
from fargate_net.model.change import Change, FieldChange
from fargate_net.model.resource import Graph


def grow_first(makes: Mapping[str, Step], changes: dict[Step, Change]) -> dict[str, Step]:
    """Let updates that add and take away only add; what takes away becomes a second half. The second halves, by key."""
    if all(step.kind.grows_first for step in changes):
        return {}
    last: dict[str, Step] = {}
    for key, step in makes.items():
        if step.action != "update" or not step.kind.grows_first:
            continue
        grow, shrink = _grow_and_shrink(changes[step])
        if shrink is not None:
            last[key] = replace(step, late=True)
            changes[step], changes[last[key]] = grow, shrink
    return last


def _grow_and_shrink(change: Change) -> tuple[Change, Change | None]:
    """The change without what it takes away, and the change that takes it away (None: nothing)."""
    grow, shrink = [], []
    for field in change.fields:
        stays = field.after
        if field.name != TAGS and isinstance(field.before, frozenset) and isinstance(field.after, frozenset):
            wanted = {getattr(item, "identity", item) for item in field.after}
            stays = field.after | {item for item in field.before if getattr(item, "identity", item) not in wanted}
        grow.append(replace(field, after=stays))
        if stays != field.after:
            shrink.append(replace(field, before=stays))
    return replace(change, fields=tuple(grow)), replace(change, fields=tuple(shrink)) if shrink else None


def hand_over(passing: Handover, have: Claims, makes: dict[str, Step], changes: dict[Step, Change]) -> dict[str, Step]:
    """Put the first halves of changes that hand over into their places. The second halves, by key.

    A first half that an earlier run made is only waited for.
    """
    last: dict[str, Step] = {}
    for key in passing.olds:
        whole = makes[key]
        change = changes.pop(whole)
        if key in passing.hurried:
            makes[key] = replace(whole, hurried=True)
            changes[makes[key]] = change
            last[key] = Step("wait", key, whole.id, late=True)
            continue
        state, live = passing.between[key], have.current[key].props
        early: list[FieldChange] = []
        rest: list[FieldChange] = []
        for field in change.fields:
            if field.name == TAGS:
                rest.append(field)
                continue
            there = getattr(state, field.name)
            if there != getattr(live, field.name):
                early.append(replace(field, after=there))
            rest.append(replace(field, before=there))
        makes[key] = whole if early else Step("wait", key, whole.id)
        if early:
            changes[whole] = replace(change, fields=tuple(early))
        last[key] = replace(whole, late=True)
        changes[last[key]] = replace(change, fields=tuple(rest))
    return last


def _leads(key: str) -> bool:
    return kind_of(key).handover == "leads"


def in_turn(
    graph: Graph,
    passing: Handover,
    makes: Mapping[str, Step],
    last: Mapping[str, Step],
    needs: dict[Step, set[Step]],
) -> None:
    """Add to ``needs``: clients are led to the new thing when it serves; the old one is left when nobody comes."""
    serving = [key for key in graph.order if kind_of(key).handover == "serves"]
    for key, late in last.items():
        needs[late] = {makes[key]} | {last[other] for other in graph.needs(key) if other in last}
        if _leads(key):
            passed = {passing.keys[old] for old in passing.olds[key]}
            needs[late] |= {makes[other] for other in serving if passed & graph.needs(other)}
            needs[late] |= {makes[other] for other in graph.order if key in graph.needs(other) and _leads(other)}
            continue
        for other in graph.order:
            if key in graph.needs(other):
                needs[makes[other]].add(late)
        for other in last:
            if _leads(other) and passing.olds[key] & passing.olds[other]:
                needs[late].add(last[other])
    for entrance, served in passing.entrances.items():
        for key in served:
            needs[makes[entrance]].add(makes[key])
            needs[last[key]].add(makes[entrance])
