"""What we want: resources, the references between them, and the graph they form.

A dependency is a :class:`Ref` inside a property; there are no separate ``depends_on`` lists. Never here: an AWS word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias


@dataclass(frozen=True, order=True)
class Ref:
    """An attribute of another resource of the graph, maybe not known yet: ``Ref("security_group/web")``.

    ``attr`` is ``"id"`` or the name of an entry of the target's status (``"dns_name"``, ``"arn"``).
    """

    key: str
    attr: str = "id"

    def __str__(self) -> str:
        return self.key if self.attr == "id" else f"{self.key}.{self.attr}"


Id: TypeAlias = str | Ref
"""The id of a thing: known (``vpc-0a1``) or a promise (``Ref("vpc/main")``)."""


@dataclass(frozen=True)
class Resource:
    """One thing we want: its kind, its name inside the stack, and its properties in normal form.

    ``after`` names keys that must exist first although no property of this resource points at them
    (a NAT gateway needs the internet gateway attached; AWS offers no field that says so).
    """

    kind: str
    name: str
    props: Any
    after: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """``kind/name``: the identity of the resource inside its stack, written into its tags."""
        return f"{self.kind}/{self.name}"


class Graph:
    """All resources we want, by key. Refuses two resources of one key, dangling references and cycles."""

    def __init__(self, resources: Iterator[Resource] | list[Resource] | tuple[Resource, ...] = ()) -> None:
        self._by_key: dict[str, Resource] = {}
        for resource in resources:
            if resource.key in self._by_key:
                raise ValueError(f"two resources claim the key {resource.key}")
            self._by_key[resource.key] = resource
        for resource in self:
            for key in self.needs(resource.key):
                if key not in self._by_key:
                    raise ValueError(f"{resource.key} refers to {key}, which the graph does not hold")
        try:
            self.order  # noqa: B018 - a cycle must show at birth, not at use
        except CycleError as cycle:
            raise ValueError("resources depend on each other: " + " -> ".join(cycle.args[1])) from cycle

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Resource:
        return self._by_key[key]

    def get(self, key: str) -> Resource | None:
        """The resource of that key, or None."""
        return self._by_key.get(key)

    def needs(self, key: str) -> frozenset[str]:
        """Keys that must exist before this one."""
        resource = self._by_key[key]
        return frozenset(ref.key for ref in refs(resource.props)) | frozenset(resource.after)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every key after all it needs."""
        return tuple(TopologicalSorter({r.key: sorted(self.needs(r.key)) for r in self}).static_order())


def refs(value: Any) -> Iterator[Ref]:
    """Every reference inside a property value, however deep."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, (tuple, frozenset, list)):
        for item in value:
            yield from refs(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from refs(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from refs(getattr(value, f.name))


def resolve(value: Any, known: Mapping[Ref, str]) -> Any:
    """The same value with every known reference replaced by what it stands for; unknown ones stay."""
    if isinstance(value, Ref):
        return known.get(value, value)
    if isinstance(value, tuple):
        return tuple(resolve(item, known) for item in value)
    if isinstance(value, frozenset):
        return frozenset(resolve(item, known) for item in value)
    if isinstance(value, Mapping):
        return {name: resolve(item, known) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            f.name: new
            for f in fields(value)
            if f.init and (new := resolve(old := getattr(value, f.name), known)) is not old and new != old
        }
        return replace(value, **changed) if changed else value
    return value


def observed(**options: Any) -> Any:
    """A dataclass field that AWS fills: shown and reasoned on, never compared with what we want."""
    return field(compare=False, **options)
