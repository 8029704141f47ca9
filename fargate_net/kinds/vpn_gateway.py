"""A virtual private gateway and its VPN connections. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.model.resource import observed


@dataclass(frozen=True)
class VpnGateway:
    """``vpcs`` are those it is attached to."""

    kind: ClassVar[str] = "vpn_gateway"
    vpcs: tuple[str, ...]
    state: str = observed(default="available")


@dataclass(frozen=True)
class VpnConnection:
    """``gateway`` is the virtual private or transit gateway; ``routes`` are the static destinations it announces."""

    kind: ClassVar[str] = "vpn_connection"
    gateway: str
    routes: tuple[str, ...] = ()
    state: str = observed(default="available")
    tunnels_up: int = observed(default=0)
