"""Which claimant of a key a wish means. Never here: what to do about it.

A replacement that was begun and is not wanted any more (its tasks never became healthy, so the user put the spec back)
leaves two things: the newest claimant is what nobody wants, and the one it should replace is what the spec says again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fargate_net.engine.claims import Claims, claims
from fargate_net.engine.difference import kind_of
from fargate_net.model.resource import Graph, refs
from fargate_net.model.snapshot import Found, Snapshot


def chosen(graph: Graph, snapshot: Snapshot, stack: str) -> Claims:
    """The claims of the stack, where a wish that is a replaced thing again takes that thing for current.

    Raises Refused when two claim one key.
    """
    have = claims(snapshot, stack)
    current, replaced = dict(have.current), list(have.replaced)
    for item in have.replaced:
        key = str(item.key)
        if key in graph and not _fits(current[key], graph[key].props) and _fits(item, graph[key].props):
            replaced.remove(item)
            replaced.append(current[key])
            current[key] = item
    return Claims(current, tuple(replaced))


def _fits(item: Found[Any], wish: Any) -> bool:
    """Whether AWS could make the thing as wished: all that cannot change is so already, as far as it is known."""
    return all(getattr(item.props, name) == value for name, value in _fixed(item, wish))


def _fixed(item: Found[Any], wish: Any) -> Iterator[tuple[str, Any]]:
    for name in sorted(kind_of(str(item.key)).immutable):
        value = getattr(wish, name)
        if not any(True for _ in refs(value)):
            yield name, value
