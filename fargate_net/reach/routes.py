"""Route tables: which route a packet takes. Never here: what the route's target does with it, filters.

Rules of choice (VPC User Guide, Route tables): the longest prefix wins; between equal destinations a static CIDR route
beats a prefix-list route, which beats a propagated one; the local route beats every propagated route inside it; a
blackhole route that wins drops the packet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.reach.addresses import BITS, UNFORWARDED, Cidr, cidr, is_cidr

LOCAL, STATIC, LISTED, PROPAGATED = range(4)


PREFIXES = {
    "igw": "internet_gateway",
    "nat": "nat_gateway",
    "eigw": "egress_only_gateway",
    "vpce": "vpc_endpoint",
    "pcx": "vpc_peering",
    "tgw": "transit_gateway",
    "vgw": "vpn_gateway",
    "eni": "network_interface",
    "i": "instance",
}


def kind_of(target: str) -> str:
    """The kind of thing a route target is, by its id; ``""`` for what this model has no word for."""
    if target == "local":
        return "local"
    if target.startswith("planned:"):
        return target[len("planned:") :].partition("/")[0]
    return PREFIXES.get(target.partition("-")[0], "")


class Entry(NamedTuple):
    """A route ready to match: its rank among equal destinations, and the range as text."""

    rank: int
    target: str
    state: str
    destination: str
    via_list: str = ""

    @property
    def text(self) -> str:
        """As people read it: ``0.0.0.0/0 to igw-1``."""
        what = f"{self.destination} (of {self.via_list})" if self.via_list else self.destination
        return f"{what} to {self.target}" + ("" if self.state == "active" else f" ({self.state})")


class Table:
    """One route table, compiled. ``main`` says it is the VPC's main table."""

    def __init__(
        self,
        id: str,
        props: RouteTable,
        local: Sequence[str],
        lists: Mapping[str, tuple[Cidr, ...] | None],
    ) -> None:
        """``local`` are the ranges of the VPC; ``lists`` the ranges of prefix lists (None: not known)."""
        self.id = id
        self.vpc = str(props.vpc)
        self.main = props.main
        self._slots: dict[int, dict[int, dict[int, Entry]]] = {4: defaultdict(dict), 6: defaultdict(dict)}
        self.unknown_lists: dict[str, Entry] = {}
        cuts: dict[int, set[tuple[int, int]]] = {4: set(), 6: set()}
        replaced = {str(route.destination) for route in (*props.routes, *props.implied) if route.origin != "propagated"}
        for text in (text for text in local if text not in replaced):
            self._put(cidr(text), Entry(LOCAL, "local", "active", text), cuts)
        for route in (*props.routes, *props.implied):
            self._add(route, lists, cuts)
        self._lengths = {family: sorted(slots, reverse=True) for family, slots in self._slots.items()}
        self.cuts: dict[int, tuple[tuple[int, int], ...]] = {family: tuple(cut) for family, cut in cuts.items()}

    def _add(
        self, route: Route, lists: Mapping[str, tuple[Cidr, ...] | None], cuts: dict[int, set[tuple[int, int]]]
    ) -> None:
        destination, target = str(route.destination), str(route.target)
        if is_cidr(destination):
            rank = LOCAL if target == "local" else PROPAGATED if route.origin == "propagated" else STATIC
            self._put(cidr(destination), Entry(rank, target, route.state, destination), cuts)
            return
        entry = Entry(LISTED, target, route.state, destination, destination)
        members = lists.get(destination)
        if members is None:
            self.unknown_lists[destination] = entry
            return
        for member in members:
            self._put(member, Entry(LISTED, target, route.state, member.text, destination), cuts)

    def _put(self, where: Cidr, entry: Entry, cuts: dict[int, set[tuple[int, int]]]) -> None:
        slot = self._slots[where.family][where.length]
        held = slot.get(where.low)
        if held is None or entry.rank < held.rank:
            slot[where.low] = entry
        cuts[where.family].add((where.low, where.high))

    def lookup(self, family: int, address: int, lists: Iterable[str] = ()) -> Entry | None:
        """The route for an address, None when there is none.

        ``lists`` are prefix lists known to hold the address although their ranges may not be known.
        """
        for held in lists:
            if held in self.unknown_lists:
                return self.unknown_lists[held]
        bits, slots = BITS[family], self._slots[family]
        if any(low <= address <= high for low, high in UNFORWARDED[family]):
            return None
        best: Entry | None = None
        for length in self._lengths[family]:
            entry = slots[length].get(address >> (bits - length) << (bits - length))
            if entry is None:
                continue
            if entry.rank == LOCAL:
                return entry
            if best is None:
                best = entry
                if entry.rank != PROPAGATED:
                    break
        return best
