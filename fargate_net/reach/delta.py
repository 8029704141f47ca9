"""What one network allows and another does not, between endpoints that have names in both.

Names outlive ids: a service keeps its name when its tasks, groups and balancers are made anew. Where nothing has a
service, interfaces are compared by their ids. Never here: how a verdict is reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from fargate_net.errors import UsageError
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.service import Service
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.verdict import Cell, Disposition, Open, Question, ReachChange
from fargate_net.reach.ask import ask
from fargate_net.reach.classes import matrix
from fargate_net.reach.connections import beyond
from fargate_net.reach.network import Network

INTERNET = "internet"

SPELLED_OUT = 2000
"""Up to so many changes between interfaces are listed pair by pair; more are listed by groups of interfaces."""

Side = tuple[Sequence[Open], str]
"""What is open, and why it is not known."""


def changes(before: Network, after: Network) -> tuple[ReachChange, ...]:
    """Every pair of endpoints whose open connections differ, with exactly what opened and what closed.

    Endpoints are the internet, services, balancers (``lb/NAME``) and AWS services with an endpoint (``aws:NAME``).
    When neither network has a service they are the internet and all interfaces.
    """
    if any(network.snapshot.of(Service) for network in (before, after)):
        return _between_names(before, after)
    return _between_interfaces(before, after)


def _between_names(before: Network, after: Network) -> tuple[ReachChange, ...]:
    first, second = set(_endpoints(before)), set(_endpoints(after))
    served = {*_served(before), *_served(after)}
    rows: list[ReachChange] = []
    for source, target in sorted({*_pairs(first, served), *_pairs(second, served)}):
        was, now = (
            _answered(network, source, target) if _has(names, source, target) else ((), "")
            for network, names in ((before, first), (after, second))
        )
        rows.extend(_compared(source, target, was, now))
    return tuple(rows)


def _has(names: set[str], source: str, target: str) -> bool:
    return all(end in names or end == INTERNET or end.startswith("aws:") for end in (source, target))


def _compared(source: str, target: str, was: Side, now: Side) -> Iterator[ReachChange]:
    (old, lack), (new, fault) = was, now
    if lack or fault:
        if lack != fault:
            when = "before" if lack and not fault else "after" if fault and not lack else "before and after"
            yield ReachChange(source, target, note=f"not known {when}: {fault or lack}")
        return
    opened, closed = beyond(new, old), beyond(old, new)
    if opened or closed:
        yield ReachChange(source, target, opened, closed)


def _endpoints(network: Network) -> Iterator[str]:
    yield from (found.props.name for found in network.snapshot.of(Service).values())
    yield from (f"lb/{found.props.name}" for found in network.snapshot.of(LoadBalancer).values())


def _served(network: Network) -> Iterator[str]:
    """AWS services that some VPC reaches through an endpoint of its own."""
    for found in network.snapshot.of(VpcEndpoint).values():
        parts = found.props.service.split(".")
        if parts[:2] == ["com", "amazonaws"] and len(parts) > 3:
            yield "aws:" + ".".join(parts[3:])


def _pairs(names: set[str], served: set[str]) -> Iterator[tuple[str, str]]:
    """Who can ask whom: balancers open no connections of their own accord."""
    for source in names:
        if not source.startswith("lb/"):
            yield from ((source, target) for target in (*(names - {source}), *served, INTERNET))
    yield from ((INTERNET, target) for target in names)


def _answered(network: Network, source: str, target: str) -> Side:
    """The open connections of a pair, or why they are not known."""
    direct = not target.startswith(("lb/", "aws:")) and target != INTERNET
    try:
        answer = ask(network, Question(source, target, via="direct" if direct else None))
    except UsageError:
        return (), ""
    if answer.verdict is Disposition.UNKNOWN:
        return (), "; ".join(answer.missing)
    return answer.open, ""


def _between_interfaces(before: Network, after: Network) -> tuple[ReachChange, ...]:
    """Interfaces that are of one class before and of one class after change alike."""
    sides = [_Side(before), _Side(after)]
    alike: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for member in sorted({*sides[0].of, *sides[1].of} - {INTERNET}):
        alike[tuple(side.of.get(member) for side in sides)].append(member)
    groups = {**alike, (INTERNET, INTERNET): [INTERNET]}
    found: list[tuple[list[str], list[str], ReachChange]] = []
    for one, sources in groups.items():
        for two, targets in groups.items():
            if one == two and len(sources) == 1:
                continue
            was, now = (side.between(a, b) for side, a, b in zip(sides, one, two, strict=True))
            found.extend((sources, targets, change) for change in _compared("", "", was, now))
    spelled = sum(len(sources) * len(targets) for sources, targets, _ in found) <= SPELLED_OUT
    rows: list[ReachChange] = []
    for sources, targets, change in found:
        pairs = (
            [(a, b) for a in sources for b in targets if a != b] if spelled else [(_called(sources), _called(targets))]
        )
        rows.extend(ReachChange(a, b, change.opened, change.closed, change.note) for a, b in pairs)
    return tuple(sorted(rows, key=lambda row: (row.source, row.target)))


def _called(members: Sequence[str]) -> str:
    return members[0] if len(members) == 1 else f"{members[0]} and {len(members) - 1} more like it"


class _Side:
    """One of the two networks as a matrix: ``of`` names the class of each interface."""

    def __init__(self, network: Network) -> None:
        made = matrix(network)
        self.of: Mapping[str, str] = {member: item.id for item in made.classes for member in item.members} | {
            INTERNET: INTERNET
        }
        self._cells: dict[tuple[str, str], Cell] = {(cell.source, cell.target): cell for cell in made.cells}

    def between(self, source: str | None, target: str | None) -> Side:
        """What is open between two classes, or why it is not known; nothing where one has no members here."""
        cell = None if source is None or target is None else self._cells.get((source, target))
        return (cell.open, cell.unknown) if cell else ((), "")
