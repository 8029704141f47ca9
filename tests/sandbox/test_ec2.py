from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest


def endpoint(estate: Any, service: str = "logs", **params: Any) -> dict[str, Any]:
    given = {
        "VpcId": estate.vpc,
        "ServiceName": f"com.amazonaws.eu-west-1.{service}",
        "VpcEndpointType": "Interface",
        "SubnetIds": estate.subnets,
    }
    made: dict[str, Any] = estate.aws.ec2.create_vpc_endpoint(**(given | params))["VpcEndpoint"]
    return made


def test_addresses_are_the_lowest_free_ones_from_the_fifth_on(aws: Any) -> None:
    estate = aws.network()
    made = [
        aws.ec2.create_network_interface(SubnetId=estate.subnets[0])["NetworkInterface"]["PrivateIpAddress"]
        for _ in range(3)
    ]
    assert made == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    (first,) = estate.interfaces(private_ip_address="10.0.0.4")
    aws.ec2.delete_network_interface(NetworkInterfaceId=first["NetworkInterfaceId"])
    again = aws.ec2.create_network_interface(SubnetId=estate.subnets[0])["NetworkInterface"]
    assert again["PrivateIpAddress"] == "10.0.0.4"
    (subnet,) = aws.ec2.describe_subnets(SubnetIds=estate.subnets[:1])["Subnets"]
    assert subnet["AvailableIpAddressCount"] == 251 - 3


def test_elastic_addresses_look_public(aws: Any) -> None:
    addresses = [aws.ec2.allocate_address(Domain="vpc")["PublicIp"] for _ in range(5)]
    assert all(ip_address(address).is_global for address in addresses)
    assert len(set(addresses)) == 5


def test_a_nat_gateway_has_a_managed_interface_and_ages(aws: Any) -> None:
    estate = aws.network()
    elastic = aws.ec2.allocate_address(Domain="vpc")
    made = aws.ec2.create_nat_gateway(
        SubnetId=estate.subnets[0],
        AllocationId=elastic["AllocationId"],
        ClientToken="one",
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": [{"Key": "stack", "Value": "shop"}]}],
    )["NatGateway"]
    again = aws.ec2.create_nat_gateway(
        SubnetId=estate.subnets[0],
        AllocationId=elastic["AllocationId"],
        ClientToken="one",
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": [{"Key": "stack", "Value": "shop"}]}],
    )["NatGateway"]
    assert (made["State"], again["NatGatewayId"]) == ("pending", made["NatGatewayId"])
    (interface,) = estate.interfaces(interface_type="nat_gateway")
    assert interface["Description"] == f"Interface for NAT Gateway {made['NatGatewayId']}"
    assert interface["Association"]["PublicIp"] == elastic["PublicIp"]
    assert (interface["RequesterManaged"], interface["Groups"]) == (True, [])
    assert ip_address(interface["PrivateIpAddress"]) == ip_address("10.0.0.4")
    aws.advance()
    by_tag = [{"Name": "tag:stack", "Values": ["sh*"]}]
    assert aws.ec2.describe_nat_gateways(Filter=by_tag)["NatGateways"][0]["State"] == "available"
    assert aws.ec2.describe_nat_gateways(Filter=[{"Name": "tag:stack", "Values": ["x"]}])["NatGateways"] == []
    assert aws.refused(aws.ec2.release_address, AllocationId=elastic["AllocationId"])[0] == "InvalidIPAddress.InUse"
    aws.ec2.create_route(
        RouteTableId=estate.table, DestinationCidrBlock="192.168.0.0/16", NatGatewayId=made["NatGatewayId"]
    )
    aws.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    assert aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "deleting"
    assert estate.interfaces(interface_type="nat_gateway") != []
    aws.advance()
    assert aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "deleted"
    assert estate.interfaces(interface_type="nat_gateway") == []
    (table,) = aws.ec2.describe_route_tables(RouteTableIds=[estate.table])["RouteTables"]
    states = {route["DestinationCidrBlock"]: route["State"] for route in table["Routes"]}
    assert states == {"10.0.0.0/16": "active", "0.0.0.0/0": "active", "192.168.0.0/16": "blackhole"}
    aws.ec2.release_address(AllocationId=elastic["AllocationId"])


def test_a_nat_gateway_without_internet_gateway_fails(aws: Any) -> None:
    estate = aws.network(public=False)
    elastic = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    aws.ec2.create_nat_gateway(SubnetId=estate.subnets[0], AllocationId=elastic)
    aws.advance()
    (failed,) = aws.ec2.describe_nat_gateways()["NatGateways"]
    assert (failed["State"], failed["FailureCode"]) == ("failed", "Gateway.NotAttached")
    assert failed["FailureMessage"] == f"Network {estate.vpc} has no Internet gateway attached"
    assert estate.interfaces() == []
    aws.ec2.release_address(AllocationId=elastic)
    assert aws.refused(aws.ec2.describe_nat_gateways, NatGatewayIds=["nat-1"])[0] == "NatGatewayNotFound"
    assert aws.refused(aws.ec2.delete_nat_gateway, NatGatewayId="nat-1")[0] == "NatGatewayNotFound"


def test_an_interface_endpoint_has_its_groups_and_ages(aws: Any) -> None:
    estate = aws.network()
    group = estate.group("endpoints", "10.0.0.0/16", port=443)
    made = endpoint(estate, "ecr.dkr", SecurityGroupIds=[group])
    assert (made["State"], made["PrivateDnsEnabled"]) == ("pending", True)
    assert made["DnsEntries"][1]["DnsName"] == "*.dkr.ecr.eu-west-1.amazonaws.com"
    interfaces = estate.interfaces(interface_type="vpc_endpoint")
    assert {i["NetworkInterfaceId"] for i in interfaces} == set(made["NetworkInterfaceIds"])
    assert {i["SubnetId"] for i in interfaces} == set(estate.subnets)
    assert [[g["GroupId"] for g in i["Groups"]] for i in interfaces] == [[group], [group]]
    aws.advance()
    (shown,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"]
    assert shown["State"] == "available"
    other = estate.group("others")
    aws.ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"],
        AddSecurityGroupIds=[other],
        RemoveSecurityGroupIds=[group],
        RemoveSubnetIds=estate.subnets[1:],
    )
    (left,) = estate.interfaces(interface_type="vpc_endpoint")
    assert [g["GroupId"] for g in left["Groups"]] == [other]
    assert aws.refused(aws.ec2.delete_security_group, GroupId=other)[0] == "DependencyViolation"
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["State"] == "deleting"
    aws.advance()
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    aws.ec2.delete_security_group(GroupId=other)


def test_endpoints_that_aws_refuses(aws: Any) -> None:
    estate = aws.network()
    endpoint(estate)
    assert "already a conflicting DNS domain for logs.eu-west-1" in aws.refused(endpoint, estate=estate)[1]
    assert aws.refused(endpoint, estate=estate, service="nothing")[0] == "InvalidServiceName"
    kind = {"VpcEndpointType": "Gateway", "SubnetIds": [], "RouteTableIds": [estate.table]}
    assert "does not match available service types" in aws.refused(endpoint, estate=estate, service="kms", **kind)[1]
    endpoint(estate, "s3", **kind)
    assert aws.refused(endpoint, estate=estate, service="s3", **kind)[0] == "RouteAlreadyExists"
    plain = aws.network(dns=False)
    assert "enableDnsHostnames" in aws.refused(endpoint, estate=plain)[1]
    twice = aws.ec2.create_subnet(VpcId=plain.vpc, CidrBlock="10.0.8.0/24", AvailabilityZone="eu-west-1a")["Subnet"]
    plain.subnets.append(twice["SubnetId"])
    assert aws.refused(endpoint, estate=plain, PrivateDnsEnabled=False)[0] == "DuplicateSubnetsInSameZone"
    unknown = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0123"])["Unsuccessful"]
    assert unknown[0]["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


def test_what_is_in_use_is_not_deleted(aws: Any) -> None:
    estate = aws.network()
    used, named = estate.group("used"), estate.group("named")
    estate.group("naming", named)
    interface = aws.ec2.create_network_interface(SubnetId=estate.subnets[0], Groups=[used])["NetworkInterface"]
    violations = [
        (aws.ec2.delete_subnet, {"SubnetId": estate.subnets[0]}),
        (aws.ec2.delete_security_group, {"GroupId": used}),
        (aws.ec2.delete_security_group, {"GroupId": named}),
        (aws.ec2.delete_route_table, {"RouteTableId": estate.table}),
        (aws.ec2.delete_internet_gateway, {"InternetGatewayId": estate.gateway}),
        (aws.ec2.delete_vpc, {"VpcId": estate.vpc}),
    ]
    assert [aws.refused(call, **params)[0] for call, params in violations] == ["DependencyViolation"] * 6
    elastic = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    link = aws.ec2.associate_address(AllocationId=elastic, NetworkInterfaceId=interface["NetworkInterfaceId"])
    detach = {"InternetGatewayId": estate.gateway, "VpcId": estate.vpc}
    assert "mapped public address" in aws.refused(aws.ec2.detach_internet_gateway, **detach)[1]
    aws.ec2.disassociate_address(AssociationId=link["AssociationId"])
    aws.ec2.detach_internet_gateway(**detach)
    (table,) = aws.ec2.describe_route_tables(RouteTableIds=[estate.table])["RouteTables"]
    assert table["Routes"][1]["State"] == "blackhole"


def test_an_empty_vpc_goes_with_its_defaults(aws: Any) -> None:
    estate = aws.network()
    for subnet in estate.subnets:
        aws.ec2.delete_subnet(SubnetId=subnet)
    for left in ("gateway", "group"):
        if left == "gateway":
            aws.ec2.detach_internet_gateway(InternetGatewayId=estate.gateway, VpcId=estate.vpc)
            extra = estate.group("extra")
            assert aws.refused(aws.ec2.delete_vpc, VpcId=estate.vpc)[0] == "DependencyViolation"
        else:
            aws.ec2.delete_security_group(GroupId=extra)
    aws.ec2.delete_vpc(VpcId=estate.vpc)
    here = [{"Name": "vpc-id", "Values": [estate.vpc]}]
    assert aws.ec2.describe_network_acls(Filters=here)["NetworkAcls"] == []
    assert aws.ec2.describe_security_groups(Filters=here)["SecurityGroups"] == []


def test_a_managed_interface_is_not_the_customers_to_delete(aws: Any) -> None:
    estate = aws.network()
    endpoint(estate)
    (first, _) = estate.interfaces(interface_type="vpc_endpoint")
    refused = aws.refused(aws.ec2.delete_network_interface, NetworkInterfaceId=first["NetworkInterfaceId"])
    assert refused[0] == "InvalidNetworkInterface.InUse"


def test_a_dry_run_changes_nothing(aws: Any) -> None:
    estate = aws.network()
    calls = [
        (aws.ec2.create_vpc, {"CidrBlock": "10.1.0.0/16"}),
        (aws.ec2.create_route_table, {"VpcId": estate.vpc}),
        (aws.ec2.delete_vpc, {"VpcId": estate.vpc}),
    ]
    assert [aws.refused(call, DryRun=True, **params)[0] for call, params in calls] == ["DryRunOperation"] * 3
    assert len(aws.ec2.describe_vpcs()["Vpcs"]) == 2


def test_a_token_with_other_parameters_is_refused(aws: Any) -> None:
    estate, other = aws.network(), aws.network()
    first = aws.ec2.create_route_table(VpcId=estate.vpc, ClientToken="t")["RouteTable"]["RouteTableId"]
    assert aws.ec2.create_route_table(VpcId=estate.vpc, ClientToken="t")["RouteTable"]["RouteTableId"] == first
    refused = aws.refused(aws.ec2.create_route_table, VpcId=other.vpc, ClientToken="t")
    assert refused[0] == "IdempotentParameterMismatch"


def test_security_groups(aws: Any) -> None:
    estate = aws.network()
    spec = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = aws.ec2.create_security_group(GroupName="web", Description="d", VpcId=estate.vpc, TagSpecifications=spec)
    assert made["Tags"] == [{"Key": "a", "Value": "b"}]
    duplicate = {"GroupName": "WEB", "Description": "d", "VpcId": estate.vpc}
    assert aws.refused(aws.ec2.create_security_group, **duplicate)[0] == "InvalidGroup.Duplicate"

    def permission(description: str, cidr: str = "10.0.0.0/8") -> list[dict[str, Any]]:
        ranges = [{"CidrIp": cidr, "Description": description}]
        return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": ranges}]

    rule = aws.ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=permission("one"))
    again = {"GroupId": made["GroupId"], "IpPermissions": permission("two")}
    assert aws.refused(aws.ec2.authorize_security_group_ingress, **again)[0] == "InvalidPermission.Duplicate"
    unknown = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0"}]}]
    given = {"GroupId": made["GroupId"], "IpPermissions": unknown}
    assert aws.refused(aws.ec2.authorize_security_group_ingress, **given)[0] == "InvalidGroup.NotFound"
    change = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 54, "ReferencedGroupId": made["GroupId"]}
    aws.ec2.modify_security_group_rules(
        GroupId=made["GroupId"],
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule["SecurityGroupRules"][0]["SecurityGroupRuleId"],
                "SecurityGroupRule": change,
            }
        ],
    )
    (group,) = aws.ec2.describe_security_groups(GroupIds=[made["GroupId"]])["SecurityGroups"]
    (shown,) = group["IpPermissions"]
    assert (shown["IpProtocol"], shown["FromPort"], shown["ToPort"]) == ("udp", 53, 54)
    assert (shown["IpRanges"], shown["UserIdGroupPairs"][0]["GroupId"]) == ([], made["GroupId"])


def test_the_default_group_admits_its_members_and_stays(aws: Any) -> None:
    estate = aws.network()
    named = [{"Name": "vpc-id", "Values": [estate.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    (default,) = aws.ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    assert default["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == default["GroupId"]
    assert aws.refused(aws.ec2.delete_security_group, GroupId=default["GroupId"])[0] == "CannotDelete"


def test_a_new_acl_ends_in_two_denials(aws: Any) -> None:
    estate = aws.network()
    made = aws.ec2.create_network_acl(VpcId=estate.vpc)["NetworkAcl"]
    entries = {(e["Egress"], e["RuleNumber"], e["RuleAction"]) for e in made["Entries"]}
    assert entries == {(True, 32767, "deny"), (False, 32767, "deny")}
    by_id = [{"Name": "network-acl-id", "Values": [made["NetworkAclId"]]}]
    assert len(aws.ec2.describe_network_acls(Filters=by_id)["NetworkAcls"]) == 1


@pytest.mark.parametrize(
    ("operation", "size"),
    [
        ("describe_subnets", 5),
        ("describe_security_groups", 5),
        ("describe_network_interfaces", 5),
        ("describe_route_tables", 5),
    ],
)
def test_pages(aws: Any, operation: str, size: int) -> None:
    for _ in range(6):
        estate = aws.network(public=False)
        aws.ec2.create_network_interface(SubnetId=estate.subnets[0])
    pages = list(aws.ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}))
    key = next(key for key, value in pages[0].items() if isinstance(value, list))
    everything = getattr(aws.ec2, operation)()[key]
    assert [item for page in pages for item in page[key]] == everything
    assert all(len(page[key]) <= size for page in pages)
    assert len(pages) > 1
    assert aws.refused(getattr(aws.ec2, operation), MaxResults=5, NextToken="junk")[0] == "InvalidNextToken"


def test_filters_that_moto_ignores_or_refuses(aws: Any) -> None:
    estate, other = aws.network(), aws.network()
    elastic = aws.ec2.allocate_address(Domain="vpc")
    aws.ec2.create_nat_gateway(SubnetId=estate.subnets[0], AllocationId=elastic["AllocationId"])
    assert len(estate.interfaces(**{"association.public-ip": elastic["PublicIp"]})) == 1
    assert len(estate.interfaces(**{"association.allocation-id": elastic["AllocationId"]})) == 1
    assert len(estate.interfaces(**{"attachment.instance-owner-id": "amazon-aws"})) == 1
    assert estate.interfaces(**{"attachment.instance-owner-id": "amazon-elb"}) == []
    peering = aws.ec2.create_vpc_peering_connection(VpcId=estate.vpc, PeerVpcId=other.vpc)["VpcPeeringConnection"]
    by_vpc = [{"Name": "requester-vpc-info.vpc-id", "Values": [other.vpc]}]
    assert aws.ec2.describe_vpc_peering_connections(Filters=by_vpc)["VpcPeeringConnections"] == []
    by_vpc[0]["Values"] = [estate.vpc]
    (found,) = aws.ec2.describe_vpc_peering_connections(Filters=by_vpc)["VpcPeeringConnections"]
    assert found["VpcPeeringConnectionId"] == peering["VpcPeeringConnectionId"]
    spec = [{"ResourceType": "egress-only-internet-gateway", "Tags": [{"Key": "a", "Value": "b"}]}]
    aws.ec2.create_egress_only_internet_gateway(VpcId=estate.vpc, TagSpecifications=spec)
    aws.ec2.create_egress_only_internet_gateway(VpcId=other.vpc)
    by_tag = [{"Name": "tag:a", "Values": ["b"]}]
    assert len(aws.ec2.describe_egress_only_internet_gateways(Filters=by_tag)["EgressOnlyInternetGateways"]) == 1


def test_what_can_be_read_about_services_and_prefix_lists(aws: Any) -> None:
    s3 = "com.amazonaws.eu-west-1.s3"
    details = aws.ec2.describe_vpc_endpoint_services(ServiceNames=[s3])["ServiceDetails"]
    assert {d["ServiceType"][0]["ServiceType"] for d in details} == {"Interface", "Gateway"}
    assert "eu-west-1a" in details[0]["AvailabilityZones"]
    unknown = {"ServiceNames": ["com.amazonaws.eu-west-1.nothing"]}
    assert aws.refused(aws.ec2.describe_vpc_endpoint_services, **unknown)[0] == "InvalidServiceName"
    (listed,) = [p for p in aws.ec2.describe_prefix_lists()["PrefixLists"] if p["PrefixListName"] == s3]
    assert listed["Cidrs"]


def test_public_access_is_open_until_it_is_blocked(aws: Any) -> None:
    def mode() -> tuple[str, str]:
        shown = aws.ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        return shown["State"], shown["InternetGatewayBlockMode"]

    assert mode() == ("default-state", "off")
    assert aws.ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"] == []
    aws.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert mode() == ("update-complete", "block-ingress")
