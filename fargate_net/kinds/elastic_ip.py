"""An Elastic IP: a public address that stays. Status: public_ip, association, interface, private_ip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class ElasticIp:
    """Nothing about an address can be chosen; who uses it is stated by the NAT gateway or balancer that does."""

    kind: ClassVar[str] = "elastic_ip"
    public_ip: str = observed(default="")
    interface: str = observed(default="")
    private_ip: str = observed(default="")
