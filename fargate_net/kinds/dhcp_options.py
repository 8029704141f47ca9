"""DHCP options: which resolver the tasks of a VPC ask. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import parsed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class DhcpOptions:
    """``name_servers`` holds ``AmazonProvidedDNS`` or addresses."""

    kind: ClassVar[str] = "dhcp_options"
    name_servers: tuple[str, ...]


@register
class DhcpOptionsKind(Kind):
    """DescribeDhcpOptions (Amazon EC2 API Reference)."""

    name = "dhcp_options"
    props = DhcpOptions

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """All sets of the Region: which VPC uses one, the VPC tells."""
        operation = "ec2.describe_dhcp_options"
        yield from parsed(self.name, operation, aws.read(operation), "DhcpOptions", "DhcpOptionsId", _parse)


def _parse(item: Item) -> Found[Any]:
    servers = tuple(
        value.text("Value")
        for setting in item.many("DhcpConfigurations")
        if setting.text("Key", "") == "domain-name-servers"
        for value in setting.many("Values")
    )
    return found(item.text("DhcpOptionsId"), DhcpOptions(servers), item.tags())
