"""Many connections at once: every pair of two groups of ends. Never here: verdicts.

A range of addresses is judged by one of its members; the ranges that member was compared with say exactly for which
others the result holds, and the rest is judged again. Interfaces of one shape share results the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fargate_net.reach.addresses import is_cidr, ranges
from fargate_net.reach.interfaces import Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult, Point


@dataclass(frozen=True)
class Hosts:
    """Addresses outside every known interface, by family.

    ``name`` is what people call them and ``range`` what a rule about all of them would name, by family. ``lists`` are
    prefix lists known to hold them. ``vague`` says why it is not known which of the addresses it will be: then only a
    result that holds for all of them counts.
    """

    addresses: dict[int, Intervals]
    name: str
    range: dict[int, str]
    lists: tuple[str, ...] = ()
    vague: str = ""


@dataclass(frozen=True)
class Holder:
    """An interface as an end: how to call it, and whether it is addressed by its public address.

    ``address`` is the one that was asked for, in its ``family``; without it any of the interface's will do.
    """

    nic: Nic
    label: str
    public: bool = False
    family: int = 0
    address: int | None = None


End = Hosts | Holder


@dataclass(frozen=True)
class Pair:
    """The result of one connection: who opened it (a label or ranges), to whom, through a node in which zone.

    ``vague`` is set when one end is a range of which not every address may be meant; ``outside`` when the server is a
    range; ``source`` is the opener as it was followed.
    """

    client: tuple[str, ...]
    server: tuple[str, ...]
    result: FlowResult
    zone: str = ""
    vague: str = ""
    source: Point | None = None
    outside: bool = False


Asked = tuple[Intervals, bool]
"""The ports of interest, and whether none in particular was asked."""


class Spread:
    """Follows pairs of ends in one network, reusing results among interfaces of one shape."""

    def __init__(self, network: Network, protocol: str, family: int, asked: Asked) -> None:
        self.network = network
        self.protocol = protocol
        self.family = family
        self.asked = asked
        self._known: dict[tuple[object, ...], list[tuple[tuple[int, ...], FlowResult]]] = {}

    def pairs(self, sources: Sequence[End], targets: Sequence[End]) -> Iterator[Pair]:
        """Every pair of this family. An end without address of the family takes no part."""
        for source in sources:
            for target in targets:
                if isinstance(source, Holder) and isinstance(target, Holder):
                    yield from self._holders(source, target)
                else:
                    yield from self._range(source, target)

    def _holders(self, source: Holder, target: Holder) -> Iterator[Pair]:
        one, two = point(source, self.family), point(target, self.family)
        if one is None or two is None:
            return
        yield Pair((source.label,), (target.label,), self._shared(one, two), source=one)

    def _shared(self, source: Point, target: Point) -> FlowResult:
        """The result of an earlier pair of the same shapes when every comparison it made comes out the same."""
        assert source.nic is not None
        assert target.nic is not None
        own = target.nic.holds(self.family, target.address)
        key = (source.nic.shape, target.nic.shape, source.nic is target.nic, own, target.exact)
        marks = _marks(source, target, self.family)
        for old, result in self._known.get(key, ()):
            if _alike(result, old, marks):
                return result
        result = self.follow(source, target)
        self._known.setdefault(key, []).append((marks, result))
        return result

    def follow(self, source: Point, target: Point) -> FlowResult:
        """One connection, for what this spread asks."""
        asked, whole = self.asked
        return flow(self.network, source, target, self.protocol, asked=asked, whole=whole)

    def one(self, source: Point, target: Point) -> FlowResult:
        """One connection, shared when both ends are interfaces."""
        if source.nic is None or target.nic is None:
            return self.follow(source, target)
        return self._shared(source, target)

    def _range(self, source: End, target: End) -> Iterator[Pair]:
        """One end is a range, or both: then the source stands for one of its addresses."""
        if isinstance(source, Hosts) and isinstance(target, Hosts):
            held = source.addresses.get(self.family)
            if held:
                sample = _sample(source, self.family, held.first)
                for names, result, _ in pieces(target, self.family, lambda end: self.follow(sample, end)):
                    yield Pair((source.name,), names, result, source=sample, outside=True)
        elif isinstance(source, Hosts) and isinstance(target, Holder):
            there = point(target, self.family)
            if there is not None:
                for names, result, end in pieces(source, self.family, lambda end: self.follow(end, there)):
                    yield Pair(names, (target.label,), result, vague=source.vague, source=end)
        elif isinstance(source, Holder) and isinstance(target, Hosts):
            here = point(source, self.family)
            if here is not None:
                for names, result, _ in pieces(target, self.family, lambda end: self.follow(here, end)):
                    yield Pair((source.label,), names, result, vague=target.vague, source=here, outside=True)


def pieces(
    hosts: Hosts, family: int, follow: Callable[[Point], FlowResult]
) -> Iterator[tuple[tuple[str, ...], FlowResult, Point]]:
    """A range cut into pieces of one result each: how to call the piece, the result, the address that was followed."""
    whole = left = hosts.addresses.get(family, Intervals())
    while left:
        sample = _sample(hosts, family, left.first)
        result = follow(sample)
        piece = cell(left, left.first, result)
        names = (hosts.name,) if piece == whole else ranges(family, piece)
        if result.blockers and piece != whole and is_cidr(sample.range):
            one = names[0] if len(names) == 1 else ""
            sample = replace(sample, name=one or f"the rest of {hosts.name}", range=one or sample.range)
            result = follow(sample)  # once more, to call the refused by their name
        yield names, result, sample
        left = left - piece


def _sample(hosts: Hosts, family: int, address: int) -> Point:
    return Point(family, address, None, hosts.lists, hosts.name, hosts.range.get(family, ""))


def point(holder: Holder, family: int) -> Point | None:
    """The address an end uses in a family; None when it has none."""
    nic = holder.nic
    if holder.address is not None:
        return Point(family, holder.address, nic, exact=not holder.public) if family == holder.family else None
    if holder.public and family == 4:
        return Point(4, next(iter(nic.public.values())), nic) if nic.public else None
    address = nic.address(family)
    return None if address is None else Point(family, address, nic)


def speaks(end: End, family: int) -> bool:
    """Whether an end has an address of the family."""
    return bool(end.addresses.get(family)) if isinstance(end, Hosts) else point(end, family) is not None


def cell(within: Intervals, mark: int, result: FlowResult) -> Intervals:
    """The addresses of the range that no comparison of the result tells from the mark."""
    piece = within
    for address, cuts in result.consulted:
        if address != mark:
            continue
        for low, high in cuts:
            cut = Intervals([(low, high)])
            piece = piece & cut if low <= mark <= high else piece - cut
    return piece


def _marks(source: Point, target: Point, family: int) -> tuple[int, ...]:
    """The addresses of a pair that rules may see: own and public ones, in a fixed order."""
    marks: list[int] = []
    for end in (source, target):
        assert end.nic is not None
        marks.append(end.address)
        if family == 4:
            marks.append(next(iter(end.nic.public.values()), end.address))
            marks.append(end.nic.address(4) or 0)
    return tuple(marks)


def _alike(result: FlowResult, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    twins = dict(zip(old, new, strict=True))
    for address, cuts in result.consulted:
        twin = twins.get(address)
        if twin is None or twin == address:
            continue
        if any((low <= address <= high) != (low <= twin <= high) for low, high in cuts):
            return False
    return True
