"""Which rule of a listener is tried first: the one that says more. Never here: what rules do.

A rule's priority follows from its own conditions, so a rule that is added moves another only when both fall on the
same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from fargate_net.blueprint.names import digest

Conditions: TypeAlias = frozenset[tuple[str, tuple[str, ...]]]

_LONGEST = 63
_ROOM = 80
"""Numbers for each degree of exactness: 9 * 64 * 80 stays below 50000, the most AWS takes (ELB API, CreateRule)."""


def priorities(rules: Sequence[Conditions]) -> list[int]:
    """A priority for each rule, in the same order, all different."""
    given: dict[int, int] = {}
    taken: set[int] = set()
    for position in sorted(range(len(rules)), key=lambda position: (_wish(rules[position]), _text(rules[position]))):
        priority = _wish(rules[position])
        while priority in taken:
            priority += 1
        taken.add(priority)
        given[position] = priority
    return [given[position] for position in range(len(rules))]


def _wish(conditions: Conditions) -> int:
    """Exact hosts before patterns before none; then the same for paths; then longer paths before shorter ones."""
    stated = dict(conditions)
    hosts, paths = stated.get("host-header", ()), stated.get("path-pattern", ())
    length = min((len(path.split("*")[0].split("?")[0]) for path in paths), default=0)
    degree = (_vagueness(hosts) * 3 + _vagueness(paths)) * (_LONGEST + 1) + _LONGEST - min(length, _LONGEST)
    return 1 + degree * _ROOM + int(digest(_text(conditions)), 16) % _ROOM


def _vagueness(values: tuple[str, ...]) -> int:
    if not values:
        return 2
    return 1 if any("*" in value or "?" in value for value in values) else 0


def _text(conditions: Conditions) -> str:
    return str(sorted(conditions))
