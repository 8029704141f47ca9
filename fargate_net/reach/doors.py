"""What would open a load balancer: a listener, a target, a zone, an attribute, as a sentence that carries its edit.

Never here: deciding whether a balancer is closed, its security groups.
"""

from __future__ import annotations

from collections.abc import Iterable

from fargate_net.kinds.listener import Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.model.snapshot import Found
from fargate_net.reach.addresses import show
from fargate_net.reach.balancers import TRANSPORTS, Balancers, Lane, Target
from fargate_net.reach.edits.balancers import AddListener, EnableZone, RegisterTarget, SetAttribute
from fargate_net.reach.fixes import cure, sockets
from fargate_net.reach.interfaces import Lack, Nic, running
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network

PLAIN = frozenset({"HTTP", "TCP", "UDP", "TCP_UDP"})
"""Listener protocols that need no certificate."""


def listener(
    balancers: Balancers,
    balancer: Found[LoadBalancer],
    listeners: Iterable[Found[Listener]],
    protocol: str,
    ports: Intervals,
) -> str:
    """No listener takes a port: one like those that are there, when it is clear where it would forward to."""
    alike = [
        one for one in listeners if one.props.protocol in PLAIN and protocol in TRANSPORTS.get(one.props.protocol, ())
    ]
    held = [balancers.groups(one) for one in alike]
    groups = {group.id: group for found in held if not isinstance(found, Lack) for group in found}
    if len(groups) != 1 or ports.size != 1:
        return f"Add a listener for {sockets(protocol, ports)} to {balancer.props.name}."
    (group,) = groups.values()
    spoken = alike[0].props.protocol
    name = balancer.props.name
    return cure(AddListener(balancer.id, name, spoken, ports.first, group.id, group.props.name))


def target(lane: Lane, nic: Nic, label: str, port: int) -> str:
    """An interface that the group does not hold."""
    return _register(lane.group, nic, label, port) or f"Register {label} in {lane.group.props.name}."


def first_target(network: Network, lane: Lane) -> str:
    """A group without targets: a task of the service that registers there."""
    for service in network.snapshot.of(Service).values():
        for wanted in service.props.targets:
            if str(wanted.target_group) != lane.group.id:
                continue
            for task in network.tasks_of(service.props.name, str(service.props.cluster)):
                nic = network.nics.get(task.props.interface)
                if nic is not None and running(task) and (made := _register(lane.group, nic, task.id, wanted.port)):
                    return made
    return f"Register targets in {lane.group.props.name}; a service does so when its tasks run."


def _register(group: Found[TargetGroup], nic: Nic, label: str, port: int) -> str:
    address = nic.address(4)
    if group.props.target_type != "ip" or address is None:
        return ""
    return cure(RegisterTarget(group.id, group.props.name, label, show(4, address), port))


def zone(network: Network, lane: Lane, target: Target) -> str:
    """A target in a zone that the balancer does not serve."""
    props = lane.balancer.props
    inside = [
        key
        for key, found in network.snapshot.of(Subnet).items()
        if str(found.props.vpc) == str(props.vpc) and found.props.zone == target.zone
    ]
    facing = props.scheme == "internet-facing"
    wanted = sorted(inside, key=lambda key: (facing and not network.is_public(key), key))
    if not wanted:
        return f"Enable {target.zone} for {props.name} by adding a subnet of it."
    return cure(EnableZone(lane.balancer.id, props.name, target.zone, wanted[0]))


def forget_client(lane: Lane) -> str:
    """The client's own address is in the way; UDP always keeps it."""
    group = lane.group.props
    if "UDP" in group.protocol or "QUIC" in group.protocol:
        return f"Take another way: {group.name} speaks {group.protocol}, which always keeps the client's address."
    return cure(SetAttribute(lane.group.id, group.name, "preserve_client_ip.enabled", on=False))


def cross_zones(lane: Lane, zone: str) -> str:
    """A node without targets in its own zone."""
    where = f"the node of {lane.balancer.props.name} in {zone}"
    return cure(SetAttribute(lane.group.id, lane.group.props.name, "load_balancing.cross_zone.enabled", True, where))
