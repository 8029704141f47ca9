"""What several ECS kinds read in common: the clusters in scope, their services and their tasks, in batches.

ListX answers names, DescribeX answers facts, in batches whose sizes the API sets. A saved folder holds the described
facts alone. Never here: the meaning of a field.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.errors import NotAsked, NotFound
from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.fields import Item, items, parts


def last(arn: str) -> str:
    """The last part of an ARN, or the plain name it already is."""
    return arn.rsplit("/", 1)[-1]


def cluster_names(aws: Aws, scope: Scope) -> list[str]:
    """The clusters to look at, by name; none for a saved folder, which answers for all of them at once."""
    if aws.saved:
        return []
    if scope.clusters is not None:
        return sorted(scope.clusters)
    return sorted(last(arn) for arn in aws.read("ecs.list_clusters").get("clusterArns", ()))


def clusters_in(aws: Aws, scope: Scope) -> Iterator[Item]:
    """The described clusters in scope (DescribeClusters takes 100)."""
    batches = [None] if aws.saved else list(parts(cluster_names(aws, scope), 100))
    for batch in batches:
        params = {} if batch is None else {"clusters": batch}
        for item in items(aws.read("ecs.describe_clusters", include=["TAGS", "SETTINGS"], **params), "clusters"):
            if scope.clusters is None or item.text("clusterName", "") in scope.clusters:
                yield item


def services_in(aws: Aws, scope: Scope) -> Iterator[Item]:
    """The described services in scope (DescribeServices takes 10). Those asked for by name show when inactive too."""
    if aws.saved:
        described = [aws.read("ecs.describe_services")]
    else:
        described = []
        for cluster in cluster_names(aws, scope):
            for batch in parts(_service_names(aws, scope, cluster), 10):
                try:
                    described.append(
                        aws.read("ecs.describe_services", cluster=cluster, services=batch, include=["TAGS"])
                    )
                except NotFound:
                    continue
    for answer in described:
        for item in items(answer, "services", "serviceArn"):
            if scope.clusters is not None and cluster_of(item) not in scope.clusters:
                continue
            if scope.services is None or item.text("serviceName", last(item.text("serviceArn"))) in scope.services:
                yield item


def _service_names(aws: Aws, scope: Scope, cluster: str) -> list[str]:
    if scope.services is not None:
        return sorted(scope.services)
    try:
        return sorted(last(arn) for arn in aws.read("ecs.list_services", cluster=cluster).get("serviceArns", ()))
    except NotFound:
        return []


def tasks_in(aws: Aws, scope: Scope) -> Iterator[Item]:
    """The described tasks in scope (DescribeTasks takes 100), those that stopped within the last hour or so included.

    A cluster's tasks are listed once and sorted to their services by ``group``, which costs fewer calls than asking
    service by service, and shows the tasks started by hand.
    """
    described = [aws.read("ecs.describe_tasks")] if aws.saved else list(_described_tasks(aws, scope))
    seen: set[str] = set()
    for answer in described:
        for item in items(answer, "tasks", "taskArn"):
            arn = item.text("taskArn")
            if arn in seen or (scope.clusters is not None and cluster_of(item) not in scope.clusters):
                continue
            if scope.services is None or service_of(item) in scope.services:
                seen.add(arn)
                yield item


def _described_tasks(aws: Aws, scope: Scope) -> Iterator[dict[str, object]]:
    for cluster in cluster_names(aws, scope):
        arns: list[str] = []
        try:
            for desired in ("RUNNING", "STOPPED"):
                arns += aws.read("ecs.list_tasks", cluster=cluster, desiredStatus=desired).get("taskArns", ())
        except NotFound:
            continue
        for batch in parts(sorted(set(arns)), 100):
            yield aws.read("ecs.describe_tasks", cluster=cluster, tasks=batch)


def cluster_of(item: Item) -> str:
    """The name of the cluster of a service or task; from its own ARN when a saved response was cut down."""
    if (arn := item.text("clusterArn", "")) != "":
        return last(arn)
    pieces = item.text("serviceArn" if "serviceArn" in item else "taskArn", "").split("/")
    return pieces[1] if len(pieces) == 3 else ""


def service_of(item: Item) -> str:
    """The service that started a task, by its group; ``""`` for one started by hand."""
    group = item.text("group", "")
    return group.removeprefix("service:") if group.startswith("service:") else ""


def definitions_in_use(aws: Aws, scope: Scope) -> list[str]:
    """The task definitions of the services and tasks in scope, sorted.

    A saved folder may lack either half; what the other half names still counts.
    """
    arns: set[str] = set()
    silent: list[NotAsked] = []
    try:
        for service in services_in(aws, scope):
            arns.add(service.text("taskDefinition", ""))
            arns |= {deployment.text("taskDefinition", "") for deployment in service.many("deployments")}
    except NotAsked as error:
        silent.append(error)
    try:
        arns |= {task.text("taskDefinitionArn", "") for task in tasks_in(aws, scope)}
    except NotAsked as error:
        silent.append(error)
    if len(silent) == 2:
        raise silent[0]
    return sorted(arns - {""})
