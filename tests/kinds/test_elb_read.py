"""Balancers, target groups, listeners and rules: from AWS's answers to the normal form."""

from typing import Any

import pytest
from scripted_aws import ScriptedAws

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds import load_balancer as _load_balancer  # noqa: F401
from fargate_net.kinds.base import REGISTRY, Scope
from fargate_net.kinds.elb_actions import Action, read_actions, written_actions
from fargate_net.kinds.fields import Item
from fargate_net.kinds.listener import Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.target_group import TargetState
from fargate_net.model.snapshot import Found, Missing

ELB = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"
LB = f"{ELB}:loadbalancer/app/shop-web/1"
FOREIGN = f"{ELB}:loadbalancer/net/other/2"
TG = f"{ELB}:targetgroup/shop-web/3"
LISTENER = f"{ELB}:listener/app/shop-web/1/4"
RULE = f"{ELB}:listener-rule/app/shop-web/1/4/5"


def denied(operation: str) -> Denied:
    return Denied(f"You may not call {operation}.", operation=operation, code="AccessDenied")


BALANCERS = {
    "LoadBalancers": [
        {
            "LoadBalancerArn": LB,
            "LoadBalancerName": "shop-web",
            "DNSName": "shop-web-1.eu-west-1.elb.amazonaws.com",
            "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "Scheme": "internet-facing",
            "VpcId": "vpc-1",
            "State": {"Code": "active"},
            "Type": "application",
            "AvailabilityZones": [
                {"ZoneName": "eu-west-1b", "SubnetId": "subnet-2", "LoadBalancerAddresses": []},
                {"ZoneName": "eu-west-1a", "SubnetId": "subnet-1", "LoadBalancerAddresses": []},
            ],
            "SecurityGroups": ["sg-1"],
            "IpAddressType": "dualstack",
        },
        {
            "LoadBalancerArn": FOREIGN,
            "LoadBalancerName": "other",
            "Scheme": "internal",
            "VpcId": "vpc-2",
            "Type": "network",
            "AvailabilityZones": [
                {"ZoneName": "eu-west-1a", "SubnetId": "subnet-9", "LoadBalancerAddresses": [{"AllocationId": "eip-1"}]}
            ],
        },
    ]
}
GROUPS = {
    "TargetGroups": [
        {
            "TargetGroupArn": TG,
            "TargetGroupName": "shop-web",
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": "vpc-1",
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckPath": "/up",
            "Matcher": {"HttpCode": "200-299"},
            "HealthCheckIntervalSeconds": 15,
            "HealthCheckTimeoutSeconds": 10,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
            "LoadBalancerArns": [LB],
            "TargetType": "ip",
            "ProtocolVersion": "HTTP1",
        }
    ]
}


def tags(ResourceArns: list[str]) -> dict[str, Any]:  # noqa: N803
    assert len(ResourceArns) <= 20
    ours = {LB: "load_balancer/web", TG: "target_group/web", LISTENER: "listener/web-443", RULE: "listener_rule/web"}
    return {
        "TagDescriptions": [
            {
                "ResourceArn": arn,
                "Tags": [{"Key": "fargatenet:stack", "Value": "shop"}, {"Key": "fargatenet:key", "Value": ours[arn]}]
                if arn in ours
                else [],
            }
            for arn in ResourceArns
        ]
    }


def listeners(LoadBalancerArn: str) -> dict[str, Any]:  # noqa: N803
    if LoadBalancerArn != LB:
        return {"Listeners": []}
    return {
        "Listeners": [
            {
                "ListenerArn": LISTENER,
                "LoadBalancerArn": LB,
                "Port": 443,
                "Protocol": "HTTPS",
                "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "Certificates": [{"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/c"}],
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": TG}],
            }
        ]
    }


RULES = {
    "Rules": [
        {
            "RuleArn": RULE,
            "Priority": "10",
            "IsDefault": False,
            "Conditions": [
                {"Field": "host-header", "Values": ["b.io", "a.io"], "HostHeaderConfig": {"Values": ["b.io", "a.io"]}},
                {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["1"]}},
                {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
            ],
            "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": TG, "Weight": 7}]}}],
        },
        {"RuleArn": f"{RULE}0", "Priority": "default", "IsDefault": True, "Conditions": [], "Actions": []},
    ]
}


def answers(**changed: Any) -> dict[str, Any]:
    return {
        "elbv2.describe_load_balancers": BALANCERS,
        "elbv2.describe_target_groups": GROUPS,
        "elbv2.describe_tags": tags,
        "elbv2.describe_load_balancer_attributes": {
            "Attributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "60"}]
        },
        "elbv2.describe_target_group_attributes": {
            "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
        },
        "elbv2.describe_target_health": {
            "TargetHealthDescriptions": [
                {
                    "Target": {"Id": "10.0.1.9", "Port": 80, "AvailabilityZone": "eu-west-1a"},
                    "TargetHealth": {
                        "State": "unhealthy",
                        "Reason": "Target.Timeout",
                        "Description": "Request timed out",
                    },
                }
            ]
        },
        "elbv2.describe_listeners": listeners,
        "elbv2.describe_rules": RULES,
        **{name.replace("__", "."): answer for name, answer in changed.items()},
    }


def scan(kind: str, aws: ScriptedAws, **scope: Any) -> list[Any]:
    return list(REGISTRY[kind].scan(aws, Scope(**scope)))


def only(kind: str, aws: ScriptedAws, **scope: Any) -> Found[Any]:
    (one,) = scan(kind, aws, **scope)
    assert isinstance(one, Found)
    return one


def test_a_balancer_in_normal_form() -> None:
    found = only("load_balancer", ScriptedAws(answers()), vpcs=frozenset({"vpc-1"}))
    assert (found.id, found.key, found.stack, found.name) == (LB, "load_balancer/web", "shop", "shop-web")
    assert found.props.subnets == {"subnet-1", "subnet-2"}
    assert found.props.zones == (("eu-west-1a", "subnet-1"), ("eu-west-1b", "subnet-2"))
    assert found.props.attribute("idle_timeout.timeout_seconds") == "60"
    assert found.status["zone_id"] == "Z32O12XQLNTSW2"


def test_static_addresses_and_everything_of_the_region_without_a_scope() -> None:
    _, foreign = scan("load_balancer", ScriptedAws(answers()))
    assert foreign.props.addresses == {("subnet-9", "eip-1")}
    assert foreign.key is None


def test_a_stack_without_a_vpc_sees_its_own_alone_and_asks_tags_for_likely_names_only() -> None:
    aws = ScriptedAws(answers())
    assert only("load_balancer", aws, stack="shop").id == LB
    assert aws.asked("elbv2.describe_tags") == [{"ResourceArns": [LB]}]
    assert scan("load_balancer", ScriptedAws(answers()), stack="other-shop") == []


def test_attributes_that_may_not_be_read_are_missing_and_the_balancer_is_there() -> None:
    operation = "elbv2.describe_load_balancer_attributes"
    aws = ScriptedAws(answers(elbv2__describe_load_balancer_attributes=denied(operation)))
    missing, found = scan("load_balancer", aws, vpcs=frozenset({"vpc-1"}))
    assert missing == Missing(
        "load_balancer", LB, "elasticloadbalancing:DescribeLoadBalancerAttributes", f"You may not call {operation}."
    )
    assert found.props.attributes is None


@pytest.mark.parametrize(
    ("state", "expected"), [("provisioning", "pending"), ("failed", "broken"), ("active", "ready")]
)
def test_readiness_of_a_balancer(state: str, expected: str) -> None:
    raw = {**BALANCERS["LoadBalancers"][0], "State": {"Code": state, "Reason": "why"}}
    aws = ScriptedAws(answers(elbv2__describe_load_balancers={"LoadBalancers": [raw]}))
    assert REGISTRY["load_balancer"].ready(only("load_balancer", aws)).state == expected


def test_a_target_group_with_its_targets() -> None:
    found = only("target_group", ScriptedAws(answers()), vpcs=frozenset({"vpc-1"}))
    assert found.props.targets == (
        TargetState("10.0.1.9", 80, "eu-west-1a", "unhealthy", "Target.Timeout", "Request timed out"),
    )
    assert found.props.health.codes == "200-299"
    assert found.props.protocol_version == ""
    assert found.props.load_balancers == (LB,)
    assert scan("target_group", ScriptedAws(answers()), vpcs=frozenset({"vpc-2"})) == []


def test_target_health_that_was_not_saved_is_unknown_not_empty() -> None:
    aws = ScriptedAws(answers(elbv2__describe_target_health=NotAsked("elbv2.describe_target_health", TG)), saved=True)
    missing, found = scan("target_group", aws)
    assert (missing.kind, missing.subject) == ("target_group", TG)
    assert found.props.targets is None


def test_a_listener_forwards_to_its_group_whichever_way_aws_says_it() -> None:
    found = only("listener", ScriptedAws(answers()), stack="shop")
    assert found.props == Listener(
        LB,
        443,
        "HTTPS",
        (Action("forward", ((TG, 1),)),),
        "arn:aws:acm:eu-west-1:111122223333:certificate/c",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
    )
    assert found.key == "listener/web-443"


def test_listeners_of_one_silent_balancer_do_not_hide_the_others() -> None:
    def answer(LoadBalancerArn: str) -> dict[str, Any]:  # noqa: N803
        if LoadBalancerArn == FOREIGN:
            raise NotAsked("elbv2.describe_listeners", FOREIGN)
        return listeners(LoadBalancerArn)

    aws = ScriptedAws(answers(elbv2__describe_listeners=answer), saved=True)
    found, missing = sorted(scan("listener", aws), key=lambda item: isinstance(item, Missing))
    assert found.id == LISTENER
    assert (missing.kind, missing.subject) == ("listener", FOREIGN)


def test_rules_without_the_default_one_and_with_canonical_conditions() -> None:
    found = only("listener_rule", ScriptedAws(answers()), stack="shop")
    assert found.props == ListenerRule(
        LISTENER,
        10,
        frozenset({("host-header", ("a.io", "b.io")), ("http-header:X-A", ("1",)), ("query-string", ("v=2",))}),
        (Action("forward", ((TG, 1),)),),
    )


ACTIONS = [
    {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": TG, "Weight": 1}]}},
    {
        "Type": "forward",
        "Order": 1,
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": TG, "Weight": 3}, {"TargetGroupArn": "tg-2", "Weight": 0}],
            "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 3600},
        },
    },
    {"Type": "redirect", "Order": 1, "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}},
    {
        "Type": "redirect",
        "Order": 1,
        "RedirectConfig": {
            "Protocol": "#{protocol}",
            "Port": "#{port}",
            "StatusCode": "HTTP_302",
            "Host": "a.io",
            "Query": "x=1&y=#{query}",
        },
    },
    {"Type": "fixed-response", "Order": 1, "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}},
    {
        "Type": "fixed-response",
        "Order": 1,
        "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/html", "MessageBody": "<p> back  soon"},
    },
]


@pytest.mark.parametrize("raw", ACTIONS)
def test_an_action_survives_reading_and_writing(raw: dict[str, Any]) -> None:
    assert written_actions(read_actions(Item({"Actions": [raw]}, "rule"), "Actions")) == [raw]


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (ACTIONS[2], "HTTPS:443 301"),
        (ACTIONS[3], "#{protocol}:#{port} 302 Host=a.io Query=x=1&y=#{query}"),
        (ACTIONS[4], "404 text/plain"),
    ],
)
def test_what_an_action_says(raw: dict[str, Any], detail: str) -> None:
    assert read_actions(Item({"Actions": [raw]}, "rule"), "Actions")[0].detail == detail


def test_the_client_secret_of_an_identity_provider_is_left_out() -> None:
    raw = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"ClientId": "c", "ClientSecret": "hush"}}
    (action,) = read_actions(Item({"Actions": [raw]}, "rule"), "Actions")
    assert action.detail == '{"ClientId":"c"}'
