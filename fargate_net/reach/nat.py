"""NAT gateways: zonal, regional and private. Never here: the internet gateway behind one, other gateways.

(VPC User Guide, NAT gateways; NAT gateway basics; Regional NAT gateways.)
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.reach import internet, ways
from fargate_net.reach.addresses import UNASSIGNED, show, v4
from fargate_net.reach.crossing import enter_interface, enter_subnet, leave_subnet
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import EPHEMERAL
from fargate_net.reach.places import Place, Travel
from fargate_net.reach.replies import reply_route
from fargate_net.reach.routes import kind_of
from fargate_net.reach.walk import Packet, Walk


def leave(walk: Walk, packet: Packet, id: str, place: Place, travel: Travel) -> None:
    """Out through a NAT gateway: the source becomes its address, the client port one of 1024-65535."""
    found = walk.network.fact(NatGateway, id)
    if isinstance(found, Lack):
        walk.lack(found.text)
        return
    props = found.props
    if walk.family == 6:
        walk.lack(f"NAT64 through {id} is not modelled")
        return
    if props.state != "available":
        walk.block(
            "BAD_STATE",
            id,
            "",
            f"the NAT gateway {id} is {props.state}",
            f"Replace {id}, or wait until it is available.",
        )
    if str(props.vpc) != place.vpc:
        walk.block(
            "NGW_REQUIRES_SOURCE_IN_VPC",
            id,
            "",
            f"{id} is in {props.vpc} and serves no traffic of {place.vpc}",
            f"Route to a NAT gateway of {place.vpc}.",
        )
    if props.regional:
        _regional(walk, packet, id, props, place)
        return
    subnet, vpc = str(props.subnet), str(props.vpc)
    if packet.home != "local" or subnet != place.subnet:
        walk.replies.append(partial(reply_route, walk, subnet, vpc, packet.source, packet.home))
    if subnet != place.subnet:
        enter_subnet(walk, subnet, vpc, packet)
    nic = _nic(walk, id, props, subnet)
    if place.nic is not None and nic.zone and nic.zone != place.nic.zone:
        walk.assume(f"{nic.zone} stays up: {id} is there and serves {place.nic.zone}")
    _translate(walk, packet, id, nic)
    target = packet.target.nic
    if target is not None and target.subnet == subnet and target.holds(walk.family, packet.to):
        # A neighbour of the gateway: no border is crossed, and no route table is asked.
        enter_interface(walk, target, packet)
        return
    leave_subnet(walk, subnet, vpc, packet)
    travel(walk, packet, vpc, subnet, nic, nat=True)


def _translate(walk: Walk, packet: Packet, id: str, nic: Nic) -> None:
    inside, outside = packet.source, nic.v4[0]
    shown = nic.public.get(outside, outside) if outside == UNASSIGNED else outside
    walk.meet(id, "nat_gateway", "", f"translates {show(4, inside)} to {show(4, shown)}")
    walk.replies.append(
        partial(walk.meet, id, "nat_gateway", "", f"translates {show(4, shown)} back to {show(4, inside)}")
    )
    packet.forget()
    packet.source, packet.remapped, packet.home = outside, True, "local"


def _regional(walk: Walk, packet: Packet, id: str, props: NatGateway, place: Place) -> None:
    """A regional gateway has no subnet and so no network ACL; its own table leads to the internet gateway."""
    if props.zones and place.nic is not None and place.nic.zone not in props.zones:
        walk.block(
            "REGIONAL_NGW_ROUTE_AZ_RESTRICTION",
            id,
            "",
            f"{id} serves {', '.join(props.zones)} and not {place.nic.zone}",
            f"Add {place.nic.zone} to {id}.",
        )
    nic = _nic(walk, id, props, "", place.nic.zone if place.nic is not None else "")
    _translate(walk, packet, id, nic)
    gateway = walk.network.internet_gateway(place.vpc)
    if props.route_table:
        table = walk.network.table_by_id(props.route_table)
        if isinstance(table, Lack):
            walk.lack(table.text)
            return
        walk.compare(packet.to, table.cuts[4])
        entry = table.lookup(4, packet.to)
        if entry is None or entry.state != "active":
            detail = f"{table.id}, the table of {id}, has no usable route to {walk.label(packet.to)}"
            own = Place(place.vpc, "", table.id, nic)
            fix = ways.route(walk.network, own, 4, packet.to, walk.range_of(packet.to), entry)
            walk.block("NO_ROUTE_TO_DESTINATION", table.id, entry.text if entry else "", detail, fix)
            return
        walk.meet(table.id, "route_table", entry.text, "routes")
        if kind_of(entry.target) != "internet_gateway":
            walk.lack(f"where {entry.text} of {table.id} leads behind the regional NAT gateway {id}")
            return
        gateway = entry.target
    else:
        walk.assume(f"the route table of {id} leads to the internet gateway")
    if isinstance(gateway, Lack):
        walk.lack(gateway.text)
    elif gateway is None:
        detail = f"{place.vpc} has no internet gateway attached"
        walk.block("NO_PATH", place.vpc, "", detail, ways.attach_gateway(walk.network, place.vpc))
    else:
        internet.leave(walk, packet, gateway, place.vpc, "", place.table, nic, nat=True)


def _nic(walk: Walk, id: str, props: NatGateway, subnet: str, zone: str = "") -> Nic:
    """The gateway as a sender: its private address, and the public one it owns; a regional one that of the zone.

    One that is only planned has no addresses yet; it gets stand-ins no rule but an all-open one can match. Of several
    addresses the first is taken, and said where a known receiver may tell them apart.
    """
    outside_here = tuple(ip for where, ip in props.zonal_ips if where == zone) or props.public_ips
    private = tuple(v4(ip) for ip in props.private_ips)
    held = [nic for nid in props.interfaces if (nic := walk.network.nics.get(nid)) is not None]
    if not private:
        private = tuple(address for nic in held for address in nic.v4) or (walk.network.stand_in(subnet),)
    public = {address: outside for nic in held for address, outside in nic.public.items()}
    if props.public and private[0] not in public:
        public[private[0]] = v4(outside_here[0]) if outside_here else UNASSIGNED
    several = len(outside_here) > 1 or len(private) > 1
    if several and walk.ends[-1].nic is not None:
        walk.assume(f"{id} sends from {outside_here[0] if outside_here else show(4, private[0])}, one of its addresses")
    home = next((nic.zone for nic in held), "")
    return Nic(id, str(props.vpc), subnet, home, frozenset(), private, (), public, EPHEMERAL, "nat_gateway")
