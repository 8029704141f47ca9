"""The policy of a spec holds every write that the spec can need, nothing else, and each one bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from fargate_net.app import Wire
from fargate_net.app.access.ground import Ground
from fargate_net.app.access.policy import LOCK, LOOK_AHEAD, MOST_CHARACTERS, packed, size, statements
from fargate_net.app.access.tasks import LEFT_OUT
from fargate_net.app.wishes import Wish
from fargate_net.blueprint.draw import draw
from fargate_net.kinds.calls import BY_KIND
from fargate_net.kinds.fields import call_name
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.model.resource import Graph, Resource
from tests.story.conftest import EXAMPLES
from tests.story.guard import Asked, allowed

WHOLE = Path(__file__).parent / "whole.yaml"
SPECS = [*EXAMPLES, WHOLE]

IN_OUR_NAME = {
    "application-autoscaling:TagResource": "RegisterScalableTarget with tags",
    "cloudwatch:DeleteAlarms": "DeregisterScalableTarget",
    "cloudwatch:DescribeAlarms": "PutScalingPolicy",
    "cloudwatch:PutMetricAlarm": "PutScalingPolicy",
    "ec2:DescribeAccountAttributes": "CreateLoadBalancer",
    "ec2:DescribeRegions": "CreatePrivateDnsNamespace",
    "ecs:TagResource": "RegisterTaskDefinition with tags",
    "iam:CreateServiceLinkedRole": "the first service, balancer, scaling target or regional gateway of an account",
    "iam:PassRole": "RegisterTaskDefinition, CreateFlowLogs",
    "route53:AssociateVPCWithHostedZone": "CreateVpcEndpoint with a private name",
    "route53:CreateHostedZone": "CreatePrivateDnsNamespace",
    "route53:ListHostedZonesByName": "CreatePrivateDnsNamespace",
}
"""Actions that AWS asks of the caller without a call of ours, and what for (Service Authorization Reference, dependent
actions; AWS Cloud Map API permissions reference)."""


def ground_of(spec: Path) -> Ground:
    wish = Wish([spec], Wire(), offline=True)
    graph = draw(wish.stack, wish.facts)
    return Ground(graph, wish.name, wish.name, "aws", wish.facts.region, "123456789012")


def bare(**more: Any) -> Ground:
    """A stack in somebody else's network, behind somebody else's listener."""
    listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/theirs/1/2"
    group = SecurityGroup(name="web", description="web", vpc="vpc-0abc", rules=frozenset())
    rule = ListenerRule(listener=listener, priority=7, conditions=frozenset(), actions=())
    graph = Graph([Resource("security_group", "web", group), Resource("listener_rule", "web", rule)])
    return Ground(graph, "shop", "theirs", "aws", "eu-west-1", "123456789012", **more)


def actions(ground: Ground, *, read_only: bool = False) -> set[str]:
    return {action for statement in statements(ground, read_only=read_only) for action in statement.actions}


def written(ground: Ground) -> list[dict[str, Any]]:
    return list(packed(statements(ground)))


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_the_policy_is_what_the_types_of_the_stack_call(spec: Path) -> None:
    ground = ground_of(spec)
    kinds = {resource.kind for resource in ground.graph}
    reads = {call_name(call) for calls in BY_KIND.values() for call in calls.reads} | {call_name(c) for c in LOOK_AHEAD}
    writes = {call_name(call) for kind in kinds for call in BY_KIND[kind].writes} | {call_name(call) for call in LOCK}
    held = actions(ground)
    assert held - reads - writes <= set(IN_OUR_NAME)
    never_drawn = {"servicediscovery:CreatePublicDnsNamespace", *LEFT_OUT}
    if not any(role.props.policies for role in ground.of("role")):
        never_drawn.add("iam:AttachRolePolicy")
    types = {namespace.props.type for namespace in ground.of("namespace")}
    never_drawn |= {"servicediscovery:CreateHttpNamespace"} if "HTTP" not in types else set()
    never_drawn |= {"servicediscovery:CreatePrivateDnsNamespace"} if "DNS_PRIVATE" not in types else set()
    assert (reads | writes) - held == never_drawn & writes
    assert actions(ground, read_only=True) == reads


def test_some_spec_uses_every_action_there_is() -> None:
    held = set().union(*(actions(ground_of(spec)) for spec in SPECS), actions(bare()))
    every = {call_name(call) for calls in BY_KIND.values() for side in calls for call in side}
    assert every - held == {"servicediscovery:CreatePublicDnsNamespace", *LEFT_OUT}
    assert set(IN_OUR_NAME) <= held


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_documents_are_what_iam_takes(spec: Path) -> None:
    documents = written(ground_of(spec))
    sids = [statement["Sid"] for document in documents for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)
    for document in documents:
        assert size(document) == len("".join(json.dumps(document).split())) <= MOST_CHARACTERS
        assert document["Version"] == "2012-10-17"
        for statement in document["Statement"]:
            assert "*" not in json.dumps(statement["Action"])


def test_no_action_is_free_of_bounds_but_those_that_aws_cannot_bound() -> None:
    """A write on everything, under no condition, is there only where AWS knows neither."""
    free = {
        action
        for statement in statements(ground_of(WHOLE))
        if statement.resources == ("*",) and not statement.conditions
        for action in statement.actions
        if not action.partition(":")[2].startswith(("Describe", "Get", "List"))
    }
    assert free == {"route53:CreateHostedZone"}


def test_every_action_without_a_call_of_ours_exists() -> None:
    session = botocore.session.get_session()
    other = {"cloudwatch": "cloudwatch", "servicediscovery": "servicediscovery"}
    for action in IN_OUR_NAME:
        prefix, _, name = action.partition(":")
        if action != "iam:PassRole":  # a permission without an operation
            assert name in session.get_service_model(other.get(prefix, prefix)).operation_names, action


HERE = {"aws:RequestedRegion": "eu-west-1"}
EC2 = "arn:aws:ec2:eu-west-1:123456789012:"
OURS = {**HERE, "aws:ResourceTag/fargatenet:stack": "whole"}
THEIRS = {**HERE, "aws:ResourceTag/fargatenet:stack": "other"}
WISHED = {**HERE, "aws:RequestTag/fargatenet:stack": "whole"}
ROLES = "arn:aws:iam::123456789012:role/"
TO_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
TO_INSTANCES = {"iam:PassedToService": "ec2.amazonaws.com"}
READS_S3 = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}
ADMINISTERS = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}


@pytest.mark.parametrize(
    ("action", "resource", "context", "may"),
    [
        ("ec2:DeleteVpc", f"{EC2}vpc/vpc-1", OURS, True),
        ("ec2:DeleteVpc", f"{EC2}vpc/vpc-1", THEIRS, False),
        ("ec2:DeleteVpc", f"{EC2}vpc/vpc-1", HERE, False),
        ("ec2:DeleteVpc", "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", OURS, False),
        ("ec2:CreateSubnet", f"{EC2}subnet/new", WISHED, True),
        ("ec2:CreateSubnet", f"{EC2}vpc/vpc-1", OURS, True),
        # Even if EC2 showed the tags of the request beside a VPC of others, no statement would open it.
        ("ec2:CreateSubnet", f"{EC2}vpc/vpc-1", {**WISHED, **THEIRS}, False),
        ("ec2:CreateNatGateway", f"{EC2}subnet/subnet-1", {**WISHED, **THEIRS}, False),
        ("ec2:CreateVpc", f"{EC2}vpc/new", HERE, False),
        ("ec2:CreateTags", f"{EC2}vpc/vpc-1", {**WISHED, **THEIRS}, False),
        ("ec2:CreateTags", f"{EC2}vpc/vpc-1", {**WISHED, "ec2:CreateAction": "CreateVpc"}, True),
        ("ec2:CreateTags", f"{EC2}security-group-rule/sgr-1", WISHED, True),
        ("ec2:CreateTags", f"{EC2}security-group-rule/sgr-1", {**WISHED, **THEIRS}, False),
        ("ecs:DeleteCluster", "arn:aws:ecs:eu-west-1:123456789012:cluster/whole", OURS, True),
        ("ecs:DeleteCluster", "arn:aws:ecs:eu-west-1:123456789012:cluster/other", OURS, False),
        ("iam:PassRole", f"{ROLES}somebody/runs-tasks", TO_TASKS, True),
        ("iam:PassRole", f"{ROLES}somebody/admin", TO_TASKS, False),
        ("iam:PassRole", f"{ROLES}fargatenet/whole/x", TO_INSTANCES, False),
        ("iam:AttachRolePolicy", f"{ROLES}fargatenet/whole/x", READS_S3, True),
        ("iam:AttachRolePolicy", f"{ROLES}fargatenet/whole/x", ADMINISTERS, False),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/whole/web", {}, True),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/wholesale/web", {}, False),
    ],
)
def test_it_opens_ours_and_leaves_others_shut(action: str, resource: str, context: dict[str, str], may: bool) -> None:
    assert allowed(written(ground_of(WHOLE)), Asked(action, resource, context)) is may


@pytest.mark.parametrize(
    ("name", "may"),
    [("\\052.app.io", True), ("_fargatenet-a.\\052.app.io", True), ("www.app.io", False), ("app.io", False)],
)
def test_only_the_records_of_the_spec_may_change(name: str, may: bool) -> None:
    context = {"route53:ChangeResourceRecordSetsNormalizedRecordNames": (name,)}
    asked = Asked("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", context)
    assert allowed(written(ground_of(WHOLE)), asked) is may


def test_what_others_made_is_named_by_its_id() -> None:
    documents = written(bare())
    listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/theirs/1/"
    assert allowed(documents, Asked("ec2:CreateSecurityGroup", f"{EC2}vpc/vpc-0abc", HERE))
    assert not allowed(documents, Asked("ec2:CreateSecurityGroup", f"{EC2}vpc/vpc-0def", HERE))
    assert not allowed(documents, Asked("ec2:DeleteVpc", f"{EC2}vpc/vpc-0abc", HERE))
    assert allowed(documents, Asked("elasticloadbalancing:CreateRule", f"{listener}2", HERE))
    assert not allowed(documents, Asked("elasticloadbalancing:CreateRule", f"{listener}3", HERE))
    rule = f"{listener}2/5".replace(":listener/", ":listener-rule/")
    assert allowed(documents, Asked("elasticloadbalancing:SetRulePriorities", rule, HERE))
