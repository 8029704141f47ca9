"""A VPC: its address ranges and the DNS attributes that decide what names mean inside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import Denied, NotAsked, NotFound
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, found, lacking, pending, register
from fargate_net.kinds.fields import Absent, Item, items
from fargate_net.kinds.implied import foreseen_ipv6
from fargate_net.kinds.reading import DEAD_ASSOCIATIONS, filters, nothing_in, parsed
from fargate_net.kinds.vpc_defaults import of_vpc
from fargate_net.kinds.writing import newborn, tagged, write_unless
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class Vpc:
    """``cidrs`` are the associated IPv4 ranges, the primary first. DNS attributes are None when not known.

    ``ipv6`` says whether the VPC has an Amazon-provided IPv6 range; ``ipv6_cidrs`` are the ranges it got.
    """

    kind: ClassVar[str] = "vpc"
    cidrs: tuple[str, ...]
    ipv6: bool = False
    dns_support: bool | None = True
    dns_hostnames: bool | None = True
    ipv6_cidrs: tuple[str, ...] = observed(default=())
    dhcp_options: str = observed(default="")
    default: bool = observed(default=False)
    owner: str = observed(default="")


@register
class VpcKind(Kind):
    """DescribeVpcs, and DescribeVpcAttribute twice for each (Amazon EC2 API Reference)."""

    name = "vpc"
    props = Vpc
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """VPCs in scope; an attribute that may not be read is None, with a Missing for its VPC."""
        if nothing_in(scope):
            return
        response = aws.read("ec2.describe_vpcs", **filters(aws, scope))
        for thing in parsed(self.name, "ec2.describe_vpcs", response, "Vpcs", "VpcId", _parse):
            if isinstance(thing, Missing):
                yield thing
            elif scope.keeps(thing.id, thing.tags):
                yield from _with_attributes(aws, thing)

    def ready(self, found: Found[Any]) -> Readiness:
        """Available, and its IPv6 range associated."""
        if found.status.get("state") == "pending":
            return pending("AWS is making the VPC", 2)
        if found.props.ipv6 and not found.props.ipv6_cidrs:
            return pending("AWS is associating the IPv6 range", 5)
        return READY

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its IPv6 range, main route table, default network ACL and default security group."""
        props = found.props
        if found.planned and props.ipv6 and not props.ipv6_cidrs:
            found = replace(found, props=replace(props, ipv6_cidrs=(foreseen_ipv6(found.id),)))
            yield found
        yield from of_vpc(found, world)

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The main route table, default network ACL and default security group AWS made with it."""
        defaults = (
            ("route_table", "main", True),
            ("network_acl", "default", True),
            ("security_group", "name", "default"),
        )
        for kind, field, value in defaults:
            for thing in world.kind(kind).values():
                if thing.props.vpc == found.id and getattr(thing.props, field) == value:
                    yield thing

    def concede(self, have: Found[Any], want: Any) -> Any:
        """Further ranges may be somebody else's: they carry no tags, and a stack has one range."""
        theirs = tuple(cidr for cidr in have.props.cidrs[1:] if cidr not in want.cidrs)
        return replace(want, cidrs=want.cidrs + theirs)

    def forbids(self, have: Found[Any], want: Any) -> str:
        """The first range of a VPC can never change (VPC User Guide, VPC CIDR blocks)."""
        was, wish = have.props.cidrs[0], want.cidrs[0]
        if was == wish:
            return ""
        return (
            f"The range {was} of {have.id} cannot become {wish}: AWS never changes the first range of a VPC. Keep "
            f"`network.cidr: {was}`, or make a stack of another name beside this one and move over."
        )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it with its first range, then add the other ranges and the DNS attributes."""
        response = aws.write(
            "ec2.create_vpc",
            CidrBlock=props.cidrs[0],
            AmazonProvidedIpv6CidrBlock=props.ipv6,
            **tagged("vpc", tags),
        )
        made = newborn(
            response["Vpc"]["VpcId"],
            replace(props, cidrs=props.cidrs[:1], dns_support=True, dns_hostnames=False),
            tags,
        )
        self.update(aws, made, props, frozenset({"cidrs", "dns_support", "dns_hostnames"}))
        return made.id

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Ranges and DNS attributes, one attribute in a call."""
        if "cidrs" in fields or "ipv6" in fields:
            self._ranges(aws, have, want)
        # Host names need the resolver, so it is switched on first and off last.
        attributes = [("dns_support", "EnableDnsSupport"), ("dns_hostnames", "EnableDnsHostnames")]
        for field, attribute in attributes if want.dns_support else attributes[::-1]:
            if field in fields and getattr(want, field) != getattr(have.props, field):
                value = {attribute: {"Value": getattr(want, field)}}
                aws.write("ec2.modify_vpc_attribute", VpcId=have.id, **value)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Delete it; its main table, default ACL and default group go with it."""
        write_unless(NotFound, aws, "ec2.delete_vpc", VpcId=have.id)

    def _ranges(self, aws: Aws, have: Found[Any], want: Any) -> None:
        for item in items(aws.read("ec2.describe_vpcs", VpcIds=[have.id]), "Vpcs", "VpcId"):
            linked = {a.text("CidrBlock"): a.text("AssociationId") for a in _live(item, "CidrBlockAssociationSet")}
            linked6 = [a.text("AssociationId") for a in _live(item, "Ipv6CidrBlockAssociationSet")]
            for cidr in want.cidrs:
                if cidr not in linked:
                    aws.write("ec2.associate_vpc_cidr_block", VpcId=have.id, CidrBlock=cidr)
            if want.ipv6 and not linked6:
                aws.write("ec2.associate_vpc_cidr_block", VpcId=have.id, AmazonProvidedIpv6CidrBlock=True)
            unwanted = [link for cidr, link in linked.items() if cidr in have.props.cidrs and cidr not in want.cidrs]
            for association in unwanted + ([] if want.ipv6 else linked6):
                write_unless(NotFound, aws, "ec2.disassociate_vpc_cidr_block", AssociationId=association)


def _parse(item: Item) -> Found[Any]:
    first = item.cidr("CidrBlock", family=4)
    rest = sorted({a.cidr("CidrBlock", family=4) for a in _live(item, "CidrBlockAssociationSet")} - {first})
    ranges6 = list(_live(item, "Ipv6CidrBlockAssociationSet"))
    props = Vpc(
        cidrs=(first, *rest),
        ipv6=bool(ranges6),
        dns_support=None,
        dns_hostnames=None,
        ipv6_cidrs=tuple(
            a.cidr("Ipv6CidrBlock", family=6)
            for a in ranges6
            if a.within("Ipv6CidrBlockState").text("State", "") == "associated"
        ),
        dhcp_options=item.text("DhcpOptionsId", ""),
        default=item.flag("IsDefault", False),
        owner=item.text("OwnerId", ""),
    )
    return found(item.text("VpcId"), props, item.tags(), state=item.text("State", "available"))


def _live(item: Item, key: str) -> Iterable[Item]:
    """Associations that hold or are about to."""
    state = key.removesuffix("AssociationSet") + "State"
    return (a for a in item.many(key) if a.within(state).text("State", "associated") not in DEAD_ASSOCIATIONS)


def _with_attributes(aws: Aws, vpc: Found[Any]) -> Iterable[Found[Any] | Missing]:
    told: dict[str, bool | None] = {"dns_support": None, "dns_hostnames": None}
    unknown: list[Missing] = []
    for field, attribute in (("dns_support", "enableDnsSupport"), ("dns_hostnames", "enableDnsHostnames")):
        try:
            answer = aws.read("ec2.describe_vpc_attribute", VpcId=vpc.id, Attribute=attribute)
            key = attribute[0].upper() + attribute[1:]
            told[field] = Item(answer, f"attributes of {vpc.id}").within(key).flag("Value")
        except NotFound:  # deleted since it was listed
            return
        except (Denied, NotAsked) as error:
            unknown.append(lacking(Vpc.kind, vpc.id, error))
        except Absent as absent:
            unknown.append(Missing(Vpc.kind, vpc.id, "ec2:DescribeVpcAttribute", str(absent)))
    yield replace(vpc, props=replace(vpc.props, **told))
    yield from unknown
