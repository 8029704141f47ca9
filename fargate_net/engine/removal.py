"""In which order live things can go: whatever names another goes first. Pure; never here: calls, waiting.

Live links may form circles (two security groups that name each other). Links inside a circle are dropped: a kind's
``delete`` lets go of what it names first, and AWS's refusal is retried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from fargate_net.engine.difference import Node, links
from fargate_net.model.snapshot import Found


def removal_needs(doomed: Iterable[Found[Any]]) -> dict[Node, frozenset[Node]]:
    """For each thing that is to go: the things that have to be gone before it. Free of circles."""
    named = links(doomed)
    ring = _rings(named)
    needs: dict[Node, set[Node]] = {node: set() for node in named}
    for node, targets in named.items():
        for target in targets:
            if ring[node] != ring[target]:
                needs[target].add(node)
    return {node: frozenset(first) for node, first in needs.items()}


def removal_order(doomed: Iterable[Found[Any]]) -> tuple[Node, ...]:
    """The things in an order in which they can go; always the same for the same things."""
    needs = removal_needs(doomed)
    return tuple(TopologicalSorter({node: sorted(needs[node]) for node in sorted(needs)}).static_order())


def _rings(named: Mapping[Node, frozenset[Node]]) -> dict[Node, Node]:
    """The circle each node is part of, by its first member; a node in no circle is its own.

    Tarjan's strongly connected components, without recursion.
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    ring: dict[Node, Node] = {}
    path: list[Node] = []
    for root in sorted(named):
        work = [(root, iter(sorted(named[root])))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            path.append(root)
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in index:
                    index[target] = low[target] = len(index)
                    path.append(target)
                    work.append((target, iter(sorted(named[target]))))
                    break
                if target not in ring:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    start = path.index(node)
                    members, path[start:] = path[start:], []
                    ring.update(dict.fromkeys(members, node))
    return ring
