"""Compares the matrix and single questions with the oracle, connection by connection. Never here: making networks.

A rule's ports start at its low end and stop after its high end, so one port from every stretch between such ends stands
for all of them, and likewise for addresses outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Disposition, Matrix, Open, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.classes import matrix
from fargate_net.reach.network import Network
from tests.reach.oracle import Oracle, within

Choose = Callable[[Sequence[int]], Iterable[int]]
"""Picks some of the ports that matter; the identity picks all."""

OUTSIDE = ("8.8.8.8", "203.0.113.1", "203.0.113.200", "198.51.100.99", "2600::1", "2600:1::1", "2a00::1")
PROTOCOLS = ("tcp", "udp", "icmp")


class Compared:
    """One network seen by both; ``hosts`` are the addresses outside. ``checked`` counts the connections compared,
    ``unknown`` holds why pairs were not.
    """

    def __init__(self, snapshot: Snapshot, choose: Choose = lambda ports: ports, hosts: Sequence[str] = ()) -> None:
        self.snapshot = snapshot
        self.oracle = Oracle(snapshot)
        self.choose = choose
        self.hosts = hosts or OUTSIDE
        self.checked = 0
        self.unknown: tuple[str, ...] = ()
        rules = [rule for group in self.oracle.groups.values() for rule in group.rules]
        entries = [entry for acl in self.oracle.acls.values() for entry in acl.entries]
        self.ports = _stretches((*rules, *entries), 0)
        self.clients = _stretches(entries, 1024)
        self.enis = sorted(key for key, eni in self.oracle.enis.items() if eni.type == "interface")

    def matrix(self, made: Matrix | None = None) -> Iterator[str]:
        """Every connection about which the matrix and the oracle disagree, as a sentence."""
        made = made or matrix(Network(self.snapshot))
        of = {member: item.id for item in made.classes for member in item.members}
        assert sorted(of) == sorted(self.oracle.enis), "every interface is in exactly one class"
        cells = {(cell.source, cell.target): cell for cell in made.cells}
        self.unknown = tuple(cell.unknown for cell in made.cells if cell.unknown)
        for source, target in product((*self.enis, "internet"), (*self.enis, "internet")):
            if source != target:
                cell = cells.get((of.get(source, source), of.get(target, target)))
                if cell is None or not cell.unknown:
                    yield from self._pair(source, target, cell.open if cell else ())

    def questions(self, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
        """The same for single questions, about ends of one family: of two a question answers for the better one."""
        network = Network(self.snapshot)
        for source, target in pairs:
            if source != target and not self._dual(source, target):
                answer = ask(network, Question(source, target, via="direct"))
                if answer.verdict is not Disposition.UNKNOWN:
                    yield from self._pair(source, target, answer.open)

    def _pair(self, source: str, target: str, opened: Sequence[Open]) -> Iterator[str]:
        for protocol in PROTOCOLS:
            rows = [row for row in opened if row.protocol == protocol]
            ports = [0] if protocol == "icmp" else list(self.choose(self.ports))
            clients = [0] if protocol == "icmp" else list(self.choose(self.clients))
            for here, there in self._ends(source, target):
                public = self._public_instead(here, target, there, protocol)
                for dport, sport in product(ports, clients):
                    self.checked += 1
                    said = any(_holds(row, sport, dport, here, there[0]) for row in rows)
                    truth = self._truly(here, public or there, protocol, dport, sport)
                    if said != truth:
                        yield f"{here} to {there} {protocol} {sport}->{dport}: said {said}, is {truth}"

    def _all(self, protocol: str) -> Iterable[tuple[int, int]]:
        return [(0, 0)] if protocol == "icmp" else product(self.ports, self.clients)

    def _ends(self, source: str, target: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Who opens and the addresses that are tried: those of an interface, or one outside."""
        if source == "internet":
            for host in self.hosts:
                reach = tuple(ip for ip in self._outer(target) if (":" in ip) == (":" in host))
                if reach:
                    yield host, reach
        elif target == "internet":
            own = self.oracle.enis[source]
            for host in self.hosts:
                if own.ipv6_ips if ":" in host else own.private_ips:
                    yield source, (host,)
        else:
            eni = self.oracle.enis[target]
            yield source, (*eni.private_ips[:1], *eni.ipv6_ips[:1])

    def _outer(self, target: str) -> tuple[str, ...]:
        eni = self.oracle.enis[target]
        return (*(public for _, public in eni.public_ips), *eni.ipv6_ips)

    def _truly(self, source: str, to: Iterable[str], protocol: str, dport: int, sport: int) -> bool:
        return any(self.oracle.connects(source, ip, protocol, sport, dport) for ip in to)

    def _public_instead(self, source: str, target: str, own: Iterable[str], protocol: str) -> tuple[str, ...]:
        """The public address, which interfaces of other VPCs use when nothing is open by the private one."""
        one, two = self.oracle.enis.get(source), self.oracle.enis.get(target)
        if one is None or two is None or one.vpc == two.vpc or not two.public_ips:
            return ()
        if any(self._truly(source, own, protocol, *pair) for pair in self._all(protocol)):
            return ()
        return (two.public_ips[0][1],)

    def _dual(self, source: str, target: str) -> bool:
        held = [self.oracle.enis[end] for end in (source, target) if end != "internet"]
        return all(eni.ipv6_ips for eni in held)


def _holds(row: Open, sport: int, dport: int, here: str, there: str) -> bool:
    if row.clients and not named(here, row.clients):
        return False
    if row.addresses and not named(there, row.addresses):
        return False
    return row.protocol == "icmp" or (_in(dport, row.ports) and _in(sport, row.client_ports))


def named(ip: str, ranges: Iterable[str]) -> bool:
    return any(within(ip, text) for text in ranges)


def _in(port: int, spans: Iterable[str]) -> bool:
    for text in spans:
        low, _, high = text.partition("-")
        if int(low) <= port <= int(high or low):
            return True
    return False


def _stretches(rules: Iterable[object], least: int) -> list[int]:
    """The first port of every stretch that no rule divides."""
    ends = {least}
    for rule in rules:
        low, high = rule.from_port, rule.to_port  # type: ignore[attr-defined]
        ends |= {low, high + 1}
    return sorted(port for port in ends if least <= port <= 65535)
