"""What CreateService and UpdateService are sent for the fields of a service. Never here: answers, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fargate_net.kinds.base import Aws
from fargate_net.kinds.fields import Item
from fargate_net.kinds.service_parts import ServiceRegistry, written_connect, written_registry, written_strategy

if TYPE_CHECKING:
    from fargate_net.kinds.service import Service

_CARRIERS = {
    "task_definition": "taskDefinition",
    "desired": "desiredCount",
    "subnets": "networkConfiguration",
    "security_groups": "networkConfiguration",
    "public_ip": "networkConfiguration",
    "targets": "loadBalancers",
    "registries": "serviceRegistries",
    "connect": "serviceConnectConfiguration",
    "providers": "capacityProviderStrategy",
    "platform_version": "platformVersion",
    "min_percent": "deploymentConfiguration",
    "max_percent": "deploymentConfiguration",
    "circuit_breaker": "deploymentConfiguration",
    "grace": "healthCheckGracePeriodSeconds",
    "exec": "enableExecuteCommand",
    "rebalancing": "availabilityZoneRebalancing",
    "propagate_tags": "propagateTags",
}
"""The parameter that carries each field; name and cluster are beside them."""
EVERY_FIELD = frozenset(_CARRIERS)
"""All that both calls can state."""


def parameters(aws: Aws, props: Service, fields: frozenset[str]) -> dict[str, Any]:
    """The parameters that carry these fields, each with all it states; Cloud Map tells the ARNs of registries."""
    wanted = {_CARRIERS[field] for field in fields}
    params = {name: value for name, value in _all(props).items() if name in wanted}
    if "serviceRegistries" in wanted:
        registries = sorted(props.registries, key=str)
        params["serviceRegistries"] = [written_registry(entry, _registry_arn(aws, entry)) for entry in registries]
    if "healthCheckGracePeriodSeconds" in wanted and not props.targets and not props.grace:
        # The grace period may only be stated for a service with a load balancer.
        params.pop("healthCheckGracePeriodSeconds")
    return params


def _all(props: Service) -> dict[str, Any]:
    enabled, rollback = props.circuit_breaker
    return {
        "taskDefinition": props.task_definition,
        "desiredCount": props.desired,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(props.subnets),
                "securityGroups": sorted(str(group) for group in props.security_groups),
                "assignPublicIp": "ENABLED" if props.public_ip else "DISABLED",
            }
        },
        "loadBalancers": [
            {"targetGroupArn": target.target_group, "containerName": target.container, "containerPort": target.port}
            for target in sorted(props.targets, key=str)
        ],
        "serviceConnectConfiguration": written_connect(props.connect),
        "capacityProviderStrategy": written_strategy(props.providers),
        "platformVersion": props.platform_version,
        "deploymentConfiguration": {
            "minimumHealthyPercent": props.min_percent,
            "maximumPercent": props.max_percent,
            "deploymentCircuitBreaker": {"enable": enabled, "rollback": rollback},
        },
        "healthCheckGracePeriodSeconds": props.grace,
        "enableExecuteCommand": props.exec,
        "availabilityZoneRebalancing": "ENABLED" if props.rebalancing else "DISABLED",
        "propagateTags": props.propagate_tags,
    }


def _registry_arn(aws: Aws, registry: ServiceRegistry) -> str:
    answer = aws.read("servicediscovery.get_service", Id=registry.service)
    return Item(answer, "the response").within("Service").text("Arn")
