"""Describe filters that moto ignores or refuses. Authority: the API reference of each describe operation.

Never here: filters that moto gets right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCEndPoint

from .calls import Call, Proceed, repair, result_of

Getter = Callable[[Any], Any]


def _values(item: Any, name: str, getters: dict[str, Getter]) -> list[str]:
    tags = {tag["key"]: tag["value"] for tag in item.get_tags()}
    if name.startswith("tag:"):
        return [tags[name[4:]]] if name[4:] in tags else []
    if name == "tag-key":
        return list(tags)
    found = getters[name](item) if name in getters else getattr(item, name.replace("-", "_"), None)
    if found is None:
        return []
    return [str(value) for value in found] if isinstance(found, (list, set, tuple)) else [str(found)]


def matching(items: Iterable[Any], filters: list[dict[str, Any]], getters: dict[str, Getter]) -> list[Any]:
    """The items that pass every filter; a filter passes when one of its values, with * and ?, fits."""
    return [
        item
        for item in items
        if all(
            any(fnmatchcase(value, wanted) for value in _values(item, f["Name"], getters) for wanted in f["Values"])
            for f in filters
        )
    ]


@repair("ec2", "DescribeEgressOnlyInternetGateways")
def egress_only_gateways(call: Call, proceed: Proceed) -> Any:
    """Moto ignores every filter."""
    found = result_of(proceed())["EgressOnlyInternetGateways"]
    return {"EgressOnlyInternetGateways": matching(found, call.params.get("Filters", []), {})}


@repair("ec2", "DescribeVpcPeeringConnections")
def peering_connections(call: Call, proceed: Proceed) -> Any:
    """Moto ignores every filter."""
    getters: dict[str, Getter] = {
        "vpc-peering-connection-id": lambda pcx: pcx.id,
        "status-code": lambda pcx: pcx.status["Code"],
        "requester-vpc-info.vpc-id": lambda pcx: pcx.vpc.id,
        "accepter-vpc-info.vpc-id": lambda pcx: pcx.peer_vpc.id,
        "requester-vpc-info.owner-id": lambda pcx: pcx.vpc.owner_id,
        "accepter-vpc-info.owner-id": lambda pcx: pcx.peer_vpc.owner_id,
    }
    found = result_of(proceed())["VpcPeeringConnections"]
    return {"VpcPeeringConnections": matching(found, call.params.get("Filters", []), getters)}


def _with(cls: Any, extra: dict[str, Getter]) -> None:
    original = cls.get_filter_value

    def get_filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name in extra:
            return extra[filter_name](self)
        return original(self, filter_name, method_name)

    cls.get_filter_value = get_filter_value


def install() -> None:
    """Teach moto's resources the filters that it refuses with NotImplementedError."""
    _with(NetworkAcl, {"network-acl-id": lambda acl: acl.id})
    _with(VPCEndPoint, {"vpc-endpoint-id": lambda endpoint: endpoint.id})
    blocks: Getter = lambda subnet: [b["ipv6CidrBlock"] for b in subnet.ipv6_cidr_block_association_set]  # noqa: E731
    _with(Subnet, {"ipv6-cidr-block-association.ipv6-cidr-block": blocks})
