"""The ways between grounds: what routes, gateways and network ACLs let through, whatever the security groups say.

Many classes of interfaces stand on few grounds, so each way is followed once and every pair of classes on it shares the
result; their security groups are asked afterwards about what the way noted. Never here: security groups.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fargate_net.reach.interfaces import Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.kinship import Kin
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Hosts, cell
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult, Gate, Point

SENDER, RECEIVER = frozenset({"the sender"}), frozenset({"the receiver"})
"""Stand for the groups of either end while a way is followed."""


Role = Literal["own", "translated", "public"]
"""Which address of an end is shown: its own, the public one its own is translated to, or its first public one."""

ROLES: tuple[Role, ...] = ("own", "translated", "public")


@dataclass(frozen=True, slots=True)
class Check:
    """What the groups of one end are asked: about an address of the other end or a fixed one, and whose groups show.

    ``peers`` are true when the groups of the other end show, None when nobody knows who is there; ``doubted``: it is
    not known whether they do.
    """

    address: Role | int
    peers: bool | None
    doubted: bool = False

    def about(self, other: Nic, family: int) -> int:
        """The address, with an interface at the other end."""
        return self.address if isinstance(self.address, int) else _address(other, family, self.address) or 0


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A way that is open or may be, and what the groups at its ends (None: not met) are asked."""

    result: FlowResult
    egress: Check | None
    ingress: Check | None

    @property
    def plain(self) -> bool:
        """Whether the groups at both ends see the other end as it is."""
        return self.egress == PLAIN and self.ingress == PLAIN


PLAIN = Check("own", True)


def _address(nic: Nic, family: int, role: Role) -> int | None:
    own = nic.address(family)
    if role == "own" or family == 6:
        return own
    if role == "translated":
        return nic.public.get(own) if own is not None else None
    return next(iter(nic.public.values()), None)


Piece = tuple[Intervals, Passage]
"""Addresses on the internet that share a way."""


class Passages:
    """The ways of one network for one protocol and address family. ``followed`` counts the flows it took."""

    def __init__(self, network: Network, protocol: str, family: int) -> None:
        self.network = network
        self.protocol = protocol
        self.family = family
        self.followed = 0
        self._ways: dict[tuple[int, int, bool, bool], Passage | None] = {}
        self._ends: set[tuple[object, ...]] = set()
        self._inward: dict[int, list[Piece]] = {}
        self._outward: dict[int, list[Piece]] = {}

    def between(self, source: Kin, target: Kin, *, public: bool = False) -> Passage | None:
        """The way from one class to another (or between two members of one); None when it is closed for sure.

        ``public``: the target is addressed by its first public address.
        """
        same = source.nic.subnet == target.nic.subnet
        key = (source.ground, target.ground, same, public)
        if key not in self._ways:
            self._ways[key] = self._between(source, target, public)
        return self._ways[key]

    def _between(self, source: Kin, target: Kin, public: bool) -> Passage | None:
        one, two = source.nic, target.nic if target is not source else source.second
        assert two is not None
        dead_end = (source.ground, two.vpc, target.lie, public)
        if one.vpc != two.vpc and dead_end in self._ends:
            return None
        here = one.address(self.family)
        there = _address(two, self.family, "public" if public else "own")
        if here is None or there is None:
            return None
        sender, receiver = replace(one, groups=SENDER), replace(two, groups=RECEIVER)
        result, gates = self._follow(Point(self.family, here, sender), Point(self.family, there, receiver))
        if _closed(result):
            if "ingress" not in gates:
                self._ends.add(dead_end)
            return None
        return Passage(
            result,
            _check(gates.get("egress"), receiver, self.family, RECEIVER),
            _check(gates.get("ingress"), sender, self.family, SENDER),
        )

    def inward(self, target: Kin, hosts: Hosts) -> list[Piece]:
        """The ways from addresses outside to a class, cut where they differ; closed ones left out."""
        made = self._inward.get(target.ground)
        if made is None:
            made = self._inward[target.ground] = self._pieces(target.nic, hosts, inward=True)
        return made

    def outward(self, source: Kin, hosts: Hosts) -> list[Piece]:
        """The ways from a class to addresses outside, cut where they differ; closed ones left out."""
        made = self._outward.get(source.ground)
        if made is None:
            made = self._outward[source.ground] = self._pieces(source.nic, hosts, inward=False)
        return made

    def _pieces(self, nic: Nic, hosts: Hosts, *, inward: bool) -> list[Piece]:
        address = nic.address(self.family)
        if address is None:
            return []
        inside = Point(self.family, address, replace(nic, groups=RECEIVER if inward else SENDER))
        left, made = hosts.addresses.get(self.family, Intervals()), []
        while left:
            mark = left.first
            outside = Point(self.family, mark, None, hosts.lists, hosts.name, hosts.range.get(self.family, ""))
            result, gates = self._follow(*((outside, inside) if inward else (inside, outside)))
            piece = cell(left, mark, result)
            left = left - piece
            if not _closed(result):
                gate = gates.get("ingress" if inward else "egress")
                check = None if gate is None else Check(gate.address, False if gate.peers is not None else None)
                made.append((piece, Passage(result, None if inward else check, check if inward else None)))
        return made

    def _follow(self, source: Point, target: Point) -> tuple[FlowResult, dict[str, Gate]]:
        self.followed += 1
        gates: dict[str, Gate] = {}
        return flow(self.network, source, target, self.protocol, gates=gates), gates


def _closed(result: FlowResult) -> bool:
    return not result.maybe_ports or not result.maybe_clients & result.wanted


def _check(gate: Gate | None, other: Nic, family: int, groups: frozenset[str]) -> Check | None:
    if gate is None:
        return None
    role = next((role for role in ROLES if _address(other, family, role) == gate.address), gate.address)
    return Check(role, None if gate.peers is None else gate.peers == groups, gate.doubted == groups)
