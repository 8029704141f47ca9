"""Transit gateways: attachments, their tables, and the VPC on the other side. Never here: peering of VPCs.

(Transit Gateway Guide, How transit gateways work; Network ACLs for transit gateways; Security group referencing.)
Peering attachments, VPNs, Direct Connect and Connect attachments lead beyond the known network.
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.transit_gateway import (
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from fargate_net.model.snapshot import Found
from fargate_net.reach.addresses import cidr, is_cidr
from fargate_net.reach.crossing import enter_subnet, leave_subnet
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.network import Network
from fargate_net.reach.places import Place, Travel
from fargate_net.reach.walk import Packet, Walk

Attachment = Found[TransitGatewayAttachment]

RANKS = {"vpc": 0, "direct-connect-gateway": 1, "vpn": 2, "connect": 2, "peering": 3}
"""Preference among propagated routes of one destination."""


def leave(walk: Walk, packet: Packet, id: str, place: Place, travel: Travel) -> None:
    """Into a transit gateway through the attachment of the sender's VPC, and out wherever its table says."""
    network = walk.network
    gateway = network.fact(TransitGateway, id)
    entry = _attachment(walk, id, place.vpc)
    if entry is None:
        return
    if place.nic is None:
        walk.lack(f"traffic of one transit gateway that goes on through {id} is not modelled")
        return
    subnet = _door(walk, entry, place.nic.zone, id, place.nic.zone)
    if subnet and subnet != place.subnet:
        enter_subnet(walk, subnet, place.vpc, packet)
    walk.meet(id, "transit_gateway", entry.id, "receives")
    route = _lookup(walk, entry, packet.to, "")
    far = _exit(walk, route) if route is not None else _home(walk.network, packet, id, entry)
    if far is None:
        return
    if far.props.type != "vpc":
        walk.lack(f"what lies beyond {far.id} ({far.props.type}) of {id}")
        return
    if route is not None and far.id == entry.id:
        walk.block(
            "NO_POSSIBLE_DESTINATION",
            id,
            route.destination,
            f"{id} sends what comes from {place.vpc} back to {place.vpc}",
            f"Change the route {route.destination} in the table of {entry.id}.",
        )
        return
    _identity(walk, packet, gateway, entry, far)
    _deliver(walk, packet, id, entry, far, place, travel)


def _deliver(
    walk: Walk, packet: Packet, id: str, entry: Attachment, far: Attachment, place: Place, travel: Travel
) -> None:
    vpc = far.props.resource
    zone = place.nic.zone if place.nic is not None else ""
    door = _any_door(walk, far, zone)
    if door is None:
        return
    walk.replies.append(partial(_back, walk, id, far, entry, packet.source))
    nic = packet.target.nic
    if nic is not None and nic.vpc == vpc and nic.zone not in (_doors(walk.network, far) or ()):
        walk.assume(f"replies out of {nic.zone} enter {id}, although {far.id} has no subnet there")
    packet.home = id
    if nic is not None and nic.subnet == door and nic.holds(walk.family, packet.to):
        travel(walk, packet, vpc, door, None, nat=False)
        return
    leave_subnet(walk, door, vpc, packet)
    travel(walk, packet, vpc, door, None, nat=False)


def _home(network: Network, packet: Packet, id: str, entry: Attachment) -> Attachment | None:
    """Where a missing route would have to lead: the one attachment of the receiver's VPC, if there is just one."""
    nic = packet.target.nic
    if nic is None or not nic.holds(packet.target.family, packet.to):
        return None
    held = [
        found
        for found in network.snapshot.of(TransitGatewayAttachment).values()
        if found.props.gateway == id and found.props.type == "vpc" and found.props.resource == nic.vpc
    ]
    return held[0] if len(held) == 1 and held[0].id != entry.id else None


def _identity(
    walk: Walk, packet: Packet, gateway: Found[TransitGateway] | Lack, entry: Attachment, far: Attachment
) -> None:
    """Groups stay visible only when the gateway and both attachments support references (off by default)."""
    asked = (gateway, entry, far)
    if off := tuple(one.id for one in asked if not isinstance(one, Lack) and not one.props.sg_referencing):
        walk.muted = off
        packet.forget()
    elif isinstance(gateway, Lack):
        packet.question(gateway.text)


def _attachment(walk: Walk, id: str, vpc: str) -> Attachment | None:
    network = walk.network
    for found in network.snapshot.of(TransitGatewayAttachment).values():
        props = found.props
        if props.gateway == id and props.type == "vpc" and props.resource == vpc:
            if props.state != "available":
                walk.block(
                    "BAD_STATE_ATTACHMENT",
                    found.id,
                    "",
                    f"the attachment {found.id} of {vpc} to {id} is {props.state}",
                    f"Accept or recreate {found.id}.",
                )
            return found
    # AWS turns a route into a blackhole when the attachment goes, so this one exists somewhere.
    walk.lack(network.lack("transit_gateway_attachment", "", f"the attachment of {vpc} to {id}").text)
    return None


def _doors(network: Network, attachment: Attachment) -> dict[str, str] | None:
    """The subnets of an attachment by zone; None when they are not known."""
    if attachment.props.subnets is None:
        return None
    doors: dict[str, str] = {}
    for door in attachment.props.subnets:
        subnet = network.subnet(door)
        if isinstance(subnet, Lack):
            return None
        doors[subnet.zone] = door
    return doors


def _untold(network: Network, attachment: Attachment) -> str:
    """Which call would tell the subnets of an attachment, or their zones."""
    for subnet in attachment.props.subnets or ():
        if isinstance(held := network.subnet(subnet), Lack):
            return held.text
    return network.lack("transit_gateway_attachment", attachment.id, f"the subnets of {attachment.id}").text


def _door(walk: Walk, attachment: Attachment, zone: str, id: str, where: str) -> str:
    """The subnet of the attachment in the sender's zone: without one the gateway is not reached."""
    doors = _doors(walk.network, attachment)
    if doors is None:
        walk.lack(_untold(walk.network, attachment))
        return ""
    if zone not in doors:
        walk.block(
            "TGW_ROUTE_AZ_RESTRICTION",
            attachment.id,
            "",
            f"{attachment.id} has no subnet in {where}, where the sender is",
            f"Add a subnet of {where} to {attachment.id}.",
        )
    return doors.get(zone, "")


def _any_door(walk: Walk, attachment: Attachment, zone: str) -> str | None:
    doors = _doors(walk.network, attachment)
    if not doors:
        walk.lack(_untold(walk.network, attachment))
        return None
    return doors.get(zone) or doors[min(doors)]


def _lookup(walk: Walk, attachment: Attachment, address: int, for_what: str) -> TransitRoute | None:
    """The route in the table associated with an attachment; a blocker or a lack when there is none."""
    table_id = attachment.props.route_table
    if table_id is None:
        table_id = _associated(walk.network, attachment)
    if table_id is None:
        what = f"the route table associated with {attachment.id}"
        walk.lack(walk.network.lack("transit_gateway_attachment", attachment.id, what).text)
        return None
    if table_id == "":
        walk.block(
            "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
            attachment.id,
            "",
            f"{attachment.id} has no associated transit gateway route table",
            f"Associate a transit gateway route table with {attachment.id}.",
        )
        return None
    table = walk.network.fact(TransitGatewayRouteTable, table_id)
    if isinstance(table, Lack):
        walk.lack(table.text)
        return None
    if table.props.routes is None:
        walk.lack(walk.network.lack("transit_gateway_route_table", table_id, f"the routes of {table_id}").text)
        return None
    if any(not is_cidr(route.destination) for route in table.props.routes):
        walk.lack(f"the prefix lists that {table_id} routes")
        return None
    ranges = [cidr(route.destination) for route in table.props.routes]
    walk.compare(address, tuple((r.low, r.high) for r in ranges if r.family == walk.family))
    held = [
        (-r.length, route.type != "static", RANKS.get(route.resource_type, 9), route.destination, route)
        for r, route in zip(ranges, table.props.routes, strict=True)
        if r.family == walk.family and r.low <= address <= r.high
    ]
    where = walk.label(address)
    if not held:
        walk.meet(table_id, "transit_gateway_route_table", "", "blocks")
        walk.block(
            "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
            table_id,
            "",
            f"{table_id} has no route{for_what} to {where}",
            f"Propagate the attachment that leads to {walk.range_of(address)} to {table_id}, or add a static route.",
        )
        return None
    route = min(held, key=lambda item: item[:4])[4]
    text = f"{route.destination} to {','.join(route.attachments)}"
    if route.state != "active":
        walk.meet(table_id, "transit_gateway_route_table", text, "blocks")
        detail = f"{table_id} drops what goes to {where}: {route.destination} is a blackhole"
        walk.block(
            "TGW_RTB_BAD_STATE_ROUTE",
            table_id,
            text,
            detail,
            f"Replace the route {route.destination} in {table_id}: its target no longer works.",
        )
        return None
    walk.meet(table_id, "transit_gateway_route_table", text, "routes")
    return route


def _associated(network: Network, attachment: Attachment) -> str | None:
    """The table that names the attachment among its associations; None when no answer tells."""
    tables = network.snapshot.of(TransitGatewayRouteTable).values()
    return next((table.id for table in tables if attachment.id in (table.props.associations or ())), None)


def _exit(walk: Walk, route: TransitRoute) -> Attachment | None:
    for held in route.attachments:
        found = walk.network.fact(TransitGatewayAttachment, held)
        if isinstance(found, Lack):
            walk.lack(found.text)
            return None
        if found.props.state != "available":
            walk.block(
                "BAD_STATE_ATTACHMENT",
                held,
                "",
                f"the attachment {held} is {found.props.state}",
                f"Accept or recreate {held}.",
            )
        return found
    walk.lack(f"the attachment that {route.destination} leads to")
    return None


def _back(walk: Walk, id: str, far: Attachment, entry: Attachment, address: int) -> None:
    """The reply: from the far attachment through its table to the near one."""
    walk.meet(id, "transit_gateway", far.id, "receives the reply")
    route = _lookup(walk, far, address, " for the reply")
    if route is not None and entry.id not in route.attachments:
        walk.lack(f"the reply through {id} takes {route.destination} to {', '.join(route.attachments)}, not {entry.id}")
