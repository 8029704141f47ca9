"""Number of tasks: rolling deployments that can move, and scaling within bounds.

Sources: ECS API Reference, DeploymentConfiguration; Application Auto Scaling API Reference, RegisterScalableTarget;
AWS Cloud Map Developer Guide, quotas.
Never here: addresses for the tasks (capacity.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault


def can_move(draft: Draft) -> Iterator[Fault]:
    """A rolling deployment must be allowed to start one task more or to stop one first."""
    for _, service, path in draft.services():
        low, high = service.deployment.min_percent, service.deployment.max_percent
        bounds = (service.scaling.min, service.scaling.max) if service.scaling else ()
        for count in sorted({service.count, *bounds} - {0}):
            most, fewest = count * high // 100, math.ceil(count * low / 100)
            if most <= count and fewest >= count:
                message = (
                    f"With {count} task{'' if count == 1 else 's'}, min_percent {low} and max_percent {high} a "
                    f"deployment can neither start a task (at most {most}) nor stop one (at least {fewest})."
                )
                yield Fault((*path, "deployment"), message, "Raise max_percent or lower min_percent.", "key")
                break


def scaling_bounds(draft: Draft) -> Iterator[Fault]:
    """The count lies between the bounds, and a goal by requests has something that counts them."""
    for _, service, path in draft.services():
        scaling = service.scaling
        if scaling is None:
            continue
        if scaling.min > scaling.max:
            message = f"`min` is {scaling.min} and `max` is {scaling.max}."
            yield Fault((*path, "scaling", "min"), message, "`min` must not be above `max`.")
        elif not scaling.min <= service.count <= scaling.max and draft.sound(*path, "count"):
            message = f"`count` is {service.count}, outside the bounds of scaling, {scaling.min} to {scaling.max}."
            yield Fault((*path, "count"), message, "Leave it out to start with `min`.")
        balanced = sum(1 for item in service.expose if item.alb)
        if scaling.requests is not None and balanced != 1 and draft.sound(*path, "expose"):
            message = f"`requests` counts requests through an `alb`; the service has {balanced or 'none'}."
            yield Fault((*path, "scaling", "requests"), message, "It needs exactly one; else use `cpu` or `memory`.")


def grace_without_balancer(draft: Draft) -> Iterator[Fault]:
    """A grace period is for target checks; ECS ignores it in a service without targets."""
    for _, service, path in draft.services():
        balanced = any(item.alb or item.nlb for item in service.expose)
        if "grace" in service.model_fields_set and not balanced and draft.sound(*path, "expose"):
            message = "`grace` has no effect: the service is behind no balancer."
            yield Fault((*path, "grace"), message, "Remove it.", "key", is_warning=True)


def registry_size(draft: Draft) -> Iterator[Fault]:
    """Cloud Map takes 1000 instances in a service."""
    for _, service, path in draft.services():
        peak = max(service.count, service.scaling.max if service.scaling else 0)
        peak = peak * service.deployment.max_percent // 100
        if peak > 1000 and any(item.cloud_map for item in service.discovery):
            message = f"A deployment may run {peak} tasks, but a Cloud Map service holds 1000."
            yield Fault((*path, "count"), message, "Use Service Connect or a balancer, or fewer tasks.")


RULES = (can_move, scaling_bounds, grace_without_balancer, registry_size)
