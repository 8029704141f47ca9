"""Somebody else's VPC and subnets: whether they are there, and are what the spec calls them.

Sources: VPC User Guide, Route tables and DNS attributes for your VPC; Route 53 Developer Guide, Considerations when
working with a private hosted zone. Never here: whether what is put there fits (placing.py, room.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.preflight.case import Case
from fargate_net.kinds.dhcp_options import DhcpOptions
from fargate_net.kinds.fields import items
from fargate_net.kinds.route_table import Route, RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.finding import Finding, error, warning
from fargate_net.model.snapshot import Snapshot

_EVERYWHERE = "0.0.0.0/0"
_OPAQUE = ("vpce-", "eni-", "i-")
"""Targets behind which a firewall may send packets on to an internet gateway."""


def network(case: Case) -> Iterator[Finding]:
    """The VPC, then the subnets of each role that something stands in, then what names need."""
    vpc = case.stack.network.vpc
    if vpc is None:
        return
    if case.live.get(Vpc, vpc) is None:
        if (missing := case.live.unknown("vpc", vpc)) is not None:
            yield warning("NOT_CHECKED", f"Could not check the VPC {vpc}: {missing.why}")
        else:
            where = " ".join(filter(None, (case.live.region, case.live.account and f"of account {case.live.account}")))
            yield error("VPC_NOT_FOUND", f"There is no VPC {vpc} in {where}.", "Correct `network.vpc` or the Region.")
        return
    lost = tuple(_lost(case, vpc))
    yield from lost
    if not lost:
        yield from _routes(case)
    yield from _names(case, vpc)


def _lost(case: Case, vpc: str) -> Iterator[Finding]:
    """Subnets that are not in the VPC."""
    chosen = case.stack.network.subnets
    there = {item.id for item in case.live.of(Subnet).values() if item.props.vpc == vpc}
    absent = [subnet for subnet in (*chosen.public.ids, *chosen.private.ids) if subnet not in there]
    if not absent:
        return
    if (missing := case.live.unknown("subnet")) is not None:
        yield warning("NOT_CHECKED", f"Could not check the subnets of {vpc}: {missing.why}")
        return
    wanted = [{"Name": "subnet-id", "Values": absent}]
    answer = case.read("where the subnets are", "ec2.describe_subnets", Filters=wanted)
    elsewhere = {item.text("SubnetId"): item.text("VpcId", "") for item in items(answer or {}, "Subnets", "SubnetId")}
    for subnet in absent:
        if elsewhere.get(subnet) not in (None, vpc):
            what = f"The subnet {subnet} is in {elsewhere[subnet]}, not in {vpc}."
        else:
            what = f"There is no subnet {subnet} in {vpc}."
        yield error("SUBNET_NOT_IN_VPC", what, "Correct `network.subnets`.")


def _routes(case: Case) -> Iterator[Finding]:
    """Whether public subnets have a route to an internet gateway, and private ones have none."""
    roles: set[str] = {service.subnets for service in case.stack.services.values()}
    roles |= {case.site.balancer_role(balancer.internal) for balancer in case.site.balancers}
    for role in sorted(roles):
        for place in case.places(case.site.subnets(role)):
            judged = _default(case.live, place.id)
            if judged is None:
                missing = case.live.unknown("route_table")
                why = f": {missing.why}" if missing else "."
                yield warning("NOT_CHECKED", f"Could not check the routes of {place.id}{why}")
            elif role == "public":
                yield from _not_public(place.id, *judged)
            else:
                yield from _not_private(place.id, *judged)


def _default(live: Snapshot, subnet: str) -> tuple[str, Route | None] | None:
    """The route table of a subnet (its own, else the main one) and its default route; None when not known."""
    found = live.get(Subnet, subnet)
    tables = [item for item in live.of(RouteTable).values() if found and item.props.vpc == found.props.vpc]
    own = [item for item in tables if subnet in item.props.subnets] or [item for item in tables if item.props.main]
    if not own:
        return None
    routes = (route for route in own[0].props.routes if route.destination == _EVERYWHERE)
    return own[0].id, next(routes, None)


def _not_public(subnet: str, table: str, route: Route | None) -> Iterator[Finding]:
    hint = "List it under `private`, or correct the route table."
    if route is None:
        what = f"The subnet {subnet} is named as public, but its route table {table} has no route to {_EVERYWHERE}."
        yield error("SUBNET_NOT_PUBLIC", what, hint)
    elif route.state == "blackhole":
        what = f"The subnet {subnet} is named as public, but the default route of {table} leads to {route.target}, "
        yield error("SUBNET_NOT_PUBLIC", f"{what}which is gone.", "Correct the route table.")
    elif str(route.target).startswith(_OPAQUE):
        what = f"Could not check whether {subnet} is public: {table} sends {_EVERYWHERE} through {route.target}, "
        yield warning("NOT_CHECKED", f"{what}and what stands behind it does not show.")
    elif not str(route.target).startswith("igw-"):
        what = f"The subnet {subnet} is named as public, but its route table {table} sends {_EVERYWHERE} to "
        yield error("SUBNET_NOT_PUBLIC", f"{what}{route.target}, not to an internet gateway.", hint)


def _not_private(subnet: str, table: str, route: Route | None) -> Iterator[Finding]:
    if route is not None and str(route.target).startswith("igw-"):
        what = f"The subnet {subnet} is named as private, but its route table {table} sends {_EVERYWHERE} to "
        yield error("SUBNET_NOT_PRIVATE", f"{what}{route.target}: it is public.", "List it under `public`.")


def _names(case: Case, vpc: str) -> Iterator[Finding]:
    """DNS in the VPC: Cloud Map's records live in a private hosted zone, which needs both attributes."""
    props = case.live.of(Vpc)[vpc].props
    maps = [name for name, service in case.stack.services.items() if any(d.cloud_map for d in service.discovery)]
    for value, word, option in (
        (props.dns_support, "DNS resolution (enableDnsSupport)", "--enable-dns-support"),
        (props.dns_hostnames, "DNS hostnames (enableDnsHostnames)", "--enable-dns-hostnames"),
    ):
        hint = f"Switch it on: aws ec2 modify-vpc-attribute --vpc-id {vpc} {option} '{{\"Value\": true}}'"
        if value is None and maps:
            missing = case.live.unknown("vpc", vpc)
            yield warning("NOT_CHECKED", f"Could not check {word} of {vpc}{f': {missing.why}' if missing else '.'}")
        elif value is False and maps:
            what = f"{vpc} has {word} off, so nobody in it can resolve the Cloud Map names of {', '.join(maps)}."
            yield error("DNS_OFF", what, hint)
        elif value is False and option == "--enable-dns-support":
            yield warning("DNS_OFF", f"{vpc} has {word} off, so tasks need a resolver of yours to find any name.", hint)
    servers = case.live.get(DhcpOptions, props.dhcp_options)
    if maps and servers is not None and "AmazonProvidedDNS" not in servers.props.name_servers:
        named = ", ".join(servers.props.name_servers) or "no resolver"
        what = f"{vpc} gives {named} as resolver ({servers.id}), which does not know the Cloud Map names of "
        hint = "Forward the namespace from there to the Route 53 Resolver of the VPC."
        yield warning("OWN_RESOLVER", f"{what}{', '.join(maps)} by itself.", hint)
