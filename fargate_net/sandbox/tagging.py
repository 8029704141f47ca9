"""What the Resource Groups Tagging API lists of the simulated ECS, in place of moto's empty one.

Authority: Resource Groups Tagging API Reference, GetResources.

Never here: tags of other services, which moto lists in part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ecs.models import EC2ContainerServiceBackend

from .ecs_state import region_of


def _tagged(self: Any) -> Iterator[TaggedResource]:
    region = region_of(self.account_id, self.region_name)
    for cluster in region.clusters.values():
        yield TaggedResource(arn=cluster.arn, tags=cluster.tags, resource_type="ecs:cluster")
    for service in region.services.values():
        yield TaggedResource(arn=service.arn, tags=service.tags, resource_type="ecs:service")
    for task in region.tasks.values():
        yield TaggedResource(arn=task.arn, tags=task.tags, resource_type="ecs:task")
    for revisions in region.families.values():
        for revision in revisions:
            yield TaggedResource(arn=revision.arn, tags=revision.tags, resource_type="ecs:task-definition")


def install() -> None:
    """Let moto's tagging API see the simulated ECS."""
    EC2ContainerServiceBackend.iter_tagged_resources = _tagged  # type: ignore[method-assign]
