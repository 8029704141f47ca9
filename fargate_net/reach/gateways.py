"""What lies behind a route target other than ``local`` and internet gateways: one function per kind, and the choice.

Never here: NAT, peering and transit gateways themselves (each has a file), filters.
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.kinds.vpn_gateway import VpnConnection, VpnGateway
from fargate_net.reach import appliances, nat, peering, transit
from fargate_net.reach.addresses import PRIVATE_4, SHARED_4
from fargate_net.reach.crossing import enter_interface, enter_subnet
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.places import Place, Travel
from fargate_net.reach.replies import reply_route
from fargate_net.reach.routes import Entry, kind_of
from fargate_net.reach.walk import Packet, Walk

NOT_FROM_OUTSIDE = {
    False: "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS",
    True: "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS",
}
"""The code for a private source at an internet gateway; True: of the shared range."""


def leave(walk: Walk, packet: Packet, entry: Entry, place: Place, travel: Travel) -> None:
    """Hand the packet to the thing the route names; ``travel`` goes on from wherever it comes out."""
    kind = kind_of(entry.target)
    if kind == "nat_gateway":
        nat.leave(walk, packet, entry.target, place, travel)
    elif kind == "vpc_peering":
        peering.leave(walk, packet, entry.target, place)
    elif kind == "transit_gateway":
        transit.leave(walk, packet, entry.target, place, travel)
    elif kind == "vpc_endpoint":
        _endpoint(walk, packet, entry.target, place)
    elif kind == "vpn_gateway":
        _vpn(walk, entry.target, place.vpc)
    elif kind in ("network_interface", "instance"):
        appliances.leave(walk, packet, entry, place)
    else:
        walk.lack(f"what {entry.target} does with traffic ({entry.text} in {place.table})")


def _endpoint(walk: Walk, packet: Packet, id: str, place: Place) -> None:
    """A gateway endpoint: TCP and echoes to its service over IPv4, for interfaces of its own VPC only.

    (AWS PrivateLink Guide, Gateway endpoints.)
    """
    found = walk.network.fact(VpcEndpoint, id)
    if isinstance(found, Lack):
        walk.lack(found.text)
        return
    props = found.props
    if props.type != "Gateway":
        walk.lack(f"what the appliances behind {id} ({props.service}) do with traffic")
        return
    if props.state != "available":
        walk.block(
            "BAD_STATE", id, "", f"the endpoint {id} is {props.state}", f"Wait until {id} is available, or replace it."
        )
    if walk.protocol == "udp":
        walk.block(
            "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
            id,
            "",
            f"{id} carries TCP and echoes only",
            f"Use tcp toward {props.service}.",
        )
    if place.nic is None:
        walk.block(
            "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION",
            id,
            "",
            f"{id} serves interfaces of {place.vpc} only, not traffic that comes in from elsewhere",
            f"Create a gateway endpoint for {props.service} in the VPC of the sender.",
        )
    walk.meet(id, "vpc_endpoint", "", f"carries to {props.service}")
    packet.forget()
    walk.replies.append(partial(walk.meet, id, "vpc_endpoint", "", "carries the reply"))


def _vpn(walk: Walk, id: str, vpc: str) -> None:
    found = walk.network.fact(VpnGateway, id)
    if isinstance(found, Lack):
        walk.lack(found.text)
        return
    connections = [c for c in walk.network.snapshot.of(VpnConnection).values() if c.props.gateway == id]
    walk.meet(id, "vpn_gateway", "", "carries beyond the known network")
    if vpc not in found.props.vpcs:
        walk.block(
            "BAD_STATE_ATTACHMENT",
            id,
            "",
            f"the VPN gateway {id} is not attached to {vpc}",
            f"Attach {id} to {vpc}.",
        )
    elif connections and not any(c.props.state == "available" for c in connections):
        names = ", ".join(sorted(c.id for c in connections))
        walk.block(
            "BAD_STATE_VPN", id, "", f"no VPN connection of {id} is available ({names})", f"Repair one of {names}."
        )
    walk.lack(f"what lies beyond the VPN gateway {id}")


def arrive(walk: Walk, packet: Packet, nic: Nic) -> None:
    """From a private address outside the known VPCs: it can come only the way a reply would go."""
    table = walk.network.table(nic.subnet, nic.vpc)
    where = walk.label(packet.source)
    expected = ""
    if isinstance(table, Lack):
        walk.lack(table.text)
    else:
        walk.compare(packet.source, table.cuts[walk.family])
        entry = table.lookup(walk.family, packet.source)
        kind = kind_of(entry.target) if entry is not None else ""
        if entry is not None and kind == "internet_gateway" and walk.family == 4 and packet.source in PRIVATE_4:
            walk.block(
                NOT_FROM_OUTSIDE[packet.source in SHARED_4],
                entry.target,
                entry.text,
                f"{entry.target}, where replies to {where} would leave, drops what comes from private addresses",
                f"Connect {nic.vpc} with the network of {where} and route it in {table.id}.",
            )
        elif entry is None or kind in ("internet_gateway", "nat_gateway", "egress_only_gateway", "local"):
            walk.block(
                "NO_PATH",
                nic.vpc,
                entry.text if entry else "",
                f"no gateway of {nic.vpc} leads to {where}, so nothing from there arrives",
                f"Connect {nic.vpc} with the network of {where} and route it in {table.id}.",
            )
        else:
            expected = entry.target
            walk.meet(expected, kind, "", "brings in from beyond the known network")
            if kind == "vpc_peering":
                peering.incoming(walk, packet, expected, nic)
            else:
                packet.seen = frozenset()
            walk.lack(f"what lies beyond {expected}, where {where} is")
            walk.replies.append(partial(reply_route, walk, nic.subnet, nic.vpc, packet.source, expected))
    enter_subnet(walk, nic.subnet, nic.vpc, packet)
    enter_interface(walk, nic, packet)
