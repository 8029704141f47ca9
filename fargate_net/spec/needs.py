"""What tasks need from AWS before they run: which services they call, and whether they have a way to the internet.

Sources: ECS Developer Guide, Amazon ECS interface VPC endpoints; ECR User Guide, Amazon ECR interface VPC endpoints.
Never here: faults, endpoints as resources.
"""

from __future__ import annotations

from fargate_net.spec.models import Network, Service, Stack
from fargate_net.spec.patterns import ecr_region

GATEWAY_ENDPOINTS = frozenset({"s3", "dynamodb"})
"""Services reached by a gateway endpoint: a route, and no interface that would take an address."""


def is_parameter(secret: str) -> bool:
    """Whether a secret's source is Parameter Store (a name, or an ARN of ssm), not Secrets Manager."""
    return not secret.startswith("arn:") or secret.split(":")[2] == "ssm"


def aws_services(service: Service, region: str | None = None) -> tuple[str, ...]:
    """Short names of the AWS services that tasks of this service call to start and to be operated, sorted.

    An endpoint serves its own Region only: with ``region``, images of other Regions' registries need none here.
    """
    needs = {"logs"}
    for container in service.containers:
        held = ecr_region(container.image)
        if held and region in (None, held):
            needs |= {"ecr.api", "ecr.dkr", "s3"}
        if container.registry_credentials:
            needs.add("secretsmanager")
        for source in container.secrets.values():
            needs.add("ssm" if is_parameter(source) else "secretsmanager")
    if service.exec:
        needs.add("ssmmessages")
    if any(item.service_connect for item in service.discovery):
        needs.add("ecs-agent")
    return tuple(sorted(needs))


def endpoint_services(stack: Stack) -> tuple[str, ...]:
    """Short names of the services that get a VPC endpoint in this stack, sorted."""
    network = stack.network
    if network.is_existing:
        return ()
    wanted = set(network.endpoints)
    if network.has_endpoints:
        for service in stack.services.values():
            wanted |= set(aws_services(service))
    return tuple(sorted(wanted))


def reaches_internet(service: Service, network: Network) -> bool | None:
    """Whether tasks can open IPv4 connections to the internet; None when the routes are someone else's."""
    if network.is_existing:
        return None
    if service.subnets == "public":
        return service.public_ip
    return network.has_nat
