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
    """What the Elastic Load Balancing API calls a type: ``load_balancer``, ``LoadBalancer``, in a sentence."""

    snake: str
    camel: str
    said: str


LOAD_BALANCER = Words("load_balancer", "LoadBalancer", "A load balancer")
TARGET_GROUP = Words("target_group", "TargetGroup", "A target group")
LISTENER = Words("listener", "Listener", "A listener")


def set_attributes(aws: Aws, words: Words, arn: str, attributes: Iterable[tuple[str, str]]) -> None:
    """State attributes; those that are not named keep their values (Modify…Attributes)."""
    stated = [{"Key": name, "Value": value} for name, value in sorted(attributes)]
    subject = {f"{words.camel}Arn": arn}
    aws.write(f"elbv2.modify_{words.snake}_attributes", **subject, Attributes=stated)


def by_name(aws: Aws, words: Words, name: str, tags: Mapping[str, str]) -> str | None:
    """The ARN of ours with that name, None when the name is free; Refused when somebody else has it."""
    try:
        answer = aws.read(f"elbv2.describe_{words.snake}s", Names=[name])
    except NotFound:
        return None
    for item in items(answer, f"{words.camel}s", f"{words.camel}Arn"):
        arn = item.text(f"{words.camel}Arn")
        if item.text(f"{words.camel}Name") == name:
            refuse_foreign(f"{words.said} named {name}", elb_tags(aws, [arn]).get(arn, {}), tags)
            return arn
    return None
