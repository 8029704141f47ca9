"""An elastic network interface: where packets meet addresses. Read only: AWS services and others make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class NetworkInterface:
    """``public_ips`` pairs (private, public) as the internet gateway translates them.

    ``type`` is AWS's InterfaceType (``interface``, ``nat_gateway``, ``network_load_balancer``, ``vpc_endpoint``, …);
    ``instance`` the EC2 instance it belongs to; ``requester`` who manages it (``amazon-elb``).
    """

    kind: ClassVar[str] = "network_interface"
    vpc: Id
    subnet: Id
    zone: str
    private_ips: tuple[str, ...]
    security_groups: frozenset[Id]
    type: str = "interface"
    description: str = ""
    public_ips: tuple[tuple[str, str], ...] = ()
    ipv6_ips: tuple[str, ...] = ()
    instance: str = ""
    requester: str = ""
    owner: str = ""
    source_dest_check: bool = True
    state: str = observed(default="in-use")
