"""Health checks: whether the checks of a target group reach its targets. Never here: whether targets answer.

(Elastic Load Balancing: Health checks for target groups.) Checks always come from the nodes' own addresses and pass
only the outbound rules of the balancer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker, Disposition
from fargate_net.reach import joining
from fargate_net.reach.balancers import Lane, Target, balancers_of, unread
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult


@dataclass(frozen=True)
class HealthPath:
    """Whether every check reaches its target, ``partial`` when some do; ``failing`` are targets that none reaches."""

    verdict: Disposition
    blockers: tuple[Blocker, ...] = ()
    missing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


def health(network: Network, target_group: str) -> HealthPath:
    """The path of the checks of one target group, from every node that may send to a target, on the check's port.

    ``blocked`` without blockers means that there is nobody to check: no target, or no balancer that uses the group.
    Raises KeyError when the snapshot does not hold the group.
    """
    group = network.snapshot.of(TargetGroup)[target_group]
    made = balancers_of(network)
    targets = made.targets(group)
    if isinstance(targets, Lack):
        return HealthPath(Disposition.UNKNOWN, missing=(targets.text,))
    results: dict[str, list[FlowResult]] = {}
    missing = [f"{lost.call}: {lost.why}" for lost in unread(network, LoadBalancer)]
    for balancer in network.snapshot.of(LoadBalancer).values():
        for lane in made.lanes(balancer):
            if isinstance(lane, Lack):
                missing.append(lane.text)
            elif lane.group.id == group.id:
                for target in targets:
                    results.setdefault(target.label, []).extend(_checks(network, lane, target))
    verdicts = {result.verdict for held in results.values() for result in held}
    blockers = tuple(
        dict.fromkeys(_check(blocker, group) for held in results.values() for r in held for blocker in r.blockers)
    )
    facts = tuple(dict.fromkeys((*missing, *(text for held in results.values() for r in held for text in r.missing))))
    failing = tuple(
        label for label, held in results.items() if held and all(r.verdict is Disposition.BLOCKED for r in held)
    )
    if Disposition.UNKNOWN in verdicts or (missing and not verdicts):
        return HealthPath(Disposition.UNKNOWN, blockers, facts, failing)
    if verdicts == {Disposition.REACHABLE}:
        return HealthPath(Disposition.REACHABLE)
    closed = not verdicts or verdicts == {Disposition.BLOCKED}
    return HealthPath(Disposition.BLOCKED if closed else Disposition.PARTIAL, blockers, (), failing)


def _checks(network: Network, lane: Lane, target: Target) -> list[FlowResult]:
    """One result for each node that may send to the target; the first listener stands for all of the balancer."""
    made = balancers_of(network)
    check = lane.group.props.health
    port = target.port if check.port in ("traffic-port", "") else int(check.port)
    nodes = joining.eligible(made, lane, target, made.nodes(lane.balancer))
    if isinstance(nodes, Blocker):
        return [joining.refused(nodes, "tcp", 4, (Intervals([(port, port)]), False))]
    return [_one(network, lane, node, target, port) for node in nodes]


def _one(network: Network, lane: Lane, node: Nic, target: Target, port: int) -> FlowResult:
    asked = Intervals([(port, port)])
    here, there = joining.ends(network, node, target, 4)
    if here is None or there is None:
        return joining.undeliverable(lane, target, "tcp", 4, asked)
    return flow(network, here, there, "tcp", asked=asked, whole=False)


def _check(blocker: Blocker, group: Found[TargetGroup]) -> Blocker:
    port = group.props.health.port
    detail = f"the health check of {group.props.name} on {port} does not get through: {blocker.detail} [{blocker.code}]"
    return replace(blocker, code="HEALTH_CHECK_BLOCKED", detail=detail)
