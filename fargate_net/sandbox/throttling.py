"""AWS's token buckets: how many calls of a kind an account may make at once, and how fast more are granted.

Figures: Amazon ECS Developer Guide "Request throttling for the Amazon ECS API", Amazon EC2 Developer Guide
"Request throttling for the Amazon EC2 API", Elastic Load Balancing User Guide "API throttling".

Never here: the answer to a throttled call.
"""

from __future__ import annotations

from dataclasses import dataclass

from .calls import Call
from .clock import CLOCK

Size = tuple[float, float]

_EC2_NAMED: dict[str, Size] = {
    "CreateVpcEndpoint": (4, 0.3),
    "DeleteVpcEndpoints": (4, 0.3),
    "CreateNatGateway": (10, 1),
    "DeleteNatGateway": (10, 1),
    "CreateNetworkInterface": (100, 5),
    "CreateTags": (100, 10),
}
_EC2_UNFILTERED = ("DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeInstances")
_ECS: dict[str, Size] = {
    "cluster modify": (20, 1),
    "cluster read": (50, 20),
    "task definition modify": (20, 1),
    "task definition delete": (5, 1),
    "task definition read": (50, 20),
    "task modify": (100, 40),
    "task read": (100, 20),
    "service modify": (50, 5),
    "service read": (100, 20),
    "other": (20, 10),
}
_TASK_CALLS = ("RunTask", "StopTask", "ExecuteCommand", "StartTask")


@dataclass
class _Bucket:
    size: Size
    tokens: float
    filled: float


_BUCKETS: dict[tuple[str, str, str, str], _Bucket] = {}


def refill() -> None:
    """Make every bucket full again."""
    _BUCKETS.clear()


def _ecs_kind(call: Call) -> str:
    operation, verb = call.operation, "read" if call.is_read else "modify"
    if operation == "DeleteTaskDefinitions":
        return "task definition delete"
    if "TaskDefinition" in operation:
        return f"task definition {verb}"
    if operation in _TASK_CALLS:
        return "task modify"
    if operation in ("DescribeTasks", "ListTasks"):
        return "task read"
    for noun in ("Service", "Cluster"):
        if noun in operation:
            return f"{noun.lower()} {verb}"
    return "other"


def _buckets(call: Call) -> list[tuple[str, Size]]:
    """The buckets that a call draws from, each with (burst, refill per second)."""
    if call.service == "ec2":
        if call.operation in _EC2_NAMED:
            return [(call.operation, _EC2_NAMED[call.operation])]
        if not call.is_read:
            return [("mutating", (50, 5))]
        if call.operation in _EC2_UNFILTERED and not {"Filters", "MaxResults"} & set(call.params):
            return [("unfiltered", (50, 10))]
        return [("non-mutating", (100, 20))]
    if call.service == "ecs":
        kind = _ecs_kind(call)
        return [(kind, _ECS[kind])]
    if call.service == "elbv2":
        own: tuple[str, Size] = ("mutating", (20, 3))
        if call.is_read:
            own = ("non-mutating", (40, 10))
        elif call.operation in ("CreateLoadBalancer", "SetSubnets"):
            own = (call.operation, (10, 0.2))
        elif call.operation in ("RegisterTargets", "DeregisterTargets"):
            own = ("targets", (20, 4))
        return [("account", (40, 10)), own]
    return []


def admits(call: Call) -> bool:
    """Take one token from each bucket of the call; False when one of them is empty."""
    held = []
    for name, size in _buckets(call):
        key = (call.account, call.region, call.service, name)
        bucket = _BUCKETS.setdefault(key, _Bucket(size, size[0], CLOCK.now()))
        now = CLOCK.now()
        bucket.tokens = min(size[0], bucket.tokens + (now - bucket.filled) * size[1])
        bucket.filled = now
        held.append(bucket)
    if any(bucket.tokens < 1 for bucket in held):
        return False
    for bucket in held:
        bucket.tokens -= 1
    return True
