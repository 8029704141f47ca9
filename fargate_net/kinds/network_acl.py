"""A network ACL: ordered, stateless rules at the border of subnets. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import in_vpcs
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class AclEntry:
    """One rule.

    ``number`` orders; ``protocol`` is a number as text (``6``), ``-1`` all; ports inclusive, 0-65535 when
    AWS gives none; for icmp they are type and code, -1 any.
    """

    egress: bool
    number: int
    allow: bool
    protocol: str
    cidr: str
    from_port: int = 0
    to_port: int = 65535


@dataclass(frozen=True)
class NetworkAcl:
    """``subnets`` are the associated ones; the ``default`` ACL serves every subnet of the VPC without one."""

    kind: ClassVar[str] = "network_acl"
    vpc: Id
    default: bool
    subnets: frozenset[Id]
    entries: tuple[AclEntry, ...]


@register
class NetworkAclKind(Kind):
    """DescribeNetworkAcls (Amazon EC2 API Reference)."""

    name = "network_acl"
    props = NetworkAcl

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """ACLs of the VPCs in scope, entries in the order AWS tries them. ACLs are never ours."""
        where = Scope(vpcs=scope.vpcs)
        operation = "ec2.describe_network_acls"
        yield from in_vpcs(aws, where, self.name, operation, "NetworkAcls", "NetworkAclId", _parse, page=1000)


def _parse(item: Item) -> Found[Any]:
    entries = sorted((_entry(entry) for entry in item.each("Entries")), key=lambda e: (e.egress, e.number, e.cidr))
    props = NetworkAcl(
        vpc=item.text("VpcId"),
        default=item.flag("IsDefault", False),
        subnets=frozenset(a.text("SubnetId") for a in item.many("Associations")),
        entries=tuple(entries),
    )
    return found(item.text("NetworkAclId"), props, item.tags())


def _entry(item: Item) -> AclEntry:
    protocol = item.text("Protocol")
    protocol = _NUMBERS.get(protocol.lower(), protocol)
    from_port, to_port = 0, 65535
    if protocol in ("1", "58"):
        icmp = item.within("IcmpTypeCode")
        from_port, to_port = icmp.whole("Type", -1), icmp.whole("Code", -1)
    elif protocol in ("6", "17"):
        ports = item.within("PortRange")
        from_port, to_port = ports.whole("From", 0), ports.whole("To", 65535)
    return AclEntry(
        egress=item.flag("Egress"),
        number=item.whole("RuleNumber"),
        allow=item.text("RuleAction").lower() == "allow",
        protocol=protocol,
        cidr=item.cidr("CidrBlock", family=4) if "CidrBlock" in item else item.cidr("Ipv6CidrBlock", family=6),
        from_port=from_port,
        to_port=to_port,
    )


_NUMBERS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}
