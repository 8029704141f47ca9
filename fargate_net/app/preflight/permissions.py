"""Whether the caller may make what the plan makes, asked of EC2 with DryRun.

EC2 checks permissions first and then answers DryRunOperation (Amazon EC2 API Reference, Common query parameters). Only
calls whose other ids exist already can be asked: what goes into a VPC that the plan makes cannot. No other service of
a plan has dry runs. Never here: a call without DryRun.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fargate_net.app.preflight.case import Case
from fargate_net.blueprint import names
from fargate_net.errors import AwsError, Denied
from fargate_net.kinds.base import KEY_TAG, STACK_TAG
from fargate_net.kinds.fields import call_name
from fargate_net.kinds.writing import tagged
from fargate_net.model.finding import Finding, error
from fargate_net.model.resource import Ref, Resource


def permissions(case: Case) -> Iterator[Finding]:
    """One dry run for each sort of thing that the plan makes; what else EC2 says about it does not matter here."""
    asked: set[str] = set()
    for resource in case.made:
        call = _call(case, resource)
        if call is None or call[0] in asked:
            continue
        operation, params = call
        asked.add(operation)
        try:
            case.aws.write(operation, DryRun=True, **params)
        except Denied as refused:
            what = f"You may not {call_name(operation)}, which {resource.key} needs: {refused.what.rstrip('.')}."
            yield error("DENIED", what, "Ask whoever keeps the account for it.")
        except AwsError:
            continue


def _call(case: Case, resource: Resource) -> tuple[str, dict[str, Any]] | None:
    """The call that makes it and its parameters, tags included: they need a permission of their own."""
    props = resource.props
    tags = {**names.tags(case.stack, resource), STACK_TAG: case.name, KEY_TAG: resource.key}
    vpc = None if isinstance(getattr(props, "vpc", None), Ref) else getattr(props, "vpc", None)
    if resource.kind == "vpc":
        return "ec2.create_vpc", {"CidrBlock": props.cidrs[0], **tagged("vpc", tags)}
    if resource.kind == "internet_gateway":
        return "ec2.create_internet_gateway", tagged("internet-gateway", tags)
    if resource.kind == "elastic_ip":
        return "ec2.allocate_address", {"Domain": "vpc", **tagged("elastic-ip", tags)}
    if resource.kind == "security_group" and vpc:
        named = {"VpcId": vpc, "GroupName": props.name, "Description": props.description}
        return "ec2.create_security_group", {**named, **tagged("security-group", tags)}
    return None
