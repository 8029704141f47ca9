"""The world as it will be when a plan is done. Pure; never here: what packets make of it.

What nobody changes stays as it is. What is made or changed appears in its final form, under its live id or under
``planned:kind/name``; with it appears what AWS will make by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from fargate_net.engine.choice import chosen
from fargate_net.engine.claims import ours
from fargate_net.engine.difference import TAGS, asked_of, attribute, kind_of, stated
from fargate_net.engine.naming import display_name, tags_for
from fargate_net.kinds.base import REGISTRY, Kind
from fargate_net.model.change import Change, Plan
from fargate_net.model.resource import Graph, Ref, Resource, resolve
from fargate_net.model.snapshot import Found, Snapshot


def foresee(graph: Graph, snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The snapshot that a run of ``plan`` should leave behind.

    Attributes that only AWS can tell (a DNS name) read ``planned:kind/name.attr``. A refused creation is shown as if it
    were allowed, so that its effect can be judged; what exists and may not change stays as it is.
    """
    have = chosen(graph, snapshot, plan.stack).current if len(graph) else {}
    todo = {change.key: change for change in plan.of("create", "update", "replace", "refuse") if change.key in graph}
    asked = asked_of(graph)
    known: dict[Ref, str] = {}
    final: list[tuple[Found[Any] | None, Found[Any]]] = []
    gone = {(kind_of(change.key).name, str(change.id)) for change in plan.of("delete")}
    gone |= {(item.kind, item.id) for item in ours(snapshot, plan.stack) if REGISTRY[item.kind].leaving(item)}
    for key in graph.order:
        before, change = have.get(key), todo.get(key)
        if change is None or (before is not None and change.action == "refuse"):
            after = have[key]
        else:
            after = _with_placeholders(_final(graph[key], before, change, known, plan.stack), asked[key])
            final.append((before, after))
        if before is not None and before.id != after.id:
            gone.add((before.kind, before.id))
        for ref in asked[key]:
            known[ref] = stated(after.props, ref.attr) or attribute(after, ref.attr) or f"planned:{ref}"
    world = snapshot.with_((after for _, after in final), gone)
    world = world.with_((), _made_by_the_gone(gone, snapshot))
    for before, after in final:
        world = _with_implied(kind_of(str(after.key)), before, after, world, snapshot)
    return world


def _final(
    resource: Resource, before: Found[Any] | None, change: Change, known: dict[Ref, str], stack: str
) -> Found[Any]:
    kind = kind_of(resource.key)
    if before is not None and change.action == "update" and not kind.versioned:
        changed = {field.name: resolve(field.after, known) for field in change.fields if field.name != TAGS}
        new_tags = {key: value for field in change.fields if field.name == TAGS for key, value in field.after}
        return replace(before, props=replace(before.props, **changed), tags={**before.tags, **new_tags})
    return Found(
        id=f"planned:{resource.key}",
        props=resolve(resource.props, known),
        stack=stack,
        key=resource.key,
        name=display_name(stack, resource),
        tags=tags_for(stack, resource),
        planned=True,
    )


def _with_placeholders(found: Found[Any], asked: Iterable[Ref]) -> Found[Any]:
    """Attributes others refer to and only AWS can tell, filled so that both ends read the same."""
    unknown = {ref.attr: f"planned:{ref}" for ref in asked if not attribute(found, ref.attr)}
    if not unknown:
        return found
    shown = {field.name: unknown[field.name] for field in fields(found.props) if field.name in unknown}
    return replace(found, props=replace(found.props, **shown), status={**found.status, **unknown})


def _made_by_the_gone(gone: Iterable[tuple[str, str]], snapshot: Snapshot) -> set[tuple[str, str]]:
    """What AWS made beside things that go, and takes away with them."""
    made: set[tuple[str, str]] = set()
    for kind, gone_id in gone:
        found = snapshot.kind(kind).get(gone_id)
        if found is not None:
            made |= {(item.kind, item.id) for item in kind_of(f"{kind}/").made(found, snapshot)}
    return made


def _with_implied(
    kind: Kind, before: Found[Any] | None, after: Found[Any], world: Snapshot, live: Snapshot
) -> Snapshot:
    """What AWS makes beside a thing changes only when what it would make differs."""
    implied = tuple(kind.implied(after, world))
    if before is None or before.id != after.id:
        return world.with_(implied)
    # The old thing's companions are computed in the same world, so that free addresses are counted alike.
    if _shape(kind.implied(before, world)) == _shape(implied):
        return world
    world = world.with_((), {(item.kind, item.id) for item in kind.made(before, live)})
    return world.with_(kind.implied(after, world))


def _shape(implied: Iterable[Found[Any]]) -> dict[tuple[str, str], Any]:
    """All that packets may depend on, also what a plan only observes: a group's rules are compared beside the group."""
    return {(item.kind, item.id): {f.name: getattr(item.props, f.name) for f in fields(item.props)} for item in implied}
