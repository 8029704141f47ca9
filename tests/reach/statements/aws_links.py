"""Peerings, transit gateways and VPN gateways as EC2 prints them. Never here: VPCs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.reach.statements.aws_json import OWNER, REGION, Account, Raw

PCX, TGW, TGW_TABLE = "pcx-0a2a2a2a2a2a2a2a2", "tgw-0a2a2a2a2a2a2a2a2", "tgw-rtb-0a2a2a2a2a2a2a2a2"


def peering(
    account: Account,
    requester: tuple[str, str],
    accepter: tuple[str, str],
    *,
    state: str = "active",
    far_region: str = REGION,
    far_owner: str = OWNER,
    id: str = PCX,
) -> str:
    """A peering of two (VPC, range)."""

    def side(vpc: str, cidr: str, region: str, owner: str) -> Raw:
        return {
            "CidrBlock": cidr,
            "CidrBlockSet": [{"CidrBlock": cidr}],
            "OwnerId": owner,
            "PeeringOptions": {"AllowDnsResolutionFromRemoteVpc": False},
            "VpcId": vpc,
            "Region": region,
        }

    account.add(
        "VpcPeeringConnections",
        id,
        {
            "AccepterVpcInfo": side(*accepter, far_region, far_owner),
            "RequesterVpcInfo": side(*requester, REGION, OWNER),
            "Status": {"Code": state, "Message": state},
            "Tags": [],
            "VpcPeeringConnectionId": id,
        },
    )
    return id


def transit_gateway(account: Account, *, references: bool = False, id: str = TGW) -> str:
    """A transit gateway; ``references``: with security group referencing."""
    account.add(
        "TransitGateways",
        id,
        {
            "TransitGatewayId": id,
            "TransitGatewayArn": f"arn:aws:ec2:{REGION}:{OWNER}:transit-gateway/{id}",
            "State": "available",
            "OwnerId": OWNER,
            "CreationTime": "2026-01-15T09:30:00+00:00",
            "Options": {
                "AmazonSideAsn": 64512,
                "DefaultRouteTableAssociation": "disable",
                "DefaultRouteTablePropagation": "disable",
                "SecurityGroupReferencingSupport": "enable" if references else "disable",
            },
            "Tags": [],
        },
    )
    return id


def attachment(
    account: Account,
    id: str,
    resource: str,
    subnets: Sequence[str] = (),
    *,
    kind: str = "vpc",
    table: str | None = TGW_TABLE,
    state: str = "available",
    references: bool = True,
    owner: str = OWNER,
) -> str:
    """An attachment; one of a VPC appears in the call for VPC attachments too."""
    association = {"TransitGatewayRouteTableId": table, "State": "associated"}
    account.add(
        "TransitGatewayAttachments",
        id,
        {
            "TransitGatewayAttachmentId": id,
            "TransitGatewayId": TGW,
            "TransitGatewayOwnerId": OWNER,
            "ResourceOwnerId": owner,
            "ResourceType": kind,
            "ResourceId": resource,
            "State": state,
            "CreationTime": "2026-01-15T09:30:00+00:00",
            "Tags": [],
        }
        | ({"Association": association} if table else {}),
    )
    if kind == "vpc":
        account.add(
            "TransitGatewayVpcAttachments",
            f"{id} in full",
            {
                "TransitGatewayAttachmentId": id,
                "TransitGatewayId": TGW,
                "VpcId": resource,
                "VpcOwnerId": owner,
                "State": state,
                "SubnetIds": list(subnets),
                "CreationTime": "2026-01-15T09:30:00+00:00",
                "Options": {
                    "DnsSupport": "enable",
                    "SecurityGroupReferencingSupport": "enable" if references else "disable",
                    "Ipv6Support": "disable",
                    "ApplianceModeSupport": "disable",
                },
                "Tags": [],
            },
        )
    return id


def transit_table(account: Account, *routes: Raw, id: str = TGW_TABLE, attached: Sequence[str] = ()) -> str:
    """A table of the transit gateway with its routes and associations."""
    account.add(
        "TransitGatewayRouteTables",
        id,
        {
            "TransitGatewayRouteTableId": id,
            "TransitGatewayId": TGW,
            "State": "available",
            "DefaultAssociationRouteTable": False,
            "DefaultPropagationRouteTable": False,
            "CreationTime": "2026-01-15T09:30:00+00:00",
            "Tags": [],
        },
    )
    account.answer(TransitGatewayRouteTableId=id, Routes=list(routes), AdditionalRoutesAvailable=False)
    links = [{"TransitGatewayAttachmentId": one, "ResourceType": "vpc", "State": "associated"} for one in attached]
    account.answer(TransitGatewayRouteTableId=id, Associations=links)
    account.answer(TransitGatewayRouteTableId=id, TransitGatewayRouteTablePropagations=[])
    return id


def transit_route(cidr: str, attached: str, resource: str, kind: str = "vpc", **more: Any) -> Raw:
    """A route of a transit gateway table, propagated and active unless told otherwise."""
    held = {"TransitGatewayAttachmentId": attached, "ResourceId": resource, "ResourceType": kind}
    return {
        "DestinationCidrBlock": cidr,
        "TransitGatewayAttachments": [held] if attached else [],
        "Type": "propagated",
        "State": "active",
    } | more


def vpn_gateway(account: Account, vpc: str, *, state: str = "attached", id: str = "vgw-0a2a2a2a2a2a2a2a2") -> str:
    """A virtual private gateway with a VPN connection, attached to the VPC."""
    account.add(
        "VpnGateways",
        id,
        {
            "State": "available",
            "Type": "ipsec.1",
            "VpcAttachments": [{"State": state, "VpcId": vpc}],
            "VpnGatewayId": id,
            "AmazonSideAsn": 64512,
            "Tags": [],
        },
    )
    account.add(
        "VpnConnections",
        "vpn-0a2a2a2a2a2a2a2a2",
        {
            "CustomerGatewayConfiguration": "...",
            "CustomerGatewayId": "cgw-0a2a2a2a2a2a2a2a2",
            "Category": "VPN",
            "State": "available",
            "Type": "ipsec.1",
            "VpnConnectionId": "vpn-0a2a2a2a2a2a2a2a2",
            "VpnGatewayId": id,
            "Routes": [],
            "VgwTelemetry": [{"OutsideIpAddress": "203.0.113.1", "Status": "UP", "StatusMessage": ""}],
        },
    )
    return id
