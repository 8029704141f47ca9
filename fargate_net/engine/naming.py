"""The tags every thing of ours is born with. Never here: names that AWS keeps unique (the drawing makes those)."""

from __future__ import annotations

from collections.abc import Mapping

from fargate_net.kinds.base import KEY_TAG, STACK_TAG
from fargate_net.model.resource import Resource


def display_name(stack: str, resource: Resource) -> str:
    """What consoles show: the thing's own name where it has one, else ``stack-name``."""
    own = getattr(resource.props, "name", None)
    return own if isinstance(own, str) and own else f"{stack}-{resource.name}"


def tags_for(stack: str, resource: Resource, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Tags of the create call: the user's own, the name, and the two that make it ours (which nothing overrides)."""
    named = {"Name": display_name(stack, resource)}
    return {**named, **(extra or {}), STACK_TAG: stack, KEY_TAG: resource.key}
