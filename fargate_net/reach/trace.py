"""One connection followed hop by hop: the request, then its reply, on sets of ports.

Never here: endpoints as people write them, load balancers, names.
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.reach import addresses, gateways, internet, resolver, ways
from fargate_net.reach.crossing import (
    certain,
    enter_interface,
    enter_subnet,
    leave_interface,
    leave_subnet,
)
from fargate_net.reach.identity import any_group, unlabelled, visible
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import ALL_PORTS, EPHEMERAL, Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.places import Place
from fargate_net.reach.replies import reply_route, usual_ports
from fargate_net.reach.routes import STATIC, Entry, kind_of
from fargate_net.reach.walk import FlowResult, Gate, Packet, Point, Walk

PASSIVE = frozenset({"vpc_endpoint", "gateway_load_balancer_endpoint"})
"""Interface types that never open a connection (AWS PrivateLink Guide, Interface endpoints)."""


def flow(
    network: Network,
    source: Point,
    target: Point,
    protocol: str,
    *,
    asked: Intervals = ALL_PORTS,
    whole: bool = True,
    wanted: Intervals | None = None,
    behind: Point | None = None,
    lost: frozenset[str] = frozenset(),
    gates: dict[str, Gate] | None = None,
) -> FlowResult:
    """Follow one connection attempt and its reply.

    ``protocol`` is ``tcp``, ``udp`` or ``icmp`` (an echo). ``asked`` are the destination ports of interest;
    ``whole`` says that none was. ``wanted`` are the client ports replies must come back to; by default those
    the initiator chooses from. ``behind`` is the client whose address a load balancer keeps: ``source`` is then the
    balancer's node that sends on its behalf. ``lost`` are groups of a client that such a node hides.
    ``gates`` leaves security groups out of the result and collects what they would be asked, by direction.
    Both points are of one address family.
    """
    if wanted is None:
        wanted = source.nic.clients if source.nic is not None else EPHEMERAL
    client = behind or source
    walk = Walk(network, protocol, source.family, (client, target), asked, whole, wanted, gates=gates)
    packet = Packet(client.address, target.address, target, source.nic.groups if source.nic else frozenset(), lost)
    nic = source.nic
    if nic is not None and nic.unlabelled:
        packet.doubted, packet.doubt = any_group(network), unlabelled(nic)
    if behind is not None:
        packet.home = ""
    if nic is not None and nic is target.nic and nic.holds(target.family, target.address) and behind is None:
        walk.meet("127.0.0.1" if target.family == 4 else "::1", "loopback", "", "stays on the interface")
    elif nic is not None:
        _depart(walk, packet, nic)
    elif target.nic is not None:
        _arrive(walk, packet, target.nic)
    else:
        walk.lack("neither end is part of the known network")
    walk.reply()
    if nic is not None and behind is None and nic.id not in network.task_of:
        usual_ports(walk, nic.clients)
    return walk.result()


def _depart(walk: Walk, packet: Packet, nic: Nic) -> None:
    """From an interface: its groups, its subnet, then wherever the route leads."""
    if resolver.answers(walk, packet, nic):
        return
    if nic.type in PASSIVE:
        walk.block(
            "VPCE_INTRA_VPC_TRAFFIC",
            nic.id,
            "",
            f"{nic.id} belongs to an endpoint, which opens no connections",
            "Ask from an interface that opens connections.",
        )
    target = packet.target.nic
    doubt = unlabelled(target) if target is not None and target.unlabelled else ""
    leave_interface(walk, nic, packet, *visible(walk, nic, packet), doubt)
    direct = target is not None and target.holds(walk.family, packet.to)
    if direct and target is not None and target.subnet == nic.subnet:
        enter_interface(walk, target, packet)
        return
    if not direct and walk.network.in_subnet(nic.subnet, walk.family, packet.to):
        _nobody(walk, nic.vpc, packet.to)
        return
    leave_subnet(walk, nic.subnet, nic.vpc, packet)
    travel(walk, packet, nic.vpc, nic.subnet, nic, nat=False)


def travel(walk: Walk, packet: Packet, vpc: str, subnet: str, nic: Nic | None, *, nat: bool) -> None:
    """From the border of a subnet along its route table.

    ``nic`` is who sends here: the interface itself, that of a NAT gateway (``nat``), or None behind a transit gateway.
    """
    network = walk.network
    table = network.table(subnet, vpc)
    if isinstance(table, Lack):
        walk.lack(table.text)
        return
    if table.id + subnet in walk.visited:
        walk.block(
            "NO_POSSIBLE_DESTINATION",
            table.id,
            "",
            f"{table.id} sends the packet in a circle through {subnet}",
            f"Route {walk.range_of(packet.to)} in {table.id} to an internet gateway, or use a NAT gateway elsewhere.",
        )
        return
    walk.visited.append(table.id + subnet)
    walk.compare(packet.to, table.cuts[walk.family])
    how = f"{table.id} ({network.choice(subnet)} table of {subnet})"
    entry = table.lookup(walk.family, packet.to, packet.target.lists)
    if not certain(walk, table, entry, packet.to, packet.target.lists):
        return
    where = walk.label(packet.to)
    place = Place(vpc, subnet, table.id, nic)
    if entry is None or entry.state != "active":
        code, detail = "NO_ROUTE_TO_DESTINATION", f"{how} has no route to {where}"
        if packet.to in addresses.UNFORWARDED[walk.family]:
            detail = f"{how} forwards nothing to {where}, which AWS keeps for its own services"
        if entry is not None:
            code, detail = "BAD_STATE_ROUTE", f"{how} sends {where} along {entry.text}, which is a blackhole"
        rule = entry.text if entry is not None else ""
        walk.meet(table.id, "route_table", rule, "blocks")
        walk.block(
            code,
            table.id,
            rule,
            detail,
            ways.route(network, place, walk.family, packet.to, walk.range_of(packet.to), entry),
        )
        if walk.gates is not None or not (target := ways.onward(network, place, walk.family, packet.to)):
            return
        entry = Entry(STATIC, target, "active", walk.range_of(packet.to))  # as if the missing route were there
    else:
        walk.meet(table.id, "route_table", entry.text, "routes")
    kind = kind_of(entry.target)
    if kind == "local":
        _deliver(walk, packet, vpc, subnet)
    elif kind == "internet_gateway":
        internet.leave(walk, packet, entry.target, vpc, subnet, table.id, nic, nat)
    elif kind == "egress_only_gateway":
        internet.leave_egress_only(walk, packet, entry.target, vpc, subnet)
    else:
        gateways.leave(walk, packet, entry, place, travel)


def _deliver(walk: Walk, packet: Packet, vpc: str, origin: str) -> None:
    """Inside one VPC: into the subnet of the receiver, unless the packet is already there."""
    nic = packet.target.nic
    if nic is None or nic.vpc != vpc or not nic.holds(walk.family, packet.to):
        _nobody(walk, vpc, packet.to)
        return
    if packet.home and (nic.subnet != origin or packet.home != "local"):
        walk.replies.append(partial(reply_route, walk, nic.subnet, vpc, packet.source, packet.home))
    if nic.subnet != origin:
        enter_subnet(walk, nic.subnet, vpc, packet)
    enter_interface(walk, nic, packet)


def _nobody(walk: Walk, vpc: str, address: int) -> None:
    where = addresses.show(walk.family, address)
    missing = walk.network.unread(NetworkInterface.kind)
    if missing is not None:
        walk.lack(f"{missing.call}: {missing.why}")
        return
    detail = f"no interface of {vpc} holds {where}"
    fix = f"Ask for an address that an interface of {vpc} holds; {where} belongs to none."
    if holder := walk.network.at(vpc, walk.family, address):
        detail = f"in {vpc} it is {holder.id} that holds {where}"
        fix = f"Give the networks ranges that do not overlap: in {vpc} the address {where} means {holder.id}."
    walk.block("NO_POSSIBLE_DESTINATION", vpc, "", detail, fix)


def _arrive(walk: Walk, packet: Packet, nic: Nic) -> None:
    """From an address outside every known interface."""
    if _outside(walk, packet.source, nic):
        internet.arrive(walk, packet, nic)
        return
    network = walk.network
    homes = network.vpcs_of(walk.family, packet.source)
    where = walk.label(packet.source)
    if nic.vpc in homes:
        missing = network.unread(NetworkInterface.kind)
        if missing is not None:
            walk.lack(f"{missing.call}: {missing.why}")
        else:
            walk.block(
                "NO_SOURCE_OR_DESTINATION",
                nic.vpc,
                "",
                f"no interface of {nic.vpc} holds {where}",
                f"Ask for an address that an interface of {nic.vpc} holds; {where} belongs to none.",
            )
        return
    gateways.arrive(walk, packet, nic)


def _outside(walk: Walk, address: int, nic: Nic) -> bool:
    if walk.network.vpcs_of(walk.family, address):
        return False
    return any(low <= address <= high for low, high in addresses.INTERNET[walk.family])
