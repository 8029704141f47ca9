"""The public addresses of AWS services, as far as prefix lists tell them. Never here: endpoints of a sender's VPC.

(VPC User Guide, AWS-managed prefix lists.)
"""

from __future__ import annotations

from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.reach.addresses import INTERNET, is_cidr
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.outside import EVERYWHERE, GATEWAY_SERVICES
from fargate_net.reach.spread import Hosts


def serves(full: str, name: str, region: str) -> bool:
    """Whether ``com.amazonaws.eu-west-1.ecr.api`` is the service ``ecr.api`` of the Region (any, when not known)."""
    parts = full.split(".")
    return full == name or (".".join(parts[3:]) == name and (not region or parts[2] == region))


def public(network: Network, text: str, name: str) -> Hosts:
    """The public addresses of the service: those of its prefix list, or any public address, not known which."""
    for key, found in network.snapshot.of(PrefixList).items():
        if found.props.name.startswith("com.amazonaws.") and serves(found.props.name, name, network.snapshot.region):
            known = network.ranges_of_lists.get(key)
            if known:
                held = {f: Intervals([(c.low, c.high) for c in known if c.family == f]) for f in (4, 6)}
                return Hosts({f: h for f, h in held.items() if h}, text, {4: key, 6: key}, (key,), "")
            return _listed(text, key)
    if routed := _routed_lists(network, name):
        return _listed(text, *routed)
    vague = f"the public addresses of {text} are not known"
    return Hosts({4: INTERNET[4] - _others(network, name)}, text, EVERYWHERE, (), vague)


def _listed(text: str, *lists: str) -> Hosts:
    """Addresses of which only the prefix list that holds them is known."""
    vague = f"the ranges of prefix list {', '.join(lists)} are not known"
    return Hosts({4: INTERNET[4]}, text, {4: lists[0]}, lists, vague)


def _routed_lists(network: Network, name: str) -> tuple[str, ...]:
    """The service's prefix list as the routes to its gateway endpoints name it, where no call describes it."""
    gateways = {
        key
        for key, found in network.snapshot.of(VpcEndpoint).items()
        if found.props.type == "Gateway" and serves(found.props.service, name, network.snapshot.region)
    }
    tables = network.snapshot.of(RouteTable).values() if gateways else ()
    routes = (route for table in tables for route in (*table.props.routes, *table.props.implied))
    lists = {str(route.destination) for route in routes if str(route.target) in gateways}
    return tuple(sorted(held for held in lists if not is_cidr(held)))


def _others(network: Network, name: str) -> Intervals:
    """The addresses that belong to another service: those its own prefix list holds, so far as they are known."""
    lists = [
        network.ranges_of_lists.get(key) or ()
        for key, found in network.snapshot.of(PrefixList).items()
        if any(serves(found.props.name, other, "") for other in GATEWAY_SERVICES if other != name)
    ]
    return Intervals([(c.low, c.high) for held in lists for c in held if c.family == 4])
