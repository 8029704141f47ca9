"""What a load balancer is made of: nodes, listeners, target groups, registered targets. Never here: packets.

(Elastic Load Balancing User Guide, How Elastic Load Balancing works; target groups of Application and Network Load
Balancers.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup, TargetState
from fargate_net.model.snapshot import Found, Missing
from fargate_net.reach import addresses
from fargate_net.reach.endpoints import resolve
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import EPHEMERAL
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Holder

TRANSPORTS = {
    "HTTP": ("tcp",),
    "HTTPS": ("tcp",),
    "TCP": ("tcp",),
    "TLS": ("tcp",),
    "UDP": ("udp",),
    "TCP_UDP": ("tcp", "udp"),
    "QUIC": ("udp",),
    "TCP_QUIC": ("tcp", "udp"),
}
"""Transport protocols of a listener or target group protocol."""

CHOOSING = frozenset({"TCP", "TLS"})
"""Protocols of target groups that may or may not keep the client's address; the others of their kind always do."""

GONE = frozenset({"draining"})
"""States in which a target gets no new connections although it is registered."""


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target: its interface when known, its port and zone, and AWS's word for its health."""

    nic: Nic | None
    ip: str
    port: int
    zone: str
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A way through a balancer: a listener that forwards to a group.

    ``front`` is the lane of a Network Load Balancer that ends at this one's balancer, when the client asks there.
    ``keeps`` and ``crosses`` suppose what attributes that nobody knows would say: whether targets see the client's
    address, whether nodes use targets of other zones.
    """

    balancer: Found[LoadBalancer]
    listener: Found[Listener]
    group: Found[TargetGroup]
    keeps: bool | None = None
    crosses: bool | None = None
    front: Lane | None = None

    @property
    def asked(self) -> Found[LoadBalancer]:
        """The balancer whose name the client asks for."""
        return self.front.balancer if self.front is not None else self.balancer

    def supposed(self) -> list[Lane]:
        """The lane of a Network Load Balancer under all that unknown attributes may say, the defaults first."""
        lanes, group, own = [self], self.group.props, self.balancer.props
        if self.front is not None:
            return [replace(self, front=front) for front in self.front.supposed()]
        if own.type != "network":
            return lanes
        if group.attributes is None and group.protocol in CHOOSING:
            lanes = [replace(self, keeps=group.target_type != "ip"), replace(self, keeps=group.target_type == "ip")]
        stated = group.attribute("load_balancing.cross_zone.enabled") in ("true", "false")
        if group.attributes is None or (own.attributes is None and not stated):
            lanes = [replace(lane, crosses=crosses) for crosses in (False, True) for lane in lanes]
        return lanes


class Balancers:
    """The balancers of one network, indexed."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._nodes: dict[str, list[Nic]] | None = None
        self._held: dict[str, list[Nic]] = {}
        self._targets: dict[str, tuple[Target, ...] | Lack] = {}
        self._listeners: dict[str, list[Found[Listener]]] = defaultdict(list)
        self._rules: dict[str, list[Found[ListenerRule]]] = defaultdict(list)
        for listener in network.snapshot.of(Listener).values():
            self._listeners[str(listener.props.load_balancer)].append(listener)
        for rule in network.snapshot.of(ListenerRule).values():
            self._rules[str(rule.props.listener)].append(rule)

    def nodes(self, balancer: Found[LoadBalancer]) -> list[Nic]:
        """One interface for each enabled zone; stand-ins where the snapshot does not hold them."""
        made = self._held.get(balancer.id)
        if made is None:
            made = self._held[balancer.id] = self._find(balancer)
        return made

    def _find(self, balancer: Found[LoadBalancer]) -> list[Nic]:
        if self._nodes is None:
            self._nodes = defaultdict(list)
            for key, found in self.network.snapshot.of(NetworkInterface).items():
                if found.props.description.startswith("ELB "):
                    self._nodes[found.props.description.split("/")[1:2][0]].append(self.network.nics[key])
        props = balancer.props
        word = {"application": "app", "network": "net"}.get(props.type, props.type)
        held = [nic for nic in self._nodes.get(props.name, ()) if self._is_node(nic, word, props)]
        if props.scheme == "internet-facing":
            held = [nic if nic.public else _with_public(nic) for nic in held]
        covered = {nic.subnet for nic in held}
        subnets = {str(s) for s in props.subnets} | {subnet for _, subnet in props.zones if subnet}
        return held + [n for s in sorted(subnets - covered) if (n := self._stand_in(props, s)) is not None]

    def _is_node(self, nic: Nic, word: str, props: LoadBalancer) -> bool:
        found = self.network.snapshot.of(NetworkInterface)[nic.id]
        return found.props.description.startswith(f"ELB {word}/{props.name}") and nic.vpc == str(props.vpc)

    def _stand_in(self, props: LoadBalancer, subnet: str) -> Nic | None:
        found = self.network.snapshot.get(Subnet, subnet)
        if found is None:
            return None
        address = self.network.stand_in(subnet)
        own = found.props.ipv6_cidr if props.ip_address_type != "ipv4" else ""
        return Nic(
            f"{props.name} in {subnet}",
            str(props.vpc),
            subnet,
            found.props.zone,
            frozenset(map(str, props.security_groups)),
            (address,),
            (addresses.cidr(own).low + 4,) if own else (),
            {address: addresses.UNASSIGNED} if props.scheme == "internet-facing" else {},
            EPHEMERAL,
            "network_load_balancer" if props.type == "network" else "interface",
            assumed=True,
        )

    def listeners(self, balancer: Found[LoadBalancer]) -> list[Found[Listener]] | Lack:
        """The listeners by port, or why they are not known."""
        held = self._listeners.get(balancer.id, [])
        missing = self.network.snapshot.unknown(Listener.kind, balancer.id)
        if not held and missing is not None:
            return Lack(f"{missing.call}: {missing.why}")
        own = balancer.id.replace(":loadbalancer/", ":listener/")
        for lost in unread(self.network, Listener):
            if lost.subject.startswith(own):
                return Lack(f"{lost.call}: {lost.why}")
        for one in held:
            if not (one.props.port and one.props.protocol):
                return Lack(f"elasticloadbalancing:DescribeListeners: the port and protocol of {one.id}")
        return sorted(held, key=lambda listener: listener.props.port)

    def actions(self, listener: Found[Listener]) -> tuple[Action, ...] | Lack:
        """What the listener does by default and by its rules, in the order they are tried."""
        missing = self.network.snapshot.unknown(ListenerRule.kind, listener.id)
        rules = sorted(self._rules.get(listener.id, ()), key=lambda rule: rule.props.priority)
        if missing is not None and not rules and listener.props.protocol in ("HTTP", "HTTPS"):
            return Lack(f"{missing.call}: {missing.why}")
        return tuple(a for rule in rules for a in rule.props.actions) + listener.props.actions

    def groups(self, listener: Found[Listener]) -> list[Found[TargetGroup]] | Lack:
        """The target groups that get traffic from a listener, each once."""
        actions = self.actions(listener)
        if isinstance(actions, Lack):
            return actions
        held: dict[str, Found[TargetGroup]] = {}
        for group, weight in (pair for action in actions for pair in action.target_groups):
            if weight == 0:
                continue
            found = self.network.fact(TargetGroup, str(group))
            if isinstance(found, Lack):
                return found
            held[found.id] = found
        return list(held.values())

    def targets(self, group: Found[TargetGroup]) -> tuple[Target, ...] | Lack:
        """The registered targets, and those ECS will register for tasks that are only planned."""
        made = self._targets.get(group.id)
        if made is None:
            made = self._targets[group.id] = self._read(group)
        return made

    def _read(self, group: Found[TargetGroup]) -> tuple[Target, ...] | Lack:
        states = group.props.targets
        if states is None:
            return self.network.lack("target_group", group.id, f"the targets of {group.props.name} are not known")
        held = [self._target(state, group) for state in states if state.state not in GONE]
        known = {(target.nic.id, target.port) for target in held if target.nic is not None}
        for service in self.network.snapshot.of(Service).values():
            for wanted in service.props.targets:
                if str(wanted.target_group) != group.id:
                    continue
                end = resolve(self.network, service.id)
                for holder in end.ends if end else ():
                    if not isinstance(holder, Holder) or (holder.nic.id, wanted.port) in known:
                        continue
                    if service.planned or group.planned or self._planned(holder.nic):
                        held.append(Target(holder.nic, "", wanted.port, holder.nic.zone, "planned", holder.label))
        return tuple(held)

    def _planned(self, nic: Nic) -> bool:
        found = self.network.snapshot.get(NetworkInterface, nic.id)
        return found is not None and found.planned

    def _target(self, state: TargetState, group: Found[TargetGroup]) -> Target:
        nic: Nic | None = None
        if group.props.target_type == "instance":
            end = resolve(self.network, state.id) if state.id.startswith("i-") else None
            nic = next((h.nic for h in end.ends if isinstance(h, Holder)), None) if end else None
        elif group.props.target_type == "ip":
            family, address = addresses.parse(state.id)
            nic = self.network.at(str(group.props.vpc), family, address)
            if nic is None:
                others = self.network.anywhere(family, address)
                nic = others[0] if len(others) == 1 else None
        task = self.network.task_of.get(nic.id) if nic else None
        label = task.id if task else nic.id if nic else state.id
        zone = state.zone or (nic.zone if nic else "")
        return Target(nic, state.id, state.port, zone, state.state, label)

    def lanes(self, balancer: Found[LoadBalancer]) -> Iterable[Lane | Lack]:
        """Every listener and group of a balancer; a lack in place of what is not known."""
        listeners = self.listeners(balancer)
        if isinstance(listeners, Lack):
            yield listeners
            return
        for listener in listeners:
            groups = self.groups(listener)
            if isinstance(groups, Lack):
                yield groups
                continue
            for group in groups:
                yield Lane(balancer, listener, group)

    def crosses_zones(self, lane: Lane) -> bool:
        """Whether a node also uses targets of other zones: on by default only for Application Load Balancers."""
        if lane.crosses is not None:
            return lane.crosses
        own = lane.group.props.attribute("load_balancing.cross_zone.enabled")
        if own in ("true", "false"):
            return own == "true"
        if lane.balancer.props.type == "application":
            return True
        return lane.balancer.props.attribute("load_balancing.cross_zone.enabled") == "true"

    def keeps_client(self, lane: Lane) -> bool:
        """Whether targets see the client's address (Network Load Balancers, Client IP preservation)."""
        if lane.balancer.props.type != "network":
            return False
        if lane.keeps is not None:
            return lane.keeps
        group = lane.group.props
        if group.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
            return True
        stated = group.attribute("preserve_client_ip.enabled")
        if stated in ("true", "false"):
            return stated == "true"
        return not (group.target_type == "ip" and group.protocol in ("TCP", "TLS"))


def _with_public(nic: Nic) -> Nic:
    """A node of an internet-facing balancer whose public address the snapshot does not tell."""
    return replace(nic, public={nic.v4[0]: addresses.UNASSIGNED}) if nic.v4 else nic


_MADE: WeakKeyDictionary[Network, Balancers] = WeakKeyDictionary()


def balancers_of(network: Network) -> Balancers:
    """The balancers of a network, indexed once."""
    made = _MADE.get(network)
    if made is None:
        made = _MADE[network] = Balancers(network)
    return made


def unread(network: Network, kind: type[LoadBalancer] | type[Listener]) -> list[Missing]:
    """Why a whole kind, or one thing of it, could not be read; not what is unknown about a thing that was."""
    known = network.snapshot.of(kind)
    return [lost for lost in network.snapshot.missing if lost.kind == kind.kind and lost.subject not in known]
