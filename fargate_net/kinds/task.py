"""A running or stopped task: containers behind one interface. Read only: services start them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class TaskContainer:
    """A container of the task as it runs."""

    name: str
    state: str = ""
    health: str = "UNKNOWN"
    reason: str = ""
    exit_code: int | None = None


@dataclass(frozen=True)
class Task:
    """Its id is the last part of the ARN. ``service`` is the service's name, ``""`` for a task started by hand.

    The interface is gone once the task stopped; the attachment details stay.
    """

    kind: ClassVar[str] = "task"
    cluster: str
    service: str
    definition: str
    interface: str
    subnet: str
    private_ip: str
    zone: str = ""
    group: str = ""
    launch_type: str = "FARGATE"
    containers: tuple[TaskContainer, ...] = observed(default=())
    state: str = observed(default="RUNNING")
    desired_state: str = observed(default="RUNNING")
    stop_code: str = observed(default="")
    stopped_reason: str = observed(default="")
    stopped_at: str = observed(default="")
    platform_version: str = observed(default="")
    connectivity: str = observed(default="")
