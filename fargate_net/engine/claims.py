"""Which live thing is the one of a key: the rule for claimants. Never here: what to do about it.

One claimant is the rule. Two are right in two cases only: revisions of a versioned kind (the highest is current), and
a replacement, which says so itself with the tag ``fargatenet:replaces``. Anything else is refused with both ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fargate_net.errors import Refused
from fargate_net.kinds.base import REGISTRY
from fargate_net.model.snapshot import Found, Snapshot

REPLACES_TAG = "fargatenet:replaces"
"""On a thing made to replace another: the id of the other. It stays when the other is gone, and means nothing then."""


@dataclass(frozen=True)
class Claims:
    """``current`` is the one thing of each key; ``replaced`` are old ones whose replacement already exists."""

    current: dict[str, Found[Any]]
    replaced: tuple[Found[Any], ...] = ()


def ours(snapshot: Snapshot, stack: str) -> Iterator[Found[Any]]:
    """Every live thing that is this stack's to write: its tags, a key of its own kind, and not dead.

    ECS copies the tags of a service to its tasks and their interfaces; those carry the key of another kind.
    """
    for item in snapshot:
        if item.stack != stack or item.key is None or item.key.partition("/")[0] != item.kind:
            continue
        if not REGISTRY[item.kind].gone(item):
            yield item


def claims(snapshot: Snapshot, stack: str) -> Claims:
    """The current thing of every key of the stack; what AWS is already removing is none.

    Raises Refused when two claim one key.
    """
    by_key: dict[str, list[Found[Any]]] = {}
    for item in ours(snapshot, stack):
        if REGISTRY[item.kind].leaving(item):
            continue
        by_key.setdefault(str(item.key), []).append(item)
    current: dict[str, Found[Any]] = {}
    replaced: list[Found[Any]] = []
    for key, items in sorted(by_key.items()):
        if REGISTRY[items[0].kind].versioned:
            current[key] = max(items, key=lambda item: (getattr(item.props, "revision", 0), item.id))
            continue
        past = {item.tags.get(REPLACES_TAG) for item in items}
        heads = [item for item in items if item.id not in past]
        if len(heads) != 1:
            named = " and ".join(sorted(item.id for item in (heads or items)))
            raise Refused(
                f"Two resources claim to be {key} of stack {stack}: {named}.",
                hint="Delete one of them, or remove its fargatenet:stack tag, then run again.",
            )
        current[key] = heads[0]
        replaced += sorted((item for item in items if item is not heads[0]), key=lambda item: item.id)
    return Claims(current, tuple(replaced))
