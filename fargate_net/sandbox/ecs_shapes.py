"""How ECS shows its nouns in responses. Authority: API reference, data types of Amazon ECS.

Never here: changes of state.
"""

from __future__ import annotations

import uuid
from typing import Any

from .ecs_state import Cluster, Deployment, Region, Service, Task, TaskDefinition, tag_list


def _known(shape: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shape.items() if value is not None}


def cluster_shape(region: Region, cluster: Cluster, include: list[str]) -> dict[str, Any]:
    """DescribeClusters: counts always, tags, settings and configuration when asked for."""
    tasks = [t for t in region.tasks.values() if t.cluster == cluster.name and t.status != "STOPPED"]
    services = [s for s in region.services.values() if s.cluster == cluster.name and s.status != "INACTIVE"]
    running = sum(task.status == "RUNNING" for task in tasks)
    shape: dict[str, Any] = {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": running,
        "pendingTasksCount": len(tasks) - running,
        "activeServicesCount": len(services),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": cluster.body.get("capacityProviders", []),
        "defaultCapacityProviderStrategy": cluster.body.get("defaultCapacityProviderStrategy", []),
        "serviceConnectDefaults": cluster.body.get("serviceConnectDefaults"),
    }
    if "TAGS" in include:
        shape["tags"] = tag_list(cluster.tags)
    if "SETTINGS" in include:
        shape["settings"] = cluster.body.get("settings") or [{"name": "containerInsights", "value": "disabled"}]
    if "CONFIGURATIONS" in include:
        shape["configuration"] = cluster.body.get("configuration")
    return _known(shape)


def definition_shape(definition: TaskDefinition) -> dict[str, Any]:
    """A task definition with what ECS adds."""
    return _known(
        {
            **definition.body,
            "taskDefinitionArn": definition.arn,
            "family": definition.family,
            "revision": definition.revision,
            "status": definition.status,
            "registeredAt": definition.registered_at,
            "deregisteredAt": definition.deregistered_at,
        }
    )


def deployment_shape(region: Region, service: Service, deployment: Deployment) -> dict[str, Any]:
    """One deployment; its counts come from its tasks."""
    tasks = [task for task in region.tasks_of(service) if task.deployment == deployment.id]
    running = sum(task.status == "RUNNING" for task in tasks)
    settings = deployment.settings
    return _known(
        {
            "id": deployment.id,
            "status": deployment.status,
            "taskDefinition": deployment.definition.arn,
            "desiredCount": deployment.desired,
            "pendingCount": len(tasks) - running,
            "runningCount": running,
            "failedTasks": deployment.failed,
            "createdAt": deployment.created_at,
            "updatedAt": deployment.updated_at,
            "launchType": settings.get("launchType"),
            "capacityProviderStrategy": settings.get("capacityProviderStrategy"),
            "platformVersion": settings.get("platformVersion"),
            "platformFamily": settings.get("platformFamily"),
            "networkConfiguration": settings.get("networkConfiguration"),
            "rolloutState": deployment.rollout,
            "rolloutStateReason": deployment.reason,
            "serviceConnectConfiguration": settings.get("serviceConnectConfiguration"),
            "volumeConfigurations": settings.get("volumeConfigurations"),
            "vpcLatticeConfigurations": settings.get("vpcLatticeConfigurations"),
        }
    )


def service_shape(region: Region, service: Service, *, with_tags: bool) -> dict[str, Any]:
    """DescribeServices, and what the service calls that change something return."""
    tasks = region.tasks_of(service)
    running = sum(task.status == "RUNNING" for task in tasks)
    settings = service.primary.settings
    active = service.status != "INACTIVE"
    return _known(
        {
            **service.body,
            "serviceArn": service.arn,
            "serviceName": service.name,
            "clusterArn": region.arn("cluster", service.cluster),
            "status": service.status,
            "desiredCount": service.desired,
            "runningCount": running,
            "pendingCount": len(tasks) - running,
            "taskDefinition": service.primary.definition.arn,
            "launchType": settings.get("launchType"),
            "capacityProviderStrategy": settings.get("capacityProviderStrategy"),
            "platformVersion": settings.get("platformVersion"),
            "platformFamily": settings.get("platformFamily"),
            "networkConfiguration": settings.get("networkConfiguration"),
            "loadBalancers": settings.get("loadBalancers", []),
            "serviceRegistries": settings.get("serviceRegistries", []),
            "deployments": [deployment_shape(region, service, d) for d in service.deployments] if active else [],
            "events": service.events,
            "createdAt": service.created_at,
            "tags": tag_list(service.tags) if with_tags else None,
        }
    )


def _container(region: Region, task: Task, definition: dict[str, Any]) -> dict[str, Any]:
    name = definition["name"]
    identity = task.container_ids.setdefault(name, str(uuid.uuid4()))
    health = "UNKNOWN"
    if "healthCheck" in definition and task.status == "RUNNING":
        health = "UNHEALTHY" if "sandbox-unhealthy" in definition["image"] else "HEALTHY"
    up = task.status in ("RUNNING", "DEACTIVATING")
    return _known(
        {
            "containerArn": region.arn("container", task.cluster, task.id, identity),
            "taskArn": task.arn,
            "name": name,
            "image": definition["image"],
            "runtimeId": f"{task.id}-{uuid.UUID(identity).int % 10**10:010d}" if task.started_at else None,
            "lastStatus": "RUNNING" if up else "STOPPED" if task.status == "STOPPED" else "PENDING",
            "exitCode": task.exit_codes.get(name),
            "reason": task.container_reasons.get(name),
            "networkBindings": [],
            "networkInterfaces": [
                _known(
                    {
                        "attachmentId": task.attachment_id,
                        "privateIpv4Address": task.address,
                        "ipv6Address": task.ipv6,
                    }
                )
            ]
            if task.address
            else [],
            "healthStatus": health,
            "cpu": str(definition.get("cpu", 0)),
        }
    )


def task_shape(region: Region, task: Task, *, with_tags: bool) -> dict[str, Any]:
    """DescribeTasks: a stopped task keeps the details of its attachment while the interface is gone."""
    containers = [_container(region, task, definition) for definition in task.definition.containers]
    healths = {c["healthStatus"] for c in containers} - {"UNKNOWN"}
    attachment = "ATTACHED"
    if task.status == "PROVISIONING":
        attachment = "ATTACHING"
    elif task.status == "STOPPED":
        attachment = "DELETED"
    ready = task.status not in ("PROVISIONING", "PENDING")
    return _known(
        {
            "taskArn": task.arn,
            "clusterArn": region.arn("cluster", task.cluster),
            "taskDefinitionArn": task.definition.arn,
            "attachments": [
                {
                    "id": task.attachment_id,
                    "type": "ElasticNetworkInterface",
                    "status": attachment,
                    "details": task.attachment_details,
                }
            ],
            "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
            "availabilityZone": task.zone,
            "connectivity": "CONNECTED" if ready else None,
            "connectivityAt": task.created_at if ready else None,
            "containers": containers,
            "cpu": task.definition.body.get("cpu"),
            "memory": task.definition.body.get("memory"),
            "createdAt": task.created_at,
            "desiredStatus": task.desired_status,
            "lastStatus": task.status,
            "enableExecuteCommand": task.execute_command,
            "group": task.group,
            "healthStatus": "UNHEALTHY" if "UNHEALTHY" in healths else "HEALTHY" if healths else "UNKNOWN",
            "launchType": task.launch.get("launchType"),
            "capacityProviderName": task.launch.get("capacityProviderName"),
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "overrides": task.overrides or {"containerOverrides": [], "inferenceAcceleratorOverrides": []},
            "startedBy": task.started_by or None,
            "startedAt": task.started_at,
            "pullStartedAt": task.started_at,
            "pullStoppedAt": task.started_at,
            "stopCode": task.stop_code,
            "stoppedReason": task.stopped_reason,
            "stoppingAt": task.stopping_at,
            "executionStoppedAt": task.stopped_at if task.started_at else None,
            "stoppedAt": task.stopped_at,
            "ephemeralStorage": task.definition.body.get("ephemeralStorage", {"sizeInGiB": 20}),
            "tags": tag_list(task.tags) if with_tags else None,
            "version": 1 + ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING").index(task.status)
            if task.is_live and task.status != "STOPPED"
            else 6,
        }
    )
