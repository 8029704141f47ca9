"""A transit gateway, its attachments and its route tables. Read only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.asking import ask
from fargate_net.kinds.base import Aws, Kind, Scope, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.reading import parsed
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing

T = TypeVar("T")


@dataclass(frozen=True)
class TransitGateway:
    """``sg_referencing`` is the gateway's own switch (off by default)."""

    kind: ClassVar[str] = "transit_gateway"
    owner: str = ""
    sg_referencing: bool = False
    state: str = observed(default="available")


@dataclass(frozen=True)
class TransitGatewayAttachment:
    """``type`` is ``vpc``, ``vpn``, ``direct-connect-gateway``, ``peering``, ``connect``; ``resource`` its id.

    ``subnets`` are those of a VPC attachment (None: not known); ``route_table`` is the associated table (``""``: none,
    None: not known). ``sg_referencing`` is the attachment's switch (on by default).
    """

    kind: ClassVar[str] = "transit_gateway_attachment"
    gateway: str
    type: str
    resource: str
    resource_owner: str = ""
    subnets: tuple[str, ...] | None = None
    route_table: str | None = None
    sg_referencing: bool = True
    appliance_mode: bool = False
    state: str = observed(default="available")


@dataclass(frozen=True)
class TransitRoute:
    """``type`` is ``static`` or ``propagated``; ``state`` ``active`` or ``blackhole``."""

    destination: str
    attachments: tuple[str, ...]
    type: str
    state: str
    resource_type: str = ""


@dataclass(frozen=True)
class TransitGatewayRouteTable:
    """``routes`` is None when they were not read, or more exist than were answered."""

    kind: ClassVar[str] = "transit_gateway_route_table"
    gateway: str
    associations: tuple[str, ...] | None
    propagations: tuple[str, ...] | None
    routes: tuple[TransitRoute, ...] | None


@register
class TransitGatewayKind(Kind):
    """DescribeTransitGateways (Amazon EC2 API Reference)."""

    name = "transit_gateway"
    props = TransitGateway

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """All gateways of the Region that the account may use."""
        operation = "ec2.describe_transit_gateways"
        yield from parsed(self.name, operation, aws.read(operation), "TransitGateways", "TransitGatewayId", _gateway)


@register
class TransitGatewayAttachmentKind(Kind):
    """DescribeTransitGatewayAttachments for all, DescribeTransitGatewayVpcAttachments for subnets and options."""

    name = "transit_gateway_attachment"
    props = TransitGatewayAttachment

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Every attachment that one of the calls names; each adds what only it tells."""
        known: dict[str, Found[Any]] = {}
        refusals: list[Denied | NotAsked] = []
        for operation, parse in _ATTACHMENT_CALLS:
            try:
                response = aws.read(operation)
            except (Denied, NotAsked) as error:
                refusals.append(error)
                continue
            key = "".join(part.capitalize() for part in operation.removeprefix("ec2.describe_").split("_"))
            for thing in parsed(self.name, operation, response, key, "TransitGatewayAttachmentId", parse):
                if isinstance(thing, Missing):
                    yield thing
                else:
                    known[thing.id] = _both(known.get(thing.id), thing)
        if not known and len(refusals) == len(_ATTACHMENT_CALLS):
            raise refusals[0]
        yield from known.values()
        for thing in known.values():
            unknown = thing.props.route_table is None or (thing.props.type == "vpc" and thing.props.subnets is None)
            if unknown and refusals:
                yield lacking(self.name, thing.id, refusals[0])


@register
class TransitGatewayRouteTableKind(Kind):
    """DescribeTransitGatewayRouteTables, and three calls for each (Amazon EC2 API Reference)."""

    name = "transit_gateway_route_table"
    props = TransitGatewayRouteTable

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Tables with associations, propagations and routes; what cannot be read is None with a Missing."""
        operation, key = "ec2.describe_transit_gateway_route_tables", "TransitGatewayRouteTables"
        for item in items(aws.read(operation), key, "TransitGatewayRouteTableId"):
            table = item.text("TransitGatewayRouteTableId")
            gaps: list[Missing] = []
            props = TransitGatewayRouteTable(
                gateway=item.text("TransitGatewayId", ""),
                associations=_told(
                    aws, table, gaps, "ec2.get_transit_gateway_route_table_associations", _attached("Associations")
                ),
                propagations=_told(
                    aws,
                    table,
                    gaps,
                    "ec2.get_transit_gateway_route_table_propagations",
                    _attached("TransitGatewayRouteTablePropagations"),
                ),
                routes=_routes(aws, table, gaps),
            )
            yield found(table, props, item.tags())
            yield from gaps


def _gateway(item: Item) -> Found[Any]:
    props = TransitGateway(
        owner=item.text("OwnerId", ""),
        sg_referencing=item.within("Options").text("SecurityGroupReferencingSupport", "disable") == "enable",
        state=item.text("State", "available"),
    )
    return found(item.text("TransitGatewayId"), props, item.tags())


def _attachment(item: Item) -> Found[Any]:
    association = item.within("Association")
    props = TransitGatewayAttachment(
        gateway=item.text("TransitGatewayId"),
        type=item.text("ResourceType"),
        resource=item.text("ResourceId", ""),
        resource_owner=item.text("ResourceOwnerId", ""),
        route_table=association.text("TransitGatewayRouteTableId", "") if _holds(association) else "",
        state=item.text("State", "available"),
    )
    return found(item.text("TransitGatewayAttachmentId"), props, item.tags())


def _vpc_attachment(item: Item) -> Found[Any]:
    options = item.within("Options")
    props = TransitGatewayAttachment(
        gateway=item.text("TransitGatewayId"),
        type="vpc",
        resource=item.text("VpcId"),
        resource_owner=item.text("VpcOwnerId", ""),
        subnets=tuple(sorted(item.texts("SubnetIds"))),
        sg_referencing=options.text("SecurityGroupReferencingSupport", "enable") == "enable",
        appliance_mode=options.text("ApplianceModeSupport", "disable") == "enable",
        state=item.text("State", "available"),
    )
    return found(item.text("TransitGatewayAttachmentId"), props, item.tags())


def _peering_attachment(item: Item) -> Found[Any]:
    ours, theirs = item.within("RequesterTgwInfo"), item.within("AccepterTgwInfo")
    props = TransitGatewayAttachment(
        gateway=ours.text("TransitGatewayId"),
        type="peering",
        resource=theirs.text("TransitGatewayId"),
        resource_owner=theirs.text("OwnerId", ""),
        state=item.text("State", "available"),
    )
    return found(item.text("TransitGatewayAttachmentId"), props, item.tags())


_ATTACHMENT_CALLS: tuple[tuple[str, Callable[[Item], Found[Any]]], ...] = (
    ("ec2.describe_transit_gateway_attachments", _attachment),
    ("ec2.describe_transit_gateway_vpc_attachments", _vpc_attachment),
    ("ec2.describe_transit_gateway_peering_attachments", _peering_attachment),
)


def _both(first: Found[Any] | None, second: Found[Any]) -> Found[Any]:
    """What the general call says, with what the call for the type adds."""
    if first is None:
        return second
    if second.props.type != "vpc":
        return first
    added = {name: getattr(second.props, name) for name in ("subnets", "sg_referencing", "appliance_mode")}
    return replace(first, props=replace(first.props, **added))


def _told(
    aws: Aws, table: str, gaps: list[Missing], operation: str, parse: Callable[[dict[str, Any]], T], **params: Any
) -> T | None:
    answer = ask(aws, TransitGatewayRouteTable.kind, table, operation, TransitGatewayRouteTableId=table, **params)
    if isinstance(answer, Missing):
        gaps.append(answer)
        return None
    return parse(answer)


def _attached(key: str) -> Callable[[dict[str, Any]], tuple[str, ...]]:
    def parse(answer: dict[str, Any]) -> tuple[str, ...]:
        return tuple(sorted(a.text("TransitGatewayAttachmentId") for a in items(answer, key) if _holds(a)))

    return parse


def _holds(link: Item) -> bool:
    return link.text("State", "associated") in ("associated", "enabled")


def _routes(aws: Aws, table: str, gaps: list[Missing]) -> tuple[TransitRoute, ...] | None:
    operation = "ec2.search_transit_gateway_routes"
    # The call wants a filter; this one lets every route through. It answers at most 1000 routes.
    every = [{"Name": "type", "Values": ["static", "propagated"]}]
    answer = _told(aws, table, gaps, operation, lambda answer: answer, Filters=every)
    if answer is None:
        return None
    if answer.get("AdditionalRoutesAvailable"):
        why = f"{table} has more routes than SearchTransitGatewayRoutes answers."
        gaps.append(Missing(TransitGatewayRouteTable.kind, table, "ec2:SearchTransitGatewayRoutes", why))
        return None
    return tuple(
        TransitRoute(
            destination=item.cidr("DestinationCidrBlock")
            if "DestinationCidrBlock" in item
            else item.text("PrefixListId"),
            attachments=tuple(a.text("TransitGatewayAttachmentId") for a in item.many("TransitGatewayAttachments")),
            type=item.text("Type", "static"),
            state=item.text("State", "active"),
            resource_type=next((a.text("ResourceType", "") for a in item.many("TransitGatewayAttachments")), ""),
        )
        for item in items(answer, "Routes")
    )
