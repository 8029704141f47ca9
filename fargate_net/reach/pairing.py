"""What classes of interfaces can open to each other and to the internet, for one protocol and address family.

Only pairs that some rule may admit are looked at: whoever carries a group a rule refers to, or has an address in a
range a rule names. Never here: the ways between them, how a class is made.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fargate_net.reach.filters import GroupFilter, Permit
from fargate_net.reach.interfaces import UNFILTERED, Lack, Nic
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, Intervals
from fargate_net.reach.kinship import Kin
from fargate_net.reach.network import Network
from fargate_net.reach.passages import PLAIN, Check, Passage, Passages
from fargate_net.reach.spread import Hosts
from fargate_net.reach.walk import FlowResult

OPEN = Permit(ALL_PORTS, ALL_PORTS)

Part = tuple[Intervals, FlowResult]
"""Addresses on the internet that share a result."""


class Pairing:
    """Joins ways with the security groups at their ends."""

    def __init__(self, network: Network, kin: Iterable[Kin], protocol: str, family: int) -> None:
        self.network = network
        self.protocol = protocol
        self.family = family
        self.kin = [k for k in kin if not k.resting and k.nic.address(family) is not None]
        self.passages = Passages(network, protocol, family)
        self._carriers: dict[str, list[Kin]] = defaultdict(list)
        for k in self.kin:
            for group in k.nic.groups:
                self._carriers[group].append(k)
        self._blank = [k for k in self.kin if k.nic.unlabelled]
        placed = sorted(((k.nic.address(family) or 0, k.index, k) for k in self.kin), key=lambda item: item[:2])
        self._addresses = [address for address, _, _ in placed]
        self._placed = [k for _, _, k in placed]
        self._permits: dict[tuple[object, ...], Permit] = {}
        self._kept: dict[tuple[object, ...], Permit] = {}
        self._admitted: dict[tuple[frozenset[str], str], list[tuple[Kin, Permit]]] = {}
        self._joined: dict[tuple[int, int, int, int], tuple[object, FlowResult | None]] = {}
        self._parted: dict[tuple[frozenset[str], bool, bool], list[tuple[Intervals, Permit]]] = {}
        self._stands: dict[tuple[int, str], list[Kin]] = defaultdict(list)
        for k in self.kin:
            self._stands[k.ground, k.nic.subnet].append(k)

    def pairs(self) -> Iterator[tuple[Kin, Kin, FlowResult]]:
        """Every pair of classes that is open or cannot be known; a class of several members also with itself."""
        found: set[tuple[int, int]] = set()
        lanes, odd = self._lanes()
        for target in self.kin:
            row = lanes.get((target.ground, target.nic.subnet))
            if row is None:
                continue
            for source, permit in self._admits(target.nic):
                passage = row.get((source.ground, source.nic.subnet))
                if passage is None or (source is target and source.second is None):
                    continue
                result = self._join(passage, source, target, permit)
                if result is not None:
                    found.add((source.index, target.index))
                    yield source, target, result
        for passage, sources, targets in odd:
            for source, target, result in self._dense(passage, sources, targets):
                found.add((source.index, target.index))
                yield source, target, result
        if self.family == 4:
            for passage, sources, targets in self._public():
                for source, target, result in self._dense(passage, sources, targets):
                    if (source.index, target.index) not in found:
                        yield source, target, result

    def _lanes(
        self,
    ) -> tuple[dict[tuple[int, str], dict[tuple[int, str], Passage]], list[tuple[Passage, list[Kin], list[Kin]]]]:
        """The ways between stands, by target and source: those on which both ends see each other, and the others."""
        plain: dict[tuple[int, str], dict[tuple[int, str], Passage]] = defaultdict(dict)
        odd = []
        for there, targets in self._stands.items():
            for here, sources in self._stands.items():
                pair = _two(sources, targets)
                passage = self.passages.between(*pair) if pair else None
                if passage is None:
                    continue
                if passage.plain:
                    plain[there][here] = passage
                else:
                    odd.append((passage, sources, targets))
        return plain, odd

    def _public(self) -> Iterator[tuple[Passage, list[Kin], list[Kin]]]:
        """Ways to the public addresses of other VPCs, where the private ones lead nowhere."""
        for targets in self._stands.values():
            if not targets[0].nic.public:
                continue
            for sources in self._stands.values():
                if sources[0].nic.vpc == targets[0].nic.vpc:
                    continue
                passage = self.passages.between(sources[0], targets[0], public=True)
                if passage is not None:
                    yield passage, sources, targets

    def _dense(self, passage: Passage, sources: list[Kin], targets: list[Kin]) -> Iterator[tuple[Kin, Kin, FlowResult]]:
        alike = _alike(passage.ingress, sources)
        for target in targets:
            for group in alike:
                permit = self._permit(target.nic, "ingress", passage.ingress, group[0])
                if not permit.maybe:
                    continue
                for source in group:
                    if source is target and source.second is None:
                        continue
                    result = self._join(passage, source, target, permit)
                    if result is not None:
                        yield source, target, result

    def _join(self, passage: Passage, source: Kin, target: Kin, ingress: Permit) -> FlowResult | None:
        """The way and the groups at both ends as one result; None when it is closed for sure."""
        egress = self._permit(source.nic, "egress", passage.egress, target)
        return self._joined_once(passage, egress, ingress, self._node(target))

    def _joined_once(self, passage: Passage, egress: Permit, ingress: Permit, node: Permit) -> FlowResult | None:
        key = (id(passage), id(ingress), id(egress), id(node))
        held = self._joined.get(key)
        if held is None:
            permits = (egress, ingress, node)
            held = self._joined[key] = ((passage, permits), joined(passage.result, permits))
        return held[1]

    def _node(self, target: Kin) -> Permit:
        """What a balancer's node listens to; everything on any other interface."""
        if target.listening is None or self.protocol == "icmp":
            return OPEN
        made = self._permits.get((target.index,))
        if made is None:
            if isinstance(target.listening, Lack):
                made = Permit(EMPTY, ALL_PORTS, lacks=(target.listening.text,))
            else:
                ports = target.listening.get(self.protocol, EMPTY)
                made = Permit(ports, ports)
            self._permits[target.index,] = made
        return made

    def _permit(self, nic: Nic, direction: str, check: Check | None, other: Kin) -> Permit:
        """What the groups of an interface let through from or to a class at the other end."""
        if check is None:
            return OPEN
        held = self._filter(nic, direction)
        if isinstance(held, Permit):
            return held
        told = check.peers or check.doubted
        blank = bool(told) and other.nic.unlabelled
        shown = None if check.peers is None else other.nic.groups & held.refers if told else frozenset()
        key = (nic.groups, direction, check.address, other.spots, shown, check.doubted, blank)
        made = self._permits.get(key)
        if made is None:
            address = check.about(other.nic, self.family)
            doubted = held.refers if blank else other.nic.groups if check.doubted else ()
            peers = other.nic.groups if check.peers else None if shown is None else ()
            permit = held.permit(self.protocol, self.family, address, peers=peers, doubted=doubted)
            made = self._permits[key] = self._one(permit)
        return made

    def _one(self, permit: Permit) -> Permit:
        """One object for all permits of the same ports, so that what they lead to is worked out once."""
        return self._kept.setdefault((permit.sure, permit.maybe, permit.lacks), permit)

    def _filter(self, nic: Nic, direction: str) -> GroupFilter | Permit:
        if nic.groups:
            return self.network.groups(nic.groups, direction)
        if nic.type in UNFILTERED:
            return OPEN
        key = (nic.vpc, nic.subnet, nic.type)
        made = self._permits.get(key)
        if made is None:
            text = f"the security groups of interfaces in {nic.subnet} are not in the snapshot"
            made = self._permits[key] = Permit(EMPTY, ALL_PORTS, lacks=(text,))
        return made

    def _admits(self, nic: Nic) -> list[tuple[Kin, Permit]]:
        """Every class that the groups of an interface may let in when they see it as it is."""
        key = (nic.groups, "" if nic.groups else f"{nic.type} {nic.subnet}")
        made = self._admitted.get(key)
        if made is None:
            held = self._filter(nic, "ingress")
            if isinstance(held, Permit):
                made = [(k, held) for k in self.kin]
            else:
                chosen = self._named(held)
                made = [(k, p) for k in chosen if (p := self._permit(nic, "ingress", PLAIN, k)).maybe]
            self._admitted[key] = made
        return made

    def _named(self, held: GroupFilter) -> list[Kin]:
        """The classes that some rule of a filter names, by a group of theirs or by an address."""
        if held.lacks or held.doubts:
            return self.kin
        chosen = {k.index: k for group in held.refers for k in self._carriers.get(group, ())}
        if held.refers:
            chosen.update((k.index, k) for k in self._blank)
        for low, high in held.cuts[self.family]:
            first, last = bisect_left(self._addresses, low), bisect_right(self._addresses, high)
            if last - first == len(self._placed):
                return self.kin
            chosen.update((k.index, k) for k in self._placed[first:last])
        return list(chosen.values())

    def inward(self, hosts: Hosts) -> Iterator[tuple[Kin, list[Part]]]:
        """What addresses outside can open to each class."""
        for target in self.kin:
            parts = [
                (piece, result)
                for whole, passage in self.passages.inward(target, hosts)
                for piece, permit in self._parts(target.nic, passage.ingress, hosts, whole, "ingress")
                if (result := self._joined_once(passage, OPEN, permit, self._node(target))) is not None
            ]
            if parts:
                yield target, parts

    def outward(self, hosts: Hosts) -> Iterator[tuple[Kin, list[Part]]]:
        """What each class can open to addresses outside."""
        for source in self.kin:
            parts = [
                (piece, result)
                for whole, passage in self.passages.outward(source, hosts)
                for piece, permit in self._parts(source.nic, passage.egress, hosts, whole, "egress")
                if (result := self._joined_once(passage, permit, OPEN, OPEN)) is not None
            ]
            if parts:
                yield source, parts

    def _parts(
        self, nic: Nic, check: Check | None, hosts: Hosts, whole: Intervals, direction: str
    ) -> Iterator[tuple[Intervals, Permit]]:
        """A range cut where the groups of an interface tell its addresses apart."""
        held = self._filter(nic, direction) if check is not None else OPEN
        if isinstance(held, Permit):
            yield whole, held
            return
        assert check is not None
        key = (nic.groups, direction == "egress", check.peers is None)
        made = self._parted.get(key)
        if made is None:
            peers = None if check.peers is None else frozenset[str]()
            pieces = parted(held, self.protocol, self.family, hosts.addresses[self.family], peers)
            made = [(piece, self._one(permit)) for piece, permit in pieces]
            self._parted[key] = made
        for piece, permit in made:
            if both := piece & whole:
                yield both, permit


def parted(
    held: GroupFilter, protocol: str, family: int, whole: Intervals, peers: frozenset[str] | None
) -> Iterator[tuple[Intervals, Permit]]:
    """A range cut into pieces that a filter treats alike."""
    edges = sorted({edge for low, high in held.cuts[family] for edge in (low, high + 1)})
    spans: dict[tuple[Intervals, Intervals, tuple[str, ...]], tuple[Permit, list[tuple[int, int]]]] = {}
    for low, high in whole:
        first, last = bisect_right(edges, low), bisect_right(edges, high)
        starts = [low, *edges[first:last]]
        for start, end in zip(starts, [*(edge - 1 for edge in starts[1:]), high], strict=True):
            permit = held.permit(protocol, family, start, peers=peers)
            if permit.maybe:
                kept = spans.setdefault((permit.sure, permit.maybe, permit.lacks), (permit, []))
                kept[1].append((start, end))
    for permit, pieces in spans.values():
        yield Intervals(pieces), permit


def joined(way: FlowResult, permits: Iterable[Permit]) -> FlowResult | None:
    """A way narrowed by filters; None when nothing is left of it."""
    ports, maybe = way.ports, way.maybe_ports
    missing: tuple[str, ...] = way.missing
    for permit in permits:
        ports, maybe = ports & permit.sure, maybe & permit.maybe
        if permit.sure != permit.maybe:
            missing = (*missing, *permit.lacks)
    if not maybe:
        return None
    return replace(way, ports=ports, maybe_ports=maybe, missing=tuple(dict.fromkeys(missing)))


def _two(sources: list[Kin], targets: list[Kin]) -> tuple[Kin, Kin] | None:
    """A source and a target that are not the same interface."""
    if sources[0] is not targets[0] or sources[0].second is not None:
        return sources[0], targets[0]
    return (sources[0], targets[1]) if len(targets) > 1 else None


def _alike(check: Check | None, sources: list[Kin]) -> list[list[Kin]]:
    """The sources in groups that the groups of a target cannot tell apart on a way."""
    if check is None or (not check.peers and isinstance(check.address, int)):
        return [sources]
    if check.peers:
        return [[source] for source in sources]
    held: dict[object, list[Kin]] = defaultdict(list)
    for source in sources:
        held[source.spots].append(source)
    return list(held.values())
