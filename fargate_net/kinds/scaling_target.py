"""What lets a service's count follow its load: a scalable target and its policies. Never here: scheduled actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AwsError, Denied, NotAsked, NotFound
from fargate_net.kinds.asking import refuse_foreign
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing

_COUNT = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
_REQUESTS = "ALBRequestCountPerTarget"


@dataclass(frozen=True)
class ScalingTarget:
    """``policies`` pairs (metric, target value), as in ``("ECSServiceAverageCPUUtilization", 60)``.

    ``resource`` and its id are ``service/CLUSTER/SERVICE``; the ARN of the service is shortened to that. ``balancer``
    (``app/NAME/ID``) and ``target_group`` (``targetgroup/NAME/ID``), or their ARNs, say whose requests
    ``ALBRequestCountPerTarget`` counts. ``cooldown`` is in seconds, both ways.
    """

    kind: ClassVar[str] = "scaling_target"
    resource: Id
    minimum: int
    maximum: int
    policies: frozenset[tuple[str, int]] = frozenset()
    cooldown: int = 300
    balancer: Id = ""
    target_group: Id = ""

    def __post_init__(self) -> None:
        """The last part of each ARN is what Application Auto Scaling speaks of."""
        for field, word in (("resource", "service/"), ("balancer", "app/"), ("target_group", "targetgroup/")):
            value = getattr(self, field)
            if isinstance(value, str) and value.startswith("arn:") and word in value:
                object.__setattr__(self, field, value[value.index(word) :])


@register
class ScalingTargetKind(Kind):
    """Scalable targets of the ECS services in scope."""

    name = "scaling_target"
    props = ScalingTarget
    immutable = frozenset({"resource"})
    exclusive = frozenset({"resource"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Two describe calls for all services of the Region, then the tags of each target in scope."""
        targets = items(
            aws.read("application-autoscaling.describe_scalable_targets", **_COUNT), "ScalableTargets", "ResourceId"
        )
        policies = list(
            items(aws.read("application-autoscaling.describe_scaling_policies", **_COUNT), "ScalingPolicies")
        )
        for item in targets:
            resource = item.text("ResourceId")
            if item.text("ScalableDimension", "") != _COUNT["ScalableDimension"] or not _in_scope(resource, scope):
                continue
            tags: dict[str, str] = {}
            if scope.stack is not None:
                try:
                    tags = _tags(aws, item)
                except (Denied, NotAsked) as error:
                    yield lacking(self.name, resource, error)
            yield _read(item, [policy for policy in policies if policy.text("ResourceId", "") == resource], tags)

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """Tasks run on, as many as there are."""
        return "the number of tasks does not follow the load for some seconds" if way == "first" else ""

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """A service has one target a dimension, so a repeat changes nothing; tags are taken when it is new."""
        operation = "application-autoscaling.describe_scalable_targets"
        answer = aws.read(operation, **_COUNT, ResourceIds=[props.resource])
        for item in items(answer, "ScalableTargets", "ResourceId"):
            if item.text("ResourceId") == props.resource:
                refuse_foreign(f"A scaling target of {props.resource}", _tags(aws, item), tags)
                break
        else:
            _register(aws, props, Tags=dict(tags))
        _put_policies(aws, props, props.policies)
        return str(props.resource)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Register anew for the bounds, put a policy for each metric, delete those nobody wants."""
        if fields & {"minimum", "maximum"}:
            _register(aws, want)
        if fields - {"minimum", "maximum"}:
            _put_policies(aws, want, want.policies)
            kept = {metric for metric, _ in want.policies}
            for metric in sorted(metric for metric, _ in have.props.policies if metric not in kept):
                _remove(aws, "delete_scaling_policy", ResourceId=have.id, PolicyName=have.status["names"][metric])
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Its policies and their alarms go with it."""
        _remove(aws, "deregister_scalable_target", ResourceId=have.id)


def _in_scope(resource: str, scope: Scope) -> bool:
    _, cluster, service = [*resource.split("/"), "", ""][:3]
    return (scope.clusters is None or cluster in scope.clusters) and (
        scope.services is None or service in scope.services
    )


def _tags(aws: Aws, item: Item) -> dict[str, str]:
    arn = item.text("ScalableTargetARN", "")
    if not arn:
        # Targets registered before AWS gave them ARNs have none, and cannot carry tags.
        return {}
    told = aws.read("application-autoscaling.list_tags_for_resource", ResourceARN=arn).get("Tags") or {}
    return {str(name): str(value) for name, value in told.items()}


def _read(item: Item, policies: list[Item], tags: Mapping[str, str]) -> Found[ScalingTarget]:
    goals: set[tuple[str, int]] = set()
    names: dict[str, str] = {}
    cooldown, label = 300, ""
    for policy in policies:
        config = policy.within("TargetTrackingScalingPolicyConfiguration")
        metric = config.within("PredefinedMetricSpecification")
        word = metric.text("PredefinedMetricType", "")
        if not word:
            continue
        goal = config.raw.get("TargetValue")
        goals.add((word, round(goal) if isinstance(goal, float) else config.whole("TargetValue")))
        names[word] = policy.text("PolicyName", "")
        cooldown = config.whole("ScaleOutCooldown", 300)
        label = metric.text("ResourceLabel", "") or label
    balancer, _, group = label.partition("/targetgroup/")
    props = ScalingTarget(
        resource=item.text("ResourceId"),
        minimum=item.whole("MinCapacity"),
        maximum=item.whole("MaxCapacity"),
        policies=frozenset(goals),
        cooldown=cooldown,
        balancer=balancer,
        target_group=f"targetgroup/{group}" if group else "",
    )
    arn = item.text("ScalableTargetARN", "")
    return found(props.resource if isinstance(props.resource, str) else "", props, tags, arn=arn, names=names)


def _remove(aws: Aws, method: str, **params: Any) -> None:
    """One removal; that there is nothing to remove reads as NotFound, or as a validation error with these words."""
    try:
        aws.write(f"application-autoscaling.{method}", **_COUNT, **params)
    except NotFound:
        return
    except AwsError as error:
        if "No scal" not in error.what or "found for" not in error.what:
            raise


def _register(aws: Aws, props: ScalingTarget, **more: Any) -> None:
    bounds = {"MinCapacity": props.minimum, "MaxCapacity": props.maximum}
    aws.write("application-autoscaling.register_scalable_target", **_COUNT, ResourceId=props.resource, **bounds, **more)


def _put_policies(aws: Aws, props: ScalingTarget, policies: Iterable[tuple[str, int]]) -> None:
    for metric, goal in sorted(policies):
        specification = {"PredefinedMetricType": metric}
        if metric == _REQUESTS:
            specification["ResourceLabel"] = f"{props.balancer}/{props.target_group}"
        aws.write(
            "application-autoscaling.put_scaling_policy",
            **_COUNT,
            ResourceId=props.resource,
            PolicyName=metric,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(goal),
                "PredefinedMetricSpecification": specification,
                "ScaleOutCooldown": props.cooldown,
                "ScaleInCooldown": props.cooldown,
            },
        )
