"""What AWS makes beside a new VPC, foreseen: its main route table, default network ACL and default security group.

Never here: calls, tables and groups of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fargate_net.kinds.implied import planned_id
from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.route_table import RouteTable, with_implied_routes
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.security_group_rule import Rule
from fargate_net.model.snapshot import Found, Snapshot


def of_vpc(vpc: Found[Any], world: Snapshot) -> Iterator[Found[Any]]:
    """The main route table, default network ACL and default security group of a VPC, where the world has none.

    VPC User Guide, Default network ACL; Default security groups; Main route table.
    """

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
