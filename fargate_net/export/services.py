"""ECS, roles, logs, scaling and discovery as CloudFormation types. Never here: the network, balancers."""

from __future__ import annotations

import json
from typing import Any

from fargate_net.export.network import Parts
from fargate_net.export.values import Names, camel, stated, upper_keys
from fargate_net.kinds.containers import written_container
from fargate_net.kinds.service import Service
from fargate_net.model.resource import Ref, Resource


def log_group(resource: Resource, names: Names) -> Parts:
    """It keeps its name: roles name it."""
    yield "", "AWS::Logs::LogGroup", stated(
        LogGroupName=resource.props.name, RetentionInDays=resource.props.retention
    ), []  # fmt: skip


def role(resource: Resource, names: Names) -> Parts:
    """Without a name of ours, which would clash while both stacks live."""
    props = resource.props
    policies = [{"PolicyName": name, "PolicyDocument": json.loads(text)} for name, text in props.inline]
    own = stated(
        AssumeRolePolicyDocument=json.loads(props.trust),
        ManagedPolicyArns=sorted(props.policies),
        Policies=policies,
    )
    yield "", "AWS::IAM::Role", own, []


def cluster(resource: Resource, names: Names) -> Parts:
    """The cluster with its capacity providers."""
    props = resource.props
    own = {
        "ClusterName": props.name,
        "CapacityProviders": sorted(props.providers),
        "ClusterSettings": [{"Name": "containerInsights", "Value": props.insights}],
    }
    yield "", "AWS::ECS::Cluster", own, []


def task_definition(resource: Resource, names: Names) -> Parts:
    """The definition that RegisterTaskDefinition would get."""
    props = resource.props
    disk = {"SizeInGiB": props.ephemeral_storage} if props.ephemeral_storage != 20 else None
    own = stated(
        Family=props.family,
        Cpu=str(props.cpu),
        Memory=str(props.memory),
        NetworkMode=props.network_mode,
        RequiresCompatibilities=["FARGATE"],
        RuntimePlatform={"CpuArchitecture": props.architecture, "OperatingSystemFamily": props.operating_system},
        ExecutionRoleArn=names.value(props.execution_role),
        TaskRoleArn=names.value(props.task_role),
        EphemeralStorage=disk,
        ContainerDefinitions=[names.value(upper_keys(written_container(one))) for one in props.containers],
    )
    yield "", "AWS::ECS::TaskDefinition", own, []


def service(resource: Resource, names: Names) -> Parts:
    """The service, with everything that must be there before its tasks."""
    props: Service = resource.props
    enabled, rollback = props.circuit_breaker
    targets = sorted(props.targets, key=str)
    registries = [
        stated(RegistryArn=_registry(one.service, names), ContainerName=one.container, ContainerPort=one.port or None)
        for one in props.registries
    ]
    own = stated(
        ServiceName=props.name,
        Cluster=names.value(props.cluster),
        TaskDefinition=names.value(props.task_definition),
        DesiredCount=props.desired,
        PlatformVersion=props.platform_version,
        CapacityProviderStrategy=[
            {"CapacityProvider": name, "Weight": weight, "Base": base} for name, weight, base in props.providers
        ],
        NetworkConfiguration={
            "AwsvpcConfiguration": {
                "AssignPublicIp": "ENABLED" if props.public_ip else "DISABLED",
                "Subnets": names.value(props.subnets),
                "SecurityGroups": names.value(props.security_groups),
            }
        },
        LoadBalancers=[
            {"TargetGroupArn": names.value(one.target_group), "ContainerName": one.container, "ContainerPort": one.port}
            for one in targets
        ],
        HealthCheckGracePeriodSeconds=props.grace if targets else None,
        ServiceRegistries=registries,
        ServiceConnectConfiguration=_connect(props, names),
        DeploymentConfiguration={
            "MinimumHealthyPercent": props.min_percent,
            "MaximumPercent": props.max_percent,
            "DeploymentCircuitBreaker": {"Enable": enabled, "Rollback": rollback},
        },
        AvailabilityZoneRebalancing="ENABLED" if props.rebalancing else "DISABLED",
        EnableECSManagedTags=True,
        EnableExecuteCommand=props.exec,
        PropagateTags=props.propagate_tags,
    )
    yield "", "AWS::ECS::Service", own, []


def _registry(made: Any, names: Names) -> Any:
    return names.attribute(made.key, "arn") if isinstance(made, Ref) else made


def _connect(props: Service, names: Names) -> dict[str, Any] | None:
    if props.connect is None:
        return None
    offered = [
        {"PortName": port, "DiscoveryName": name, "ClientAliases": [{"DnsName": dns, "Port": client}]}
        for port, name, dns, client in props.connect.endpoints
    ]
    return stated(Enabled=True, Namespace=names.value(props.connect.namespace), Services=offered)


def scaling_target(resource: Resource, names: Names) -> Parts:
    """The target and a policy for each metric."""
    props = resource.props
    scaled: Service = names.graph[props.resource.key].props
    name = names.attribute(props.resource.key, "name")
    own = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": {"Fn::Join": ["/", ["service", names.value(scaled.cluster), name]]},
        "MinCapacity": props.minimum,
        "MaxCapacity": props.maximum,
    }
    yield "", "AWS::ApplicationAutoScaling::ScalableTarget", own, []
    for metric, goal in sorted(props.policies):
        spec: dict[str, Any] = {"PredefinedMetricType": metric}
        if metric == "ALBRequestCountPerTarget":
            spec["ResourceLabel"] = {
                "Fn::Join": ["/", [_full_name(props.balancer, names), _full_name(props.target_group, names)]]
            }
        policy = {
            "PolicyName": metric,
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": names.attribute(resource.key),
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": spec,
                "TargetValue": goal,
                "ScaleInCooldown": props.cooldown,
                "ScaleOutCooldown": props.cooldown,
            },
        }
        yield camel(metric), "AWS::ApplicationAutoScaling::ScalingPolicy", policy, []


def _full_name(thing: Any, names: Names) -> Any:
    return names.attribute(thing.key, "full_name") if isinstance(thing, Ref) else thing


def namespace(resource: Resource, names: Names) -> Parts:
    """A namespace with a private zone, or one for Service Connect alone."""
    props = resource.props
    if props.type == "HTTP":
        yield "", "AWS::ServiceDiscovery::HttpNamespace", {"Name": props.name}, []
    else:
        own = {"Name": props.name, "Vpc": names.value(props.vpc)}
        yield "", "AWS::ServiceDiscovery::PrivateDnsNamespace", own, []


def discovery_service(resource: Resource, names: Names) -> Parts:
    """The name that ECS fills. AWS wants the failure threshold stated, and takes no other than one."""
    props = resource.props
    records = [{"Type": record, "TTL": ttl} for record, ttl in sorted(props.records)]
    own = {
        "Name": props.name,
        "NamespaceId": names.value(props.namespace),
        "DnsConfig": {"DnsRecords": records, "RoutingPolicy": props.routing},
        "HealthCheckCustomConfig": {"FailureThreshold": 1},
    }
    yield "", "AWS::ServiceDiscovery::Service", own, []
