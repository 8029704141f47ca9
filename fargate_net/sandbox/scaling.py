"""Application Auto Scaling: asks the simulated ECS whether a service exists, instead of moto's empty one.

Authority: Application Auto Scaling User Guide, "Amazon ECS and Application Auto Scaling".

Never here: scaling itself; policies are kept and nothing scales by them.
"""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, applicationautoscaling_backends

from .calls import AwsError, Call, Proceed, repair
from .ecs_state import region_of


def _service_exists(self: Any, resource_id: str) -> bool:
    _, cluster, service = resource_id.split("/")
    known = region_of(self.account_id, self.region_name).services.get((cluster, service))
    if known is None or known.status == "INACTIVE":
        raise AwsError("ValidationException", f"ECS service doesn't exist: {resource_id}")
    return True


@repair("application-autoscaling", "RegisterScalableTarget")
def register_scalable_target(call: Call, proceed: Proceed) -> Any:
    """Moto forgets tags; AWS keeps those of the first registration."""
    answer = proceed()
    targets = applicationautoscaling_backends[call.account][call.region].targets
    target: Any = targets[call.params["ScalableDimension"]][call.params["ResourceId"]]
    if not hasattr(target, "sandbox_tags"):
        target.sandbox_tags = dict(call.params.get("Tags") or {})
    return answer


@repair("application-autoscaling", "ListTagsForResource")
def list_tags_for_resource(call: Call, proceed: Proceed) -> Any:
    """The tags of a scalable target, by its ARN."""
    for targets in applicationautoscaling_backends[call.account][call.region].targets.values():
        for target in targets.values():
            if target.arn == call.params["ResourceARN"]:
                return {"Tags": getattr(target, "sandbox_tags", {})}
    raise AwsError("ResourceNotFoundException", f"No scalable target {call.params['ResourceARN']}")


def install() -> None:
    """Look services up in the simulated ECS."""
    ApplicationAutoscalingBackend._ecs_service_exists_for_target = _service_exists  # type: ignore[method-assign, assignment]
