"""One of two networks that are compared: who in it has a name, and what its matrix says. Never here: differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from fargate_net.errors import UsageError
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.service import Service
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.verdict import Cell, Disposition, Matrix, Open, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.balancers import balancers_of
from fargate_net.reach.classes import INTERNET, matrix
from fargate_net.reach.connections import joined
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.kinship import nodes_of
from fargate_net.reach.network import Network
from fargate_net.reach.outside import internet

Said = tuple[Sequence[Open], str]
"""What is open, and why it is not known."""

ON_THE_WAY = frozenset({"nat_gateway", "network_load_balancer", "gateway_load_balancer", "transit_gateway"})
"""Types of interfaces that stand on a way and are nobody's end."""


class Side:
    """A network whose services, balancers and AWS services have names; everybody else is an interface."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.services = {found.props.name: found for found in network.snapshot.of(Service).values()}
        self.balancers = {f"lb/{found.props.name}": found for found in network.snapshot.of(LoadBalancer).values()}

    @property
    def names(self) -> set[str]:
        """Services and balancers as questions name them."""
        return {*self.services, *self.balancers}

    @property
    def served(self) -> set[str]:
        """AWS services that some VPC reaches through an endpoint of its own."""
        made = set()
        for found in self.network.snapshot.of(VpcEndpoint).values():
            parts = found.props.service.split(".")
            if parts[:2] == ["com", "amazonaws"] and len(parts) > 3:
                made.add("aws:" + ".".join(parts[3:]))
        return made

    def has(self, *ends: str) -> bool:
        """Whether all of these exist here; the internet and AWS services always do."""
        return all(end in self.names or end == INTERNET or end.startswith("aws:") for end in ends)

    def interfaces(self, service: str) -> dict[str, str]:
        """The interfaces of a service's tasks, whatever their state, with the tasks that have them."""
        found = self.services.get(service)
        tasks = self.network.tasks_of(service, str(found.props.cluster)) if found else []
        return {task.props.interface: task.id for task in tasks if task.props.interface}

    def homes(self, service: str, words: str) -> dict[str, str]:
        """Where each task of a service that has an interface is, in words that outlive the task."""
        held = ((self.network.nics.get(key), task) for key, task in self.interfaces(service).items())
        return {task: words.format(nic.subnet) for nic, task in held if nic is not None}

    def zones(self, target: str) -> frozenset[str]:
        """The zones of a balancer."""
        found = self.balancers.get(target)
        nodes = balancers_of(self.network).nodes(found) if found is not None else []
        return frozenset(node.zone for node in nodes)

    @cached_property
    def outside(self) -> Intervals:
        """The addresses of the internet, of both families."""
        return joined(internet(self.network).addresses)

    @cached_property
    def spoken_for(self) -> set[str]:
        """Interfaces whose owner has a name, or that are nobody's end."""
        held = {key for name in self.services for key in self.interfaces(name)}
        held.update(nodes_of(self.network))
        for found in self.network.snapshot.of(VpcEndpoint).values():
            if found.props.service.startswith("com.amazonaws."):
                held.update(found.props.interfaces)
        held.update(nic.id for nic in self.network.nics.values() if nic.type in ON_THE_WAY)
        return held

    def asked(self, source: str, target: str) -> Said:
        """The open connections of a pair by a question, or why they are not known."""
        direct = not target.startswith(("lb/", "aws:")) and target != INTERNET
        try:
            answer = ask(self.network, Question(source, target, via="direct" if direct else None))
        except UsageError:
            return (), ""
        if answer.verdict is Disposition.UNKNOWN:
            return (), "; ".join(answer.missing)
        return answer.open, ""

    @cached_property
    def _matrix(self) -> Matrix:
        return matrix(self.network)

    @cached_property
    def of(self) -> dict[str, str]:
        """The class of each interface."""
        return {member: item.id for item in self._matrix.classes for member in item.members} | {INTERNET: INTERNET}

    @cached_property
    def _cells(self) -> dict[tuple[str, str], Cell]:
        return {(cell.source, cell.target): cell for cell in self._matrix.cells}

    def between(self, source: str | None, target: str | None) -> Said:
        """What is open between two classes, or why it is not known; nothing where one has no members here."""
        cell = None if source is None or target is None else self._cells.get((source, target))
        return (cell.open, cell.unknown) if cell else ((), "")

    def to_balancer(self, member: str, own: str | None, target: str) -> Said:
        """What a member of a class can open to a balancer; asked only where some node may be reached at all.

        Nodes that face the internet are reached by way of it, others by their own addresses.
        """
        found = self.balancers.get(target)
        if own is None or found is None:
            return (), ""
        doors = {INTERNET} if found.props.scheme == "internet-facing" else set(self._nodes.get(found.id, ()))
        unseen = any(node.assumed for node in balancers_of(self.network).nodes(found))
        if unseen or any((own, door) in self._cells for door in doors):
            return self.asked(member, target)
        return (), ""

    @cached_property
    def _nodes(self) -> dict[str, list[str]]:
        """The classes of each balancer's nodes."""
        held: dict[str, list[str]] = defaultdict(list)
        for key, (balancer, _) in nodes_of(self.network).items():
            held[balancer].append(self.of[key])
        return held

    def with_service(self, service: str, other: str | None, *, opens: bool) -> Said:
        """What a service can open to a class (``opens``), or the class to the service, task by task."""
        held: dict[Said, list[str]] = {}
        for key, task in self.interfaces(service).items():
            mine = self.of.get(key)
            rows, why = self.between(mine, other) if opens else self.between(other, mine)
            if mine is not None:
                held.setdefault((tuple(rows), why), []).append(task)
        if len(held) == 1:
            return next(iter(held))
        named = [
            replace(row, clients=tuple(sorted(tasks))) if opens else replace(row, tasks=tuple(sorted(tasks)))
            for (rows, _), tasks in held.items()
            for row in rows
        ]
        return named, "; ".join(dict.fromkeys(why for _, why in held if why))
