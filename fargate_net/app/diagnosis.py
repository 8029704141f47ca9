"""Why a service does not come up, told while the run waits. Never here: what a message means (reach/stopped.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fargate_net.engine.calls import Diagnosis
from fargate_net.engine.observe import observe
from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.service import Service
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task import Task
from fargate_net.model.event import Failed, Notice
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Disposition
from fargate_net.reach.health import health
from fargate_net.reach.network import Network
from fargate_net.reach.stopped import Cause, cause

ENOUGH = 2
"""Tasks that stopped for one and the same reason before we call it hopeless: once may be chance."""

PASSING = frozenset({"STOPPED_ON_PURPOSE", "SPOT_INTERRUPTION", "NO_CAPACITY", "CAUSE_UNKNOWN", "PATH_NOW_OPEN"})
"""Causes that another task may not meet again."""


def diagnose(aws: Aws, scope: Scope, waiting: Found[Any]) -> Diagnosis | None:
    """What stands in the way of a service that is waited for; None for other kinds, and while nothing tells."""
    if not isinstance(waiting.props, Service):
        return None
    world = observe(aws, scope)
    service = world.get(Service, waiting.id)
    return why(world, service) if service is not None else None


def why(world: Snapshot, service: Found[Service], *, rolled_back: bool = False) -> Diagnosis | None:
    """The cause its latest tasks share, or what keeps the balancer from its targets.

    After a rollback the service runs its old task definition again; the tasks that failed had another one.
    """
    network = Network(world)
    causes = [cause(network, task) for task in _failed_tasks(world, service, rolled_back)]
    if causes:
        same = [other for other in causes if other.code == causes[0].code]
        return _told(causes[0], fatal=len(same) >= ENOUGH and causes[0].code not in PASSING)
    return _unhealthy(network, service)


def _failed_tasks(world: Snapshot, service: Found[Service], rolled_back: bool) -> list[Found[Task]]:
    """Tasks of the task definition in question that stopped by themselves, the latest first."""
    stopped = sorted(
        (
            task
            for task in world.of(Task).values()
            if task.props.service == service.props.name
            and task.props.state == "STOPPED"
            and task.props.stop_code not in ("UserInitiated", "ServiceSchedulerInitiated")
        ),
        key=lambda task: task.props.stopped_at,
        reverse=True,
    )
    if not stopped:
        return []
    wanted = stopped[0].props.definition if rolled_back else str(service.props.task_definition)
    return [task for task in stopped if task.props.definition == wanted][:5]


def _told(found: Cause, *, fatal: bool) -> Diagnosis:
    return Diagnosis(f"its tasks stop: {found.text}", str(found.fix), fatal)


def _unhealthy(network: Network, service: Found[Service]) -> Diagnosis | None:
    for entry in service.props.targets:
        group = network.snapshot.get(TargetGroup, str(entry.target_group))
        if group is None or not any(target.state == "unhealthy" for target in group.props.targets or ()):
            continue
        path = health(network, group.id)
        if path.verdict is Disposition.BLOCKED and path.blockers:
            return Diagnosis(path.blockers[0].detail, str(path.blockers[0].fix), True)
        said = sorted({target.description or target.reason for target in group.props.targets or () if target.reason})
        return Diagnosis(
            f"targets of {group.props.name} are unhealthy although the network is open: {'; '.join(said)}",
            "Check that the application listens on 0.0.0.0 and answers the health path with an accepted code.",
        )
    return None


def last_words(world: Snapshot, failures: Iterable[Failed]) -> Iterator[Notice]:
    """After a run that failed at a service: the cause once more, from what is there now."""
    for failure in failures:
        for service in world.of(Service).values():
            if service.key != failure.key:
                continue
            told = why(world, service, rolled_back=True)
            if told is not None and told.text not in failure.what:
                yield Notice(0.0, f"{failure.key}: {told.text}", told.hint)
