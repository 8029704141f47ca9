"""Addresses the VPC itself answers at: DNS, time, and metadata of tasks and instances. Never here: names.

Neither security groups nor network ACLs filter them (VPC User Guide, Security groups; Network ACLs).
"""

from __future__ import annotations

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.reach.addresses import cidr, v4, v6
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import EMPTY, Intervals
from fargate_net.reach.walk import Packet, Walk

RESOLVER = {4: v4("169.254.169.253"), 6: v6("fd00:ec2::253")}
TIME = {4: v4("169.254.169.123"), 6: v6("fd00:ec2::123")}
TASK_METADATA = v4("169.254.170.2")
INSTANCE_METADATA = {4: v4("169.254.169.254"), 6: v6("fd00:ec2::254")}


def answers(walk: Walk, packet: Packet, nic: Nic) -> bool:
    """Whether the packet ends here because the VPC answers it; the walk then holds the verdict."""
    if packet.to == TIME[walk.family]:
        _take(walk, "time", ("udp",), 123)
    elif walk.family == 4 and packet.to == TASK_METADATA and nic.id in walk.network.task_of:
        _take(walk, "task_metadata", ("tcp",), 80)
    elif packet.to == INSTANCE_METADATA[walk.family] and _instance(walk, nic):
        _take(walk, "instance_metadata", ("tcp",), 80)
    elif packet.to == RESOLVER[walk.family] or packet.to == _plus_two(walk, nic.vpc):
        _resolver(walk, nic.vpc)
    else:
        return False
    return True


def _instance(walk: Walk, nic: Nic) -> bool:
    found = walk.network.snapshot.get(NetworkInterface, nic.id)
    return found is not None and bool(found.props.instance)


def _plus_two(walk: Walk, id: str) -> int:
    """The resolver's address in the VPC's own range: its base plus two; -1 over IPv6 or when not known."""
    vpc = walk.network.vpc(id)
    return -1 if walk.family == 6 or isinstance(vpc, Lack) or not vpc.cidrs else cidr(vpc.cidrs[0]).low + 2


def _resolver(walk: Walk, id: str) -> None:
    vpc = walk.network.vpc(id)
    if isinstance(vpc, Lack):
        walk.lack(vpc.text)
    elif vpc.dns_support is None:
        unasked = f"ec2:DescribeVpcAttribute: whether enableDnsSupport of {id} is on is not known"
        walk.lack(walk.network.lack("vpc", id, unasked).text)
    elif not vpc.dns_support:
        detail = f"enableDnsSupport of {id} is off, so its resolver does not answer"
        walk.block("VPC_DNS_ATTRIBUTE_OFF", id, "", detail, f"Turn on enableDnsSupport of {id}.")
    _take(walk, "resolver", ("tcp", "udp"), 53)


def _take(walk: Walk, kind: str, protocols: tuple[str, ...], port: int) -> None:
    ports = Intervals([(port, port)]) if walk.protocol in protocols else EMPTY
    if not walk.asked & ports:
        detail = f"the {kind.replace('_', ' ')} service of the VPC answers on {'/'.join(protocols)} {port} only"
        walk.block("NO_POSSIBLE_DESTINATION", kind, "", detail, f"Ask for port {port}/{protocols[-1]}.")
    walk.ports, walk.maybe_ports = walk.ports & ports, walk.maybe_ports & ports
    walk.meet(kind, kind, "", "answers")
