"""The ECS calls that list services and their deployments.

Authority: API reference, ListServices, ListServicesByNamespace, ListServiceDeployments.

Never here: changes.
"""

from __future__ import annotations

from typing import Any

from .calls import Call, Proceed, repair
from .ec2_calls import page
from .ecs_state import Deployment, Region, Service, ecs


def _listed(call: Call, services: list[Service]) -> dict[str, Any]:
    arns = [service.arn for service in services if service.status != "INACTIVE"]
    shown, following = page(arns, call.params.get("maxResults"), call.params.get("nextToken"), default=10)
    return {"serviceArns": shown, "nextToken": following} if following else {"serviceArns": shown}


@repair("ecs", "ListServices")
def list_services(call: Call, proceed: Proceed) -> Any:
    """Pages of ten unless asked otherwise; INACTIVE services are not listed."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    launch = call.params.get("launchType")
    return _listed(
        call,
        [
            service
            for service in region.services.values()
            if service.cluster == cluster.name and launch in (None, service.primary.settings.get("launchType"))
        ],
    )


@repair("ecs", "ListServicesByNamespace")
def list_services_by_namespace(call: Call, proceed: Proceed) -> Any:
    """Services whose Service Connect configuration names the namespace."""
    region, wanted = ecs(call), call.params["namespace"].split("/")[-1]

    def namespace(service: Service) -> str:
        connect = service.primary.settings.get("serviceConnectConfiguration") or {}
        default = region.clusters[service.cluster].body.get("serviceConnectDefaults", {}).get("namespace", "")
        return str(connect.get("namespace") or default).split("/")[-1] if connect.get("enabled") else ""

    return _listed(call, [service for service in region.services.values() if namespace(service) == wanted])


def _deployment_record(region: Region, service: Service, deployment: Deployment) -> dict[str, Any]:
    identity = deployment.id.removeprefix("ecs-svc/")
    path = (service.cluster, service.name, identity)
    status = {"IN_PROGRESS": "IN_PROGRESS", "COMPLETED": "SUCCESSFUL", "FAILED": "STOPPED"}[deployment.rollout]
    return {
        "serviceDeploymentArn": region.arn("service-deployment", *path),
        "serviceArn": service.arn,
        "clusterArn": region.arn("cluster", service.cluster),
        "createdAt": deployment.created_at,
        "startedAt": deployment.created_at,
        "targetServiceRevisionArn": region.arn("service-revision", *path),
        "status": status,
        "statusReason": deployment.reason,
    }


@repair("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call, proceed: Proceed) -> Any:
    """The deployments that the service still shows, newest first."""
    region = ecs(call)
    service = region.service(region.cluster(call.params.get("cluster")), call.params["service"])
    records = [_deployment_record(region, service, deployment) for deployment in service.deployments]
    wanted = call.params.get("status")
    return {"serviceDeployments": [r for r in records if not wanted or r["status"] in wanted]}
