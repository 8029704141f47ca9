"""Cases of the registry tests for the EC2 kinds we manage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from staging import REGION, Case, Stage

from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.elastic_ip import ElasticIp
from fargate_net.kinds.flow_log import FlowLog
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.kinds.security_group_rules import SecurityGroupRules
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint

POLICY = (
    '{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2012-10-17"}'
)


def subnet(stage: Stage) -> Subnet:
    return Subnet(stage.vpc(ipv6=True), "10.0.9.0/24", f"{REGION}a", map_public_ip=True, ipv6_index=9, assign_ipv6=True)


def table(stage: Stage) -> RouteTable:
    vpc = stage.vpc(ipv6=True)
    subnets = [stage.subnet(vpc, number) for number in range(3)]
    gateway = stage.gateway(vpc)
    routes = {Route("0.0.0.0/0", gateway), Route("::/0", gateway)}
    return RouteTable(vpc, frozenset(subnets[:2]), frozenset(routes))


def table_to_egress_only(stage: Stage, props: Any) -> RouteTable:
    """Another target for IPv6, and another subnet instead of the first."""
    egress = stage.put("main", EgressOnlyGateway(props.vpc))
    third = stage.subnet(props.vpc, 5)
    default = next(route for route in props.routes if route.destination == "0.0.0.0/0")
    keep = sorted(props.subnets)[1:]
    return replace(props, routes=frozenset({default, Route("::/0", egress)}), subnets=frozenset([*keep, third]))


def nat(stage: Stage) -> NatGateway:
    vpc = stage.vpc()
    stage.gateway(vpc)
    return NatGateway(vpc, stage.subnet(vpc), stage.put("nat", ElasticIp()))


def endpoint(stage: Stage) -> VpcEndpoint:
    vpc = stage.vpc()
    group = stage.put("endpoints", SecurityGroup(vpc, "shop-endpoints", "endpoints"))
    subnets = frozenset({stage.subnet(vpc, 0), stage.subnet(vpc, 1)})
    service = f"com.amazonaws.{REGION}.ecr.api"
    return VpcEndpoint(vpc, service, "Interface", subnets, frozenset({group}), private_dns=True)


def endpoint_moved(stage: Stage, props: Any) -> VpcEndpoint:
    group = stage.put("others", SecurityGroup(props.vpc, "shop-others", "others"))
    subnets = frozenset({min(props.subnets), stage.subnet(props.vpc, 2)})
    return replace(props, security_groups=frozenset({group}), subnets=subnets)


def gateway_endpoint(stage: Stage) -> VpcEndpoint:
    vpc = stage.vpc()
    tables = frozenset({stage.put("a", RouteTable(vpc))})
    return VpcEndpoint(vpc, f"com.amazonaws.{REGION}.s3", "Gateway", route_tables=tables, policy=POLICY)


def rules(stage: Stage) -> SecurityGroupRules:
    vpc = stage.vpc()
    group = stage.put("it", SecurityGroup(vpc, "shop-it", "ours"))
    other = stage.put("other", SecurityGroup(vpc, "shop-other", "ours"))
    wanted = {
        Rule("ingress", "tcp", 80, 80, other, "from the other"),
        Rule("ingress", "tcp", 8000, 8010, "10.0.0.0/8", "from home"),
        Rule("ingress", "udp", 53, 53, "2001:db8::/32", "names"),
        Rule("ingress", "icmp", 8, -1, "10.0.0.0/8", "ping"),
        Rule("egress", "tcp", 443, 443, "0.0.0.0/0", "out"),
    }
    return SecurityGroupRules(group, frozenset(wanted))


def rules_changed(stage: Stage, props: Any) -> SecurityGroupRules:
    kept = {rule for rule in props.rules if rule.protocol != "udp" and rule.from_port != 80}
    changed = {replace(rule, description="changed") if rule.protocol == "icmp" else rule for rule in kept}
    return replace(props, rules=frozenset(changed | {Rule("ingress", "tcp", 81, 81, "10.0.0.0/8", "new")}))


def flow_log(stage: Stage) -> FlowLog:
    stage.aws.write("logs.create_log_group", logGroupName="/shop/flow")
    trust = '{"Version":"2012-10-17","Statement":[]}'
    role = stage.aws.write("iam.create_role", RoleName="shop-flow", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return FlowLog(stage.vpc(), "REJECT", "/shop/flow", role)


CASES = [
    Case(
        "vpc",
        lambda stage: Vpc(("10.1.0.0/16",), ipv6=True),
        (
            lambda stage, props: replace(props, dns_hostnames=False),
            lambda stage, props: replace(props, dns_support=False),
            lambda stage, props: replace(props, dns_support=True, dns_hostnames=True),
            lambda stage, props: replace(props, cidrs=("10.1.0.0/16", "10.2.0.0/16")),
            lambda stage, props: replace(props, cidrs=("10.1.0.0/16",)),
        ),
    ),
    Case(
        "subnet",
        subnet,
        (
            lambda stage, props: replace(props, map_public_ip=False),
            lambda stage, props: replace(props, assign_ipv6=False),
            lambda stage, props: replace(props, ipv6_index=10),
            lambda stage, props: replace(props, ipv6_index=None),
        ),
    ),
    Case(
        "route_table",
        table,
        (
            table_to_egress_only,
            lambda stage, props: replace(props, routes=frozenset()),
            lambda stage, props: replace(props, subnets=frozenset()),
        ),
    ),
    Case(
        "internet_gateway",
        lambda stage: InternetGateway(stage.vpc()),
        (lambda stage, props: InternetGateway(stage.put("other", Vpc(("10.9.0.0/16",)))),),
    ),
    Case("egress_only_gateway", lambda stage: EgressOnlyGateway(stage.vpc(ipv6=True))),
    Case("elastic_ip", lambda stage: ElasticIp()),
    Case("nat_gateway", nat),
    Case(
        "vpc_endpoint",
        endpoint,
        (endpoint_moved, lambda stage, props: replace(props, private_dns=False)),
    ),
    Case(
        "vpc_endpoint",
        gateway_endpoint,
        (
            lambda stage, props: replace(props, policy=""),
            lambda stage, props: replace(props, route_tables=frozenset({stage.put("b", RouteTable(props.vpc))})),
        ),
    ),
    Case("security_group", lambda stage: SecurityGroup(stage.vpc(), "shop-it", "ours")),
    Case("security_group_rules", rules, (rules_changed,)),
    Case("flow_log", flow_log),
]
