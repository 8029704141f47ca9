"""What is foreseen beside a planned thing is what AWS makes beside the real one, but for ids and addresses."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from cases_ec2 import endpoint, nat
from staging import REGION, STACK, Stage, kind_of

from fargate_net.kinds.base import Scope
from fargate_net.kinds.elastic_ip import ElasticIp
from fargate_net.kinds.implied import free_addresses, free_ipv6, subnet_ipv6
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.snapshot import Found, Snapshot

DEFAULTS = ("route_table", "network_acl", "security_group")


def planned(name: str, props: Any) -> Found[Any]:
    return Found(id=f"planned:{props.kind}/{name}", props=props, stack=STACK, key=f"{props.kind}/{name}", planned=True)


def foreseen(*things: Found[Any], world: Snapshot | None = None) -> Snapshot:
    """The world after the things and, one after the other, what they imply."""
    world = (world or Snapshot()).with_(things)
    for thing in things:
        world = world.with_(kind_of(thing.kind).implied(thing, world))
    return world


def live(stage: Stage, *kinds: str) -> Snapshot:
    return Snapshot(thing for kind in kinds for thing in stage.scan(kind, Scope()) if isinstance(thing, Found))


def renamed(value: Any, names: dict[str, str]) -> str:
    text = repr(value)
    for old, new in names.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("ipv6", [False, True])
def test_the_defaults_of_a_vpc(stage: Stage, ipv6: bool) -> None:
    props = Vpc(("10.0.0.0/16",), ipv6=ipv6)
    before = {(t.kind, t.id) for t in live(stage, *DEFAULTS)}
    real_id = stage.put("main", props)
    [real] = [thing for thing in stage.scan("vpc") if isinstance(thing, Found)]
    world = foreseen(planned("main", props))
    for kind in DEFAULTS:
        [there] = [t for t in live(stage, kind) if (t.kind, t.id) not in before]
        [ahead] = world.kind(kind).values()
        ahead_vpc = world.kind("vpc")["planned:vpc/main"].props
        names = {real_id: "VPC", there.id: "IT", real.props.owner: ""}
        ahead_names = {"planned:vpc/main": "VPC", ahead.id: "IT"}
        if ipv6:
            names[real.props.ipv6_cidrs[0]] = ahead_names[ahead_vpc.ipv6_cidrs[0]] = "RANGE"
        for field in COMPARED[kind]:
            assert canonical(getattr(there.props, field), names) == canonical(getattr(ahead.props, field), ahead_names)
    assert {t.id for t in kind_of("vpc").made(real, live(stage, *DEFAULTS))} == {
        t.id for t in live(stage, *DEFAULTS) if (t.kind, t.id) not in before
    }


COMPARED = {
    "route_table": ("main", "implied", "routes", "subnets"),
    "network_acl": ("default", "entries"),
    "security_group": ("name", "description", "rules"),
}


def canonical(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, (tuple, frozenset)):
        # Rule ids and order are AWS's own affair.
        mine = [replace(v, id="") if hasattr(v, "peering") else v for v in value]
        # The emulator writes no IPv6 entries into a default ACL; AWS does.
        return sorted(renamed(v, names) for v in mine if not (isinstance(v, AclEntry) and ":" in v.cidr))
    return value


def test_the_default_acl_of_a_vpc_with_ipv6_lets_everything_through() -> None:
    [acl] = foreseen(planned("main", Vpc(("10.0.0.0/16",), ipv6=True))).kind("network_acl").values()
    lines = [(e.number, e.allow, e.cidr) for e in acl.props.entries if not e.egress]
    assert lines == [
        (100, True, "0.0.0.0/0"),
        (101, True, "::/0"),
        (32767, False, "0.0.0.0/0"),
        (32768, False, "::/0"),
    ]


def test_defaults_that_are_there_are_not_foreseen_again() -> None:
    world = foreseen(planned("main", Vpc(("10.0.0.0/16",))))
    again = foreseen(planned("main", Vpc(("10.0.0.0/16",))), world=world)
    assert len(again) == len(world) == 4


def face(thing: Found[Any]) -> tuple[Any, ...]:
    props = thing.props
    return props.type, props.subnet, props.zone, props.security_groups, len(props.public_ips)


def test_the_interface_of_a_nat_gateway(stage: Stage) -> None:
    props = nat(stage)
    world = live(stage, "vpc", "subnet", "elastic_ip")
    stage.put("it", props)
    thing = stage.mine("nat_gateway", "it")
    assert thing is not None
    [real] = kind_of("nat_gateway").made(thing, live(stage, "network_interface"))
    ahead = foreseen(planned("it", props), world=world)
    [foretold] = ahead.kind("network_interface").values()
    assert face(foretold) == face(real)
    assert not foretold.props.source_dest_check  # it forwards what is not addressed to it
    assert foretold.id == "planned:network_interface/nat_gateway/it/0"
    cidr = ip_network(world.kind("subnet")[str(props.subnet)].props.cidr)
    assert all(ip_address(ip) in cidr for ip in (*foretold.props.private_ips, *real.props.private_ips))
    assert foretold.props.public_ips[0][1] == real.props.public_ips[0][1]
    assert ahead.kind("nat_gateway")["planned:nat_gateway/it"].props.interfaces == (foretold.id,)


def test_the_interfaces_of_an_endpoint(stage: Stage) -> None:
    props = endpoint(stage)
    world = live(stage, "vpc", "subnet", "security_group")
    stage.put("it", props)
    thing = stage.mine("vpc_endpoint", "it")
    assert thing is not None
    real = kind_of("vpc_endpoint").made(thing, live(stage, "network_interface"))
    ahead = foreseen(planned("it", props), world=world)
    foretold = ahead.kind("network_interface").values()
    assert sorted(map(face, foretold), key=str) == sorted(map(face, real), key=str)
    assert ahead.kind("vpc_endpoint")["planned:vpc_endpoint/it"].props.interfaces == tuple(f.id for f in foretold)


def test_two_gateway_endpoints_in_one_table(stage: Stage) -> None:
    vpc = stage.vpc()
    table = stage.put("a", RouteTable(vpc))
    world = live(stage, "vpc", "route_table", "prefix_list")
    wanted = []
    for name in ("s3", "dynamodb"):
        props = VpcEndpoint(vpc, f"com.amazonaws.{REGION}.{name}", "Gateway", route_tables=frozenset({table}))
        wanted.append(planned(name, props))
        stage.put(name, props)
    ahead = foreseen(*wanted, world=world).kind("route_table")[table].props.implied
    there = live(stage, "route_table").kind("route_table")[table].props.implied
    assert {route.destination for route in ahead} == {route.destination for route in there}
    assert [str(route.target).startswith("planned:vpc_endpoint/") for route in ahead] == [False, True, True]


def test_ranges_of_subnets_that_do_not_exist_yet(stage: Stage) -> None:
    vpc = planned("main", Vpc(("10.0.0.0/16",), ipv6=True))
    subnet = planned("a", Subnet(vpc.id, "10.0.0.0/24", f"{REGION}a", ipv6_index=3))
    world = foreseen(vpc, subnet)
    whole = ip_network(world.kind("vpc")[vpc.id].props.ipv6_cidrs[0])
    assert ip_network(world.kind("subnet")[subnet.id].props.ipv6_cidr) == list(whole.subnets(new_prefix=64))[3]


def test_an_address_that_does_not_exist_yet() -> None:
    [address] = foreseen(planned("a", ElasticIp())).kind("elastic_ip").values()
    assert ip_address(address.props.public_ip) in ip_network("203.0.113.0/24")


def in_subnet(cidr: str, *used: str, ipv6: str = "") -> Snapshot:
    faces = [
        Found(
            f"eni-{ip}",
            NetworkInterface("vpc-1", "subnet-1", "a", (ip,), frozenset(), ipv6_ips=(f"2001:db8::{n + 4:x}",)),
        )
        for n, ip in enumerate(used)
    ]
    return Snapshot([Found("subnet-1", Subnet("vpc-1", cidr, "a", ipv6_cidr=ipv6)), *faces])


@pytest.mark.parametrize(
    ("world", "count", "free"),
    [
        (in_subnet("10.0.0.0/24"), 2, ["10.0.0.4", "10.0.0.5"]),
        (in_subnet("10.0.0.0/24", "10.0.0.4", "10.0.0.6"), 2, ["10.0.0.5", "10.0.0.7"]),
        (in_subnet("10.0.0.0/28"), 99, [f"10.0.0.{n}" for n in range(4, 15)]),
        (Snapshot(), 1, []),
        (in_subnet(""), 1, []),
    ],
)
def test_free_addresses_leave_out_what_aws_keeps_and_what_is_used(world: Snapshot, count: int, free: list[str]) -> None:
    assert free_addresses(world, "subnet-1", count) == free


def test_free_ipv6_addresses() -> None:
    world = in_subnet("10.0.0.0/24", "10.0.0.4", ipv6="2001:db8::/64")
    assert free_ipv6(world, "subnet-1", 2) == ["2001:db8::5", "2001:db8::6"]
    assert free_ipv6(in_subnet("10.0.0.0/24"), "subnet-1", 1) == []


def test_the_number_of_a_range() -> None:
    assert subnet_ipv6("2001:db8:0:ff00::/56", 255) == "2001:db8:0:ffff::/64"
