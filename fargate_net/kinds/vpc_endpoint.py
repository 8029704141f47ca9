"""A VPC endpoint: an AWS service reached without leaving the VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class VpcEndpoint:
    """``service`` is the full name, ``com.amazonaws.eu-west-1.ecr.api``; ``type`` is ``Interface``, ``Gateway`` or
    ``GatewayLoadBalancer``. ``policy`` is canonical JSON, ``""`` for the default that allows everything.

    ``state`` is lower case, ``available`` when it works.
    """

    kind: ClassVar[str] = "vpc_endpoint"
    vpc: Id
    service: str
    type: str
    subnets: frozenset[Id] = frozenset()
    security_groups: frozenset[Id] = frozenset()
    route_tables: frozenset[Id] = frozenset()
    private_dns: bool = False
    policy: str = ""
    state: str = observed(default="available")
    interfaces: tuple[str, ...] = observed(default=())
    dns_names: tuple[str, ...] = observed(default=())
