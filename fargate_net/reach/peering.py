"""VPC peering: two VPCs, no transit. Never here: transit gateways, routes of the sender.

(VPC Peering Guide, How VPC peering works; Update your security groups to reference peer security groups.)
"""

from __future__ import annotations

from functools import partial

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import PeeringSide, VpcPeering
from fargate_net.reach import ways
from fargate_net.reach.addresses import span
from fargate_net.reach.crossing import enter_interface, enter_subnet
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.places import Place
from fargate_net.reach.replies import ranges, reply_route
from fargate_net.reach.walk import Packet, Walk


def same_region(pcx: VpcPeering) -> bool:
    """Whether both sides are in one Region, where security groups may refer to each other."""
    here, there = pcx.requester.region, pcx.accepter.region
    return not here or not there or here == there


def leave(walk: Walk, packet: Packet, id: str, place: Place) -> None:
    """Across a peering into the other VPC, and nowhere beyond it."""
    found = walk.network.fact(VpcPeering, id)
    if isinstance(found, Lack):
        walk.lack(found.text)
        return
    sides = (found.props.requester, found.props.accepter)
    there = next((side for side in sides if side.vpc != place.vpc), None)
    walk.meet(id, "vpc_peering", "", "carries to " + (there.vpc if there else "nowhere"))
    if there is None or place.vpc not in (side.vpc for side in sides) or place.nic is None:
        walk.block(
            "NO_POSSIBLE_DESTINATION",
            id,
            "",
            f"{id} carries only what interfaces of its own two VPCs send: peering is not transitive",
            "Peer the sender's VPC directly, or use a transit gateway.",
        )
        return
    if place.nic.type == "nat_gateway":
        # The guide names transit and virtual private gateways for this and does not mention peerings.
        said = "sends, of which AWS's documentation says nothing"
        walk.assume(f"{id} carries what the NAT gateway {place.nic.id} {said}")
    _active(walk, id, found.props)
    if not _member(walk, id, there, packet.to, "to"):
        return
    _identity(packet, found.props)
    nic = packet.target.nic
    if nic is None or nic.vpc != there.vpc or not nic.holds(walk.family, packet.to):
        _beyond(walk, id, there, walk.label(packet.to))
        return
    walk.replies.append(partial(walk.meet, id, "vpc_peering", "", f"carries to {place.vpc}"))
    walk.replies.append(partial(reply_route, walk, nic.subnet, nic.vpc, packet.source, id))
    enter_subnet(walk, nic.subnet, nic.vpc, packet)
    enter_interface(walk, nic, packet)


def incoming(walk: Walk, packet: Packet, id: str, nic: Nic) -> None:
    """From an address of a peer VPC whose interfaces are not known."""
    found = walk.network.fact(VpcPeering, id)
    packet.seen = None
    if isinstance(found, Lack):
        walk.lack(found.text)
        return
    _active(walk, id, found.props)
    there = found.props.accepter if found.props.requester.vpc == nic.vpc else found.props.requester
    _member(walk, id, there, packet.source, "from")
    if not same_region(found.props) or found.props.state != "active":
        packet.seen = frozenset()


def _identity(packet: Packet, pcx: VpcPeering) -> None:
    if not same_region(pcx) or pcx.state != "active":
        packet.forget()


def _active(walk: Walk, id: str, pcx: VpcPeering) -> None:
    if pcx.state != "active":
        walk.block(
            "BAD_STATE",
            id,
            "",
            f"the peering {id} is {pcx.state}, not active",
            ways.accept(id, pcx.state),
        )


def _member(walk: Walk, id: str, there: PeeringSide, address: int, word: str) -> bool:
    """Whether the address belongs to the peer VPC; a peering carries nothing else."""
    cidrs = ranges(walk, there)
    if not cidrs:
        walk.lack(f"the address ranges of {there.vpc} behind {id}")
        return False
    held = span(*cidrs)
    walk.compare(address, held.spans)
    if address in held:
        return True
    walk.block(
        "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
        id,
        "",
        f"{id} carries only addresses of {there.vpc} ({', '.join(cidrs)}), not {word} {walk.label(address)}",
        f"Route {walk.range_of(address)} elsewhere than to {id}.",
    )
    return False


def _beyond(walk: Walk, id: str, there: PeeringSide, where: str) -> None:
    if walk.network.snapshot.get(Vpc, there.vpc) is None or walk.network.unread(NetworkInterface.kind):
        walk.lack(f"{there.vpc} behind {id}, where {where} is, is not in the snapshot")
        return
    walk.block(
        "NO_POSSIBLE_DESTINATION",
        there.vpc,
        "",
        f"no interface of {there.vpc} holds {where}",
        f"Ask for an address that an interface of {there.vpc} holds; {where} belongs to none.",
    )
