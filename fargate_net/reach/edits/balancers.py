"""Edits of load balancers: listeners, targets, zones, attributes. Never here: which of them is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.target_group import TargetGroup, TargetState
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.reach.edits import Harmless


@dataclass(frozen=True)
class RegisterTarget(Harmless):
    """An address in a target group; ``label`` is how people call it, ``name`` the group's name."""

    group: str
    name: str
    label: str
    ip: str
    port: int

    @property
    def subject(self) -> str:
        """The target group."""
        return self.group

    @property
    def sentence(self) -> str:
        """As in: Register eni-1 in web (port 80 of 10.0.1.9)."""
        return f"Register {self.label} in {self.name} (port {self.port} of {self.ip})."

    def opens(self, snapshot: Snapshot) -> str:
        """Every client of the balancer."""
        return f"port {self.port} of {self.label} for every client of the load balancers in front of {self.name}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The group with the target."""
        held = snapshot.get(TargetGroup, self.group)
        if held is None:
            return snapshot
        targets = tuple(one for one in held.props.targets or () if (one.id, one.port) != (self.ip, self.port))
        made = TargetState(self.ip, self.port, state="planned")
        return snapshot.with_([replace(held, props=replace(held.props, targets=(*targets, made)))])


@dataclass(frozen=True)
class AddListener(Harmless):
    """A listener that forwards to a target group which the balancer serves already."""

    balancer: str
    name: str
    protocol: str
    port: int
    group: str
    group_name: str

    @property
    def subject(self) -> str:
        """The balancer."""
        return self.balancer

    @property
    def sentence(self) -> str:
        """As in: Add a listener for HTTP 8080 to front that forwards to web."""
        return f"Add a listener for {self.protocol} {self.port} to {self.name} that forwards to {self.group_name}."

    def opens(self, snapshot: Snapshot) -> str:
        """Every client the balancer's groups let in."""
        return f"{self.protocol} {self.port} of {self.name} for every client that its security groups let in"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The balancer with the listener."""
        made = Listener(self.balancer, self.port, self.protocol, (Action("forward", ((self.group, 1),)),))
        return snapshot.with_([Found(f"planned:listener/{self.name}.{self.port}", made, planned=True)])


@dataclass(frozen=True)
class EnableZone(Harmless):
    """A subnet in one more zone for a balancer."""

    balancer: str
    name: str
    zone: str
    subnet: str

    @property
    def subject(self) -> str:
        """The balancer."""
        return self.balancer

    @property
    def sentence(self) -> str:
        """As in: Enable eu-west-1c for front by adding subnet-3."""
        return f"Enable {self.zone} for {self.name} by adding {self.subnet}."

    def opens(self, snapshot: Snapshot) -> str:
        """A node more."""
        return f"a node of {self.name} in {self.subnet} for all of its clients"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The balancer with the subnet."""
        held = snapshot.get(LoadBalancer, self.balancer)
        if held is None:
            return snapshot
        zones = (*held.props.zones, (self.zone, self.subnet))
        props = replace(held.props, subnets=held.props.subnets | {self.subnet}, zones=zones)
        return snapshot.with_([replace(held, props=props)])


@dataclass(frozen=True)
class SetAttribute(Harmless):
    """An attribute of a target group turned on or off; ``where`` is what gains by it.

    (Network Load Balancers, Client IP preservation, Cross-zone load balancing.)
    """

    group: str
    name: str
    attribute: str
    on: bool
    where: str = ""

    @property
    def subject(self) -> str:
        """The target group."""
        return self.group

    @property
    def sentence(self) -> str:
        """As in: Turn off preserve_client_ip.enabled of web."""
        where = f" for {self.where}" if self.where else ""
        return f"Turn {'on' if self.on else 'off'} {self.attribute} of {self.name}{where}."

    def opens(self, snapshot: Snapshot) -> str:
        """Every client of the balancer."""
        why = "" if self.on else ": their rules see its nodes instead"
        return f"the targets of {self.name} for every client of its load balancers{why}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The group with the attribute."""
        held = snapshot.get(TargetGroup, self.group)
        if held is None:
            return snapshot
        kept = {(name, value) for name, value in held.props.attributes or () if name != self.attribute}
        attributes = frozenset(kept | {(self.attribute, "true" if self.on else "false")})
        return snapshot.with_([replace(held, props=replace(held.props, attributes=attributes))])
