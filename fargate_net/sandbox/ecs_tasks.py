"""The life of one task: interface, start-up, registration, running, stopping.

Authority: Amazon ECS Developer Guide, "Task lifecycle" (what happens in which state) and "Fargate task
networking" (one interface per task).

Never here: how many tasks a service wants.
"""

from __future__ import annotations

from typing import Any

from . import applications, cloud_map_instances, elb_targets, interfaces, packets
from .calls import AwsError
from .clock import CLOCK
from .ecs_startup import start_failure
from .ecs_state import Region, Registration, Task, TaskDefinition, new_id
from .stores import ec2

CRASH, UNHEALTHY = "sandbox-crash", "sandbox-unhealthy"
_NEXT = {
    "PROVISIONING": "PENDING",
    "PENDING": "ACTIVATING",
    "ACTIVATING": "RUNNING",
    "DEACTIVATING": "STOPPING",
    "STOPPING": "DEPROVISIONING",
    "DEPROVISIONING": "STOPPED",
}
#: Requester and instance owner that interfaces of Fargate tasks show: accounts of AWS, not the customer's.
_FARGATE_ACCOUNT = "578734482556"


def choose_subnet(backend: Any, subnets: list[str], among: list[Task]) -> str:
    """Spread tasks over zones, then over the subnets of a zone. AwsError when a subnet is gone."""
    known = {subnet.id: subnet for zone in backend.subnets.values() for subnet in zone.values()}
    for subnet in subnets:
        if subnet not in known:
            raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    zones = {subnet: known[subnet].availability_zone for subnet in subnets}

    def load(subnet: str) -> tuple[int, int, int]:
        in_zone = sum(task.zone == zones[subnet] for task in among)
        return in_zone, sum(task.subnet_id == subnet for task in among), subnets.index(subnet)

    return min(subnets, key=load)


def start(region: Region, definition: TaskDefinition, network: dict[str, Any], **rest: Any) -> Task:
    """Begin a task: it exists at once, and its interface when the subnet has an address left."""
    backend = ec2(region.account, region.name)
    wanted = network["awsvpcConfiguration"]
    among = rest.pop("among", [])
    subnet = backend.get_subnet(choose_subnet(backend, wanted["subnets"], among))
    identity = new_id()
    task = Task(
        id=identity,
        arn=region.arn("task", rest["cluster"], identity),
        definition=definition,
        network=network,
        subnet_id=subnet.id,
        zone=subnet.availability_zone,
        created_at=CLOCK.wall(),
        since=CLOCK.now(),
        **rest,
    )
    task.attachment_details = [{"name": "subnetId", "value": subnet.id}]
    region.tasks[identity] = task
    _make_interface(region, backend, task, subnet, wanted)
    return task


def _make_interface(region: Region, backend: Any, task: Task, subnet: Any, wanted: dict[str, Any]) -> None:
    groups = wanted.get("securityGroups") or [backend.get_default_security_group(subnet.vpc_id).id]
    asks_public = wanted.get("assignPublicIp", "DISABLED") == "ENABLED"
    try:
        interface = interfaces.make(
            backend,
            subnet,
            groups,
            kind="interface",
            description=region.arn("attachment", task.attachment_id),
            requester=_FARGATE_ACCOUNT,
            owner=_FARGATE_ACCOUNT,
            public=asks_public and packets.goes_to_internet_gateway(backend, subnet),
            ipv6=bool(subnet.assign_ipv6_address_on_creation),
        )
    except AwsError as full:
        setting = "enabled" if asks_public else "disabled"
        fail(
            region,
            task,
            "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment "
            f"{setting} in subnet '{subnet.id}': {full.code}",
        )
        return
    applications.silence(backend, interface.id)
    task.interface_id, task.address = interface.id, interface.private_ip_address
    task.ipv6 = next(iter(interface.ipv6_addresses), None)
    details = {
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateDnsName": interface.private_dns_name,
        "privateIPv4Address": interface.private_ip_address,
        "ipv6Address": task.ipv6,
    }
    task.attachment_details += [{"name": k, "value": v} for k, v in details.items() if v]


def fail(region: Region, task: Task, reason: str, containers: dict[str, str] | None = None) -> None:
    """The task never ran: it stops with TaskFailedToStart."""
    task.failed = True
    task.container_reasons = dict(containers or {})
    stop(region, task, reason, "TaskFailedToStart")


def stop(region: Region, task: Task, reason: str, code: str) -> None:
    """Ask a task to stop. It is deregistered at once, and its interface goes when it is STOPPED."""
    if not task.is_live:
        return
    task.desired_status = "STOPPED"
    task.stop_code, task.stopped_reason = code, reason
    task.stopping_at = CLOCK.wall()
    if task.status == "RUNNING":
        for container in task.definition.containers:
            task.exit_codes.setdefault(container["name"], 0)
    _deregister(region, task)
    _enter(region, task, "DEACTIVATING" if task.status in ("ACTIVATING", "RUNNING") else "STOPPING", CLOCK.now())


def advance(region: Region, task: Task) -> None:
    """Move a task through the phases whose time has come."""
    while task.status in _NEXT:
        lasts = CLOCK.duration(f"task.{task.status}")
        if CLOCK.now() - task.since < lasts:
            return
        entered = task.since + lasts
        if task.status == "PENDING" and task.is_live and _fails_to_start(region, task):
            return
        _enter(region, task, _NEXT[task.status], entered)
    if task.status == "RUNNING":
        _perhaps_crash(region, task)


def _fails_to_start(region: Region, task: Task) -> bool:
    interface = ec2(region.account, region.name).enis[task.interface_id]
    failure = start_failure(task, interface, region.name)
    if failure is not None:
        fail(region, task, failure.reason, failure.containers)
    return failure is not None


def _enter(region: Region, task: Task, status: str, at: float) -> None:
    task.status, task.since = status, at
    if status == "ACTIVATING":
        _register(region, task)
    elif status == "RUNNING":
        task.started_at, task.running_since = CLOCK.wall(), at
        applications.listen(ec2(region.account, region.name), str(task.interface_id), _application(task))
    elif status == "STOPPED":
        task.stopped_at, task.stopped_since = CLOCK.wall(), at
        if task.interface_id:
            backend = ec2(region.account, region.name)
            applications.forget(backend, task.interface_id)
            interfaces.remove(backend, task.interface_id)


def _application(task: Task) -> applications.Application:
    ports: set[int] = set()
    for container in task.definition.containers:
        for mapping in container.get("portMappings", []):
            if "containerPortRange" in mapping:
                first, _, last = mapping["containerPortRange"].partition("-")
                ports.update(range(int(first), int(last) + 1))
            elif mapping.get("protocol", "tcp") != "udp":
                ports.add(int(mapping["containerPort"]))
    healthy = not any(UNHEALTHY in container["image"] for container in task.definition.containers)
    return applications.Application(frozenset(ports), healthy)


def _register(region: Region, task: Task) -> None:
    for balancer in task.load_balancers:
        arn, port = balancer.get("targetGroupArn"), int(balancer["containerPort"])
        if arn and task.address:
            elb_targets.register(region.account, region.name, arn, task.address, port)
            task.registrations.append(Registration("target", arn, port))
    for registry in task.registries:
        attributes = {
            "AVAILABILITY_ZONE": task.zone,
            "AWS_INIT_HEALTH_STATUS": "HEALTHY",
            "AWS_INSTANCE_IPV4": str(task.address),
            "ECS_CLUSTER_NAME": task.cluster,
            "ECS_SERVICE_NAME": str(task.service).split("/")[1],
            "ECS_TASK_DEFINITION_FAMILY": task.definition.family,
            "REGION": region.name,
        }
        registered_port = registry.get("port") or registry.get("containerPort")
        if registered_port:
            attributes["AWS_INSTANCE_PORT"] = str(registered_port)
        if task.ipv6:
            attributes["AWS_INSTANCE_IPV6"] = task.ipv6
        if cloud_map_instances.register(region.account, region.name, registry["registryArn"], task.id, attributes):
            task.registrations.append(Registration("instance", registry["registryArn"], None))


def _deregister(region: Region, task: Task) -> None:
    for made in task.registrations:
        if made.kind == "target" and task.address and made.port is not None:
            elb_targets.deregister(region.account, region.name, made.arn, task.address, made.port)
        elif made.kind == "instance":
            cloud_map_instances.deregister(region.account, region.name, made.arn, task.id)
    task.registrations = []
    if task.interface_id:
        applications.silence(ec2(region.account, region.name), task.interface_id)


def _perhaps_crash(region: Region, task: Task) -> None:
    """An image that crashes does so as soon as it runs, before the scheduler counts the task as running."""
    crashing = [c for c in task.definition.containers if CRASH in c["image"]]
    if not crashing:
        return
    task.failed = True
    for container in crashing:
        task.exit_codes[container["name"]] = 1
    essential = any(container.get("essential", True) for container in crashing)
    if essential:
        stop(region, task, "Essential container in task exited", "EssentialContainerExited")


def target_trouble(region: Region, task: Task) -> tuple[str, int, str] | None:
    """The first target of a task that is unhealthy: target group ARN, port, description."""
    for made in task.registrations:
        if made.kind == "target" and task.address and made.port is not None:
            state, _, why = elb_targets.health_of(region.account, region.name, made.arn, task.address, made.port)
            if state == "unhealthy":
                return made.arn, made.port, str(why)
    return None


def is_healthy(region: Region, task: Task) -> bool:
    """RUNNING, and every target of it is healthy or belongs to a group that nobody uses."""
    return task.status == "RUNNING" and all(
        elb_targets.health_of(region.account, region.name, made.arn, str(task.address), int(made.port or 0))[0]
        in ("healthy", "unused")
        for made in task.registrations
        if made.kind == "target"
    )
