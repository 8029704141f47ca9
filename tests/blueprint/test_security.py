"""Who may open which connection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.blueprint.drawings import ECR, drawn, rules

TWO_PORTS = [{"name": "app", "image": f"{ECR}/app:1", "ports": [80, "53/udp"]}]
ENDPOINTS = {"egress": "endpoints"}
START = {
    "egress tcp 443 to security_group/network.endpoints",
    "egress tcp 443 to planned:prefix_list/com.amazonaws.eu-west-1.s3",
}


def test_named_services_come_in_on_declared_ports_and_may_go_out_to_them() -> None:
    services = {"web": {"containers": TWO_PORTS, "allow_from": [{"from": "api", "ports": [80]}]}, "api": {}}
    graph = drawn(services, network=ENDPOINTS)
    assert rules(graph, "web") == START | {"ingress tcp 80 from security_group/api"}
    assert rules(graph, "api") == START | {"egress tcp 80 to security_group/web"}


def test_without_ports_every_declared_one_is_open_in_its_protocol() -> None:
    graph = drawn({"web": {"containers": TWO_PORTS, "allow_from": ["10.1.0.0/16", "sg-0123", "pl-0123"]}})
    assert {rule for rule in rules(graph, "web") if rule.startswith("ingress")} == {
        f"ingress {port} from {source}"
        for port in ("tcp 80", "udp 53")
        for source in ("10.1.0.0/16", "sg-0123", "pl-0123")
    }


@pytest.mark.parametrize(
    ("service", "network", "out"),
    [
        ({}, {"egress": "nat"}, {"egress all traffic to 0.0.0.0/0"}),
        ({}, {"egress": "public"}, {"egress all traffic to 0.0.0.0/0"}),
        ({}, ENDPOINTS, START),
        ({}, {"egress": "endpoints+nat"}, {"egress all traffic to 0.0.0.0/0"}),
        ({}, {"egress": "none"}, {"egress udp 53 to 10.0.0.2/32"}),
        ({"subnets": "public", "public_ip": False}, {"egress": "nat"}, {"egress udp 53 to 10.0.0.2/32"}),
        ({"subnets": "public"}, ENDPOINTS, START),
        ({}, {"vpc": "vpc-0abc", "subnets": {"private": ["subnet-1"]}}, {"egress all traffic to 0.0.0.0/0"}),
    ],
)
def test_the_way_out_is_as_wide_as_the_network(service: dict[str, Any], network: dict[str, Any], out: set[str]) -> None:
    assert rules(drawn({"web": service}, network=network), "web") == out


def test_endpoints_are_open_to_the_services_of_the_stack_alone() -> None:
    graph = drawn({"web": {}, "api": {}}, network=ENDPOINTS)
    assert rules(graph, "network.endpoints") == {
        "ingress tcp 443 from security_group/api",
        "ingress tcp 443 from security_group/web",
    }


def test_a_health_check_on_another_port_is_let_through_both_ways() -> None:
    alb = {"alb": {"to": "app:80", "health": {"port": 8080}, "sources": ["203.0.113.0/24"]}}
    graph = drawn({"web": {"expose": [alb]}}, network=ENDPOINTS)
    assert rules(graph, "balancer.alb") == {
        "ingress tcp 80 from 203.0.113.0/24",
        "egress tcp 80 to security_group/web",
        "egress tcp 8080 to security_group/web",
    }
    assert rules(graph, "web") - START == {
        "ingress tcp 80 from security_group/balancer.alb",
        "ingress tcp 8080 from security_group/balancer.alb",
    }


def test_a_udp_target_is_checked_over_tcp() -> None:
    nlb = {"nlb": {"listen": 53, "protocol": "udp", "to": "app:53"}}
    graph = drawn({"dns": {"containers": TWO_PORTS, "expose": [nlb]}}, network=ENDPOINTS)
    assert rules(graph, "balancer.nlb") == {
        "ingress udp 53 from 0.0.0.0/0",
        "egress udp 53 to security_group/dns",
        "egress tcp 53 to security_group/dns",
    }


def test_an_internal_balancer_is_open_to_the_vpc() -> None:
    alb = {"alb": {"to": "app:80", "internal": True}}
    graph = drawn({"web": {"expose": [alb]}}, network={"cidr": "10.7.0.0/16"})
    assert "ingress tcp 80 from 10.7.0.0/16" in rules(graph, "balancer.alb.internal")


def test_the_redirect_is_open_to_whom_https_is_open() -> None:
    alb = {"alb": {"to": "app:80", "certificate": "arn:aws:acm:eu-west-1:1:certificate/1", "sources": ["192.0.2.0/24"]}}
    graph = drawn({"web": {"expose": [alb]}})
    assert {rule for rule in rules(graph, "balancer.alb") if rule.startswith("ingress")} == {
        "ingress tcp 443 from 192.0.2.0/24",
        "ingress tcp 80 from 192.0.2.0/24",
    }


def test_existing_groups_are_added_to_the_service_own() -> None:
    graph = drawn({"web": {"security_groups": ["sg-0123"]}})
    assert {str(group) for group in graph["service/web"].props.security_groups} == {"security_group/web", "sg-0123"}
