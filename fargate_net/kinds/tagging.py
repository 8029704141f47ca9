"""Tags on things that exist already: which call writes them, by resource type.

Tags are written in the create call; these calls bring them back, or up to date, later. A thing that AWS cannot tag
(a record, the rules of a group) has no row, and neither has a task definition: each revision keeps the tags it was
registered with.

Never here: which tags a thing ought to have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws
from fargate_net.model.snapshot import Found

_Tags = Mapping[str, str]


def _ec2(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    """CreateTags (Amazon EC2 API Reference) overwrites keys that exist."""
    aws.write("ec2.create_tags", Resources=[have.id], Tags=_upper(tags))


def _elbv2(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    aws.write("elbv2.add_tags", ResourceArns=[have.id], Tags=_upper(tags))


def _service(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    aws.write("ecs.tag_resource", resourceArn=have.id, tags=_lower(tags))


def _cluster(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    aws.write("ecs.tag_resource", resourceArn=_arn(aws, "ecs", f"cluster/{have.id}"), tags=_lower(tags))


def _log_group(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    aws.write("logs.tag_resource", resourceArn=_arn(aws, "logs", f"log-group:{have.id}"), tags=dict(tags))


def _role(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    aws.write("iam.tag_role", RoleName=have.id.rsplit("/", 1)[-1], Tags=_upper(tags))


def _cloud_map(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    """TagResource (Cloud Map API Reference) overwrites keys that exist.

    Our own tags go along unchanged: IAM sees the tags of this request, but not those of the thing (Service
    Authorization Reference, AWS Cloud Map), so that a policy can bind it to the stack by nothing else.
    """
    marks = {name: have.tags[name] for name in (STACK_TAG, KEY_TAG) if name in have.tags}
    word = "namespace" if have.kind == "namespace" else "service"
    arn = _arn(aws, "servicediscovery", f"{word}/{have.id}")
    aws.write("servicediscovery.tag_resource", ResourceARN=arn, Tags=_upper({**marks, **tags}))


_BY_KIND: dict[str, Callable[[Aws, Found[Any], _Tags], None]] = {
    **dict.fromkeys(
        (
            "vpc",
            "subnet",
            "internet_gateway",
            "egress_only_gateway",
            "nat_gateway",
            "elastic_ip",
            "route_table",
            "security_group",
            "vpc_endpoint",
            "flow_log",
        ),
        _ec2,
    ),
    **dict.fromkeys(("load_balancer", "target_group", "listener", "listener_rule"), _elbv2),
    "cluster": _cluster,
    "service": _service,
    "log_group": _log_group,
    **dict.fromkeys(("namespace", "discovery_service"), _cloud_map),
    "role": _role,
}


def can_retag(kind: str) -> bool:
    """Whether tags of things of this type can be changed."""
    return kind in _BY_KIND


def retag(aws: Aws, have: Found[Any], tags: _Tags) -> None:
    """Write these tags; others on the thing stay. Safe to repeat."""
    _BY_KIND[have.kind](aws, have, tags)


def _arn(aws: Aws, service: str, rest: str) -> str:
    region = aws.region
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:{service}:{region}:{aws.account}:{rest}"


def _upper(tags: _Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _lower(tags: _Tags) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]
