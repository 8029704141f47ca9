"""Whose security groups a reference in a rule can see on a way. Never here: other rules, where packets go.

(VPC Peering Guide, Update your security groups; Transit Gateway Guide, Security group referencing; VPC User Guide,
Security group rules.)
"""

from __future__ import annotations

from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.network import Network
from fargate_net.reach.peering import same_region
from fargate_net.reach.routes import kind_of
from fargate_net.reach.walk import Packet, Walk

FORWARDERS = frozenset({"nat_gateway", "network_interface", "instance", "vpc_endpoint"})
"""What forwards under its own name and may stand between two interfaces."""


def any_group(network: Network) -> frozenset[str]:
    """What an interface whose groups nobody told may carry."""
    return frozenset(network.snapshot.of(SecurityGroup))


def unlabelled(nic: Nic) -> str:
    """The fact that is missing about such an interface."""
    return f"the security groups of {nic.id} are not in the snapshot"


def visible(walk: Walk, nic: Nic, packet: Packet) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The groups of the receiver that an egress reference of the sender matches, and those it is not known to match.

    References work inside a VPC and, both ways, across an active peering of one Region; over a transit gateway only
    inbound ones do (VPC Peering Guide, Update your security groups; Transit Gateway Guide, Security group referencing).
    Where the route leads to something that forwards, AWS says that a reference to the sender no longer works and
    nothing about one to the receiver (VPC User Guide, Security group rules).
    """
    nothing: frozenset[str] = frozenset()
    target = packet.target.nic
    if target is not None and not target.holds(walk.family, packet.to):
        return nothing, nothing
    near = target is not None and target.vpc == nic.vpc
    table = walk.network.table(nic.subnet, nic.vpc)
    entry = None if isinstance(table, Lack) else table.lookup(walk.family, packet.to)
    kind = kind_of(entry.target) if entry is not None else ""
    if target is not None and kind in FORWARDERS and target.subnet != nic.subnet:
        doubted = near or any(_refers(nic, pcx.props, target) for pcx in walk.network.snapshot.of(VpcPeering).values())
        return nothing, target.groups if doubted else nothing
    if near and target is not None:
        return target.groups, any_group(walk.network) if target.unlabelled else nothing
    if entry is None or kind != "vpc_peering":
        return nothing, nothing
    pcx = walk.network.snapshot.get(VpcPeering, entry.target)
    if pcx is None:
        return None, nothing
    if pcx.props.state != "active" or not same_region(pcx.props):
        return nothing, nothing
    return target.groups if target is not None else None, nothing


def _refers(nic: Nic, pcx: VpcPeering, target: Nic) -> bool:
    """Whether groups of the two VPCs may refer to each other across a peering."""
    sides = {pcx.requester.vpc, pcx.accepter.vpc}
    return pcx.state == "active" and same_region(pcx) and sides == {nic.vpc, target.vpc}
