"""What a snapshot means for packets: filters and route tables of every subnet, ready to match. Never here: a verdict.

Everything is built when first asked for. A look-up answers with the thing, or with a :class:`Lack`; it never guesses.
"""

from __future__ import annotations

from functools import cached_property

from fargate_net.kinds.block_public_access import BlockPublicAccess
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.network_acl import NetworkAcl
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.security_group_rule import PERMISSIONS
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.model.snapshot import Snapshot
from fargate_net.reach import addresses
from fargate_net.reach.acls import AclFilter
from fargate_net.reach.filters import GroupFilter
from fargate_net.reach.interfaces import Interfaces, Lack
from fargate_net.reach.routes import Table, kind_of


class Network(Interfaces):
    """Lazy indexes over one snapshot. Planned, live and saved snapshots look the same from here."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._tables: dict[str, Table | Lack] = {}
        self._acls: dict[str, AclFilter | Lack] = {}
        self._filters: dict[tuple[frozenset[str], str], GroupFilter] = {}
        self._compiled_tables: dict[str, Table] = {}
        self._compiled_acls: dict[str, AclFilter] = {}

    @cached_property
    def ranges_of_lists(self) -> dict[str, tuple[addresses.Cidr, ...] | None]:
        """The ranges of every prefix list by id; None when its entries are not known."""
        return {
            key: None if found.props.cidrs is None else tuple(map(addresses.cidr, found.props.cidrs))
            for key, found in self.snapshot.of(PrefixList).items()
        }

    @cached_property
    def _lists_of_services(self) -> frozenset[str]:
        """Prefix lists that AWS keeps of the addresses of its services."""
        lists = self.snapshot.of(PrefixList)
        return frozenset(key for key, found in lists.items() if found.props.name.startswith("com.amazonaws."))

    @cached_property
    def _active_peerings(self) -> frozenset[str]:
        peerings = self.snapshot.of(VpcPeering)
        return frozenset(key for key, found in peerings.items() if found.props.state == "active")

    def groups(self, ids: frozenset[str], direction: str) -> GroupFilter:
        """The union of these security groups in one direction, ``ingress`` or ``egress``."""
        made = self._filters.get((ids, direction))
        if made is None:
            known = {key: found.props for key in ids if (found := self.snapshot.get(SecurityGroup, key)) is not None}
            lacks = tuple(
                self.lack("security_group", key, f"security group {key} is not in the snapshot").text
                for key in sorted(ids - known.keys())
            ) + tuple(
                f"ec2:DescribeSecurityGroups: {key} has no {PERMISSIONS[direction]}"
                for key, props in sorted(known.items())
                if direction in props.untold
            )
            every = self.snapshot.of(SecurityGroup).keys()
            made = GroupFilter(
                known,
                ids,
                direction,
                self.ranges_of_lists,
                lacks,
                every,
                self._lists_of_services,
                self._active_peerings,
            )
            self._filters[ids, direction] = made
        return made

    @cached_property
    def _acl_by_subnet(self) -> dict[str, str]:
        return {str(s): key for key, acl in self.snapshot.of(NetworkAcl).items() for s in acl.props.subnets}

    @cached_property
    def _default_acls(self) -> dict[str, str]:
        return {str(acl.props.vpc): key for key, acl in self.snapshot.of(NetworkAcl).items() if acl.props.default}

    def acl(self, subnet: str, vpc: str) -> AclFilter | Lack:
        """The network ACL of a subnet: its own, else the default one of the VPC."""
        made = self._acls.get(subnet)
        if made is None:
            key = self._acl_by_subnet.get(subnet) or self._unless_unread(
                "network_acl", subnet, self._default_acls.get(vpc)
            )
            if key is None:
                made = self._none_of("network_acl", f"the network ACL of subnet {subnet}")
            else:
                made = self._compiled_acls.get(key) or AclFilter(key, self.snapshot.of(NetworkAcl)[key].props)
                self._compiled_acls[key] = made
            self._acls[subnet] = made
        return made

    @cached_property
    def _table_by_subnet(self) -> dict[str, str]:
        return {str(s): key for key, table in self.snapshot.of(RouteTable).items() for s in table.props.subnets}

    @cached_property
    def main_tables(self) -> dict[str, str]:
        """The main route table of each VPC."""
        return {str(t.props.vpc): key for key, t in self.snapshot.of(RouteTable).items() if t.props.main}

    @cached_property
    def edge_tables(self) -> dict[str, str]:
        """The route table that redirects what comes in through a gateway, by gateway id."""
        return {g: key for key, table in self.snapshot.of(RouteTable).items() for g in table.props.gateways}

    def _unless_unread(self, kind: str, subnet: str, fallback: str | None) -> str | None:
        """What serves subnets without association; nothing when one that could not be read may be theirs.

        Nor for a subnet that a complete list of subnets does not hold: nothing is certain about it.
        """
        listed = subnet in self.snapshot.of(Subnet) or not self.complete(Subnet.kind)
        return fallback if listed and self.complete(kind) else None

    def _none_of(self, kind: str, what: str) -> Lack:
        """Why nothing of a kind was found for a subnet: what of it could not be read, or that nothing was saved."""
        unread = [f"{m.call}: {m.why}" for m in self.snapshot.missing if m.kind == kind]
        return Lack(f"{what} is not known: {'; '.join(unread)}" if unread else f"{what} is not in the snapshot")

    def table(self, subnet: str, vpc: str) -> Table | Lack:
        """The route table a subnet uses, which knows whether by association or as the main one."""
        made = self._tables.get(subnet)
        if made is None:
            explicit = self._table_by_subnet.get(subnet)
            key = explicit or self._unless_unread("route_table", subnet, self.main_tables.get(vpc))
            if key is None:
                made = self._none_of("route_table", f"the route table of subnet {subnet}")
            else:
                made = self.table_by_id(key)
            self._tables[subnet] = made
        return made

    def table_by_id(self, id: str) -> Table | Lack:
        """A route table ready for look-ups."""
        made = self._compiled_tables.get(id)
        if made is None:
            found = self.fact(RouteTable, id)
            if isinstance(found, Lack):
                return found
            vpc = self.snapshot.get(Vpc, str(found.props.vpc))
            local = (*vpc.props.cidrs, *vpc.props.ipv6_cidrs) if vpc else ()
            made = self._compiled_tables[id] = Table(id, found.props, local, self.ranges_of_lists)
        return made

    def choice(self, subnet: str) -> str:
        """How a subnet got its route table: ``associated`` or ``main``."""
        return "associated" if subnet in self._table_by_subnet else "main"

    def is_public(self, subnet: str) -> bool | None:
        """Whether the subnet's table leads to an internet gateway ; None: not known."""
        props = self.subnet(subnet)
        table = props if isinstance(props, Lack) else self.table(subnet, str(props.vpc))
        if isinstance(table, Lack):
            return None
        ways = [table.lookup(family, addresses.INTERNET[family].first) for family in (4, 6)]
        return any(w is not None and w.state == "active" and kind_of(w.target) == "internet_gateway" for w in ways)

    @cached_property
    def _gateways(self) -> dict[str, str]:
        return {str(g.props.vpc): key for key, g in self.snapshot.of(InternetGateway).items() if g.props.vpc}

    def internet_gateway(self, vpc: str) -> str | Lack | None:
        """The internet gateway attached to a VPC; None when it certainly has none."""
        if (gateway := self._gateways.get(vpc)) is not None:
            return gateway
        missing = self.unread(InternetGateway.kind)
        return Lack(f"{missing.call}: {missing.why}") if missing else None

    @cached_property
    def block_public_access(self) -> BlockPublicAccess | Lack:
        """The account's switch over internet gateways. What no saved response tells is assumed to be off."""
        for found in self.snapshot.of(BlockPublicAccess).values():
            return found.props
        missing = self.snapshot.unknown("block_public_access")
        return Lack(f"{missing.call}: {missing.why}") if missing else BlockPublicAccess("off", assumed=True)
