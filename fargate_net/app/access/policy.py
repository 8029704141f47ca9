"""The policy of a spec: what the commands call, as IAM spells it, bounded to the stack, in documents that IAM takes.

What is called is derived: each resource type states its calls (kinds/calls.py), a run adds the lock, the look ahead
adds a few reads. Never here: how single permissions are bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fargate_net.app.access.balancing import balancing
from fargate_net.app.access.ground import Ground, Statement
from fargate_net.app.access.naming import discovery, records
from fargate_net.app.access.network import network
from fargate_net.app.access.reading import reading
from fargate_net.app.access.tasks import lock, logs, roles, scaling, tasks
from fargate_net.app.preflight.run import insist
from fargate_net.app.wishes import Wish, region_of_environment
from fargate_net.blueprint.draw import draw
from fargate_net.kinds.calls import BY_KIND
from fargate_net.kinds.fields import call_name

if TYPE_CHECKING:
    from fargate_net.app import Wire

MOST_CHARACTERS = 6144
"""Characters of one managed policy, white space not counted (IAM User Guide, IAM and AWS STS quotas)."""

LOOK_AHEAD = frozenset(
    {
        "ec2.describe_availability_zones",
        "ec2.describe_vpc_endpoint_services",
        "service-quotas.get_service_quota",
    }
)
"""Reads of a plan and its checks that no resource type makes."""
LOCK = frozenset({"ssm.delete_parameter", "ssm.get_parameter", "ssm.put_parameter"})
"""Calls about the stack's lock."""

_FOR_BALANCERS = frozenset({"ec2:DescribeAccountAttributes"})
"""What Elastic Load Balancing reads in the caller's name beside what we read anyway (Elastic Load Balancing User Guide,
Elastic Load Balancing API permissions)."""
_LOOKS = ("Describe", "Get", "List", "Search")
_CHANGES = (network, balancing, tasks, roles, logs, scaling, discovery, records, lock)


@dataclass(frozen=True)
class Policy:
    """Policy documents, each within IAM's limit, and what a person must know who uses them."""

    documents: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()


def iam_policy(paths: Sequence[Path], wire: Wire, *, read_only: bool, account: str | None) -> Policy:
    """See ``app.iam_policy``."""
    wish = Wish(paths, wire, offline=True)
    name = wish.name
    insist(wish)
    named = wish.facts.offline and not (wire.region or wish.stack.region or region_of_environment())
    ground = Ground(
        # Not the wish's graph: it leaves records of task addresses out until the tasks are there.
        graph=draw(wish.stack, wish.facts),
        stack=name,
        cluster=wish.stack.cluster.existing or name,
        partition=wish.facts.partition,
        region="" if named else wish.facts.region,
        account=account or wish.facts.account,
    )
    documents = tuple(packed(statements(ground, read_only=read_only)))
    return Policy(documents, tuple(_notes(ground, len(documents))))


def statements(ground: Ground, *, read_only: bool = False) -> tuple[Statement, ...]:
    """Every permission, reads first."""
    kinds = {resource.kind for resource in ground.graph}
    reads = {call_name(call) for calls in BY_KIND.values() for call in calls.reads} | set(map(call_name, LOOK_AHEAD))
    if read_only:
        return tuple(reading(ground, frozenset(reads)))
    called = {call_name(call) for kind in kinds for call in BY_KIND[kind].writes}
    looks = {action for action in called if action.partition(":")[2].startswith(_LOOKS)}
    if kinds & {"load_balancer", "target_group"}:
        looks |= _FOR_BALANCERS
    changes = frozenset(called - looks) | frozenset(map(call_name, LOCK))
    return (
        *reading(ground, frozenset(reads | looks)),
        *(statement for grants in _CHANGES for statement in grants(ground, changes)),
    )


def packed(permissions: Iterable[Statement]) -> Iterator[dict[str, Any]]:
    """The statements in as many documents as IAM's limit asks for, in their order."""
    held: list[dict[str, Any]] = []
    for statement in permissions:
        written = statement.document()
        if held and size(_document([*held, written])) > MOST_CHARACTERS:
            yield _document(held)
            held = []
        held.append(written)
    if held:
        yield _document(held)


def size(document: dict[str, Any]) -> int:
    """Characters as IAM counts them."""
    return len(json.dumps(document, separators=(",", ":")))


def _document(held: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": held}


def _notes(ground: Ground, count: int) -> Iterator[str]:
    if count > 1:
        yield (
            f"IAM takes {MOST_CHARACTERS} characters a policy: this one comes as a list of {count}, which belong "
            "together. Print one at a time with --part 1, --part 2, ..."
        )
    if not ground.region:
        yield "The spec names no Region: the policy holds in every one. Give --region to bound it."
    if not ground.account:
        yield "ARNs leave the account open. Give --account to write it into them."
