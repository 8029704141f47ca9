"""A VPC: its address ranges and the DNS attributes that decide what names mean inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class Vpc:
    """``cidrs`` are the associated IPv4 ranges, the primary first. DNS attributes are None when not known.

    ``ipv6`` says whether the VPC has an Amazon-provided IPv6 range; ``ipv6_cidrs`` are the ranges it got.
    """

    kind: ClassVar[str] = "vpc"
    cidrs: tuple[str, ...]
    ipv6: bool = False
    dns_support: bool | None = True
    dns_hostnames: bool | None = True
    ipv6_cidrs: tuple[str, ...] = observed(default=())
    dhcp_options: str = observed(default="")
    default: bool = observed(default=False)
    owner: str = observed(default="")
