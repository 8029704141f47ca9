"""Which AWS operations each resource type can call: what a policy for the tool has to allow.

Operations are spelled as everywhere in this room, ``service.operation`` in botocore's words. Never here: what IAM calls
them, and who may call them on what (app/access).
"""

from __future__ import annotations

from typing import NamedTuple


class Calls(NamedTuple):
    """``reads`` are made by a scan; ``writes`` by create, update, delete and a change of tags, with what these look up.

    Reads of a type are needed by every command, since reachability looks at all types; writes only by runs whose stack
    has such a thing.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


BY_KIND: dict[str, Calls] = {
    "block_public_access": Calls(
        reads=_named("ec2.describe_vpc_block_public_access_exclusions ec2.describe_vpc_block_public_access_options"),
    ),
    "cluster": Calls(
        reads=_named("ecs.describe_clusters ecs.list_clusters"),
        writes=_named(
            "ecs.create_cluster ecs.delete_cluster ecs.put_cluster_capacity_providers ecs.tag_resource "
            "ecs.update_cluster"
        ),
    ),
    "dhcp_options": Calls(
        reads=_named("ec2.describe_dhcp_options"),
    ),
    "discovery_service": Calls(
        reads=_named(
            "route53.get_hosted_zone servicediscovery.get_instances_health_status servicediscovery.get_service "
            "servicediscovery.list_instances servicediscovery.list_namespaces servicediscovery.list_services "
            "servicediscovery.list_tags_for_resource"
        ),
        writes=_named(
            "servicediscovery.create_service servicediscovery.delete_service servicediscovery.tag_resource "
            "servicediscovery.update_service"
        ),
    ),
    "egress_only_gateway": Calls(
        reads=_named("ec2.describe_egress_only_internet_gateways"),
        writes=_named(
            "ec2.create_egress_only_internet_gateway ec2.create_tags ec2.delete_egress_only_internet_gateway"
        ),
    ),
    "elastic_ip": Calls(
        reads=_named("ec2.describe_addresses"),
        writes=_named("ec2.allocate_address ec2.create_tags ec2.release_address"),
    ),
    "flow_log": Calls(
        reads=_named("ec2.describe_flow_logs"),
        writes=_named("ec2.create_flow_logs ec2.create_tags ec2.delete_flow_logs"),
    ),
    "hosted_zone": Calls(
        reads=_named("route53.get_hosted_zone route53.list_hosted_zones route53.list_hosted_zones_by_vpc"),
    ),
    "instance": Calls(
        reads=_named("ec2.describe_instances"),
    ),
    "internet_gateway": Calls(
        reads=_named("ec2.describe_internet_gateways"),
        writes=_named(
            "ec2.attach_internet_gateway ec2.create_internet_gateway ec2.create_tags ec2.delete_internet_gateway "
            "ec2.detach_internet_gateway"
        ),
    ),
    "listener": Calls(
        reads=_named(
            "elbv2.describe_listener_attributes elbv2.describe_listeners elbv2.describe_load_balancers "
            "elbv2.describe_tags"
        ),
        writes=_named(
            "elbv2.add_tags elbv2.create_listener elbv2.delete_listener elbv2.modify_listener "
            "elbv2.modify_listener_attributes"
        ),
    ),
    "listener_rule": Calls(
        reads=_named("elbv2.describe_listeners elbv2.describe_load_balancers elbv2.describe_rules elbv2.describe_tags"),
        writes=_named("elbv2.add_tags elbv2.create_rule elbv2.delete_rule elbv2.modify_rule elbv2.set_rule_priorities"),
    ),
    "load_balancer": Calls(
        reads=_named("elbv2.describe_load_balancer_attributes elbv2.describe_load_balancers elbv2.describe_tags"),
        writes=_named(
            "elbv2.add_tags elbv2.create_load_balancer elbv2.delete_load_balancer "
            "elbv2.modify_load_balancer_attributes elbv2.set_ip_address_type elbv2.set_security_groups "
            "elbv2.set_subnets"
        ),
    ),
    "log_group": Calls(
        reads=_named("logs.describe_log_groups logs.list_tags_for_resource"),
        writes=_named(
            "logs.create_log_group logs.delete_log_group logs.delete_retention_policy logs.put_retention_policy "
            "logs.tag_resource"
        ),
    ),
    "namespace": Calls(
        reads=_named(
            "route53.get_hosted_zone servicediscovery.list_namespaces servicediscovery.list_tags_for_resource"
        ),
        writes=_named(
            "servicediscovery.create_http_namespace servicediscovery.create_private_dns_namespace "
            "servicediscovery.create_public_dns_namespace servicediscovery.delete_namespace "
            "servicediscovery.get_operation servicediscovery.list_operations servicediscovery.tag_resource"
        ),
    ),
    "nat_gateway": Calls(
        reads=_named("ec2.describe_nat_gateways"),
        writes=_named("ec2.create_nat_gateway ec2.create_tags ec2.delete_nat_gateway"),
    ),
    "network_acl": Calls(
        reads=_named("ec2.describe_network_acls"),
    ),
    "network_interface": Calls(
        reads=_named("ec2.describe_network_interfaces"),
    ),
    "prefix_list": Calls(
        reads=_named("ec2.describe_managed_prefix_lists ec2.describe_prefix_lists ec2.get_managed_prefix_list_entries"),
    ),
    "record_set": Calls(
        reads=_named(
            "ec2.describe_network_interfaces ecs.describe_tasks ecs.list_clusters ecs.list_tasks "
            "route53.get_hosted_zone route53.list_hosted_zones route53.list_hosted_zones_by_vpc "
            "route53.list_resource_record_sets"
        ),
        writes=_named("elbv2.describe_load_balancers route53.change_resource_record_sets"),
    ),
    "role": Calls(
        reads=_named(
            "iam.get_role iam.get_role_policy iam.list_attached_role_policies iam.list_role_policies iam.list_roles"
        ),
        writes=_named(
            "iam.attach_role_policy iam.create_role iam.delete_role iam.delete_role_permissions_boundary "
            "iam.delete_role_policy iam.detach_role_policy iam.put_role_permissions_boundary iam.put_role_policy "
            "iam.tag_role iam.update_assume_role_policy"
        ),
    ),
    "route_table": Calls(
        reads=_named("ec2.describe_route_tables"),
        writes=_named(
            "ec2.associate_route_table ec2.create_route ec2.create_route_table ec2.create_tags ec2.delete_route "
            "ec2.delete_route_table ec2.disassociate_route_table ec2.replace_route "
            "ec2.replace_route_table_association"
        ),
    ),
    "scaling_target": Calls(
        reads=_named(
            "application-autoscaling.describe_scalable_targets application-autoscaling.describe_scaling_policies "
            "application-autoscaling.list_tags_for_resource"
        ),
        writes=_named(
            "application-autoscaling.delete_scaling_policy application-autoscaling.deregister_scalable_target "
            "application-autoscaling.put_scaling_policy application-autoscaling.register_scalable_target"
        ),
    ),
    "security_group": Calls(
        reads=_named("ec2.describe_security_groups"),
        writes=_named(
            "ec2.create_security_group ec2.create_tags ec2.delete_security_group ec2.revoke_security_group_egress "
            "ec2.revoke_security_group_ingress"
        ),
    ),
    "security_group_rules": Calls(
        reads=_named("ec2.describe_security_group_rules ec2.describe_security_groups"),
        writes=_named(
            "ec2.authorize_security_group_egress ec2.authorize_security_group_ingress ec2.create_tags "
            "ec2.revoke_security_group_egress ec2.revoke_security_group_ingress "
            "ec2.update_security_group_rule_descriptions_egress "
            "ec2.update_security_group_rule_descriptions_ingress"
        ),
    ),
    "service": Calls(
        reads=_named("ecs.describe_services ecs.list_clusters ecs.list_services"),
        writes=_named(
            "ecs.create_service ecs.delete_service ecs.tag_resource ecs.update_service servicediscovery.get_service"
        ),
    ),
    "subnet": Calls(
        reads=_named("ec2.describe_subnets"),
        writes=_named(
            "ec2.associate_subnet_cidr_block ec2.create_subnet ec2.create_tags ec2.delete_subnet "
            "ec2.describe_vpcs ec2.disassociate_subnet_cidr_block ec2.modify_subnet_attribute"
        ),
    ),
    "target_group": Calls(
        reads=_named(
            "elbv2.describe_tags elbv2.describe_target_group_attributes elbv2.describe_target_groups "
            "elbv2.describe_target_health"
        ),
        writes=_named(
            "elbv2.add_tags elbv2.create_target_group elbv2.delete_target_group elbv2.modify_target_group "
            "elbv2.modify_target_group_attributes"
        ),
    ),
    "task": Calls(
        reads=_named("ecs.describe_tasks ecs.list_clusters ecs.list_tasks"),
    ),
    "task_definition": Calls(
        reads=_named(
            "ecs.describe_services ecs.describe_task_definition ecs.describe_tasks ecs.list_clusters "
            "ecs.list_services ecs.list_task_definition_families ecs.list_task_definitions ecs.list_tasks"
        ),
        writes=_named("ecs.delete_task_definitions ecs.deregister_task_definition ecs.register_task_definition"),
    ),
    "transit_gateway": Calls(
        reads=_named("ec2.describe_transit_gateways"),
    ),
    "transit_gateway_attachment": Calls(
        reads=_named(
            "ec2.describe_transit_gateway_attachments ec2.describe_transit_gateway_peering_attachments "
            "ec2.describe_transit_gateway_vpc_attachments"
        ),
    ),
    "transit_gateway_route_table": Calls(
        reads=_named(
            "ec2.describe_transit_gateway_route_tables ec2.get_transit_gateway_route_table_associations "
            "ec2.get_transit_gateway_route_table_propagations ec2.search_transit_gateway_routes"
        ),
    ),
    "vpc": Calls(
        reads=_named("ec2.describe_vpc_attribute ec2.describe_vpcs"),
        writes=_named(
            "ec2.associate_vpc_cidr_block ec2.create_tags ec2.create_vpc ec2.delete_vpc "
            "ec2.disassociate_vpc_cidr_block ec2.modify_vpc_attribute"
        ),
    ),
    "vpc_endpoint": Calls(
        reads=_named("ec2.describe_vpc_endpoints"),
        writes=_named("ec2.create_tags ec2.create_vpc_endpoint ec2.delete_vpc_endpoints ec2.modify_vpc_endpoint"),
    ),
    "vpc_peering": Calls(
        reads=_named("ec2.describe_vpc_peering_connections"),
    ),
    "vpn_connection": Calls(
        reads=_named("ec2.describe_vpn_connections"),
    ),
    "vpn_gateway": Calls(
        reads=_named("ec2.describe_vpn_gateways"),
    ),
}
"""What each type can call. A test holds it to the code of the types."""
