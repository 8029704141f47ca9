"""What AWS gives a thing by itself, foreseen: addresses and interfaces.

Things foreseen have ids that begin with ``planned:``. Never here: calls. Kinds are read by their word, because every
kind may use this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from ipaddress import IPv6Network, ip_network
from typing import Any

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.snapshot import Found, Snapshot

FIRST_FREE = 4
"""AWS keeps the first four addresses of a subnet and the last (VPC User Guide, Subnet sizing)."""


def planned_id(kind: str, of: Found[Any], part: str | int) -> str:
    """The id of a thing foreseen beside another: ``planned:network_interface/nat_gateway/a/0``."""
    return f"planned:{kind}/{of.key or of.id.removeprefix('planned:')}/{part}"


def free_addresses(world: Snapshot, subnet: str, count: int) -> list[str]:
    """The lowest free IPv4 addresses of a subnet; fewer than ``count`` when it is full or not known.

    AWS picks an address at random; which one it will be cannot be foreseen, that it lies in the subnet can.
    """
    there = world.kind("subnet").get(subnet)
    if there is None or not there.props.cidr:
        return []
    network = ip_network(there.props.cidr)
    used = {
        address
        for interface in world.kind("network_interface").values()
        if interface.props.subnet == subnet
        for address in interface.props.private_ips
    }
    free: list[str] = []
    for offset in range(FIRST_FREE, network.num_addresses - 1):
        if len(free) == count:
            break
        address = str(network[offset])
        if address not in used:
            free.append(address)
    return free


def free_ipv6(world: Snapshot, subnet: str, count: int) -> list[str]:
    """The lowest free IPv6 addresses of a subnet; none when it has no range."""
    there = world.kind("subnet").get(subnet)
    if there is None or not there.props.ipv6_cidr:
        return []
    network = ip_network(there.props.ipv6_cidr)
    used = {
        address
        for interface in world.kind("network_interface").values()
        if interface.props.subnet == subnet
        for address in interface.props.ipv6_ips
    }
    candidates = (str(network[offset]) for offset in range(FIRST_FREE, FIRST_FREE + len(used) + count))
    return [address for address in candidates if address not in used][:count]


def interface(of: Found[Any], world: Snapshot, subnet: str, number: int, **props: Any) -> Iterator[Found[Any]]:
    """One foreseen interface in that subnet at its next free address; none when the subnet is full or not known."""
    there = world.kind("subnet").get(subnet)
    addresses = free_addresses(world, subnet, 1)
    if there is None or not addresses:
        return
    yield Found(
        id=planned_id("network_interface", of, number),
        props=NetworkInterface(
            vpc=there.props.vpc,
            subnet=subnet,
            zone=there.props.zone,
            private_ips=tuple(addresses),
            **{"security_groups": frozenset(), **props},
        ),
        planned=True,
    )


def foreseen_ipv6(vpc: str) -> str:
    """A /56 for a VPC that does not exist yet, from the range for documentation (RFC 3849), the same every time."""
    digits = sha256(vpc.encode()).hexdigest()
    return str(ip_network(f"2001:db8:{digits[:4]}:{digits[4:6]}00::/56"))


def subnet_ipv6(vpc_range: str, index: int) -> str:
    """The /64 of that number inside a VPC's range."""
    network = ip_network(vpc_range)
    return str(IPv6Network((int(network.network_address) + (index << 64), 64)))


def public_address(of: str) -> str:
    """A public IPv4 address for a thing that does not exist yet, from a range for documentation (RFC 5737)."""
    return f"203.0.113.{int(sha256(of.encode()).hexdigest(), 16) % 254 + 1}"
