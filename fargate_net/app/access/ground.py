"""What a policy is about, as its statements need it: the drawing, names that are ours, ARNs, conditions.

Never here: an action.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fargate_net.kinds.base import STACK_TAG
from fargate_net.model.resource import Graph, Resource

Condition = tuple[str, str, tuple[str, ...]]
"""Operator, key and values of a condition."""


@dataclass(frozen=True)
class Statement:
    """One permission: ``sid`` says why it is there, in letters and digits alone (IAM User Guide, Sid)."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it stands in a policy."""
        written: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": _one_or_list(self.actions),
            "Resource": _one_or_list(self.resources),
        }
        blocks: dict[str, dict[str, Any]] = {}
        for operator, key, values in self.conditions:
            blocks.setdefault(operator, {})[key] = _one_or_list(values)
        return written | ({"Condition": blocks} if blocks else {})


@dataclass(frozen=True)
class Ground:
    """A stack and where it stands. ``region`` and ``account`` are ``""`` when they are not known."""

    graph: Graph
    stack: str
    cluster: str
    partition: str
    region: str = ""
    account: str = ""

    def of(self, kind: str) -> Iterator[Resource]:
        """What the stack has of one kind."""
        return (resource for resource in self.graph if resource.kind == kind)

    def has(self, *kinds: str) -> bool:
        """Whether the stack has anything of these kinds."""
        return any(resource.kind in kinds for resource in self.graph)

    def arn(self, service: str, resource: str) -> str:
        """An ARN of the Region and account; any, where ours is not known."""
        return f"arn:{self.partition}:{service}:{self.region or '*'}:{self.account or '*'}:{resource}"

    def role(self, resource: str) -> str:
        """The ARN of an IAM role. IAM is the same in every Region and has none in its ARNs."""
        return f"arn:{self.partition}:iam::{self.account or '*'}:role/{resource}"

    @property
    def path(self) -> str:
        """Our roles: they live under a path of the stack's own."""
        return self.role(f"fargatenet/{self.stack}/*")

    @property
    def asked_for_us(self) -> Condition:
        """The request puts our tag on what it makes (IAM User Guide, aws:RequestTag)."""
        return "StringEquals", f"aws:RequestTag/{STACK_TAG}", (self.stack,)

    @property
    def is_ours(self) -> Condition:
        """What the request is about carries our tag (IAM User Guide, aws:ResourceTag)."""
        return "StringEquals", f"aws:ResourceTag/{STACK_TAG}", (self.stack,)

    @property
    def here(self) -> tuple[Condition, ...]:
        """The request goes to our Region (IAM User Guide, aws:RequestedRegion); nothing when that is not known."""
        return (("StringEquals", "aws:RequestedRegion", (self.region,)),) if self.region else ()


def allow(
    sid: str,
    wanted: Iterable[str],
    among: Iterable[str],
    resources: Iterable[str],
    *conditions: Condition,
) -> Iterator[Statement]:
    """One statement for those of the wanted actions that are ``among`` these; none when none is, or for no resource."""
    chosen = tuple(sorted(set(wanted) & set(among)))
    where = tuple(dict.fromkeys(resources))
    if chosen and where:
        yield Statement(sid, chosen, where, conditions)


def literal(value: Any, *prefixes: str) -> Iterator[str]:
    """The ids in a property that somebody else's things have: texts that begin so, not references to ours."""
    if isinstance(value, str):
        if value.startswith(prefixes):
            yield value
    elif isinstance(value, (tuple, list, frozenset)):
        for item in sorted(value, key=str):
            yield from literal(item, *prefixes)


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
