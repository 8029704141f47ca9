"""NAT gateways, egress-only gateways and VPC endpoints as EC2 prints them. Never here: VPCs and subnets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.reach.statements.aws_json import REGION, Account, Raw, route

NAT = "nat-0a7a7a7a7a7a7a7a7"
NAT_NIC = "eni-0a7a7a7a7a7a7a7a7"
EIGW = "eigw-0e6e6e6e6e6e6e6e6"


def nat_gateway(
    account: Account, subnet: str, ip: str, public: str = "", *, state: str = "available", id: str = NAT
) -> str:
    """A zonal NAT gateway with its interface; private when it has no public address."""
    nic = "eni-" + id.removeprefix("nat-")
    account.interface(
        nic, subnet, ip, public=public, type="nat_gateway", description=f"Interface for NAT Gateway {id}", check=False
    )
    address: Raw = {
        "NetworkInterfaceId": nic,
        "PrivateIp": ip,
        "IsPrimary": True,
        "Status": "succeeded",
    }
    if public:
        address |= {"AllocationId": f"eipalloc-{nic[-17:]}", "AssociationId": "eipassoc-0", "PublicIp": public}
    account.add(
        "NatGateways",
        id,
        {
            "CreateTime": "2026-01-15T09:30:00+00:00",
            "NatGatewayAddresses": [address],
            "NatGatewayId": id,
            "State": state,
            "SubnetId": subnet,
            "VpcId": account.items[subnet]["VpcId"],
            "Tags": [],
            "ConnectivityType": "public" if public else "private",
        },
    )
    return id


def regional_nat(account: Account, vpc: str, zones: Sequence[str], table: str, *, id: str = NAT) -> str:
    """A regional NAT gateway: no subnet, one address in each zone it serves, a route table of its own."""
    account.add(
        "NatGateways",
        id,
        {
            "CreateTime": "2026-01-15T09:30:00+00:00",
            "NatGatewayAddresses": [
                {
                    "AllocationId": f"eipalloc-0{n}",
                    "AssociationId": f"eipassoc-0{n}",
                    "AvailabilityZone": f"{REGION}{zone}",
                    "PublicIp": f"198.51.100.{100 + n}",
                    "Status": "succeeded",
                }
                for n, zone in enumerate(zones)
            ],
            "NatGatewayId": id,
            "State": "available",
            "VpcId": vpc,
            "Tags": [],
            "ConnectivityType": "public",
            "AvailabilityMode": "regional",
            "AutoScalingIps": "disabled",
            "AutoProvisionZones": "disabled",
            "RouteTableId": table,
        },
    )
    return id


def egress_only(account: Account, vpc: str, *, id: str = EIGW) -> str:
    """An egress-only internet gateway, attached."""
    account.add(
        "EgressOnlyInternetGateways",
        id,
        {"Attachments": [{"State": "attached", "VpcId": vpc}], "EgressOnlyInternetGatewayId": id, "Tags": []},
    )
    return id


def interface_endpoint(
    account: Account,
    service: str,
    subnets: Sequence[tuple[str, str]],
    *groups: str,
    private_dns: bool = True,
    state: str = "available",
    policy: dict[str, Any] | None = None,
    region: str = REGION,
    id: str = "vpce-0d1d1d1d1d1d1d1d1",
) -> list[str]:
    """An interface endpoint with one interface for each (subnet, address); their ids."""
    nics = [f"eni-{id.removeprefix('vpce-')[:16]}{n}" for n in range(len(subnets))]
    for nic, (subnet, ip) in zip(nics, subnets, strict=True):
        account.interface(nic, subnet, ip, *groups, type="vpc_endpoint", description=f"VPC Endpoint Interface {id}")
    held = policy or {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
    account.add(
        "VpcEndpoints",
        id,
        {
            "VpcEndpointId": id,
            "VpcEndpointType": "Interface",
            "VpcId": account.items[subnets[0][0]]["VpcId"],
            "ServiceName": f"com.amazonaws.{region}.{service}",
            "State": state,
            "PolicyDocument": json.dumps(held, indent=2),
            "RouteTableIds": [],
            "SubnetIds": [subnet for subnet, _ in subnets],
            "Groups": [{"GroupId": group, "GroupName": f"name-{group}"} for group in groups],
            "IpAddressType": "ipv4",
            "PrivateDnsEnabled": private_dns,
            "RequesterManaged": False,
            "NetworkInterfaceIds": nics,
            "DnsEntries": [{"DnsName": f"{id}-abcd.{service}.{region}.vpce.amazonaws.com", "HostedZoneId": "Z38"}],
            "CreationTimestamp": "2026-01-15T09:30:00+00:00",
            "Tags": [],
            "OwnerId": "111122223333",
        },
    )
    return nics


S3_LIST, S3_RANGES = "pl-6da54004", ("52.218.0.0/17", "3.5.64.0/21")


def gateway_endpoint(
    account: Account,
    vpc: str,
    tables: Sequence[str],
    service: str = "s3",
    *,
    state: str = "available",
    policy: dict[str, Any] | None = None,
    known: bool = True,
    id: str = "vpce-05353535353535353",
) -> str:
    """A gateway endpoint with its route in each of the tables, and its prefix list (``known``: with ranges)."""
    held = policy or {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    account.add(
        "VpcEndpoints",
        id,
        {
            "VpcEndpointId": id,
            "VpcEndpointType": "Gateway",
            "VpcId": vpc,
            "ServiceName": f"com.amazonaws.{REGION}.{service}",
            "State": state,
            "PolicyDocument": json.dumps(held),
            "RouteTableIds": list(tables),
            "SubnetIds": [],
            "Groups": [],
            "PrivateDnsEnabled": False,
            "RequesterManaged": False,
            "NetworkInterfaceIds": [],
            "DnsEntries": [],
            "CreationTimestamp": "2026-01-15T09:30:00+00:00",
            "Tags": [],
            "OwnerId": "111122223333",
        },
    )
    prefix_list(account, service, known=known)
    for table in tables:
        account.routes(table, route(S3_LIST, id))
    return id


def prefix_list(account: Account, service: str = "s3", *, known: bool = True) -> None:
    """The AWS-managed list of a service, from DescribePrefixLists; without ranges from the managed call alone."""
    name = f"com.amazonaws.{REGION}.{service}"
    item: Raw = {"PrefixListId": S3_LIST, "PrefixListName": name, "Cidrs": list(S3_RANGES)}
    if not known:
        item = {
            "PrefixListId": S3_LIST,
            "AddressFamily": "IPv4",
            "State": "create-complete",
            "PrefixListArn": f"arn:aws:ec2:{REGION}:aws:prefix-list/{S3_LIST}",
            "PrefixListName": name,
            "Tags": [],
            "OwnerId": "AWS",
        }
    account.add("PrefixLists", S3_LIST, item)
