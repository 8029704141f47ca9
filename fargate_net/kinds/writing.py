"""How EC2 kinds write: tags in the create call, answers that mean "it is so already". Never here: a concrete type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fargate_net.errors import FargateNetError
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws
from fargate_net.model.snapshot import Found


def tagged(resource_type: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The TagSpecifications parameter of a create call; nothing when there are no tags."""
    if not tags:
        return {}
    listed = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": listed}]}


def newborn(id: str, props: Any, tags: Mapping[str, str]) -> Found[Any]:
    """A thing just made, as ``update`` wants to see it; ``props`` is the state AWS makes it in."""
    return Found(id=id, props=props, stack=tags.get(STACK_TAG), key=tags.get(KEY_TAG), tags=tags)


def write_unless(expected: type[FargateNetError], aws: Aws, operation: str, **params: Any) -> dict[str, Any] | None:
    """One write; None when AWS answers with the expected error, which means that nothing is left to do."""
    try:
        return aws.write(operation, **params)
    except expected:
        return None
