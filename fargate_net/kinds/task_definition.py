"""A task definition: the containers that share one interface. Every change is a new revision.

Never here: services and tasks, beyond asking which definitions they use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import NotFound, Refused
from fargate_net.kinds.asking import ask, listed_lower, whole
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws, Kind, Scope, found, register
from fargate_net.kinds.containers import ContainerDefinition, PortMapping, read_container, written_container
from fargate_net.kinds.ecs_reads import definitions_in_use
from fargate_net.kinds.fields import Item, parts
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing

__all__ = ["ContainerDefinition", "PortMapping", "TaskDefinition"]

_DESCRIBE = "ecs.describe_task_definition"


@dataclass(frozen=True)
class TaskDefinition:
    """Its id is the ARN with the revision. ``network_mode`` is ``awsvpc`` on Fargate.

    ``cpu`` is in CPU units (1024 a vCPU), ``memory`` in MiB, both 0 where an EC2 definition states none;
    ``ephemeral_storage`` is in GiB.
    Containers are kept sorted by name: ECS does not promise to keep their order. Status: ``status``.
    """

    kind: ClassVar[str] = "task_definition"
    family: str
    cpu: int
    memory: int
    containers: tuple[ContainerDefinition, ...]
    execution_role: Id = ""
    task_role: Id = ""
    architecture: str = "X86_64"
    operating_system: str = "LINUX"
    ephemeral_storage: int = 20
    network_mode: str = "awsvpc"
    fargate: bool = True
    revision: int = observed(default=0)

    def __post_init__(self) -> None:
        """The order of containers has no meaning."""
        object.__setattr__(self, "containers", tuple(sorted(self.containers, key=lambda container: container.name)))


@register
class TaskDefinitionKind(Kind):
    """Definitions that services and tasks in scope use, and the newest revision of each family of ours.

    The newest revision with our tags alone stands for the key: older ones carry the same tags, and are history.
    """

    name = "task_definition"
    props = TaskDefinition
    immutable = frozenset({"family"})
    exclusive = frozenset({"family"})
    versioned = True
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One DescribeTaskDefinition a definition: ECS offers no batch."""
        current: dict[str, Found[TaskDefinition]] = {}
        if scope.stack is not None and not aws.saved:
            for family in _families(aws, scope.stack):
                if (newest := _newest(aws, family, scope.stack)) is not None:
                    current[newest.id] = newest
        yield from current.values()
        for arn in definitions_in_use(aws, scope):
            if arn in current:
                continue
            answer = ask(aws, self.name, arn, _DESCRIBE, taskDefinition=arn, include=["TAGS"])
            if isinstance(answer, Missing):
                yield answer
            else:
                yield whole(self.name, arn, _DESCRIBE, partial(_history, answer))

    def gone(self, found: Found[Any]) -> bool:
        """A deregistered revision still runs where it runs, but cannot be used anew."""
        return found.status.get("status") in ("INACTIVE", "DELETE_IN_PROGRESS")

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Register the first revision, or the next when ours differ; refuse a family that others registered."""
        newest = _newest(aws, props.family, tags[STACK_TAG])
        if newest is not None and newest.tags.get(KEY_TAG) == tags[KEY_TAG] and newest.props == props:
            return newest.id
        if newest is None and _revisions(aws, props.family, "ACTIVE"):
            raise Refused(
                f"The task definition family {props.family} exists, but holds no revision of stack {tags[STACK_TAG]}.",
                hint="Deregister its revisions, or choose another stack name.",
            )
        return _register(aws, props, tags)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """The next revision, unless an earlier try already registered it."""
        newest = _newest(aws, want.family, have.tags.get(STACK_TAG, ""))
        if newest is not None and newest.props == want:
            return newest.id
        return _register(aws, want, have.tags)

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Deregister and delete every revision of the family that carries our tags; DeleteTaskDefinitions takes ten."""
        doomed: list[str] = []
        for status in ("ACTIVE", "INACTIVE"):
            for arn in _revisions(aws, have.props.family, status):
                revision = _describe(aws, arn)
                if revision is None or revision.tags.get(STACK_TAG) != have.tags.get(STACK_TAG):
                    continue
                if status == "ACTIVE":
                    aws.write("ecs.deregister_task_definition", taskDefinition=arn)
                doomed.append(arn)
        for batch in parts(dict.fromkeys(doomed), 10):
            try:
                aws.write("ecs.delete_task_definitions", taskDefinitions=batch)
            except NotFound:  # the answer to an earlier request was lost, and one of them is gone already
                for arn in batch:
                    with suppress(NotFound):
                        aws.write("ecs.delete_task_definitions", taskDefinitions=[arn])


def _families(aws: Aws, stack: str) -> list[str]:
    """``familyPrefix`` is a prefix in ListTaskDefinitionFamilies alone; in ListTaskDefinitions it is a whole name."""
    answer = aws.read("ecs.list_task_definition_families", familyPrefix=f"{stack}-", status="ACTIVE")
    return sorted(family for family in answer.get("families", ()) if family.startswith(f"{stack}-"))


def _revisions(aws: Aws, family: str, status: str) -> list[str]:
    """The ARNs of a family's revisions, newest first."""
    answer = aws.read("ecs.list_task_definitions", familyPrefix=family, status=status, sort="DESC")
    return [arn for arn in answer.get("taskDefinitionArns", ()) if arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] == family]


def _describe(aws: Aws, arn: str) -> Found[TaskDefinition] | None:
    try:
        return _read(aws.read(_DESCRIBE, taskDefinition=arn, include=["TAGS"]))
    except NotFound:
        return None


def _ours(aws: Aws, family: str, stack: str) -> Iterator[Found[TaskDefinition]]:
    for arn in _revisions(aws, family, "ACTIVE"):
        revision = _describe(aws, arn)
        if revision is not None and revision.tags.get(STACK_TAG) == stack:
            yield revision


def _newest(aws: Aws, family: str, stack: str) -> Found[TaskDefinition] | None:
    """The newest active revision that carries the stack's tags."""
    return next(_ours(aws, family, stack), None)


def _register(aws: Aws, props: TaskDefinition, tags: Mapping[str, str]) -> str:
    params: dict[str, Any] = {
        "family": props.family,
        "networkMode": props.network_mode,
        "requiresCompatibilities": ["FARGATE"] if props.fargate else ["EC2"],
        "cpu": str(props.cpu),
        "memory": str(props.memory),
        "runtimePlatform": {"cpuArchitecture": props.architecture, "operatingSystemFamily": props.operating_system},
        "containerDefinitions": [written_container(container) for container in props.containers],
        "tags": listed_lower(tags),
    }
    if props.execution_role:
        params["executionRoleArn"] = props.execution_role
    if props.task_role:
        params["taskRoleArn"] = props.task_role
    if props.ephemeral_storage != 20:
        # 20 GiB is the default and may not be stated: RegisterTaskDefinition takes 21 to 200.
        params["ephemeralStorage"] = {"sizeInGiB": props.ephemeral_storage}
    answer = aws.write("ecs.register_task_definition", **params)
    return Item(answer, "the response").within("taskDefinition").text("taskDefinitionArn")


def _history(answer: Mapping[str, Any]) -> Found[TaskDefinition]:
    """A definition in use that no longer stands for its key."""
    live = _read(answer)
    return Found(id=live.id, props=live.props, status=live.status, name=live.name, tags=live.tags)


def _read(answer: Mapping[str, Any]) -> Found[TaskDefinition]:
    response = Item(dict(answer), "the response")
    item = response.within("taskDefinition")
    platform = item.within("runtimePlatform")
    launch = item.texts("requiresCompatibilities") or item.texts("compatibilities")
    props = TaskDefinition(
        family=item.text("family"),
        cpu=_units(item.text("cpu", "")),
        memory=_units(item.text("memory", "")),
        containers=tuple(read_container(container) for container in item.many("containerDefinitions")),
        execution_role=item.text("executionRoleArn", ""),
        task_role=item.text("taskRoleArn", ""),
        architecture=platform.text("cpuArchitecture", "X86_64"),
        operating_system=platform.text("operatingSystemFamily", "LINUX"),
        ephemeral_storage=item.within("ephemeralStorage").whole("sizeInGiB", 20),
        network_mode=item.text("networkMode", "bridge"),
        fargate="FARGATE" in launch,
        revision=item.whole("revision", 0),
    )
    return found(
        item.text("taskDefinitionArn"),
        props,
        response.tags("tags"),
        name=props.family,
        arn=item.text("taskDefinitionArn"),
        status=item.text("status", "ACTIVE"),
    )


def _units(text: str) -> int:
    """CPU units or MiB from what ECS answers; it also accepts and may echo ``1 vCPU`` and ``2 GB``."""
    number, _, unit = text.strip().partition(" ")
    try:
        value = float(number) if number else 0.0
    except ValueError:
        return 0
    return int(value * 1024) if unit.lower() in ("vcpu", "gb") else int(value)
