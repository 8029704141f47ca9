"""Cases of the registry tests for balancers, ECS, Cloud Map, Route 53, IAM, logs and scaling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from staging import Case, Stage

from fargate_net.kinds.base import Scope
from fargate_net.kinds.cluster import Cluster
from fargate_net.kinds.discovery_service import DiscoveryService
from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.log_group import LogGroup
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.role import Role
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.scaling_target import ScalingTarget
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.kinds.security_group_rules import SecurityGroupRules
from fargate_net.kinds.service import Service, ServiceTarget
from fargate_net.kinds.target_group import TargetGroup, TargetHealthCheck
from fargate_net.kinds.task_definition import ContainerDefinition, PortMapping, TaskDefinition

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Action":"sts:AssumeRole","Effect":"Allow",'
    '"Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}'
)
ALLOW = '{"Statement":[{"Action":"logs:*","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}'


def public_vpc(stage: Stage) -> str:
    """A VPC whose subnets of that stage reach the internet."""
    vpc = stage.vpc()
    gateway = stage.gateway(vpc)
    subnets = frozenset(stage.subnet(vpc, number) for number in range(2))
    stage.put("public", RouteTable(vpc, subnets, frozenset({Route("0.0.0.0/0", gateway)})))
    return vpc


def subnets_of(stage: Stage, vpc: str) -> tuple[str, ...]:
    return tuple(sorted(found.id for found in stage.scan("subnet", Scope(vpcs=frozenset({vpc})))))  # type: ignore[union-attr]


def group(stage: Stage, vpc: str, name: str = "web") -> str:
    made = stage.put(name, SecurityGroup(vpc, f"shop-{name}", "ours"))
    rules = {Rule("ingress", "tcp", 80, 80, "0.0.0.0/0"), Rule("egress", "-1", 0, 65535, "0.0.0.0/0")}
    stage.put(name, SecurityGroupRules(made, frozenset(rules)))
    return made


def balancer(stage: Stage, type: str = "application") -> LoadBalancer:
    vpc = public_vpc(stage)
    return LoadBalancer(
        name="shop-web",
        type=type,
        scheme="internet-facing",
        vpc=vpc,
        subnets=frozenset(subnets_of(stage, vpc)),
        security_groups=frozenset({group(stage, vpc)}),
        attributes=frozenset({("deletion_protection.enabled", "false")}),
    )


def targets(stage: Stage, vpc: str | None = None) -> TargetGroup:
    health = TargetHealthCheck("HTTP", path="/up", codes="200-299")
    attributes = frozenset({("deregistration_delay.timeout_seconds", "30")})
    return TargetGroup("shop-web", "HTTP", 80, vpc or stage.vpc(), health, attributes=attributes)


def listener(stage: Stage) -> Listener:
    front = balancer(stage)
    arn = stage.put("web", front)
    made = stage.put("web", targets(stage, str(front.vpc)))
    return Listener(arn, 80, "HTTP", (Action("forward", ((made, 1),)),))


def network_listener(stage: Stage) -> Listener:
    front = balancer(stage, "network")
    arn = stage.put("web", front)
    group = replace(targets(stage, str(front.vpc)), protocol="TCP", health=TargetHealthCheck("TCP"))
    action = Action("forward", ((stage.put("web", group), 1),))
    return Listener(arn, 5000, "TCP", (action,), attributes=frozenset({("tcp.idle_timeout.seconds", "400")}))


def rule(stage: Stage) -> ListenerRule:
    way = listener(stage)
    conditions = frozenset({("host-header", ("a.io", "b.io")), ("path-pattern", ("/x/*",))})
    return ListenerRule(stage.put("80", way), 10, conditions, way.actions)


def definition(stage: Stage) -> TaskDefinition:
    web = ContainerDefinition(
        "nginx",
        "nginx:1",
        (PortMapping(80, name="http"),),
        environment=(("A", "1"), ("B", "2")),
        health='{"command": ["CMD-SHELL", "true"]}',
        options=(("stopTimeout", "40"), ("user", '"nobody"')),
    )
    return TaskDefinition("shop-web", 256, 512, (ContainerDefinition("aside", "busybox:1", essential=False), web))


def service(stage: Stage) -> Service:
    vpc = public_vpc(stage)
    stage.put("main", Cluster("shop"))
    return Service(
        name="web",
        cluster="shop",
        task_definition=stage.put("web", definition(stage)),
        desired=1,
        subnets=subnets_of(stage, vpc),
        security_groups=frozenset({group(stage, vpc)}),
        public_ip=True,
    )


def service_behind(stage: Stage, props: Any) -> Service:
    """The same behind a balancer."""
    vpc = next(iter(stage.scan("vpc"))).id  # type: ignore[union-attr]
    front = LoadBalancer(
        "shop-front", "application", "internet-facing", vpc, frozenset(props.subnets), props.security_groups
    )
    made = stage.put("front", targets(stage, vpc))
    stage.put("front", Listener(stage.put("front", front), 80, "HTTP", (Action("forward", ((made, 1),)),)))
    return replace(props, targets=frozenset({ServiceTarget(made, "nginx", 80)}), grace=30)


def discovery(stage: Stage) -> DiscoveryService:
    space = stage.put("main", Namespace("shop.local", "DNS_PRIVATE", stage.vpc()))
    return DiscoveryService("web", space, frozenset({("A", 10)}))


def zone(stage: Stage) -> str:
    made = stage.aws.write("route53.create_hosted_zone", Name="app.io", CallerReference="1")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def alias(stage: Stage) -> RecordSet:
    stage.put("web", balancer(stage))
    name = stage.mine("load_balancer", "web").status["dns_name"]  # type: ignore[union-attr]
    return RecordSet(zone(stage), "www.app.io", "A", alias=name)


def static(stage: Stage) -> RecordSet:
    return RecordSet(zone(stage), "*.direct.app.io", "A", ttl=60, values=("203.0.113.2", "203.0.113.1"))


def scaling(stage: Stage) -> ScalingTarget:
    arn = stage.put("web", service(stage))
    return ScalingTarget(arn, 1, 3, frozenset({("ECSServiceAverageCPUUtilization", 60)}))


CASES = [
    Case(
        "load_balancer",
        balancer,
        (
            lambda stage, props: replace(props, attributes=frozenset({("idle_timeout.timeout_seconds", "99")})),
            lambda stage, props: replace(props, security_groups=frozenset({group(stage, props.vpc, "other")})),
            lambda stage, props: replace(props, subnets=props.subnets | {stage.subnet(props.vpc, 2)}),
        ),
    ),
    Case("load_balancer", lambda stage: balancer(stage, "network")),
    Case(
        "target_group",
        targets,
        (
            lambda stage, props: replace(props, health=replace(props.health, path="/ok", codes="200", interval=30)),
            lambda stage, props: replace(props, attributes=frozenset({("stickiness.enabled", "true")})),
        ),
    ),
    Case(
        "listener",
        listener,
        (
            lambda stage, props: replace(props, actions=(Action("redirect", detail="HTTPS:443 301"),)),
            lambda stage, props: replace(props, actions=(Action("fixed-response", detail="404 text/plain no one"),)),
            lambda stage, props: replace(props, port=81),
        ),
    ),
    Case(
        "listener",
        network_listener,
        (lambda stage, props: replace(props, attributes=frozenset({("tcp.idle_timeout.seconds", "500")})),),
    ),
    Case(
        "listener_rule",
        rule,
        (
            lambda stage, props: replace(props, conditions=frozenset({("path-pattern", ("/y",))})),
            lambda stage, props: replace(props, actions=(Action("fixed-response", detail="503 text/plain"),)),
            lambda stage, props: replace(props, priority=20),
        ),
    ),
    Case("cluster", lambda stage: Cluster("shop"), (lambda stage, props: replace(props, insights="disabled"),)),
    Case(
        "task_definition",
        definition,
        (
            lambda stage, props: replace(props, memory=1024),
            lambda stage, props: replace(props, containers=props.containers[1:], ephemeral_storage=30),
        ),
    ),
    Case(
        "service",
        service,
        (
            lambda stage, props: replace(props, desired=2, min_percent=50),
            service_behind,
            lambda stage, props: replace(props, exec=True, rebalancing=False, circuit_breaker=(True, False)),
            lambda stage, props: replace(props, subnets=props.subnets[:1], public_ip=False),
        ),
    ),
    Case("namespace", lambda stage: Namespace("shop.local", "DNS_PRIVATE", stage.vpc())),
    Case(
        "discovery_service",
        discovery,
        (lambda stage, props: replace(props, records=frozenset({("A", 20)})),),
    ),
    Case("record_set", alias),
    Case(
        "record_set",
        static,
        (
            lambda stage, props: replace(props, values=("203.0.113.9",)),
            lambda stage, props: replace(props, ttl=30),
        ),
    ),
    Case(
        "role",
        lambda stage: Role("shop-web", TRUST, inline=(("a", ALLOW),)),
        (
            lambda stage, props: replace(props, trust=TRUST.replace("ecs-tasks", "ec2")),
            lambda stage, props: replace(props, inline=(("a", ALLOW.replace("logs", "s3")), ("b", ALLOW))),
            lambda stage, props: replace(
                props,
                inline=(),
                policies=frozenset({"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"}),
            ),
        ),
    ),
    Case(
        "log_group",
        lambda stage: LogGroup("/ecs/shop/web", 14),
        (lambda stage, props: replace(props, retention=0), lambda stage, props: replace(props, retention=30)),
    ),
    Case(
        "scaling_target",
        scaling,
        (
            lambda stage, props: replace(props, minimum=2, maximum=4),
            lambda stage, props: replace(props, cooldown=60),
            lambda stage, props: replace(props, policies=frozenset({("ECSServiceAverageMemoryUtilization", 50)})),
        ),
    ),
]
