"""The stack's own VPC: subnets, internet gateway, route tables, flow logs. Never here: services, ways out."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint import names
from fargate_net.blueprint.addresses import carve
from fargate_net.blueprint.egress import private_routes
from fargate_net.blueprint.endpoints import interface_keys
from fargate_net.blueprint.site import EVERYONE, EVERYONE_IPV6, Site
from fargate_net.kinds.flow_log import FlowLog
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.log_group import LogGroup
from fargate_net.kinds.role import Role
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.resource import Ref, Resource

_FLOW_LOG_RETENTION = 14


def network(site: Site) -> Iterator[Resource]:
    """The VPC and what is in it for everybody. Nothing in somebody else's VPC."""
    if not site.is_ours:
        return
    # Both DNS attributes on: Cloud Map and private DNS of endpoints need them (VPC User Guide, DNS attributes).
    yield Resource("vpc", "main", Vpc(cidrs=(site.stack.network.cidr,), ipv6=site.ipv6))
    yield from _subnets(site)
    if "public" in site.roles or site.nat:
        yield Resource("internet_gateway", "main", InternetGateway(site.vpc))
    yield from _tables(site)
    yield from _flow_logs(site)


def _subnets(site: Site) -> Iterator[Resource]:
    blocks = carve(site.stack.network.cidr, site.zones, site.facts.region)
    for role in site.roles:
        for zone in site.zones:
            block = blocks[zone, role]
            subnet = Subnet(
                vpc=site.vpc,
                cidr=block.cidr,
                zone=zone,
                # Who gets a public address is said by the service, never by the subnet.
                map_public_ip=False,
                ipv6_index=block.ipv6_index if site.ipv6 else None,
                assign_ipv6=site.ipv6,
            )
            yield Resource("subnet", f"{role}-{site.letter(zone)}", subnet)


def _tables(site: Site) -> Iterator[Resource]:
    """One table for all public subnets; one for each private subnet, whatever the way out.

    So a change of `egress` exchanges the target of a route in place, and no subnet ever waits for another table.
    """
    if "public" in site.roles:
        gateway = Ref("internet_gateway/main")
        routes = {Route(EVERYONE, gateway)} | ({Route(EVERYONE_IPV6, gateway)} if site.ipv6 else set())
        table = RouteTable(site.vpc, frozenset(site.subnets("public")), frozenset(routes))
        yield Resource("route_table", "public", table)
    if "private" in site.roles:
        for zone in site.zones:
            subnet = Ref(f"subnet/private-{site.letter(zone)}")
            table = RouteTable(site.vpc, frozenset({subnet}), private_routes(site, zone))
            # Endpoints first: when they take the place of a NAT gateway, its route goes only after they work.
            yield Resource("route_table", f"private-{site.letter(zone)}", table, after=interface_keys(site))


def _flow_logs(site: Site) -> Iterator[Resource]:
    """VPC User Guide, Publish flow logs to CloudWatch Logs."""
    wanted = site.stack.network.flow_logs
    if wanted == "none":
        return
    group = f"/vpc/{site.name}/flow-logs"
    yield Resource("log_group", "network.flow-logs", LogGroup(group, _FLOW_LOG_RETENTION))
    arn = site.facts.arn("logs", f"log-group:{group}")
    actions = ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    role = Role(
        name=names.role(site.name, site.facts.region, "flow-logs"),
        trust=names.trust("vpc-flow-logs.amazonaws.com"),
        inline=(("flow-logs", names.policy([(actions, [arn, f"{arn}:*"])])),),
    )
    yield Resource("role", "network.flow-logs", role)
    yield Resource(
        "flow_log",
        "main",
        FlowLog(
            vpc=site.vpc,
            traffic="ALL" if wanted == "all" else "REJECT",
            log_group=Ref("log_group/network.flow-logs"),
            role=Ref("role/network.flow-logs"),
        ),
    )
