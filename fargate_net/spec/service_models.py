"""A service and its containers as the user wishes them.

Never here: rules between fields (rules/), how the service is exposed (expose_models).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from fargate_net.spec import derived, short_forms
from fargate_net.spec.base import Model, PortNumber, Rows
from fargate_net.spec.discovery_models import Discovery
from fargate_net.spec.expose_models import Expose


class Port(Model):
    """A port that a container listens on. Short forms: `80`, `"53/udp"`."""

    port: PortNumber = Field(description="Container port; on Fargate also the port of the task's address.")
    protocol: Literal["tcp", "udp"] = Field(default="tcp", description="Transport protocol.")
    name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9_][a-z0-9_-]{0,63}$",
        description="Name of the port mapping. Default: none, or `container-port` where Service Connect needs one.",
    )
    app_protocol: Literal["http", "http2", "grpc"] | None = Field(
        default=None, description="What is spoken on it, for Service Connect; without it plain TCP."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.port(raw)


class Health(Model):
    """The health check of a container (ECS API Reference, HealthCheck). Short form: a shell command."""

    command: Rows[str] = Field(
        min_length=2, description='`["CMD", …]` runs a program, `["CMD-SHELL", "…"]` a shell line.'
    )
    interval: int = Field(default=30, ge=5, le=300, description="Seconds between two checks.")
    timeout: int = Field(default=5, ge=2, le=60, description="Seconds until a check has failed.")
    retries: int = Field(default=3, ge=1, le=10, description="Failures in a row until unhealthy.")
    start_period: int = Field(
        default=0, ge=0, le=300, description="Seconds at the start in which failures do not count."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.health(raw)


class DependsOn(Model):
    """Start only after another container of the task has reached a condition."""

    container: str = Field(description="Name of the other container.")
    condition: Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"] = Field(
        default="START", description="What to wait for."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"container": raw} if isinstance(raw, str) else raw


class Container(Model):
    """One container of the task. All containers of a task share one address and reach each other on localhost."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,255}$", description="Name, unique in the task.")
    image: str = Field(min_length=1, max_length=1024, description="Image with registry and tag or digest.")
    ports: Rows[Port] = Field(default=(), max_length=100, description="Ports that it listens on.")
    environment: Mapping[str, str] = Field(
        default_factory=dict, description="Environment variables. Never secrets: those belong in `secrets`."
    )
    plain_environment: Rows[str] = Field(
        default=(), description="Variables of `environment` that look like secrets and are none."
    )
    secrets: Mapping[str, str] = Field(
        default_factory=dict,
        description="Variables filled at start from Secrets Manager (ARN) or Parameter Store (ARN or name).",
    )
    health: Health | None = Field(default=None, description="Health check inside the container.")
    command: Rows[str] = Field(
        default=(), description="Replaces the command of the image. A string is split as a shell does."
    )
    entry_point: Rows[str] = Field(default=(), description="Replaces the entry point of the image.")
    working_dir: str | None = Field(default=None, description="Folder in which the command runs.")
    user: str | None = Field(default=None, description="User, or `uid:gid`.")
    essential: bool = Field(default=True, description="When it stops, the task stops.")
    depends_on: Rows[DependsOn] = Field(default=(), description="Containers that start first.")
    cpu: int | None = Field(default=None, ge=1, le=32768, description="CPU units of the task that it is granted.")
    memory: int | None = Field(default=None, ge=6, le=249856, description="Memory in MiB at which it is killed.")
    memory_reservation: int | None = Field(default=None, ge=6, le=249856, description="Memory in MiB kept for it.")
    read_only_root: bool = Field(default=False, description="The root file system cannot be written.")
    stop_timeout: int = Field(default=30, ge=2, le=120, description="Seconds between SIGTERM and SIGKILL.")
    init: bool = Field(default=False, description="Run an init process that reaps children; advised with `exec`.")
    registry_credentials: str | None = Field(
        default=None, description="ARN of the Secrets Manager secret with user and password of a private registry."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.container(raw)


class AllowFrom(Model):
    """Who may open connections to the tasks. Short form: the source alone, for all declared ports."""

    source: str = Field(alias="from", description="A service of the stack, a CIDR, a sg- or pl- id.")
    ports: Rows[PortNumber] = Field(default=(), description="Declared ports; empty for all of them.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"from": raw} if isinstance(raw, str) else raw


class Scaling(Model):
    """Target tracking of the number of tasks (Application Auto Scaling User Guide)."""

    min: int = Field(ge=0, le=1000, description="Fewest tasks.")
    max: int = Field(ge=1, le=1000, description="Most tasks.")
    cpu: int | None = Field(
        default=None, ge=1, le=100, description="Average CPU use to hold, percent. Default: 60 when no goal is given."
    )
    memory: int | None = Field(default=None, ge=1, le=100, description="Average memory use to hold, percent.")
    requests: int | None = Field(default=None, ge=1, description="Requests a minute and task to hold; needs an `alb`.")
    cooldown: int = Field(default=300, ge=0, le=3600, description="Seconds of rest after a change.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.scaling(raw)


class Deployment(Model):
    """How new tasks replace old ones (ECS API Reference, DeploymentConfiguration)."""

    min_percent: int = Field(default=100, ge=0, le=100, description="Share of `count` that keeps running, rounded up.")
    max_percent: int = Field(default=200, ge=100, le=200, description="Share of `count` that may run, rounded down.")
    circuit_breaker: bool = Field(default=True, description="Give up a deployment whose tasks keep failing.")
    rollback: bool = Field(default=True, description="When given up, go back to the last good deployment.")


class Log(Model):
    """Where the output of the containers goes: one CloudWatch log group for each service."""

    retention: Literal[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
    ] = Field(default=14, description="Days that log lines are kept.")


class Service(Model):
    """A Fargate service: `count` copies of a task."""

    cpu: int = Field(default=256, description="CPU units of a task, 1024 are one vCPU. `1 vCPU` is understood.")
    memory: int = Field(default=512, description="Memory of a task in MiB. `2 GB` is understood.")
    count: int = Field(
        default=2, ge=0, le=5000, description="Number of tasks. Default: `scaling.min`, or 2 without it."
    )
    subnets: Literal["public", "private"] = Field(
        default="private", description="Where tasks run. Default: private; public when `egress` is `public`."
    )
    public_ip: bool = Field(
        default=False,
        description=(
            "Give tasks a public IPv4 address. Default: true in public subnets unless endpoints give the way out."
        ),
    )
    containers: Rows[Container] = Field(min_length=1, max_length=10, description="The containers of a task.")
    expose: Rows[Expose] = Field(default=(), description="Ways in from outside.")
    discovery: Rows[Discovery] = Field(default=(), description="Ways for other services to find it.")
    allow_from: Rows[AllowFrom] = Field(default=(), description="Who may connect to the tasks directly.")
    scaling: Scaling | None = Field(default=None, description="Change the number of tasks by load.")
    spot: bool = Field(default=False, description="Run on Fargate Spot: cheaper, and stopped with two minutes' notice.")
    exec: bool = Field(default=False, description="Allow `aws ecs execute-command` into the containers.")
    architecture: Literal["x86_64", "arm64"] = Field(default="x86_64", description="Processor of the images.")
    platform_version: Literal["LATEST", "1.4.0"] = Field(default="LATEST", description="Fargate platform version.")
    ephemeral_storage: int = Field(default=20, ge=20, le=200, description="Disk of a task in GiB; 20 are free.")
    task_role: str | None = Field(default=None, description="ARN of an existing role for the containers.")
    execution_role: str | None = Field(
        default=None, description="ARN of an existing role that pulls, logs and decrypts."
    )
    policies: Rows[str] = Field(
        default=(), max_length=10, description="ARNs of managed policies for the task role that the stack makes."
    )
    security_groups: Rows[str] = Field(
        default=(), max_length=4, description="Existing security groups to add to the tasks, beside the service's own."
    )
    grace: int = Field(
        default=60, ge=0, le=2147483647, description="Seconds after start in which failed target checks do not count."
    )
    deployment: Deployment = Field(default_factory=Deployment, description="How new tasks replace old ones.")
    log: Log = Field(default_factory=Log, description="The log group.")
    tags: Mapping[str, str] = Field(default_factory=dict, description="Tags on all that the service owns.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return derived.service(raw)
