"""A subnet: an address range in one zone of one VPC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any, ClassVar

from fargate_net.errors import NotFound, NotReady
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, found, pending, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.implied import subnet_ipv6
from fargate_net.kinds.reading import DEAD_ASSOCIATIONS, in_vpcs
from fargate_net.kinds.writing import newborn, tagged, write_unless
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class Subnet:
    """``ipv6_index`` is the number of its /64 inside the VPC's /56 (None: no IPv6). Status: ``free_ips``."""

    kind: ClassVar[str] = "subnet"
    vpc: Id
    cidr: str
    zone: str
    map_public_ip: bool = False
    ipv6_index: int | None = None
    assign_ipv6: bool = False
    ipv6_cidr: str = observed(default="")
    zone_id: str = observed(default="")
    owner: str = observed(default="")


@register
class SubnetKind(Kind):
    """DescribeSubnets (Amazon EC2 API Reference)."""

    name = "subnet"
    props = Subnet
    immutable = frozenset({"vpc", "cidr", "zone"})
    exclusive = frozenset({"vpc", "cidr"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Subnets of the VPCs in scope."""
        yield from in_vpcs(aws, scope, self.name, "ec2.describe_subnets", "Subnets", "SubnetId", _parse)

    def ready(self, found: Found[Any]) -> Readiness:
        """Available, and its IPv6 range associated."""
        if found.status.get("state") == "pending":
            return pending("AWS is making the subnet", 1)
        return READY

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its IPv6 range, from its VPC's."""
        props, vpc = found.props, world.kind("vpc").get(found.props.vpc)
        if props.ipv6_index is not None and not props.ipv6_cidr and vpc and vpc.props.ipv6_cidrs:
            cidr = subnet_ipv6(vpc.props.ipv6_cidrs[0], props.ipv6_index)
            yield replace(found, props=replace(props, ipv6_cidr=cidr))

    def forbids(self, have: Found[Any], want: Any) -> str:
        """Subnets of another size overlap the ones there are, and those have users until the new ones are there."""
        if have.props.cidr.partition("/")[2] == want.cidr.partition("/")[2]:
            return ""
        return (
            f"{have.props.cidr} of {have.id} cannot become {want.cidr}: that many zones would cut `network.cidr` into "
            f"subnets of another size, which overlap those in use. Keep the number of `network.zones`, or make a stack "
            f"of another name with a larger `network.cidr` and move over."
        )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it, with its IPv6 range when it has one, then set what can only be set afterwards."""
        ipv6 = {} if props.ipv6_index is None else {"Ipv6CidrBlock": _ipv6_of(aws, props.vpc, props.ipv6_index)}
        response = aws.write(
            "ec2.create_subnet",
            VpcId=props.vpc,
            CidrBlock=props.cidr,
            AvailabilityZone=props.zone,
            **ipv6,
            **tagged("subnet", tags),
        )
        made = newborn(response["Subnet"]["SubnetId"], replace(props, map_public_ip=False, assign_ipv6=False), tags)
        self.update(aws, made, props, frozenset({"map_public_ip", "assign_ipv6"}))
        return made.id

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """One attribute in a call (Amazon EC2 API Reference, ModifySubnetAttribute)."""
        if "ipv6_index" in fields and want.ipv6_index != have.props.ipv6_index:
            self._renumber(aws, have, want)
        for field, attribute in (
            ("map_public_ip", "MapPublicIpOnLaunch"),
            ("assign_ipv6", "AssignIpv6AddressOnCreation"),
        ):
            if field in fields and getattr(want, field) != getattr(have.props, field):
                value = {attribute: {"Value": getattr(want, field)}}
                aws.write("ec2.modify_subnet_attribute", SubnetId=have.id, **value)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Delete it; refused by AWS while an interface lives in it."""
        write_unless(NotFound, aws, "ec2.delete_subnet", SubnetId=have.id)

    def _renumber(self, aws: Aws, have: Found[Any], want: Any) -> None:
        wanted = None if want.ipv6_index is None else _ipv6_of(aws, have.props.vpc, want.ipv6_index)
        there: set[str] = set()
        for item in items(aws.read("ec2.describe_subnets", SubnetIds=[have.id]), "Subnets", "SubnetId"):
            for association in _live(item):
                there.add(association.text("Ipv6CidrBlock"))
                if association.text("Ipv6CidrBlock") != wanted:
                    which = association.text("AssociationId")
                    write_unless(NotFound, aws, "ec2.disassociate_subnet_cidr_block", AssociationId=which)
        if wanted is not None and wanted not in there:
            aws.write("ec2.associate_subnet_cidr_block", SubnetId=have.id, Ipv6CidrBlock=wanted)


def _parse(item: Item) -> Found[Any]:
    ipv6 = [a.cidr("Ipv6CidrBlock", family=6) for a in _live(item)]
    props = Subnet(
        vpc=item.text("VpcId"),
        # Only a subnet without IPv4 has no CidrBlock.
        cidr=item.cidr("CidrBlock", "") if item.flag("Ipv6Native", False) else item.cidr("CidrBlock", family=4),
        zone=item.text("AvailabilityZone"),
        map_public_ip=item.flag("MapPublicIpOnLaunch", False),
        ipv6_index=_index(ipv6[0]) if ipv6 else None,
        assign_ipv6=item.flag("AssignIpv6AddressOnCreation", False),
        ipv6_cidr=ipv6[0] if ipv6 else "",
        zone_id=item.text("AvailabilityZoneId", ""),
        owner=item.text("OwnerId", ""),
    )
    status: dict[str, Any] = {
        "free_ips": item.whole("AvailableIpAddressCount", -1),
        "state": item.text("State", "available"),
    }
    return found(item.text("SubnetId"), props, item.tags(), **status)


def _live(item: Item) -> Iterable[Item]:
    for association in item.many("Ipv6CidrBlockAssociationSet"):
        if association.within("Ipv6CidrBlockState").text("State", "associated") not in DEAD_ASSOCIATIONS:
            yield association


def _index(cidr: str) -> int:
    """The number of a /64 inside its /56: the eight bits between the two."""
    return int(ip_network(cidr, strict=False).network_address) >> 64 & 0xFF


def _ipv6_of(aws: Aws, vpc: str, index: int) -> str:
    """The range a subnet of that number has in its VPC; NotReady while AWS still associates the VPC's own."""
    for item in items(aws.read("ec2.describe_vpcs", VpcIds=[vpc]), "Vpcs", "VpcId"):
        for association in item.many("Ipv6CidrBlockAssociationSet"):
            if association.within("Ipv6CidrBlockState").text("State", "") == "associated":
                return subnet_ipv6(association.text("Ipv6CidrBlock"), index)
    raise NotReady(f"{vpc} has no IPv6 range yet.", operation="ec2.describe_vpcs", code="Ipv6RangePending")
