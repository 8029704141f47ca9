"""The service scheduler: keeps the wanted number of tasks, rolls deployments, breaks the circuit, rolls back.

Authority: Amazon ECS Developer Guide, "Rolling update deployments", "How the Amazon ECS deployment circuit
breaker detects failures", "Service throttle logic", "Amazon ECS service event messages".

Never here: the life of one task.
"""

from __future__ import annotations

import math

from . import ecs_tasks
from .calls import AwsError, tick
from .clock import CLOCK
from .ecs_state import Deployment, Region, Service, Task, regions_in_use

MANY_FAILURES = 5


@tick
def everything_moves() -> None:
    """Bring every task and service of every region up to the present."""
    for _, region in regions_in_use():
        for task in list(region.tasks.values()):
            ecs_tasks.advance(region, task)
        for service in list(region.services.values()):
            reconcile(region, service)
        _forget_old(region)


def _forget_old(region: Region) -> None:
    """Stopped tasks and inactive services are shown for about an hour."""
    for task in list(region.tasks.values()):
        if task.stopped_since is not None and CLOCK.passed(task.stopped_since, "task.visible_after_stop"):
            del region.tasks[task.id]
    for key, service in list(region.services.items()):
        if service.inactive_since is not None and CLOCK.passed(service.inactive_since, "service.inactive_visible"):
            del region.services[key]


def threshold(desired: int) -> int:
    """How many failed tasks in a row open the circuit."""
    return min(200, max(3, math.ceil(0.5 * desired)))


def make_primary(service: Service, deployment: Deployment) -> None:
    """Make a deployment the one to move to; older ones become ACTIVE and wind down."""
    for older in service.deployments:
        older.status = "ACTIVE"
        older.desired = 0
    deployment.reason = f"ECS deployment {deployment.id} in progress."
    service.deployments.insert(0, deployment)
    service.failures, service.next_start, service.steady = 0, 0.0, False


def reconcile(region: Region, service: Service) -> None:
    """One look at a service: count failures, then start and stop what the deployments allow."""
    if service.status == "INACTIVE":
        return
    _note_failures(region, service)
    if service.status == "DRAINING":
        _drain(region, service)
        return
    service.primary.desired = service.desired
    _stop_unhealthy(region, service)
    _break_circuit(region, service)
    _stop_surplus(region, service)
    _start_missing(region, service)
    _finish(region, service)


def _drain(region: Region, service: Service) -> None:
    for task in region.tasks_of(service):
        ecs_tasks.stop(region, task, "Scaling activity initiated by (service deletion)", "ServiceSchedulerInitiated")
    if not region.all_tasks_of(service):
        service.status = "INACTIVE"
        service.inactive_since = CLOCK.now()


def _note_failures(region: Region, service: Service) -> None:
    """Each task that failed before it did its work counts once, for its own deployment."""
    key = f"{service.cluster}/{service.name}"
    for task in region.tasks.values():
        if task.service != key or task.is_live or not task.failed or task.counted:
            continue
        task.counted = True
        service.failures += 1
        delay = CLOCK.duration("task.restart_delay") * 2 ** min(service.failures - 1, 3)
        service.next_start = CLOCK.now() + delay
        for deployment in service.deployments:
            if deployment.id == task.deployment:
                deployment.failed += 1
                deployment.updated_at = CLOCK.wall()
        if service.failures == MANY_FAILURES:
            service.say(
                "is unable to consistently start tasks successfully. For more information, see the "
                "Troubleshooting section of the Amazon ECS Developer Guide.",
                CLOCK.wall(),
            )


def _stop_unhealthy(region: Region, service: Service) -> None:
    grace = CLOCK.scaled(float(service.body.get("healthCheckGracePeriodSeconds", 0)), 0.3)
    for task in region.tasks_of(service):
        if task.running_since is None or CLOCK.now() - task.running_since < grace:
            continue
        trouble = ecs_tasks.target_trouble(region, task)
        if trouble is None:
            continue
        arn, port, why = trouble
        service.say(f"(port {port}) is unhealthy in (target-group {arn}) due to (reason {why}).", CLOCK.wall())
        task.failed = True
        reason = f"Task failed ELB health checks in (target-group {arn})"
        ecs_tasks.stop(region, task, reason, "ServiceSchedulerInitiated")


def _break_circuit(region: Region, service: Service) -> None:
    primary = service.primary
    breaker = service.body.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker", {})
    if not breaker.get("enable") or primary.rollout != "IN_PROGRESS" or primary.failed < threshold(service.desired):
        return
    primary.rollout, primary.failed_since = "FAILED", CLOCK.now()
    primary.reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.updated_at = CLOCK.wall()
    service.say(f"(deployment {primary.id}) deployment failed: tasks failed to start.", CLOCK.wall())
    good = next((d for d in service.deployments[1:] if d.id == service.good), None)
    if breaker.get("rollback") and good is not None:
        _roll_back(service, good)


def _roll_back(service: Service, good: Deployment) -> None:
    """The last completed deployment, whose tasks still run, becomes the one to move to again."""
    failed = service.primary
    failed.reason += f" rolling back to deploymentId {good.id}."
    service.deployments.remove(good)
    make_primary(service, good)
    good.status, good.rollout, good.updated_at = "PRIMARY", "IN_PROGRESS", CLOCK.wall()
    good.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {good.id}."
    service.say(f"rolling back to deployment {good.id}.", CLOCK.wall())


def _limits(service: Service) -> tuple[int, int]:
    """The least number of healthy tasks and the greatest number of tasks during a deployment."""
    configuration = service.body.get("deploymentConfiguration", {})
    least = math.ceil(service.desired * configuration.get("minimumHealthyPercent", 100) / 100)
    most = math.floor(service.desired * configuration.get("maximumPercent", 200) / 100)
    return least, most


def _of(tasks: list[Task], deployment: Deployment) -> list[Task]:
    return [task for task in tasks if task.deployment == deployment.id]


def _stop_surplus(region: Region, service: Service) -> None:
    tasks, primary = region.tasks_of(service), service.primary
    for task in reversed(_of(tasks, primary)[service.desired :]):
        _stop_one(region, service, task, f"Scaling activity initiated by (deployment {primary.id})")
        tasks.remove(task)
    if primary.rollout == "FAILED":
        return
    least, _ = _limits(service)
    healthy = sum(ecs_tasks.is_healthy(region, task) for task in tasks)
    for task in [task for task in tasks if task.deployment != primary.id]:
        counts = ecs_tasks.is_healthy(region, task)
        if counts and healthy - 1 < least:
            continue
        healthy -= counts
        _stop_one(region, service, task, f"Scaling activity initiated by (deployment {primary.id})")


def _stop_one(region: Region, service: Service, task: Task, reason: str) -> None:
    ecs_tasks.stop(region, task, reason, "ServiceSchedulerInitiated")
    service.say(f"has stopped 1 running tasks: (task {task.id}).", CLOCK.wall())


def _start_missing(region: Region, service: Service) -> None:
    tasks, primary = region.tasks_of(service), service.primary
    if primary.rollout == "FAILED" or CLOCK.now() < service.next_start:
        return
    _, most = _limits(service)
    mine = _of(tasks, primary)
    for _ in range(min(service.desired - len(mine), max(most, 0) - len(tasks))):
        try:
            task = _start_one(region, service, mine)
        except AwsError as refused:
            service.next_start = CLOCK.now() + 8 * CLOCK.duration("task.restart_delay")
            service.say(f"was unable to place a task. Reason: {refused.message}.", CLOCK.wall())
            return
        mine.append(task)
        if not task.is_live:
            return
        service.say(f"has started 1 tasks: (task {task.id}).", CLOCK.wall())


def _start_one(region: Region, service: Service, among: list[Task]) -> Task:
    primary, settings = service.primary, service.primary.settings
    return ecs_tasks.start(
        region,
        primary.definition,
        settings["networkConfiguration"],
        cluster=service.cluster,
        group=f"service:{service.name}",
        started_by=primary.id,
        launch=launch_of(settings),
        tags=_propagated(service, primary),
        service=f"{service.cluster}/{service.name}",
        deployment=primary.id,
        load_balancers=settings.get("loadBalancers", []),
        registries=settings.get("serviceRegistries", []),
        execute_command=bool(service.body.get("enableExecuteCommand")),
        among=among,
    )


def launch_of(settings: dict[str, object]) -> dict[str, str]:
    """Launch type or capacity provider as a task shows it; both run on Fargate."""
    strategy = settings.get("capacityProviderStrategy")
    if isinstance(strategy, list) and strategy:
        best = max(strategy, key=lambda item: (item.get("base", 0), item.get("weight", 0)))
        return {"launchType": "FARGATE", "capacityProviderName": best["capacityProvider"]}
    return {"launchType": "FARGATE"}


def _propagated(service: Service, deployment: Deployment) -> dict[str, str]:
    tags: dict[str, str] = {}
    if service.body.get("propagateTags") == "SERVICE":
        tags |= service.tags
    elif service.body.get("propagateTags") == "TASK_DEFINITION":
        tags |= deployment.definition.tags
    if service.body.get("enableECSManagedTags"):
        tags |= {"aws:ecs:clusterName": service.cluster, "aws:ecs:serviceName": service.name}
    return tags


def _still_failing(service: Service) -> bool:
    """A failed deployment stays in sight for a while, so that a rollback is not over before anyone looks."""
    return any(
        not CLOCK.passed(deployment.failed_since, "deployment.failed_visible")
        for deployment in service.deployments
        if deployment.failed_since is not None
    )


def _finish(region: Region, service: Service) -> None:
    tasks, primary = region.tasks_of(service), service.primary
    mine = _of(tasks, primary)
    ready = len(mine) == service.desired and all(ecs_tasks.is_healthy(region, task) for task in mine)
    if not ready:
        service.steady = False
    if not ready or len(tasks) > len(mine) or primary.rollout == "FAILED" or _still_failing(service):
        return
    if primary.rollout != "COMPLETED":
        primary.rollout = "COMPLETED"
        primary.reason = f"ECS deployment {primary.id} completed."
        primary.updated_at = CLOCK.wall()
        service.say(f"(deployment {primary.id}) deployment completed.", CLOCK.wall())
        service.good = primary.id
    service.deployments = [primary]
    service.failures = 0
    if not service.steady:
        service.steady = True
        service.say("has reached a steady state.", CLOCK.wall())
