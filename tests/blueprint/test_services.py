"""Services, balancers, names: the properties that AWS is asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fargate_net.blueprint.facts import ExistingSubnet, Facts
from fargate_net.errors import UsageError
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.resource import Ref
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.spec.models import Stack
from tests.blueprint.drawings import ECR, FACTS, REGION, drawn

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2"


def web(**service: Any) -> dict[str, Any]:
    return {"web": service}


def exposed(*entries: dict[str, Any]) -> dict[str, Any]:
    return web(expose=[{"alb": {"to": "app:80"} | entry} for entry in entries])


def test_a_changed_port_replaces_nothing() -> None:
    def stack(port: int) -> Any:
        app = {"name": "app", "image": f"{ECR}/app:1", "ports": [port]}
        return drawn(web(containers=[app], expose=[{"alb": {"to": f"app:{port}"}}]))

    before, after = stack(80), stack(8080)
    changed = {resource.key for resource in after if before[resource.key] != resource}
    assert changed == {
        "task_definition/web",
        "security_group_rules/web",
        "security_group_rules/balancer.alb",
        "service/web",
    }


def test_what_aws_cannot_change_is_in_the_name_of_the_target_group() -> None:
    http, grpc = drawn(exposed({})), drawn(exposed({"protocol_version": "grpc"}))
    names = [graph["target_group/web.alb.80"].props.name for graph in (http, grpc)]
    assert names[0] != names[1]


def test_https_redirects_port_80() -> None:
    graph = drawn(exposed({"certificate": CERTIFICATE}))
    assert graph["listener/alb.443"].props.protocol == "HTTPS"
    assert graph["listener/alb.443"].props.policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    assert graph["listener/alb.80"].props.actions[0].detail == "HTTPS:443 301"


@pytest.mark.parametrize(
    "entries",
    [
        [{"certificate": CERTIFICATE, "redirect": False}],
        [{"certificate": CERTIFICATE}, {"listen": 80}],
    ],
)
def test_no_redirect_where_none_is_wanted_or_port_80_is_taken(entries: list[dict[str, Any]]) -> None:
    graph = drawn(exposed(*entries))
    assert all(r.props.actions[0].type == "forward" for r in graph if r.kind == "listener")


def test_a_listener_without_default_answers_404_and_rules_forward() -> None:
    graph = drawn(exposed({"hosts": ["a.io"]}, {"hosts": ["b.io"]}))
    assert graph["listener/alb.80"].props.actions[0].detail.startswith("404")
    found = [resource for resource in graph if resource.kind == "listener_rule"]
    assert {rule.props.actions[0].target_groups for rule in found} == {((Ref("target_group/web.alb.80"), 1),)}
    assert set(graph["service/web"].after) >= {rule.key for rule in found}


def test_entries_that_differ_in_health_get_groups_of_their_own() -> None:
    graph = drawn(exposed({"hosts": ["a.io"]}, {"hosts": ["b.io"], "health": {"path": "/b"}}))
    groups = {resource.key for resource in graph if resource.kind == "target_group"}
    assert groups == {"target_group/web.alb.80", "target_group/web.alb.80-2"}


def test_a_rule_in_a_foreign_listener_draws_no_balancer() -> None:
    graph = drawn(exposed({"listener": LISTENER, "priority": 7, "hosts": ["a.io"]}))
    assert not [resource for resource in graph if resource.kind in ("load_balancer", "listener")]
    rule = graph["listener_rule/web.rule-7"]
    assert (rule.props.listener, rule.props.priority) == (LISTENER, 7)
    assert rule.key in graph["service/web"].after


def test_scaling_by_requests_knows_balancer_and_group() -> None:
    own = drawn({"web": exposed({})["web"] | {"scaling": {"min": 1, "max": 3, "requests": 100}}})
    assert own["scaling_target/web"].props.balancer == Ref("load_balancer/alb")
    foreign = exposed({"listener": LISTENER, "priority": 7, "hosts": ["a.io"]})["web"]
    shared = drawn({"web": foreign | {"scaling": {"min": 1, "max": 3, "requests": 100}}})
    assert shared["scaling_target/web"].props.balancer == "app/shared/50dc6c495c0c9188"
    assert shared["scaling_target/web"].props.policies == {("ALBRequestCountPerTarget", 100)}
    assert shared["service/web"].props.scaled


def test_static_addresses_are_one_in_each_zone() -> None:
    nlb = {"nlb": {"listen": 80, "to": "app:80", "static_ips": True}}
    assert drawn(web(expose=[nlb]))["load_balancer/nlb"].props.addresses == {
        (Ref("subnet/public-a"), Ref("elastic_ip/nlb.a")),
        (Ref("subnet/public-b"), Ref("elastic_ip/nlb.b")),
    }


def test_rebalancing_needs_room_for_one_more() -> None:
    assert drawn(web(deployment={"max_percent": 100, "min_percent": 50}))["service/web"].props.rebalancing is False
    assert drawn()["service/web"].props.rebalancing is True


def test_grace_needs_a_balancer() -> None:
    assert drawn()["service/web"].props.grace == 0
    assert drawn(exposed({}))["service/web"].props.grace == 60


def test_the_execution_role_reads_what_is_named_and_no_more() -> None:
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
    app = {"name": "app", "image": f"{ECR}/team/app@sha256:0", "secrets": {"A": f"{secret}:password::", "B": "/shop/b"}}
    ((_, policy),) = drawn(web(containers=[app]), facts=replace(FACTS, account="123456789012"))[
        "role/web.execution"
    ].props.inline
    allowed = {s["Action"][0]: s["Resource"] for s in json.loads(policy)["Statement"]}
    assert allowed == {
        "logs:CreateLogStream": ["arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/web:*"],
        "ecr:GetAuthorizationToken": ["*"],
        "ecr:BatchCheckLayerAvailability": ["arn:aws:ecr:eu-west-1:123456789012:repository/team/app"],
        "secretsmanager:GetSecretValue": [secret],
        "ssm:GetParameters": ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/b"],
    }


def test_the_task_role_exists_for_exec_or_policies_alone() -> None:
    assert "role/web.task" not in drawn()
    graph = drawn(web(exec=True))
    assert "ssmmessages:OpenDataChannel" in graph["role/web.task"].props.inline[0][1]
    assert graph["task_definition/web"].props.task_role == Ref("role/web.task")
    given = drawn(web(exec=True, task_role="arn:aws:iam::123456789012:role/mine"))
    assert given["task_definition/web"].props.task_role == "arn:aws:iam::123456789012:role/mine"


def test_srv_names_the_port_and_a_alone_does_not() -> None:
    both = drawn(web(discovery=[{"cloud_map": {"namespace": "shop.local"}}]))
    (registry,) = both["service/web"].props.registries
    assert (registry.container, registry.port) == ("app", 80)
    only = drawn(web(discovery=[{"cloud_map": {"namespace": "ns-0123", "records": ["A"]}}]))
    (registry,) = only["service/web"].props.registries
    assert (registry.container, registry.port) == ("", 0)
    assert only["discovery_service/web"].props.namespace == "ns-0123"
    assert not [resource for resource in only if resource.kind == "namespace"]


def test_clients_of_service_connect_start_after_its_servers() -> None:
    server = {"discovery": [{"service_connect": {"namespace": "mesh", "port": "app:80"}}]}
    client = {"discovery": [{"service_connect": {"namespace": "mesh"}}]}
    graph = drawn({"web": client, "api": server})
    assert "service/api" in graph.needs("service/web")
    assert graph["service/api"].props.connect.endpoints == (("app-80", "api", "api", 80),)
    assert graph["namespace/mesh"].props.type == "HTTP"


def test_one_namespace_for_both_has_a_private_zone() -> None:
    mesh = {"service_connect": {"namespace": "shop.local", "port": "app:80"}}
    one, other = {"discovery": [mesh]}, {"discovery": [{"cloud_map": {"namespace": "shop.local"}}]}
    for services in ({"api": one, "web": other}, {"api": other, "web": one}):
        assert drawn(services)["namespace/shop.local"].props.type == "DNS_PRIVATE"


def test_an_alias_has_ipv6_where_the_balancer_has() -> None:
    entry = {"dns": {"zone": "app.io", "name": "www"}}
    dual = drawn(exposed(entry), network={"ipv6": True})
    assert {key for key in dual.order if key.startswith("record_set/")} == {
        "record_set/www.app.io.A",
        "record_set/www.app.io.AAAA",
    }
    assert dual["load_balancer/alb"].props.ip_address_type == "dualstack"
    assert "record_set/www.app.io.AAAA" not in drawn(exposed(entry))


def test_a_zone_that_the_account_has_not_is_refused() -> None:
    entry = {"dns": {"zone": "app.io", "name": "www"}}
    online = replace(FACTS, offline=False)
    with pytest.raises(UsageError, match=r"no Route 53 hosted zone app\.io"):
        drawn(exposed(entry), facts=online)
    graph = drawn(exposed(entry), facts=replace(online, hosted_zones={"app.io": "Z1"}))
    assert graph["record_set/www.app.io.A"].props.zone == "Z1"


BYO = {"vpc": "vpc-0abc", "subnets": {"public": ["subnet-1", "subnet-2"], "private": {"tag": "tier=app"}}}


def test_somebody_elses_network_is_used_and_not_drawn() -> None:
    subnet = ExistingSubnet("subnet-3", "vpc-0abc", "10.1.3.0/24", "eu-west-1a", tags={"tier": "app"})
    foreign = ExistingSubnet("subnet-9", "vpc-0def", "10.9.3.0/24", "eu-west-1a", tags={"tier": "app"})
    facts = replace(FACTS, subnets={"subnet-3": subnet, "subnet-9": foreign}, vpcs={"vpc-0abc": ("10.1.0.0/16",)})
    internal = {"alb": {"to": "app:80", "internal": True}}
    graph = drawn(
        web(expose=[{"alb": {"to": "app:80"}}, internal]), network=BYO, cluster={"existing": "shared"}, facts=facts
    )
    assert {"vpc", "subnet", "route_table", "nat_gateway", "vpc_endpoint", "cluster"}.isdisjoint(r.kind for r in graph)
    assert graph["service/web"].props.subnets == ("subnet-3",)
    assert graph["service/web"].props.cluster == "shared"
    assert graph["load_balancer/alb"].props.subnets == {"subnet-1", "subnet-2"}
    assert graph["security_group/web"].props.vpc == "vpc-0abc"
    sources = {rule.peer for rule in graph["security_group_rules/balancer.alb.internal"].props.rules}
    assert "10.1.0.0/16" in sources


def test_tagged_subnets_want_aws() -> None:
    with pytest.raises(UsageError, match="only known to AWS"):
        drawn(network=BYO)
    with pytest.raises(UsageError, match="No subnet of vpc-0abc carries the tag tier=app"):
        drawn(network=BYO, facts=replace(FACTS, offline=False))


def test_expectations_alone_draw_nothing() -> None:
    from fargate_net.blueprint.draw import draw

    with pytest.raises(UsageError, match="nothing to build"):
        draw(Stack.model_validate({"reach": []}), FACTS)


def test_facts_of_a_snapshot() -> None:
    found: list[Found[Any]] = [
        Found("vpc-1", Vpc(("10.1.0.0/16",))),
        Found("igw-1", InternetGateway("vpc-1")),
        Found("subnet-1", Subnet("vpc-1", "10.1.0.0/24", "eu-west-1a"), tags={"tier": "web"}),
        Found("subnet-2", Subnet("vpc-1", "10.1.1.0/24", "eu-west-1a")),
        Found("subnet-3", Subnet("vpc-2", "10.2.1.0/24", "eu-west-1a")),
        Found("rtb-1", RouteTable("vpc-1", frozenset({"subnet-1"}), frozenset({Route("0.0.0.0/0", "igw-1")}))),
        Found("rtb-2", RouteTable("vpc-1", main=True)),
        Found("pl-1", PrefixList("com.amazonaws.eu-west-1.s3", None)),
    ]
    facts = Facts.of(Snapshot(found, region=REGION, account="1"), ("eu-west-1b", "eu-west-1a"))
    assert facts.zones == ("eu-west-1a", "eu-west-1b")
    assert [facts.subnets[f"subnet-{n}"].public for n in (1, 2, 3)] == [True, False, None]
    assert facts.subnets["subnet-1"].tags == {"tier": "web"}
    assert facts.prefix_list("s3") == "pl-1"
    assert facts.vpcs == {"vpc-1": ("10.1.0.0/16",)}
    assert facts.assumed() == ()


def test_what_is_assumed_without_aws_is_what_rules_name() -> None:
    graph = drawn(network={"egress": "endpoints"})
    peers = {str(rule.peer) for rule in graph["security_group_rules/web"].props.rules}
    assert {found.id for found in FACTS.assumed()} & peers
