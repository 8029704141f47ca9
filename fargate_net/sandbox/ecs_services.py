"""The ECS calls that make, change, show and delete services.

Authority: API reference of each operation; Amazon ECS Developer Guide, "Updating an Amazon ECS service".

Never here: what the scheduler does afterwards, and lists of services (ecs_lists).
"""

from __future__ import annotations

import copy
from typing import Any

from .calls import AwsError, Call, Proceed, repair
from .clock import CLOCK
from .ecs_checks import check_load_balancers, check_network, check_percents, check_registries, client_error, invalid
from .ecs_scheduler import make_primary, reconcile
from .ecs_shapes import service_shape
from .ecs_state import Deployment, Service, TaskDefinition, ecs, tag_map
from .iam import check_role_is_ripe

#: What a deployment carries; a change of one of these starts a new deployment.
_DEPLOYED = (
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
#: What the service itself carries.
_KEPT = (
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "schedulingStrategy",
    "deploymentController",
    "availabilityZoneRebalancing",
)
_DEPLOYMENT_DEFAULTS = {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"}


def _check_roles(call: Call, definition: TaskDefinition) -> None:
    for name in ("executionRoleArn", "taskRoleArn"):
        role = definition.body.get(name)
        check_role_is_ripe(
            call,
            role,
            client_error(
                f"ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the "
                "role being passed has the proper trust relationship and permissions and that your IAM user has "
                "permissions to pass this role."
            ),
        )


def _check(call: Call, definition: TaskDefinition, settings: dict[str, Any]) -> None:
    check_network(call, definition, settings.get("networkConfiguration"))
    check_load_balancers(call, definition, settings.get("loadBalancers", []))
    check_registries(definition, settings.get("serviceRegistries", []))


def _kept(call: Call) -> dict[str, Any]:
    body = {name: copy.deepcopy(call.params[name]) for name in _KEPT if name in call.params}
    body["deploymentConfiguration"] = _DEPLOYMENT_DEFAULTS | body.get("deploymentConfiguration", {})
    body.setdefault("availabilityZoneRebalancing", "ENABLED" if _has_room(body) else "DISABLED")
    body.setdefault("schedulingStrategy", "REPLICA")
    body.setdefault("deploymentController", {"type": "ECS"})
    body.setdefault("propagateTags", "NONE")
    body.setdefault("enableExecuteCommand", False)
    body.setdefault("enableECSManagedTags", False)
    body.setdefault("healthCheckGracePeriodSeconds", 0)
    return {**body, "placementConstraints": [], "placementStrategy": []}


def _has_room(body: dict[str, Any]) -> bool:
    return bool(body["deploymentConfiguration"]["maximumPercent"] > 100)


def _settings(call: Call, base: dict[str, Any]) -> dict[str, Any]:
    settings = {**base, **{name: copy.deepcopy(call.params[name]) for name in _DEPLOYED if name in call.params}}
    if settings.get("capacityProviderStrategy"):
        settings.pop("launchType", None)
    else:
        settings.pop("capacityProviderStrategy", None)
        settings.setdefault("launchType", "FARGATE")
    if settings.get("platformVersion") in (None, "LATEST"):
        settings["platformVersion"] = "1.4.0"
    settings.setdefault("platformFamily", "Linux")
    wanted = settings.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if wanted:
        wanted.setdefault("securityGroups", [])
        wanted.setdefault("assignPublicIp", "DISABLED")
    return settings


@repair("ecs", "CreateService")
def create_service(call: Call, proceed: Proceed) -> Any:
    """The name is taken until the service of that name is INACTIVE."""
    region, params = ecs(call), call.params
    cluster = region.cluster(params.get("cluster"))
    name = params["serviceName"]
    known = region.services.get((cluster.name, name))
    if known is not None and known.status != "INACTIVE":
        if known.status == "DRAINING":
            raise invalid("Unable to Start a service that is still Draining.")
        if params.get("clientToken") and known.asked == params:
            return {"service": service_shape(region, known, with_tags=True)}
        raise invalid("Creation of service was not idempotent.")
    if params.get("schedulingStrategy", "REPLICA") == "REPLICA" and "desiredCount" not in params:
        raise invalid("DesiredCount cannot be null or negative.")
    if params.get("launchType") and params.get("capacityProviderStrategy"):
        raise invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    definition = region.definition(params["taskDefinition"])
    if definition.status != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    settings, body = _settings(call, {}), _kept(call)
    check_percents(body["deploymentConfiguration"], params.get("availabilityZoneRebalancing"))
    _check(call, definition, settings)
    _check_roles(call, definition)
    now = CLOCK.wall()
    deployment = Deployment(definition, settings, int(params["desiredCount"]), now, now)
    service = Service(
        name=name,
        arn=region.arn("service", cluster.name, name),
        cluster=cluster.name,
        body=body,
        tags=tag_map(params.get("tags")),
        desired=int(params["desiredCount"]),
        created_at=now,
        deployments=[],
        asked=copy.deepcopy(params),
    )
    make_primary(service, deployment)
    region.services[cluster.name, name] = service
    answer = {"service": service_shape(region, service, with_tags=True)}
    reconcile(region, service)
    return answer


@repair("ecs", "UpdateService")
def update_service(call: Call, proceed: Proceed) -> Any:
    """A change of what tasks are made of starts a deployment; a change of counts and limits does not."""
    region, params = ecs(call), call.params
    cluster = region.cluster(params.get("cluster"))
    service = region.service(cluster, params["service"])
    if service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    primary = service.primary
    definition = region.definition(params["taskDefinition"]) if "taskDefinition" in params else primary.definition
    settings = _settings(call, primary.settings)
    body = {**service.body, **{n: copy.deepcopy(params[n]) for n in _KEPT if n in params}}
    body["deploymentConfiguration"] = {
        **service.body["deploymentConfiguration"],
        **params.get("deploymentConfiguration", {}),
    }
    check_percents(body["deploymentConfiguration"], body.get("availabilityZoneRebalancing"))
    changed = definition is not primary.definition or settings != primary.settings
    if changed:
        _check(call, definition, settings)
    if changed or params.get("forceNewDeployment"):
        _check_roles(call, definition)
    service.body = body
    service.desired = int(params.get("desiredCount", service.desired))
    primary.desired = service.desired
    service.steady = False
    if changed or params.get("forceNewDeployment"):
        now = CLOCK.wall()
        make_primary(service, Deployment(definition, settings, service.desired, now, now))
    reconcile(region, service)
    return {"service": service_shape(region, service, with_tags=False)}


@repair("ecs", "DeleteService")
def delete_service(call: Call, proceed: Proceed) -> Any:
    """DRAINING until its tasks have stopped, then INACTIVE."""
    region = ecs(call)
    service = region.service(region.cluster(call.params.get("cluster")), call.params["service"])
    if service.status == "INACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if service.desired > 0 and not call.params.get("force"):
        raise invalid("The service cannot be stopped while it is scaled above 0.")
    service.status, service.desired = "DRAINING", 0
    for deployment in service.deployments:
        deployment.desired = 0
    answer = {"service": service_shape(region, service, with_tags=False)}
    reconcile(region, service)
    return answer


@repair("ecs", "DescribeServices")
def describe_services(call: Call, proceed: Proceed) -> Any:
    """At most ten; unknown ones are failures."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    asked = call.params.get("services", [])
    if not asked:
        raise invalid("Services cannot be empty.")
    if len(asked) > 10:
        raise invalid("Maximum number of services in request is 10")
    shown, failures = [], []
    for given in asked:
        service = region.services.get((cluster.name, given.split("/")[-1]))
        if service is None:
            arn = given if given.startswith("arn:") else region.arn("service", cluster.name, given)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            shown.append(service_shape(region, service, with_tags="TAGS" in call.params.get("include", [])))
    return {"services": shown, "failures": failures}
