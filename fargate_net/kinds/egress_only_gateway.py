"""An egress-only internet gateway: IPv6 out, never in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class EgressOnlyGateway:
    """``vpc`` is the VPC it is attached to, None when detached."""

    kind: ClassVar[str] = "egress_only_gateway"
    vpc: Id | None
