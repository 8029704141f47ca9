"""The one list of what the sandbox does otherwise than moto: what AWS does, what moto does, who says so.

docs/sandbox.md shows this table, and tests/sandbox/test_moto_differs.py asks plain moto about each row, so that
a repair that moto has made superfluous is noticed.

Never here: code of a repair.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Repaired:
    """One difference. `source` is a page of the public AWS documentation."""

    key: str
    aws: str
    moto: str
    source: str


_VPC, _EC2, _ROUTE53 = "VPC User Guide", "EC2 API Reference", "Route 53 API Reference"
_ELB, _ECS, _MAP = "Elastic Load Balancing API Reference", "Amazon ECS Developer Guide", "Cloud Map API Reference"

TABLE: tuple[Repaired, ...] = (
    Repaired("ec2.dry_run", "DryRun answers DryRunOperation and changes nothing", "makes the thing", _EC2),
    Repaired("ec2.client_token", "a repeated ClientToken returns the first result", "makes a second thing", _EC2),
    Repaired("ec2.pages", "describe calls honour MaxResults", "one page whatever is asked", _EC2),
    Repaired("ec2.elastic_address", "Elastic IP addresses are public", "127.x.x.x", f"{_VPC}, Elastic IP addresses"),
    Repaired("ec2.default_group", "the default group admits its members", "no rule", f"{_VPC}, Security groups"),
    Repaired("ec2.group_tags", "CreateSecurityGroup returns the tags", "no tags", _EC2),
    Repaired("ec2.group_name", "group names are unique whatever their case", "case matters", _EC2),
    Repaired("ec2.modify_rules", "ModifySecurityGroupRules changes every part", "keeps a group reference out", _EC2),
    Repaired("ec2.rule_descriptions", "descriptions of rules for groups change", "only those of CIDRs do", _EC2),
    Repaired("ec2.acl_last_rule", "a new ACL ends in a deny rule 32767", "no entries", f"{_VPC}, Network ACL rules"),
    Repaired("ec2.nat_pending", "a NAT gateway is pending first", "available at once", f"{_VPC}, NAT gateway basics"),
    Repaired("ec2.nat_needs_gateway", "fails without an internet gateway", "available", f"{_VPC}, NAT gateways"),
    Repaired("ec2.nat_address", "its address is inside the subnet", "random 10.x.x.x", f"{_VPC}, NAT gateway basics"),
    Repaired("ec2.nat_interface", "its interface is managed, and goes with it", "plain, and stays", _EC2),
    Repaired("ec2.nat_filter", "filters by tag work", "ignored", _EC2),
    Repaired("ec2.nat_regional", "a regional NAT gateway needs a VPC, no subnet", "error", f"{_VPC}, NAT gateways"),
    Repaired("ec2.blackhole", "a route to a deleted NAT gateway is a blackhole", "active", f"{_VPC}, NAT gateways"),
    Repaired("ec2.endpoint_pending", "an interface endpoint is pending first", "available at once", _EC2),
    Repaired("ec2.endpoint_groups", "its interfaces wear its groups", "the default group", "AWS PrivateLink Guide"),
    Repaired("ec2.endpoint_service", "unknown service names are refused", "accepted", _EC2),
    Repaired("ec2.endpoint_private_dns", "one private name a VPC", "a second endpoint is made", _EC2),
    Repaired("ec2.subnet_in_use", "a subnet with an interface stays", "deleted", _EC2),
    Repaired("ec2.group_in_use", "a group that is worn or named stays", "deleted", _EC2),
    Repaired("ec2.gateway_in_use", "a gateway with mapped addresses stays attached", "detached", _EC2),
    Repaired("ec2.address_in_use", "an associated address is not released", "released", _EC2),
    Repaired("ec2.vpc_in_use", "a VPC with an attached gateway stays", "deleted", _EC2),
    Repaired("ec2.eigw_filter", "egress-only gateways are filtered", "filters ignored", _EC2),
    Repaired("ec2.pcx_filter", "peering connections are filtered", "filters ignored", _EC2),
    Repaired("ec2.eni_filter", "interfaces are filtered by public address", "NotImplementedError", _EC2),
    Repaired("ec2.prefix_cidrs", "DescribePrefixLists shows CIDRs", "none", _EC2),
    Repaired("ec2.public_access", "Block Public Access can be read", "not implemented", f"{_VPC}, Block public access"),
    Repaired("elb.interfaces", "a balancer has an interface a subnet", "none", "EC2 User Guide, Network interfaces"),
    Repaired("elb.two_zones", "an ALB needs two zones", "one is enough", _ELB),
    Repaired("elb.idempotent", "the same request returns the same balancer", "makes a second one", _ELB),
    Repaired("elb.network_arn", "a Network Load Balancer's ARN says net/", "app/", _ELB),
    Repaired("elb.listener_port", "one listener a port", "two", _ELB),
    Repaired("elb.modify_udp", "listeners of every protocol can be modified", "HTTP, HTTPS, TCP only", _ELB),
    Repaired("elb.target_group_again", "the same request returns the same group", "DuplicateTargetGroupName", _ELB),
    Repaired("elb.target_ports", "targets are known by address and port", "by address", _ELB),
    Repaired("elb.target_unused", "a target without listener is unused", "healthy", _ELB),
    Repaired("elb.target_health", "health checks obey security groups", "always healthy", _ELB),
    Repaired("ecs.tasks", "a service starts tasks", "none", f"{_ECS}, Services"),
    Repaired("ecs.list_by_service", "ListTasks filters by service", "filter ignored", "ECS API Reference"),
    Repaired("ecs.task_address", "a task's address is inside its subnet", "random", f"{_ECS}, Fargate task networking"),
    Repaired("ecs.describe_is_harmless", "DescribeTasks changes nothing", "stops tasks", "ECS API Reference"),
    Repaired("ecs.name_taken", "a service name is used once", "the service is replaced", "ECS API Reference"),
    Repaired("ecs.settings_kept", "deployment settings are shown", "dropped", "ECS API Reference"),
    Repaired("ecs.sizes", "Fargate sizes are checked", "any pair", f"{_ECS}, Task CPU and memory"),
    Repaired("ecs.cluster_in_use", "a cluster with services stays", "deleted", "ECS API Reference"),
    Repaired("ecs.by_namespace", "ListServicesByNamespace", "not implemented", "ECS API Reference"),
    Repaired("map.two_namespaces", "one VPC may have several namespaces", "ConflictingDomainExists", _MAP),
    Repaired("map.zone", "a namespace's zone has its name and VPC", "NAME-hz, no VPC", _MAP),
    Repaired("map.operation", "a namespace takes time", "SUCCESS at once", _MAP),
    Repaired("map.records", "instances have DNS records", "none", _MAP),
    Repaired("map.in_use", "a service with instances stays", "deleted", _MAP),
    Repaired("map.filters", "lists are filtered", "filters ignored", _MAP),
    Repaired("dns.create_twice", "CREATE of an existing record is refused", "accepted", _ROUTE53),
    Repaired("dns.caller_reference", "a caller reference is used once", "accepted twice", _ROUTE53),
    Repaired("iam.managed_policy", "AWS managed policies exist", "NoSuchEntity by default", "IAM User Guide"),
)


def as_markdown() -> str:
    """The table as docs/sandbox.md shows it."""
    rows = [f"| `{row.key}` | {row.aws} | {row.moto} | {row.source} |" for row in TABLE]
    return "\n".join(["| repair | AWS | moto | source |", "| --- | --- | --- | --- |", *rows])
