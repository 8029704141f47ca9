"""An internet gateway: the door of one VPC, translating public to private addresses one to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import kept, parsed
from fargate_net.kinds.writing import newborn, tagged, write_unless
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class InternetGateway:
    """``vpc`` is the VPC it is attached to, None when detached."""

    kind: ClassVar[str] = "internet_gateway"
    vpc: Id | None


@register
class InternetGatewayKind(Kind):
    """DescribeInternetGateways (Amazon EC2 API Reference)."""

    name = "internet_gateway"
    props = InternetGateway
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Gateways of the VPCs in scope, and ours that are attached to none (a filter by VPC would hide those)."""
        operation = "ec2.describe_internet_gateways"
        response = aws.read(operation, **({} if aws.saved else {"MaxResults": 1000}))
        key, id_key = "InternetGateways", "InternetGatewayId"
        yield from kept(scope, parsed(self.name, operation, response, key, id_key, _parse))

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it, then attach it."""
        response = aws.write("ec2.create_internet_gateway", **tagged("internet-gateway", tags))
        made = newborn(response["InternetGateway"]["InternetGatewayId"], InternetGateway(None), tags)
        self.update(aws, made, props, frozenset({"vpc"}))
        return made.id

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Attach it to the VPC we want, after taking it from the one it has."""
        if have.props.vpc not in (None, want.vpc):
            self._detach(aws, have)
        if want.vpc is not None and have.props.vpc != want.vpc:
            call = {"InternetGatewayId": have.id, "VpcId": want.vpc}
            write_unless(AlreadyExists, aws, "ec2.attach_internet_gateway", **call)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Detach and delete it; AWS refuses while the VPC holds public addresses."""
        if have.props.vpc is not None:
            self._detach(aws, have)
        write_unless(NotFound, aws, "ec2.delete_internet_gateway", InternetGatewayId=have.id)

    def _detach(self, aws: Aws, have: Found[Any]) -> None:
        call = {"InternetGatewayId": have.id, "VpcId": have.props.vpc}
        write_unless(NotFound, aws, "ec2.detach_internet_gateway", **call)


def _parse(item: Item) -> Found[Any]:
    attached = [a.text("VpcId") for a in item.each("Attachments") if a.text("State", "available") in _ATTACHED]
    props = InternetGateway(attached[0] if attached else None)
    return found(item.text("InternetGatewayId"), props, item.tags())


_ATTACHED = ("available", "attached", "attaching")
"""EC2 says ``available`` where its reference says ``attached``."""
