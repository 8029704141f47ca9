"""Balancers, listeners, rules, target groups and aliases as CloudFormation types. Never here: services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fargate_net.export.network import Parts
from fargate_net.export.values import Names, stated
from fargate_net.kinds.elb_actions import Action
from fargate_net.kinds.record_set import RecordSet
from fargate_net.model.resource import Resource


def load_balancer(resource: Resource, names: Names) -> Parts:
    """Without a name of ours, which would clash while both stacks live."""
    props = resource.props
    fixed = [
        {"SubnetId": names.value(subnet), "AllocationId": names.value(address)}
        for subnet, address in sorted(props.addresses, key=str)
    ]
    own = stated(
        Type=props.type,
        Scheme=props.scheme,
        IpAddressType=props.ip_address_type,
        Subnets=None if fixed else names.value(props.subnets),
        SubnetMappings=fixed,
        SecurityGroups=names.value(props.security_groups),
        LoadBalancerAttributes=_pairs(props.attributes),
    )
    yield "", "AWS::ElasticLoadBalancingV2::LoadBalancer", own, []


def target_group(resource: Resource, names: Names) -> Parts:
    """The group with its health check."""
    props, health = resource.props, resource.props.health
    own = stated(
        TargetType=props.target_type,
        Protocol=props.protocol,
        ProtocolVersion=props.protocol_version,
        Port=props.port,
        VpcId=names.value(props.vpc),
        HealthCheckEnabled=True,
        HealthCheckProtocol=health.protocol,
        HealthCheckPort=health.port,
        HealthCheckPath=health.path,
        HealthCheckIntervalSeconds=health.interval,
        HealthCheckTimeoutSeconds=health.timeout,
        HealthyThresholdCount=health.healthy,
        UnhealthyThresholdCount=health.unhealthy,
        Matcher={"GrpcCode" if props.protocol_version == "GRPC" else "HttpCode": health.codes} if health.codes else {},
        TargetGroupAttributes=_pairs(props.attributes),
    )
    yield "", "AWS::ElasticLoadBalancingV2::TargetGroup", own, []


def listener(resource: Resource, names: Names) -> Parts:
    """The listener and what it does by default."""
    props = resource.props
    own = stated(
        LoadBalancerArn=names.value(props.load_balancer),
        Port=props.port,
        Protocol=props.protocol,
        Certificates=[{"CertificateArn": props.certificate}] if props.certificate else None,
        SslPolicy=props.policy,
        DefaultActions=[_action(action, names) for action in props.actions],
        ListenerAttributes=_pairs(props.attributes),
    )
    yield "", "AWS::ElasticLoadBalancingV2::Listener", own, []


def listener_rule(resource: Resource, names: Names) -> Parts:
    """A rule by host, by path, or both."""
    props = resource.props
    config = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}
    own = {
        "ListenerArn": names.value(props.listener),
        "Priority": props.priority,
        "Conditions": [
            {"Field": field, config[field]: {"Values": list(values)}} for field, values in sorted(props.conditions)
        ],
        "Actions": [_action(action, names) for action in props.actions],
    }
    yield "", "AWS::ElasticLoadBalancingV2::ListenerRule", own, []


def record_set(resource: Resource, names: Names) -> Parts:
    """An alias of a balancer. A record of task addresses becomes nothing: CloudFormation cannot learn them."""
    props: RecordSet = resource.props
    if props.of_service:
        return
    key = getattr(props.alias, "key", "")
    own = {
        "HostedZoneId": names.value(props.zone),
        "Name": props.name,
        "Type": props.type,
        "AliasTarget": {"DNSName": names.value(props.alias), "HostedZoneId": names.attribute(key, "zone_id")},
    }
    yield "", "AWS::Route53::RecordSet", own, []


def _action(action: Action, names: Names) -> dict[str, Any]:
    if action.type == "redirect":
        target, _, code = action.detail.partition(" ")
        protocol, _, port = target.partition(":")
        config = {"Protocol": protocol, "Port": port, "StatusCode": f"HTTP_{code}"}
        return {"Type": "redirect", "RedirectConfig": config}
    if action.type == "fixed-response":
        code, content, body = action.detail.split(" ", 2)
        config = {"StatusCode": code, "ContentType": content, "MessageBody": body}
        return {"Type": "fixed-response", "FixedResponseConfig": config}
    groups = [{"TargetGroupArn": names.value(group), "Weight": weight} for group, weight in action.target_groups]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def _pairs(attributes: Iterable[tuple[str, str]] | None) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in sorted(attributes or ())]
