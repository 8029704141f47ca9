"""The cluster, and for each service its log group, roles, task definition, ECS service and scaling.

Never here: listeners, names that clients use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fargate_net.blueprint import endpoints, names
from fargate_net.blueprint.balancers import entries
from fargate_net.blueprint.discovery import connection, connection_servers, registries
from fargate_net.blueprint.ingress import routes_to
from fargate_net.blueprint.roles import execution_role, log_group, roles, task_role
from fargate_net.blueprint.security import group_of, rules_key
from fargate_net.blueprint.site import Site
from fargate_net.kinds import service as ecs
from fargate_net.kinds.cluster import Cluster
from fargate_net.kinds.log_group import LogGroup
from fargate_net.kinds.scaling_target import ScalingTarget
from fargate_net.kinds.task_definition import ContainerDefinition, PortMapping, TaskDefinition
from fargate_net.model.resource import Id, Ref, Resource
from fargate_net.spec.models import AlbExpose, Container, Scaling, Service

_STOP_TIMEOUT = 30
"""Seconds that ECS waits when nothing is stated (ECS API Reference, ContainerDefinition)."""


def cluster(site: Site) -> Iterator[Resource]:
    """The stack's own cluster, unless the services go into somebody else's."""
    wanted = site.stack.cluster
    if wanted.existing is None:
        yield Resource("cluster", "main", Cluster(site.name, wanted.container_insights))


def services(site: Site) -> Iterator[Resource]:
    """Everything that runs."""
    for name, service in site.stack.services.items():
        yield Resource("log_group", name, LogGroup(log_group(site, name), service.log.retention))
        yield from roles(site, name, service)
        yield Resource("task_definition", name, _task_definition(site, name, service))
        yield Resource("service", name, _service(site, name, service), after=_first(site, name, service))
        if service.scaling:
            yield _scaling(site, name, service.scaling)


def _task_definition(site: Site, name: str, service: Service) -> TaskDefinition:
    return TaskDefinition(
        family=f"{site.name}-{name}",
        cpu=service.cpu,
        memory=service.memory,
        containers=tuple(_container(site, name, container) for container in service.containers),
        execution_role=execution_role(name, service),
        task_role=task_role(name, service),
        architecture=service.architecture.upper(),
        ephemeral_storage=service.ephemeral_storage,
    )


def _container(site: Site, service: str, container: Container) -> ContainerDefinition:
    return ContainerDefinition(
        name=container.name,
        image=container.image,
        ports=tuple(
            PortMapping(port.port, port.protocol, port.name or "", port.app_protocol or "") for port in container.ports
        ),
        essential=container.essential,
        environment=tuple(sorted(container.environment.items())),
        secrets=tuple(sorted(container.secrets.items())),
        repository_credentials=container.registry_credentials or "",
        health=_health(container),
        log=(Ref(f"log_group/{service}"), site.facts.region, container.name),
        options=tuple(sorted((key, names.canonical(value)) for key, value in _options(container).items())),
    )


def _health(container: Container) -> str:
    check = container.health
    if check is None:
        return ""
    settings: dict[str, Any] = {
        "command": list(check.command),
        "interval": check.interval,
        "timeout": check.timeout,
        "retries": check.retries,
    }
    if check.start_period:
        settings["startPeriod"] = check.start_period
    return names.canonical(settings)


def _options(container: Container) -> Mapping[str, Any]:
    """Settings that no packet meets, by the name that the ECS API gives them; what is not set is not stated."""
    waits = [{"containerName": other.container, "condition": other.condition} for other in container.depends_on]
    stated: dict[str, Any] = {
        "command": list(container.command),
        "entryPoint": list(container.entry_point),
        "workingDirectory": container.working_dir,
        "user": container.user,
        "dependsOn": waits,
        "cpu": container.cpu,
        "memory": container.memory,
        "memoryReservation": container.memory_reservation,
        "readonlyRootFilesystem": container.read_only_root,
        "stopTimeout": None if container.stop_timeout == _STOP_TIMEOUT else container.stop_timeout,
        "linuxParameters": {"initProcessEnabled": True} if container.init else None,
    }
    return {name: value for name, value in stated.items() if value}


def _service(site: Site, name: str, service: Service) -> ecs.Service:
    behind = [entry for entry in entries(site.stack) if entry.service == name]
    deployment = service.deployment
    return ecs.Service(
        name=name,
        cluster=site.cluster,
        task_definition=Ref(f"task_definition/{name}"),
        desired=service.count,
        subnets=site.subnets(service.subnets),
        security_groups=frozenset({group_of(name), *service.security_groups}),
        public_ip=service.public_ip,
        targets=frozenset(
            ecs.ServiceTarget(entry.target_group, entry.expose.to.container, entry.expose.to.port) for entry in behind
        ),
        registries=registries(name, service),
        connect=connection(service),
        providers=(("FARGATE_SPOT" if service.spot else "FARGATE", 1, 0),),
        platform_version=service.platform_version,
        min_percent=deployment.min_percent,
        max_percent=deployment.max_percent,
        circuit_breaker=(deployment.circuit_breaker, deployment.circuit_breaker and deployment.rollback),
        # Without a balancer there is no check to be lenient with, and AWS refuses the setting.
        grace=service.grace if behind else 0,
        exec=service.exec,
        # AWS refuses rebalancing where no task may run in addition (ECS Developer Guide, Service rebalancing).
        rebalancing=deployment.max_percent > 100,
        scaled=(service.scaling.min, service.scaling.max) if service.scaling else None,
    )


def _first(site: Site, name: str, service: Service) -> tuple[str, ...]:
    """What tasks need before the first of them starts, and no property of the service points at."""
    needed = [rules_key(group_of(name)), *site.tables(service.subnets)]
    if endpoints.uses_interfaces(site, service):
        needed += endpoints.interface_keys(site)
    needed += [f"vpc_endpoint/{gateway}" for gateway in endpoints.used_gateways(site, service)]
    # A target group that no listener uses makes AWS refuse the service.
    needed += routes_to(site, name)
    # A client knows only those Service Connect names that were there when it started.
    needed += [f"service/{server}" for server in connection_servers(site, name)]
    return tuple(dict.fromkeys(needed))


def _scaling(site: Site, name: str, scaling: Scaling) -> Resource:
    goals = {
        "ALBRequestCountPerTarget": scaling.requests,
        "ECSServiceAverageCPUUtilization": scaling.cpu,
        "ECSServiceAverageMemoryUtilization": scaling.memory,
    }
    balancer, target_group = _counted(site, name) if scaling.requests else ("", "")
    target = ScalingTarget(
        resource=Ref(f"service/{name}"),
        minimum=scaling.min,
        maximum=scaling.max,
        policies=frozenset((metric, goal) for metric, goal in goals.items() if goal is not None),
        cooldown=scaling.cooldown,
        balancer=balancer,
        target_group=target_group,
    )
    return Resource("scaling_target", name, target)


def _counted(site: Site, name: str) -> tuple[Id, Id]:
    """The balancer and target group whose requests are counted: those of the first `alb` entry."""
    for entry in entries(site.stack):
        if entry.service == name and isinstance(entry.expose, AlbExpose):
            if entry.balancer:
                return Ref(f"load_balancer/{entry.balancer}"), entry.target_group
            # The ARN of a listener ends in .../listener/app/NAME/ID/LISTENER: the balancer's part is in it.
            place = (entry.expose.listener or "").partition(":listener/")[2]
            return place.rpartition("/")[0], entry.target_group
    return "", ""
