"""An ECS cluster. Never here: its services and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import NotFound
from fargate_net.kinds.asking import listed_lower, refuse_foreign, whole
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, broken, found, pending, register
from fargate_net.kinds.ecs_reads import clusters_in
from fargate_net.kinds.fields import Item
from fargate_net.model.resource import observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class Cluster:
    """``insights`` is Container Insights: ``enabled``, ``enhanced`` or ``disabled``. Its id is the cluster's name."""

    kind: ClassVar[str] = "cluster"
    name: str
    insights: str = "enabled"
    providers: frozenset[str] = frozenset({"FARGATE", "FARGATE_SPOT"})
    arn: str = observed(default="")


@register
class ClusterKind(Kind):
    """Clusters in scope. Deleted ones stay listed as INACTIVE for a while."""

    name = "cluster"
    named_by = "name"
    props = Cluster
    immutable = frozenset({"name"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """List, then describe by a hundred."""
        for item in clusters_in(aws, scope):
            name = item.text("clusterName", "")
            yield whole(self.name, name, "ecs.describe_clusters", partial(_read, item))

    def ready(self, found: Found[Any]) -> Readiness:
        """A cluster is PROVISIONING only while capacity providers are attached (API reference, Cluster)."""
        status = found.status.get("status", "ACTIVE")
        if status == "FAILED":
            return broken("AWS could not attach the cluster's capacity providers")
        return pending(f"the cluster is {status}", 5) if status == "PROVISIONING" else READY

    def gone(self, found: Found[Any]) -> bool:
        """A deleted cluster stays visible as INACTIVE."""
        return found.status.get("status") == "INACTIVE"

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """CreateCluster answers with the existing cluster of that name, so whose it is must be asked first."""
        have = _by_name(aws, props.name)
        if have is not None and have.text("status", "ACTIVE") != "INACTIVE":
            refuse_foreign(f"An ECS cluster named {props.name}", have.tags("tags"), tags)
            live = _read(have)
            self.update(aws, live, props, frozenset({"insights", "providers"}))
            return live.id
        aws.write(
            "ecs.create_cluster",
            clusterName=props.name,
            settings=_settings(props),
            capacityProviders=sorted(props.providers),
            tags=listed_lower(tags),
        )
        return str(props.name)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Settings and capacity providers have a call each; both state the whole."""
        if "insights" in fields:
            aws.write("ecs.update_cluster", cluster=have.id, settings=_settings(want))
        if "providers" in fields:
            aws.write(
                "ecs.put_cluster_capacity_providers",
                cluster=have.id,
                capacityProviders=sorted(want.providers),
                defaultCapacityProviderStrategy=[],
            )
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """InUse while it still holds services or tasks."""
        try:
            aws.write("ecs.delete_cluster", cluster=have.id)
        except NotFound:
            return


def _read(item: Item) -> Found[Cluster]:
    insights = [s.text("value", "") for s in item.many("settings") if s.text("name", "") == "containerInsights"]
    props = Cluster(
        name=item.text("clusterName"),
        insights=insights[0] if insights else "disabled",
        providers=frozenset(item.texts("capacityProviders")),
        arn=item.text("clusterArn", ""),
    )
    status = item.text("status", "ACTIVE")
    return found(props.name, props, item.tags("tags"), name=props.name, arn=props.arn, status=status)


def _settings(props: Cluster) -> list[dict[str, str]]:
    return [{"name": "containerInsights", "value": props.insights}]


def _by_name(aws: Aws, name: str) -> Item | None:
    for item in clusters_in(aws, Scope(clusters=frozenset({name}))):
        return item
    return None
