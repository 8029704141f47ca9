"""The internet gateway and the egress-only one: translation, who may pass, Block Public Access.

Never here: filters, which subnet routes where. (VPC User Guide, Internet gateways; Egress-only internet gateways; Block
public access.)
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.block_public_access import BlockPublicAccess
from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.reach import appliances, ways
from fargate_net.reach.addresses import PRIVATE_4, SHARED_4, SPECIAL_4, UNASSIGNED, show
from fargate_net.reach.crossing import enter_interface, enter_subnet
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.places import Place
from fargate_net.reach.replies import reply_route
from fargate_net.reach.routes import kind_of
from fargate_net.reach.walk import Packet, Walk


def leave(
    walk: Walk, packet: Packet, gateway: str, vpc: str, subnet: str, table: str, nic: Nic | None, nat: bool
) -> None:
    """Out through an internet gateway. ``nic`` is who sends now: an interface, or that of a NAT gateway (``nat``)."""
    _attached(walk, gateway, vpc)
    _public_access(walk, vpc, subnet, gateway, inbound=False, translated=nat)
    if walk.family == 4 and (packet.to in PRIVATE_4 or packet.to in SPECIAL_4):
        code, word = "NO_POSSIBLE_DESTINATION", "reserved"
        if packet.to in SHARED_4:
            code, word = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", "shared"
        elif packet.to in PRIVATE_4:
            code, word = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", "private"
        where = walk.label(packet.to)
        place = Place(vpc, subnet, table, nic)
        fix = ways.route(walk.network, place, walk.family, packet.to, walk.range_of(packet.to))
        walk.meet(gateway, "internet_gateway", "", "blocks")
        walk.block(code, gateway, "", f"{gateway} drops what goes to the {word} address {where}", fix)
        return
    walk.replies.append(partial(appliances.redirect_reply, walk, gateway, packet.source))
    named = walk.family == 6 or _translate_source(walk, packet, gateway, table, nic)
    if walk.family == 6:
        walk.meet(gateway, "internet_gateway", "", "passes")
    packet.forget()
    if packet.target.nic is None:
        walk.meet(walk.label(packet.to), "internet", "", "receives")
    elif named:  # what filters beyond would say depends on the public address that is not there yet
        arrive(walk, packet, packet.target.nic)


def _translate_source(walk: Walk, packet: Packet, gateway: str, table: str, nic: Nic | None) -> bool:
    """Give the packet the sender's public address; False when there is none."""
    public = nic.public.get(packet.source) if nic is not None else None
    if public is not None:
        inside, outside = show(4, packet.source), show(4, public)
        there, back = f"translates {inside} to {outside}", f"translates {outside} back to {inside}"
        if packet.source == UNASSIGNED:  # a regional NAT gateway has done it already
            there, back = "passes", "passes the reply"
        walk.meet(gateway, "internet_gateway", "", there)
        walk.replies.append(partial(walk.meet, gateway, "internet_gateway", "", back))
        packet.source = public
        return True
    sender = nic.id if nic is not None else gateway
    fix = f"Give {sender} a public IPv4 address." if nic is None else ways.public_address(walk.network, nic)
    if nic is not None and nic.type == "nat_gateway":
        fix = f"Route {walk.range_of(packet.to)} to a public NAT gateway instead of {sender}."
    walk.meet(gateway, "internet_gateway", "", "blocks")
    walk.block(
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        sender,
        "",
        f"{sender} has no public IPv4 address, so {gateway} drops what it sends",
        fix,
    )
    return False


def arrive(walk: Walk, packet: Packet, nic: Nic) -> None:
    """In from the internet to an interface, by its public IPv4 or its IPv6 address."""
    network = walk.network
    gateway = network.internet_gateway(nic.vpc)
    if isinstance(gateway, Lack):
        walk.lack(gateway.text)
        gateway = ""
    elif gateway is None:
        walk.block(
            "NO_PATH",
            nic.vpc,
            "",
            f"{nic.vpc} has no internet gateway attached",
            ways.attach_gateway(network, nic.vpc),
        )
        _unrouted_reply(walk, packet.source, nic)
        gateway = ""
    inside = nic.address(walk.family)
    if walk.family == 4:
        inside = _translate_target(walk, packet, gateway or nic.vpc, nic)
    elif gateway:
        walk.meet(gateway, "internet_gateway", "", "passes")
    _public_access(walk, nic.vpc, nic.subnet, gateway or nic.vpc, inbound=True, translated=False)
    if inside is not None:
        packet.to = inside
    if gateway:
        appliances.redirect(walk, packet, gateway, nic)
        walk.replies.append(partial(reply_route, walk, nic.subnet, nic.vpc, packet.source, gateway))
    enter_subnet(walk, nic.subnet, nic.vpc, packet)
    enter_interface(walk, nic, packet)


def _translate_target(walk: Walk, packet: Packet, gateway: str, nic: Nic) -> int | None:
    for private, public in nic.public.items():
        if packet.to == public or (packet.to == private and not packet.target.exact):
            outside, inside = show(4, public), show(4, private)
            walk.meet(gateway, "internet_gateway", "", f"translates {outside} to {inside}")
            walk.replies.append(
                partial(walk.meet, gateway, "internet_gateway", "", f"translates {inside} back to {outside}")
            )
            return private
    walk.meet(gateway, "internet_gateway", "", "blocks")
    lacking, fix = f"{nic.id} has no public IPv4 address", ways.public_address(walk.network, nic)
    if nic.public:
        lacking = f"{show(4, packet.to)} is a private address"
        if named := nic.public.get(packet.to):
            fix = f"Ask for {show(4, named)}, the public address of {nic.id}."
    walk.block(
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        nic.id,
        "",
        f"{lacking}, so nothing on the internet can address it",
        fix,
    )
    return nic.address(4)


def _unrouted_reply(walk: Walk, address: int, nic: Nic) -> None:
    """No gateway is attached. Replies need a route to it as well, unless one waits for it already."""
    table = walk.network.table(nic.subnet, nic.vpc)
    if isinstance(table, Lack) or walk.gates is not None:
        return
    wished = ways.attachable(walk.network, nic.vpc)
    entry = table.lookup(walk.family, address)
    if entry is None or entry.target != wished:
        walk.replies.append(partial(reply_route, walk, nic.subnet, nic.vpc, address, wished))


def leave_egress_only(walk: Walk, packet: Packet, gateway: str, vpc: str, subnet: str) -> None:
    """Out through an egress-only internet gateway: IPv6, stateful, never opened from outside."""
    found = walk.network.fact(EgressOnlyGateway, gateway)
    if isinstance(found, Lack):
        walk.lack(found.text)
    elif str(found.props.vpc) != vpc:
        _detached(walk, gateway, vpc)
    _public_access(walk, vpc, subnet, gateway, inbound=False, translated=True)
    walk.meet(gateway, "egress_only_gateway", "", "passes")
    walk.replies.append(partial(walk.meet, gateway, "egress_only_gateway", "", "passes the reply"))
    packet.forget()
    if packet.target.nic is None:
        walk.meet(walk.label(packet.to), "internet", "", "receives")
        return
    arrive(walk, packet, packet.target.nic)


def _attached(walk: Walk, gateway: str, vpc: str) -> None:
    found = walk.network.fact(InternetGateway, gateway)
    if isinstance(found, Lack):
        walk.lack(found.text)
    elif str(found.props.vpc) != vpc:
        _detached(walk, gateway, vpc)


def _detached(walk: Walk, gateway: str, vpc: str) -> None:
    kind = kind_of(gateway).replace("_", " ")
    walk.block(
        "BAD_STATE_ATTACHMENT",
        gateway,
        "",
        f"the {kind} {gateway} is not attached to {vpc}",
        ways.detached(walk.network, gateway, vpc),
    )


def _public_access(walk: Walk, vpc: str, subnet: str, gateway: str, *, inbound: bool, translated: bool) -> None:
    """Block Public Access (VPC User Guide, Block public access to VPCs and subnets).

    ``translated``: the traffic comes from a NAT or egress-only gateway, which ``block-ingress`` leaves alone.
    """
    switch = walk.network.block_public_access
    if isinstance(switch, Lack):
        walk.lack(switch.text)
        return
    if switch.assumed:
        walk.assume("VPC Block Public Access is off")
    if switch.mode == "off" or (switch.mode == "block-ingress" and translated and not inbound):
        return
    for exclusion in switch.exclusions:
        if exclusion.resource in (vpc, subnet) and (
            exclusion.mode == "allow-bidirectional" or (exclusion.mode == "allow-egress" and not inbound and translated)
        ):
            return
    unread = walk.network.snapshot.unknown(BlockPublicAccess.kind, "exclusions")
    if unread is not None:
        walk.lack(f"{unread.call}: {unread.why}")
        return
    walk.meet(gateway, "block_public_access", switch.mode, "blocks")
    walk.block(
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
        gateway,
        switch.mode,
        f"VPC Block Public Access is {switch.mode} and no exclusion covers {subnet} or {vpc}",
        ways.block_public_access(subnet or vpc, egress=translated and not inbound),
    )
