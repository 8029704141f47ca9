"""What one network allows and another does not, between endpoints that have names in both.

Names outlive ids: a service keeps its name when its tasks, groups and balancers are made anew. What belongs to no
service, balancer or endpoint is compared by the id of its interface. Never here: how a verdict is reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fargate_net.model.verdict import Open, ReachChange
from fargate_net.reach.classes import INTERNET
from fargate_net.reach.connections import Whole, beyond
from fargate_net.reach.network import Network
from fargate_net.reach.sides import Said, Side

SPELLED_OUT = 2000
"""Up to so many changes of interfaces are listed pair by pair; more are listed by groups of interfaces."""

Sides = tuple[Side, Side]

Ends = tuple[list[str], list[str], ReachChange]
"""Who opens, who takes, and what changed between each of the one and each of the other."""


def changes(before: Network, after: Network) -> tuple[ReachChange, ...]:
    """Every pair of endpoints whose open connections differ, with exactly what opened and what closed.

    Endpoints are the internet, services, balancers (``lb/NAME``), AWS services with an endpoint (``aws:NAME``), and
    the interfaces of everybody else. When neither network has a service, all interfaces speak for themselves.
    """
    sides = Side(before), Side(after)
    if not any(side.services for side in sides):
        return tuple(_between_interfaces(sides, set()))
    others = _between_interfaces(sides, sides[0].spoken_for | sides[1].spoken_for)
    return tuple(sorted((*_between_names(sides), *others), key=lambda row: (row.source, row.target)))


def _between_names(sides: Sides) -> Iterator[ReachChange]:
    served = sides[0].served | sides[1].served
    pairs = {pair for side in sides for pair in _pairs(side.names, served)}
    for source, target in pairs:
        was, now = (side.asked(source, target) if side.has(source, target) else ((), "") for side in sides)
        yield from _compared(sides, source, target, was, now)


def _pairs(names: set[str], served: set[str]) -> Iterator[tuple[str, str]]:
    """Who can ask whom: balancers open no connections of their own accord."""
    for source in names:
        if not source.startswith("lb/"):
            yield from ((source, target) for target in (*(names - {source}), *served, INTERNET))
    yield from ((INTERNET, target) for target in names)


def _compared(sides: Sides, source: str, target: str, was: Said, now: Said) -> Iterator[ReachChange]:
    (old, lack), (new, fault) = was, now
    if lack or fault:
        if lack != fault:
            when = "before" if lack and not fault else "after" if fault and not lack else "before and after"
            yield ReachChange(source, target, note=f"not known {when}: {fault or lack}")
        return
    callers = [side.homes(source, "tasks in {}") for side in sides]
    tasks = [side.homes(target, "in {}") for side in sides]
    whole = Whole(
        frozenset(home for held in callers for home in held.values()),
        frozenset(home for held in tasks for home in held.values()),
        sides[0].zones(target) | sides[1].zones(target),
        sides[0].outside | sides[1].outside,
        one_family=INTERNET in (source, target),
    )
    rows = [_placed(said, callers[n], tasks[n]) for n, said in enumerate((old, new))]
    opened, closed = beyond(rows[1], rows[0], whole), beyond(rows[0], rows[1], whole)
    if opened or closed:
        yield ReachChange(source, target, opened, closed)


def _placed(rows: Sequence[Open], callers: Mapping[str, str], tasks: Mapping[str, str]) -> list[Open]:
    """Rows that name subnets instead of tasks, where all tasks of a subnet are meant: the next ones have other ids."""
    return [replace(row, clients=_homes(row.clients, callers), tasks=_homes(row.tasks, tasks)) for row in rows]


def _homes(names: tuple[str, ...], homes: Mapping[str, str]) -> tuple[str, ...]:
    meant = {homes[name] for name in names if name in homes}
    every = {name for name, home in homes.items() if home in meant}
    return tuple(sorted(meant)) if meant and every == set(names) else names


def _between_interfaces(sides: Sides, spoken_for: set[str]) -> Iterator[ReachChange]:
    """Changes of interfaces that have no name, among themselves and with everybody else.

    Those that are of one class before and of one class after change alike.
    """
    every = {key for side in sides for key in side.network.nics} - spoken_for
    if not every:
        return
    alike: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for member in sorted(every):
        alike[tuple(side.of.get(member) for side in sides)].append(member)
    named = sides if spoken_for else ()
    found = [*_classes(sides, alike), *_named(sides, alike, {name for side in named for name in side.names})]
    spelled = sum(len(sources) * len(targets) for sources, targets, _ in found) <= SPELLED_OUT
    rows: list[ReachChange] = []
    for sources, targets, change in found:
        pairs = (
            [(a, b) for a in sources for b in targets if a != b] if spelled else [(_called(sources), _called(targets))]
        )
        rows.extend(replace(change, source=a, target=b) for a, b in pairs)
    yield from sorted(rows, key=lambda row: (row.source, row.target))


def _classes(sides: Sides, alike: Mapping[tuple[str | None, ...], list[str]]) -> Iterator[Ends]:
    """Changes between classes, and with the internet."""
    groups = {**alike, (INTERNET, INTERNET): [INTERNET]}
    for one, sources in groups.items():
        for two, targets in groups.items():
            if one == two and len(sources) == 1:
                continue
            was, now = (side.between(a, b) for side, a, b in zip(sides, one, two, strict=True))
            for change in _compared(sides, "", "", was, now):
                yield sources, targets, change


def _named(sides: Sides, alike: Mapping[tuple[str | None, ...], list[str]], names: set[str]) -> Iterator[Ends]:
    """Changes between classes and services, and from classes to balancers; a member speaks for its class."""
    for classes, members in alike.items():
        for name in sorted(names):
            if name.startswith("lb/"):
                was, now = (side.to_balancer(members[0], held, name) for side, held in zip(sides, classes, strict=True))
                for change in _compared(sides, "", name, was, now):
                    yield members, [name], change
                continue
            for opens in (True, False):
                was, now = (
                    side.with_service(name, held, opens=opens) for side, held in zip(sides, classes, strict=True)
                )
                source, target = (name, "") if opens else ("", name)
                for change in _compared(sides, source, target, was, now):
                    yield ([name], members, change) if opens else (members, [name], change)


def _called(members: Sequence[str]) -> str:
    return members[0] if len(members) == 1 else f"{members[0]} and {len(members) - 1} more like it"
