"""How EC2 kinds read: filters by scope, one page after the other, and items that lack a fact set aside as Missing.

Never here: a concrete type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fargate_net.kinds.base import STACK_TAG, Aws, Scope
from fargate_net.kinds.fields import Absent, Item, call_name, items
from fargate_net.model.snapshot import Found, Missing

FILTER_VALUES = 200
"""Most values of one filter (Amazon EC2 API Reference, Query requests)."""

DEAD_ASSOCIATIONS = ("disassociating", "disassociated", "failing", "failed")
"""States of a range or table association that no longer counts."""


def filters(aws: Aws, scope: Scope, name: str = "vpc-id", page: int = 0) -> dict[str, Any]:
    """Request parameters that make AWS answer for the scope only; ``page`` is the page size, 0 for AWS's own.

    EC2 allows fewer calls that carry neither a filter nor a page size (Amazon EC2 Developer Guide, Request throttling).
    """
    if aws.saved:
        return {}
    params: dict[str, Any] = {"MaxResults": page} if page else {}
    if scope.vpcs is not None and len(scope.vpcs) <= FILTER_VALUES:
        params["Filters"] = [{"Name": name, "Values": sorted(scope.vpcs)}]
    elif scope.vpcs is None and scope.stack is not None:
        params["Filters"] = [{"Name": f"tag:{STACK_TAG}", "Values": [scope.stack]}]
    return params


def nothing_in(scope: Scope) -> bool:
    """Whether the scope names no VPC at all, so that nothing inside a VPC can be in it."""
    return scope.vpcs is not None and not scope.vpcs


def parsed(
    kind: str, operation: str, response: Mapping[str, Any], key: str, id_key: str, parse: Callable[[Item], Found[Any]]
) -> Iterator[Found[Any] | Missing]:
    """Each item of the list as a Found; one that lacks what AWS always tells comes as Missing."""
    for item in items(response, key, id_key):
        try:
            yield parse(item)
        except Absent as absent:
            yield Missing(kind, item.text(id_key), call_name(operation), str(absent))


def kept(scope: Scope, things: Iterator[Found[Any] | Missing]) -> Iterator[Found[Any] | Missing]:
    """Only what is in scope, judged here again: saved responses ignore filters, and so do some endpoints."""
    for thing in things:
        if isinstance(thing, Missing) or scope.keeps(getattr(thing.props, "vpc", None), thing.tags):
            yield thing


def in_vpcs(
    aws: Aws,
    scope: Scope,
    kind: str,
    operation: str,
    key: str,
    id_key: str,
    parse: Callable[[Item], Found[Any]],
    *,
    filter_name: str = "vpc-id",
    page: int = 0,
) -> Iterator[Found[Any] | Missing]:
    """The usual scan of a kind whose things live in a VPC: one describe call, parsed and kept."""
    if nothing_in(scope):
        return
    response = aws.read(operation, **filters(aws, scope, filter_name, page))
    yield from kept(scope, parsed(kind, operation, response, key, id_key, parse))
