"""A network ACL: ordered, stateless rules at the border of subnets. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id


@dataclass(frozen=True)
class AclEntry:
    """One rule.

    ``number`` orders; ``protocol`` is a number as text (``6``), ``-1`` all; ports inclusive, 0-65535 when
    AWS gives none; for icmp they are type and code, -1 any.
    """

    egress: bool
    number: int
    allow: bool
    protocol: str
    cidr: str
    from_port: int = 0
    to_port: int = 65535


@dataclass(frozen=True)
class NetworkAcl:
    """``subnets`` are the associated ones; the ``default`` ACL serves every subnet of the VPC without one."""

    kind: ClassVar[str] = "network_acl"
    vpc: Id
    default: bool
    subnets: frozenset[Id]
    entries: tuple[AclEntry, ...]
