"""A template that is whole: every kind written, every reference landing, no circle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from fargate_net.blueprint.draw import draw
from fargate_net.blueprint.facts import Facts
from fargate_net.export.cloudformation import WRITERS, Exported, export
from fargate_net.kinds.base import REGISTRY, load_all
from fargate_net.model.resource import Graph, Resource
from fargate_net.spec.load import load
from fargate_net.spec.models import Stack
from tests.blueprint.drawings import ECR, FACTS, drawn, stacks

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
EVERYTHING = {
    "network": {"ipv6": True, "egress": "endpoints+nat", "zones": 2},
    "services": {
        "web": {
            "containers": [{"name": "app", "image": f"{ECR}/app:1", "ports": [80], "health": "true", "init": True}],
            "exec": True,
            "expose": [
                {"alb": {"to": "app:80", "certificate": "arn:aws:acm:eu-west-1:1:certificate/1", "paths": ["/a"],
                         "dns": {"zone": "app.io", "name": "www"}}},
                {"nlb": {"to": "app:80", "listen": 5000, "static_ips": True}},
            ],
            "discovery": [
                {"cloud_map": {"namespace": "shop.local"}},
                {"service_connect": {"namespace": "shop.local", "port": "app:80"}},
            ],
            "scaling": {"min": 1, "max": 2, "requests": 10},
            "allow_from": ["api"],
        },
        "api": {"allow_from": ["web"], "discovery": [{"service_connect": {"namespace": "mesh"}}]},
    },
}  # fmt: skip


def user_tags(resource: Resource) -> dict[str, str]:
    return {"owner": "me"}


def exported(graph: Graph) -> Exported:
    return export(graph, "shop", user_tags)


def named(value: Any) -> Iterator[str]:
    """Every logical name that a value speaks of."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0]
            else:
                yield from named(item)
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def check(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    known = resources.keys() | template.get("Parameters", {}).keys()
    needs: dict[str, set[str]] = {}
    for name, entry in resources.items():
        assert re.fullmatch(r"[A-Za-z0-9]{1,255}", name)
        needs[name] = {*named(entry.get("Properties", {})), *entry.get("DependsOn", [])}
        assert needs[name] <= known, name
    assert list(TopologicalSorter(needs).static_order())
    assert "planned:" not in json.dumps(template)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_becomes_a_whole_template(example: Path) -> None:
    check(exported(draw(load([example]).stack, Facts.without_aws("eu-west-1"))).template)


@settings(max_examples=50, deadline=None)
@given(stacks())
def test_every_drawing_becomes_a_whole_template(stack: Stack) -> None:
    check(exported(draw(stack, FACTS)).template)


def test_everything_at_once() -> None:
    graph = drawn(EVERYTHING["services"], network=EVERYTHING["network"])
    check(exported(graph).template)
    regional = drawn(network={"egress": "nat-regional"})
    drawn_kinds = {resource.kind for resource in (*graph, *regional)}
    assert drawn_kinds == WRITERS.keys()


def test_every_kind_that_can_be_made_has_a_writer() -> None:
    load_all()
    assert {name for name, kind in REGISTRY.items() if kind.write_side} == WRITERS.keys()


def properties(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry.get("Properties", {}) for entry in template["Resources"].values() if entry["Type"] == kind]


def test_groups_do_not_keep_the_rule_that_lets_everything_out() -> None:
    template = exported(drawn(network={"egress": "endpoints"})).template
    for group in properties(template, "AWS::EC2::SecurityGroup"):
        assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["127.0.0.1/32"]
    peers = properties(template, "AWS::EC2::SecurityGroupEgress")
    assert {"DestinationPrefixListId", "DestinationSecurityGroupId"} == {
        key for peer in peers for key in peer if key.startswith("Destination")
    }


def test_ids_that_only_aws_knows_are_parameters() -> None:
    graph = drawn(
        {"web": {"expose": [{"alb": {"to": "app:80", "dns": {"zone": "app.io"}}}]}}, network={"egress": "none"}
    )
    parameters = exported(graph).template["Parameters"]
    assert parameters == {
        "HostedZoneAppIo": {"Type": "AWS::Route53::HostedZone::Id", "Description": "Id of the hosted zone app.io"}
    }


def test_tasks_start_after_their_rules_and_listeners() -> None:
    resources = exported(drawn({"web": {"expose": [{"alb": {"to": "app:80"}}]}})).template["Resources"]
    assert {
        "ListenerAlb80",
        "SecurityGroupRulesWebRule0",
        "RouteTablePrivateAIpv4Route",
        "RouteTablePrivateASubnet0",
    } <= {*resources["ServiceWeb"]["DependsOn"]}
    assert {"InternetGatewayMainAttachment", "RouteTablePublicIpv4Route"} <= {*resources["NatGatewayA"]["DependsOn"]}
    assert resources["RouteTablePublicIpv4Route"]["DependsOn"] == ["InternetGatewayMainAttachment"]


def test_containers_are_spelt_as_cloudformation_does() -> None:
    graph = drawn(EVERYTHING["services"], network=EVERYTHING["network"])
    web = next(d for d in properties(exported(graph).template, "AWS::ECS::TaskDefinition") if d["Family"] == "shop-web")
    (container,) = web["ContainerDefinitions"]
    assert container["LogConfiguration"] == {
        "LogDriver": "awslogs",
        "Options": {
            "awslogs-group": {"Ref": "LogGroupWeb"},
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "app",
        },
    }
    assert container["HealthCheck"]["Command"] == ["CMD-SHELL", "true"]
    assert container["LinuxParameters"] == {"InitProcessEnabled": True}
    assert container["PortMappings"] == [{"Protocol": "tcp", "ContainerPort": 80, "Name": "app-80"}]


def test_tags_are_the_users_and_a_name() -> None:
    (vpc,) = properties(exported(drawn()).template, "AWS::EC2::VPC")
    assert vpc["Tags"] == [{"Key": "Name", "Value": "shop-main"}, {"Key": "owner", "Value": "me"}]


def test_a_record_of_task_addresses_is_left_out_and_said_so() -> None:
    web = {"web": {"subnets": "public", "expose": [{"dns": {"zone": "app.io", "name": "direct"}}]}}
    made = exported(drawn(web))
    assert not properties(made.template, "AWS::Route53::RecordSet")
    assert made.notes == ("The record direct.app.io is left out: CloudFormation cannot learn task addresses.",)


def test_names_that_fall_together_are_told_apart() -> None:
    from fargate_net.kinds.elastic_ip import ElasticIp

    template = exported(Graph([Resource("elastic_ip", "a-b", ElasticIp()), Resource("elastic_ip", "a.b", ElasticIp())]))
    assert len(template.template["Resources"]) == 2
