"""A target group: where a balancer sends requests and how it judges health. Never here: who registers targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.asking import ask, elb_tags, listed, whole, worth_tags
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, register, service_in
from fargate_net.kinds.elb_calls import TARGET_GROUP, by_name, set_attributes
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.load_balancer import read_attributes
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class TargetHealthCheck:
    """``port`` is ``traffic-port`` or a number as text; ``codes`` as in ``200-299`` (empty for TCP checks)."""

    protocol: str
    port: str = "traffic-port"
    path: str = ""
    codes: str = ""
    interval: int = 15
    timeout: int = 10
    healthy: int = 2
    unhealthy: int = 2


@dataclass(frozen=True)
class TargetState:
    """A registered target as the balancer sees it. ``zone`` is a zone name or ``all``."""

    id: str
    port: int
    zone: str = ""
    state: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True)
class TargetGroup:
    """``targets`` is None when target health could not be read; ``load_balancers`` are ARNs that use the group.

    ``protocol_version`` is ``HTTP2`` or ``GRPC``; ``""`` is HTTP/1.1, or a protocol that has no versions.
    """

    kind: ClassVar[str] = "target_group"
    name: str
    protocol: str
    port: int
    vpc: Id
    health: TargetHealthCheck
    target_type: str = "ip"
    protocol_version: str = ""
    attributes: frozenset[tuple[str, str]] | None = frozenset()
    targets: tuple[TargetState, ...] | None = observed(default=())
    load_balancers: tuple[str, ...] = observed(default=())

    def __post_init__(self) -> None:
        """HTTP1 is what AWS calls the version nobody asked for."""
        if self.protocol_version == "HTTP1":
            object.__setattr__(self, "protocol_version", "")

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, or None when it is not stated."""
        return dict(self.attributes or ()).get(name)


_TASKS_START = 90
"""Seconds from an update of a service to its first new task."""


@register
class TargetGroupKind(Kind):
    """Groups of the VPCs in scope, and ours."""

    name = "target_group"
    props = TargetGroup
    immutable = frozenset({"name", "protocol", "port", "vpc", "target_type", "protocol_version"})
    write_side = True

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """How long no target is healthy; tasks need about 90 seconds to start, and then pass their first checks."""
        service = service_in(have)
        if way == "hurried":
            return f"requests to {service} may fail for some seconds, while new tasks take the place of old ones"
        if way in ("beside", "first"):
            seconds = _TASKS_START + want.health.interval * want.health.healthy
            minutes = max(2, round(seconds / 60))
            return f"{service} answers nothing behind its balancer for about {minutes} minutes, while new tasks start"
        return ""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Describe all, then attributes and target health of each one in scope: AWS answers them group by group."""
        every = items(aws.read("elbv2.describe_target_groups"), "TargetGroups", "TargetGroupArn")
        near = [item for item in every if worth_tags(scope, item.text("VpcId", ""), item.text("TargetGroupName", ""))]
        tags = elb_tags(aws, [item.text("TargetGroupArn") for item in near])
        for item in near:
            arn = item.text("TargetGroupArn")
            own = tags.get(arn, {})
            if scope.keeps(item.text("VpcId", ""), own):
                yield from self._facts(aws, item, arn, own)

    def _facts(self, aws: Aws, item: Item, arn: str, tags: dict[str, str]) -> Iterable[Found[Any] | Missing]:
        attributes = ask(aws, self.name, arn, "elbv2.describe_target_group_attributes", TargetGroupArn=arn)
        health = ask(aws, self.name, arn, "elbv2.describe_target_health", TargetGroupArn=arn)
        yield from (answer for answer in (attributes, health) if isinstance(answer, Missing))
        yield whole(
            self.name,
            arn,
            "elbv2.describe_target_groups",
            lambda: _read(
                item,
                None if isinstance(attributes, Missing) else read_attributes(attributes),
                None if isinstance(health, Missing) else _targets(health, item.text("TargetType", "instance")),
                tags,
            ),
        )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """The name is unique in the Region, which makes a repeat safe."""
        have = by_name(aws, TARGET_GROUP, props.name, tags)
        if have is None:
            params: dict[str, Any] = {
                "Name": props.name,
                "Protocol": props.protocol,
                "Port": props.port,
                "VpcId": props.vpc,
                "TargetType": props.target_type,
                "Tags": listed(tags),
                **_health(props.health, props.protocol_version),
            }
            if props.protocol_version:
                params["ProtocolVersion"] = props.protocol_version
            try:
                answer = aws.write("elbv2.create_target_group", **params)
                have = next(items(answer, "TargetGroups", "TargetGroupArn")).text("TargetGroupArn")
            except AlreadyExists:
                have = by_name(aws, TARGET_GROUP, props.name, tags)
                if have is None:
                    raise
        if props.attributes:
            set_attributes(aws, TARGET_GROUP, have, props.attributes)
        return have

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Health check and attributes are all that can change."""
        if "health" in fields:
            health = _health(want.health, want.protocol_version)
            aws.write("elbv2.modify_target_group", TargetGroupArn=have.id, **health)
        if "attributes" in fields and want.attributes:
            set_attributes(aws, TARGET_GROUP, have.id, want.attributes)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """InUse while a listener or rule still points at it."""
        try:
            aws.write("elbv2.delete_target_group", TargetGroupArn=have.id)
        except NotFound:
            return


def _read(
    item: Item,
    attributes: frozenset[tuple[str, str]] | None,
    targets: tuple[TargetState, ...] | None,
    tags: Mapping[str, str],
) -> Found[TargetGroup]:
    matcher = item.within("Matcher")
    health = TargetHealthCheck(
        protocol=item.text("HealthCheckProtocol", ""),
        port=item.text("HealthCheckPort", "traffic-port"),
        path=item.text("HealthCheckPath", ""),
        codes=matcher.text("HttpCode", "") or matcher.text("GrpcCode", ""),
        interval=item.whole("HealthCheckIntervalSeconds", 30),
        timeout=item.whole("HealthCheckTimeoutSeconds", 5),
        healthy=item.whole("HealthyThresholdCount", 5),
        unhealthy=item.whole("UnhealthyThresholdCount", 2),
    )
    props = TargetGroup(
        name=item.text("TargetGroupName"),
        protocol=item.text("Protocol", ""),
        port=item.whole("Port", 0),
        vpc=item.text("VpcId", ""),
        health=health,
        target_type=item.text("TargetType"),
        protocol_version=item.text("ProtocolVersion", ""),
        attributes=attributes,
        targets=targets,
        load_balancers=tuple(sorted(set(item.texts("LoadBalancerArns")))),
    )
    return found(item.text("TargetGroupArn"), props, tags, name=props.name, arn=item.text("TargetGroupArn"))


def _targets(answer: dict[str, Any], type: str) -> tuple[TargetState, ...]:
    return tuple(
        TargetState(
            id=_target_id(entry.within("Target"), type),
            port=entry.within("Target").whole("Port", 0),
            zone=entry.within("Target").text("AvailabilityZone", ""),
            state=entry.within("TargetHealth").text("State", ""),
            reason=entry.within("TargetHealth").text("Reason", ""),
            description=entry.within("TargetHealth").text("Description", ""),
        )
        for entry in items(answer, "TargetHealthDescriptions")
    )


def _target_id(target: Item, type: str) -> str:
    return target.address("Id", family=6 if ":" in target.text("Id") else 4) if type == "ip" else target.text("Id")


def _health(health: TargetHealthCheck, version: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "HealthCheckProtocol": health.protocol,
        "HealthCheckPort": health.port,
        "HealthCheckIntervalSeconds": health.interval,
        "HealthCheckTimeoutSeconds": health.timeout,
        "HealthyThresholdCount": health.healthy,
        "UnhealthyThresholdCount": health.unhealthy,
    }
    if health.path:
        params["HealthCheckPath"] = health.path
    if health.codes:
        params["Matcher"] = {"GrpcCode" if version == "GRPC" else "HttpCode": health.codes}
    return params
