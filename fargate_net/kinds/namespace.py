"""A Cloud Map namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Namespace:
    """``type`` is ``DNS_PRIVATE``, ``DNS_PUBLIC`` or ``HTTP``. ``zone`` is the hosted zone Cloud Map made for it."""

    kind: ClassVar[str] = "namespace"
    name: str
    type: str
    vpc: Id | None
    zone: str = observed(default="")
    arn: str = observed(default="")
