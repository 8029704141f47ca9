"""An ECS service: keeps tasks running and tells balancers and Cloud Map about them. Never here: its tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound, NotReady
from fargate_net.kinds.asking import listed_lower, refuse_foreign, whole
from fargate_net.kinds.base import Aws, Kind, Readiness, Scope, Way, found, register
from fargate_net.kinds.ecs_reads import cluster_of, last, services_in
from fargate_net.kinds.fields import Item
from fargate_net.kinds.service_changes import in_both_groups, silence
from fargate_net.kinds.service_parts import (
    FARGATE,
    LATEST,
    Deployment,
    ServiceConnect,
    ServiceEvent,
    ServiceRegistry,
    ServiceTarget,
    read_connect,
    read_deployments,
    read_events,
    read_providers,
    read_registries,
    read_targets,
)
from fargate_net.kinds.service_progress import USUAL, first_healthy, rolled_out, targets_healthy
from fargate_net.kinds.service_request import EVERY_FIELD, parameters
from fargate_net.kinds.service_tasks import foreseen_tasks, live_tasks
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot

__all__ = ["Deployment", "Service", "ServiceConnect", "ServiceEvent", "ServiceRegistry", "ServiceTarget"]


@dataclass(frozen=True)
class Service:
    """Its id is the ARN. ``desired`` is compared only when nothing scales it. ``grace`` is in seconds.

    Status: ``status`` (ACTIVE, DRAINING, INACTIVE), ``desired``, ``running``, ``pending``, ``deployments`` (a tuple of
    Deployment, the primary first), ``events`` (a tuple of ServiceEvent, newest first), ``arn``.
    """

    kind: ClassVar[str] = "service"
    name: str
    cluster: Id
    task_definition: Id
    desired: int
    subnets: tuple[Id, ...]
    security_groups: frozenset[Id]
    public_ip: bool = False
    targets: frozenset[ServiceTarget] = frozenset()
    registries: frozenset[ServiceRegistry] = frozenset()
    connect: ServiceConnect | None = None
    providers: tuple[tuple[str, int, int], ...] = FARGATE
    """(capacity provider, weight, base); a launch type FARGATE reads as the default."""
    platform_version: str = LATEST
    min_percent: int = 100
    max_percent: int = 200
    circuit_breaker: tuple[bool, bool] = (True, True)
    """(enabled, rollback)."""
    grace: int = 0
    exec: bool = False
    rebalancing: bool = True
    propagate_tags: str = "SERVICE"
    scaled: tuple[int, int] | None = observed(default=None)
    """Fewest and most tasks when a scaling target owns the count."""

    def __post_init__(self) -> None:
        """The order of subnets and providers has no meaning; LATEST is a number."""
        object.__setattr__(self, "subnets", tuple(sorted(self.subnets, key=str)))
        object.__setattr__(self, "providers", tuple(sorted(self.providers)))
        if self.platform_version in ("", "LATEST"):
            object.__setattr__(self, "platform_version", LATEST)


@register
class ServiceKind(Kind):
    """Services of the clusters in scope."""

    name = "service"
    props = Service
    immutable = frozenset({"name", "cluster"})
    exclusive = frozenset({"name", "cluster"})
    handover = "serves"
    settles_with = frozenset({"target_group"})
    usual = USUAL
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """List a cluster's services, then describe by ten."""
        for item in services_in(aws, scope):
            yield whole(self.name, item.text("serviceArn"), "ecs.describe_services", partial(_read, item))

    def ready(self, found: Found[Any]) -> Readiness:
        """Rolled out: one completed deployment with as many tasks as asked for."""
        return rolled_out(found)

    def settled(self, found: Found[Any], world: Snapshot) -> Readiness:
        """Rolled out, and every target group sees enough healthy targets."""
        progress = rolled_out(found)
        return progress if progress.state != "ready" else targets_healthy(found, world)

    def joined(self, found: Found[Any], world: Snapshot) -> Readiness:
        """Every target group sees a healthy target."""
        return first_healthy(found, world)

    def between(self, have: Any, want: Any, heirs: Mapping[str, Id]) -> Any | None:
        """Its tasks in the old groups and in the new ones."""
        return in_both_groups(have, want, heirs)

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """New tasks replace old ones without a gap, unless the service may run none meanwhile."""
        if way == "first":
            return (
                f"{want.name} answers nothing for about 3 minutes, while the old service drains and the new one starts"
            )
        if way == "gone":
            return f"{want.name} answers nothing any more"
        return silence(have.props, want, fields)

    def concede(self, have: Found[Any], want: Any) -> Any:
        """A scaling target owns the count of a scaled service, within its bounds.

        Without target groups there is no check to be lenient with: AWS takes no grace period then.
        """
        if not want.targets:
            want = replace(want, grace=have.props.grace)
        if want.scaled is None:
            return want
        fewest, most = want.scaled
        return replace(want, desired=max(fewest, min(have.props.desired, most)))

    def gone(self, found: Found[Any]) -> bool:
        """A deleted service stays visible as INACTIVE."""
        return found.status.get("status") == "INACTIVE"

    def leaving(self, found: Found[Any]) -> bool:
        """A service that drains cannot be updated; a new one of its name has to wait until it is INACTIVE."""
        return found.status.get("status") in ("DRAINING", "INACTIVE")

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its tasks with their interfaces, and their registrations in target groups and Cloud Map."""
        return foreseen_tasks(found, world)

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The tasks it runs now, and their interfaces."""
        return live_tasks(found, world)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """The name is unique in the cluster, which makes a repeat safe; one that is draining still holds its name."""
        if (have := _by_name(aws, props, tags)) is not None:
            return have
        params = parameters(aws, props, EVERY_FIELD)
        if props.providers == FARGATE:
            params.pop("capacityProviderStrategy")
            params["launchType"] = "FARGATE"
        if props.connect is None:
            params.pop("serviceConnectConfiguration")
        try:
            answer = aws.write(
                "ecs.create_service",
                cluster=props.cluster,
                serviceName=props.name,
                enableECSManagedTags=True,
                tags=listed_lower(tags),
                **params,
            )
        except AlreadyExists:
            if (have := _by_name(aws, props, tags)) is None:
                raise
            return have
        return Item(answer, "the response").within("service").text("serviceArn")

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """One UpdateService with what differs. Another capacity provider takes hold only with a new deployment."""
        params = parameters(aws, want, fields)
        if "providers" in fields:
            params["forceNewDeployment"] = True
        if params:
            aws.write("ecs.update_service", cluster=want.cluster, service=have.id, **params)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """``force`` stops the tasks; the service drains, then is INACTIVE."""
        if have.status.get("status") in ("DRAINING", "INACTIVE"):
            return
        try:
            aws.write("ecs.delete_service", cluster=have.props.cluster, service=have.id, force=True)
        except NotFound:
            return


def _read(item: Item) -> Found[Service]:
    network = item.within("networkConfiguration").within("awsvpcConfiguration")
    rolling = item.within("deploymentConfiguration")
    breaker = rolling.within("deploymentCircuitBreaker")
    arn = item.text("serviceArn")
    props = Service(
        name=item.text("serviceName", last(arn)),
        cluster=cluster_of(item),
        task_definition=item.text("taskDefinition", ""),
        desired=item.whole("desiredCount", 0),
        subnets=network.texts("subnets"),
        security_groups=frozenset(network.texts("securityGroups")),
        public_ip=network.text("assignPublicIp", "DISABLED") == "ENABLED",
        targets=frozenset(read_targets(item)),
        registries=frozenset(read_registries(item)),
        connect=read_connect(item),
        providers=read_providers(item),
        platform_version=item.text("platformVersion", LATEST),
        min_percent=rolling.whole("minimumHealthyPercent", 100),
        max_percent=rolling.whole("maximumPercent", 200),
        circuit_breaker=(breaker.flag("enable", False), breaker.flag("rollback", False)),
        grace=item.whole("healthCheckGracePeriodSeconds", 0),
        exec=item.flag("enableExecuteCommand", False),
        rebalancing=item.text("availabilityZoneRebalancing", "DISABLED") == "ENABLED",
        propagate_tags=item.text("propagateTags", "NONE"),
    )
    return found(
        arn,
        props,
        item.tags("tags"),
        name=props.name,
        arn=arn,
        status=item.text("status", "ACTIVE"),
        desired=props.desired,
        running=item.whole("runningCount", 0),
        pending=item.whole("pendingCount", 0),
        deployments=read_deployments(item),
        events=read_events(item),
    )


def _by_name(aws: Aws, props: Service, tags: Mapping[str, str]) -> str | None:
    """The ARN of our service of that name, None when the name is free; Refused when it is not ours."""
    scope = Scope(clusters=frozenset({str(props.cluster)}), services=frozenset({props.name}))
    for item in services_in(aws, scope):
        status = item.text("status", "ACTIVE")
        if status == "DRAINING":
            raise NotReady(
                f"The service {props.name} that was deleted is still draining, and holds its name until then.",
                operation="ecs.create_service",
                code="Draining",
            )
        if status == "ACTIVE":
            refuse_foreign(f"An ECS service named {props.name} in cluster {props.cluster}", item.tags("tags"), tags)
            return item.text("serviceArn")
    return None
