"""A saved account as the AWS CLI prints it: raw describe responses, one file per call. Never here: fargatenet's nouns.

Every list is there from the start, empty: "asked, there is none". ``forget`` takes one out: "not asked".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.reach.statements.aws_rules import ANY4, OPEN_ENTRIES, OWNER, Raw, everything, final

REGION = "eu-west-1"

LISTS = (
    "Vpcs",
    "Subnets",
    "RouteTables",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "NatGateways",
    "NetworkAcls",
    "SecurityGroups",
    "NetworkInterfaces",
    "Reservations",
    "Addresses",
    "VpcEndpoints",
    "VpcPeeringConnections",
    "TransitGateways",
    "TransitGatewayVpcAttachments",
    "TransitGatewayAttachments",
    "TransitGatewayPeeringAttachments",
    "TransitGatewayRouteTables",
    "VpnGateways",
    "VpnConnections",
    "DhcpOptions",
    "PrefixLists",
    "LoadBalancers",
    "TargetGroups",
    "clusters",
    "services",
    "tasks",
    "Namespaces",
    "Services",
    "HostedZones",
)

TARGETS = {
    "igw": "GatewayId",
    "local": "GatewayId",
    "vgw": "GatewayId",
    "vpce": "GatewayId",
    "nat": "NatGatewayId",
    "eigw": "EgressOnlyInternetGatewayId",
    "tgw": "TransitGatewayId",
    "pcx": "VpcPeeringConnectionId",
    "eni": "NetworkInterfaceId",
    "i": "InstanceId",
}


def route(destination: str, target: str, *, state: str = "active", origin: str = "CreateRoute") -> Raw:
    """One route; the field of its target follows from the target's id."""
    key = "DestinationCidrBlock"
    if destination.startswith("pl-"):
        key = "DestinationPrefixListId"
    elif ":" in destination:
        key = "DestinationIpv6CidrBlock"
    return {key: destination, TARGETS[target.partition("-")[0]]: target, "Origin": origin, "State": state}


def arn(service: str, resource: str) -> str:
    """An ARN of this account and Region."""
    return f"arn:aws:{service}:{REGION}:{OWNER}:{resource}"


def _acl_link(acl: str, subnet: str) -> Raw:
    return {"NetworkAclAssociationId": f"aclassoc-{subnet[-8:]}", "NetworkAclId": acl, "SubnetId": subnet}


class Account:
    """Responses of one account in one Region. Methods add items and return them, to be changed; ``write`` saves."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Raw]] = {key: [] for key in LISTS}
        self.others: list[Raw] = []
        self.items: dict[str, Raw] = {}

    def add(self, key: str, id: str, item: Raw) -> Raw:
        """One item of a list."""
        self.lists[key].append(item)
        self.items[id] = item
        return item

    def answer(self, **keys: Any) -> Raw:
        """One response that is a file of its own."""
        self.others.append(keys)
        return keys

    def forget(self, *keys: str) -> None:
        """Calls that nobody made, by the key of their response."""
        for key in keys:
            self.lists.pop(key, None)
            self.others = [other for other in self.others if key not in other]

    def remove(self, key: str, id: str) -> None:
        """Delete a thing."""
        self.lists[key].remove(self.items.pop(id))

    def write(self, folder: Path) -> Path:
        """The folder, one file per response."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, other in enumerate(self.others):
            (folder / f"answer-{number}.json").write_text(json.dumps(other, indent=4))
        for key, items in self.lists.items():
            (folder / f"{key}.json").write_text(json.dumps({key: items}, indent=4))
        return folder

    # ---- VPCs and what comes with them

    def vpc(self, id: str, *cidrs: str, ipv6: str = "", dns: tuple[bool, bool] = (True, True)) -> Raw:
        """A VPC with its main route table (``rtb-main-…``) and default NACL (``acl-main-…``); local routes only."""
        tail = id.removeprefix("vpc-")
        item: Raw = {
            "CidrBlock": cidrs[0],
            "DhcpOptionsId": "dopt-0d0d0d0d0d0d0d0d0",
            "State": "available",
            "VpcId": id,
            "OwnerId": OWNER,
            "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [
                {
                    "AssociationId": f"vpc-cidr-assoc-0{n}",
                    "CidrBlock": cidr,
                    "CidrBlockState": {"State": "associated"},
                }
                for n, cidr in enumerate(cidrs)
            ],
            "IsDefault": False,
        }
        if ipv6:
            item["Ipv6CidrBlockAssociationSet"] = [
                {
                    "AssociationId": "vpc-cidr-assoc-06",
                    "Ipv6CidrBlock": ipv6,
                    "Ipv6CidrBlockState": {"State": "associated"},
                    "NetworkBorderGroup": REGION,
                    "Ipv6Pool": "Amazon",
                }
            ]
        self.add("Vpcs", id, item)
        self.answer(VpcId=id, EnableDnsSupport={"Value": dns[0]})
        self.answer(VpcId=id, EnableDnsHostnames={"Value": dns[1]})
        self.table(f"rtb-main-{tail}", id, main=True)
        self.acl(f"acl-main-{tail}", id, OPEN_ENTRIES, default=True)
        return item

    def subnet(self, id: str, vpc: str, cidr: str, zone: str = "a", *, ipv6: str = "", public: bool = False) -> Raw:
        """A subnet with the VPC's default NACL, and no route table of its own."""
        main = self.items.get(f"acl-main-{vpc.removeprefix('vpc-')}")
        if main is not None:
            main["Associations"].append(_acl_link(main["NetworkAclId"], id))
        held = [
            {
                "AssociationId": f"subnet-cidr-assoc-{id[-4:]}",
                "Ipv6CidrBlock": ipv6,
                "Ipv6CidrBlockState": {"State": "associated"},
            }
        ]
        return self.add(
            "Subnets",
            id,
            {
                "AvailabilityZone": f"{REGION}{zone}",
                "AvailabilityZoneId": f"euw1-az{'abc'.index(zone) + 1}",
                "AvailableIpAddressCount": 250,
                "CidrBlock": cidr,
                "DefaultForAz": False,
                "MapPublicIpOnLaunch": public,
                "State": "available",
                "SubnetId": id,
                "VpcId": vpc,
                "OwnerId": OWNER,
                "AssignIpv6AddressOnCreation": bool(ipv6),
                "Ipv6CidrBlockAssociationSet": held if ipv6 else [],
                "SubnetArn": arn("ec2", f"subnet/{id}"),
                "Ipv6Native": False,
            },
        )

    def table(self, id: str, vpc: str, *routes: Raw, subnets: Sequence[str] = (), main: bool = False) -> Raw:
        """A route table; the local routes of the VPC's ranges come first, as AWS keeps them."""
        held = self.items[vpc]
        ranges = [a["CidrBlock"] for a in held["CidrBlockAssociationSet"]]
        ranges += [a["Ipv6CidrBlock"] for a in held.get("Ipv6CidrBlockAssociationSet", ())]
        links = [{"Main": False, "SubnetId": subnet} for subnet in subnets] + [{"Main": True}] * main
        return self.add(
            "RouteTables",
            id,
            {
                "Associations": [
                    link
                    | {
                        "RouteTableAssociationId": f"rtbassoc-{n}{id[-8:]}",
                        "RouteTableId": id,
                        "AssociationState": {"State": "associated"},
                    }
                    for n, link in enumerate(links)
                ],
                "PropagatingVgws": [],
                "RouteTableId": id,
                "Routes": [route(cidr, "local", origin="CreateRouteTable") for cidr in ranges] + list(routes),
                "Tags": [],
                "VpcId": vpc,
                "OwnerId": OWNER,
            },
        )

    def routes(self, table: str, *routes: Raw) -> None:
        """More routes in a table."""
        self.items[table]["Routes"].extend(routes)

    def acl(
        self, id: str, vpc: str, entries: Iterable[Raw], subnets: Sequence[str] = (), *, default: bool = False
    ) -> Raw:
        """A NACL with its final entries; its subnets are taken from the NACLs that had them."""
        for other in self.lists["NetworkAcls"]:
            other["Associations"] = [link for link in other["Associations"] if link["SubnetId"] not in subnets]
        return self.add(
            "NetworkAcls",
            id,
            {
                "Associations": [_acl_link(id, subnet) for subnet in subnets],
                "Entries": [*entries, final(egress=True), final(egress=False)],
                "IsDefault": default,
                "NetworkAclId": id,
                "Tags": [],
                "VpcId": vpc,
                "OwnerId": OWNER,
            },
        )

    def entries(self, acl: str, *entries: Raw) -> None:
        """A NACL's entries, replaced; the final ones stay."""
        self.items[acl]["Entries"] = [*entries, final(egress=True), final(egress=False)]

    def group(self, id: str, vpc: str, ingress: Sequence[Raw] = (), egress: Sequence[Raw] | None = None) -> Raw:
        """A security group; with the outbound rule of a new one unless told otherwise."""
        return self.add(
            "SecurityGroups",
            id,
            {
                "Description": f"group {id}",
                "GroupName": f"name-{id}",
                "IpPermissions": list(ingress),
                "OwnerId": OWNER,
                "GroupId": id,
                "IpPermissionsEgress": [everything()] if egress is None else list(egress),
                "VpcId": vpc,
            },
        )

    def interface(
        self,
        id: str,
        subnet: str,
        ip: str,
        *groups: str,
        public: str = "",
        ipv6: str = "",
        instance: str = "",
        type: str = "interface",
        description: str = "",
        check: bool = True,
    ) -> Raw:
        """A network interface; with ``instance`` also the EC2 instance it is the only interface of."""
        place = self.items[subnet]
        association = {
            "AllocationId": f"eipalloc-{id[-17:]}",
            "AssociationId": f"eipassoc-{id[-17:]}",
            "IpOwnerId": OWNER,
            "PublicIp": public,
            "PublicDnsName": f"ec2-{public.replace('.', '-')}.{REGION}.compute.amazonaws.com",
        }
        outside = {"Association": association} if public else {}
        if public:
            self.add(
                "Addresses",
                association["AllocationId"],
                {
                    "AllocationId": association["AllocationId"],
                    "AssociationId": association["AssociationId"],
                    "Domain": "vpc",
                    "NetworkInterfaceId": id,
                    "NetworkInterfaceOwnerId": OWNER,
                    "PrivateIpAddress": ip,
                    "PublicIp": public,
                    "PublicIpv4Pool": "amazon",
                },
            )
        item: Raw = outside | {
            "AvailabilityZone": place["AvailabilityZone"],
            "Attachment": {
                "AttachTime": "2026-01-15T09:30:00+00:00",
                "AttachmentId": f"eni-attach-{id[-8:]}",
                "DeleteOnTermination": True,
                "DeviceIndex": 0 if instance else 1,
                "Status": "attached",
            }
            | ({"InstanceId": instance, "InstanceOwnerId": OWNER} if instance else {"InstanceOwnerId": "amazon-aws"}),
            "Description": description,
            "Groups": [{"GroupName": f"name-{group}", "GroupId": group} for group in groups],
            "InterfaceType": type,
            "Ipv6Addresses": [{"Ipv6Address": ipv6, "IsPrimaryIpv6": False}] if ipv6 else [],
            "MacAddress": "0a:1b:2c:3d:4e:5f",
            "NetworkInterfaceId": id,
            "OwnerId": OWNER,
            "PrivateIpAddress": ip,
            "PrivateIpAddresses": [outside | {"Primary": True, "PrivateIpAddress": ip}],
            "RequesterManaged": False,
            "SourceDestCheck": check,
            "Status": "in-use",
            "SubnetId": subnet,
            "TagSet": [],
            "VpcId": place["VpcId"],
        }
        if instance:
            self._instance(instance, item)
        return self.add("NetworkInterfaces", id, item)

    def _instance(self, id: str, face: Raw) -> None:
        machine = {
            "InstanceId": id,
            "InstanceType": "t3.micro",
            "LaunchTime": "2026-01-15T09:30:00+00:00",
            "PrivateIpAddress": face["PrivateIpAddress"],
            "State": {"Code": 16, "Name": "running"},
            "SubnetId": face["SubnetId"],
            "VpcId": face["VpcId"],
            "NetworkInterfaces": [{"NetworkInterfaceId": face["NetworkInterfaceId"], "Status": "in-use"}],
            "SecurityGroups": face["Groups"],
            "Tags": [],
        }
        reservation = {"Groups": [], "Instances": [machine], "OwnerId": OWNER, "ReservationId": f"r-{id[2:]}"}
        self.add("Reservations", id, reservation)


__all__ = ["ANY4", "OWNER", "REGION", "Account", "Raw", "arn", "route"]
