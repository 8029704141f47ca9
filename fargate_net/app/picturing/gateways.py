"""What stands on the edge of a VPC. Never here: where its routes lead."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.transit_gateway import TransitGatewayAttachment
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.kinds.vpn_gateway import VpnGateway
from fargate_net.model.picture import Gateway
from fargate_net.reach.network import Network


def gateways(network: Network, vpc: str) -> Iterator[Gateway]:
    """Internet gateways first, then endpoints in route tables, then ways to other networks."""
    snapshot = network.snapshot
    for igw in snapshot.of(InternetGateway).values():
        if str(igw.props.vpc) == vpc:
            yield Gateway(igw.id, "internet gateway", igw.id)
    for egress in snapshot.of(EgressOnlyGateway).values():
        if str(egress.props.vpc) == vpc:
            yield Gateway(egress.id, "egress-only internet gateway", egress.id)
    for endpoint in snapshot.of(VpcEndpoint).values():
        if str(endpoint.props.vpc) == vpc and endpoint.props.type == "Gateway":
            service = endpoint.props.service.rpartition(".")[2]
            tables = sorted(map(str, endpoint.props.route_tables))
            yield Gateway(endpoint.id, f"gateway endpoint {service}", "\n".join([endpoint.id, *tables]))
    for peering in snapshot.of(VpcPeering).values():
        sides = [peering.props.requester.vpc, peering.props.accepter.vpc]
        if vpc in sides and peering.props.state == "active":
            other = next((side for side in sides if side != vpc), vpc)
            yield Gateway(peering.id, f"peering with {other}", peering.id)
    for attachment in snapshot.of(TransitGatewayAttachment).values():
        if attachment.props.resource == vpc:
            yield Gateway(attachment.id, f"transit gateway {attachment.props.gateway}", attachment.id)
    for gateway in snapshot.of(VpnGateway).values():
        if vpc in gateway.props.vpcs:
            yield Gateway(gateway.id, "VPN gateway", gateway.id)
