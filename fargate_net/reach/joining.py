"""Two connections made one at a load balancer: the joined result, and the reasons a balancer itself refuses.

Never here: following packets, choosing lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from fargate_net.kinds.listener import Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker, Disposition, Hop
from fargate_net.reach import addresses, doors, fixes
from fargate_net.reach.attached import at_rest
from fargate_net.reach.balancers import Balancers, Lane, Target
from fargate_net.reach.interfaces import Nic
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, EPHEMERAL, Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Asked
from fargate_net.reach.verdicts import RANK, Outcome, unknown
from fargate_net.reach.walk import FlowResult, Point


def join(first: FlowResult, second: FlowResult, lane: Lane, target: Target, asked: Asked) -> FlowResult:
    """The client's and the node's connection as one, about the asked ports (the target's, or the listener's)."""
    ports, whole = asked
    listener = lane.listener.props.port
    own = Intervals([(target.port, target.port)]) if target.port in ports else Intervals([(listener, listener)])
    verdicts = {first.verdict, second.verdict}
    sure = not verdicts & {Disposition.BLOCKED, Disposition.UNKNOWN}
    maybe = Disposition.BLOCKED not in verdicts
    keeps = second.wanted == first.wanted and second.seen_as == first.seen_as
    clients = first.clients & second.clients if keeps else first.clients
    maybe_clients = first.maybe_clients & second.maybe_clients if keeps else first.maybe_clients
    partly = not keeps and second.verdict is Disposition.PARTIAL
    name = lane.listener.props.protocol
    hops = (
        Hop(lane.balancer.id, "load_balancer", f"{name} {listener}", f"forwards to {lane.group.props.name}"),
        Hop(lane.group.id, "target_group", "", f"chooses {target.label} port {target.port}"),
    )
    back = (Hop(lane.balancer.id, "load_balancer", "", "takes the reply back"),)
    return FlowResult(
        first.protocol,
        first.family,
        ports,
        whole,
        own if sure else EMPTY,
        own if maybe else EMPTY,
        clients,
        maybe_clients,
        first.wanted,
        first.strained or second.strained or partly,
        (*first.forward, *hops, *second.forward),
        (*second.back, *back, *first.back),
        _in_path_order(first.blockers, second.blockers),
        (*first.missing, *second.missing),
        (*first.assumptions, *second.assumptions),
        (*first.consulted, *second.consulted),
        second.seen_as,
    )


def _in_path_order(first: tuple[Blocker, ...], second: tuple[Blocker, ...]) -> tuple[Blocker, ...]:
    """Requests of both connections in turn, then replies from the far end back."""
    there = [blocker for blocker in (*first, *second) if blocker.direction == "forward"]
    back = [blocker for blocker in (*second, *first) if blocker.direction == "return"]
    return (*there, *back)


def refused(blocker: Blocker, protocol: str, family: int, asked: Asked) -> FlowResult:
    """The result of a connection the balancer never makes."""
    return FlowResult(
        protocol,
        family,
        asked[0],
        asked[1],
        EMPTY,
        EMPTY,
        ALL_PORTS,
        ALL_PORTS,
        EPHEMERAL,
        False,
        (),
        (),
        (blocker,),
        (),
        (),
        (),
    )


def undeliverable(lane: Lane, target: Target, protocol: str, family: int, asked: Intervals) -> FlowResult:
    """The result when the node and the target have no address family in common."""
    name = lane.balancer.props.name
    detail = f"{name} and the target {target.label} have no IPv{family} address in common"
    fix = f"Register {target.label} by an address of a family {name} has."
    return refused(
        Blocker("UNASSOCIATED_COMPONENT", "forward", lane.group.id, "", detail, fix), protocol, family, (asked, False)
    )


def step(lane: Lane, node: Nic) -> Target:
    """A node of a balancer as the target of the one in front of it."""
    ip = addresses.show(4, node.v4[0]) if node.v4 else ""
    return Target(node, ip, lane.listener.props.port, node.zone, "", lane.balancer.props.name)


def ends(network: Network, node: Nic, target: Target, family: int) -> tuple[Point | None, Point | None]:
    """The two ends of the node's own connection. Its family is the target's, whatever the client's is."""
    if target.nic is not None:
        version = 6 if ":" in target.ip else 4
        address = target.nic.address(version)
        if target.ip and not target.ip.startswith("i-"):
            address = addresses.parse(target.ip)[1]
    else:
        version, address = addresses.parse(target.ip)
    own = node.address(version)
    if own is None or address is None:
        return None, None
    return Point(version, own, node), Point(version, address, target.nic)


def explained(result: FlowResult, lane: Lane, node: Point) -> FlowResult:
    """An internal balancer seen from the internet: say so, instead of wanting an Elastic IP on its interface."""
    props = lane.balancer.props
    if props.scheme != "internal" or node.nic is None:
        return result
    blockers = tuple(_internal(b, lane.balancer) if b.component == node.nic.id else b for b in result.blockers)
    return result if blockers == result.blockers else replace(result, blockers=blockers)


def _internal(blocker: Blocker, balancer: Found[LoadBalancer]) -> Blocker:
    if blocker.code != "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS":
        return blocker
    name = balancer.props.name
    return replace(
        blocker,
        component=balancer.id,
        detail=f"{name} is internal: it has no public address",
        fix=f"Put an internet-facing load balancer in front instead of {name}.",
    )


def preserved(result: FlowResult, lane: Lane, target: Target, *, loop: bool) -> FlowResult:
    """What client IP preservation rules out: a client that is its own target, targets outside the balancer's VPC."""
    name = lane.balancer.props.name
    if loop:
        detail = f"{name} keeps the client's address, so {target.label} cannot reach itself through it"
        blocker = Blocker("NLB_LOOPBACK", "forward", lane.group.id, "", detail, doors.forget_client(lane))
    elif abroad(lane, target):
        detail = f"{name} keeps the client's address, which works only for targets in {lane.balancer.props.vpc}"
        fix = doors.forget_client(lane)
        blocker = Blocker("ELBV2_SOURCE_ADDRESS_PRESERVATION", "forward", lane.group.id, "", detail, fix)
    else:
        return result
    return replace(result, ports=EMPTY, maybe_ports=EMPTY, blockers=(*result.blockers, blocker))


def abroad(lane: Lane, target: Target) -> bool:
    """Whether a target is in another VPC than the balancer, where nobody's address can be kept."""
    return target.nic is not None and target.nic.vpc != str(lane.balancer.props.vpc)


def eligible(balancers: Balancers, lane: Lane, target: Target, nodes: Sequence[Nic]) -> list[Nic] | Blocker:
    """The nodes that may send to a target, or why none does (cross-zone load balancing, nothing that runs there)."""
    name = lane.balancer.props.name
    if target.nic is not None and (why := at_rest(balancers.network, target.nic)):
        return why[0]
    if not nodes:
        detail = f"{name} has no node in a known subnet"
        return Blocker("ELB_INSTALLED_AZ_RESTRICTION", "forward", lane.balancer.id, "", detail, f"Give {name} subnets.")
    if not target.zone or target.zone == "all":
        return list(nodes)
    zones = sorted({node.zone for node in nodes})
    if target.zone not in zones:
        detail = f"the target {target.label} is in {target.zone}, which is not enabled for {name} ({', '.join(zones)})"
        fix = doors.zone(balancers.network, lane, target)
        return Blocker("ELB_INSTALLED_AZ_RESTRICTION", "forward", lane.balancer.id, "", detail, fix)
    if balancers.crosses_zones(lane):
        return list(nodes)
    return [node for node in nodes if node.zone == target.zone]


def idle(lane: Lane, nodes: Sequence[Nic], used: Collection[str]) -> list[tuple[str, Blocker]]:
    """The zones whose nodes have no target, each with the reason."""
    name, group = lane.balancer.props.name, lane.group.props.name
    return [
        (
            zone,
            Blocker(
                "ELB_NOT_CROSSZONE",
                "forward",
                lane.balancer.id,
                "",
                f"the node of {name} in {zone} finds no target of {group} there, and uses those of no other zone",
                doors.cross_zones(lane, zone),
            ),
        )
        for zone in sorted({node.zone for node in nodes} - set(used))
    ]


def no_listener(
    balancers: Balancers,
    balancer: Found[LoadBalancer],
    listeners: Sequence[Found[Listener]],
    protocol: str,
    ports: Intervals,
) -> Blocker:
    """No listener takes the asked ports."""
    name, what = balancer.props.name, fixes.sockets(protocol, ports)
    held = ", ".join(f"{one.props.protocol} {one.props.port}" for one in listeners) or "none"
    code = "ELBV2_LISTENERS_MISMATCH" if held == "none" else "ELBV2_LISTENER_PORT_RESTRICTION"
    detail = f"{name} has no listener for {what} (its listeners: {held})"
    fix = doors.listener(balancers, balancer, listeners, protocol, ports)
    return Blocker(code, "forward", balancer.id, "", detail, fix)


def empty(network: Network, lane: Lane) -> Blocker:
    """A group without registered targets."""
    group = lane.group.props.name
    detail = f"the target group {group} behind {lane.balancer.props.name}:{lane.listener.props.port} has no targets"
    return Blocker("ELBV2_LISTENER_HAS_NO_TG", "forward", lane.group.id, "", detail, doors.first_target(network, lane))


def not_registered(lane: Lane, nic: Nic, label: str, port: int) -> Blocker:
    """A task of the service that the group does not hold."""
    group = lane.group.props.name
    detail = f"{label} is not registered in the target group {group}"
    fix = doors.target(lane, nic, label, port)
    return Blocker("TARGET_NOT_REGISTERED", "forward", lane.group.id, "", detail, fix)


def broken(balancer: Found[LoadBalancer]) -> Blocker | None:
    """A balancer that AWS could not set up (Elastic Load Balancing API Reference, LoadBalancerState)."""
    props = balancer.props
    if props.state != "failed":
        return None
    detail = f"the load balancer {props.name} is failed: AWS could not set it up"
    return Blocker("BAD_STATE", "forward", balancer.id, "", detail, f"Replace {props.name}: it does not recover.")


def supposing(lanes: Sequence[Lane], judge: Callable[[Sequence[Lane]], Outcome | None]) -> Outcome | None:
    """The outcome of lanes whose attributes may not be known: unknown when it depends on what they say."""
    spread = [lane.supposed() for lane in lanes]
    first, *others = (
        judge([held[min(n, len(held) - 1)] for held in spread]) for n in range(max(map(len, spread), default=1))
    )
    if first is None or all(one is not None and one.verdict is first.verdict for one in others):
        return first
    missing = [
        f"{call}: the attributes of {thing.props.name} are not known"
        for lane in lanes
        for call, thing in (
            ("elasticloadbalancing:DescribeTargetGroupAttributes", lane.group),
            ("elasticloadbalancing:DescribeLoadBalancerAttributes", lane.balancer),
        )
        if thing.props.attributes is None
    ]
    return unknown(*dict.fromkeys(missing), order=first.order)


def health_note(lane: Lane, target: Target) -> list[str]:
    """Health does not decide a verdict: a balancer whose targets are all unhealthy uses them all the same."""
    if target.state in ("healthy", "planned", ""):
        return []
    return [f"{target.label} is {target.state} in {lane.group.props.name}; the verdict is about packets, not health"]


def assuming(outcome: Outcome, lane: Lane, nodes: Sequence[Nic], said: Iterable[str]) -> Outcome:
    """The outcome with what was taken for granted about the balancer."""
    texts = list(dict.fromkeys(said))
    name = lane.balancer.props.name
    stand_ins = sorted(node.subnet for node in nodes if node.assumed)
    if stand_ins:
        texts.append(f"the nodes of {name} in {', '.join(stand_ins)} have addresses of those subnets")
    if lane.balancer.props.type == "application" and lane.group.props.attributes is None:
        texts.append(f"the attributes of {name} and its target groups are the defaults")
    if lane.balancer.props.state not in ("active", "active_impaired"):
        texts.append(f"{name}, now {lane.balancer.props.state}, becomes active")
    return replace(outcome, assumptions=(*outcome.assumptions, *texts)) if texts else outcome


def rank(result: FlowResult) -> tuple[int, int]:
    """Smaller is better."""
    return RANK[result.verdict], len(result.blockers)
