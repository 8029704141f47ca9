"""The tasks of a service: those it will run, with interfaces and registrations, and those it runs now. Pure.

Never here: calls, what a packet makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fargate_net.kinds.discovery_service import DiscoveredInstance, DiscoveryService
from fargate_net.kinds.foreseen_public import free_public
from fargate_net.kinds.implied import free_ipv6, interface, planned_id
from fargate_net.kinds.target_group import TargetGroup, TargetState
from fargate_net.kinds.task import Task, TaskContainer
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.model.snapshot import Found, Snapshot

if TYPE_CHECKING:
    from fargate_net.kinds.network_interface import NetworkInterface
    from fargate_net.kinds.service import Service


def live_tasks(service: Found[Service], world: Snapshot) -> list[Found[Any]]:
    """The tasks that the service runs in the world, and their interfaces. Stopped tasks are history, and stay."""
    faces = world.kind("network_interface")
    tasks = [
        task
        for task in world.of(Task).values()
        if (task.props.cluster, task.props.service) == (service.props.cluster, service.props.name)
        and task.props.state != "STOPPED"
    ]
    return [*tasks, *(faces[task.props.interface] for task in tasks if task.props.interface in faces)]


def foreseen_tasks(service: Found[Service], world: Snapshot) -> Iterator[Found[Any]]:
    """As many tasks as asked for, spread over the subnets, healthy, and registered where the service says.

    A subnet without a free address, or one that is not known, gets none.
    """
    made: list[tuple[Found[Task], Found[NetworkInterface]]] = []
    subnets = [str(subnet) for subnet in service.props.subnets]
    for number in range(service.props.desired if subnets else 0):
        for face in _face(service, world, subnets[number % len(subnets)], number):
            world = world.with_([face])
            made.append((_task(service, world, face, number), face))
    for task, face in made:
        yield face
        yield task
    yield from _registered_targets(service, world, made)
    yield from _registered_names(service, world, made)


def _face(service: Found[Service], world: Snapshot, subnet: str, number: int) -> Iterator[Found[NetworkInterface]]:
    there = world.kind("subnet").get(subnet)
    ipv6 = tuple(free_ipv6(world, subnet, 1)) if there is not None and there.props.assign_ipv6 else ()
    for face in interface(
        service,
        world,
        subnet,
        number,
        security_groups=frozenset(str(group) for group in service.props.security_groups),
        ipv6_ips=ipv6,
    ):
        public = ((face.props.private_ips[0], free_public(world)),) if service.props.public_ip else ()
        yield replace(face, props=replace(face.props, public_ips=public))


def _task(service: Found[Service], world: Snapshot, face: Found[NetworkInterface], number: int) -> Found[Task]:
    definition = world.get(TaskDefinition, str(service.props.task_definition))
    containers = definition.props.containers if definition is not None else ()
    props = Task(
        cluster=str(service.props.cluster),
        service=service.props.name,
        definition=str(service.props.task_definition),
        interface=face.id,
        subnet=str(face.props.subnet),
        private_ip=face.props.private_ips[0],
        zone=face.props.zone,
        group=f"service:{service.props.name}",
        containers=tuple(TaskContainer(container.name, "RUNNING") for container in containers),
        platform_version=service.props.platform_version,
        connectivity="CONNECTED",
    )
    return Found(id=planned_id("task", service, number), props=props, status={"state": "RUNNING"}, planned=True)


def _registered_targets(
    service: Found[Service], world: Snapshot, made: list[tuple[Found[Task], Found[NetworkInterface]]]
) -> Iterator[Found[TargetGroup]]:
    """The target groups with the new tasks in them, beside the targets of other services."""
    own = {face.props.private_ips[0] for _, face in made}
    own |= {task.props.private_ip for task in live_tasks(service, world) if isinstance(task.props, Task)}
    groups: dict[str, list[TargetState]] = {}
    for target in sorted(service.props.targets, key=str):
        states = groups.setdefault(str(target.target_group), [])
        states += [TargetState(f.props.private_ips[0], target.port, f.props.zone, "healthy") for _, f in made]
    for id, states in groups.items():  # noqa: A001 - the id of the group
        group = world.get(TargetGroup, id)
        if group is None:
            continue
        others = [state for state in group.props.targets or () if state.id not in own and _is_there(state.id, world)]
        yield replace(group, props=replace(group.props, targets=(*others, *states)))


def _is_there(address: str, world: Snapshot) -> bool:
    return any(address in face.props.private_ips for face in world.kind("network_interface").values())


def _registered_names(
    service: Found[Service], world: Snapshot, made: list[tuple[Found[Task], Found[NetworkInterface]]]
) -> Iterator[Found[DiscoveryService]]:
    """The Cloud Map services with the new tasks as their instances."""
    for registry in sorted(service.props.registries, key=str):
        name = world.get(DiscoveryService, str(registry.service))
        if name is None:
            continue
        instances = tuple(
            DiscoveredInstance(
                id=task.id,
                ip=face.props.private_ips[0],
                port=registry.port or None,
                healthy=True,
                ipv6=next(iter(face.props.ipv6_ips), ""),
            )
            for task, face in made
        )
        yield replace(name, props=replace(name.props, instances=instances))
