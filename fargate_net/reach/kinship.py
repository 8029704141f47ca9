"""Which interfaces no rule can tell apart. Never here: what they can reach.

Everything a verdict depends on is the subnet of an interface with its route table and network ACL, its security
groups, its type, whether anything runs behind it, and where its addresses lie among the ranges that rules name. Ranges
of one family are nested or apart, so the innermost one around an address tells for every range whether it holds the
address.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.transit_gateway import TransitGatewayAttachment, TransitGatewayRouteTable
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.reach.addresses import INTERNET, PRIVATE_4, SPECIAL_4, cidr, is_cidr
from fargate_net.reach.attached import resting
from fargate_net.reach.balancers import TRANSPORTS, balancers_of
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network

Ranges = set[tuple[int, int]]

Spots = tuple[int, int, int, bool, int]

RESOLVER = 2
"""The resolver answers at the base of a VPC's range plus two (VPC User Guide, DNS attributes for your VPC)."""


class Nest:
    """Nested ranges of one family: finds the innermost one around an address."""

    def __init__(self, ranges: Ranges) -> None:
        """The whole space, outside every range, is number 0."""
        self._starts, self._innermost = [0], [0]
        open_: list[tuple[int, int]] = [(1 << 128, 0)]
        for number, (low, high) in enumerate(sorted(ranges, key=lambda r: (r[0], -r[1])), 1):
            self._close(open_, low)
            self._starts.append(low)
            self._innermost.append(number)
            open_.append((high, number))
        self._close(open_, 1 << 128)

    def _close(self, open_: list[tuple[int, int]], until: int) -> None:
        while open_[-1][0] < until:
            end, _ = open_.pop()
            self._starts.append(end + 1)
            self._innermost.append(open_[-1][1])

    def around(self, address: int) -> int:
        """The number of the innermost range that holds the address."""
        return self._innermost[bisect_right(self._starts, address) - 1]


@dataclass(slots=True, eq=False)
class Kin:
    """Interfaces that no rule can tell apart.

    ``ground`` numbers what counts on the way apart from security groups: kin of one ground take the same ways.
    ``lie`` and ``spots`` number where their addresses are among the ranges that routes and network ACLs, and that
    security groups name. ``listening`` are the ports on which a balancer's node takes connections, by protocol; None
    when it is no node. ``resting``: nobody sends or answers there.
    """

    index: int
    ground: int
    nic: Nic
    members: list[str]
    lie: Spots
    spots: Spots
    second: Nic | None = None
    listening: dict[str, Intervals] | Lack | None = None
    resting: bool = False


def kin_of(network: Network) -> list[Kin]:
    """Every interface of the network in exactly one class, ordered by their first members."""
    numbers: dict[object, int] = {}
    roads = {family: Nest(_roads(network, family)) for family in (4, 6)}
    walls = {family: Nest(_walls(network, family)) for family in (4, 6)}
    own = _subnets_with_a_say(network)
    grounds: dict[str, tuple[object, ...]] = {}
    nodes = nodes_of(network)
    held: dict[tuple[object, ...], Kin] = {}
    for nic in sorted(network.nics.values(), key=lambda nic: nic.id):
        base = grounds.get(nic.subnet)
        if base is None:
            base = grounds[nic.subnet] = _ground(network, nic, own)
        balancer, nic = nodes.get(nic.id, ("", nic))
        lie, spots = _spots(nic, roads), _spots(nic, walls)
        number = numbers.setdefault((base, nic.type, nic.clients, lie), len(numbers))
        rests = bool(resting(network, nic.id))
        key = (number, nic.subnet, nic.groups, spots, balancer, rests)
        kin = held.get(key)
        if kin is None:
            kin = held[key] = Kin(len(held), number, nic, [nic.id], lie, spots, resting=rests)
            kin.listening = _listening(network, balancer) if balancer else None
        else:
            kin.members.append(nic.id)
            kin.second = kin.second or nic
    return list(held.values())


def _spots(nic: Nic, nests: dict[int, Nest]) -> Spots:
    """Where the addresses of an interface lie: private, translated, first public, whether those are one, IPv6."""
    four, six = nests[4].around, nests[6].around
    private = nic.v4[0] if nic.v4 else None
    translated = nic.public.get(private) if private is not None else None
    first = next(iter(nic.public.values()), None)
    return (
        -1 if private is None else four(private),
        -1 if translated is None else four(translated),
        -1 if first is None else four(first),
        translated == first,
        six(nic.v6[0]) if nic.v6 else -1,
    )


def _ground(network: Network, nic: Nic, own: set[str]) -> tuple[object, ...]:
    table, acl = network.table(nic.subnet, nic.vpc), network.acl(nic.subnet, nic.vpc)
    doubtful = isinstance(table, Lack) or isinstance(acl, Lack)
    alone = nic.subnet if doubtful or nic.subnet in own else ""
    return (
        nic.vpc,
        nic.zone,
        "" if isinstance(table, Lack) else table.id,
        "" if isinstance(acl, Lack) else acl.id,
        alone,
    )


def _subnets_with_a_say(network: Network) -> set[str]:
    """Subnets that count as themselves: a gateway stands there, an exclusion names them, their range is public."""
    named = {str(nat.props.subnet) for nat in network.snapshot.of(NatGateway).values()}
    for attachment in network.snapshot.of(TransitGatewayAttachment).values():
        named.update(map(str, attachment.props.subnets or ()))
    switch = network.block_public_access
    if not isinstance(switch, Lack):
        named.update(exclusion.resource for exclusion in switch.exclusions)
    for key, subnet in network.snapshot.of(Subnet).items():
        if subnet.props.cidr:
            held = cidr(subnet.props.cidr)
            if not Intervals([(held.low, held.high)]) <= PRIVATE_4:
                named.add(key)
    return named


def _roads(network: Network, family: int) -> Ranges:
    """Every range that routes, network ACLs and gateways compare addresses with."""
    named: Ranges = set(INTERNET[family].spans) if family == 6 else {*PRIVATE_4.spans, *SPECIAL_4.spans}
    for key in network.snapshot.of(RouteTable):
        table = network.table_by_id(key)
        if not isinstance(table, Lack):
            named.update(table.cuts[family])
    subnets = {key: str(subnet.props.vpc) for key, subnet in network.snapshot.of(Subnet).items()}
    subnets.update((nic.subnet, nic.vpc) for nic in network.nics.values())
    for acl in {network.acl(subnet, vpc) for subnet, vpc in subnets.items()}:
        if not isinstance(acl, Lack):
            named.update(acl.cuts[family])
    named.update(_texts(_connections(network), family))
    if family == 4:
        bases = [cidr(vpc.props.cidrs[0]).low for vpc in network.snapshot.of(Vpc).values() if vpc.props.cidrs]
        named.update((base + RESOLVER, base + RESOLVER) for base in bases)
    return named


def _connections(network: Network) -> Iterator[str]:
    """Ranges of VPCs, of the sides of peerings, and of transit gateway routes."""
    for vpc in network.snapshot.of(Vpc).values():
        yield from (*vpc.props.cidrs, *vpc.props.ipv6_cidrs)
    for pcx in network.snapshot.of(VpcPeering).values():
        for side in (pcx.props.requester, pcx.props.accepter):
            yield from (*side.cidrs, *side.ipv6_cidrs)
    for table in network.snapshot.of(TransitGatewayRouteTable).values():
        yield from (route.destination for route in table.props.routes or () if is_cidr(route.destination))


def _texts(texts: Iterable[str], family: int) -> Iterator[tuple[int, int]]:
    for held in map(cidr, texts):
        if held.family == family:
            yield held.low, held.high


def _walls(network: Network, family: int) -> Ranges:
    """Every range that the security groups in use name; no list of AWS holds private addresses."""
    named: Ranges = set(PRIVATE_4.spans) if family == 4 else set()
    for groups in {nic.groups for nic in network.nics.values()}:
        for direction in ("ingress", "egress"):
            named.update(network.groups(groups, direction).cuts[family])
    return named


def nodes_of(network: Network) -> dict[str, tuple[str, Nic]]:
    """The balancer of each interface that is a node of one, and the node as the balancer shows it."""
    balancers = balancers_of(network)
    return {
        nic.id: (key, nic)
        for key, balancer in network.snapshot.of(LoadBalancer).items()
        for nic in balancers.nodes(balancer)
        if nic.id in network.nics
    }


def _listening(network: Network, balancer: str) -> dict[str, Intervals] | Lack:
    listeners = balancers_of(network).listeners(network.snapshot.of(LoadBalancer)[balancer])
    if isinstance(listeners, Lack):
        return listeners
    ports: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for listener in listeners:
        for transport in TRANSPORTS.get(listener.props.protocol, ()):
            ports[transport].append((listener.props.port, listener.props.port))
    return {protocol: Intervals(spans) for protocol, spans in ports.items()}
