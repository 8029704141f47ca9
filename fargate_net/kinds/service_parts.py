"""The parts of an ECS service in normal form, and what DescribeServices and UpdateService call them.

Never here: calls, tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fargate_net.kinds.ecs_reads import last
from fargate_net.kinds.fields import Item
from fargate_net.model.resource import Id

FARGATE = (("FARGATE", 1, 0),)
"""What the launch type FARGATE means as a capacity provider strategy."""
LATEST = "1.4.0"
"""The platform version that LATEST stands for on Linux (Developer Guide, Fargate platform versions)."""


@dataclass(frozen=True)
class ServiceTarget:
    """One entry of the service's load balancers."""

    target_group: Id
    container: str
    port: int


@dataclass(frozen=True)
class ServiceRegistry:
    """The Cloud Map service tasks are registered in, by its id (an ARN is shortened to it).

    Container and port are for SRV records, else empty and 0.
    """

    service: Id
    container: str = ""
    port: int = 0

    def __post_init__(self) -> None:
        """ECS answers the ARN, everything else speaks of the id."""
        if isinstance(self.service, str) and self.service.startswith("arn:"):
            object.__setattr__(self, "service", last(self.service))


@dataclass(frozen=True)
class ServiceConnect:
    """``namespace`` ARN or name; ``endpoints`` are (port name, discovery name, DNS name, client port).

    A discovery name that is not stated is the port name (API reference, ServiceConnectService).
    """

    namespace: Id
    endpoints: tuple[tuple[str, str, str, int], ...] = ()

    def __post_init__(self) -> None:
        """The order of endpoints has no meaning."""
        stated = ((port, name or port, dns, client) for port, name, dns, client in self.endpoints)
        object.__setattr__(self, "endpoints", tuple(sorted(stated)))


@dataclass(frozen=True)
class Deployment:
    """One roll-out of a service. Counts are tasks.

    ``status`` is PRIMARY, ACTIVE (being replaced) or INACTIVE; ``rollout`` is IN_PROGRESS, COMPLETED or FAILED with
    AWS's ``reason``.
    """

    id: str
    status: str
    task_definition: str
    desired: int
    running: int
    pending: int
    failed: int = 0
    rollout: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ServiceEvent:
    """What ECS says about a service; ``at`` is ISO 8601."""

    at: str
    text: str


def read_deployments(item: Item) -> tuple[Deployment, ...]:
    """The deployments, the primary one first."""
    read = [
        Deployment(
            id=entry.text("id", ""),
            status=entry.text("status", ""),
            task_definition=entry.text("taskDefinition", ""),
            desired=entry.whole("desiredCount", 0),
            running=entry.whole("runningCount", 0),
            pending=entry.whole("pendingCount", 0),
            failed=entry.whole("failedTasks", 0),
            rollout=entry.text("rolloutState", ""),
            reason=entry.text("rolloutStateReason", ""),
        )
        for entry in item.many("deployments")
    ]
    return tuple(sorted(read, key=lambda deployment: deployment.status != "PRIMARY"))


def read_events(item: Item) -> tuple[ServiceEvent, ...]:
    """The last events, newest first, as ECS answers them."""
    return tuple(ServiceEvent(event.time("createdAt", ""), event.text("message", "")) for event in item.many("events"))


def read_targets(item: Item) -> Iterator[ServiceTarget]:
    """The target groups; a classic load balancer's entry has none and is left out."""
    for entry in item.many("loadBalancers"):
        if arn := entry.text("targetGroupArn", ""):
            yield ServiceTarget(arn, entry.text("containerName", ""), entry.whole("containerPort", 0))


def read_registries(item: Item) -> Iterator[ServiceRegistry]:
    """The Cloud Map services; SRV may name a bare port instead of a container's."""
    for entry in item.many("serviceRegistries"):
        port = entry.whole("containerPort", 0) or entry.whole("port", 0)
        yield ServiceRegistry(entry.text("registryArn"), entry.text("containerName", ""), port)


def read_connect(item: Item) -> ServiceConnect | None:
    """Service Connect stands in the deployments, not in the service (API reference, Deployment)."""
    for deployment in item.many("deployments"):
        config = deployment.within("serviceConnectConfiguration")
        if deployment.text("status", "") == "PRIMARY" and config.flag("enabled", False):
            return ServiceConnect(config.text("namespace", ""), tuple(_endpoints(config)))
    return None


def _endpoints(config: Item) -> Iterator[tuple[str, str, str, int]]:
    for entry in config.many("services"):
        port, name = entry.text("portName"), entry.text("discoveryName", "")
        aliases = list(entry.many("clientAliases"))
        if not aliases:
            yield port, name, "", 0
        for alias in aliases:
            yield port, name, alias.text("dnsName", ""), alias.whole("port", 0)


def read_providers(item: Item) -> tuple[tuple[str, int, int], ...]:
    """The capacity provider strategy; a launch type reads as the provider of its name."""
    strategy = [
        (entry.text("capacityProvider"), entry.whole("weight", 0), entry.whole("base", 0))
        for entry in item.many("capacityProviderStrategy")
    ]
    return tuple(sorted(strategy)) or ((item.text("launchType", "FARGATE"), 1, 0),)


def written_registry(registry: ServiceRegistry, arn: str) -> dict[str, Any]:
    """A registry for the API, which wants the ARN of the Cloud Map service."""
    entry: dict[str, Any] = {"registryArn": arn}
    if registry.container:
        entry |= {"containerName": registry.container, "containerPort": registry.port}
    elif registry.port:
        entry["port"] = registry.port
    return entry


def written_connect(connect: ServiceConnect | None) -> dict[str, Any]:
    """Service Connect for the API."""
    if connect is None:
        return {"enabled": False}
    services: dict[tuple[str, str], dict[str, Any]] = {}
    for port, name, dns, client in connect.endpoints:
        entry = services.setdefault((port, name), {"portName": port, "discoveryName": name})
        if client:
            entry.setdefault("clientAliases", []).append({"port": client} | ({"dnsName": dns} if dns else {}))
    return {"enabled": True, "namespace": connect.namespace, "services": list(services.values())}


def written_strategy(providers: tuple[tuple[str, int, int], ...]) -> list[Mapping[str, Any]]:
    """The capacity provider strategy for the API."""
    return [{"capacityProvider": name, "weight": weight, "base": base} for name, weight, base in providers]
