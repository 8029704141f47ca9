"""A DNS record of a hosted zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class RecordSet:
    """``alias`` is the DNS name of an alias target, ``""`` for plain ``values``. Its id is ``ZONE/NAME/TYPE[/set id]``.

    ``of_service`` names the service whose public task addresses the record should hold (static DNS); the values are then
    judged by ``describe`` and renewed by ``up``.
    """

    kind: ClassVar[str] = "record_set"
    zone: Id
    name: str
    type: str
    ttl: int = 0
    values: tuple[str, ...] = ()
    alias: Id = ""
    of_service: Id = observed(default="")
    set_identifier: str = observed(default="")
