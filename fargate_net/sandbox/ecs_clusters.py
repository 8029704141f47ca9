"""The ECS calls about clusters, task definitions and tags.

Authority: API reference of each operation.

Never here: services and tasks (ecs_services).
"""

from __future__ import annotations

from typing import Any

from .calls import AwsError, Call, Proceed, repair
from .clock import CLOCK
from .ec2_calls import page
from .ecs_checks import check_definition, client_error
from .ecs_shapes import cluster_shape, definition_shape
from .ecs_state import Cluster, Region, TaskDefinition, ecs, tag_list, tag_map
from .iam import check_role_is_ripe

_CLUSTER_SETTINGS = ("settings", "configuration", "capacityProviders", "defaultCapacityProviderStrategy")
_CLUSTER_BODY = (*_CLUSTER_SETTINGS, "serviceConnectDefaults")
_ALL = ["TAGS", "SETTINGS", "CONFIGURATIONS"]


def _page(call: Call, key: str, items: list[Any], default: int) -> dict[str, Any]:
    shown, following = page(items, call.params.get("maxResults"), call.params.get("nextToken"), default=default)
    return {key: shown, "nextToken": following} if following else {key: shown}


@repair("ecs", "CreateCluster")
def create_cluster(call: Call, proceed: Proceed) -> Any:
    """Idempotent by name, as long as the cluster is active."""
    region, name = ecs(call), call.params.get("clusterName", "default")
    known = region.clusters.get(name)
    if known is None or known.status == "INACTIVE":
        body = {key: call.params[key] for key in _CLUSTER_BODY if key in call.params}
        known = Cluster(name, region.arn("cluster", name), body, tag_map(call.params.get("tags")))
        region.clusters[name] = known
    return {"cluster": cluster_shape(region, known, _ALL)}


@repair("ecs", "UpdateCluster", "UpdateClusterSettings", "PutClusterCapacityProviders")
def update_cluster(call: Call, proceed: Proceed) -> Any:
    """What is given replaces what was there."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    cluster.body |= {key: call.params[key] for key in _CLUSTER_BODY if key in call.params}
    return {"cluster": cluster_shape(region, cluster, _ALL)}


@repair("ecs", "DescribeClusters")
def describe_clusters(call: Call, proceed: Proceed) -> Any:
    """Unknown clusters are failures, not errors."""
    region, include = ecs(call), call.params.get("include", [])
    shown, failures = [], []
    for given in call.params.get("clusters") or ["default"]:
        cluster = region.clusters.get(given.split("/")[-1])
        if cluster is None:
            arn = given if given.startswith("arn:") else region.arn("cluster", given)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            shown.append(cluster_shape(region, cluster, include))
    return {"clusters": shown, "failures": failures}


@repair("ecs", "ListClusters")
def list_clusters(call: Call, proceed: Proceed) -> Any:
    """Active clusters only."""
    arns = [cluster.arn for cluster in ecs(call).clusters.values() if cluster.status == "ACTIVE"]
    return _page(call, "clusterArns", arns, 100)


@repair("ecs", "DeleteCluster")
def delete_cluster(call: Call, proceed: Proceed) -> Any:
    """Refused while services are not deleted or tasks run."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    if any(s.cluster == cluster.name and s.status == "ACTIVE" for s in region.services.values()):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if any(t.cluster == cluster.name and t.status != "STOPPED" for t in region.tasks.values()):
        raise AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    cluster.status = "INACTIVE"
    return {"cluster": cluster_shape(region, cluster, _ALL)}


@repair("ecs", "RegisterTaskDefinition")
def register_task_definition(call: Call, proceed: Proceed) -> Any:
    """A new revision of the family."""
    region = ecs(call)
    check_definition(call.params)
    for role in ("executionRoleArn", "taskRoleArn"):
        check_role_is_ripe(call, call.params.get(role), client_error("Role is not valid"))
    family = call.params["family"]
    revisions = region.families.setdefault(family, [])
    body = {key: value for key, value in call.params.items() if key not in ("tags", "family")}
    body.setdefault("volumes", [])
    body.setdefault("placementConstraints", [])
    body["compatibilities"] = ["EC2", "FARGATE"] if body.get("networkMode") == "awsvpc" else ["EC2"]
    definition = TaskDefinition(
        arn=region.arn("task-definition", f"{family}:{len(revisions) + 1}"),
        family=family,
        revision=len(revisions) + 1,
        body=body,
        tags=tag_map(call.params.get("tags")),
        registered_at=CLOCK.wall(),
    )
    revisions.append(definition)
    return {"taskDefinition": definition_shape(definition), "tags": tag_list(definition.tags)}


@repair("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call, proceed: Proceed) -> Any:
    """One revision, with tags when asked for."""
    definition = ecs(call).definition(call.params["taskDefinition"])
    answer: dict[str, Any] = {"taskDefinition": definition_shape(definition)}
    if "TAGS" in call.params.get("include", []):
        answer["tags"] = tag_list(definition.tags)
    return answer


@repair("ecs", "DeregisterTaskDefinition")
def deregister_task_definition(call: Call, proceed: Proceed) -> Any:
    """The revision becomes INACTIVE; what uses it goes on using it."""
    if ":" not in call.params["taskDefinition"].split("/")[-1]:
        raise client_error("Invalid revision number. Number: null")
    definition = ecs(call).definition(call.params["taskDefinition"])
    if definition.status == "ACTIVE":
        definition.status, definition.deregistered_at = "INACTIVE", CLOCK.wall()
    return {"taskDefinition": definition_shape(definition)}


@repair("ecs", "DeleteTaskDefinitions")
def delete_task_definitions(call: Call, proceed: Proceed) -> Any:
    """Only inactive revisions; nothing here keeps them in DELETE_IN_PROGRESS afterwards."""
    region, shown, failures = ecs(call), [], []
    for given in call.params["taskDefinitions"]:
        definition = region.definition(given)
        if definition.status == "ACTIVE":
            reason = (
                "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
            )
            failures.append({"arn": definition.arn, "reason": reason})
            continue
        shown.append({**definition_shape(definition), "status": "DELETE_IN_PROGRESS"})
        definition.status = "DELETED"
    return {"taskDefinitions": shown, "failures": failures}


@repair("ecs", "ListTaskDefinitions")
def list_task_definitions(call: Call, proceed: Proceed) -> Any:
    """`familyPrefix` is the full family name here."""
    wanted, status = call.params.get("familyPrefix"), call.params.get("status", "ACTIVE")
    arns = [
        definition.arn
        for family, revisions in sorted(ecs(call).families.items())
        for definition in revisions
        if definition.status == status and wanted in (None, family)
    ]
    return _page(call, "taskDefinitionArns", arns[::-1] if call.params.get("sort") == "DESC" else arns, 100)


@repair("ecs", "ListTaskDefinitionFamilies")
def list_families(call: Call, proceed: Proceed) -> Any:
    """`familyPrefix` is a prefix here."""
    prefix, status = call.params.get("familyPrefix", ""), call.params.get("status", "ALL")
    families = [
        family
        for family, revisions in sorted(ecs(call).families.items())
        if family.startswith(prefix)
        and any(
            d.status == "ACTIVE" if status == "ACTIVE" else status == "ALL" or d.status == "INACTIVE" for d in revisions
        )
    ]
    return _page(call, "families", families, 100)


def _tags_at(region: Region, arn: str) -> dict[str, str]:
    """The tags of a resource by ARN, as one mapping that may be changed."""
    if ":task-definition/" in arn:
        return region.definition(arn).tags
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    name = path.split("/")[-1]
    if kind == "cluster":
        return region.cluster(name).tags
    if kind == "service":
        return region.service(region.cluster(path.split("/")[0]), name).tags
    if kind == "task" and name in region.tasks:
        return region.tasks[name].tags
    raise AwsError("InvalidParameterException", "The specified resource was not found.")


@repair("ecs", "TagResource")
def tag_resource(call: Call, proceed: Proceed) -> Any:
    """Add or change tags."""
    _tags_at(ecs(call), call.params["resourceArn"]).update(tag_map(call.params["tags"]))
    return {}


@repair("ecs", "UntagResource")
def untag_resource(call: Call, proceed: Proceed) -> Any:
    """Take tags away."""
    tags = _tags_at(ecs(call), call.params["resourceArn"])
    for key in call.params["tagKeys"]:
        tags.pop(key, None)
    return {}


@repair("ecs", "ListTagsForResource")
def list_tags(call: Call, proceed: Proceed) -> Any:
    """The tags of one resource."""
    return {"tags": tag_list(_tags_at(ecs(call), call.params["resourceArn"]))}


@repair("ecs", "DescribeCapacityProviders")
def describe_capacity_providers(call: Call, proceed: Proceed) -> Any:
    """The two of Fargate, which every account has."""
    region, asked = ecs(call), call.params.get("capacityProviders") or ["FARGATE", "FARGATE_SPOT"]
    names = [given.split("/")[-1] for given in asked]
    known = [name for name in names if name in ("FARGATE", "FARGATE_SPOT")]
    return {
        "capacityProviders": [
            {"capacityProviderArn": region.arn("capacity-provider", name), "name": name, "status": "ACTIVE"}
            for name in known
        ],
        "failures": [{"arn": name, "reason": "MISSING"} for name in names if name not in known],
    }
