"""VPC, subnets, gateways, routes, endpoints and security groups as CloudFormation types. Never here: services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fargate_net.export.values import Names, stated
from fargate_net.kinds.security_group import Rule
from fargate_net.model.resource import Ref, Resource

Parts = Iterator[tuple[str, str, dict[str, Any], list[str]]]
"""What one resource becomes: suffix of the logical name, type, properties, and what must be there first."""

NOWHERE = "127.0.0.1/32"


def vpc(resource: Resource, names: Names) -> Parts:
    """The IPv6 range is a resource of its own."""
    props = resource.props
    yield (
        "",
        "AWS::EC2::VPC",
        {"CidrBlock": props.cidrs[0], "EnableDnsSupport": True, "EnableDnsHostnames": True},
        [],
    )
    if props.ipv6:
        own = {"VpcId": names.attribute(resource.key), "AmazonProvidedIpv6CidrBlock": True}
        yield "Ipv6", "AWS::EC2::VPCCidrBlock", own, []


def subnet(resource: Resource, names: Names) -> Parts:
    """The IPv6 range is the /64 of its number in the range of the VPC."""
    props = resource.props
    own = {
        "VpcId": names.value(props.vpc),
        "CidrBlock": props.cidr,
        "AvailabilityZone": props.zone,
        "MapPublicIpOnLaunch": props.map_public_ip,
    }
    first: list[str] = []
    if props.ipv6_index is not None:
        whole = {"Fn::Select": [0, names.attribute(props.vpc.key, "ipv6")]}
        own["Ipv6CidrBlock"] = {"Fn::Select": [props.ipv6_index, {"Fn::Cidr": [whole, 256, "64"]}]}
        own["AssignIpv6AddressOnCreation"] = props.assign_ipv6
        first = [names.logical(props.vpc.key) + "Ipv6"]
    yield "", "AWS::EC2::Subnet", own, first


def internet_gateway(resource: Resource, names: Names) -> Parts:
    """The gateway and its attachment."""
    yield "", "AWS::EC2::InternetGateway", {}, []
    attached = {"VpcId": names.value(resource.props.vpc), "InternetGatewayId": names.attribute(resource.key)}
    yield "Attachment", "AWS::EC2::VPCGatewayAttachment", attached, []


def egress_only_gateway(resource: Resource, names: Names) -> Parts:
    """IPv6 out."""
    yield "", "AWS::EC2::EgressOnlyInternetGateway", {"VpcId": names.value(resource.props.vpc)}, []


def elastic_ip(resource: Resource, names: Names) -> Parts:
    """An address that stays."""
    yield "", "AWS::EC2::EIP", {"Domain": "vpc"}, []


def nat_gateway(resource: Resource, names: Names) -> Parts:
    """Zonal with subnet and address, or regional with neither."""
    props = resource.props
    own = {"AvailabilityMode": "regional", "VpcId": names.value(props.vpc)}
    if not props.regional:
        own = {"SubnetId": names.value(props.subnet), "AllocationId": names.value(props.allocation)}
    yield "", "AWS::EC2::NatGateway", own | {"ConnectivityType": "public"}, []


_TARGETS = {
    "internet_gateway": "GatewayId",
    "nat_gateway": "NatGatewayId",
    "egress_only_gateway": "EgressOnlyInternetGatewayId",
}


def route_table(resource: Resource, names: Names) -> Parts:
    """The table, its routes and its associations."""
    props = resource.props
    table = names.attribute(resource.key)
    yield "", "AWS::EC2::RouteTable", {"VpcId": names.value(props.vpc)}, []
    for route in sorted(props.routes, key=lambda route: str(route.destination)):
        six = ":" in str(route.destination)
        kind = route.target.key.partition("/")[0]
        own = {
            "RouteTableId": table,
            "DestinationIpv6CidrBlock" if six else "DestinationCidrBlock": route.destination,
            _TARGETS[kind]: names.value(route.target),
        }
        first = [names.logical(route.target.key) + "Attachment"] if kind == "internet_gateway" else []
        yield "Ipv6Route" if six else "Ipv4Route", "AWS::EC2::Route", own, first
    for number, subnet_id in enumerate(names.value(props.subnets)):
        own = {"RouteTableId": table, "SubnetId": subnet_id}
        yield f"Subnet{number}", "AWS::EC2::SubnetRouteTableAssociation", own, []


def vpc_endpoint(resource: Resource, names: Names) -> Parts:
    """An endpoint of either sort."""
    props = resource.props
    own = stated(
        VpcId=names.value(props.vpc),
        ServiceName=props.service,
        VpcEndpointType=props.type,
        SubnetIds=names.value(props.subnets),
        SecurityGroupIds=names.value(props.security_groups),
        RouteTableIds=names.value(props.route_tables),
        PrivateDnsEnabled=props.private_dns or None,
    )
    yield "", "AWS::EC2::VPCEndpoint", own, []


def flow_log(resource: Resource, names: Names) -> Parts:
    """Flow logs of the VPC into a log group."""
    props = resource.props
    own = {
        "ResourceType": "VPC",
        "ResourceId": names.value(props.vpc),
        "TrafficType": props.traffic,
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": names.value(props.log_group),
        "DeliverLogsPermissionArn": names.value(props.role),
    }
    yield "", "AWS::EC2::FlowLog", own, []


def security_group(resource: Resource, names: Names) -> Parts:
    """The group. A rule to nowhere takes the place of the one by which AWS lets everything out."""
    props = resource.props
    nowhere = {"IpProtocol": "-1", "CidrIp": NOWHERE, "Description": "In place of the rule that lets everything out"}
    own = {
        "VpcId": names.value(props.vpc),
        "GroupDescription": props.description,
        "SecurityGroupEgress": [nowhere],
    }
    yield "", "AWS::EC2::SecurityGroup", own, []


def security_group_rules(resource: Resource, names: Names) -> Parts:
    """Each rule is a resource of its own, so that groups may name each other."""
    group = names.value(resource.props.group)
    for number, rule in enumerate(sorted(resource.props.rules, key=str)):
        incoming = rule.direction == "ingress"
        kind = "AWS::EC2::SecurityGroupIngress" if incoming else "AWS::EC2::SecurityGroupEgress"
        yield f"Rule{number}", kind, {"GroupId": group} | _rule(rule, names, incoming), []


def _rule(rule: Rule, names: Names, incoming: bool) -> dict[str, Any]:
    side = "Source" if incoming else "Destination"
    peer = str(rule.peer)
    if isinstance(rule.peer, Ref) or peer.startswith("sg-"):
        key = f"{side}SecurityGroupId"
    elif peer.startswith(("pl-", "planned:prefix_list/")):
        key = f"{side}PrefixListId"
    else:
        key = "CidrIpv6" if ":" in peer else "CidrIp"
    ports = {} if rule.protocol == "-1" else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    return {"IpProtocol": rule.protocol, key: names.value(rule.peer), "Description": rule.description} | ports
