"""How kinds ask AWS about single subjects and in batches, and how they tell ours from other people's.

Never here: a concrete resource type, or the meaning of a field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from fargate_net.errors import Denied, NotAsked, NotFound, Refused
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws, Scope, lacking
from fargate_net.kinds.fields import Absent, call_name, items, parts
from fargate_net.model.snapshot import Missing

T = TypeVar("T")


def ask(aws: Aws, kind: str, subject: str, operation: str, **params: Any) -> dict[str, Any] | Missing:
    """The answer about one subject, or why there is none (denied, not saved, gone since it was listed)."""
    try:
        return aws.read(operation, **params)
    except (Denied, NotAsked) as error:
        return lacking(kind, subject, error)
    except NotFound as error:
        return Missing(kind, subject, call_name(operation), error.what)


def whole(kind: str, subject: str, operation: str, parse: Callable[[], T]) -> T | Missing:
    """What ``parse`` reads, or a Missing when the response lacks a key that AWS always fills."""
    try:
        return parse()
    except Absent as absent:
        return Missing(kind, subject, call_name(operation), str(absent))


def elb_tags(aws: Aws, arns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Tags by ARN. DescribeTags takes 20 ARNs (Elastic Load Balancing API reference); a saved folder may hold none."""
    tags: dict[str, dict[str, str]] = {}
    for batch in parts(arns, 20):
        try:
            answer = aws.read("elbv2.describe_tags", ResourceArns=batch)
        except NotAsked:
            return {}
        for item in items(answer, "TagDescriptions", "ResourceArn"):
            tags[item.text("ResourceArn")] = item.tags()
    return tags


def worth_tags(scope: Scope, vpc: str, name: str) -> bool:
    """Whether a thing can be in scope, so that its tags are worth a call: by its VPC, or by a name as ours have."""
    # Long names are cut and some begin with an x, so that only what follows is certain.
    if scope.stack is not None and name.removeprefix("x").startswith(f"{scope.stack}-".removeprefix("x")[:10]):
        return True
    return scope.in_vpc(vpc) if scope.vpcs is not None else scope.stack is None


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def listed_lower(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as ECS takes them."""
    return [{"key": name, "value": value} for name, value in tags.items()]


def refuse_foreign(what: str, have: Mapping[str, str], want: Mapping[str, str]) -> None:
    """Raise Refused when a thing that has the name we need does not carry our tags."""
    if all(have.get(tag) == want.get(tag) for tag in (STACK_TAG, KEY_TAG)):
        return
    owner = have.get(STACK_TAG)
    why = f"It belongs to stack {owner} as {have.get(KEY_TAG, '?')}." if owner else "It carries no fargatenet tags."
    raise Refused(
        f"{what} exists, but it is not {want.get(KEY_TAG, '?')} of stack {want.get(STACK_TAG, '?')}.",
        why,
        "Delete or rename it, or choose another name in the spec.",
    )
