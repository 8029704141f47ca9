"""An egress-only internet gateway: IPv6 out, never in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import NotFound
from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import kept, parsed
from fargate_net.kinds.writing import tagged, write_unless
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class EgressOnlyGateway:
    """``vpc`` is the VPC it is attached to, None when detached."""

    kind: ClassVar[str] = "egress_only_gateway"
    vpc: Id | None


@register
class EgressOnlyGatewayKind(Kind):
    """DescribeEgressOnlyInternetGateways (Amazon EC2 API Reference), which cannot filter by VPC."""

    name = "egress_only_gateway"
    props = EgressOnlyGateway
    immutable = frozenset({"vpc"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Gateways of the VPCs in scope."""
        operation = "ec2.describe_egress_only_internet_gateways"
        response = aws.read(operation, **({} if aws.saved else {"MaxResults": 255}))
        key, id_key = "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"
        yield from kept(scope, parsed(self.name, operation, response, key, id_key, _parse))

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it attached to its VPC."""
        call = {"VpcId": props.vpc, **tagged("egress-only-internet-gateway", tags)}
        response = aws.write("ec2.create_egress_only_internet_gateway", **call)
        return str(response["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing about it can change."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Delete it."""
        call = {"EgressOnlyInternetGatewayId": have.id}
        write_unless(NotFound, aws, "ec2.delete_egress_only_internet_gateway", **call)


def _parse(item: Item) -> Found[Any]:
    attached = [a.text("VpcId") for a in item.each("Attachments") if a.text("State", "attached") != "detached"]
    props = EgressOnlyGateway(attached[0] if attached else None)
    return found(item.text("EgressOnlyInternetGatewayId"), props, item.tags())
