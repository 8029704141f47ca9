"""Deterministic names and tags. Never here: a random id, a clock.

A name that has to fit a limit is cut and ends in a hash of the whole, so that two long names stay two.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from fargate_net.model.resource import Resource
from fargate_net.spec.models import Stack

ELB_LIMIT = 32
"""Letters in the name of a balancer or target group (ELB API Reference, CreateLoadBalancer, CreateTargetGroup)."""
ROLE_LIMIT = 64
"""Letters in the name of a role (IAM User Guide, IAM and AWS STS quotas)."""

OF_SERVICE = frozenset(
    {
        "discovery_service",
        "listener_rule",
        "log_group",
        "role",
        "scaling_target",
        "security_group",
        "security_group_rules",
        "service",
        "target_group",
        "task_definition",
    }
)
"""Kinds whose resources belong to one service when their name begins with its name."""


def digest(*parts: object, length: int = 8) -> str:
    """Hexadecimal letters that stand for these values."""
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:length]


def short(*parts: str, limit: int) -> str:
    """The parts joined by hyphens; longer than the limit, cut and closed by a hash of the whole."""
    whole = "-".join(part for part in parts if part)
    if len(whole) <= limit:
        return whole
    mark = digest(whole)
    return f"{whole[: limit - len(mark) - 1].rstrip('-')}-{mark}"


def versioned(*parts: str, fixed: tuple[object, ...]) -> str:
    """The name of a balancer or target group; ``fixed`` is what AWS cannot change in place.

    A hash of it is part of the name, so the successor can be made while the old one still serves. ELB API Reference,
    CreateLoadBalancer: at most 32 letters, not beginning with ``internal-``.
    """
    mark = digest(*parts, *fixed, length=6)
    head = short(*parts, limit=ELB_LIMIT - len(mark) - 2)
    name = f"{head}-{mark}"
    return f"x{name}" if name.startswith("internal-") else name


def role(stack: str, region: str, *parts: str) -> str:
    """The name of a role. IAM is one for all Regions, so the Region is part of it."""
    return short(stack, region, *parts, limit=ROLE_LIMIT)


def canonical(value: Any) -> str:
    """JSON in the one spelling that policies and settings are compared in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def tags(stack: Stack, resource: Resource) -> dict[str, str]:
    """The user's own tags of a resource: those of the stack and, where it belongs to a service, those of the service.

    The tags by which we find our own again are the engine's.
    """
    service = stack.services.get(resource.name.partition(".")[0]) if resource.kind in OF_SERVICE else None
    return {**stack.tags, **(service.tags if service else {})}


def policy(statements: list[tuple[list[str], list[str]]]) -> str:
    """An IAM policy that allows (actions, resources), in canonical JSON."""
    listed = [{"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in statements]
    return canonical({"Version": "2012-10-17", "Statement": listed})


def trust(principal: str) -> str:
    """The trust policy of a role that one AWS service may assume, in canonical JSON."""
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    return canonical({"Version": "2012-10-17", "Statement": [statement]})
