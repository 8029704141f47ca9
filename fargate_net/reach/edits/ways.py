"""Edits of ways: routes, gateways, public addresses, peerings. Never here: which way is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fargate_net.kinds.block_public_access import BlockPublicAccess, Exclusion
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.reach.edits import Harmless
from fargate_net.reach.routes import kind_of


def users(snapshot: Snapshot, table: str) -> str:
    """The subnets that use a route table, in words."""
    held = snapshot.get(RouteTable, table)
    if held is None:
        return "the subnets of " + table
    named = ", ".join(sorted(map(str, held.props.subnets)))
    main = f"the subnets of {held.props.vpc} without a table of their own" if held.props.main else ""
    return " and ".join(text for text in (named, main) if text) or f"no subnet yet ({table})"


def _named(target: str) -> str:
    """The target of a route as people say it; what another edit makes has no id yet."""
    kind = kind_of(target).replace("_", " ")
    return f"the new {kind}" if target.startswith("planned:internet_gateway/of-") else f"{kind} {target}"


@dataclass(frozen=True)
class AddRoute(Harmless):
    """A route for a table that has none of that destination."""

    table: str
    route: Route

    @property
    def subject(self) -> str:
        """The table."""
        return self.table

    @property
    def sentence(self) -> str:
        """As in: Add to rtb-1 a route for 0.0.0.0/0 to internet gateway igw-1."""
        return f"Add to {self.table} a route for {self.route.destination} to {_named(str(self.route.target))}."

    def opens(self, snapshot: Snapshot) -> str:
        """The way is there for the whole subnet."""
        where, target = users(snapshot, self.table), str(self.route.target)
        if kind_of(target) == "internet_gateway":
            return f"the way to and from {self.route.destination} for every interface of {where} with a public address"
        return f"the way to {self.route.destination} for every interface of {where}, as far as rules allow it"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The table with the route."""
        held = snapshot.get(RouteTable, self.table)
        if held is None:
            return snapshot
        props = replace(held.props, routes=held.props.routes | {self.route})
        return snapshot.with_([replace(held, props=props)])


@dataclass(frozen=True)
class ReplaceRoute:
    """Another target for a destination that a table routes already; ``was`` is the old target."""

    table: str
    destination: str
    was: str
    target: str
    dead: bool = False

    @property
    def subject(self) -> str:
        """The table."""
        return self.table

    @property
    def sentence(self) -> str:
        """As in: Replace in rtb-1 the route for 0.0.0.0/0 to nat-1 by one to internet gateway igw-1."""
        target = _named(self.target)
        return f"Replace in {self.table} the route for {self.destination} to {self.was} by one to {target}."

    def opens(self, snapshot: Snapshot) -> str:
        """The way is there for the whole subnet."""
        return AddRoute(self.table, Route(self.destination, self.target)).opens(snapshot)

    def closes(self, snapshot: Snapshot) -> str:
        """Who went the old way, unless it was dead."""
        return (
            "" if self.dead else f"the way to {self.destination} through {self.was} for {users(snapshot, self.table)}"
        )

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The table with the other target."""
        held = snapshot.get(RouteTable, self.table)
        if held is None:
            return snapshot
        routes = frozenset(route for route in held.props.routes if route.destination != self.destination)
        implied = tuple(route for route in held.props.implied if route.destination != self.destination)
        props = replace(held.props, routes=routes | {Route(self.destination, self.target)}, implied=implied)
        return snapshot.with_([replace(held, props=props)])


@dataclass(frozen=True)
class AttachGateway(Harmless):
    """An internet gateway for a VPC: one that is attached to none, or a new one."""

    vpc: str
    gateway: str
    new: bool

    @property
    def subject(self) -> str:
        """The VPC."""
        return self.vpc

    @property
    def sentence(self) -> str:
        """As in: Attach an internet gateway to vpc-1."""
        return f"Attach {'an internet gateway' if self.new else self.gateway} to {self.vpc}."

    def opens(self, snapshot: Snapshot) -> str:
        """A gateway opens nothing by itself where no route leads to it."""
        held = snapshot.of(RouteTable).items()
        tables = sorted(key for key, t in held if any(r.target == self.gateway for r in t.props.routes))
        if not tables:
            return ""
        return f"the way to and from the internet for interfaces with public addresses behind {', '.join(tables)}"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The gateway, attached; routes that were dead for want of it live again."""
        made = Found(self.gateway, InternetGateway(self.vpc), planned=self.new)
        return snapshot.with_([made, *(_revived(found, self.gateway) for found in snapshot.of(RouteTable).values())])


def _revived(found: Found[RouteTable], gateway: str) -> Found[RouteTable]:
    routes = frozenset(
        replace(route, state="active") if route.target == gateway else route for route in found.props.routes
    )
    return replace(found, props=replace(found.props, routes=routes))


@dataclass(frozen=True)
class AcceptPeering(Harmless):
    """A peering that waits for the other side."""

    peering: str

    @property
    def subject(self) -> str:
        """The peering."""
        return self.peering

    @property
    def sentence(self) -> str:
        """As in: Accept the peering pcx-1, and keep the routes on both sides."""
        return f"Accept the peering {self.peering}, and keep the routes on both sides."

    def opens(self, snapshot: Snapshot) -> str:
        """Whatever routes lead through it."""
        return f"every connection between the two VPCs that routes send over {self.peering} and rules allow"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The peering, active."""
        held = snapshot.get(VpcPeering, self.peering)
        if held is None:
            return snapshot
        return snapshot.with_([replace(held, props=replace(held.props, state="active"))])


@dataclass(frozen=True)
class ExcludeFromBlock(Harmless):
    """An exclusion of VPC Block Public Access for a subnet or VPC.

    ``mode`` is ``allow-bidirectional`` or ``allow-egress`` (VPC User Guide, Block public access to VPCs and subnets).
    """

    resource: str
    mode: str

    @property
    def subject(self) -> str:
        """The subnet or VPC."""
        return self.resource

    @property
    def sentence(self) -> str:
        """As in: Add a VPC Block Public Access exclusion (allow-egress) for subnet-1."""
        return f"Add a VPC Block Public Access exclusion ({self.mode}) for {self.resource}."

    def opens(self, snapshot: Snapshot) -> str:
        """Everything that only the switch closed."""
        way = "to the internet" if self.mode == "allow-egress" else "to and from the internet"
        return f"everything {way} that routes and rules of {self.resource} allow"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The switch with the exclusion."""
        made = Exclusion(f"planned:exclusion/{self.resource}", self.resource, self.mode)
        return snapshot.with_(
            replace(found, props=replace(found.props, exclusions=(*found.props.exclusions, made)))
            for found in snapshot.of(BlockPublicAccess).values()
        )
