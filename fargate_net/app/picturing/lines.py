"""Who can open connections to whom: the cells of the matrix as lines from row to row, and what the spec expects.

Never here: a verdict; it comes from the reach engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fargate_net.app.picturing.rows import endpoint_name
from fargate_net.errors import UsageError
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.picture import INTERNET, Connection, Line, VpcBox
from fargate_net.model.verdict import Answer, Disposition, InterfaceClass, Matrix, Open, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.network import Network

_OPENS = ("service", "balancer")
"""Rows that open connections; endpoints and NAT gateways only take them."""


def lines(network: Network, vpcs: tuple[VpcBox, ...], matrix: Matrix) -> Iterator[Connection]:
    """One line for each pair of rows of which some interfaces can talk, with all that is open between them.

    What may go out to the internet is no line: it would lead from almost everywhere.
    """
    kinds = {row.id: row.kind for vpc in vpcs for row in vpc.rows}
    owners = {item.id: sorted(_owners(network, vpcs, item) & {*kinds, INTERNET}) for item in matrix.classes}
    found: dict[tuple[str, str], list[Open]] = {}
    unknown: dict[tuple[str, str], str] = {}
    for cell in matrix.cells:
        for source in owners[cell.source]:
            for target in owners[cell.target]:
                if source == target or target == INTERNET or not _worth(kinds, source, target):
                    continue
                found.setdefault((source, target), []).extend(cell.open)
                if cell.unknown:
                    unknown.setdefault((source, target), cell.unknown)
    # What stands open to everybody stands open to the services as well: that needs no line of its own.
    open_to_all = {target for (source, target), opened in found.items() if source == INTERNET and opened}
    for (source, target), opened in sorted(found.items()):
        if source != INTERNET and target in open_to_all and kinds[target] == "balancer":
            continue
        if opened:
            rules = tuple(_rules(network, vpcs, source, target))
            yield Connection(source, target, Line.OPEN, _merged(opened), rules=rules)
        else:
            yield Connection(source, target, Line.UNKNOWN, text="not known", rules=(unknown[source, target],))


def outward(network: Network, vpcs: tuple[VpcBox, ...], matrix: Matrix) -> frozenset[str]:
    """The rows that can open connections to the internet."""
    owners = {item.id: _owners(network, vpcs, item) for item in matrix.classes}
    return frozenset(
        row for cell in matrix.cells if cell.target == INTERNET and cell.open for row in owners[cell.source]
    )


def expected(network: Network, vpcs: tuple[VpcBox, ...], questions: Iterable[Question]) -> Iterator[Connection]:
    """Expectations that say a path is closed, and every one that is not met."""
    known = {row.id for vpc in vpcs for row in vpc.rows}
    for question in questions:
        source, target = _row(vpcs, question.source), _row(vpcs, question.target)
        if source == target or not {source, target} <= {*known, INTERNET}:
            continue
        answer = ask(network, question)
        socket = _socket(answer.question)
        via = f" via {question.via}" if question.via else ""
        if not answer.met:
            text = f"{socket}{via} is {answer.verdict.value}: not as expected"
            yield Connection(source, target, Line.BROKEN, text=text, rules=tuple(_told(answer)))
        elif question.expect == Disposition.BLOCKED:
            yield Connection(source, target, Line.BLOCKED, text=f"{socket}{via} blocked", rules=tuple(_told(answer)))


def _socket(question: Question) -> str:
    """``80/tcp``, ``8000-8010/udp``, or that no port was named."""
    if question.ports is None:
        return question.protocol or "every port"
    low, high = question.ports
    return f"{low if low == high else f'{low}-{high}'}/{question.protocol or 'tcp'}"


def _worth(kinds: dict[str, str], source: str, target: str) -> bool:
    """Whether a pair is drawn: from the internet and from services to all, from balancers to services."""
    if source == INTERNET or kinds[source] == "service":
        return kinds[target] != "nat"
    return kinds[source] == "balancer" and kinds[target] == "service"


def _owners(network: Network, vpcs: tuple[VpcBox, ...], item: InterfaceClass) -> set[str]:
    """The rows that the interfaces of a class belong to."""
    if item.id == INTERNET:
        return {INTERNET}
    rows = {f"service/{name}" for name in item.services}
    rows |= {name for name in item.names if name.startswith("lb/")}
    subnet = network.snapshot.get(Subnet, item.subnet)
    here = str(subnet.props.vpc) if subnet is not None else ""
    for name in item.names:
        if name.startswith("aws:"):
            rows |= _endpoint_rows(vpcs, here, name.removeprefix("aws:"), item.subnet)
    return rows


def _endpoint_rows(vpcs: tuple[VpcBox, ...], here: str, name: str, subnet: str) -> set[str]:
    return {
        row.id
        for vpc in vpcs
        if vpc.id == here
        for row in vpc.rows
        if row.kind == "endpoints" and name in row.note.split(", ") and any(chip.subnet == subnet for chip in row.chips)
    }


def _row(vpcs: tuple[VpcBox, ...], endpoint: str) -> str:
    """The row that an end of a question belongs to; one that nothing has when there is none."""
    if endpoint == INTERNET or endpoint.startswith("lb/"):
        return endpoint
    if endpoint.startswith("aws:"):
        name = endpoint.removeprefix("aws:")
        return next(
            (r.id for vpc in vpcs for r in vpc.rows if name in r.note.split(", ") and r.kind == "endpoints"), ""
        )
    return f"service/{endpoint.partition('/')[0]}"


def _rules(network: Network, vpcs: tuple[VpcBox, ...], source: str, target: str) -> Iterator[str]:
    """The rules that let the connections of a line through, from one question between the two."""
    rows = {row.id: row for vpc in vpcs for row in vpc.rows}
    ends = [_spoken(network, rows[end].note if end in rows else "", end) for end in (source, target)]
    try:
        answer = ask(network, Question(ends[0], ends[1], via="direct" if target.startswith("service/") else None))
    except UsageError:
        return  # a name that two things have can be drawn, but not asked about
    yield from _told(answer)


def _spoken(network: Network, note: str, end: str) -> str:
    if end.startswith("endpoints/"):
        first = note.partition(",")[0]
        services = (found.props.service for found in network.snapshot.of(VpcEndpoint).values())
        return next((f"aws:{first}" for service in services if endpoint_name(service) == first), end)
    return end.removeprefix("service/")


def _told(answer: Answer) -> Iterator[str]:
    """Every rule on the way there, once; for a path that is closed, what closes it."""
    said = [f"{blocker.component}: {blocker.detail}" for blocker in answer.blockers]
    if answer.verdict in (Disposition.REACHABLE, Disposition.PARTIAL):
        said = [f"{hop.component}: {hop.rule}" for path in answer.paths for hop in path.forward if hop.rule]
    yield from dict.fromkeys(said)


def _merged(opened: Iterable[Open]) -> tuple[Open, ...]:
    """What is open for any of the interfaces, by protocol; who exactly is told by the matrix."""
    ports: dict[str, set[str]] = {}
    for entry in opened:
        ports.setdefault(entry.protocol, set()).update(entry.ports)
    order = lambda text: int(text.partition("-")[0])  # noqa: E731 - a key of one place
    return tuple(Open(protocol, tuple(sorted(found, key=order))) for protocol, found in sorted(ports.items()))
