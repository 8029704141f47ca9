"""Whether services are up at a moment, by the sandbox's own rules: tasks run, have a way out, and have a target;
and whether every listener and rule that leads to a target group finds a healthy target there.

Never here: what a run did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fargate_net.sandbox.ecs_startup import start_failure
from fargate_net.sandbox.ecs_state import Region, Service, Task, regions_in_use
from fargate_net.sandbox.elb_targets import Targets, health_of
from fargate_net.sandbox.stores import ec2, elb, kept_by


def up_now() -> dict[str, frozenset[str]]:
    """What each service has at this moment: ``tasks``, ``way out``, ``target``."""
    return {
        service.name: frozenset(_has(region, service)) for _, region in regions_in_use() for service in _live(region)
    }


def _live(region: Region) -> Iterator[Service]:
    return (service for service in region.services.values() if service.status == "ACTIVE")


def _has(region: Region, service: Service) -> Iterator[str]:
    ours = f"{service.cluster}/{service.name}"
    running = [task for task in region.tasks.values() if task.service == ours and task.status == "RUNNING"]
    if running:
        yield "tasks"
    if any(_gets_out(region, task) for task in running):
        yield "way out"
    if any(_serves(region, task) for task in running):
        yield "target"


def _gets_out(region: Region, task: Task) -> bool:
    """Whether the task could start where it is: registry, secrets, logs and image are within reach."""
    interface = ec2(region.account, region.name).enis.get(task.interface_id)
    return interface is not None and start_failure(task, interface, region.name) is None


def _serves(region: Region, task: Task) -> bool:
    return any(
        made.kind == "target"
        and health_of(region.account, region.name, made.arn, str(task.address), int(made.port or 0))[0] == "healthy"
        for made in task.registrations
    )


def doors_now() -> dict[str, bool]:
    """Every listener and rule that forwards, by ARN: whether each group that it gives requests to can take them."""
    return {
        door: all(_takes(region, arn) for arn in groups)
        for _, region in regions_in_use()
        for door, groups in _doors(region)
        if groups
    }


def _doors(region: Region) -> Iterator[tuple[str, list[str]]]:
    for balancer in elb(region.account, region.name).load_balancers.values():
        for listener in balancer.listeners.values():
            yield listener.arn, _weighed(listener.default_actions)
            for rule in listener.rules.values():
                if not rule.is_default:
                    yield rule.arn, _weighed(rule.actions)


def _weighed(actions: list[Any]) -> list[str]:
    """The groups that get requests."""
    found: list[str] = []
    for action in actions:
        data = action if isinstance(action, dict) else action.data
        groups = data.get("ForwardConfig", {}).get("TargetGroups", [])
        found += [group["TargetGroupArn"] for group in groups if int(group.get("Weight", 1))]
        if not groups and "TargetGroupArn" in data:
            found.append(data["TargetGroupArn"])
    return found


def _takes(region: Region, arn: str) -> bool:
    held = kept_by(ec2(region.account, region.name), Targets).of.get(arn, {})
    return any(health_of(region.account, region.name, arn, *target)[0] == "healthy" for target in held)


class Watch:
    """Notes what a service had and lost. ``lost`` holds (service, what), each once, with the last write before it.

    ``silent`` holds the listeners and rules that once found a healthy target and then did not, in the same way.
    """

    def __init__(self) -> None:
        self._had = up_now()
        self._doors = {door for door, answers in doors_now().items() if answers}
        self.lost: dict[tuple[str, str], str] = {}
        self.silent: dict[str, str] = {}
        self._last = "nothing"

    def look(self, number: int = 0, operation: str = "") -> None:
        """Compare this moment with the first one. A service that is gone has nothing to lose."""
        self._last = operation or self._last
        now = up_now()
        for name, had in self._had.items():
            for what in had - now.get(name, had):
                self.lost.setdefault((name, what), f"after {self._last}")
        for door, answers in doors_now().items():
            if answers:
                self._doors.add(door)
            elif door in self._doors:
                self.silent.setdefault(door, f"after {self._last}")
