"""Why a service does not come up, told while the run waits. Never here: what a message means (reach/stopped.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from fargate_net.engine.calls import Diagnosis
from fargate_net.engine.observe import observe
from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.service import Service
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.model.event import Failed, Notice
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Disposition
from fargate_net.reach.health import health
from fargate_net.reach.network import Network
from fargate_net.reach.stopped import Cause, cause

ENOUGH = 2
"""Tasks that stopped for one and the same reason before we call it hopeless: once may be chance."""

PASSING = frozenset({"STOPPED_ON_PURPOSE", "SPOT_INTERRUPTION", "NO_CAPACITY"})
"""Causes that another task may not meet again."""

DOUBTFUL = frozenset({"CAUSE_UNKNOWN", "PATH_NOW_OPEN", "HEALTH_CHECK_FAILED"})
"""Causes that need more than two tasks to be believed."""

BEYOND_DOUBT = 6
"""Tasks that stopped for a doubtful cause before we call it hopeless."""


_ON_PURPOSE = frozenset({"UserInitiated", "ServiceSchedulerInitiated"})
_FAILED_CHECK = "health checks in"  # the scheduler stops these tasks, but not of its own will


def diagnose(aws: Aws, scope: Scope, past: Collection[str], waiting: Found[Any]) -> Diagnosis | None:
    """What stands in the way of a service that is waited for; None for other kinds, and while nothing tells.

    ``past`` are tasks that had stopped before the run began: what stopped them may be mended.
    """
    if not isinstance(waiting.props, Service):
        return None
    world = observe(aws, scope)
    world = world.with_((), [("task", task) for task in past])
    service = world.get(Service, waiting.id)
    return why(world, service) if service is not None else None


def stopped(world: Snapshot) -> frozenset[str]:
    """The tasks that have stopped."""
    return frozenset(task.id for task in world.of(Task).values() if task.props.state == "STOPPED")


def why(world: Snapshot, service: Found[Service], *, rolled_back: bool = False) -> Diagnosis | None:
    """The cause its latest tasks share, or what keeps the balancer from its targets.

    After a rollback the service runs its old task definition again; the tasks that failed had another one.
    """
    network = Network(world)
    causes = [cause(network, task) for task in _failed_tasks(world, service, rolled_back)]
    if causes:
        first, same = causes[0], [other for other in causes if other.code == causes[0].code]
        fatal = len(same) >= (BEYOND_DOUBT if first.code in DOUBTFUL else ENOUGH) and first.code not in PASSING
        if first.code == "HEALTH_CHECK_FAILED":
            return _unhealthy(network, service, stopped=True, fatal=fatal)
        return Diagnosis(f"its tasks stop: {first.text}", _way_out(world, service, first), fatal)
    return _unhealthy(network, service)


def _failed_tasks(world: Snapshot, service: Found[Service], rolled_back: bool) -> list[Found[Task]]:
    """Tasks of the task definition in question that stopped by themselves, the latest first."""
    stopped = sorted(
        (
            task
            for task in world.of(Task).values()
            if task.props.service == service.props.name
            and task.props.state == "STOPPED"
            and (task.props.stop_code not in _ON_PURPOSE or _FAILED_CHECK in task.props.stopped_reason)
        ),
        key=lambda task: task.props.stopped_at,
        reverse=True,
    )
    if not stopped:
        return []
    wanted = stopped[0].props.definition if rolled_back else str(service.props.task_definition)
    return [task for task in stopped if task.props.definition == wanted][:BEYOND_DOUBT]


def _way_out(world: Snapshot, service: Found[Service], found: Cause) -> str:
    """The fix of a cause; for an application that ends by itself, the command that shows its last words."""
    definition = world.get(TaskDefinition, str(service.props.task_definition))
    groups = {str(container.log[0]) for container in definition.props.containers if container.log} if definition else ()
    if found.code not in ("APPLICATION_EXITED", "CAUSE_UNKNOWN") or not groups:
        return str(found.fix)
    return "Read what the containers said last: " + "; ".join(f"aws logs tail {name} --since 15m" for name in groups)


def _unhealthy(
    network: Network, service: Found[Service], *, stopped: bool = False, fatal: bool = False
) -> Diagnosis | None:
    """What the balancers' health checks meet; None while no target is unhealthy and no task was ``stopped`` for it."""
    for entry in sorted(service.props.targets, key=str):
        group = network.snapshot.get(TargetGroup, str(entry.target_group))
        if group is None:
            continue
        ill = [target for target in group.props.targets or () if target.state == "unhealthy"]
        if not ill and not stopped:
            continue
        path = health(network, group.id)
        if path.verdict is Disposition.BLOCKED and path.blockers:
            return Diagnosis(path.blockers[0].detail, str(path.blockers[0].fix), True)
        said = sorted({target.description or target.reason for target in ill if target.reason})
        return Diagnosis(
            f"{_asked(group.props, entry.port)} fails although the network is open"
            + (f": {'; '.join(said)}" if said else ""),
            f"Check that {entry.container} listens on 0.0.0.0, port {entry.port}, and answers the health path with "
            f"an accepted code within {service.props.grace} s of its start.",
            fatal,
        )
    return None


def _asked(group: TargetGroup, port: int) -> str:
    """The health check in words: ``the health check of web-1 (HTTP GET /health on port 80, codes 200-299)``."""
    check = group.health
    asks = f"{check.protocol} GET {check.path}" if check.path else check.protocol
    codes = f", codes {check.codes}" if check.codes else ""
    return f"the health check of {group.name} ({asks} on port {check.port if check.port.isdigit() else port}{codes})"


def last_words(world: Snapshot, failures: Iterable[Failed]) -> Iterator[Notice]:
    """After a run that failed at a service: the cause once more, from what is there now."""
    for failure in failures:
        for service in world.of(Service).values():
            if service.key != failure.key:
                continue
            told = why(world, service, rolled_back=True)
            if told is not None and told.text not in failure.what:
                yield Notice(0.0, f"{failure.key}: {told.text}", told.hint)
