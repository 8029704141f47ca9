"""Run the scans and lay their answers together. Knows no resource type; what cannot be read is a Missing.

Never here: plans, waiting, writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.anchors import neighbours, vpcs_of
from fargate_net.kinds.base import Aws, Kind, Scope, lacking, load_all
from fargate_net.kinds.fields import Absent
from fargate_net.kinds.once import AskedOnce
from fargate_net.model.snapshot import Found, Missing, Snapshot

WORKERS = 8

TO_PLAN = frozenset({"network_interface", "network_acl", "prefix_list", "block_public_access", "task"})
"""Kinds without a write side that a plan and its foreseen reachability need."""


def kinds_to_plan() -> frozenset[str]:
    """What a plan looks at: all that we manage, and the facts around it. Reachability looks at every kind."""
    return frozenset(name for name, kind in load_all().items() if kind.write_side) | TO_PLAN


def observe(aws: Aws, scope: Scope, kinds: Collection[str] | None = None, *, workers: int = WORKERS) -> Snapshot:
    """Everything of these kinds (None: of every kind) in scope, at one moment.

    VPCs are found first when the scope names none: by the stack's tags, or through the services' subnets. With every
    kind, peered VPCs and those on the same transit gateways are looked at as well. A kind that may not be read, or was
    not saved, becomes one Missing; any other error ends the observation.
    """
    registry = load_all()
    chosen = [registry[name] for name in sorted(registry if kinds is None else set(kinds))]
    memo = AskedOnce(aws)
    if aws.saved:
        scope, workers = replace(scope, stack=None, vpcs=None), 1
    elif scope.vpcs is None:
        scope = vpcs_of(memo, scope)
    if not aws.saved and kinds is None and scope.vpcs:
        scope = neighbours(memo, scope)
    found: list[Found[Any]] = []
    missing: list[Missing] = []
    for kind, things in zip(chosen, _scans(memo, scope, chosen, workers), strict=True):
        for thing in things:
            if isinstance(thing, Missing):
                missing.append(thing)
            else:
                # AWS lists what is dead for a while; it no longer stands for the key in its tags.
                found.append(replace(thing, stack=None, key=None) if thing.key and kind.gone(thing) else thing)
    found.sort(key=lambda thing: (thing.kind, thing.id))
    return Snapshot(found, missing, region=aws.region, account=_account(memo))


def _scans(aws: Aws, scope: Scope, kinds: list[Kind], workers: int) -> Iterable[list[Found[Any] | Missing]]:
    if workers == 1:
        return [_scan(kind, aws, scope) for kind in kinds]
    from concurrent.futures import ThreadPoolExecutor  # and logging with it; a saved folder needs neither

    with ThreadPoolExecutor(workers, thread_name_prefix="observe") as pool:
        return list(pool.map(lambda kind: _scan(kind, aws, scope), kinds))


def _scan(kind: Kind, aws: Aws, scope: Scope) -> list[Found[Any] | Missing]:
    try:
        return list(kind.scan(aws, scope))
    except (Denied, NotAsked) as error:
        return [lacking(kind.name, "", error)]
    except Absent as absent:
        return [Missing(kind.name, "", "", str(absent))]


def _account(aws: Aws) -> str:
    try:
        return aws.account
    except Denied:
        return ""
