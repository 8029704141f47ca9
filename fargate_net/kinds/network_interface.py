"""An elastic network interface: where packets meet addresses. Read only: AWS services and others make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import in_vpcs
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class NetworkInterface:
    """``public_ips`` pairs (private, public) as the internet gateway translates them.

    ``type`` is AWS's InterfaceType (``interface``, ``nat_gateway``, ``network_load_balancer``, ``vpc_endpoint``, …);
    ``instance`` the EC2 instance it belongs to; ``requester`` who asked for it (``amazon-elb``, a person's or a role's
    id), ``managed`` whether that is an AWS service, which takes it away again.
    """

    kind: ClassVar[str] = "network_interface"
    vpc: Id
    subnet: Id
    zone: str
    private_ips: tuple[str, ...]
    security_groups: frozenset[Id]
    type: str = "interface"
    description: str = ""
    public_ips: tuple[tuple[str, str], ...] = ()
    ipv6_ips: tuple[str, ...] = ()
    instance: str = ""
    requester: str = ""
    owner: str = ""
    source_dest_check: bool = True
    state: str = observed(default="in-use")
    managed: bool = observed(default=False)


@register
class NetworkInterfaceKind(Kind):
    """DescribeNetworkInterfaces (Amazon EC2 API Reference)."""

    name = "network_interface"
    props = NetworkInterface

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Interfaces of the VPCs in scope, whoever made them. Interfaces are never ours, so tags do not matter."""
        where = Scope(vpcs=scope.vpcs)
        operation = "ec2.describe_network_interfaces"
        key, id_key = "NetworkInterfaces", "NetworkInterfaceId"
        yield from in_vpcs(aws, where, self.name, operation, key, id_key, _parse, page=1000)


def _parse(item: Item) -> Found[Any]:
    private: list[str] = []
    public: list[tuple[str, str]] = []
    for address in item.many("PrivateIpAddresses"):
        ip = address.address("PrivateIpAddress")
        private.insert(0 if address.flag("Primary", False) else len(private), ip)
        if outside := address.within("Association").address("PublicIp", ""):
            public.append((ip, outside))
    if not private and "PrivateIpAddress" in item:
        private = [item.address("PrivateIpAddress")]
    if not public and private and (outside := item.within("Association").address("PublicIp", "")):
        public = [(private[0], outside)]
    attachment = item.within("Attachment")
    props = NetworkInterface(
        vpc=item.text("VpcId"),
        subnet=item.text("SubnetId"),
        zone=item.text("AvailabilityZone", ""),
        private_ips=tuple(private),
        security_groups=frozenset(group.text("GroupId") for group in item.many("Groups")),
        type=item.text("InterfaceType", "interface"),
        description=item.text("Description", ""),
        public_ips=tuple(public),
        ipv6_ips=tuple(address.address("Ipv6Address", family=6) for address in item.many("Ipv6Addresses")),
        instance=attachment.text("InstanceId", ""),
        requester=item.text("RequesterId", ""),
        owner=item.text("OwnerId", ""),
        source_dest_check=item.flag("SourceDestCheck", True),
        state=item.text("Status", "in-use"),
        managed=item.flag("RequesterManaged", False),
    )
    return found(item.text("NetworkInterfaceId"), props, item.tags("TagSet"))
