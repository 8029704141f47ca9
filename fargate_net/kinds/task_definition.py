"""A task definition: the containers that share one interface. Every change is a new revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class PortMapping:
    """A port a container listens on; on Fargate it is the same port on the task's interface."""

    port: int
    protocol: str = "tcp"
    name: str = ""
    app_protocol: str = ""
    to_port: int | None = None
    """The last port of a range; None for a single port."""


@dataclass(frozen=True)
class ContainerDefinition:
    """One container. ``environment`` and ``secrets`` pair (name, value or ARN); ``health`` is canonical JSON or ``""``.

    ``options`` holds everything else that is compared but means nothing to packets, as sorted (name, canonical JSON).
    ``log`` is (group, region, stream prefix), empty without awslogs.
    """

    name: str
    image: str
    ports: tuple[PortMapping, ...] = ()
    essential: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    environment_files: tuple[str, ...] = ()
    repository_credentials: str = ""
    health: str = ""
    log: tuple[Id, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TaskDefinition:
    """Its id is the ARN with the revision. ``network_mode`` is ``awsvpc`` on Fargate."""

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
