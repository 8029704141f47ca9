"""An Elastic IP: a public address that stays. Status: public_ip, association, interface, private_ip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import NotFound
from fargate_net.kinds.base import STACK_TAG, Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.implied import public_address
from fargate_net.kinds.reading import parsed
from fargate_net.kinds.writing import tagged, write_unless
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class ElasticIp:
    """Nothing about an address can be chosen; who uses it is stated by the NAT gateway or balancer that does."""

    kind: ClassVar[str] = "elastic_ip"
    public_ip: str = observed(default="")
    interface: str = observed(default="")
    private_ip: str = observed(default="")


@register
class ElasticIpKind(Kind):
    """DescribeAddresses (Amazon EC2 API Reference), which has no pages."""

    name = "elastic_ip"
    props = ElasticIp
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Ours when the scope is a stack, else all of the Region: an address does not say its VPC."""
        operation, params = "ec2.describe_addresses", {}
        if scope.stack is not None and not aws.saved:
            params = {"Filters": [{"Name": f"tag:{STACK_TAG}", "Values": [scope.stack]}]}
        response = aws.read(operation, **params)
        for thing in parsed(self.name, operation, response, "Addresses", "AllocationId", _parse):
            if scope.stack is None or isinstance(thing, Missing) or thing.stack == scope.stack:
                yield thing

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The address AWS will choose, as one from a range for documentation."""
        if found.planned and not found.props.public_ip:
            address = public_address(found.id)
            status = {**found.status, "public_ip": address}
            yield replace(found, props=replace(found.props, public_ip=address), status=status)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Allocate it."""
        return str(aws.write("ec2.allocate_address", Domain="vpc", **tagged("elastic-ip", tags))["AllocationId"])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing about it can change."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Release it; AWS refuses while something uses it."""
        write_unless(NotFound, aws, "ec2.release_address", AllocationId=have.id)


def _parse(item: Item) -> Found[Any]:
    props = ElasticIp(
        public_ip=item.address("PublicIp", ""),
        interface=item.text("NetworkInterfaceId", ""),
        private_ip=item.address("PrivateIpAddress", ""),
    )
    status = {
        "public_ip": props.public_ip,
        "association": item.text("AssociationId", ""),
        "interface": props.interface,
        "private_ip": props.private_ip,
    }
    return found(item.text("AllocationId"), props, item.tags(), **status)
