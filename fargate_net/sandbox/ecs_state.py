"""The nouns of the simulated Amazon ECS: clusters, task definitions, services, deployments, tasks.

ECS is not repaired moto but written anew: moto's services start no tasks. One `Region` holds everything of an
account and region, and goes with moto's reset.

Never here: behaviour over time (ecs_tasks, ecs_scheduler) and what responses look like (ecs_shapes).
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ecs.models import ecs_backends

from .calls import AwsError, Call
from .stores import all_kept, ec2, kept_by

_numbers = itertools.count(7310254823150071)


def new_id() -> str:
    """32 hexadecimal digits, as task ids have."""
    return uuid.uuid4().hex


@dataclass
class Cluster:
    """A cluster; `body` keeps the parts of the request that are shown as they came."""

    name: str
    arn: str
    body: dict[str, Any]
    tags: dict[str, str]
    status: str = "ACTIVE"


@dataclass
class TaskDefinition:
    """One revision of a family; `body` is the request with the defaults that AWS fills in."""

    arn: str
    family: str
    revision: int
    body: dict[str, Any]
    tags: dict[str, str]
    registered_at: datetime
    status: str = "ACTIVE"
    deregistered_at: datetime | None = None

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The container definitions."""
        found: list[dict[str, Any]] = self.body["containerDefinitions"]
        return found


@dataclass
class Registration:
    """One target or Cloud Map instance that belongs to a running task."""

    kind: str  # "target" or "instance"
    arn: str
    port: int | None


@dataclass
class Task:
    """One task. `since` is the sandbox time at which the present `status` began."""

    id: str
    arn: str
    cluster: str
    definition: TaskDefinition
    network: dict[str, Any]
    group: str
    started_by: str
    launch: dict[str, Any]
    tags: dict[str, str]
    subnet_id: str
    zone: str
    created_at: datetime
    since: float
    overrides: dict[str, Any] = field(default_factory=dict)
    service: str | None = None
    deployment: str | None = None
    load_balancers: list[dict[str, Any]] = field(default_factory=list)
    registries: list[dict[str, Any]] = field(default_factory=list)
    execute_command: bool = False
    status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    attachment_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attachment_details: list[dict[str, str]] = field(default_factory=list)
    interface_id: str | None = None
    address: str | None = None
    ipv6: str | None = None
    registrations: list[Registration] = field(default_factory=list)
    container_ids: dict[str, str] = field(default_factory=dict)
    container_reasons: dict[str, str] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)
    stop_code: str | None = None
    stopped_reason: str | None = None
    failed: bool = False
    counted: bool = False
    started_at: datetime | None = None
    running_since: float | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_since: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether ECS wants the task to run."""
        return self.desired_status == "RUNNING"


@dataclass
class Deployment:
    """One rollout of a service: which tasks it wants. `status` is PRIMARY or, once replaced, ACTIVE."""

    definition: TaskDefinition
    settings: dict[str, Any]
    desired: int
    created_at: datetime
    updated_at: datetime
    id: str = field(default_factory=lambda: f"ecs-svc/{next(_numbers)}")
    status: str = "PRIMARY"
    failed: int = 0
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    failed_since: float | None = None


@dataclass
class Service:
    """A service. `body` keeps settings that are shown as they came and that no deployment carries."""

    name: str
    arn: str
    cluster: str
    body: dict[str, Any]
    tags: dict[str, str]
    desired: int
    created_at: datetime
    deployments: list[Deployment]
    asked: dict[str, Any]
    status: str = "ACTIVE"
    events: list[dict[str, Any]] = field(default_factory=list)
    good: str | None = None  # the id of the last deployment that completed
    failures: int = 0
    next_start: float = 0.0
    steady: bool = False
    inactive_since: float | None = None

    @property
    def primary(self) -> Deployment:
        """The deployment that the service moves to."""
        return self.deployments[0]

    def say(self, message: str, at: datetime) -> None:
        """Add a service event; AWS keeps the latest hundred."""
        event = {"id": str(uuid.uuid4()), "createdAt": at, "message": f"(service {self.name}) {message}"}
        self.events = [event, *self.events][:100]


class Region:
    """All of ECS in one account and region."""

    def __init__(self) -> None:
        self.account = ""
        self.name = ""
        self.clusters: dict[str, Cluster] = {}
        self.families: dict[str, list[TaskDefinition]] = {}
        self.services: dict[tuple[str, str], Service] = {}
        self.tasks: dict[str, Task] = {}
        self.run_tokens: dict[str, tuple[dict[str, Any], list[str]]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    def arn(self, kind: str, *path: str) -> str:
        """An ARN of this region: `arn("task", cluster, id)`."""
        partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.name.rsplit("-", 2)[0], "aws")
        return f"arn:{partition}:ecs:{self.name}:{self.account}:{kind}/{'/'.join(path)}"

    def cluster(self, given: str | None) -> Cluster:
        """A cluster by name or ARN ("default" when none is named); ClusterNotFoundException."""
        found = self.clusters.get((given or "default").split("/")[-1])
        if found is None or found.status == "INACTIVE":
            raise AwsError("ClusterNotFoundException", "Cluster not found.")
        return found

    def service(self, cluster: Cluster, given: str) -> Service:
        """A service by name or ARN; ServiceNotFoundException."""
        found = self.services.get((cluster.name, given.split("/")[-1]))
        if found is None:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        return found

    def definition(self, given: str) -> TaskDefinition:
        """A task definition by ARN, family:revision, or family (its latest active revision)."""
        family, _, revision = given.split("/")[-1].partition(":")
        known = self.families.get(family, [])
        if revision:
            found = next((d for d in known if str(d.revision) == revision and d.status != "DELETED"), None)
        else:
            found = next((d for d in reversed(known) if d.status == "ACTIVE"), None)
        if found is None:
            raise AwsError("ClientException", "Unable to describe task definition.")
        return found

    def tasks_of(self, service: Service) -> list[Task]:
        """The tasks of a service that ECS wants to run, oldest first."""
        key = f"{service.cluster}/{service.name}"
        return [task for task in self.tasks.values() if task.service == key and task.is_live]

    def all_tasks_of(self, service: Service) -> list[Task]:
        """All tasks of a service that are not STOPPED."""
        key = f"{service.cluster}/{service.name}"
        return [task for task in self.tasks.values() if task.service == key and task.status != "STOPPED"]


def region_of(account: str, name: str) -> Region:
    """ECS of an account and region."""
    ecs_backends[account][name]  # moto's tagging API asks only services that have been used
    region = kept_by(ec2(account, name), Region)
    region.account, region.name = account, name
    return region


def ecs(call: Call) -> Region:
    """ECS of the call's account and region."""
    return region_of(call.account, call.region)


def regions_in_use() -> Iterator[tuple[Any, Region]]:
    """Every region that ECS was used in, with its EC2 backend."""
    yield from all_kept(Region)


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """ECS tags as a mapping."""
    return {tag["key"]: tag.get("value", "") for tag in tags or []}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """A mapping as ECS tags."""
    return [{"key": key, "value": value} for key, value in tags.items()]
