"""How what we want compares with what there is: attributes, fields, things beside ours. Pure; never here: what follows.

"Known" maps a reference to the text it stands for. A reference that is not known stays inside the value, so that the
value differs from every live one: that is the meaning of "known after up".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeAlias

from fargate_net.kinds.base import REGISTRY, Kind
from fargate_net.model.change import FieldChange
from fargate_net.model.resource import Graph, Ref, refs
from fargate_net.model.snapshot import Found, Snapshot

Node: TypeAlias = tuple[str, str]
"""Kind and id: one live thing."""

TAGS = "tags"
"""The field of a change that is no property: tags of ours that a live thing lacks."""


@dataclass(frozen=True)
class Difference:
    """Fields that differ, and sentences about what was left alone or could not be compared."""

    fields: tuple[FieldChange, ...]
    notes: tuple[str, ...]


def compared(props: Any) -> Iterator[str]:
    """Names of the fields that are wished for, not observed."""
    return (f.name for f in fields(props) if f.compare)


def asked_of(graph: Graph) -> dict[str, tuple[Ref, ...]]:
    """By key: every reference of the graph to an attribute of it, its id always among them."""
    asked: dict[str, set[Ref]] = {key: {Ref(key)} for key in graph.order}
    for resource in graph:
        for ref in refs(resource.props):
            asked[ref.key].add(ref)
    return {key: tuple(sorted(wanted)) for key, wanted in asked.items()}


def attribute(have: Found[Any], attr: str) -> str | None:
    """What a reference to that attribute of a live thing stands for; None when AWS has not told it (yet)."""
    if attr == "id":
        return have.id
    value = have.status.get(attr) or getattr(have.props, attr, None)
    return value if isinstance(value, str) and value else None


def stated(props: Any, attr: str) -> str | None:
    """The attribute when the wish itself says it (a name), whether or not the thing exists."""
    value = getattr(props, attr, None) if attr in set(compared(props)) else None
    return value if isinstance(value, str) and value else None


def texts(value: Any) -> Iterator[str]:
    """Every string inside a value, however deep, observed fields left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, frozenset, list)):
        for item in value:
            yield from texts(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for name in compared(value):
            yield from texts(getattr(value, name))


def difference(kind: Kind, have: Found[Any], wish: Any, snapshot: Snapshot, *, prune: bool = False) -> Difference:
    """What must change on a live thing so that it is as wished.

    A live field that could not be read is not compared, and a note says so. Entries that are not ours (a rule someone
    added to our security group) stay part of the wish unless ``prune``; a note names them.
    """
    changes: list[FieldChange] = []
    notes: list[str] = []
    wish = kind.concede(have, wish)
    for name in compared(wish):
        live, want = getattr(have.props, name), getattr(wish, name)
        if live is None and want is not None and (missing := snapshot.unknown(kind.name, have.id)):
            notes.append(f"{name} was not compared: {missing.why}")
            continue
        if name == "attributes" and live is not None and want is not None:
            want = _with_unstated(want, live)
        foreign = frozenset(_foreign(live, want)) if isinstance(want, frozenset) else frozenset()
        if foreign:
            named = "; ".join(sorted(str(item) for item in foreign))
            notes.append(f"{name} not ours, {'removed' if prune else 'left alone'}: {named}")
            want = want if prune else want | foreign
        if live != want:
            changes.append(FieldChange(name, live, want))
    return Difference(tuple(changes), tuple(notes))


def collides(kind: Kind, have: Found[Any], want: Any) -> bool:
    """Whether AWS would refuse ``want`` while ``have`` exists: both take the same name, range or address."""
    names = sorted(kind.exclusive & set(compared(want)))
    values = [getattr(want, name) for name in names]
    if not names or None in values or any(True for _ in refs(tuple(values))):
        return False
    return values == [getattr(have.props, name) for name in names]


def holder(kind: Kind, want: Any, snapshot: Snapshot) -> Found[Any] | None:
    """The live thing that already has the name (range, address) this wish needs."""
    taken = (
        item for item in snapshot.kind(kind.name).values() if collides(kind, item, want) and not kind.leaving(item)
    )
    return min(taken, key=lambda item: item.id, default=None)


def links(items: Iterable[Found[Any]]) -> dict[Node, frozenset[Node]]:
    """For each thing: the others among ``items`` that its properties name, as AWS has them now.

    One id may belong to two kinds (a security group and its rules); naming it means both.
    """
    items = tuple(items)
    named: dict[str, set[Node]] = {}
    for item in items:
        named.setdefault(item.id, set()).add((item.kind, item.id))
    return {
        (item.kind, item.id): frozenset(
            node for text in texts(item.props) for node in named.get(text, ()) if node != (item.kind, item.id)
        )
        for item in items
    }


def kind_of(key: str) -> Kind:
    """The kind of a resource key."""
    return REGISTRY[key.partition("/")[0]]


def _with_unstated(want: frozenset[tuple[str, str]], live: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """AWS lists every attribute with its default; those the wish does not state are no difference."""
    stated_names = {name for name, _ in want}
    return want | {(name, value) for name, value in live if name not in stated_names}


def _foreign(live: Any, want: frozenset[Any]) -> Iterator[Any]:
    """Live entries that somebody else made. One that AWS takes for the same as an entry we want is not foreign."""
    wanted = {getattr(item, "identity", item) for item in want}
    for item in live if isinstance(live, frozenset) else ():
        if getattr(item, "ours", True) is False and getattr(item, "identity", item) not in wanted:
            yield item
