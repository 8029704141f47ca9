"""A snapshot with ids replaced by names, so that the foreseen world can be compared with the one that came.

AWS chooses ids, addresses and times; everything else must be as foreseen. Things without a key of ours (interfaces,
tasks, the VPC's own table and ACL) are compared as a multiset of their properties.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from fargate_net.model.snapshot import Found, Snapshot

CHOSEN_BY_AWS = {
    "network_interface": {"private_ips", "public_ips", "ipv6_ips", "description", "requester", "owner"},
    "task": {"interface", "private_ip", "subnet", "zone"},
    "load_balancer": {"attributes"},  # AWS states every default beside the ones we set; the empty plan compares ours
    "target_group": {"attributes"},
    "listener": {"attributes"},
    "scaling_target": {"resource"},  # spelled by names live, by the service's key before
    "network_acl": {"subnets"},  # the default ACL serves every subnet, listed or not
}
"""Properties that AWS fills as it likes, or that a plan need not know."""

PLACES = {"subnet", "zone"}
"""Where ECS puts a task among the service's subnets."""

UNORDERED = {"subnets"}
"""Tuples whose order is the ids' order, and ids are AWS's choice."""

NO_TARGET = {"security_group_rules", "scaling_target"}
"""Kinds whose id is also the id of the thing they belong to."""

NAMED_BY_NAME = {"cluster", "log_group"}
"""Kinds whose id is the name we gave them."""

LABELLED = {"load_balancer", "target_group"}
"""Kinds that a scaling policy names by the end of their ARNs."""

SEEN = {"network_interface", "task", "network_acl", "route_table", "security_group"}
"""Kinds that are compared even when they carry no key of ours."""


def named(snapshot: Snapshot, stack: str) -> Counter[str]:
    """Every thing of the stack and around it as text without ids; records of task addresses come with the tasks."""
    names: dict[str, str] = {}
    for item in snapshot:
        if item.stack == stack and item.key and item.kind not in NO_TARGET:
            names.update(_names(item))
    rows: Counter[str] = Counter()
    of_tasks = {task.props.interface for task in snapshot.kind("task").values()}
    for item in snapshot:
        if item.kind == "record_set" and not item.props.alias:
            continue
        if item.stack == stack or item.kind in SEEN:
            chosen = CHOSEN_BY_AWS.get(item.kind, set()) | (PLACES if item.id in of_tasks else set())
            shown = _text(item.props, names, chosen)
            rows[f"{item.key or item.kind} {shown}"] += 1
    return rows


def _names(item: Found[Any]) -> Mapping[str, str]:
    if item.kind in NAMED_BY_NAME:
        return {item.id: item.props.name}
    asked = {getattr(item.props, attr, ""): f"{item.key}.{attr}" for attr in ("arn", "dns_name")}
    # What counts requests is named by the ends of two ARNs (Application Auto Scaling, ResourceLabel).
    ends = {item.id.rpartition(":")[2].removeprefix("loadbalancer/"): str(item.key)} if item.kind in LABELLED else {}
    return {**{value: name for value, name in asked.items() if value}, **ends, item.id: str(item.key)}


def _text(value: Any, names: Mapping[str, str], skipped: Collection[str] = ()) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        shown = ", ".join(
            f"{field.name}={_unordered(value, field.name, names)}"
            for field in fields(value)
            if field.compare and field.name not in skipped
        )
        return f"{type(value).__name__}({shown})"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(_text(item, names) for item in value)) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_text(item, names) for item in value) + ")"
    if isinstance(value, str):
        return names.get(value) or re.sub(r"planned:([a-z_]+/[^\s,)]+)", r"\1", value)
    return repr(value)


def _unordered(owner: Any, name: str, names: Mapping[str, str]) -> str:
    value = getattr(owner, name)
    return _text(frozenset(value) if name in UNORDERED else value, names)
