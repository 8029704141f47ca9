"""The interfaces AWS makes for a load balancer, one a subnet: foreseen, and found among the live ones. Pure.

Never here: calls, listeners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fargate_net.kinds.foreseen_public import free_public
from fargate_net.kinds.implied import free_ipv6, interface
from fargate_net.model.snapshot import Found, Snapshot

_WORDS = {"application": "app", "network": "net", "gateway": "gwy"}


def interface_description(balancer: Found[Any]) -> str:
    """What AWS writes on a balancer's interfaces: ``ELB app/NAME/ID`` (Application Load Balancers, Subnets).

    One that does not exist yet has ``planned`` for its id.
    """
    _, _, known = balancer.id.partition(":loadbalancer/")
    return f"ELB {known or f'{_WORDS[balancer.props.type]}/{balancer.props.name}/planned'}"


def live_interfaces(balancer: Found[Any], world: Snapshot) -> list[Found[Any]]:
    """The balancer's interfaces among those of the world."""
    words = interface_description(balancer)
    return [face for face in world.kind("network_interface").values() if face.props.description == words]


def foreseen_interfaces(balancer: Found[Any], world: Snapshot) -> Iterator[Found[Any]]:
    """One interface in each subnet, with the balancer's groups, and a public address when it faces the internet."""
    props = balancer.props
    fixed = {str(subnet): str(allocation) for subnet, allocation in props.addresses}
    for number, subnet in enumerate(sorted(str(subnet) for subnet in props.subnets)):
        for face in interface(
            balancer,
            world,
            subnet,
            number,
            security_groups=frozenset(str(group) for group in props.security_groups),
            type="network_load_balancer" if props.type == "network" else "interface",
            description=interface_description(balancer),
            requester="amazon-elb",
            ipv6_ips=tuple(free_ipv6(world, subnet, 1)) if props.ip_address_type.startswith("dualstack") else (),
        ):
            if props.scheme == "internet-facing":
                address = _fixed(world, fixed.get(subnet, "")) or free_public(world)
                public = ((face.props.private_ips[0], address),)
                face = replace(face, props=replace(face.props, public_ips=public))
            world = world.with_([face])
            yield face


def _fixed(world: Snapshot, allocation: str) -> str:
    """The address of an Elastic IP, ``""`` while it does not exist."""
    there = world.kind("elastic_ip").get(allocation)
    return str(there.props.public_ip) if there is not None else ""
