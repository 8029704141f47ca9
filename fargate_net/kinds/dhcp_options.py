"""DHCP options: which resolver the tasks of a VPC ask. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DhcpOptions:
    """``name_servers`` holds ``AmazonProvidedDNS`` or addresses."""

    kind: ClassVar[str] = "dhcp_options"
    name_servers: tuple[str, ...]
