"""Public addresses of things that do not exist yet, from the ranges for documentation. Never here: real ones."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from fargate_net.model.snapshot import Snapshot

_RANGES = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
"""RFC 5737: on the internet nobody has these, so that a foreseen address is never taken for somebody's."""


def free_public(world: Snapshot) -> str:
    """The next documentation address that nothing in the world uses; the last one again when all are used."""
    used = {outside for face in world.kind("network_interface").values() for _, outside in face.props.public_ips}
    address = ""
    for address in _addresses():
        if address not in used:
            break
    return address


def _addresses() -> Iterator[str]:
    for block in _RANGES:
        yield from (str(address) for address in ip_network(block).hosts())
