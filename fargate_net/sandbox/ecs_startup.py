"""What a Fargate task reaches before it runs: registry, layers, secrets, logs; and AWS's words when it does not.

Since platform version 1.4.0 all of this leaves through the task's own interface (Amazon ECS Developer Guide,
"Fargate task networking", "Amazon ECS interface VPC endpoints", "Stopped task error messages",
"CannotPullContainer task errors", "ResourceInitializationError errors").

Never here: permissions, and what happens after a container has started.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import packets
from .ecs_state import Task

_ECR = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/")
MISSING = "sandbox-missing"


@dataclass(frozen=True)
class StartFailure:
    """Why a task stopped before it ran: the task's reason, and reasons of single containers."""

    reason: str
    containers: dict[str, str] = field(default_factory=dict)


def _on(flag: Any) -> bool:
    return str(flag).lower() == "true"


def _reaches(interface: Any, region: str, service: str) -> tuple[bool, str]:
    """Whether the interface reaches an AWS service on 443, and the address that its name resolves to.

    An endpoint with private DNS takes the name over for the whole VPC, also for subnets that have a NAT
    gateway; so its security group decides for all of them.
    """
    backend = interface.ec2_backend
    vpc = backend.get_vpc(interface.vpc_id)
    nodes = [
        backend.enis[node]
        for endpoint in backend.vpc_end_points.values()
        if endpoint.vpc_id == vpc.id
        and endpoint.service_name == f"com.amazonaws.{region}.{service}"
        and endpoint.vpc_endpoint_type == "Interface"
        and endpoint.state == "available"
        and endpoint.private_dns_enabled
        for node in endpoint.network_interface_ids
    ]
    if nodes and _on(vpc.enable_dns_support) and _on(vpc.enable_dns_hostnames):
        nodes.sort(key=lambda node: node.availability_zone != interface.availability_zone)
        return packets.can_connect(interface, nodes[0], 443), nodes[0].private_ip_address
    return _on(vpc.enable_dns_support) and packets.reaches_internet(interface), packets.SOMEWHERE


def _reaches_s3(interface: Any, region: str) -> bool:
    through = packets.reaches_through_gateway_endpoint(interface, f"com.amazonaws.{region}.s3")
    return through if through is not None else _reaches(interface, region, "s3")[0]


def _no_registry_auth(region: str, address: str) -> StartFailure:
    return StartFailure(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        "unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request "
        f'failed caused by: Post "https://api.ecr.{region}.amazonaws.com/": dial tcp {address}:443: i/o timeout. '
        "Please check your task network configuration."
    )


def _secret_failure(source: str) -> StartFailure:
    start = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    )
    end = "RequestCanceled: request context canceled caused by: context deadline exceeded"
    if ":secretsmanager:" in source:
        return StartFailure(
            f"{start}unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch "
            f"secret {source} from secrets manager: {end}"
        )
    return StartFailure(f"{start}unable to retrieve secrets from ssm: service call has been retried 5 time(s): {end}")


def _log_failure(interface: Any, region: str, options: dict[str, str]) -> StartFailure | None:
    from moto.logs.models import logs_backends

    if not _reaches(interface, options.get("awslogs-region", region), "logs")[0]:
        return StartFailure(
            "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch "
            "log group defined in the task definition. There is a connection issue between the task and Amazon "
            "CloudWatch. Check your network configuration.: signal: killed"
        )
    groups = logs_backends[interface.ec2_backend.account_id][options.get("awslogs-region", region)].groups
    if _on(options.get("awslogs-create-group", "false")) or options.get("awslogs-group") in groups:
        return None
    return StartFailure(
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed "
        "to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit "
        "status 1"
    )


def _reference(image: str) -> tuple[str, str, str]:
    """Host, repository and tag of an image, as a container runtime completes them."""
    host, slash, rest = image.partition("/")
    if not slash or ("." not in host and ":" not in host and host != "localhost"):
        host, rest = "docker.io", image if slash else f"library/{image}"
    repository, at, digest = rest.partition("@")
    name, colon, tag = repository.rpartition(":")
    if not colon:
        name, tag = repository, "latest"
    return host, name, digest if at else tag


def _pull_failure(interface: Any, region: str, image: str) -> str | None:
    host, name, tag = _reference(image)
    full = f"{host}/{name}@{tag}" if tag.startswith("sha256:") else f"{host}/{name}:{tag}"
    ecr = _ECR.match(image)
    if ecr:
        reached, address = _reaches(interface, ecr["region"], "ecr.dkr")
    else:
        reached, address = packets.reaches_internet(interface), packets.SOMEWHERE
    if not reached:
        asked = "registry-1.docker.io" if host == "docker.io" else host
        return (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
            f'{full}: failed to do request: Head "https://{asked}/v2/{name}/manifests/{tag}": '
            f"dial tcp {address}:443: i/o timeout"
        )
    if MISSING in image:
        return (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{full}: {full}: not found"
        )
    if ecr and not _reaches_s3(interface, ecr["region"]):
        layer = f"https://prod-{ecr['region']}-starport-layer-bucket.s3.{ecr['region']}.amazonaws.com/"
        return (
            f"CannotPullContainerError: The task cannot pull {image} from the registry {host}/{name}. There is a "
            "connection issue between the task and the registry. Check your task network configuration. : failed to "
            f"copy: httpReadSeeker: failed open: failed to do request: Get {layer}: dial tcp 52.219.41.3:443: "
            "i/o timeout"
        )
    return None


def start_failure(task: Task, interface: Any, region: str) -> StartFailure | None:
    """What keeps a task from running, in the order in which the Fargate agent tries; None when nothing does."""
    containers = task.definition.containers
    for container in containers:
        ecr = _ECR.match(container["image"])
        if ecr:
            reached, address = _reaches(interface, ecr["region"], "ecr.api")
            if not reached:
                return _no_registry_auth(ecr["region"], address)
    sources = [secret["valueFrom"] for container in containers for secret in container.get("secrets", [])]
    sources += [
        container["repositoryCredentials"]["credentialsParameter"]
        for container in containers
        if "repositoryCredentials" in container
    ]
    for source in sources:
        if not _reaches(interface, region, "secretsmanager" if ":secretsmanager:" in source else "ssm")[0]:
            return _secret_failure(source)
    for container in containers:
        logging = container.get("logConfiguration", {})
        if logging.get("logDriver") == "awslogs":
            failed = _log_failure(interface, region, logging.get("options", {}))
            if failed:
                return failed
    for container in containers:
        text = _pull_failure(interface, region, container["image"])
        if text:
            return StartFailure(text, {container["name"]: text})
    return None
