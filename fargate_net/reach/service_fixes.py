"""What would open the way to an AWS service: an endpoint, its names, routes and policy, as sentences that carry edits.

Never here: deciding how a service is reached (services.py).
"""

from __future__ import annotations

from dataclasses import replace

from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.verdict import Blocker
from fargate_net.reach import policies
from fargate_net.reach.edits import Change
from fargate_net.reach.edits.services import (
    AddInterfaceEndpoint,
    AllowInPolicy,
    AssociateGatewayEndpoint,
    EnableDnsAttributes,
    EnablePrivateDns,
)
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.fixes import cure, rarest
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.network import Network
from fargate_net.reach.outside import GATEWAY_SERVICES
from fargate_net.reach.spread import Holder

ADVICE = frozenset(
    {"ENDPOINT_MISSING", "ENDPOINT_NOT_ON_ROUTE_TABLE", "ENDPOINT_PRIVATE_DNS_OFF", "VPC_DNS_ATTRIBUTE_OFF"}
)
"""Codes that speak about a better way: once it is there, what blocks the other way does not matter."""


def cured(network: Network, source: Endpoint, target: str, blocker: Blocker) -> Blocker:
    """The blocker with its fix as data, when it is about endpoints or DNS attributes and the edit can be told."""
    nics = [end.nic for end in source.ends if isinstance(end, Holder)]
    change = _change(network, nics, target.removeprefix("aws:"), blocker)
    return replace(blocker, fix=cure(change)) if change is not None else blocker


def _change(network: Network, senders: list[Nic], name: str, blocker: Blocker) -> Change | None:
    where, code = blocker.component, blocker.code
    if code == "VPC_DNS_ATTRIBUTE_OFF":
        return EnableDnsAttributes(where, hostnames="enableDnsHostnames" in blocker.fix)
    if code == "ENDPOINT_PRIVATE_DNS_OFF":
        return EnablePrivateDns(where)
    if code == "ENDPOINT_POLICY_DENIES":
        held = network.snapshot.get(VpcEndpoint, where)
        region = held.props.service.split(".")[2] if held else network.snapshot.region
        if held and policies.denies(held.props.policy, name, region):
            return None  # one more statement that allows would not help
        return AllowInPolicy(where, *policies.needed(name, region))
    if code == "ENDPOINT_NOT_ON_ROUTE_TABLE":
        held = network.snapshot.get(VpcEndpoint, where)
        return _gateway(network, senders, str(held.props.vpc), held.props.service, where) if held else None
    if code == "ENDPOINT_MISSING" and network.snapshot.region:
        full = f"com.amazonaws.{network.snapshot.region}.{name}"
        if name in GATEWAY_SERVICES:
            return _gateway(network, senders, where, full, "")
        return _interface(network, senders, where, full)
    return None


def _gateway(network: Network, senders: list[Nic], vpc: str, service: str, endpoint: str) -> Change | None:
    tables = [network.table(nic.subnet, nic.vpc) for nic in senders]
    there = network.snapshot.get(VpcEndpoint, endpoint)
    on = there.props.route_tables if there else frozenset()
    known = tuple(dict.fromkeys(table.id for table in tables if not isinstance(table, Lack) and table.id not in on))
    lists = sorted(key for key, found in network.snapshot.of(PrefixList).items() if found.props.name == service)
    held = lists[0] if lists else f"planned:prefix_list/{service}"
    return AssociateGatewayEndpoint(vpc, service, endpoint, held, known) if known else None


def _interface(network: Network, senders: list[Nic], vpc: str, service: str) -> Change | None:
    """One subnet in each zone of the senders; of their groups those that the fewest interfaces carry."""
    subnets = {nic.zone: nic.subnet for nic in reversed(senders) if nic.vpc == vpc}
    peers = {rarest(network, nic.groups) for nic in senders if nic.vpc == vpc and nic.groups}
    if not subnets or not peers:
        return None
    return AddInterfaceEndpoint(vpc, service, tuple(sorted(subnets.values())), tuple(sorted(peers)))
