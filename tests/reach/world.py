"""A small world in a few lines: every method adds one thing to a snapshot and answers with its id.

Defaults are those of AWS: a VPC gets a main route table and a default network ACL that allows everything; a security
group allows all egress; interfaces get the next free address of their subnet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fargate_net.kinds.block_public_access import BlockPublicAccess, Exclusion
from fargate_net.kinds.dhcp_options import DhcpOptions
from fargate_net.kinds.discovery_service import DiscoveredInstance, DiscoveryService
from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.instance import Instance
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.kinds.service import Service, ServiceTarget
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup, TargetHealthCheck, TargetState
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import ContainerDefinition, PortMapping, TaskDefinition
from fargate_net.kinds.transit_gateway import (
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.kinds.vpc_peering import PeeringSide, VpcPeering
from fargate_net.kinds.vpn_gateway import VpnConnection, VpnGateway
from fargate_net.model.snapshot import Found, Missing, Snapshot
from fargate_net.reach.network import Network

ALL = "0.0.0.0/0"
OPEN = tuple(
    AclEntry(egress, number, True, "-1", cidr)
    for egress in (False, True)
    for number, cidr in ((100, ALL), (101, "::/0"))
)


def allow(text: str, peer: str) -> tuple[str, int, int, str]:
    """``allow("tcp 80", "10.0.0.0/8")``; ``tcp 80-90``, ``tcp``, ``icmp`` and ``all`` work as well."""
    protocol, _, ports = text.partition(" ")
    if protocol == "all":
        return "-1", 0, 65535, peer
    if protocol.startswith("icmp"):
        return protocol, -1, -1, peer
    low, _, high = ports.partition("-")
    return protocol, int(low or 0), int(high or low or 65535), peer


class World:
    """A snapshot under construction."""

    def __init__(self, region: str = "eu-west-1") -> None:
        self.found: dict[tuple[str, str], Found[Any]] = {}
        self.lost: list[Missing] = []
        self.region = region
        self.hosts: dict[str, int] = {}

    def put(self, id: str, props: Any, name: str = "", **more: Any) -> str:
        self.found[props.kind, id] = Found(id, props, name=name, **more)
        return id

    def change(self, props: type, id: str, **fields: Any) -> None:
        """Replace fields of something already there."""
        held = self.found[props.kind, id]  # type: ignore[attr-defined]
        self.found[held.kind, id] = replace(held, props=replace(held.props, **fields))

    def drop(self, props: type, id: str) -> None:
        del self.found[props.kind, id]  # type: ignore[attr-defined]

    def missing(self, kind: str, subject: str = "", why: str = "AccessDenied") -> None:
        """The kind (or one subject of it) could not be read: what was put of the whole kind is taken out."""
        if not subject:
            self.found = {key: held for key, held in self.found.items() if key[0] != kind}
        self.lost.append(Missing(kind, subject, f"describe {kind}", why))

    def snapshot(self) -> Snapshot:
        return Snapshot(self.found.values(), self.lost, region=self.region, account="123456789012")

    def network(self) -> Network:
        return Network(self.snapshot())

    # ---- network

    def vpc(
        self, id: str = "vpc-1", *cidrs: str, ipv6: str = "", acl: bool = True, table: bool = True, **more: Any
    ) -> str:
        ranges = cidrs or ("10.0.0.0/16",)
        self.put(id, Vpc(ranges, bool(ipv6), ipv6_cidrs=(ipv6,) if ipv6 else (), **more))
        if table:
            self.table(f"rtb-main-{id}", id, main=True)
        if acl:
            self.acl(f"acl-default-{id}", id, default=True, entries=OPEN)
        return id

    def subnet(
        self, id: str, cidr: str, zone: str = "a", vpc: str = "vpc-1", ipv6: str = "", table: str = "", acl: str = ""
    ) -> str:
        self.put(id, Subnet(vpc, cidr, f"eu-west-1{zone}", ipv6_cidr=ipv6))
        if table:
            self.associate(RouteTable, table, id)
        if acl:
            self.associate(NetworkAcl, acl, id)
        return id

    def associate(self, props: type, id: str, subnet: str) -> None:
        held = self.found[props.kind, id].props  # type: ignore[attr-defined]
        self.change(props, id, subnets=held.subnets | {subnet})

    def table(self, id: str, vpc: str = "vpc-1", main: bool = False, **more: Any) -> str:
        vpc_props = self.found["vpc", vpc].props
        local = tuple(Route(c, "local", origin="table") for c in (*vpc_props.cidrs, *vpc_props.ipv6_cidrs))
        return self.put(id, RouteTable(vpc, main=main, implied=local, **more))

    def route(self, table: str, destination: str, target: str, state: str = "active", origin: str = "static") -> None:
        held = self.found["route_table", table].props
        made = Route(destination, target, state, origin)
        if origin == "static":
            self.change(RouteTable, table, routes=held.routes | {made})
        else:
            self.change(RouteTable, table, implied=(*held.implied, made))

    def acl(
        self,
        id: str,
        vpc: str = "vpc-1",
        default: bool = False,
        entries: Iterable[AclEntry] = (),
        subnets: Iterable[str] = (),
    ) -> str:
        return self.put(id, NetworkAcl(vpc, default, frozenset(subnets), tuple(entries)))

    def sg(
        self,
        id: str,
        vpc: str = "vpc-1",
        ingress: Iterable[tuple[str, int, int, str]] = (),
        egress: Iterable[tuple[str, int, int, str]] | None = None,
        **rule: Any,
    ) -> str:
        out = (("-1", 0, 65535, ALL), ("-1", 0, 65535, "::/0")) if egress is None else egress
        rules = [Rule("ingress", *r, **rule) for r in ingress] + [Rule("egress", *r, **rule) for r in out]
        return self.put(id, SecurityGroup(vpc, id, "", frozenset(rules)))

    def eni(
        self,
        id: str,
        subnet: str,
        *groups: str,
        ip: str = "",
        public: str = "",
        ipv6: str = "",
        type: str = "interface",
        **more: Any,
    ) -> str:
        where = self.found["subnet", subnet].props
        if not ip:
            self.hosts[subnet] = self.hosts.get(subnet, 9) + 1
            ip = str(ipaddress.ip_network(where.cidr)[self.hosts[subnet]])
        props = NetworkInterface(
            where.vpc,
            subnet,
            where.zone,
            (ip,),
            frozenset(groups),
            type,
            public_ips=((ip, public),) if public else (),
            ipv6_ips=(ipv6,) if ipv6 else (),
            **more,
        )
        return self.put(id, props)

    def ip(self, eni: str) -> str:
        """The first private address of an interface."""
        return str(self.found["network_interface", eni].props.private_ips[0])

    def igw(self, id: str = "igw-1", vpc: str | None = "vpc-1", tables: Iterable[str] = ()) -> str:
        self.put(id, InternetGateway(vpc))
        for table in tables:
            self.route(table, ALL, id)
        return id

    def eigw(self, id: str = "eigw-1", vpc: str = "vpc-1") -> str:
        return self.put(id, EgressOnlyGateway(vpc))

    def nat(self, id: str, subnet: str, public: str = "198.51.100.7", **more: Any) -> str:
        eni = self.eni(f"eni-{id}", subnet, public=public, type="nat_gateway")
        vpc = self.found["subnet", subnet].props.vpc
        props = NatGateway(
            vpc,
            subnet,
            "eipalloc-1" if public else None,
            bool(public),
            public_ips=(public,) if public else (),
            private_ips=(self.ip(eni),),
            interfaces=(eni,),
        )
        return self.put(id, replace(props, **more))

    def regional_nat(self, id: str, vpc: str = "vpc-1", table: str = "", zones: tuple[str, ...] = ()) -> str:
        props = NatGateway(vpc, None, "eipalloc-1", True, True, public_ips=("198.51.100.8",), zones=zones)
        return self.put(id, replace(props, route_table=table))

    def prefix_list(self, id: str, *cidrs: str, name: str = "", known: bool = True) -> str:
        return self.put(id, PrefixList(name or id, cidrs if known else None))

    def gateway_endpoint(self, id: str, service: str, prefix_list: str, *tables: str, policy: str = "") -> str:
        vpc = self.found["route_table", tables[0]].props.vpc if tables else "vpc-1"
        for table in tables:
            self.route(table, prefix_list, id, origin="table")
        name = f"com.amazonaws.{self.region}.{service}"
        return self.put(id, VpcEndpoint(vpc, name, "Gateway", route_tables=frozenset(tables), policy=policy))

    def interface_endpoint(
        self, id: str, service: str, subnets: Iterable[str], *groups: str, dns: bool = True, **more: Any
    ) -> str:
        subnets = tuple(subnets)
        enis = tuple(self.eni(f"eni-{id}-{s}", s, *groups, type="vpc_endpoint") for s in subnets)
        vpc = self.found["subnet", subnets[0]].props.vpc
        name = f"com.amazonaws.{self.region}.{service}"
        props = VpcEndpoint(
            vpc, name, "Interface", frozenset(subnets), frozenset(groups), private_dns=dns, interfaces=enis
        )
        return self.put(id, replace(props, **more))

    def peering(self, id: str, one: str, two: str, state: str = "active", regions: tuple[str, str] = ("", "")) -> str:
        sides = []
        for vpc, region in zip((one, two), regions, strict=True):
            held = self.found.get(("vpc", vpc))
            cidrs = held.props.cidrs if held else ()
            sides.append(PeeringSide(vpc, cidrs, held.props.ipv6_cidrs if held else (), region))
        return self.put(id, VpcPeering(sides[0], sides[1], state))

    def tgw(self, id: str = "tgw-1", sg_referencing: bool = False) -> str:
        return self.put(id, TransitGateway("123456789012", sg_referencing))

    def attach(
        self,
        id: str,
        vpc: str,
        *subnets: str,
        table: str | None = "tgw-rtb-1",
        gateway: str = "tgw-1",
        type: str = "vpc",
        **more: Any,
    ) -> str:
        held = subnets if type == "vpc" else None
        return self.put(id, TransitGatewayAttachment(gateway, type, vpc, subnets=held, route_table=table, **more))

    def tgw_table(self, id: str, *routes: TransitRoute, gateway: str = "tgw-1", known: bool = True) -> str:
        return self.put(id, TransitGatewayRouteTable(gateway, (), (), routes if known else None))

    def vgw(self, id: str = "vgw-1", *vpcs: str, connection: str = "") -> str:
        if connection:
            self.put(f"vpn-{id}", VpnConnection(id, (), connection))
        return self.put(id, VpnGateway(vpcs or ("vpc-1",)))

    def public_access(self, mode: str, *exclusions: tuple[str, str]) -> None:
        listed = tuple(Exclusion(f"vpcbpa-{n}", resource, how) for n, (resource, how) in enumerate(exclusions))
        self.put("block-public-access", BlockPublicAccess(mode, listed))

    def dhcp(self, id: str, *servers: str, vpc: str = "vpc-1") -> str:
        self.change(Vpc, vpc, dhcp_options=id)
        return self.put(id, DhcpOptions(servers))

    def instance(self, id: str, eni: str) -> str:
        held = self.found["network_interface", eni].props
        return self.put(id, Instance(held.vpc, held.subnet, (eni,)))

    # ---- services

    def service(
        self,
        name: str,
        enis: Iterable[str],
        ports: dict[str, Iterable[int | tuple[int, str]]] | None = None,
        targets: Iterable[tuple[str, str, int]] = (),
        cluster: str = "shop",
        **more: Any,
    ) -> str:
        """A service whose tasks hold these interfaces; ``ports`` are the declared ones by container."""
        containers = tuple(
            ContainerDefinition(
                container, "image", tuple(PortMapping(*((p,) if isinstance(p, int) else p)) for p in declared)
            )
            for container, declared in (ports or {"app": (80,)}).items()
        )
        definition = self.put(f"arn:aws:ecs:::task-definition/{name}:1", TaskDefinition(name, 256, 512, containers))
        for number, eni in enumerate(enis):
            held = self.found["network_interface", eni].props
            self.put(
                f"{name}-task-{number}",
                Task(cluster, name, definition, eni, held.subnet, held.private_ips[0], held.zone),
            )
        props = Service(
            name,
            cluster,
            definition,
            1,
            (),
            frozenset(),
            targets=frozenset(ServiceTarget(*t) for t in targets),
        )
        return self.put(f"arn:aws:ecs:::service/{cluster}/{name}", replace(props, **more), name=name)

    def lb(
        self,
        name: str,
        kind: str,
        subnets: Iterable[str],
        *groups: str,
        internal: bool = False,
        nodes: bool = True,
        attributes: dict[str, str] | None = None,
        **more: Any,
    ) -> str:
        """A balancer (``application`` or ``network``) with one node in each subnet."""
        subnets = tuple(subnets)
        vpc = self.found["subnet", subnets[0]].props.vpc
        scheme = "internal" if internal else "internet-facing"
        word = "app" if kind == "application" else "net"
        arn = f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/{word}/{name}/0123"
        zones = tuple((self.found["subnet", s].props.zone, s) for s in subnets)
        props = LoadBalancer(
            name,
            kind,
            scheme,
            vpc,
            frozenset(subnets),
            frozenset(groups),
            attributes=frozenset((attributes or {}).items()),
            zones=zones,
            dns_name=f"{name}.eu-west-1.elb.amazonaws.com",
        )
        for number, subnet in enumerate(subnets if nodes else ()):
            self.eni(
                f"eni-{name}-{number}",
                subnet,
                *groups,
                public="" if internal else f"192.0.2.{10 + number}",
                type="network_load_balancer" if kind == "network" else "interface",
                description=f"ELB {word}/{name}/0123",
                requester="amazon-elb",
            )
        return self.put(arn, replace(props, **more), name=name)

    def target_group(
        self,
        name: str,
        port: int,
        *targets: str | tuple[str, int],
        protocol: str = "HTTP",
        vpc: str = "vpc-1",
        health: str = "traffic-port",
        attributes: dict[str, str] | None = None,
        state: str = "healthy",
        **more: Any,
    ) -> str:
        """``targets`` are interface ids (at the group's port) or (address, port) pairs."""
        arn = f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/0123"
        states = []
        for target in targets:
            ip, at = (self.ip(target), port) if isinstance(target, str) else target
            states.append(TargetState(ip, at, "", state))
        check = TargetHealthCheck("HTTP" if protocol.startswith("HTTP") else "TCP", health, "/")
        props = TargetGroup(
            name,
            protocol,
            port,
            vpc,
            check,
            attributes=frozenset((attributes or {}).items()),
            targets=tuple(states),
        )
        return self.put(arn, replace(props, **more), name=name)

    def listener(self, lb: str, port: int, *groups: str, protocol: str = "HTTP", action: Action | None = None) -> str:
        """Forwards to the target groups, or does ``action``."""
        chosen = action or Action("forward", tuple((g, 1) for g in groups))
        for group in groups:
            held = self.found["target_group", group].props
            self.change(TargetGroup, group, load_balancers=(*held.load_balancers, lb))
        return self.put(f"{lb}/listener/{port}", Listener(lb, port, protocol, (chosen,)))

    def rule(self, listener: str, priority: int, *groups: str, host: str = "www.app.io") -> str:
        action = Action("forward", tuple((g, 1) for g in groups))
        conditions = frozenset({("host-header", (host,))})
        return self.put(f"{listener}/rule/{priority}", ListenerRule(listener, priority, conditions, (action,)))

    # ---- names

    def zone(self, id: str, name: str, *vpcs: str) -> str:
        """A hosted zone: private when it names VPCs."""
        return self.put(id, HostedZone(name, bool(vpcs), vpcs))

    def record(self, zone: str, name: str, *values: str, type: str = "A", alias: str = "") -> str:
        return self.put(f"{zone}/{name}/{type}", RecordSet(zone, name, type, 60, values, alias))

    def cloud_map(self, namespace: str, name: str, *ips: str, vpc: str = "vpc-1", known: bool = True) -> str:
        if ("namespace", namespace) not in self.found:
            self.put(namespace, Namespace(namespace, "DNS_PRIVATE", vpc))
        instances = tuple(DiscoveredInstance(f"i-{n}", ip) for n, ip in enumerate(ips)) if known else None
        return self.put(
            f"srv-{name}", DiscoveryService(name, namespace, frozenset({("A", 60)}), instances=instances), name=name
        )


def two_subnets(ingress: Iterable[tuple[str, int, int, str]] = (("tcp", 80, 80, "sg-a"),)) -> World:
    """eni-a (sg-a) in subnet-a, eni-b (sg-b) in subnet-b, eni-c (sg-b) beside eni-a; no route to the internet."""
    world = World()
    world.vpc()
    world.igw()
    world.subnet("subnet-a", "10.0.1.0/24", "a")
    world.subnet("subnet-b", "10.0.2.0/24", "b")
    world.sg("sg-a")
    world.sg("sg-b", ingress=ingress)
    world.eni("eni-a", "subnet-a", "sg-a")
    world.eni("eni-c", "subnet-a", "sg-b")
    world.eni("eni-b", "subnet-b", "sg-b")
    return world
