"""All pairs: classes of interfaces that no rule tells apart, and what each class can open to each other one.

A row says what the members of one class can open to the members of another by the addresses a single question would
use. Never here: a second set of rules; interfaces are judged by the same filters and ways as single questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.verdict import Cell, InterfaceClass, Matrix, Open
from fargate_net.reach.addresses import ranges
from fargate_net.reach.attached import resting
from fargate_net.reach.intervals import EPHEMERAL, Intervals, texts
from fargate_net.reach.kinship import Kin, kin_of, nodes_of
from fargate_net.reach.network import Network
from fargate_net.reach.outside import EVERYWHERE, internet
from fargate_net.reach.pairing import Pairing, Part
from fargate_net.reach.spread import Hosts
from fargate_net.reach.walk import FlowResult

INTERNET = "internet"
PROTOCOLS = ("tcp", "udp", "icmp")

Rows = tuple[tuple[Open, ...], tuple[str, ...], tuple[str, ...]]
"""What is open, why something is not known, and what was assumed."""

Outer = tuple[int, list[tuple[Rows, Intervals]]]
"""A family, and its rows with the addresses on the internet they hold for."""


def matrix(network: Network) -> Matrix:
    """Every class of interfaces, and every pair of classes that is open or cannot be known.

    The internet stands on both sides as a class without members. Each class of two or more members is paired with
    itself as well.
    """
    kin = kin_of(network)
    inside: dict[tuple[int, int], list[FlowResult]] = defaultdict(list)
    inward: dict[int, list[Outer]] = defaultdict(list)
    outward: dict[int, list[Outer]] = defaultdict(list)
    beyond = internet(network)
    for family in (4, 6):
        for protocol in PROTOCOLS:
            pairing = Pairing(network, kin, protocol, family)
            for source, target, result in pairing.pairs():
                inside[source.index, target.index].append(result)
            for one, parts in pairing.inward(beyond):
                inward[one.index].append(_parts(parts, family))
            for one, parts in pairing.outward(beyond):
                outward[one.index].append(_parts(parts, family))
    return _drawn(network, kin, beyond, inside, inward, outward)


def _drawn(
    network: Network,
    kin: Sequence[Kin],
    beyond: Hosts,
    inside: dict[tuple[int, int], list[FlowResult]],
    inward: dict[int, list[Outer]],
    outward: dict[int, list[Outer]],
) -> Matrix:
    services = {k.index: _services(network, k) for k in kin}
    belongs = _belongings(network, kin)
    order = sorted(kin, key=lambda k: (not services[k.index], services[k.index], k.nic.vpc, k.nic.subnet, k.members[0]))
    names = {k.index: f"c{number}" for number, k in enumerate(order, 1)}
    classes = (
        InterfaceClass(INTERNET, ()),
        *(
            InterfaceClass(
                names[k.index],
                tuple(k.members),
                k.nic.subnet,
                tuple(sorted(k.nic.groups)),
                services[k.index],
                tuple(sorted({belongs[member] for member in k.members if member in belongs})),
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
        cells.append(((0, rank[index]), INTERNET, names[index], _named(held, kin[index], beyond, inward=True)))
    for index, held in outward.items():
        cells.append(((rank[index], 0), names[index], INTERNET, _named(held, kin[index], beyond, inward=False)))
    cells.sort(key=lambda cell: cell[0])
    assumed = dict.fromkeys(text for _, _, _, rows in cells for text in rows[2])
    made = tuple(
        Cell(source, target, rows[0], "; ".join(rows[1])) for _, source, target, rows in cells if rows[0] or rows[1]
    )
    opened = {cell.target for cell in made if cell.open}
    nodes = {belongs[k.members[0]] for k in kin if k.listening is not None and names[k.index] in opened}
    said = [f"a target answers behind {name}: ask about {name} to know" for name in sorted(nodes)]
    return Matrix(classes, made, (*assumed, *said))


def _services(network: Network, kin: Kin) -> tuple[str, ...]:
    tasks = (network.task_of.get(member) for member in kin.members)
    return tuple(sorted({task.props.service for task in tasks if task is not None and task.props.service}))


def _belongings(network: Network, kin: Iterable[Kin]) -> dict[str, str]:
    """What interfaces that are no tasks belong to: a balancer, an endpoint of an AWS service, a NAT gateway.

    For those behind which nothing runs it says why.
    """
    held = {member: resting(network, member) for k in kin if k.resting for member in k.members}
    for nat in network.snapshot.of(NatGateway).values():
        held.update(dict.fromkeys(nat.props.interfaces, nat.id))
    for endpoint in network.snapshot.of(VpcEndpoint).values():
        name = ".".join(endpoint.props.service.split(".")[3:]) or endpoint.props.service
        held.update(dict.fromkeys(endpoint.props.interfaces, f"aws:{name}"))
    for member, (balancer, _) in nodes_of(network).items():
        held[member] = f"lb/{network.snapshot.of(LoadBalancer)[balancer].props.name}"
    return held


def _rows(result: FlowResult) -> Rows:
    """One result: the open sockets, and why more of them might be open."""
    opened: tuple[Open, ...] = ()
    certain = bool(result.clients & result.wanted)
    if result.ports and certain:
        icmp = result.protocol == "icmp"
        ports, back = texts(result.ports), texts(result.clients & EPHEMERAL)
        opened = (Open(result.protocol, () if icmp else ports, () if icmp else back),)
    sure = certain and result.maybe_ports <= result.ports and result.maybe_clients & result.wanted <= result.clients
    return opened, () if sure else result.missing, result.assumptions


def _merged(rows: Iterable[Rows]) -> Rows:
    opened: dict[Open, None] = {}
    unknown: dict[str, None] = {}
    assumed: dict[str, None] = {}
    for sockets, reasons, assumptions in rows:
        opened.update(dict.fromkeys(sockets))
        unknown.update(dict.fromkeys(reasons))
        assumed.update(dict.fromkeys(assumptions))
    return tuple(sorted(opened, key=_order)), tuple(unknown), tuple(assumed)


def _order(row: Open) -> tuple[int, int]:
    first = row.ports[0].partition("-")[0] if row.ports else "0"
    return PROTOCOLS.index(row.protocol), int(first)


def _parts(parts: Iterable[Part], family: int) -> Outer:
    """Results for parts of the internet, those with the same sockets as one."""
    shared: dict[Rows, list[tuple[int, int]]] = defaultdict(list)
    for piece, result in parts:
        shared[_rows(result)].extend(piece.spans)
    return family, [(rows, Intervals(spans)) for rows, spans in shared.items()]


def _named(held: Sequence[Outer], kin: Kin, hosts: Hosts, *, inward: bool) -> Rows:
    """What a class and the internet can open: addresses are named unless all that the class can talk to are meant."""
    families = [family for family in (4, 6) if kin.nic.address(family) is not None]
    whole = {
        (family, row)
        for family, parts in held
        for (opened, _, _), spans in parts
        for row in opened
        if spans == hosts.addresses[family]
    }
    made = []
    for family, parts in held:
        for (opened, unknown, assumed), spans in parts:
            sockets = []
            for row in opened:
                names: tuple[str, ...] = ()
                if not all((other, row) in whole for other in families):
                    every = (family, row) in whole
                    names = (EVERYWHERE[family],) if every else ranges(family, spans)
                sockets.append(replace(row, clients=names) if inward else replace(row, addresses=names))
            made.append((tuple(sockets), unknown, assumed))
    return _merged(made)
