"""From what we want and what there is to what must happen. Pure and deterministic; never here: AWS calls, events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from fargate_net.engine.choice import chosen
from fargate_net.engine.claims import Claims, ours
from fargate_net.engine.difference import (
    TAGS,
    asked_of,
    attribute,
    collides,
    compared,
    difference,
    holder,
    kind_of,
    links,
    stated,
    texts,
)
from fargate_net.engine.interrupts import with_interrupts
from fargate_net.engine.naming import tags_for
from fargate_net.engine.removal import removal_order
from fargate_net.kinds.base import KEY_TAG, REGISTRY, STACK_TAG, Kind
from fargate_net.kinds.tagging import can_retag
from fargate_net.model.change import Change, FieldChange, Plan
from fargate_net.model.resource import Graph, Ref, Resource, resolve
from fargate_net.model.snapshot import Found, Snapshot

Tags: TypeAlias = Callable[[Resource], Mapping[str, str]]
"""The user's own tags of a resource."""


def plan(graph: Graph, snapshot: Snapshot, stack: str, *, prune: bool = False, tags: Tags | None = None) -> Plan:
    """What ``up`` has to do, in an order in which it could be done: makes first, then removals.

    ``tags`` gives the user's own tags of a resource (None: tags of live things are not compared). With ``prune``, what
    is ours and no longer wanted is deleted, and entries of others inside our things are removed. Raises Refused when
    two things claim one key.
    """
    have = chosen(graph, snapshot, stack)
    changes = list(_makes(graph, snapshot, stack, have, prune, tags))
    orphans = [item for key, item in have.current.items() if key not in graph]
    doomed = list(orphans) if prune else []
    doomed += [item for item in have.replaced if prune or item.key in graph]
    impossible = _refuse_impossible(changes, snapshot, stack, {item.id for item in doomed})
    forbidden = _with_users({change.key for change in changes if change.action == "refuse"}, graph)
    changes += [change for change in impossible if change.key not in forbidden]
    refused = {change.key for change in changes if change.action == "refuse"}
    changes = [change for change in changes if change.key not in refused or change.action == "refuse"]
    first = {change.key for change in changes if _collides(change, snapshot)}
    changes = list(with_interrupts(graph, changes, have, first))
    changes += _deletes(doomed, {item.id for item in have.replaced})
    if not prune:
        changes += _left_alone(orphans)
    return Plan(stack, tuple(changes))


def plan_down(snapshot: Snapshot, stack: str) -> Plan:
    """The removal of everything that carries the stack's tags, and of nothing else.

    Two claimants are no obstacle here: both go. Of a versioned kind only the newest revision is listed; its removal
    takes the older ones along.
    """
    newest: dict[str, Found[Any]] = {}
    doomed: list[Found[Any]] = []
    for item in ours(snapshot, stack):
        if not REGISTRY[item.kind].versioned:
            doomed.append(item)
        elif _revision(item) > _revision(newest.get(str(item.key))):
            newest[str(item.key)] = item
    return Plan(stack, tuple(_deletes([*doomed, *newest.values()], ())))


def goes_first(change: Change, graph: Graph, snapshot: Snapshot) -> bool:
    """Whether this replacement has to delete the old thing before it makes the new one, because both take one name."""
    return _collides(change, snapshot)


def _collides(change: Change, snapshot: Snapshot) -> bool:
    if change.action != "replace" or change.id is None:
        return False
    kind = kind_of(change.key)
    after = {field.name: field.after for field in change.fields}
    old = snapshot.kind(kind.name)[change.id]
    return collides(kind, old, replace(old.props, **after))


def _makes(
    graph: Graph, snapshot: Snapshot, stack: str, have: Claims, prune: bool, tags: Tags | None
) -> Iterable[Change]:
    known: dict[Ref, str] = {}
    asked = asked_of(graph)
    for key in graph.order:
        resource, kind, live = graph[key], kind_of(key), have.current.get(key)
        wish = resolve(resource.props, known)
        change: Change | None
        if live is None:
            change = _create(resource, kind, wish, snapshot, stack)
        else:
            change = _alter(resource, kind, live, wish, snapshot, prune)
            if tags is not None and can_retag(kind.name):
                change = _with_tags(change, live, tags_for(stack, resource, tags(resource)))
        if change is not None:
            yield change
        stays = live is not None and (
            change is None or (change.action in ("update", "keep", "refuse") and not (kind.versioned and change.fields))
        )
        for ref in asked[key]:
            told = stated(wish, kind.named_by if ref.attr == "id" else ref.attr)
            value = told or (attribute(live, ref.attr) if live is not None and stays else None)
            if value is not None:
                known[ref] = value


def _create(resource: Resource, kind: Kind, wish: Any, snapshot: Snapshot, stack: str) -> Change:
    if (missing := snapshot.unknown(kind.name)) is not None:
        return Change(
            "refuse",
            resource.key,
            note=f"cannot see whether it exists ({missing.call}: {missing.why}); making it might make it twice. "
            f"Allow {missing.call}, then run again.",
        )
    if (other := holder(kind, wish, snapshot)) is not None:
        if other.stack == stack and other.key:
            whose = f"is ours as {other.key}, which the spec does not hold under that name; remove it first"
        elif other.stack == stack:
            whose = f"has lost a tag; give it back, and it is ours again: {KEY_TAG}={resource.key}"
        elif other.stack:
            whose = f"belongs to stack {other.stack}; choose another name here, or remove it there"
        else:
            whose = (
                "does not carry our tags and is left alone; choose another name, or delete it if nobody needs it. "
                f"If it was ours, give it back its tags {STACK_TAG}={stack} and {KEY_TAG}={resource.key}"
            )
        return Change("refuse", resource.key, other.id, note=f"{other.name or other.id} exists already and {whose}")
    return Change("create", resource.key, fields=_all_fields(None, wish))


def _alter(
    resource: Resource, kind: Kind, live: Found[Any], wish: Any, snapshot: Snapshot, prune: bool
) -> Change | None:
    found = difference(kind, live, wish, snapshot, prune=prune)
    note = ". ".join(found.notes)
    if not found.fields:
        return Change("keep", resource.key, live.id, note=note) if note else None
    if why := kind.forbids(live, wish):
        return Change("refuse", resource.key, live.id, found.fields, note=why)
    replaces = kind.immutable.intersection(field.name for field in found.fields)
    return Change("replace" if replaces else "update", resource.key, live.id, found.fields, note=note)


def _with_tags(change: Change | None, live: Found[Any], wanted: Mapping[str, str]) -> Change | None:
    """The change, with the tags that somebody altered or that are new. Tags of others are not looked at."""
    lacking = {key: value for key, value in wanted.items() if live.tags.get(key) != value}
    if not lacking or (change is not None and change.action not in ("update", "keep")):
        return change
    before = frozenset((key, live.tags[key]) for key in lacking if key in live.tags)
    field = FieldChange(TAGS, before, frozenset(lacking.items()))
    change = change or Change("update", str(live.key), live.id)
    return replace(change, action="update", fields=(*change.fields, field))


def _refuse_impossible(changes: list[Change], snapshot: Snapshot, stack: str, doomed: set[str]) -> list[Change]:
    """A replacement that must delete first cannot work while something of ours that stays needs the old thing."""
    first = {change.id: change for change in changes if _collides(change, snapshot)}
    if not first:
        return []
    users: dict[str, set[str]] = {}
    for (_, user), targets in links(ours(snapshot, stack)).items():
        for _, target in targets:
            if user != target:
                users.setdefault(target, set()).add(user)
    refused: dict[str, Change] = {}
    settled = False
    while not settled:
        settled = True
        for old_id, change in first.items():
            stay = sorted(users.get(str(old_id), set()) - doomed - (set(first) - set(refused)))
            if stay and str(old_id) not in refused:
                settled = False
                fields = ", ".join(field.name for field in change.fields)
                refused[str(old_id)] = replace(
                    change,
                    action="refuse",
                    note=f"a new {fields} needs a new one, and AWS allows one of that name, range or address while "
                    f"{', '.join(stay)} needs the old one. Give it another name, or take its users out of the spec "
                    f"first.",
                )
    return list(refused.values())


def _left_alone(orphans: list[Found[Any]]) -> list[Change]:
    """What the spec does not name any more and stays, and what that means for traffic."""
    left = {item.id for item in orphans}
    changes = []
    for item in sorted(orphans, key=lambda item: str(item.key)):
        kind = REGISTRY[item.kind]
        note = ". ".join(filter(None, ("not in the spec any more; pruning removes it", kind.lingers(item))))
        deserted = kind.handover == "leads" and left.intersection(text for text in texts(item.props) if text != item.id)
        words = kind.interrupts(item, item.props, frozenset(), "gone") if deserted else ""
        changes.append(Change("orphan", str(item.key), item.id, interrupts=words, note=note))
    return changes


def _with_users(keys: set[str], graph: Graph) -> set[str]:
    """The keys with all that needs them, however far away."""
    found = set(keys)
    for key in graph.order:
        if found & graph.needs(key):
            found.add(key)
    return found


def _deletes(doomed: list[Found[Any]], replaced: Collection[str]) -> list[Change]:
    """The removals, in order. ``replaced`` are the ids of those that something else stands for already."""
    by_node = {(item.kind, item.id): item for item in doomed}
    changes = []
    for node in removal_order(doomed):
        item = by_node[node]
        words = "" if item.id in replaced else REGISTRY[item.kind].interrupts(item, item.props, frozenset(), "gone")
        changes.append(Change("delete", str(item.key), item.id, interrupts=words))
    return changes


def _all_fields(before: None, wish: Any) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, before, getattr(wish, name)) for name in compared(wish))


def _revision(item: Found[Any] | None) -> int:
    return -1 if item is None else int(getattr(item.props, "revision", 0))
