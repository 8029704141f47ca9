"""Edits of where tasks and interfaces stand: public addresses, public subnets. Never here: routes.

A running task cannot get a public address: AWS gives it one at its start, or never (Amazon ECS Developer Guide, Fargate
task networking). So the edit is one of the service, and all of its tasks start anew.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fargate_net.kinds.discovery_service import DiscoveryService as Discovery
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task import Task
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.reach.edits import Harmless, count

ASSIGNED_LATER = "an address not yet assigned"
"""Stands for a public address that AWS chooses."""

IMAGINED = "a task of "
"""How the id of an interface begins that a task would have, did it run."""


@dataclass(frozen=True)
class AttachPublicAddress(Harmless):
    """An Elastic IP for an interface."""

    interface: str

    @property
    def subject(self) -> str:
        """The interface."""
        return self.interface

    @property
    def sentence(self) -> str:
        """As in: Associate an Elastic IP with eni-1."""
        return f"Associate an Elastic IP with {self.interface}."

    def opens(self, snapshot: Snapshot) -> str:
        """What its groups allow from everywhere."""
        return f"to and from the internet, whatever routes and rules allow {self.interface}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The interface with a public address for its first private one."""
        return snapshot.with_(_public(snapshot, [self.interface]))


@dataclass(frozen=True)
class StartWithPublicAddress(Harmless):
    """assignPublicIp for a service, or for a task of none; ``subnets`` are where it moves, none when it stays.

    ``interfaces`` are those of its tasks now; ``service`` is the service's id, empty for a lone task.
    """

    service: str
    name: str
    interfaces: tuple[str, ...]
    subnets: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The service, or the task's interface."""
        return self.service or self.interfaces[0]

    @property
    def sentence(self) -> str:
        """As in: Start the tasks of web (eni-1, eni-2) with assignPublicIp ENABLED in subnet-3."""
        where = f" in {', '.join(self.subnets)}" if self.subnets else ""
        named = ", ".join(one for one in self.interfaces if not one.startswith(IMAGINED))
        who = f"the tasks of {self.name}{f' ({named})' if named else ''}" if self.service else f"the task of {named}"
        return f"Start {who} with assignPublicIp ENABLED{where}."

    def opens(self, snapshot: Snapshot) -> str:
        """Whatever the groups of the tasks allow."""
        whose = f"{self.name} ({count(len(self.interfaces), 'task')})" if self.service else self.interfaces[0]
        return f"to and from the internet, whatever routes and rules allow {whose}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The service set so, its tasks where they then are."""
        if held := snapshot.get(Service, self.service):
            props = replace(held.props, public_ip=True)
            if self.subnets:
                props = replace(props, subnets=self.subnets)
            snapshot = snapshot.with_([replace(held, props=props)])
        if self.subnets:
            for number, interface in enumerate(self.interfaces):
                snapshot = _moved(snapshot, interface, self._subnet(snapshot, interface, number))
        return snapshot.with_(_public(snapshot, self.interfaces))

    def _subnet(self, snapshot: Snapshot, interface: str, number: int) -> str:
        """A subnet of the interface's own zone if there is one, else each in turn."""
        held = snapshot.get(NetworkInterface, interface)
        known = snapshot.of(Subnet)
        same = [key for key in self.subnets if held and key in known and known[key].props.zone == held.props.zone]
        return same[0] if same else self.subnets[number % len(self.subnets)]


def _public(snapshot: Snapshot, interfaces: Iterable[str]) -> list[Found[NetworkInterface]]:
    made = []
    for key in interfaces:
        held = snapshot.get(NetworkInterface, key)
        if held is not None and not held.props.public_ips:
            pair = (held.props.private_ips[0], ASSIGNED_LATER)
            made.append(replace(held, props=replace(held.props, public_ips=(pair,))))
    return made


def _moved(snapshot: Snapshot, interface: str, to: str) -> Snapshot:
    held, subnet = snapshot.get(NetworkInterface, interface), snapshot.get(Subnet, to)
    if held is None or subnet is None:
        return snapshot
    free = free_address(snapshot, to, subnet.props.cidr)
    props = replace(held.props, subnet=to, zone=subnet.props.zone, private_ips=(free,), ipv6_ips=())
    old = held.props.private_ips[0]
    tasks = [
        replace(task, props=replace(task.props, subnet=to, private_ip=free, zone=subnet.props.zone))
        for task in snapshot.of(Task).values()
        if task.props.interface == interface
    ]
    return snapshot.with_([replace(held, props=props), *tasks, *_told_anew(snapshot, str(held.props.vpc), old, free)])


def _told_anew(snapshot: Snapshot, vpc: str, old: str, new: str) -> Iterator[Found[TargetGroup] | Found[Discovery]]:
    """Where ECS registers the new address of a task in place of the old one: target groups and Cloud Map."""
    for group in snapshot.of(TargetGroup).values():
        states = group.props.targets or ()
        if str(group.props.vpc) == vpc and any(state.id == old for state in states):
            moved = tuple(replace(state, id=new, zone="") if state.id == old else state for state in states)
            yield replace(group, props=replace(group.props, targets=moved))
    for service in snapshot.of(Discovery).values():
        known = service.props.instances or ()
        if any(one.ip == old for one in known):
            instances = tuple(replace(one, ip=new) if one.ip == old else one for one in known)
            yield replace(service, props=replace(service.props, instances=instances))


def free_address(snapshot: Snapshot, subnet: str, cidr: str) -> str:
    """The lowest address nobody holds; AWS keeps the first four and the last (VPC User Guide, Subnet CIDR blocks)."""
    nics = snapshot.of(NetworkInterface).values()
    used = {ip for nic in nics if nic.props.subnet == subnet for ip in nic.props.private_ips}
    hosts = ipaddress.ip_network(cidr)
    ours = range(4, hosts.num_addresses - 1)
    return next((str(hosts[at]) for at in ours if str(hosts[at]) not in used), str(hosts[-2]))
