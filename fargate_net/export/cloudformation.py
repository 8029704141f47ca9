"""The drawing as a CloudFormation template. Never here: the properties of one type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fargate_net.export import balancers, network, services
from fargate_net.export.network import Parts
from fargate_net.export.values import Names
from fargate_net.kinds.record_set import RecordSet
from fargate_net.model.resource import Graph, Resource

WRITERS: Mapping[str, Callable[[Resource, Names], Parts]] = {
    "cluster": services.cluster,
    "discovery_service": services.discovery_service,
    "egress_only_gateway": network.egress_only_gateway,
    "elastic_ip": network.elastic_ip,
    "flow_log": network.flow_log,
    "internet_gateway": network.internet_gateway,
    "listener": balancers.listener,
    "listener_rule": balancers.listener_rule,
    "load_balancer": balancers.load_balancer,
    "log_group": services.log_group,
    "namespace": services.namespace,
    "nat_gateway": network.nat_gateway,
    "record_set": balancers.record_set,
    "role": services.role,
    "route_table": network.route_table,
    "scaling_target": services.scaling_target,
    "security_group": network.security_group,
    "security_group_rules": network.security_group_rules,
    "service": services.service,
    "subnet": network.subnet,
    "target_group": balancers.target_group,
    "task_definition": services.task_definition,
    "vpc": network.vpc,
    "vpc_endpoint": network.vpc_endpoint,
}
"""Who writes each kind that a drawing may hold."""

TAGGED = frozenset(
    {
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::ECS::Cluster",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::IAM::Role",
        "AWS::Logs::LogGroup",
        "AWS::ServiceDiscovery::HttpNamespace",
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "AWS::ServiceDiscovery::Service",
    }
)
"""Types with a ``Tags`` property that is a list of Key and Value."""


@dataclass(frozen=True)
class Exported:
    """A template as plain data, and what of the stack is not in it."""

    template: dict[str, Any]
    notes: tuple[str, ...]


def export(graph: Graph, stack: str, tags: Callable[[Resource], Mapping[str, str]]) -> Exported:
    """The template of a drawing. ``tags`` gives the user's own for a resource.

    The tags by which fargatenet knows its own are left out: what CloudFormation makes belongs to CloudFormation.
    """
    names = Names(graph)
    made: dict[str, Any] = {}
    parts: dict[str, list[str]] = {}
    notes: list[str] = []
    for resource in graph:
        own = {"Name": f"{stack}-{resource.name}", **tags(resource)}
        for suffix, kind, properties, first in WRITERS[resource.kind](resource, names):
            entry: dict[str, Any] = {"Type": kind}
            if kind in TAGGED:
                properties = properties | {"Tags": [{"Key": k, "Value": v} for k, v in sorted(own.items())]}
            if properties:
                entry["Properties"] = properties
            if first:
                entry["DependsOn"] = first
            logical = names.logical(resource.key) + suffix
            parts.setdefault(resource.key, []).append(logical)
            made[logical] = entry
        if isinstance(resource.props, RecordSet) and resource.props.of_service:
            notes.append(f"The record {resource.props.name} is left out: CloudFormation cannot learn task addresses.")
    for resource in graph:
        # A route table is there when its routes are, a gateway when it is attached: all parts of a thing count.
        if first := sorted(part for key in resource.after for part in parts[key]):
            for logical in parts[resource.key]:
                made[logical]["DependsOn"] = sorted({*made[logical].get("DependsOn", ()), *first})
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": f"The stack {stack}"}
    if names.parameters:
        template["Parameters"] = dict(sorted(names.parameters.items()))
    return Exported(template | {"Resources": made}, tuple(notes))
