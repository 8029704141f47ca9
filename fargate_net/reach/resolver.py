"""Addresses the VPC itself answers at: its DNS resolver, the metadata of instances and tasks. Never here: names.

Neither security groups nor network ACLs can filter them (VPC User Guide, Security groups; Network ACLs).
"""

from __future__ import annotations

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.reach.addresses import cidr, v4, v6
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import EMPTY, Intervals
from fargate_net.reach.walk import Packet, Walk

RESOLVER = {4: v4("169.254.169.253"), 6: v6("fd00:ec2::253")}
TASK_METADATA = v4("169.254.170.2")
INSTANCE_METADATA = {4: v4("169.254.169.254"), 6: v6("fd00:ec2::254")}
DNS = Intervals([(53, 53)])
HTTP = Intervals([(80, 80)])


def answers(walk: Walk, packet: Packet, nic: Nic) -> bool:
    """Whether the packet ends here because the VPC answers it; the walk then holds the verdict."""
    if walk.family == 4 and packet.to == TASK_METADATA and nic.id in walk.network.task_of:
        _take(walk, "169.254.170.2", "task_metadata", HTTP if walk.protocol == "tcp" else EMPTY)
        return True
    if (
        packet.to == INSTANCE_METADATA[walk.family]
        and walk.network.snapshot.of(NetworkInterface)[nic.id].props.instance
    ):
        _take(walk, "instance metadata", "instance_metadata", HTTP if walk.protocol == "tcp" else EMPTY)
        return True
    vpc = walk.network.vpc(nic.vpc)
    plus_two = cidr(vpc.cidrs[0]).low + 2 if not isinstance(vpc, Lack) and vpc.cidrs else -1
    if packet.to != RESOLVER[walk.family] and not (walk.family == 4 and packet.to == plus_two):
        return False
    if isinstance(vpc, Lack):
        walk.lack(vpc.text)
    elif vpc.dns_support is None:
        walk.lack(f"whether {nic.vpc} has DNS support")
    elif not vpc.dns_support:
        detail = f"enableDnsSupport of {nic.vpc} is off, so its resolver does not answer"
        walk.block("VPC_DNS_ATTRIBUTE_OFF", nic.vpc, "", detail, f"Turn on enableDnsSupport of {nic.vpc}.")
    _take(walk, nic.vpc, "resolver", DNS if walk.protocol in ("tcp", "udp") else EMPTY)
    return True


def _take(walk: Walk, component: str, kind: str, ports: Intervals) -> None:
    if not walk.whole and not walk.asked <= ports:
        walk.block("NO_POSSIBLE_DESTINATION", component, "", f"the {kind} listens elsewhere", "Ask for its own port.")
    walk.ports, walk.maybe_ports = walk.ports & ports, walk.maybe_ports & ports
    walk.meet(component, kind, "", "answers")
