"""All pairs: classes of interfaces that no rule tells apart, and what each class can open to each other one.

A row says what the members of one class can open to the members of another by the addresses a single question would
use. Never here: a second set of rules; interfaces are judged by the same filters and ways as single questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fargate_net.model.verdict import Cell, InterfaceClass, Matrix, Open
from fargate_net.reach.addresses import ranges
from fargate_net.reach.intervals import EPHEMERAL, Intervals, texts
from fargate_net.reach.kinship import Kin, kin_of
from fargate_net.reach.network import Network
from fargate_net.reach.outside import internet
from fargate_net.reach.pairing import Pairing, Part
from fargate_net.reach.spread import Hosts
from fargate_net.reach.walk import FlowResult

INTERNET = "internet"
PROTOCOLS = ("tcp", "udp", "icmp")

Rows = tuple[tuple[Open, ...], tuple[str, ...], tuple[str, ...]]
"""What is open, why something is not known, and what was assumed."""


def matrix(network: Network) -> Matrix:
    """Every class of interfaces, and every pair of classes that is open or cannot be known.

    The internet stands on both sides as a class without members. Each class of two or more members is paired with
    itself as well.
    """
    kin = kin_of(network)
    inside: dict[tuple[int, int], list[FlowResult]] = defaultdict(list)
    inward: dict[int, list[Rows]] = defaultdict(list)
    outward: dict[int, list[Rows]] = defaultdict(list)
    beyond = internet(network)
    for family in (4, 6):
        for protocol in PROTOCOLS:
            pairing = Pairing(network, kin, protocol, family)
            for source, target, result in pairing.pairs():
                inside[source.index, target.index].append(result)
            for one, parts in pairing.inward(beyond):
                inward[one.index].append(_parts(parts, beyond, family, inward=True))
            for one, parts in pairing.outward(beyond):
                outward[one.index].append(_parts(parts, beyond, family, inward=False))
    return _drawn(network, kin, inside, inward, outward)


def _drawn(
    network: Network,
    kin: Sequence[Kin],
    inside: dict[tuple[int, int], list[FlowResult]],
    inward: dict[int, list[Rows]],
    outward: dict[int, list[Rows]],
) -> Matrix:
    services = {k.index: _services(network, k) for k in kin}
    order = sorted(kin, key=lambda k: (not services[k.index], services[k.index], k.nic.vpc, k.nic.subnet, k.members[0]))
    names = {k.index: f"c{number}" for number, k in enumerate(order, 1)}
    classes = (
        InterfaceClass(INTERNET, ()),
        *(
            InterfaceClass(
                names[k.index], tuple(k.members), k.nic.subnet, tuple(sorted(k.nic.groups)), services[k.index]
            )
            for k in order
        ),
    )
    known: dict[tuple[int, ...], Rows] = {}
    cells: list[tuple[tuple[int, int], str, str, Rows]] = []
    rank = {k.index: number for number, k in enumerate(order, 1)}
    for (source, target), results in inside.items():
        key = tuple(map(id, results))
        rows = known.get(key)
        if rows is None:
            rows = known[key] = _merged([_rows(result) for result in results])
        cells.append(((rank[source], rank[target]), names[source], names[target], rows))
    for index, held in inward.items():
        cells.append(((0, rank[index]), INTERNET, names[index], _merged(held)))
    for index, held in outward.items():
        cells.append(((rank[index], 0), names[index], INTERNET, _merged(held)))
    cells.sort(key=lambda cell: cell[0])
    assumed = dict.fromkeys(text for _, _, _, rows in cells for text in rows[2])
    made = tuple(
        Cell(source, target, rows[0], "; ".join(rows[1])) for _, source, target, rows in cells if rows[0] or rows[1]
    )
    return Matrix(classes, made, tuple(assumed))


def _services(network: Network, kin: Kin) -> tuple[str, ...]:
    tasks = (network.task_of.get(member) for member in kin.members)
    return tuple(sorted({task.props.service for task in tasks if task is not None and task.props.service}))


def _rows(result: FlowResult, clients: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> Rows:
    """One result: the open sockets, and why more of them might be open."""
    opened: tuple[Open, ...] = ()
    certain = bool(result.clients & result.wanted)
    if result.ports and certain:
        ports, back = (
            (texts(result.ports), texts(result.clients & EPHEMERAL)) if result.protocol != "icmp" else ((), ())
        )
        opened = (Open(result.protocol, ports, back, clients=clients, addresses=addresses),)
    sure = certain and result.maybe_ports <= result.ports and result.maybe_clients & result.wanted <= result.clients
    return opened, () if sure else result.missing, result.assumptions


def _merged(rows: Iterable[Rows]) -> Rows:
    held = list(rows)
    opened, unknown, assumed = (tuple(dict.fromkeys(item for row in held for item in row[n])) for n in range(3))
    return tuple(sorted(opened, key=_order)), unknown, assumed  # type: ignore[return-value,arg-type]


def _order(row: Open) -> tuple[int, int]:
    first = row.ports[0].partition("-")[0] if row.ports else "0"
    return PROTOCOLS.index(row.protocol), int(first)


def _parts(parts: Iterable[Part], hosts: Hosts, family: int, *, inward: bool) -> Rows:
    """Results for parts of the internet; the addresses are named unless they are all there are."""
    shared: dict[Rows, list[tuple[int, int]]] = defaultdict(list)
    for piece, result in parts:
        shared[_rows(result)].extend(piece.spans)
    made = []
    for (opened, unknown, assumed), spans in shared.items():
        held = Intervals(spans)
        names = () if held == hosts.addresses[family] else ranges(family, held)
        named = tuple(
            Open(
                row.protocol,
                row.ports,
                row.client_ports,
                clients=names if inward else (),
                addresses=() if inward else names,
            )
            for row in opened
        )
        made.append((named, unknown, assumed))
    return _merged(made)
