"""A peering connection between two VPCs. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import parsed
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class PeeringSide:
    """One side: its VPC, ranges, Region and account."""

    vpc: str
    cidrs: tuple[str, ...]
    ipv6_cidrs: tuple[str, ...] = ()
    region: str = ""
    owner: str = ""
    dns: bool = False


@dataclass(frozen=True)
class VpcPeering:
    """Works only in state ``active``, never beyond its two VPCs."""

    kind: ClassVar[str] = "vpc_peering"
    requester: PeeringSide
    accepter: PeeringSide
    state: str = observed(default="active")


@register
class VpcPeeringKind(Kind):
    """DescribeVpcPeeringConnections (Amazon EC2 API Reference)."""

    name = "vpc_peering"
    props = VpcPeering

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Connections with a side in scope. One filter cannot ask for either side, so all are read."""
        operation = "ec2.describe_vpc_peering_connections"
        response = aws.read(operation)
        key, id_key = "VpcPeeringConnections", "VpcPeeringConnectionId"
        for thing in parsed(self.name, operation, response, key, id_key, _parse):
            if isinstance(thing, Missing) or any(
                scope.in_vpc(side.vpc) for side in (thing.props.requester, thing.props.accepter)
            ):
                yield thing


def _parse(item: Item) -> Found[Any]:
    props = VpcPeering(
        requester=_side(item.within("RequesterVpcInfo")),
        accepter=_side(item.within("AccepterVpcInfo")),
        state=item.within("Status").text("Code", "active"),
    )
    return found(item.text("VpcPeeringConnectionId"), props, item.tags())


def _side(item: Item) -> PeeringSide:
    cidrs = tuple(block.cidr("CidrBlock", family=4) for block in item.many("CidrBlockSet"))
    if not cidrs and "CidrBlock" in item:
        cidrs = (item.cidr("CidrBlock", family=4),)
    return PeeringSide(
        vpc=item.text("VpcId"),
        cidrs=cidrs,
        ipv6_cidrs=tuple(block.cidr("Ipv6CidrBlock", family=6) for block in item.many("Ipv6CidrBlockSet")),
        region=item.text("Region", ""),
        owner=item.text("OwnerId", ""),
        dns=item.within("PeeringOptions").flag("AllowDnsResolutionFromRemoteVpc", False),
    )
