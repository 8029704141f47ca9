"""A security group: who may open connections to and from the interfaces that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Rule:
    """One permission for one peer. ``direction`` is ``ingress`` or ``egress``.

    ``protocol`` is ``tcp``, ``udp``, ``icmp``, ``icmpv6``, a number as text, or ``-1`` for all. ``from_port`` and
    ``to_port`` are inclusive (0-65535 when AWS gives none; for icmp they are type and code, -1 any). ``peer`` is a CIDR
    (IPv4 or IPv6), a security group id or a prefix list id. For a group of another account or VPC, ``peer_owner``,
    ``peer_vpc`` and ``peering`` say whose and across what.
    """

    direction: str
    protocol: str
    from_port: int
    to_port: int
    peer: Id
    description: str = ""
    peer_owner: str = observed(default="")
    peer_vpc: str = observed(default="")
    peering: str = observed(default="")
    peering_status: str = observed(default="")
    id: str = observed(default="")

    def __str__(self) -> str:
        """As a person reads it: ``ingress tcp 80 from 0.0.0.0/0``."""
        word = "from" if self.direction == "ingress" else "to"
        if self.protocol == "-1":
            what = "all traffic"
        elif self.protocol in ("icmp", "icmpv6"):
            what = self.protocol if self.from_port == -1 else f"{self.protocol} type {self.from_port}"
        elif self.from_port == self.to_port:
            what = f"{self.protocol} {self.from_port}"
        else:
            what = f"{self.protocol} {self.from_port}-{self.to_port}"
        return f"{self.direction} {what} {word} {self.peer}"


@dataclass(frozen=True)
class SecurityGroup:
    """``name`` is the group name; the default group of a VPC is called ``default`` and cannot be deleted."""

    kind: ClassVar[str] = "security_group"
    vpc: Id
    name: str
    description: str
    rules: frozenset[Rule] = frozenset()
    owner: str = observed(default="")
