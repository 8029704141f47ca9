"""What ECS refuses about task definitions and services, in its words.

Authority: API reference, RegisterTaskDefinition, CreateService, RunTask, AwsVpcConfiguration, LoadBalancer,
ServiceRegistry; Amazon ECS Developer Guide, "Task definition parameters for Fargate", "Task CPU or memory
specified".

Never here: state changes.
"""

from __future__ import annotations

import re
from typing import Any

from .calls import AwsError, Call
from .ecs_state import TaskDefinition
from .elb_listeners import balancers_for
from .stores import ec2, elb

_MEMORY: dict[int, list[int]] = {
    256: [512, 1024, 2048],
    512: list(range(1024, 4097, 1024)),
    1024: list(range(2048, 8193, 1024)),
    2048: list(range(4096, 16385, 1024)),
    4096: list(range(8192, 30721, 1024)),
    8192: list(range(16384, 61441, 4096)),
    16384: list(range(32768, 122881, 8192)),
    32768: [61440, 122880, 249856],
}
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,255}$")
_ECR_IMAGE = re.compile(r"^\d{12}\.dkr\.ecr\.")
MAX_SUBNETS, MAX_GROUPS, MAX_CONTAINERS, MAX_TARGET_GROUPS = 16, 5, 10, 5


def client_error(message: str) -> AwsError:
    """ClientException."""
    return AwsError("ClientException", message)


def invalid(message: str) -> AwsError:
    """InvalidParameterException."""
    return AwsError("InvalidParameterException", message)


def _units(given: Any, factor: int, unit: str) -> int | None:
    text = str(given).strip()
    number = text.lower().removesuffix(unit).strip()
    try:
        return int(float(number) * factor) if text.lower().endswith(unit) else int(text)
    except ValueError:
        return None


def checked_size(params: dict[str, Any]) -> tuple[str, str]:
    """CPU units and MiB of a Fargate task, as ECS stores them."""
    if not params.get("cpu") or not params.get("memory"):
        raise client_error("Fargate requires task definition to have execution cpu and memory.")
    cpu, memory = _units(params["cpu"], 1024, "vcpu"), _units(params["memory"], 1024, "gb")
    if cpu is None or cpu not in _MEMORY:
        raise client_error(
            "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of "
            "the Amazon ECS Developer Guide."
        )
    if memory not in _MEMORY[cpu]:
        raise client_error(
            "No Fargate configuration exists for given values: "
            f"{params['cpu']} CPU, {params['memory']} memory. See the Amazon ECS documentation for the "
            "valid values."
        )
    return str(cpu), str(memory)


def check_definition(params: dict[str, Any]) -> None:
    """A task definition as a whole; container definitions are completed in place."""
    if not _NAME.match(params.get("family", "")):
        raise client_error("Family contains invalid characters.")
    containers = params.get("containerDefinitions") or []
    if not containers:
        raise client_error("Container definitions should not be null or empty.")
    if len(containers) > MAX_CONTAINERS:
        raise client_error(f"Task definition does not support more than {MAX_CONTAINERS} containers.")
    fargate = "FARGATE" in params.get("requiresCompatibilities", [])
    if fargate and params.get("networkMode") != "awsvpc":
        raise client_error("Fargate only supports network mode 'awsvpc'.")
    for container in containers:
        _complete(container)
    if not any(container["essential"] for container in containers):
        raise client_error("At least one container in the task definition must be essential.")
    if params.get("networkMode") == "awsvpc":
        _check_ports(containers)
    if fargate:
        _check_fargate(params, containers)


def _complete(container: dict[str, Any]) -> None:
    for name in ("name", "image"):
        if not container.get(name):
            raise client_error(f"Container.{name} should not be null or empty.")
    container.setdefault("cpu", 0)
    container.setdefault("essential", True)
    for empty in ("portMappings", "environment", "mountPoints", "volumesFrom"):
        container.setdefault(empty, [])
    for mapping in container["portMappings"]:
        mapping.setdefault("protocol", "tcp")


def _check_ports(containers: list[dict[str, Any]]) -> None:
    used: dict[tuple[str, int], str] = {}
    for container in containers:
        own: set[int] = set()
        for mapping in container["portMappings"]:
            if "containerPortRange" in mapping:
                continue
            port = int(mapping.get("containerPort", 0))
            if not 1 <= port <= 65535:
                raise client_error(f"Invalid 'containerPort' setting for container '{container['name']}'.")
            if int(mapping.setdefault("hostPort", port) or port) != port:
                raise client_error(
                    "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
                )
            mapping["hostPort"] = port
            protocol = mapping["protocol"]
            if (protocol, port) in used:
                raise client_error(f"{protocol.upper()} host port '{port}' is mapped multiple times in task.")
            if port in own:
                raise invalid(
                    f"Container port {port} is used in more than one port mapping for container {container['name']}"
                )
            used[protocol, port] = container["name"]
            own.add(port)


def _check_fargate(params: dict[str, Any], containers: list[dict[str, Any]]) -> None:
    params["cpu"], params["memory"] = checked_size(params)
    size = params.get("ephemeralStorage", {}).get("sizeInGiB")
    if size is not None and not 21 <= int(size) <= 200:
        raise client_error("Invalid 'ephemeralStorage' setting for task. The size must be between 21 and 200 GiB.")
    for container in containers:
        driver = container.get("logConfiguration", {}).get("logDriver")
        if driver and driver not in ("awslogs", "splunk", "awsfirelens"):
            raise client_error(f"Log driver '{driver}' is not supported on Fargate.")
        if container.get("privileged"):
            raise client_error("Fargate does not support privileged containers.")
        if params.get("executionRoleArn"):
            continue
        if driver == "awslogs":
            raise client_error(
                "Fargate requires task definition to have execution role ARN to support log driver awslogs."
            )
        if _ECR_IMAGE.match(container["image"]):
            raise client_error("Fargate requires task definition to have execution role ARN to support ECR images.")


def check_network(call: Call, definition: TaskDefinition, network: dict[str, Any] | None) -> None:
    """The network configuration of a service or task: present, known, not too much of it, in one VPC."""
    if definition.body.get("networkMode") != "awsvpc":
        return
    wanted = (network or {}).get("awsvpcConfiguration")
    if not wanted:
        raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    subnets, groups = wanted.get("subnets", []), wanted.get("securityGroups", [])
    if not subnets:
        raise invalid("subnets can not be empty.")
    if len(subnets) > MAX_SUBNETS:
        raise invalid(f"subnets can have at most {MAX_SUBNETS} items.")
    if len(groups) > MAX_GROUPS:
        raise invalid(f"securityGroups can have at most {MAX_GROUPS} items.")
    backend = ec2(call.account, call.region)
    known = {subnet.id: subnet for zone in backend.subnets.values() for subnet in zone.values()}
    for subnet in subnets:
        if subnet not in known:
            raise invalid(
                f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' "
                "does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            )
    vpcs = {known[subnet].vpc_id for subnet in subnets}
    if len(vpcs) > 1:
        raise invalid("All subnets must belong to the same VPC.")
    for group in groups:
        found = backend.get_security_group_from_id(group)
        if found is None:
            raise invalid(
                f"Error retrieving security group information for [{group}]: The security group "
                f"'{group}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            )
        if found.vpc_id not in vpcs:
            raise invalid("Security groups and subnets must belong to the same VPC.")


def check_load_balancers(call: Call, definition: TaskDefinition, given: list[dict[str, Any]]) -> None:
    """Each target group exists, has a balancer and type ip; the container and its port exist."""
    if len(given) > MAX_TARGET_GROUPS:
        raise invalid(f"load balancers can have at most {MAX_TARGET_GROUPS} items.")
    balancing = elb(call.account, call.region)
    for balancer in given:
        arn = str(balancer.get("targetGroupArn"))
        _check_container(definition, balancer.get("containerName"), balancer.get("containerPort"))
        group = balancing.target_groups.get(arn)
        if group is None:
            raise invalid(f"Unable to describe target group {arn}: One or more target groups not found")
        if not balancers_for(balancing, arn):
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
        if group.target_type != "ip":
            raise invalid(
                f"The provided target group {arn} has target type {group.target_type}, which is incompatible "
                "with the awsvpc network mode specified in the task definition."
            )


def _check_container(definition: TaskDefinition, name: Any, port: Any) -> None:
    container = next((c for c in definition.containers if c["name"] == name), None)
    if container is None:
        raise invalid(f"The container {name} does not exist in the task definition.")
    if port is None:
        return
    for mapping in container["portMappings"]:
        first, _, last = str(mapping.get("containerPortRange", mapping.get("containerPort"))).partition("-")
        if int(first) <= int(port) <= int(last or first):
            return
    raise invalid(f"The container {name} did not have a container port {port} defined.")


def check_registries(definition: TaskDefinition, given: list[dict[str, Any]]) -> None:
    """At most one registry; either a port or a container with its port."""
    if len(given) > 1:
        raise invalid("A service can have at most one service registry.")
    for registry in given:
        if "containerName" in registry:
            if "port" in registry:
                raise invalid("Only one of port and containerPort may be specified in a service registry.")
            _check_container(definition, registry["containerName"], registry.get("containerPort"))


def check_percents(configuration: dict[str, Any], rebalancing: str | None) -> None:
    """The percentages of a deployment configuration, and zone rebalancing that needs room above 100 %."""
    least = configuration.get("minimumHealthyPercent", 100)
    most = configuration.get("maximumPercent", 200)
    if most < 100 or least > 100 or least < 0:
        raise invalid("maximumPercent must be at least 100 and minimumHealthyPercent between 0 and 100.")
    if rebalancing == "ENABLED" and most <= 100:
        raise invalid("Availability Zone rebalancing does not support a maximumPercent of 100 or less.")
