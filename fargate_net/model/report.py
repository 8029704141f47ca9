"""What ``describe`` shows, as data. Never here: column widths, colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EndpointRow:
    """How clients find a service: type alb, nlb, cloud_map, service_connect or dns.

    ``stale`` explains a record that no longer fits.
    """

    type: str
    url: str
    dns_name: str
    scheme: str
    stale: str = ""


@dataclass(frozen=True)
class SubnetRow:
    """Where a task lives.

    ``public`` is the route table's word: a default route to an internet gateway; None is unknown.
    """

    id: str
    cidr: str
    public: bool | None
    free_ips: int | None


@dataclass(frozen=True)
class ContainerRow:
    """A container of a task, its ports as (port, protocol) and its own health (HEALTHY, UNHEALTHY, UNKNOWN)."""

    name: str
    ports: tuple[tuple[int, str], ...]
    health: str


@dataclass(frozen=True)
class TargetRow:
    """A task as a load balancer sees it."""

    target_group: str
    port: int
    state: str
    reason: str | None


@dataclass(frozen=True)
class DiscoveryRow:
    """A name under which a task is registered."""

    name: str
    ip: str
    port: int | None


@dataclass(frozen=True)
class TaskRow:
    """One running task and everything a client needs to reach it. ``reach`` maps a source to a phrase."""

    id: str
    status: str
    zone: str
    subnet: SubnetRow | None
    eni: str
    private_ip: str
    public_ip: str | None
    ipv6: str | None
    security_groups: tuple[tuple[str, str], ...]
    containers: tuple[ContainerRow, ...]
    targets: tuple[TargetRow, ...]
    discovery: tuple[DiscoveryRow, ...]
    reach: dict[str, str]


@dataclass(frozen=True)
class StoppedRow:
    """A task that stopped: AWS's reason, the cause we found, its code and what to do."""

    id: str
    reason: str
    cause: str
    code: str
    fix: str


@dataclass(frozen=True)
class ServiceRow:
    """One service with its tasks."""

    name: str
    cluster: str
    status: str
    desired: int
    running: int
    pending: int
    endpoints: tuple[EndpointRow, ...]
    tasks: tuple[TaskRow, ...]
    stopped: tuple[StoppedRow, ...]
    events: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """Every service asked for, and which facts could not be read."""

    services: tuple[ServiceRow, ...]
    missing: tuple[str, ...] = ()
