"""What one network allows and another does not, between endpoints that have names in both.

Names outlive ids: a service keeps its name when its tasks, groups and balancers are made anew. Where nothing has a
service, interfaces are compared by their ids. Never here: how a verdict is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fargate_net.errors import UsageError
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.model.verdict import Answer, Disposition, Open, Question, ReachChange
from fargate_net.reach.ask import ask
from fargate_net.reach.intervals import Intervals, texts
from fargate_net.reach.network import Network

INTERNET = "internet"

Ports = dict[str, Intervals]
"""Open destination ports by protocol; icmp is port 0."""


def changes(before: Network, after: Network) -> tuple[ReachChange, ...]:
    """Every pair of endpoints whose open connections differ, with what opened and what closed."""
    first, second = set(_endpoints(before)), set(_endpoints(after))
    rows = []
    for source, target in sorted({*_pairs(first), *_pairs(second)}):
        was, lack = _between(before, source, target) if {source, target} - {INTERNET} <= first else ({}, "")
        now, fault = _between(after, source, target) if {source, target} - {INTERNET} <= second else ({}, "")
        if lack or fault:
            if lack != fault:
                rows.append(
                    ReachChange(source, target, note=f"not known {'before' if lack else 'after'}: {lack or fault}")
                )
            continue
        opened, closed = _beyond(now, was), _beyond(was, now)
        if opened or closed:
            rows.append(ReachChange(source, target, tuple(_open(opened)), tuple(_open(closed))))
    return tuple(rows)


def _endpoints(network: Network) -> Iterator[str]:
    services = {found.props.name for found in network.snapshot.of(Service).values()}
    yield from services
    yield from (f"lb/{found.props.name}" for found in network.snapshot.of(LoadBalancer).values())
    if not services:
        yield from (
            found.id
            for found in network.snapshot.of(NetworkInterface).values()
            if found.props.type in ("interface", "vpc_endpoint") and not found.props.requester.startswith("amazon-elb")
        )


def _pairs(names: set[str]) -> Iterator[tuple[str, str]]:
    """Who can ask whom: balancers open no connections of their own accord."""
    for target in names:
        for source in (*names, INTERNET):
            if source != target and not source.startswith("lb/"):
                yield source, target
    for source in names:
        if not source.startswith("lb/"):
            yield source, INTERNET


def _between(network: Network, source: str, target: str) -> tuple[Ports, str]:
    """The open ports of a pair, or why they are not known."""
    via = None if target.startswith("lb/") or target == INTERNET else "direct"
    try:
        answer = ask(network, Question(source, target, via=via))
    except UsageError:
        return {}, ""
    if answer.verdict is Disposition.UNKNOWN:
        return {}, "; ".join(answer.missing)
    return _ports(answer), ""


def _ports(answer: Answer) -> Ports:
    ports: Ports = {}
    for opened in answer.open:
        spans = [_span(text) for text in opened.ports] or [(0, 0)]
        ports[opened.protocol] = ports.get(opened.protocol, Intervals()) | Intervals(spans)
    return ports


def _span(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _beyond(more: Ports, less: Ports) -> Ports:
    """What the first holds and the second does not."""
    beyond = {protocol: spans - less.get(protocol, Intervals()) for protocol, spans in more.items()}
    return {protocol: spans for protocol, spans in beyond.items() if spans}


def _open(ports: Ports) -> Iterable[Open]:
    return [
        Open(protocol, () if protocol.startswith("icmp") else tuple(texts(spans)))
        for protocol, spans in sorted(ports.items())
    ]
