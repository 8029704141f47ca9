"""Application Auto Scaling: asks the simulated ECS whether a service exists, instead of moto's empty one.

Authority: Application Auto Scaling User Guide, "Amazon ECS and Application Auto Scaling".

Never here: scaling itself; policies are kept and nothing scales by them.
"""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend

from .calls import AwsError
from .ecs_state import region_of


def _service_exists(self: Any, resource_id: str) -> bool:
    _, cluster, service = resource_id.split("/")
    known = region_of(self.account_id, self.region_name).services.get((cluster, service))
    if known is None or known.status == "INACTIVE":
        raise AwsError("ValidationException", f"ECS service doesn't exist: {resource_id}")
    return True


def install() -> None:
    """Look services up in the simulated ECS."""
    ApplicationAutoscalingBackend._ecs_service_exists_for_target = _service_exists  # type: ignore[method-assign, assignment]
