"""What the responses of read calls look like, for saving them and for answering from what was saved.

Three shapes: a list that stands for itself, a list that belongs to a subject of the request, and one object. Never
here: files, calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LISTS: dict[str, str] = {
    "ec2.describe_vpcs": "Vpcs",
    "ec2.describe_subnets": "Subnets",
    "ec2.describe_route_tables": "RouteTables",
    "ec2.describe_internet_gateways": "InternetGateways",
    "ec2.describe_egress_only_internet_gateways": "EgressOnlyInternetGateways",
    "ec2.describe_nat_gateways": "NatGateways",
    "ec2.describe_network_acls": "NetworkAcls",
    "ec2.describe_security_groups": "SecurityGroups",
    "ec2.describe_security_group_rules": "SecurityGroupRules",
    "ec2.describe_network_interfaces": "NetworkInterfaces",
    "ec2.describe_instances": "Reservations",
    "ec2.describe_addresses": "Addresses",
    "ec2.describe_vpc_endpoints": "VpcEndpoints",
    "ec2.describe_vpc_peering_connections": "VpcPeeringConnections",
    "ec2.describe_transit_gateways": "TransitGateways",
    "ec2.describe_transit_gateway_vpc_attachments": "TransitGatewayVpcAttachments",
    "ec2.describe_transit_gateway_attachments": "TransitGatewayAttachments",
    "ec2.describe_transit_gateway_peering_attachments": "TransitGatewayPeeringAttachments",
    "ec2.describe_transit_gateway_route_tables": "TransitGatewayRouteTables",
    "ec2.describe_vpn_gateways": "VpnGateways",
    "ec2.describe_vpn_connections": "VpnConnections",
    "ec2.describe_customer_gateways": "CustomerGateways",
    "ec2.describe_dhcp_options": "DhcpOptions",
    "ec2.describe_availability_zones": "AvailabilityZones",
    "ec2.describe_prefix_lists": "PrefixLists",
    "ec2.describe_managed_prefix_lists": "PrefixLists",
    "ec2.describe_vpc_block_public_access_exclusions": "VpcBlockPublicAccessExclusions",
    "ec2.describe_flow_logs": "FlowLogs",
    "ec2.describe_vpc_endpoint_services": "ServiceDetails",
    "elbv2.describe_load_balancers": "LoadBalancers",
    "elbv2.describe_target_groups": "TargetGroups",
    "elbv2.describe_tags": "TagDescriptions",
    "ecs.list_clusters": "clusterArns",
    "ecs.describe_clusters": "clusters",
    "ecs.list_services": "serviceArns",
    "ecs.describe_services": "services",
    "ecs.list_tasks": "taskArns",
    "ecs.describe_tasks": "tasks",
    "ecs.list_task_definitions": "taskDefinitionArns",
    "servicediscovery.list_namespaces": "Namespaces",
    "servicediscovery.list_services": "Services",
    "route53.list_hosted_zones": "HostedZones",
    "logs.describe_log_groups": "logGroups",
    "application-autoscaling.describe_scalable_targets": "ScalableTargets",
    "application-autoscaling.describe_scaling_policies": "ScalingPolicies",
}
"""Operation to the key of its list."""


@dataclass(frozen=True)
class OfSubject:
    """A list that belongs to what the request parameter ``subject`` names; the saved file adds it as a key.

    ``own`` is the key by which each item of the list names its subject, ``""`` when it does not.
    """

    subject: str
    key: str
    own: str = ""


SUBJECTS: dict[str, OfSubject] = {
    "ec2.get_managed_prefix_list_entries": OfSubject("PrefixListId", "Entries"),
    "ec2.search_transit_gateway_routes": OfSubject("TransitGatewayRouteTableId", "Routes"),
    "ec2.get_transit_gateway_route_table_associations": OfSubject("TransitGatewayRouteTableId", "Associations"),
    "ec2.get_transit_gateway_route_table_propagations": OfSubject(
        "TransitGatewayRouteTableId", "TransitGatewayRouteTablePropagations"
    ),
    "elbv2.describe_load_balancer_attributes": OfSubject("LoadBalancerArn", "Attributes"),
    "elbv2.describe_target_group_attributes": OfSubject("TargetGroupArn", "Attributes"),
    "elbv2.describe_listener_attributes": OfSubject("ListenerArn", "Attributes"),
    "elbv2.describe_target_health": OfSubject("TargetGroupArn", "TargetHealthDescriptions"),
    "elbv2.describe_listeners": OfSubject("LoadBalancerArn", "Listeners", own="LoadBalancerArn"),
    "elbv2.describe_listener_certificates": OfSubject("ListenerArn", "Certificates"),
    "elbv2.describe_rules": OfSubject("ListenerArn", "Rules"),
    "servicediscovery.list_instances": OfSubject("ServiceId", "Instances"),
    "servicediscovery.list_tags_for_resource": OfSubject("ResourceARN", "Tags"),
    "route53.list_resource_record_sets": OfSubject("HostedZoneId", "ResourceRecordSets"),
    "route53.list_hosted_zones_by_vpc": OfSubject("VPCId", "HostedZoneSummaries"),
    "iam.list_role_policies": OfSubject("RoleName", "PolicyNames"),
    "iam.list_attached_role_policies": OfSubject("RoleName", "AttachedPolicies"),
}
"""Operation to the shape of its list. An attribute of a VPC is read by ``VPC_ATTRIBUTES`` instead."""

VPC_ATTRIBUTES: dict[str, str] = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}
"""Request parameter ``Attribute`` of DescribeVpcAttribute to the key of its answer."""


@dataclass(frozen=True)
class OneObject:
    """A response that is one object under ``key``; ``param`` of the request and ``names`` of the object tell which."""

    key: str
    param: str = ""
    names: tuple[str, ...] = ()


OBJECTS: dict[str, OneObject] = {
    "ec2.describe_vpc_block_public_access_options": OneObject("VpcBlockPublicAccessOptions"),
    "ecs.describe_task_definition": OneObject("taskDefinition", "taskDefinition", ("taskDefinitionArn",)),
    "servicediscovery.get_namespace": OneObject("Namespace", "Id", ("Id",)),
    "servicediscovery.get_service": OneObject("Service", "Id", ("Id",)),
    "route53.get_hosted_zone": OneObject("HostedZone", "Id", ("Id",)),
    "iam.get_role": OneObject("Role", "RoleName", ("RoleName",)),
}
"""Operation to the shape of its object."""

MEMBERS: dict[str, str] = {
    "servicediscovery.list_namespaces": "servicediscovery.get_namespace",
    "servicediscovery.list_services": "servicediscovery.get_service",
    "route53.list_hosted_zones": "route53.get_hosted_zone",
}
"""List calls whose members may be known from their get calls alone."""

NONE_WHEN_EMPTY: dict[str, tuple[str, ...]] = {
    "ecs.list_clusters": ("clusters", "services", "tasks"),
    "ecs.list_services": ("services",),
    "ecs.list_tasks": ("tasks",),
    "servicediscovery.list_namespaces": ("Services",),
}
"""List calls whose empty answer leaves nothing to describe: it says that there is none of these keys' things."""

IDS: dict[str, str] = {
    "Vpcs": "VpcId",
    "Subnets": "SubnetId",
    "RouteTables": "RouteTableId",
    "InternetGateways": "InternetGatewayId",
    "EgressOnlyInternetGateways": "EgressOnlyInternetGatewayId",
    "NatGateways": "NatGatewayId",
    "NetworkAcls": "NetworkAclId",
    "SecurityGroups": "GroupId",
    "SecurityGroupRules": "SecurityGroupRuleId",
    "NetworkInterfaces": "NetworkInterfaceId",
    "Addresses": "AllocationId",
    "VpcEndpoints": "VpcEndpointId",
    "VpcPeeringConnections": "VpcPeeringConnectionId",
    "TransitGateways": "TransitGatewayId",
    "TransitGatewayVpcAttachments": "TransitGatewayAttachmentId",
    "TransitGatewayAttachments": "TransitGatewayAttachmentId",
    "TransitGatewayPeeringAttachments": "TransitGatewayAttachmentId",
    "TransitGatewayRouteTables": "TransitGatewayRouteTableId",
    "VpnGateways": "VpnGatewayId",
    "VpnConnections": "VpnConnectionId",
    "DhcpOptions": "DhcpOptionsId",
    "FlowLogs": "FlowLogId",
    "LoadBalancers": "LoadBalancerArn",
    "TargetGroups": "TargetGroupArn",
    "Listeners": "ListenerArn",
    "Rules": "RuleArn",
    "clusters": "clusterArn",
    "services": "serviceArn",
    "tasks": "taskArn",
    "Namespaces": "Id",
    "Services": "Id",
    "HostedZones": "Id",
}
"""List key to the key that identifies an item."""


def identity(key: str, item: Mapping[str, object]) -> str | None:
    """What makes an item of a list itself, None when nothing does.

    A prefix list appears under one key from two calls: once with its owner and once with its ranges.
    """
    name = item.get(IDS.get(key, ""))
    if not isinstance(name, str):
        return None
    return f"{name} with its owner" if key == "PrefixLists" and "OwnerId" in item else name


def cut(document: Mapping[str, object]) -> str:
    """The key which says that more pages exist than this response holds; ``""`` when it is whole."""
    for key in ("NextToken", "nextToken", "NextMarker"):
        if document.get(key):
            return key
    return "IsTruncated" if document.get("IsTruncated") is True else ""


def bare(name: object) -> str:
    """A subject as one spelling: Route 53 writes zone ids with and without ``/hostedzone/``."""
    return str(name).removeprefix("/hostedzone/")
