"""The two IAM roles of a service, with the least that they need.

Amazon ECS Developer Guide, Amazon ECS task execution IAM role and Amazon ECS task IAM role. Never here: permissions
of the application, beyond the managed policies that the user names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fargate_net.blueprint import names
from fargate_net.blueprint.facts import Facts
from fargate_net.blueprint.site import Site
from fargate_net.kinds.role import Role
from fargate_net.model.resource import Id, Ref, Resource
from fargate_net.spec.models import Service
from fargate_net.spec.needs import is_parameter

_TASKS = names.trust("ecs-tasks.amazonaws.com")
_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
_EXEC = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]
_REPOSITORY = re.compile(
    r"^(?P<account>[0-9]{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|on\.aws)/"
    r"(?P<repository>[^:@]+)"
)
_SECRET_PARTS = 7
"""An ARN of Secrets Manager has seven parts; a task definition may add key, stage and version (ECS API, Secret)."""


def log_group(site: Site, service: str) -> str:
    """The name of the log group of a service."""
    return f"/ecs/{site.name}/{service}"


def execution_role(name: str, service: Service) -> Id:
    """The role that pulls, logs and decrypts: the user's or ours."""
    return service.execution_role or Ref(f"role/{name}.execution")


def task_role(name: str, service: Service) -> Id:
    """The role of the application: the user's, ours, or none when it needs no permission."""
    if service.task_role:
        return service.task_role
    return Ref(f"role/{name}.task") if service.exec or service.policies else ""


def roles(site: Site, name: str, service: Service) -> Iterator[Resource]:
    """The roles of one service that the stack makes."""
    region = site.facts.region
    if not service.execution_role:
        role = Role(names.role(site.name, region, name, "execution"), _TASKS, inline=_execution(site, name, service))
        yield Resource("role", f"{name}.execution", role)
    if isinstance(task_role(name, service), Ref):
        inline = (("exec", names.policy([(_EXEC, ["*"])])),) if service.exec else ()
        role = Role(names.role(site.name, region, name, "task"), _TASKS, frozenset(service.policies), inline)
        yield Resource("role", f"{name}.task", role)


def _execution(site: Site, name: str, service: Service) -> tuple[tuple[str, str], ...]:
    facts = site.facts
    logs = facts.arn("logs", f"log-group:{log_group(site, name)}:*")
    statements = [(["logs:CreateLogStream", "logs:PutLogEvents"], [logs])]
    if repositories := _repositories(facts, service):
        # The authorization token is for the whole registry: AWS offers no narrower resource.
        statements += [(["ecr:GetAuthorizationToken"], ["*"]), (_PULL, repositories)]
    secrets, parameters = _secrets(facts, service)
    if secrets:
        statements.append((["secretsmanager:GetSecretValue"], secrets))
    if parameters:
        statements.append((["ssm:GetParameters"], parameters))
    return (("start", names.policy(statements)),)


def _repositories(facts: Facts, service: Service) -> list[str]:
    held = {repository(container.image) for container in service.containers}
    return sorted(
        f"arn:{facts.partition}:ecr:{found.region}:{found.account}:repository/{found.name}"
        for found in held
        if found is not None
    )


def _secrets(facts: Facts, service: Service) -> tuple[list[str], list[str]]:
    """What containers read at their start: secrets and parameters by ARN."""
    sources = {source for container in service.containers for source in container.secrets.values()}
    parameters = {source for source in sources if is_parameter(source)}
    secrets = {":".join(source.split(":")[:_SECRET_PARTS]) for source in sources - parameters}
    secrets |= {held for container in service.containers if (held := container.registry_credentials)}
    named = {
        source if source.startswith("arn:") else facts.arn("ssm", f"parameter/{source.lstrip('/')}")
        for source in parameters
    }
    return sorted(secrets), sorted(named)


@dataclass(frozen=True)
class Repository:
    """An Amazon ECR repository that holds an image."""

    account: str
    region: str
    name: str


def repository(image: str) -> Repository | None:
    """The ECR repository of an image, None when another registry holds it."""
    match = _REPOSITORY.match(image)
    return Repository(match["account"], match["region"], match["repository"]) if match else None
