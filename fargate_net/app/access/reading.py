"""Permissions to look: what every command reads, with or without a run.

Most reads know no single resource, and reachability asks about neighbours too, so they are allowed for all; those of
Amazon ECS and of roles are bounded to the stack's own. Never here: writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.access.ground import Ground, Statement, allow

_OF_THE_CLUSTER = ("ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks")
_OF_ROLES = ("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies")


def reading(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """The network of the Region, the stack's cluster and roles, and the zones and role names of the account."""
    cluster = ground.cluster
    shapes = (f"cluster/{cluster}", f"service/{cluster}/*", f"task/{cluster}/*")
    yield from allow("LookAtTheCluster", wanted, _OF_THE_CLUSTER, (ground.arn("ecs", shape) for shape in shapes))
    # GetRole of a role that is not there (yet) is judged by the bare name, without the path it will have.
    yield from allow("LookAtOurRoles", wanted, _OF_ROLES, (ground.path, ground.role(f"{ground.stack}-*")))
    rest = wanted.difference(_OF_THE_CLUSTER, _OF_ROLES)
    everywhere = {action for action in rest if action.startswith(("iam:", "route53:"))}
    yield from allow("LookAtTheRegion", rest, rest - everywhere, ["*"], *ground.here)
    yield from allow("LookAtNamesAndZones", rest, everywhere, ["*"])
