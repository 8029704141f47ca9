from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest


def node_interfaces(estate: Any, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = estate.interfaces(description=f"ELB {arn.split(':loadbalancer/')[1]}")
    return found


def test_a_balancer_has_one_interface_a_subnet_and_becomes_active(aws: Any) -> None:
    estate = aws.network()
    group = estate.group("front", "0.0.0.0/0")
    arn = estate.balancer(group=group)
    (shown,) = aws.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    assert (shown["State"]["Code"], shown["Scheme"], shown["Type"]) == (
        "provisioning",
        "internet-facing",
        "application",
    )
    interfaces = node_interfaces(estate, arn)
    assert {i["SubnetId"] for i in interfaces} == set(estate.subnets)
    assert {g["GroupId"] for i in interfaces for g in i["Groups"]} == {group}
    assert {i["InterfaceType"] for i in interfaces} == {"interface"}
    assert {i["RequesterId"] for i in interfaces} == {"amazon-elb"}
    assert {i["Association"]["IpOwnerId"] for i in interfaces} == {"amazon-elb"}
    aws.advance()
    assert aws.elbv2.describe_load_balancers(Names=["front"])["LoadBalancers"][0]["State"]["Code"] == "active"


def test_a_network_balancer_with_fixed_addresses(aws: Any) -> None:
    estate = aws.network()
    elastic = [aws.ec2.allocate_address(Domain="vpc") for _ in estate.subnets]
    mappings = [
        {"SubnetId": s, "AllocationId": e["AllocationId"]} for s, e in zip(estate.subnets, elastic, strict=True)
    ]
    made = aws.elbv2.create_load_balancer(
        Name="fixed", Type="network", SubnetMappings=mappings, Tags=[{"Key": "a", "Value": "b"}]
    )["LoadBalancers"][0]
    assert ":loadbalancer/net/fixed/" in made["LoadBalancerArn"]
    assert made["DNSName"].endswith(".elb.eu-west-1.amazonaws.com")
    shown = [zone["LoadBalancerAddresses"][0]["IpAddress"] for zone in made["AvailabilityZones"]]
    assert shown == [e["PublicIp"] for e in elastic]
    interfaces = node_interfaces(estate, made["LoadBalancerArn"])
    assert {i["InterfaceType"] for i in interfaces} == {"network_load_balancer"}
    assert {i["Association"]["PublicIp"] for i in interfaces} == set(shown)
    tags = aws.elbv2.describe_tags(ResourceArns=[made["LoadBalancerArn"]])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    groups = {"LoadBalancerArn": made["LoadBalancerArn"], "SecurityGroups": [estate.group("late")]}
    assert aws.refused(aws.elbv2.set_security_groups, **groups)[0] == "InvalidConfigurationRequest"


def test_an_internal_balancer_has_no_public_address(aws: Any) -> None:
    estate = aws.network(public=False)
    arn = estate.balancer(Scheme="internal")
    assert all("Association" not in i for i in node_interfaces(estate, arn))
    (shown,) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    assert shown["DNSName"].startswith("internal-front-")


def test_balancers_that_aws_refuses(aws: Any) -> None:
    estate, closed = aws.network(), aws.network(public=False)
    assert aws.refused(estate.balancer, Subnets=estate.subnets[:1])[0] == "ValidationError"
    twin = aws.ec2.create_subnet(VpcId=estate.vpc, CidrBlock="10.0.7.0/24", AvailabilityZone="eu-west-1a")["Subnet"]
    same_zone = [estate.subnets[0], twin["SubnetId"]]
    assert aws.refused(estate.balancer, Subnets=same_zone)[0] == "InvalidConfigurationRequest"
    assert aws.refused(closed.balancer) == ("InvalidSubnet", f"VPC {closed.vpc} has no internet gateway")
    assert aws.refused(estate.balancer, Subnets=["subnet-1", "subnet-2"])[0] == "SubnetNotFound"
    assert aws.refused(estate.balancer, group="sg-0123456789abcdef0")[0] == "InvalidSecurityGroup"
    assert aws.refused(estate.balancer, name="internal-x")[0] == "ValidationError"
    tiny = aws.ec2.create_subnet(VpcId=estate.vpc, CidrBlock="10.0.8.0/28", AvailabilityZone="eu-west-1b")["Subnet"]
    for _ in range(4):
        aws.ec2.create_network_interface(SubnetId=tiny["SubnetId"])
    refused = aws.refused(estate.balancer, Subnets=[estate.subnets[0], tiny["SubnetId"]])
    assert "requires at least 8 free IP addresses" in refused[1]
    first = estate.balancer()
    assert estate.balancer() == first
    assert aws.refused(estate.balancer, IpAddressType="dualstack")[0] == "DuplicateLoadBalancerName"
    assert len(aws.elbv2.describe_load_balancers()["LoadBalancers"]) == 1


def test_a_deleted_balancer_holds_its_network_a_little_longer(aws: Any) -> None:
    estate = aws.network()
    group = estate.group("front")
    arn = estate.balancer(group=group)
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    assert aws.refused(aws.elbv2.delete_load_balancer, LoadBalancerArn=arn)[0] == "OperationNotPermitted"
    protect[0]["Value"] = "false"
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert aws.refused(aws.elbv2.describe_load_balancers, LoadBalancerArns=[arn])[0] == "LoadBalancerNotFound"
    detach = {"InternetGatewayId": estate.gateway, "VpcId": estate.vpc}
    assert aws.refused(aws.ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    assert aws.refused(aws.ec2.delete_subnet, SubnetId=estate.subnets[0])[0] == "DependencyViolation"
    assert aws.refused(aws.ec2.detach_internet_gateway, **detach)[0] == "DependencyViolation"
    aws.advance()
    aws.ec2.delete_security_group(GroupId=group)
    aws.ec2.delete_subnet(SubnetId=estate.subnets[0])
    aws.ec2.detach_internet_gateway(**detach)


def test_groups_and_subnets_of_a_balancer_change(aws: Any) -> None:
    estate = aws.network(zones="abc")
    arn = estate.balancer(group=estate.group("one"), Subnets=estate.subnets[:2])
    two = estate.group("two")
    aws.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[two])
    assert {g["GroupId"] for i in node_interfaces(estate, arn) for g in i["Groups"]} == {two}
    aws.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=estate.subnets[1:])
    aws.advance()
    assert {i["SubnetId"] for i in node_interfaces(estate, arn)} == set(estate.subnets[1:])


def test_listeners_and_target_groups(aws: Any) -> None:
    estate = aws.network()
    first, second = estate.balancer("first"), estate.balancer("second")
    group = estate.targets("web", first)
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    listen = aws.elbv2.create_listener
    taken = {"LoadBalancerArn": first, "Port": 80, "Protocol": "HTTP"}
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    assert aws.refused(listen, **taken, DefaultActions=fixed)[0] == "DuplicateListener"
    listen(**taken, DefaultActions=forward)
    elsewhere = {"LoadBalancerArn": second, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward}
    assert aws.refused(listen, **elsewhere)[0] == "TargetGroupAssociationLimit"
    secure = {"LoadBalancerArn": first, "Port": 443, "Protocol": "HTTPS", "DefaultActions": forward}
    assert aws.refused(listen, **secure)[0] == "ValidationError"
    tcp = aws.elbv2.create_target_group(Name="tcp", Protocol="TCP", Port=80, VpcId=estate.vpc, TargetType="ip")
    plain = [{"Type": "forward", "TargetGroupArn": tcp["TargetGroups"][0]["TargetGroupArn"]}]
    mismatch = {"LoadBalancerArn": second, "Port": 80, "Protocol": "HTTP", "DefaultActions": plain}
    assert aws.refused(listen, **mismatch)[0] == "IncompatibleProtocols"
    assert aws.refused(aws.elbv2.delete_target_group, TargetGroupArn=group)[0] == "ResourceInUse"
    (shown,) = aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert shown["LoadBalancerArns"] == [first]
    assert aws.elbv2.describe_target_groups(LoadBalancerArn=second)["TargetGroups"] == []
    aws.elbv2.delete_load_balancer(LoadBalancerArn=first)
    (shown,) = aws.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert shown.get("LoadBalancerArns", []) == []
    aws.elbv2.delete_target_group(TargetGroupArn=group)


def test_target_groups_are_idempotent_by_settings(aws: Any) -> None:
    estate = aws.network()
    assert estate.targets() == estate.targets()
    other = {"Name": "web", "Protocol": "HTTP", "Port": 81, "VpcId": estate.vpc, "TargetType": "ip"}
    assert aws.refused(aws.elbv2.create_target_group, **other)[0] == "DuplicateTargetGroupName"
    bad = {**other, "Name": "bad", "HealthCheckIntervalSeconds": 301}
    assert aws.refused(aws.elbv2.create_target_group, **bad)[0] == "ValidationError"


def test_targets_are_known_by_address_and_port(aws: Any) -> None:
    estate = aws.network()
    group = estate.targets()
    address = aws.ec2.create_network_interface(SubnetId=estate.subnets[0])["NetworkInterface"]["PrivateIpAddress"]
    both = [{"Id": address}, {"Id": address, "Port": 81}]
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=both)
    assert estate.healths(group) == [("unused", "Target.NotInUse")] * 2
    aws.elbv2.deregister_targets(TargetGroupArn=group, Targets=both[1:])
    assert [state for state, _ in estate.healths(group)] == ["unused", "draining"]
    aws.advance()
    assert len(estate.healths(group)) == 1
    assert aws.refused(aws.elbv2.deregister_targets, TargetGroupArn=group, Targets=both[1:])[0] == "InvalidTarget"
    outside = {"TargetGroupArn": group, "Targets": [{"Id": "192.168.0.1"}]}
    assert aws.refused(aws.elbv2.register_targets, **outside)[0] == "ValidationError"
    asked = aws.elbv2.describe_target_health(TargetGroupArn=group, Targets=[{"Id": "10.0.0.99", "Port": 80}])
    assert asked["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"] == "Target.NotRegistered"


@pytest.mark.parametrize(
    ("front_egress", "sources", "expected"),
    [
        (True, ["front"], ("healthy", None)),
        (True, ["10.0.0.0/16"], ("healthy", None)),
        (True, ["10.0.0.0/24"], ("unhealthy", "Target.Timeout")),
        (True, [], ("unhealthy", "Target.Timeout")),
        (False, ["front"], ("unhealthy", "Target.Timeout")),
    ],
)
def test_health_follows_the_groups_of_both_sides(
    aws: Any, front_egress: bool, sources: list[str], expected: tuple[str, str | None]
) -> None:
    estate = aws.network()
    front = estate.group("front", "0.0.0.0/0")
    back = estate.group("back", *(front if source == "front" else source for source in sources))
    if not front_egress:
        every = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        aws.ec2.revoke_security_group_egress(GroupId=front, IpPermissions=every)
    group = estate.targets(balancer=estate.balancer(group=front))
    made = aws.ec2.create_network_interface(SubnetId=estate.subnets[0], Groups=[back])["NetworkInterface"]
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": made["PrivateIpAddress"]}])
    assert estate.healths(group) == [("initial", "Elb.RegistrationInProgress")]
    aws.advance()
    assert estate.healths(group) == [expected]


def test_a_target_in_a_zone_without_the_balancer_is_not_used(aws: Any) -> None:
    estate = aws.network(zones="abc")
    front = estate.balancer(Subnets=estate.subnets[:2])
    group = estate.targets(balancer=front)
    made = aws.ec2.create_network_interface(SubnetId=estate.subnets[2])["NetworkInterface"]
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": made["PrivateIpAddress"]}])
    aws.advance()
    assert estate.healths(group) == [("unused", "Target.NotInUse")]
    assert ip_address(made["PrivateIpAddress"]).is_private


def test_pages_of_balancers_and_target_groups(aws: Any) -> None:
    estate = aws.network()
    for number in range(3):
        estate.balancer(f"lb{number}")
        estate.targets(f"tg{number}")
    for operation, key in (
        ("describe_load_balancers", "LoadBalancers"),
        ("describe_target_groups", "TargetGroups"),
    ):
        pages = aws.elbv2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2})
        assert [len(page[key]) for page in pages] == [2, 1]


def test_listeners_of_every_protocol_are_modified(aws: Any) -> None:
    estate = aws.network()
    made = aws.elbv2.create_load_balancer(Name="net", Type="network", Subnets=estate.subnets)["LoadBalancers"][0]
    groups = [
        aws.elbv2.create_target_group(Name=name, Protocol="UDP", Port=53, VpcId=estate.vpc, TargetType="ip")[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        for name in ("one", "two")
    ]
    actions = [[{"Type": "forward", "TargetGroupArn": arn}] for arn in groups]
    listen = {"LoadBalancerArn": made["LoadBalancerArn"], "Protocol": "UDP", "DefaultActions": actions[0]}
    listener = aws.elbv2.create_listener(Port=53, **listen)["Listeners"][0]["ListenerArn"]
    aws.elbv2.create_listener(Port=54, **listen)
    modify = aws.elbv2.modify_listener
    assert aws.refused(modify, ListenerArn=listener, Port=54)[0] == "DuplicateListener"
    assert aws.refused(modify, ListenerArn=listener, Protocol="TCP")[0] == "IncompatibleProtocols"
    modify(ListenerArn=listener, Port=55, DefaultActions=actions[1])
    (shown,) = aws.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert (shown["Port"], shown["Protocol"]) == (55, "UDP")
    assert shown["DefaultActions"][0]["TargetGroupArn"] == groups[1]
    (rule,) = aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    assert rule["Actions"][0]["TargetGroupArn"] == groups[1]
