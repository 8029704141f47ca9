"""Calls that balancers, listeners and target groups make in the same way, each under its own words.

Never here: what an attribute means, a concrete resource type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fargate_net.errors import NotFound
from fargate_net.kinds.asking import elb_tags, refuse_foreign
from fargate_net.kinds.base import Aws
from fargate_net.kinds.fields import items


class Words(NamedTuple):
    """How the Elastic Load Balancing API speaks of a type: its operations, its noun, and the noun in a sentence."""

    describe: str
    modify: str
    noun: str
    said: str


LOAD_BALANCER = Words(
    "elbv2.describe_load_balancers", "elbv2.modify_load_balancer_attributes", "LoadBalancer", "A load balancer"
)
TARGET_GROUP = Words(
    "elbv2.describe_target_groups", "elbv2.modify_target_group_attributes", "TargetGroup", "A target group"
)
LISTENER = Words("elbv2.describe_listeners", "elbv2.modify_listener_attributes", "Listener", "A listener")


def set_attributes(aws: Aws, words: Words, arn: str, attributes: Iterable[tuple[str, str]]) -> None:
    """State attributes; those that are not named keep their values (Modify…Attributes)."""
    stated = [{"Key": name, "Value": value} for name, value in sorted(attributes)]
    aws.write(words.modify, **{f"{words.noun}Arn": arn}, Attributes=stated)


def by_name(aws: Aws, words: Words, name: str, tags: Mapping[str, str]) -> str | None:
    """The ARN of ours with that name, None when the name is free; Refused when somebody else has it."""
    try:
        answer = aws.read(words.describe, Names=[name])
    except NotFound:
        return None
    for item in items(answer, f"{words.noun}s", f"{words.noun}Arn"):
        arn = item.text(f"{words.noun}Arn")
        if item.text(f"{words.noun}Name") == name:
            refuse_foreign(f"{words.said} named {name}", elb_tags(aws, [arn]).get(arn, {}), tags)
            return arn
    return None
