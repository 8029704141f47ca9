"""Replies that take another way than the request, and references that something on the way may hide."""

from __future__ import annotations

import pytest

from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from tests.reach.core.flows import BLOCKED, REACHABLE, UNKNOWN, codes, go
from tests.reach.world import ALL, World, allow

HOST, HOST_6 = "203.0.113.7", "2600::7"


def peers(peer_ipv6: str = "2001:db8:2::/56") -> World:
    """eni-1 is public, over IPv4 and IPv6; its replies to half of the internet go along a peering with vpc-2."""
    world = World()
    world.vpc("vpc-1", "10.1.0.0/16", ipv6="2001:db8:1::/56")
    world.vpc("vpc-2", "10.2.0.0/16", ipv6=peer_ipv6)
    world.subnet("subnet-1", "10.1.1.0/24", "a", "vpc-1", ipv6="2001:db8:1:1::/64")
    world.subnet("subnet-2", "10.2.1.0/24", "a", "vpc-2")
    world.igw("igw-1", "vpc-1")
    world.sg("sg-1", "vpc-1", ingress=[allow("all", ALL), allow("all", "::/0")])
    world.sg("sg-2", "vpc-2", ingress=[allow("all", ALL)])
    world.eni("eni-1", "subnet-1", "sg-1", public="54.0.0.1", ipv6="2001:db8:1:1::9")
    world.eni("eni-2", "subnet-2", "sg-2")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    for wide, half in ((ALL, "203.0.112.0/20"), ("::/0", "2600::/16")):
        world.route("rtb-main-vpc-1", wide, "igw-1")
        world.route("rtb-main-vpc-1", half, "pcx-1")
    return world


@pytest.mark.parametrize(("host", "family"), [(HOST, 4), (HOST_6, 6)])
def test_a_reply_to_a_public_client_is_lost_along_a_peering(host: str, family: int) -> None:
    result = go(peers(), host, "eni-1", family=family)
    assert codes(result) == ["<NO_ROUTE_TO_DESTINATION"]
    assert (result.verdict, result.missing) == (BLOCKED, ())
    assert "is lost" in result.blockers[0].detail
    assert "igw-1" in result.blockers[0].fix
    assert go(peers(), "8.8.8.8" if family == 4 else "2a00::1", "eni-1", family=family).verdict == REACHABLE


def test_a_peer_without_ipv6_takes_no_reply_and_one_of_unknown_ranges_may() -> None:
    world = peers(peer_ipv6="")
    assert go(world, HOST_6, "eni-1", family=6).verdict == BLOCKED
    world.drop(Vpc, "vpc-2")
    assert go(world, HOST_6, "eni-1", family=6).verdict == UNKNOWN
    assert go(world, HOST, "eni-1").verdict == BLOCKED, "over IPv4 no peer VPC answers to a public address"
    world.drop(VpcPeering, "pcx-1")
    assert go(world, HOST_6, "eni-1", family=6).verdict == UNKNOWN


def test_a_reply_that_the_peer_may_hold_is_not_called_lost() -> None:
    world = peers(peer_ipv6="2600::/56")
    assert go(world, HOST_6, "eni-1", family=6).verdict == UNKNOWN


def test_a_reply_along_the_peering_with_another_vpc_is_lost() -> None:
    world = peers()
    world.vpc("vpc-3", "10.2.0.0/16")
    world.peering("pcx-2", "vpc-1", "vpc-3")
    world.route("rtb-main-vpc-2", "10.1.0.0/16", "pcx-1")
    world.route("rtb-main-vpc-1", "10.2.1.0/24", "pcx-2")
    assert codes(go(world, "eni-2", "eni-1")) == ["<NO_ROUTE_TO_DESTINATION"]
    world.route("rtb-main-vpc-1", "10.2.1.0/25", "pcx-1")
    assert go(world, "eni-2", "eni-1").verdict == REACHABLE


def behind_a_gateway(egress: str) -> World:
    """eni-s reaches subnet-b of its own VPC and eni-2 of a peered one through a NAT gateway."""
    world = World()
    world.vpc()
    world.vpc("vpc-2", "10.2.0.0/16")
    world.igw()
    for subnet, cidr in (("subnet-s", "10.0.1.0/24"), ("subnet-n", "10.0.2.0/24"), ("subnet-b", "10.0.3.0/24")):
        world.subnet(subnet, cidr)
    world.subnet("subnet-2", "10.2.1.0/24", vpc="vpc-2")
    world.sg("sg-s", egress=[allow("tcp 80", egress)])
    world.sg("sg-b", ingress=[allow("tcp 80", ALL)])
    world.sg("sg-2", "vpc-2", ingress=[allow("tcp 80", ALL)])
    world.eni("eni-s", "subnet-s", "sg-s")
    world.eni("eni-b", "subnet-b", "sg-b", "sg-s")
    world.eni("eni-2", "subnet-2", "sg-2")
    world.nat("nat-1", "subnet-n")
    world.table("rtb-s", subnets=frozenset({"subnet-s"}))
    world.route("rtb-s", "10.0.3.0/24", "nat-1")
    world.route("rtb-s", "10.2.0.0/16", "nat-1")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-main-vpc-1", "10.2.0.0/16", "pcx-1")
    world.route("rtb-main-vpc-2", "10.0.0.0/16", "pcx-1")
    return world


@pytest.mark.parametrize(("target", "group"), [("eni-b", "sg-b"), ("eni-2", "sg-2")])
def test_whether_an_egress_reference_counts_through_a_nat_gateway_is_not_known(target: str, group: str) -> None:
    result = go(behind_a_gateway(group), "eni-s", target)
    assert result.verdict == UNKNOWN
    assert result.missing == (f"whether the egress reference to {group} counts for what is forwarded on the way",)
    assert go(behind_a_gateway("10.0.0.0/8"), "eni-s", target).verdict == REACHABLE
    assert go(behind_a_gateway("sg-s"), "eni-s", "eni-2").verdict == BLOCKED, "eni-2 does not carry that group"


def test_a_nat_gateway_that_sends_along_a_peering_is_an_assumption() -> None:
    (said,) = go(behind_a_gateway("10.0.0.0/8"), "eni-s", "eni-2").assumptions
    assert said == "pcx-1 carries what the NAT gateway nat-1 sends, of which AWS's documentation says nothing"
    assert go(behind_a_gateway("10.0.0.0/8"), "eni-s", "eni-b").assumptions == ()


def test_a_reference_to_an_unpeered_vpc_never_counts() -> None:
    world = behind_a_gateway("sg-2")
    world.change(VpcPeering, "pcx-1", state="deleted")
    assert codes(go(world, "eni-s", "eni-2"))[0] == "ENI_SG_RULES_MISMATCH"


def test_an_egress_reference_counts_where_the_local_route_leads() -> None:
    world = behind_a_gateway("sg-b")
    world.change(RouteTable, "rtb-s", routes=frozenset())
    assert go(world, "eni-s", "eni-b").verdict == REACHABLE
