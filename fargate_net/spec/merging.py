"""Several spec files as one document.

Never here: the meaning of the keys, beyond which of them add up.
"""

from __future__ import annotations

from collections.abc import Sequence

from fargate_net.errors import Problem
from fargate_net.spec.yaml_nodes import Node, Place, clip


def merge(roots: Sequence[Node], problems: list[Problem]) -> Node:
    """One document of mappings. ``services`` and ``reach`` add up; all else may be in one file, or be the same word.

    A clash is added to ``problems`` with both places; the first file wins.
    """
    merged = roots[0]
    for root in roots[1:]:
        merged = _joined(merged, root, problems)
    return merged


def _joined(first: Node, second: Node, problems: list[Problem]) -> Node:
    entries = dict(first.entries or {})
    for key, (at, node) in (second.entries or {}).items():
        if key not in entries:
            entries[key] = (at, node)
            continue
        other_at, other = entries[key]
        if key == "services" and other.entries is not None and node.entries is not None:
            services = dict(other.entries)
            for name, entry in node.entries.items():
                if name in services:
                    _clash(problems, f"services.{name}", f"The service `{clip(name)}`", entry[0], services[name][0])
                else:
                    services[name] = entry
            entries[key] = (other_at, Node(other.place, entries=services))
        elif key == "reach" and other.items is not None and node.items is not None:
            entries[key] = (other_at, Node(other.place, items=[*other.items, *node.items]))
        elif node.value is None or node.value != other.value:
            _clash(problems, key, f"`{clip(key)}`", at, other_at)
    return Node(first.place, entries=entries)


def _clash(problems: list[Problem], path: str, what: str, at: Place, first: Place) -> None:
    where = f"{first.file}:{first.line}:{first.column}"
    hint = "Keep one of the two."
    problems.append(Problem(at.file, at.line, at.column, path, f"{what} is given twice; first at {where}.", hint))
