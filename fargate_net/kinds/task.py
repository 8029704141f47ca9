"""A running or stopped task: containers behind one interface. Read only: services start them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fargate_net.kinds.asking import whole
from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.ecs_reads import cluster_of, last, service_of, tasks_in
from fargate_net.kinds.fields import Item
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing


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


@register
class TaskKind(Kind):
    """Tasks of the clusters in scope, running and stopped."""

    name = "task"
    props = Task

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """List the clusters' tasks once, then describe by a hundred."""
        for item in tasks_in(aws, scope):
            yield whole(self.name, last(item.text("taskArn")), "ecs.describe_tasks", partial(_read, item))


def _read(item: Item) -> Found[Task]:
    interface = _interface(item)
    arn = item.text("taskArn")
    props = Task(
        cluster=cluster_of(item),
        service=service_of(item),
        definition=item.text("taskDefinitionArn"),
        interface=interface.get("networkInterfaceId", ""),
        subnet=interface.get("subnetId", ""),
        private_ip=interface.get("privateIPv4Address", ""),
        zone=item.text("availabilityZone", ""),
        group=item.text("group", ""),
        launch_type=item.text("launchType", "") or _provider_type(item),
        containers=tuple(_container(container) for container in item.many("containers")),
        state=item.text("lastStatus", "RUNNING"),
        desired_state=item.text("desiredStatus", "RUNNING"),
        stop_code=item.text("stopCode", ""),
        stopped_reason=item.text("stoppedReason", ""),
        stopped_at=item.time("stoppedAt", ""),
        platform_version=item.text("platformVersion", ""),
        connectivity=item.text("connectivity", ""),
    )
    return found(
        last(arn), props, name=last(arn), arn=arn, state=props.state, ipv6=interface.get("privateIPv6Address", "")
    )


def _interface(item: Item) -> dict[str, str]:
    """The details of the task's elastic network interface (API reference, Attachment)."""
    for attachment in item.many("attachments"):
        if attachment.text("type", "ElasticNetworkInterface") in ("ElasticNetworkInterface", "eni"):
            return {detail.text("name", ""): detail.text("value", "") for detail in attachment.many("details")}
    return {}


def _provider_type(item: Item) -> str:
    return "FARGATE" if item.text("capacityProviderName", "FARGATE").startswith("FARGATE") else "EC2"


def _container(container: Item) -> TaskContainer:
    return TaskContainer(
        name=container.text("name", ""),
        state=container.text("lastStatus", ""),
        health=container.text("healthStatus", "UNKNOWN"),
        reason=container.text("reason", ""),
        exit_code=container.whole("exitCode") if "exitCode" in container else None,
    )
