"""Permissions for what runs: Amazon ECS, its roles, logs and scaling (Service Authorization Reference).

Never here: the network of tasks and what stands before them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.access.ground import Ground, Statement, allow, literal

_MAKING = ("ecs:CreateCluster", "ecs:CreateService", "ecs:RegisterTaskDefinition")
_TAGS = "ecs:TagResource"
_FORGET = "ecs:DeregisterTaskDefinition"

LEFT_OUT = ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary")
"""No spec asks for a permissions boundary. Whoever puts one on our roles means to bound them: the policy does not let a
run take it off, and the run then says that it may not."""


def tasks(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Cluster, services and task definitions by their names, and by our tags."""
    ours = (
        ground.arn("ecs", f"cluster/{ground.cluster}"),
        ground.arn("ecs", f"service/{ground.cluster}/*"),
        ground.arn("ecs", f"task-definition/{ground.stack}-*"),
    )
    yield from allow("MakeServices", wanted, _MAKING, ours, ground.asked_for_us)
    made = tuple(sorted(action.removeprefix("ecs:") for action in _MAKING if action in wanted))
    if made:
        while_making = ("StringEquals", "ecs:CreateAction", made)
        yield from allow("TagServicesMade", {*wanted, _TAGS}, [_TAGS], ours, ground.asked_for_us, while_making)
    changing = {action for action in wanted if action.startswith("ecs:")} - {*_MAKING, _FORGET}
    yield from allow("ChangeOurServices", wanted, changing, ours, ground.is_ours)
    # DeregisterTaskDefinition knows neither ARNs nor tags.
    yield from allow("ForgetOldTaskDefinitions", wanted, [_FORGET], ["*"], *ground.here)


def roles(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Our roles, which of them may be handed to whom, and the roles that AWS services make for themselves."""
    attach = "iam:AttachRolePolicy"
    keeping = {action for action in wanted if action.startswith("iam:")} - {attach, *LEFT_OUT}
    managed = {policy for role in ground.of("role") for policy in role.props.policies}
    yield from allow("KeepOurRoles", wanted, keeping, [ground.path] if ground.has("role") else [])
    if managed:
        only = ("ArnEquals", "iam:PolicyARN", tuple(sorted(managed)))
        yield from allow("AttachTheSpecsPolicies", wanted, [attach], [ground.path], only)
    passed: list[str] = []
    for definition in ground.of("task_definition"):
        for role in (definition.props.execution_role, definition.props.task_role):
            passed += literal(role, "arn:") if isinstance(role, str) else [ground.path]
    if passed:
        to = ("StringEquals", "iam:PassedToService", ("ecs-tasks.amazonaws.com",))
        yield Statement("HandRolesToTasks", ("iam:PassRole",), tuple(dict.fromkeys(passed)), (to,))
    for log in ground.of("flow_log"):
        to = ("StringEquals", "iam:PassedToService", ("vpc-flow-logs.amazonaws.com",))
        name = ground.graph[log.props.role.key].props.name
        place = ground.role(f"fargatenet/{ground.stack}/{name}")
        yield Statement("HandARoleToFlowLogs", ("iam:PassRole",), (place,), (to,))
    yield from _linked(ground)


def _linked(ground: Ground) -> Iterator[Statement]:
    """Service-linked roles: AWS makes them at the first use, in the caller's name (IAM User Guide)."""
    services = {
        "ecs.amazonaws.com": ("cluster", "service"),
        "elasticloadbalancing.amazonaws.com": ("load_balancer", "target_group"),
        "ecs.application-autoscaling.amazonaws.com": ("scaling_target",),
    }
    named = tuple(name for name, kinds in services.items() if ground.has(*kinds))
    action = "iam:CreateServiceLinkedRole"
    if named:
        for_whom = ("StringEquals", "iam:AWSServiceName", named)
        places = tuple(ground.role(f"aws-service-role/{name}/*") for name in named)
        yield Statement("LetServicesMakeTheirRoles", (action,), places, (for_whom,))
    if any(gateway.props.regional for gateway in ground.of("nat_gateway")):
        place = ground.role("aws-service-role/*/AWSServiceRoleForNATGateway")
        yield Statement("LetTheRegionalGatewayMakeItsRole", (action,), (place,))


def logs(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Log groups lie under names of the stack's own."""
    folders = {str(group.props.name).rpartition("/")[0] for group in ground.of("log_group")}
    places = (ground.arn("logs", f"log-group:{folder}/*") for folder in sorted(folders))
    yield from allow("KeepOurLogGroups", wanted, {a for a in wanted if a.startswith("logs:")}, places)


def scaling(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Targets have ids that nobody knows before; what they scale is bounded to ECS services.

    Application Auto Scaling makes the alarms of a target tracking policy with the caller's permissions (Application
    Auto Scaling User Guide, Identity-based policy examples).
    """
    if not ground.has("scaling_target"):
        return
    targets = (ground.arn("application-autoscaling", "scalable-target/*"),)
    of_ecs = ("StringEquals", "application-autoscaling:service-namespace", ("ecs",))
    calls = {action for action in wanted if action.startswith("application-autoscaling:")}
    yield from allow("ScaleServices", wanted, calls, targets, of_ecs)
    yield Statement("TagScalingMade", ("application-autoscaling:TagResource",), targets, (ground.asked_for_us,))
    alarms = ground.arn("cloudwatch", f"alarm:TargetTracking-service/{ground.cluster}/*")
    watching = ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm")
    yield Statement("WatchScaling", watching, (alarms,))


def lock(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """The stack's lock, a parameter of AWS Systems Manager."""
    place = ground.arn("ssm", f"parameter/fargatenet/{ground.stack}/*")
    yield from allow("LockTheStack", wanted, {action for action in wanted if action.startswith("ssm:")}, [place])
