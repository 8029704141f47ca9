"""How far a service is: whether its roll-out is over, and whether its balancers see healthy targets. Pure.

Never here: calls, waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fargate_net.kinds.base import READY, Readiness, broken, pending
from fargate_net.kinds.service_parts import Deployment, ServiceEvent
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.model.snapshot import Found, Snapshot

if TYPE_CHECKING:
    from fargate_net.kinds.service import Service

USUAL = 90.0
"""Seconds from CreateService to running tasks: an interface, an image, a start."""


def rolled_out(found: Found[Service]) -> Readiness:
    """Ready when one deployment is left, completed, with as many tasks running as asked for.

    Broken when ECS gave up: the circuit breaker marks a deployment FAILED, and with rollback starts the old one anew
    (Developer Guide, How the Amazon ECS deployment circuit breaker detects failures).
    """
    if found.status.get("status", "ACTIVE") != "ACTIVE":
        return pending(f"the service is {found.status['status']}", USUAL)
    deployments: tuple[Deployment, ...] = found.status.get("deployments", ())
    for deployment in deployments:
        if deployment.rollout == "FAILED":
            return broken(deployment.reason or "ECS gave the deployment up: its tasks kept failing")
    primary = next((deployment for deployment in deployments if deployment.status == "PRIMARY"), None)
    if primary is None:
        return pending("ECS has not begun the deployment", USUAL)
    if "rolling back" in primary.reason.lower() or "rolled back" in primary.reason.lower():
        return broken(primary.reason)
    desired = found.status.get("desired", primary.desired)
    if primary.running == desired and len(deployments) == 1 and primary.rollout in ("COMPLETED", ""):
        return READY
    return pending(_count(primary, deployments, int(desired), found.status.get("events", ())), USUAL)


def _count(
    primary: Deployment, deployments: tuple[Deployment, ...], desired: int, events: tuple[ServiceEvent, ...]
) -> str:
    words = f"{primary.running} of {desired} tasks running"
    if primary.failed:
        words += f", {primary.failed} failed to start"
    old = sum(deployment.running for deployment in deployments if deployment is not primary)
    if old:
        words += f", {old} old still running"
    if primary.running < desired and events and "unable to" in events[0].text:
        words += f"; ECS says: {events[0].text}"
    return words


def first_healthy(found: Found[Service], world: Snapshot) -> Readiness:
    """Ready when each target group of the service holds one healthy target; broken when ECS gave up."""
    progress = rolled_out(found)
    return progress if progress.state == "broken" else targets_healthy(found, world, most=1)


def targets_healthy(found: Found[Service], world: Snapshot, most: int | None = None) -> Readiness:
    """Ready when each target group of the service holds as many healthy targets as tasks are asked for (or ``most``).

    A group whose health may not be read cannot be waited for, and does not hold up the run.
    """
    desired = int(found.status.get("desired", found.props.desired))
    desired = desired if most is None else min(desired, most)
    for target in sorted(found.props.targets, key=str):
        group = world.get(TargetGroup, str(target.target_group))
        if group is None or group.props.targets is None:
            continue
        healthy = sum(state.state == "healthy" for state in group.props.targets)
        if healthy < desired:
            words = f"{healthy} of {desired} targets healthy in {group.props.name}"
            ill = [state for state in group.props.targets if state.state not in ("healthy", "draining")]
            told = next((state.description or state.reason for state in ill if state.description or state.reason), "")
            return pending(f"{words}: {told}" if told else words, USUAL)
    return READY
