"""A route table: its routes, and the subnets and gateways that use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.reading import DEAD_ASSOCIATIONS, in_vpcs
from fargate_net.kinds.writing import newborn, tagged, write_unless
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class Route:
    """Where packets for a destination go. ``destination`` is a CIDR (IPv4 or IPv6) or a prefix list id.

    ``target`` is ``local`` or the id of a gateway, NAT, interface, peering, transit gateway, endpoint or instance;
    ``state`` is ``active`` or ``blackhole``; ``origin`` is ``table`` (made with the table), ``static`` or
    ``propagated``.
    """

    destination: Id
    target: Id
    state: str = observed(default="active")
    origin: str = observed(default="static")

    @property
    def identity(self) -> Id:
        """What makes two routes of one table the same route for AWS."""
        return self.destination

    @property
    def ours(self) -> bool:
        """Whether a stack may have written it. Routes carry no tags, and a stack writes default routes only."""
        return self.destination in ("0.0.0.0/0", "::/0")

    def __str__(self) -> str:
        """As a person reads it: ``0.0.0.0/0 by way of igw-1``."""
        return f"{self.destination} by way of {self.target}"


@dataclass(frozen=True)
class RouteTable:
    """``subnets`` are the explicit associations; the ``main`` table serves every subnet of the VPC without one.

    ``routes`` are the static ones; ``implied`` are those AWS keeps by itself: local, propagated, gateway endpoints'.
    ``gateways`` are internet or VPN gateways whose incoming traffic this table redirects (edge association).
    """

    kind: ClassVar[str] = "route_table"
    vpc: Id
    subnets: frozenset[Id] = frozenset()
    routes: frozenset[Route] = frozenset()
    main: bool = observed(default=False)
    implied: tuple[Route, ...] = observed(default=())
    gateways: tuple[str, ...] = observed(default=())
    propagating: tuple[str, ...] = observed(default=())


@register
class RouteTableKind(Kind):
    """DescribeRouteTables (Amazon EC2 API Reference)."""

    name = "route_table"
    props = RouteTable
    immutable = frozenset({"vpc"})
    grows_first = True
    write_side = True

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """A way that leads elsewhere has no memory of the connections that went over the old one.

        VPC User Guide, NAT gateway basics: after such a change connections have to be made anew.
        """
        now = {route.destination: route.target for route in have.props.routes if route.state == "active"}
        then = {route.destination: route.target for route in want.routes}
        moved = sorted(str(there) for there, target in now.items() if there in then and then[there] != target)
        return f"open connections to {', '.join(moved)} break; new ones go the new way at once" if moved else ""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Tables of the VPCs in scope."""
        operation = "ec2.describe_route_tables"
        yield from in_vpcs(aws, scope, self.name, operation, "RouteTables", "RouteTableId", _parse, page=100)

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The table with the routes AWS keeps in it."""
        yield with_implied_routes(found, world)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it, then write its routes and give it its subnets."""
        response = aws.write("ec2.create_route_table", VpcId=props.vpc, **tagged("route-table", tags))
        made = newborn(response["RouteTable"]["RouteTableId"], RouteTable(props.vpc), tags)
        self.update(aws, made, props, frozenset({"routes", "subnets"}))
        return made.id

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Write what is wanted before removing what is not. Local, propagated and endpoint routes are never touched."""
        if "routes" in fields:
            self._routes(aws, have, want)
        if "subnets" in fields:
            for subnet in sorted(want.subnets - have.props.subnets):
                self._associate(aws, have.id, subnet)
            if surplus := have.props.subnets - want.subnets:
                self._disassociate(aws, have.id, surplus)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Take its subnets away, then delete it."""
        self._disassociate(aws, have.id, have.props.subnets)
        write_unless(NotFound, aws, "ec2.delete_route_table", RouteTableId=have.id)

    def _routes(self, aws: Aws, have: Found[Any], want: Any) -> None:
        there = {route.destination: route for route in have.props.routes}
        for route in sorted(want.routes, key=str):
            call = {"RouteTableId": have.id, **_destination(route), **_target(route)}
            old = there.pop(route.destination, None)
            if old is None:
                if write_unless(AlreadyExists, aws, "ec2.create_route", **call) is None:
                    aws.write("ec2.replace_route", **call)
            elif old != route or old.state == "blackhole":
                aws.write("ec2.replace_route", **call)
        for route in there.values():
            write_unless(NotFound, aws, "ec2.delete_route", RouteTableId=have.id, **_destination(route))

    def _associate(self, aws: Aws, table: str, subnet: str) -> None:
        """Give a subnet to the table, taking it from the one it has."""
        for other, association in _associations_of(aws, subnet):
            if other != table:
                call = {"AssociationId": association, "RouteTableId": table}
                aws.write("ec2.replace_route_table_association", **call)
            return
        write_unless(AlreadyExists, aws, "ec2.associate_route_table", RouteTableId=table, SubnetId=subnet)

    def _disassociate(self, aws: Aws, table: str, subnets: Iterable[str]) -> None:
        for subnet in sorted(subnets):
            for other, association in _associations_of(aws, subnet):
                if other == table:
                    write_unless(NotFound, aws, "ec2.disassociate_route_table", AssociationId=association)


def _parse(item: Item) -> Found[Any]:
    routes: list[Route] = []
    implied: list[Route] = []
    for entry in item.each("Routes"):
        route = _route(entry)
        # A gateway endpoint writes its route by itself; one to a Gateway Load Balancer endpoint is written by people.
        endpoint = str(route.destination).startswith("pl-") and str(route.target).startswith("vpce-")
        (routes if route.origin == "static" and not endpoint else implied).append(route)
    links = [a for a in item.each("Associations") if _holds(a)]
    props = RouteTable(
        vpc=item.text("VpcId"),
        subnets=frozenset(a.text("SubnetId") for a in links if "SubnetId" in a),
        routes=frozenset(routes),
        main=any(a.flag("Main", False) for a in links),
        implied=tuple(implied),
        gateways=tuple(sorted(a.text("GatewayId") for a in links if "GatewayId" in a)),
        propagating=tuple(sorted(gateway.text("GatewayId") for gateway in item.many("PropagatingVgws"))),
    )
    return found(item.text("RouteTableId"), props, item.tags())


def _route(item: Item) -> Route:
    key = next((key for key in _DESTINATIONS if item.raw.get(key)), _DESTINATIONS[0])
    destination = item.text(key) if key == "DestinationPrefixListId" else item.cidr(key)
    return Route(
        destination,
        next((item.text(key) for key in _TARGETS if key in item), ""),
        state=item.text("State", "active"),
        origin=_ORIGINS.get(item.text("Origin", "CreateRoute"), "static"),
    )


def _holds(association: Item) -> bool:
    return association.within("AssociationState").text("State", "associated") not in DEAD_ASSOCIATIONS


def _associations_of(aws: Aws, subnet: str) -> Iterable[tuple[str, str]]:
    """Table and association id of the subnet's explicit association."""
    wanted = [{"Name": "association.subnet-id", "Values": [subnet]}]
    for table in items(aws.read("ec2.describe_route_tables", Filters=wanted), "RouteTables", "RouteTableId"):
        for link in table.many("Associations"):
            if link.text("SubnetId", "") == subnet and _holds(link):
                yield table.text("RouteTableId"), link.text("RouteTableAssociationId")


def _destination(route: Route) -> dict[str, str]:
    destination = str(route.destination)
    if destination.startswith("pl-"):
        return {"DestinationPrefixListId": destination}
    return {"DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock": destination}


def _target(route: Route) -> dict[str, str]:
    target = str(route.target)
    return {_PARAMETERS.get(target.partition("-")[0], "GatewayId"): target}


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
# A route to an instance names its interface as well; the interface is what packets meet.
_TARGETS = (
    "NetworkInterfaceId",
    "GatewayId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
)
_ORIGINS = {"CreateRouteTable": "table", "CreateRoute": "static", "EnableVgwRoutePropagation": "propagated"}
_PARAMETERS = {
    "nat": "NatGatewayId",
    "eigw": "EgressOnlyInternetGatewayId",
    "eni": "NetworkInterfaceId",
    "pcx": "VpcPeeringConnectionId",
    "tgw": "TransitGatewayId",
    "vpce": "VpcEndpointId",
    "lgw": "LocalGatewayId",
    "cagw": "CarrierGatewayId",
    "i": "InstanceId",
}


def with_implied_routes(table: Found[Any], world: Snapshot, vpc: Found[Any] | None = None) -> Found[Any]:
    """The table with the routes AWS keeps in it: local ones, propagated ones, and those of gateway endpoints."""
    vpc = vpc or world.kind("vpc").get(table.props.vpc)
    ranges: Iterable[str] = (*vpc.props.cidrs, *vpc.props.ipv6_cidrs) if vpc else ()
    local = [Route(cidr, "local", origin="table") for cidr in ranges]
    kept = [route for route in table.props.implied if route.origin == "propagated"]
    endpoints = [
        Route(_prefix_list(world, endpoint.props.service), endpoint.id)
        for endpoint in world.kind("vpc_endpoint").values()
        if endpoint.props.type == "Gateway" and table.id in endpoint.props.route_tables
    ]
    if not vpc:
        local = [route for route in table.props.implied if route.target == "local"]
    return replace(table, props=replace(table.props, implied=(*local, *kept, *endpoints)))


def _prefix_list(world: Snapshot, service: str) -> str:
    """The id of the prefix list of a gateway endpoint's service."""
    for list_id, prefix_list in world.kind("prefix_list").items():
        if prefix_list.props.name == service:
            return list_id
    return f"planned:prefix_list/{service}"
