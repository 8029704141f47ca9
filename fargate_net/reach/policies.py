"""Endpoint policies: whether one provably allows, provably refuses, or cannot be told. Never here: endpoints, packets.

Only what is certain is decided: statements with conditions, NotAction, NotResource or a narrow principal are not.
(AWS PrivateLink Guide, Control access to VPC endpoints using endpoint policies; IAM User Guide, Policy evaluation.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

NEEDED: Mapping[str, tuple[str, str]] = {
    "s3": ("s3:GetObject", "arn:aws:s3:::prod-{region}-starport-layer-bucket/*"),
    "ecr.api": ("ecr:GetAuthorizationToken", "*"),
    "ecr.dkr": ("ecr:BatchGetImage", "*"),
    "logs": ("logs:PutLogEvents", "*"),
    "secretsmanager": ("secretsmanager:GetSecretValue", "*"),
    "ssm": ("ssm:GetParameters", "*"),
    "ssmmessages": ("ssmmessages:CreateControlChannel", "*"),
}
"""The action and resource a Fargate task asks of a service; for S3 the bucket with the layers of ECR images
(Amazon ECR User Guide, Amazon ECR interface VPC endpoints)."""


def needed(service: str, region: str) -> tuple[str, str]:
    """The action and resource to judge a policy by; of a service not listed, any action it has."""
    action, resource = NEEDED.get(service, (f"{service.partition('.')[0]}:*", "*"))
    return action, resource.replace("{region}", region)


@lru_cache(maxsize=1024)
def allows(policy: str, service: str, region: str) -> bool | None:
    """True when the policy certainly allows what tasks need, False when it certainly does not, None when unsure.

    ``policy`` is JSON; empty text is the default policy, which allows everything.
    """
    if not policy:
        return True
    try:
        document = json.loads(policy)
    except ValueError:
        return None
    judged = _judged(document, service, region)
    if any(effect == "Deny" and match is not False for effect, match in judged):
        return False if any(effect == "Deny" and match is True for effect, match in judged) else None
    allowing = [match for effect, match in judged if effect == "Allow"]
    if any(match is True for match in allowing):
        return True
    return None if any(match is None for match in allowing) else False


def denies(policy: str, service: str, region: str) -> bool:
    """Whether a statement of the policy certainly refuses, so that no other statement can allow."""
    try:
        document = json.loads(policy or "{}")
    except ValueError:
        return False
    return ("Deny", True) in _judged(document, service, region)


def _judged(document: Mapping[str, Any], service: str, region: str) -> list[tuple[Any, bool | None]]:
    """The effect of each statement, and whether it is about what tasks need."""
    statements = document.get("Statement", [])
    action, resource = needed(service, region)
    listed = [statements] if isinstance(statements, dict) else statements
    return [(statement.get("Effect"), _matches(statement, action, resource)) for statement in listed]


def _matches(statement: Mapping[str, Any], action: str, resource: str) -> bool | None:
    """Whether a statement is about the action on the resource for everybody; None when that depends."""
    if "NotAction" in statement or "NotResource" in statement or "NotPrincipal" in statement:
        return None
    if not any(_like(action.lower(), pattern.lower()) for pattern in _list(statement.get("Action"))):
        return False
    patterns = _list(statement.get("Resource", "*"))
    if not any(_like(resource.replace("/*", "/layer"), pattern) for pattern in patterns):
        return None if resource == "*" and patterns else False
    principal = statement.get("Principal", "*")
    everybody = principal == "*" or (isinstance(principal, Mapping) and "*" in _list(principal.get("AWS")))
    return True if everybody and not statement.get("Condition") else None


def _list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))
