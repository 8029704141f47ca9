"""EC2 responses in AWS's shapes become facts in normal form."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_aws import ScriptedAws

from fargate_net.errors import Denied, NotAsked, UsageError
from fargate_net.kinds.base import STACK_TAG, Scope, load_all
from fargate_net.kinds.block_public_access import BlockPublicAccess, Exclusion
from fargate_net.kinds.dhcp_options import DhcpOptions
from fargate_net.kinds.instance import Instance
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.security_group import Rule
from fargate_net.kinds.transit_gateway import (
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import PeeringSide, VpcPeering
from fargate_net.kinds.vpn_gateway import VpnConnection, VpnGateway
from fargate_net.model.snapshot import Found, Missing

EVERYTHING = Scope()


def denied(operation: str) -> Denied:
    return Denied("You may not.", operation=operation, code="UnauthorizedOperation")


def scan(kind: str, scope: Scope = EVERYTHING, **answers: Any) -> list[Found[Any] | Missing]:
    aws = ScriptedAws({f"ec2.{name}": answer for name, answer in answers.items()})
    return list(load_all()[kind].scan(aws, scope))


def one(kind: str, **answers: Any) -> Any:
    [thing] = scan(kind, **answers)
    assert isinstance(thing, Found)
    return thing.props


def test_a_vpc_with_more_ranges_and_an_attribute_nobody_may_read() -> None:
    def attribute(**params: str) -> dict[str, Any]:
        if params["Attribute"] == "enableDnsHostnames":
            raise denied("ec2.describe_vpc_attribute")
        return {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": False}}

    item = {
        "VpcId": "vpc-1",
        "CidrBlock": "10.0.0.0/16",
        "OwnerId": "111122223333",
        "DhcpOptionsId": "dopt-1",
        "CidrBlockAssociationSet": [
            {"CidrBlock": "10.2.0.0/16", "AssociationId": "b", "CidrBlockState": {"State": "associated"}},
            {"CidrBlock": "10.0.0.0/16", "AssociationId": "a", "CidrBlockState": {"State": "associated"}},
            {"CidrBlock": "10.3.0.0/16", "AssociationId": "c", "CidrBlockState": {"State": "disassociated"}},
        ],
        "Ipv6CidrBlockAssociationSet": [
            {"Ipv6CidrBlock": "2001:db8::/56", "AssociationId": "d", "Ipv6CidrBlockState": {"State": "associating"}}
        ],
    }
    vpc, gap = scan("vpc", describe_vpcs={"Vpcs": [item]}, describe_vpc_attribute=attribute)
    assert isinstance(vpc, Found)
    assert vpc.props == Vpc(("10.0.0.0/16", "10.2.0.0/16"), True, False, None)
    assert vpc.props.ipv6_cidrs == ()
    assert (vpc.props.owner, vpc.props.dhcp_options) == ("111122223333", "dopt-1")
    assert gap == Missing("vpc", "vpc-1", "ec2:DescribeVpcAttribute", "You may not.")


def test_routes_are_sorted_into_ours_and_those_aws_keeps() -> None:
    item = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [
            {"Main": True, "AssociationState": {"State": "associated"}},
            {"SubnetId": "subnet-1", "AssociationState": {"State": "associated"}},
            {"SubnetId": "subnet-2", "AssociationState": {"State": "disassociating"}},
            {"GatewayId": "igw-1", "AssociationState": {"State": "associated"}},
        ],
        "PropagatingVgws": [{"GatewayId": "vgw-1"}],
        "Routes": [
            {
                "DestinationCidrBlock": "10.0.0.0/16",
                "GatewayId": "local",
                "Origin": "CreateRouteTable",
                "State": "active",
            },
            {
                "DestinationCidrBlock": "0.0.0.0/0",
                "NatGatewayId": "nat-1",
                "Origin": "CreateRoute",
                "State": "blackhole",
            },
            {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "Origin": "CreateRoute"},
            {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute", "State": "active"},
            {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vpce-2", "Origin": "CreateRoute", "State": "active"},
            {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
            {"DestinationCidrBlock": "10.8.0.0/16", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1"},
        ],
    }
    table = one("route_table", describe_route_tables={"RouteTables": [item]})
    wanted = {("0.0.0.0/0", "nat-1"), ("::/0", "eigw-1"), ("10.9.0.0/16", "vpce-2"), ("10.8.0.0/16", "eni-1")}
    assert table == RouteTable("vpc-1", frozenset({"subnet-1"}), frozenset(Route(*pair) for pair in wanted))
    assert table.main
    assert (table.gateways, table.propagating) == (("igw-1",), ("vgw-1",))
    assert {r.destination: r.state for r in table.routes}["0.0.0.0/0"] == "blackhole"
    assert [(r.target, r.origin) for r in table.implied] == [
        ("local", "table"),
        ("vpce-1", "static"),
        ("vgw-1", "propagated"),
    ]


def test_a_route_without_a_destination_makes_its_table_missing() -> None:
    [gap] = scan(
        "route_table", describe_route_tables={"RouteTables": [{"RouteTableId": "r", "VpcId": "v", "Routes": [{}]}]}
    )
    assert isinstance(gap, Missing)
    assert (gap.subject, gap.why) == ("r", "RouteTables[r].Routes[0] has no DestinationCidrBlock.")


@pytest.mark.parametrize(
    ("permission", "rule"),
    [
        (
            {"IpProtocol": "-1", "FromPort": 5, "ToPort": 9, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            ("-1", 0, 65535, "10.0.0.0/8"),
        ),
        ({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, ("tcp", 0, 65535, "10.0.0.0/8")),
        (
            {"IpProtocol": "tcp", "FromPort": -1, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            ("tcp", 0, 22, "10.0.0.0/8"),
        ),
        (
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            ("tcp", 22, 65535, "10.0.0.0/8"),
        ),
        (
            {"IpProtocol": "6", "FromPort": 80, "ToPort": 81, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            ("tcp", 80, 81, "::/0"),
        ),
        (
            {"IpProtocol": "17", "FromPort": 53, "ToPort": 53, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
            ("udp", 53, 53, "pl-1"),
        ),
        (
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            ("icmp", 8, -1, "10.0.0.0/8"),
        ),
        ({"IpProtocol": "58", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, ("icmpv6", -1, -1, "::/0")),
        ({"IpProtocol": "50", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, ("50", 0, 65535, "10.0.0.0/8")),
        (
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": "sg-9"}]},
            ("tcp", 1, 2, "sg-9"),
        ),
    ],
)
def test_a_permission_becomes_a_rule_for_each_peer(permission: Any, rule: tuple[str, int, int, str]) -> None:
    item = {
        "GroupId": "sg-1",
        "VpcId": "vpc-1",
        "GroupName": "web",
        "Description": "d",
        "IpPermissionsEgress": [permission],
    }
    group = one("security_group", describe_security_groups={"SecurityGroups": [item]})
    assert group.rules == {Rule("egress", *rule)}


def test_a_group_of_another_account_across_a_peering_keeps_whose_it_is() -> None:
    pair = {
        "GroupId": "sg-9",
        "UserId": "999988887777",
        "VpcId": "vpc-9",
        "VpcPeeringConnectionId": "pcx-1",
        "PeeringStatus": "deleted",
        "Description": "d",
    }
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [pair]}
    item = {"GroupId": "sg-1", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissions": [permission]}
    [rule] = one("security_group", describe_security_groups={"SecurityGroups": [item]}).rules
    assert (rule.peer_owner, rule.peer_vpc, rule.peering, rule.peering_status) == (
        "999988887777",
        "vpc-9",
        "pcx-1",
        "deleted",
    )


def test_acl_entries_are_in_the_order_aws_tries_them() -> None:
    entries = [
        {"Egress": False, "RuleNumber": 32767, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
        {
            "Egress": False,
            "RuleNumber": 100,
            "RuleAction": "allow",
            "Protocol": "6",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 80, "To": 443},
        },
        {"Egress": True, "RuleNumber": 90, "RuleAction": "allow", "Protocol": "17", "Ipv6CidrBlock": "::/0"},
        {
            "Egress": False,
            "RuleNumber": 20,
            "RuleAction": "deny",
            "Protocol": "1",
            "CidrBlock": "10.0.0.0/8",
            "IcmpTypeCode": {"Type": 8, "Code": -1},
        },
    ]
    item = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": True, "Entries": entries}
    item["Associations"] = [{"SubnetId": "subnet-1", "NetworkAclId": "acl-1"}]
    assert one("network_acl", describe_network_acls={"NetworkAcls": [item]}) == NetworkAcl(
        "vpc-1",
        True,
        frozenset({"subnet-1"}),
        (
            AclEntry(False, 20, False, "1", "10.0.0.0/8", 8, -1),
            AclEntry(False, 100, True, "6", "0.0.0.0/0", 80, 443),
            AclEntry(False, 32767, False, "-1", "0.0.0.0/0"),
            AclEntry(True, 90, True, "17", "::/0"),
        ),
    )


def test_an_interface_with_two_addresses_and_one_public() -> None:
    item = {
        "NetworkInterfaceId": "eni-1",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "AvailabilityZone": "eu-west-1a",
        "Groups": [{"GroupId": "sg-1"}],
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.0.9", "Primary": False},
            {"PrivateIpAddress": "10.0.0.4", "Primary": True, "Association": {"PublicIp": "52.0.0.1"}},
        ],
        "Ipv6Addresses": [{"Ipv6Address": "2001:db8::4"}],
        "Attachment": {"InstanceId": "i-1"},
        "SourceDestCheck": False,
        "InterfaceType": "interface",
        "RequesterId": "amazon-elb",
    }
    assert one("network_interface", describe_network_interfaces={"NetworkInterfaces": [item]}) == NetworkInterface(
        "vpc-1",
        "subnet-1",
        "eu-west-1a",
        ("10.0.0.4", "10.0.0.9"),
        frozenset({"sg-1"}),
        public_ips=(("10.0.0.4", "52.0.0.1"),),
        ipv6_ips=("2001:db8::4",),
        instance="i-1",
        requester="amazon-elb",
        source_dest_check=False,
    )


def test_a_regional_nat_gateway_has_no_subnet_and_no_allocation_of_ours() -> None:
    item = {
        "NatGatewayId": "nat-1",
        "VpcId": "vpc-1",
        "AvailabilityMode": "regional",
        "RouteTableId": "rtb-9",
        "State": "available",
        "NatGatewayAddresses": [
            {"AllocationId": "eipalloc-1", "PublicIp": "52.0.0.1", "AvailabilityZone": "eu-west-1a"}
        ],
    }
    nat = one("nat_gateway", describe_nat_gateways={"NatGateways": [item]})
    assert nat == NatGateway("vpc-1", None, None, regional=True)
    assert (nat.zones, nat.public_ips, nat.route_table) == (("eu-west-1a",), ("52.0.0.1",), "rtb-9")


def test_a_failed_nat_gateway_is_broken_with_aws_words_and_no_longer_stands_for_its_key() -> None:
    item = {
        "NatGatewayId": "n",
        "VpcId": "v",
        "SubnetId": "s",
        "State": "failed",
        "FailureMessage": "no internet gateway",
    }
    [thing] = scan("nat_gateway", describe_nat_gateways={"NatGateways": [item]})
    assert isinstance(thing, Found)
    kind = load_all()["nat_gateway"]
    assert (kind.ready(thing).state, kind.ready(thing).reason) == ("broken", "no internet gateway")
    assert kind.gone(thing)


OPEN = '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        (OPEN, ""),
        ("", ""),
        ('{"Version": "2012-10-17", "Statement": []}', '{"Statement":[],"Version":"2012-10-17"}'),
        (OPEN.replace('"Resource":"*"', '"Resource":"*","Condition":{}'), None),
    ],
)
def test_an_endpoint_policy_is_canonical_and_empty_when_it_allows_all(text: str, policy: str | None) -> None:
    item = {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "ServiceName": "s",
        "State": "Available",
        "PolicyDocument": text,
    }
    endpoint = one("vpc_endpoint", describe_vpc_endpoints={"VpcEndpoints": [item]})
    assert endpoint.state == "available"
    assert endpoint.policy == policy or (policy is None and "Condition" in endpoint.policy)


def test_an_endpoint_policy_that_is_no_json() -> None:
    item = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "s", "PolicyDocument": "{"}
    with pytest.raises(UsageError, match=r"VpcEndpoints\[vpce-1\]\.PolicyDocument is not JSON"):
        scan("vpc_endpoint", describe_vpc_endpoints={"VpcEndpoints": [item]})


def test_prefix_lists_of_both_calls_are_one_and_entries_nobody_may_read_are_missing() -> None:
    def entries(**params: str) -> dict[str, Any]:
        if params["PrefixListId"] == "pl-theirs":
            raise denied("ec2.get_managed_prefix_list_entries")
        return {"Entries": [{"Cidr": "10.2.0.0/16"}, {"Cidr": "10.1.0.0/16"}]}

    managed = [
        {"PrefixListId": "pl-s3", "PrefixListName": "s3", "OwnerId": "AWS"},
        {"PrefixListId": "pl-ours", "PrefixListName": "ours", "OwnerId": "1", "MaxEntries": 9},
        {"PrefixListId": "pl-theirs", "PrefixListName": "theirs", "OwnerId": "2"},
    ]
    things = scan(
        "prefix_list",
        describe_managed_prefix_lists={"PrefixLists": managed},
        describe_prefix_lists={
            "PrefixLists": [{"PrefixListId": "pl-s3", "PrefixListName": "s3", "Cidrs": ["52.0.0.0/8"]}]
        },
        get_managed_prefix_list_entries=entries,
    )
    assert {t.id: t.props for t in things if isinstance(t, Found)} == {
        "pl-s3": PrefixList("s3", ("52.0.0.0/8",), "AWS"),
        "pl-ours": PrefixList("ours", ("10.1.0.0/16", "10.2.0.0/16"), "1", 9),
        "pl-theirs": PrefixList("theirs", None, "2"),
    }
    assert [(t.kind, t.subject) for t in things if isinstance(t, Missing)] == [("prefix_list", "pl-theirs")]


def test_peerings_with_a_side_in_scope() -> None:
    def peering(number: int, one: str, other: str) -> dict[str, Any]:
        side = {"CidrBlock": "10.0.0.0/16", "Region": "eu-west-1", "OwnerId": "1"}
        return {
            "VpcPeeringConnectionId": f"pcx-{number}",
            "Status": {"Code": "active"},
            "RequesterVpcInfo": {**side, "VpcId": one, "CidrBlockSet": [{"CidrBlock": "10.0.0.0/16"}]},
            "AccepterVpcInfo": {**side, "VpcId": other, "PeeringOptions": {"AllowDnsResolutionFromRemoteVpc": True}},
        }

    answer = {"VpcPeeringConnections": [peering(1, "vpc-1", "vpc-2"), peering(2, "vpc-3", "vpc-4")]}
    [thing] = scan("vpc_peering", Scope(vpcs=frozenset({"vpc-2"})), describe_vpc_peering_connections=answer)
    assert isinstance(thing, Found)
    assert thing.props == VpcPeering(
        PeeringSide("vpc-1", ("10.0.0.0/16",), region="eu-west-1", owner="1"),
        PeeringSide("vpc-2", ("10.0.0.0/16",), region="eu-west-1", owner="1", dns=True),
    )


def test_a_transit_gateway() -> None:
    item = {"TransitGatewayId": "tgw-1", "OwnerId": "1", "State": "available"}
    assert one("transit_gateway", describe_transit_gateways={"TransitGateways": [item]}) == TransitGateway("1", False)
    item["Options"] = {"SecurityGroupReferencingSupport": "enable"}  # type: ignore[assignment]
    assert one("transit_gateway", describe_transit_gateways={"TransitGateways": [item]}) == TransitGateway("1", True)


GENERAL = {
    "TransitGatewayAttachmentId": "tgw-attach-1",
    "TransitGatewayId": "tgw-1",
    "ResourceType": "vpc",
    "ResourceId": "vpc-1",
    "ResourceOwnerId": "1",
    "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"},
}
OF_VPC = {
    "TransitGatewayAttachmentId": "tgw-attach-1",
    "TransitGatewayId": "tgw-1",
    "VpcId": "vpc-1",
    "VpcOwnerId": "1",
    "SubnetIds": ["subnet-2", "subnet-1"],
    "Options": {"SecurityGroupReferencingSupport": "disable", "ApplianceModeSupport": "enable"},
}


def test_an_attachment_is_what_both_calls_say() -> None:
    props = one(
        "transit_gateway_attachment",
        describe_transit_gateway_attachments={"TransitGatewayAttachments": [GENERAL]},
        describe_transit_gateway_vpc_attachments={"TransitGatewayVpcAttachments": [OF_VPC]},
        describe_transit_gateway_peering_attachments={"TransitGatewayPeeringAttachments": []},
    )
    subnets = ("subnet-1", "subnet-2")
    assert props == TransitGatewayAttachment("tgw-1", "vpc", "vpc-1", "1", subnets, "tgw-rtb-1", False, True)


def test_an_attachment_of_which_one_call_is_lacking_has_a_gap() -> None:
    thing, gap = scan(
        "transit_gateway_attachment",
        describe_transit_gateway_attachments=NotAsked("ec2.describe_transit_gateway_attachments"),
        describe_transit_gateway_vpc_attachments={"TransitGatewayVpcAttachments": [OF_VPC]},
        describe_transit_gateway_peering_attachments=NotAsked("ec2.describe_transit_gateway_peering_attachments"),
    )
    assert isinstance(thing, Found)
    assert thing.props.route_table is None
    assert isinstance(gap, Missing)
    assert gap.subject == "tgw-attach-1"


@pytest.mark.parametrize("more", [False, True])
def test_a_transit_table_with_more_routes_than_answered_has_none(more: bool) -> None:
    route = {
        "DestinationCidrBlock": "10.0.0.0/16",
        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1", "ResourceType": "vpc"}],
        "Type": "propagated",
        "State": "active",
    }
    link = {"TransitGatewayAttachmentId": "tgw-attach-1"}
    table, *gaps = scan(
        "transit_gateway_route_table",
        describe_transit_gateway_route_tables={
            "TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1"}]
        },
        get_transit_gateway_route_table_associations={"Associations": [{**link, "State": "associated"}]},
        get_transit_gateway_route_table_propagations={
            "TransitGatewayRouteTablePropagations": [{**link, "State": "enabled"}, {**link, "State": "disabled"}]
        },
        search_transit_gateway_routes={"Routes": [route], "AdditionalRoutesAvailable": more},
    )
    assert isinstance(table, Found)
    routes = (TransitRoute("10.0.0.0/16", ("tgw-attach-1",), "propagated", "active", "vpc"),)
    links = ("tgw-attach-1",)
    assert table.props == TransitGatewayRouteTable("tgw-1", links, links, None if more else routes)
    assert len(gaps) == more


def test_vpn_gateways_and_connections() -> None:
    gateway = {
        "VpnGatewayId": "vgw-1",
        "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}, {"VpcId": "vpc-2", "State": "detached"}],
    }
    assert one("vpn_gateway", describe_vpn_gateways={"VpnGateways": [gateway]}) == VpnGateway(("vpc-1",))
    connection = {
        "VpnConnectionId": "vpn-1",
        "TransitGatewayId": "tgw-1",
        "State": "available",
        "Routes": [{"DestinationCidrBlock": "192.168.0.0/16", "State": "available"}],
        "VgwTelemetry": [{"Status": "UP"}, {"Status": "DOWN"}],
    }
    props = one("vpn_connection", describe_vpn_connections={"VpnConnections": [connection]})
    assert props == VpnConnection("tgw-1", ("192.168.0.0/16",))
    assert props.tunnels_up == 1


def test_dhcp_options() -> None:
    settings = [
        {"Key": "domain-name", "Values": [{"Value": "home"}]},
        {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
    ]
    item = {"DhcpOptionsId": "dopt-1", "DhcpConfigurations": settings}
    assert one("dhcp_options", describe_dhcp_options={"DhcpOptions": [item]}) == DhcpOptions(("AmazonProvidedDNS",))


def test_instances_that_are_not_terminated() -> None:
    instances = [
        {"InstanceId": "i-1", "State": {"Name": "terminated"}},
        {
            "InstanceId": "i-2",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-1",
            "State": {"Name": "stopped"},
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}],
        },
    ]
    props = one("instance", describe_instances={"Reservations": [{"Instances": instances}]})
    assert props == Instance("vpc-1", "subnet-1", ("eni-1",))
    assert props.state == "stopped"


OPTIONS = "describe_vpc_block_public_access_options"
EXCLUSIONS = "describe_vpc_block_public_access_exclusions"


def blocking(mode: str) -> dict[str, Any]:
    return {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": mode, "State": "update-complete"}}


def test_block_public_access_with_exclusions() -> None:
    exclusions = [
        {
            "ExclusionId": "vpcbpa-exclude-1",
            "InternetGatewayExclusionMode": "allow-egress",
            "ResourceArn": "arn:aws:ec2:eu-west-1:1:vpc/vpc-1",
            "State": "create-complete",
        },
        {"ExclusionId": "vpcbpa-exclude-2", "State": "delete-complete"},
    ]
    answers = {OPTIONS: blocking("block-ingress"), EXCLUSIONS: {"VpcBlockPublicAccessExclusions": exclusions}}
    wanted = BlockPublicAccess("block-ingress", (Exclusion("vpcbpa-exclude-1", "vpc-1", "allow-egress"),))
    assert one("block_public_access", **answers) == wanted


def test_block_public_access_that_was_not_saved_is_assumed_off_and_a_refusal_is_not() -> None:
    assert one("block_public_access", **{OPTIONS: NotAsked("ec2." + OPTIONS)}) == BlockPublicAccess("off", assumed=True)
    with pytest.raises(Denied):
        scan("block_public_access", **{OPTIONS: denied("ec2." + OPTIONS)})


def test_exclusions_matter_only_while_something_is_blocked() -> None:
    refused = {EXCLUSIONS: denied("ec2." + EXCLUSIONS)}
    assert one("block_public_access", **{OPTIONS: blocking("off")}, **refused) == BlockPublicAccess("off")
    gap, _ = scan("block_public_access", **{OPTIONS: blocking("block-bidirectional")}, **refused)
    assert isinstance(gap, Missing)
    assert gap.subject == "exclusions"


def test_answers_wider_than_the_question_are_narrowed() -> None:
    subnets = [
        {"SubnetId": name, "VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a", "Tags": tags}
        for name, vpc, tags in (
            ("subnet-1", "vpc-1", []),
            ("subnet-2", "vpc-2", []),
            ("subnet-3", "vpc-3", [{"Key": STACK_TAG, "Value": "shop"}]),
        )
    ]
    things = scan("subnet", Scope(stack="shop", vpcs=frozenset({"vpc-1"})), describe_subnets={"Subnets": subnets})
    assert [thing.id for thing in things if isinstance(thing, Found)] == ["subnet-1", "subnet-3"]


def test_a_scope_of_no_vpc_asks_nothing() -> None:
    for kind in ("vpc", "subnet", "route_table", "security_group", "network_interface", "nat_gateway", "vpc_endpoint"):
        assert scan(kind, Scope(stack="shop", vpcs=frozenset())) == []
