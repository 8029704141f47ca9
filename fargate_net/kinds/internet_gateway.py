"""An internet gateway: the door of one VPC, translating public to private addresses one to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class InternetGateway:
    """``vpc`` is the VPC it is attached to, None when detached."""

    kind: ClassVar[str] = "internet_gateway"
    vpc: Id | None
