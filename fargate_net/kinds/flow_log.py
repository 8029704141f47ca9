"""A VPC flow log: what was let through or rejected, for later reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class FlowLog:
    """``traffic`` is ``REJECT``, ``ALL`` or ``ACCEPT``."""

    kind: ClassVar[str] = "flow_log"
    vpc: Id
    traffic: str
    log_group: Id
    role: Id
