"""What AWS makes by itself beside a thing, foreseen: addresses, interfaces, routes, and the defaults of a VPC.

Things foreseen have ids that begin with ``planned:``. Never here: calls. Kinds are read by their word, because every
kind may use this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Network, ip_network
from typing import Any

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
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


def of_vpc(vpc: Found[Any], world: Snapshot) -> Iterator[Found[Any]]:
    """The main route table, default network ACL and default security group of a VPC, where the world has none.

    VPC User Guide, Default network ACL; Default security groups; Main route table.
    """
    from fargate_net.kinds.route_table import RouteTable
    from fargate_net.kinds.security_group import SecurityGroup
    from fargate_net.kinds.security_group_rule import Rule

    def lacks(kind: str, **default: Any) -> bool:
        return not any(
            thing.props.vpc == vpc.id and all(getattr(thing.props, name) == value for name, value in default.items())
            for thing in world.kind(kind).values()
        )

    if lacks("route_table", main=True):
        props = RouteTable(vpc.id, main=True)
        table = Found(id=planned_id("route_table", vpc, "main"), props=props, planned=True)
        yield with_implied_routes(table, world, vpc)
    if lacks("network_acl", default=True):
        acl = NetworkAcl(vpc.id, True, frozenset(), tuple(_default_entries(bool(vpc.props.ipv6_cidrs))))
        yield Found(id=planned_id("network_acl", vpc, "default"), props=acl, planned=True)
    if lacks("security_group", name="default"):
        group = planned_id("security_group", vpc, "default")
        everyone = ["0.0.0.0/0", *(["::/0"] if vpc.props.ipv6_cidrs else [])]
        rules = {Rule("ingress", "-1", 0, 65535, group), *(Rule("egress", "-1", 0, 65535, peer) for peer in everyone)}
        default = SecurityGroup(vpc.id, "default", "default VPC security group", frozenset(rules))
        yield Found(id=group, props=default, name="default", planned=True)


def _default_entries(ipv6: bool) -> Iterator[AclEntry]:
    every = ["0.0.0.0/0", *(["::/0"] if ipv6 else [])]
    for egress in (False, True):
        for first, allow in ((100, True), (32767, False)):
            for number, cidr in enumerate(every, first):
                yield AclEntry(egress, number, allow, "-1", cidr)


def with_implied_routes(table: Found[Any], world: Snapshot, vpc: Found[Any] | None = None) -> Found[Any]:
    """The table with the routes AWS keeps in it: local ones, propagated ones, and those of gateway endpoints."""
    from fargate_net.kinds.route_table import Route

    vpc = vpc or world.kind("vpc").get(table.props.vpc)
    ranges: Iterable[str] = (*vpc.props.cidrs, *vpc.props.ipv6_cidrs) if vpc else ()
    local = [Route(cidr, "local", origin="table") for cidr in ranges]
    kept = [route for route in table.props.implied if route.origin == "propagated"]
    endpoints = [
        Route(_prefix_list(world, endpoint.props.service), endpoint.id)
        for endpoint in world.kind("vpc_endpoint").values()
        if endpoint.props.type == "Gateway" and table.id in endpoint.props.route_tables
    ]
    if not vpc:
        local = [route for route in table.props.implied if route.target == "local"]
    return replace(table, props=replace(table.props, implied=(*local, *kept, *endpoints)))


def _prefix_list(world: Snapshot, service: str) -> str:
    """The id of the prefix list of a gateway endpoint's service."""
    for list_id, prefix_list in world.kind("prefix_list").items():
        if prefix_list.props.name == service:
            return list_id
    return f"planned:prefix_list/{service}"


def public_address(of: str) -> str:
    """A public IPv4 address for a thing that does not exist yet, from a range for documentation (RFC 5737)."""
    return f"203.0.113.{int(sha256(of.encode()).hexdigest(), 16) % 254 + 1}"
