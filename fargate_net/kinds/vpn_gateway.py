"""A virtual private gateway and its VPN connections. Read only."""

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
class VpnGateway:
    """``vpcs`` are those it is attached to."""

    kind: ClassVar[str] = "vpn_gateway"
    vpcs: tuple[str, ...]
    state: str = observed(default="available")


@dataclass(frozen=True)
class VpnConnection:
    """``gateway`` is the virtual private or transit gateway; ``routes`` are the static destinations it announces."""

    kind: ClassVar[str] = "vpn_connection"
    gateway: str
    routes: tuple[str, ...] = ()
    state: str = observed(default="available")
    tunnels_up: int = observed(default=0)


@register
class VpnGatewayKind(Kind):
    """DescribeVpnGateways (Amazon EC2 API Reference), which has no pages."""

    name = "vpn_gateway"
    props = VpnGateway

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Gateways attached to a VPC in scope."""
        operation = "ec2.describe_vpn_gateways"
        for thing in parsed(self.name, operation, aws.read(operation), "VpnGateways", "VpnGatewayId", _parse):
            if isinstance(thing, Missing) or scope.vpcs is None or scope.vpcs & set(thing.props.vpcs):
                yield thing


@register
class VpnConnectionKind(Kind):
    """DescribeVpnConnections (Amazon EC2 API Reference), which has no pages."""

    name = "vpn_connection"
    props = VpnConnection

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """All connections of the Region: which VPC one serves, its gateway tells."""
        operation = "ec2.describe_vpn_connections"
        key, id_key = "VpnConnections", "VpnConnectionId"
        yield from parsed(self.name, operation, aws.read(operation), key, id_key, _parse_connection)


def _parse(item: Item) -> Found[Any]:
    attached = (a.text("VpcId") for a in item.many("VpcAttachments") if a.text("State", "attached") == "attached")
    props = VpnGateway(vpcs=tuple(sorted(attached)), state=item.text("State", "available"))
    return found(item.text("VpnGatewayId"), props, item.tags())


def _parse_connection(item: Item) -> Found[Any]:
    live = (route for route in item.many("Routes") if route.text("State", "available") == "available")
    props = VpnConnection(
        gateway=item.text("VpnGatewayId", "") or item.text("TransitGatewayId", ""),
        routes=tuple(sorted(route.text("DestinationCidrBlock") for route in live)),
        state=item.text("State", "available"),
        tunnels_up=sum(tunnel.text("Status", "").upper() == "UP" for tunnel in item.many("VgwTelemetry")),
    )
    return found(item.text("VpnConnectionId"), props, item.tags())
