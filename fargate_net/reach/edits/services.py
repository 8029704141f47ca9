"""Edits of how a VPC reaches AWS services: endpoints, their routes, names and policies. Never here: what is missing.

(AWS PrivateLink Guide, Access AWS services through VPC endpoints; VPC User Guide, DNS attributes for your VPC.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.reach.edits import Harmless
from fargate_net.reach.edits.tasks import free_address
from fargate_net.reach.edits.ways import users


@dataclass(frozen=True)
class AddInterfaceEndpoint:
    """An interface endpoint with private DNS and a group of its own that lets ``peers`` in on tcp 443."""

    vpc: str
    service: str
    subnets: tuple[str, ...]
    peers: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The VPC."""
        return self.vpc

    @property
    def sentence(self) -> str:
        """As in: Create an interface endpoint for com.amazonaws.eu-west-1.sqs in vpc-1 (subnet-1) that …."""
        where, whom = ", ".join(self.subnets), ", ".join(self.peers)
        return (
            f"Create an interface endpoint for {self.service} in {self.vpc} ({where}) with private DNS and a security "
            f"group that allows tcp 443 from {whom}."
        )

    def opens(self, snapshot: Snapshot) -> str:
        """Everybody the new group lets in."""
        return f"tcp 443 from {', '.join(self.peers)} to the endpoint for {self.service}"

    def closes(self, snapshot: Snapshot) -> str:
        """Private DNS holds for the whole VPC."""
        return f"the public way to {self.service} for all others of {self.vpc}: its name then leads to the endpoint"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The endpoint, its group and one interface in each subnet."""
        key, group = f"planned:vpc_endpoint/{self.service}", f"planned:security_group/{self.service}"
        rules = frozenset(Rule("ingress", "tcp", 443, 443, peer) for peer in self.peers)
        nics = [made for subnet in self.subnets if (made := self._interface(snapshot, subnet, group))]
        props = VpcEndpoint(
            self.vpc,
            self.service,
            "Interface",
            frozenset(self.subnets),
            frozenset({group}),
            private_dns=True,
            interfaces=tuple(nic.id for nic in nics),
        )
        made_group = Found(group, SecurityGroup(self.vpc, group, "", rules), planned=True)
        return snapshot.with_([*nics, made_group, Found(key, props, planned=True)])

    def _interface(self, snapshot: Snapshot, subnet: str, group: str) -> Found[NetworkInterface] | None:
        held = snapshot.get(Subnet, subnet)
        if held is None:
            return None
        address = free_address(snapshot, subnet, held.props.cidr)
        props = NetworkInterface(
            self.vpc, subnet, held.props.zone, (address,), frozenset({group}), "vpc_endpoint", requester="amazon-vpce"
        )
        return Found(f"planned:network_interface/{self.service}/{subnet}", props, planned=True)


@dataclass(frozen=True)
class AssociateGatewayEndpoint(Harmless):
    """A gateway endpoint, new or old (``endpoint``), on the route tables of senders."""

    vpc: str
    service: str
    endpoint: str
    prefix_list: str
    tables: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The endpoint, or the VPC that has none."""
        return self.endpoint or self.vpc

    @property
    def sentence(self) -> str:
        """As in: Add rtb-1 to the gateway endpoint vpce-1."""
        tables = ", ".join(self.tables)
        if self.endpoint:
            return f"Add {tables} to the gateway endpoint {self.endpoint}."
        return f"Create a gateway endpoint for {self.service} in {self.vpc} on {tables}."

    def opens(self, snapshot: Snapshot) -> str:
        """The route is there for whole subnets."""
        whom = " and ".join(users(snapshot, table) for table in self.tables)
        return f"the way to {self.service} for every interface of {whom}, as far as rules allow it"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The endpoint, its prefix list and a route to it in every table."""
        key = self.endpoint or f"planned:vpc_endpoint/{self.service}"
        old = snapshot.get(VpcEndpoint, key)
        props = old.props if old else VpcEndpoint(self.vpc, self.service, "Gateway")
        made = replace(props, route_tables=props.route_tables | set(self.tables))
        items: list[Found[VpcEndpoint] | Found[PrefixList] | Found[RouteTable]] = [
            replace(old, props=made) if old else Found(key, made, planned=True)
        ]
        if snapshot.get(PrefixList, self.prefix_list) is None:
            items.append(Found(self.prefix_list, PrefixList(self.service, None), planned=True))
        for table in self.tables:
            held = snapshot.get(RouteTable, table)
            if held is not None:
                implied = (*held.props.implied, Route(self.prefix_list, key, origin="table"))
                items.append(replace(held, props=replace(held.props, implied=implied)))
        return snapshot.with_(items)


@dataclass(frozen=True)
class EnablePrivateDns:
    """The service's own name leads to the endpoint."""

    endpoint: str

    @property
    def subject(self) -> str:
        """The endpoint."""
        return self.endpoint

    @property
    def sentence(self) -> str:
        """As in: Turn on private DNS of vpce-1."""
        return f"Turn on private DNS of {self.endpoint}."

    def opens(self, snapshot: Snapshot) -> str:
        """Whoever the endpoint's groups let in."""
        return f"the service behind {self.endpoint}, by its usual name, for everybody its security groups let in"

    def closes(self, snapshot: Snapshot) -> str:
        """Private DNS holds for the whole VPC."""
        return f"the public way to the service of {self.endpoint} for everybody its security groups do not let in"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The endpoint with private DNS."""
        held = snapshot.get(VpcEndpoint, self.endpoint)
        return snapshot.with_([replace(held, props=replace(held.props, private_dns=True))]) if held else snapshot


@dataclass(frozen=True)
class EnableDnsAttributes(Harmless):
    """enableDnsSupport, and with it enableDnsHostnames where names of endpoints need both."""

    vpc: str
    hostnames: bool

    @property
    def subject(self) -> str:
        """The VPC."""
        return self.vpc

    @property
    def sentence(self) -> str:
        """As in: Turn on enableDnsSupport of vpc-1."""
        return f"Turn on enableDnsSupport{' and enableDnsHostnames' if self.hostnames else ''} of {self.vpc}."

    def opens(self, snapshot: Snapshot) -> str:
        """Names are for the whole VPC."""
        return f"names, and what can only be reached by name, for every interface of {self.vpc}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The VPC with the attributes on."""
        held = snapshot.get(Vpc, self.vpc)
        if held is None:
            return snapshot
        props = replace(held.props, dns_support=True)
        return snapshot.with_([replace(held, props=replace(props, dns_hostnames=True) if self.hostnames else props)])


@dataclass(frozen=True)
class AllowInPolicy(Harmless):
    """One more statement for the policy of an endpoint."""

    endpoint: str
    action: str
    resource: str

    @property
    def subject(self) -> str:
        """The endpoint."""
        return self.endpoint

    @property
    def sentence(self) -> str:
        """As in: Allow s3:GetObject on arn:aws:s3:::… in the policy of vpce-1."""
        return f"Allow {self.action} on {self.resource} in the policy of {self.endpoint}."

    def opens(self, snapshot: Snapshot) -> str:
        """The policy is for everybody behind the endpoint."""
        return f"{self.action} on {self.resource} for everybody who reaches {self.endpoint}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The endpoint with the statement in its policy."""
        held = snapshot.get(VpcEndpoint, self.endpoint)
        if held is None:
            return snapshot
        document = json.loads(held.props.policy or "{}")
        stated = document.get("Statement", [])
        more = {"Effect": "Allow", "Principal": "*", "Action": self.action, "Resource": self.resource}
        document["Statement"] = [*(stated if isinstance(stated, list) else [stated]), more]
        return snapshot.with_([replace(held, props=replace(held.props, policy=json.dumps(document)))])
