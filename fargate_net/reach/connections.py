"""Sets of connections and their exact difference. Never here: how a connection is judged, networks.

A set is a list of blocks: every port of the block, with every client port, address outside, task and zone that it
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from fargate_net.model.verdict import Open
from fargate_net.reach.addresses import cidr, is_cidr, ranges
from fargate_net.reach.intervals import ALL_PORTS, Intervals, spans, texts

SIX = 1 << 32
"""IPv6 addresses are counted from here, after all IPv4 ones."""

ANYWHERE = Intervals([(0, SIX + (1 << 128) - 1)])
FOUR = Intervals([(0, SIX - 1)])

Names = frozenset[str]
ANYONE: Names = frozenset({""})


@dataclass(frozen=True, slots=True)
class Whole:
    """Everybody there is on either side of a difference: what an entry that names nobody means.

    ``outside`` are the addresses of the internet. ``one_family``: an entry speaks about one address family, so those
    that name no address mean the family of those that do.
    """

    callers: Names = frozenset()
    tasks: Names = frozenset()
    zones: Names = frozenset()
    outside: Intervals = ANYWHERE
    one_family: bool = False

    def with_those_in(self, rows: Iterable[Open]) -> Whole:
        """The same with whoever else these rows name; never empty."""
        held = list(rows)
        named = [name for row in held for name in (*row.clients, *row.addresses) if is_cidr(name)]
        outside = self.outside
        if self.one_family and named:
            outside = outside & (ANYWHERE - FOUR if ":" in named[0] else FOUR)
        return replace(
            self,
            outside=outside,
            callers=self.callers.union(*(row.clients for row in held if not _ranged(row))) or ANYONE,
            tasks=self.tasks.union(*(row.tasks for row in held)) or ANYONE,
            zones=self.zones.union(*(row.zones for row in held)) or ANYONE,
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Connections of one protocol: the product of what it names."""

    protocol: str
    ports: Intervals
    client_ports: Intervals
    clients: Intervals
    servers: Intervals
    callers: Names = ANYONE
    tasks: Names = ANYONE
    zones: Names = ANYONE

    def minus(self, other: Block) -> Iterator[Block]:
        """What is left without another block, as blocks that do not overlap."""
        if self.protocol != other.protocol:
            yield self
            return
        left = self
        for dimension in fields(Block)[1:]:
            mine, theirs = getattr(left, dimension.name), getattr(other, dimension.name)
            if beyond_it := mine - theirs:
                yield replace(left, **{dimension.name: beyond_it})
            if not (both := mine & theirs):
                return
            left = replace(left, **{dimension.name: both})

    def row(self, whole: Whole) -> Open:
        """The block as people read it."""
        icmp = self.protocol.startswith("icmp")
        return Open(
            self.protocol,
            () if icmp else texts(self.ports),
            () if icmp else texts(self.client_ports),
            tasks=_listed(self.tasks, whole.tasks),
            zones=_listed(self.zones, whole.zones),
            clients=_named(self.clients, whole) or _listed(self.callers, whole.callers),
            addresses=_named(self.servers, whole),
        )


def blocks(rows: Iterable[Open], whole: Whole) -> list[Block]:
    """The connections of an answer or a cell."""
    return [
        Block(
            row.protocol,
            _spans(row.ports),
            _spans(row.client_ports),
            _addresses(row.clients if _ranged(row) else (), whole),
            _addresses(row.addresses if all(map(is_cidr, row.addresses)) else (), whole),
            whole.callers if _ranged(row) else frozenset(row.clients),
            frozenset(row.tasks) or whole.tasks,
            frozenset(row.zones) or whole.zones,
        )
        for row in rows
    ]


def beyond(more: Sequence[Open], less: Sequence[Open], whole: Whole | None = None) -> tuple[Open, ...]:
    """What the first rows allow and the second do not."""
    whole = (whole or Whole()).with_those_in((*more, *less))
    left = blocks(more, whole)
    for taken in blocks(less, whole):
        left = [piece for block in left for piece in block.minus(taken)]
    return tuple(dict.fromkeys(block.row(whole) for block in left))


def _ranged(row: Open) -> bool:
    """Whether the clients of a row are addresses (or everybody) and not tasks."""
    return all(map(is_cidr, row.clients))


def _listed(held: Names, whole: Names) -> tuple[str, ...]:
    return () if held == whole else tuple(sorted(held))


def _spans(ports: Iterable[str]) -> Intervals:
    return spans(ports) or ALL_PORTS


def _addresses(names: Sequence[str], whole: Whole) -> Intervals:
    if not names:
        return whole.outside
    held = [cidr(name) for name in names]
    by_family = {family: Intervals([(c.low, c.high) for c in held if c.family == family]) for family in (4, 6)}
    return joined(by_family) & whole.outside


def joined(addresses: Mapping[int, Intervals]) -> Intervals:
    """Addresses of both families as one set."""
    six = [(SIX + low, SIX + high) for low, high in addresses.get(6, Intervals())]
    return Intervals([*addresses.get(4, Intervals()), *six])


def _named(held: Intervals, whole: Whole) -> tuple[str, ...]:
    if held == whole.outside:
        return ()
    six = Intervals([(low - SIX, high - SIX) for low, high in held - FOUR])
    return (*ranges(4, held & FOUR), *ranges(6, six))
