"""Whether a packet gets through, by the sandbox's own short rules: security groups, network ACLs, routes.

The sandbox plays AWS, so it must not ask the tool under test what AWS would do. These rules know what a task
needs to start and what a load balancer needs to reach a target, and nothing more: IPv4 TCP, no appliances.
Authority: VPC User Guide, "Security group rules", "Network ACLs", "Route priority",
"Block public access".

Never here: a change of state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from .calls import LEDGER
from .ec2_public_access import blocks
from .stores import kept_by

#: Ports that stand for the range from which clients choose theirs; a network ACL must pass all of them.
EPHEMERAL_SAMPLE = (1024, 32768, 60999)
#: A public address that stands for "somewhere on the internet".
SOMEWHERE = "52.95.0.1"


@dataclass(frozen=True)
class Peer:
    """The other side of a connection: its address, its security groups, the prefix list that holds it."""

    address: str
    groups: frozenset[str] = frozenset()
    prefix_list: str | None = None


@lru_cache(maxsize=4096)
def _network(cidr: str) -> IPv4Network | IPv6Network:
    return ip_network(cidr, strict=False)


class _Connections:
    """Which interfaces reach each other, until a call changes something: a health check asks at every call."""

    def __init__(self) -> None:
        self.asked_at = 0
        self.found: dict[tuple[str, str, int], bool] = {}


def peer_of(interface: Any) -> Peer:
    """An interface as the other side sees it."""
    return Peer(interface.private_ip_address, frozenset(group.id for group in interface.group_set))


def _rule_matches(backend: Any, rule: Any, peer: Peer, port: int) -> bool:
    if rule.ip_protocol not in ("-1", "tcp", "6"):
        return False
    if rule.ip_protocol != "-1" and not rule.from_port <= port <= rule.to_port:
        return False
    if cidr := (rule.ip_range or {}).get("CidrIp"):
        return IPv4Address(peer.address) in _network(cidr)
    if group := (rule.source_group or {}).get("GroupId"):
        return group in peer.groups
    if rule.prefix_list_id:
        return rule.prefix_list_id == peer.prefix_list or _list_holds(backend, rule.prefix_list_id, peer.address)
    return False


def prefix_cidrs(backend: Any, prefix_list_id: str) -> list[str]:
    """The CIDRs of a prefix list; moto keeps those of AWS under a version that the list itself does not name."""
    prefix_list = backend.managed_prefix_lists.get(prefix_list_id)
    if prefix_list is None:
        return []
    versions: dict[Any, list[dict[str, str]]] = prefix_list.entries
    newest = versions.get(prefix_list.version) or next(iter(versions.values()), [])
    return [entry["Cidr"] for entry in newest]


def _list_holds(backend: Any, prefix_list_id: str, address: str) -> bool:
    return any(_holds(cidr, address) for cidr in prefix_cidrs(backend, prefix_list_id))


def _holds(cidr: str, address: str) -> bool:
    network = _network(cidr)
    return isinstance(network, IPv4Network) and IPv4Address(address) in network


def groups_allow(interface: Any, peer: Peer, port: int, *, egress: bool) -> bool:
    """Whether the security groups of an interface let TCP to or from the peer pass.

    An interface without groups (a Network Load Balancer made without them) filters nothing.
    """
    groups = list(interface.group_set)
    if not groups:
        return True
    return any(
        _rule_matches(interface.ec2_backend, rule, peer, port)
        for group in groups
        for rule in (group.egress_rules if egress else group.ingress_rules)
    )


def acl_allows(backend: Any, subnet_id: str, address: str, port: int, *, egress: bool) -> bool:
    """Whether the network ACL of a subnet lets TCP to or from the address pass. The lowest rule decides."""
    acl = next(
        (
            acl
            for acl in backend.network_acls.values()
            if any(link.subnet_id == subnet_id for link in acl._associations.values())
        ),
        None,
    )
    if acl is None:
        return False
    entries = [entry for entry in acl.network_acl_entries if _is(entry.egress) == egress and entry.cidr_block]
    for entry in sorted(entries, key=lambda entry: int(entry.rule_number)):
        if str(entry.protocol) not in ("-1", "6", "tcp") or not _holds(entry.cidr_block, address):
            continue
        first, last = entry.port_range_from, entry.port_range_to
        if str(entry.protocol) != "-1" and first is not None and not int(first) <= port <= int(last):
            continue
        return str(entry.rule_action) == "allow"
    return False


def _is(flag: Any) -> bool:
    return str(flag).lower() == "true"


def _acls_pass(backend: Any, source: Any, target_subnet: str | None, address: str, port: int) -> bool:
    """Both network ACLs, both directions; ACLs do not apply inside one subnet."""
    own = source.subnet.id
    if target_subnet == own:
        return True
    there = acl_allows(backend, own, address, port, egress=True)
    back = all(acl_allows(backend, own, address, back, egress=False) for back in EPHEMERAL_SAMPLE)
    if target_subnet is None:
        return there and back
    home = source.private_ip_address
    return (
        there
        and back
        and acl_allows(backend, target_subnet, home, port, egress=False)
        and all(acl_allows(backend, target_subnet, home, back, egress=True) for back in EPHEMERAL_SAMPLE)
    )


def can_connect(source: Any, target: Any, port: int) -> bool:
    """Whether one interface reaches another one of the same VPC on a TCP port."""
    known = kept_by(source.ec2_backend, _Connections)
    if known.asked_at != LEDGER.changes:
        known.asked_at, known.found = LEDGER.changes, {}
    pair = (source.id, target.id, port)
    if pair not in known.found:
        known.found[pair] = _can_connect(source, target, port)
    return known.found[pair]


def _can_connect(source: Any, target: Any, port: int) -> bool:
    if source.vpc_id != target.vpc_id:
        return False
    return (
        groups_allow(source, peer_of(target), port, egress=True)
        and groups_allow(target, peer_of(source), port, egress=False)
        and _acls_pass(source.ec2_backend, source, target.subnet.id, target.private_ip_address, port)
    )


def route_table_of(backend: Any, subnet: Any) -> Any:
    """The route table of a subnet: its own, else the main one of the VPC."""
    tables = [table for table in backend.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = next((table for table in tables if subnet.id in table._associations.values()), None)
    return own or next((table for table in tables if table.main_association_id), None)


def route_to(backend: Any, subnet: Any, address: str) -> Any:
    """The route that wins for a destination: the longest prefix. None when there is none."""
    table = route_table_of(backend, subnet)
    target = ip_address(address)
    matching = [
        route
        for route in (table.routes if table else [])
        if route.destination_cidr_block and target in _network(route.destination_cidr_block)
    ]
    return max(matching, key=lambda route: _network(route.destination_cidr_block).prefixlen, default=None)


def goes_to_internet_gateway(backend: Any, subnet: Any, address: str = SOMEWHERE) -> bool:
    """Whether the route for a public address is an attached internet gateway: what makes a subnet public."""
    route = route_to(backend, subnet, address)
    return bool(route and route.state == "active" and (route.gateway_id or "").startswith("igw-"))


def reaches_internet(interface: Any, port: int = 443, address: str = SOMEWHERE) -> bool:
    """Whether an interface can open a TCP connection to a public IPv4 address and hear the answer."""
    backend = interface.ec2_backend
    if not groups_allow(interface, Peer(address), port, egress=True):
        return False
    if not _acls_pass(backend, interface, None, address, port):
        return False
    route = route_to(backend, interface.subnet, address)
    if route is None or route.state != "active":
        return False
    if (route.gateway_id or "").startswith("igw-"):
        return bool(interface.public_ip) and not blocks(backend, interface.subnet, gateway=True)
    gateway = route.nat_gateway
    if gateway is None or gateway.state != "available" or gateway.connectivity_type == "private":
        return False
    if blocks(backend, interface.subnet, gateway=False):
        return False
    if gateway.subnet_id is None:  # a regional NAT gateway stands in no subnet
        return True
    return goes_to_internet_gateway(backend, backend.get_subnet(gateway.subnet_id), address)


def reaches_through_gateway_endpoint(interface: Any, service_name: str, port: int = 443) -> bool | None:
    """Whether an interface reaches S3 or DynamoDB by a gateway endpoint; None when its subnet has none."""
    backend = interface.ec2_backend
    table = route_table_of(backend, interface.subnet)
    endpoint = next(
        (
            endpoint
            for endpoint in backend.vpc_end_points.values()
            if endpoint.service_name == service_name
            and (endpoint.vpc_endpoint_type or "Gateway").lower() == "gateway"
            and endpoint.state == "available"
            and table is not None
            and table.id in endpoint.route_table_ids
        ),
        None,
    )
    if endpoint is None:
        return None
    prefix_list = endpoint.destination_prefix_list_id
    cidrs = prefix_cidrs(backend, prefix_list)
    address = next((str(_network(cidr)[1]) for cidr in cidrs if ":" not in cidr), SOMEWHERE)
    return groups_allow(interface, Peer(address, prefix_list=prefix_list), port, egress=True) and _acls_pass(
        backend, interface, None, address, port
    )
