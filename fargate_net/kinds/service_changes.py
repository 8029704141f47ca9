"""What a change of a service means for those it serves. Pure; never here: calls, progress."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from fargate_net.kinds.service_progress import USUAL

if TYPE_CHECKING:
    from fargate_net.kinds.service import Service

_DEPLOYED = frozenset(
    {
        "task_definition",
        "subnets",
        "security_groups",
        "public_ip",
        "targets",
        "registries",
        "connect",
        "providers",
        "platform_version",
    }
)
"""What a task is made of: another value needs new tasks (ECS API Reference, UpdateService)."""
_MOST_GROUPS = 5
"""Target groups of a service (ECS Developer Guide, Registering multiple target groups with a service)."""


def in_both_groups(have: Service, want: Service, olds: Collection[str]) -> Service | None:
    """The service as it is, its tasks also in the target groups of the wish; they stay in the ``olds``.

    None when the tasks themselves change: neither the old nor the new ones need be healthy in both groups, and ECS
    stops a task that is not. None too when that would be more groups than a service can have.
    """
    if have.task_definition != want.task_definition:
        return None
    targets = want.targets | {target for target in have.targets if target.target_group in olds}
    return replace(have, targets=targets) if len(targets) <= _MOST_GROUPS else None


def silence(have: Service, want: Service, fields: frozenset[str]) -> str:
    """Whether a time comes in which no task runs, in words; ``""`` when old tasks stay until new ones serve."""
    if have.desired and not want.desired and "desired" in fields:
        return f"{want.name} answers nothing any more: it is to run no task"
    if not fields & _DEPLOYED or not have.desired:
        return ""
    if math.ceil(want.desired * want.min_percent / 100) == 0:
        return (
            f"{want.name} may answer nothing for about {math.ceil(USUAL / 60)} minutes, while new tasks start: "
            f"`min_percent` lets ECS stop all old ones before"
        )
    return ""
