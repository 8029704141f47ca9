"""An EC2 instance, as far as packets care. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Instance:
    """``state`` is AWS's word (``running``, ``stopped``, …)."""

    kind: ClassVar[str] = "instance"
    vpc: Id
    subnet: Id
    interfaces: tuple[str, ...]
    state: str = observed(default="running")
