"""What the tasks of a service need from outside before their containers run.

Amazon ECR User Guide, Amazon ECR interface VPC endpoints; Amazon ECS Developer Guide, Amazon ECS interface VPC
endpoints. Never here: how the need is met, and whether it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fargate_net.spec.models import Container, Service

INTERNET = "internet"
"""The need that no VPC endpoint meets."""

_ECR = re.compile(
    r"^(?P<account>[0-9]{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|on\.aws)/"
    r"(?P<repository>[^:@]+)"
)


@dataclass(frozen=True, order=True)
class Need:
    """An AWS service by the short name of its endpoint (``ecr.api``), or ``internet``; and what for."""

    name: str
    why: str


@dataclass(frozen=True)
class Repository:
    """An Amazon ECR repository that holds an image."""

    account: str
    region: str
    name: str


def repository(image: str) -> Repository | None:
    """The ECR repository of an image, None when another registry holds it."""
    match = _ECR.match(image)
    return Repository(match["account"], match["region"], match["repository"]) if match else None


def needs(service: Service, region: str) -> tuple[Need, ...]:
    """What must be reachable from the tasks of this service before they run, each once, sorted."""
    wanted = {need for container in service.containers for need in _of_container(container, region)}
    if service.exec:
        wanted.add(Need("ssmmessages", "ECS Exec sessions"))
    if any(discovery.service_connect for discovery in service.discovery):
        wanted.add(Need("ecs-agent", "configuration of the Service Connect proxy"))
    return tuple(sorted(wanted))


def is_parameter(secret: str) -> bool:
    """Whether a secret's source is Parameter Store (a name, or an ARN of ssm), not Secrets Manager."""
    return not secret.startswith("arn:") or secret.split(":")[2] == "ssm"


def _of_container(container: Container, region: str) -> set[Need]:
    held = repository(container.image)
    wanted = {Need("logs", "log lines of the containers")}
    if held is None:
        wanted.add(Need(INTERNET, f"image {container.image}"))
    elif held.region != region:
        # An endpoint serves its own Region only.
        wanted.add(Need(INTERNET, f"image {container.image} in Region {held.region}"))
    else:
        wanted |= {
            Need("ecr.api", "authorization for the registry"),
            Need("ecr.dkr", "image manifests"),
            Need("s3", "image layers"),
        }
    for source in container.secrets.values():
        store = ("ssm", "parameters") if is_parameter(source) else ("secretsmanager", "secrets")
        wanted.add(Need(*store))
    if container.registry_credentials:
        wanted.add(Need("secretsmanager", "secrets"))
    return wanted
