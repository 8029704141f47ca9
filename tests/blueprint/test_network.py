"""Subnets, gateways, routes and endpoints: drawn when something needs them, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from fargate_net.blueprint.endpoints import wanted
from fargate_net.blueprint.site import site
from fargate_net.errors import UsageError
from fargate_net.model.resource import Graph, Ref
from tests.blueprint.drawings import ECR, FACTS, drawn, rules, spec

ALB = {"expose": [{"alb": {"to": "app:80"}}]}
INTERFACES = {"vpc_endpoint/ecr.api", "vpc_endpoint/ecr.dkr", "vpc_endpoint/logs"}


def kinds(graph: Graph, kind: str) -> set[str]:
    return {resource.key for resource in graph if resource.kind == kind}


def routes(graph: Graph, table: str) -> dict[str, str]:
    return {route.destination: str(route.target) for route in graph[f"route_table/{table}"].props.routes}


@pytest.mark.parametrize(
    ("egress", "subnets", "gateways"),
    [
        ("none", {"private"}, set()),
        ("endpoints", {"private"}, set()),
        ("nat", {"public", "private"}, {"internet_gateway/main"}),
        ("nat-regional", {"private"}, {"internet_gateway/main"}),
        ("public", {"public"}, {"internet_gateway/main"}),
    ],
)
def test_only_what_is_needed_is_drawn(egress: str, subnets: set[str], gateways: set[str]) -> None:
    graph = drawn(network={"egress": egress})
    assert {key.partition("/")[2].partition("-")[0] for key in kinds(graph, "subnet")} == subnets
    assert kinds(graph, "internet_gateway") == gateways


def test_a_balancer_for_the_world_brings_public_subnets_and_the_gateway() -> None:
    graph = drawn({"web": ALB}, network={"egress": "endpoints"})
    assert graph["load_balancer/alb"].props.subnets == {Ref("subnet/public-a"), Ref("subnet/public-b")}
    assert graph["load_balancer/alb"].after == ("internet_gateway/main",)
    assert routes(graph, "public") == {"0.0.0.0/0": "internet_gateway/main"}
    assert routes(graph, "private-a") == {}


def test_public_services_need_no_nat() -> None:
    assert not kinds(drawn({"web": {"subnets": "public"}}, network={"egress": "nat"}), "nat_gateway")


@pytest.mark.parametrize(
    ("egress", "targets"),
    [
        ("nat", ["nat_gateway/a", "nat_gateway/a"]),
        ("nat-per-zone", ["nat_gateway/a", "nat_gateway/b"]),
        ("nat-regional", ["nat_gateway/regional", "nat_gateway/regional"]),
        ("endpoints+nat", ["nat_gateway/a", "nat_gateway/a"]),
    ],
)
def test_private_subnets_leave_through_their_nat_gateway(egress: str, targets: list[str]) -> None:
    graph = drawn(network={"egress": egress})
    assert [routes(graph, table)["0.0.0.0/0"] for table in ("private-a", "private-b")] == targets
    for key in kinds(graph, "nat_gateway"):
        assert "internet_gateway/main" in graph.needs(key)


def test_another_way_out_changes_routes_in_place() -> None:
    tables = [drawn(network={"egress": egress}) for egress in ("nat", "nat-per-zone", "nat-regional", "endpoints")]
    for name in ("private-a", "private-b"):
        assert len({graph[f"route_table/{name}"].props.subnets for graph in tables}) == 1


def test_the_nat_route_goes_only_after_the_endpoints_work() -> None:
    graph = drawn(network={"egress": "endpoints"})
    assert graph.needs("route_table/private-a") >= INTERFACES
    assert graph.needs("security_group_rules/web") >= INTERFACES
    for key in INTERFACES:
        assert "security_group_rules/network.endpoints" in graph.needs(key)


def test_ipv6_leaves_through_the_egress_only_gateway() -> None:
    graph = drawn(network={"egress": "nat", "ipv6": True})
    assert routes(graph, "private-a")["::/0"] == "egress_only_gateway/main"
    assert routes(graph, "public")["::/0"] == "internet_gateway/main"
    assert graph["subnet/private-a"].props.assign_ipv6
    assert rules(graph, "web") >= {"egress all traffic to ::/0", "egress all traffic to 0.0.0.0/0"}
    assert not kinds(drawn(network={"egress": "endpoints", "ipv6": True}), "egress_only_gateway")


APP = {"name": "app", "image": f"{ECR}/app:1", "ports": [80]}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"


@pytest.mark.parametrize(
    ("service", "network", "names"),
    [
        ({}, {"egress": "endpoints"}, {"ecr.api", "ecr.dkr", "logs", "s3"}),
        ({}, {"egress": "nat"}, {"s3"}),
        ({}, {"egress": "public"}, set()),
        ({}, {"egress": "none"}, set()),
        ({}, {"egress": "none", "endpoints": ["sqs"]}, {"sqs"}),
        ({"containers": [{"name": "app", "image": "nginx"}]}, {"egress": "endpoints+nat"}, {"logs"}),
        ({"containers": [{"name": "app", "image": "nginx"}]}, {"egress": "nat"}, set()),
        ({"exec": True}, {"egress": "endpoints"}, {"ecr.api", "ecr.dkr", "logs", "s3", "ssmmessages"}),
        (
            {"containers": [APP | {"secrets": {"A": SECRET, "B": "/shop/db"}}]},
            {"egress": "endpoints"},
            {"ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "ssm"},
        ),
        (
            {"discovery": [{"service_connect": {"namespace": "shop"}}]},
            {"egress": "endpoints"},
            {"ecr.api", "ecr.dkr", "ecs-agent", "logs", "s3"},
        ),
        (
            {"containers": [APP | {"image": f"{ECR}/app:1".replace("eu-west-1", "us-east-1")}]},
            {"egress": "endpoints"},
            {"logs"},
        ),
        (
            {"containers": [APP | {"registry_credentials": SECRET}]},
            {"egress": "endpoints"},
            {"ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager"},
        ),
    ],
)
def test_endpoints_follow_from_what_tasks_need(
    service: dict[str, Any], network: dict[str, Any], names: set[str]
) -> None:
    assert set(wanted(site(spec({"web": service}, network=network), FACTS))) == names


def test_the_s3_gateway_is_in_the_tables_of_the_tasks() -> None:
    graph = drawn({"web": ALB}, network={"egress": "endpoints"})
    endpoint = graph["vpc_endpoint/s3"].props
    assert endpoint.type == "Gateway"
    assert endpoint.service == "com.amazonaws.eu-west-1.s3"
    assert endpoint.route_tables == {Ref("route_table/private-a"), Ref("route_table/private-b")}


@pytest.mark.parametrize(("flow_logs", "traffic"), [("rejected", "REJECT"), ("all", "ALL")])
def test_flow_logs_go_to_their_group(flow_logs: str, traffic: str) -> None:
    graph = drawn(network={"flow_logs": flow_logs})
    assert graph["flow_log/main"].props.traffic == traffic
    assert graph["log_group/network.flow-logs"].props.name == "/vpc/shop/flow-logs"


def test_no_flow_logs_draw_nothing_for_them() -> None:
    graph = drawn(network={"flow_logs": "none"})
    assert not any("flow" in resource.key for resource in graph)


def test_too_many_zones_are_refused() -> None:
    with pytest.raises(UsageError, match="too small for 5 zones"):
        drawn(network={"cidr": "10.0.0.0/25", "zones": 5})


def test_a_region_with_fewer_zones_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match="has 2 Availability Zones, not 3"):
        drawn(network={"zones": 3}, facts=replace(FACTS, zones=FACTS.zones[:2]))
