"""Sets of connections and their exact difference. Never here: how a connection is judged, networks.

A set is a list of blocks: every port of the block, with every client port and every address outside that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fargate_net.model.verdict import Open
from fargate_net.reach.addresses import cidr, is_cidr, ranges
from fargate_net.reach.intervals import ALL_PORTS, Intervals, texts

SIX = 1 << 32
"""IPv6 addresses are counted from here, after all IPv4 ones."""

ANYWHERE = Intervals([(0, SIX + (1 << 128) - 1)])


@dataclass(frozen=True, slots=True)
class Block:
    """Connections of one protocol. ``part`` keeps a row that holds for some tasks or zones only."""

    protocol: str
    ports: Intervals
    client_ports: Intervals
    clients: Intervals
    servers: Intervals
    part: Open | None = None

    def minus(self, other: Block) -> Iterator[Block]:
        """What is left without another block, as blocks that do not overlap."""
        covers = other.part is None or other.part == self.part
        if self.protocol != other.protocol or not covers:
            yield self
            return
        left = self
        for name in ("ports", "client_ports", "clients", "servers"):
            mine, theirs = getattr(left, name), getattr(other, name)
            if beyond_it := mine - theirs:
                yield replace(left, **{name: beyond_it})
            if not (both := mine & theirs):
                return
            left = replace(left, **{name: both})

    def row(self) -> Open:
        """The block as people read it."""
        icmp = self.protocol.startswith("icmp")
        return Open(
            self.protocol,
            () if icmp else texts(self.ports),
            () if icmp else texts(self.client_ports),
            tasks=self.part.tasks if self.part else (),
            zones=self.part.zones if self.part else (),
            clients=_named(self.clients) or (self.part.clients if self.part else ()),
            addresses=_named(self.servers),
        )


def blocks(rows: Iterable[Open]) -> list[Block]:
    """The connections of an answer or a cell."""
    made = []
    for row in rows:
        ranged = all(map(is_cidr, row.clients))
        partial = row if row.tasks or row.zones or not ranged else None
        made.append(
            Block(
                row.protocol,
                _spans(row.ports),
                _spans(row.client_ports),
                _addresses(row.clients) if ranged else ANYWHERE,
                _addresses(row.addresses) if all(map(is_cidr, row.addresses)) else ANYWHERE,
                partial,
            )
        )
    return made


def beyond(more: Sequence[Open], less: Sequence[Open]) -> tuple[Open, ...]:
    """What the first rows allow and the second do not."""
    left = blocks(more)
    for taken in blocks(less):
        left = [piece for block in left for piece in block.minus(taken)]
    return tuple(dict.fromkeys(block.row() for block in left))


def _spans(ports: Iterable[str]) -> Intervals:
    spans = [(int(low), int(high or low)) for low, _, high in (text.partition("-") for text in ports)]
    return Intervals(spans) if spans else ALL_PORTS


def _addresses(names: Sequence[str]) -> Intervals:
    if not names:
        return ANYWHERE
    held = [cidr(name) for name in names]
    return Intervals([(c.low, c.high) if c.family == 4 else (SIX + c.low, SIX + c.high) for c in held])


def _named(held: Intervals) -> tuple[str, ...]:
    if held == ANYWHERE:
        return ()
    four = held & Intervals([(0, SIX - 1)])
    six = Intervals([(low - SIX, high - SIX) for low, high in held - four])
    return (*ranges(4, four), *ranges(6, six))
