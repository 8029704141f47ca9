"""Small networks drawn by hand, tried without the engine: the lab itself must do what AWS documents.

Were the lab wrong in the same way as the engine, random networks would never tell.
"""

from __future__ import annotations

import pytest

from fargate_net.kinds.network_acl import AclEntry
from tests.kernel.lab import Lab
from tests.kernel.packets import Exchange, Probe
from tests.reach.world import ALL, OPEN, World, allow

HOST = "203.0.113.7"

pytestmark = pytest.mark.kernel


def heard(lab: Lab, world: World, *asked: tuple[str, str, int] | tuple[str, str, int, str, int]) -> list[str | None]:
    """For each (opener, address, port, protocol, client port) the address the receiver saw, or None."""
    probes = [
        Probe(one, to, rest[1] if rest[1:] else "tcp", rest[0], rest[2] if rest[1:] else 40000)
        for one, to, *rest in asked
    ]
    with Exchange(lab, lab.load(world.snapshot())) as exchange:
        got = exchange.send(probes, 0.5)
    return [got.get(probe) for probe in probes]


def pair() -> World:
    """eni-a and eni-b in subnets of their own, eni-c beside eni-a; all groups open."""
    world = World()
    world.vpc()
    world.subnet("subnet-a", "10.0.1.0/24")
    world.subnet("subnet-b", "10.0.2.0/24")
    world.sg("sg-open", ingress=[allow("all", ALL)])
    world.eni("eni-a", "subnet-a", "sg-open")
    world.eni("eni-b", "subnet-b", "sg-open")
    world.eni("eni-c", "subnet-a", "sg-open")
    return world


def test_groups_allow_who_opens_and_let_replies_pass(lab: Lab) -> None:
    world = pair()
    world.sg("sg-in", ingress=[allow("tcp 80-443", "10.0.1.10/32")], egress=[])
    world.eni("eni-d", "subnet-b", "sg-in", ip="10.0.2.20")
    assert heard(
        lab,
        world,
        ("eni-a", "10.0.2.20", 80),
        ("eni-a", "10.0.2.20", 443),
        ("eni-a", "10.0.2.20", 8080),
        ("eni-a", "10.0.2.20", 80, "udp", 40000),
        ("eni-c", "10.0.2.20", 80),
        ("eni-d", "10.0.1.10", 80),
    ) == ["10.0.1.10", "10.0.1.10", None, None, None, None]


def test_two_groups_allow_what_either_allows_and_a_reference_means_its_members(lab: Lab) -> None:
    world = pair()
    world.sg("sg-web", ingress=[allow("tcp 80", "sg-friend")])
    world.sg("sg-more", ingress=[allow("udp 53", "sg-more")])
    world.sg("sg-friend")
    world.eni("eni-d", "subnet-b", "sg-web", "sg-more", ip="10.0.2.20")
    world.eni("eni-e", "subnet-a", "sg-friend", ip="10.0.1.20")
    world.eni("eni-f", "subnet-a", "sg-more", ip="10.0.1.21")
    assert heard(
        lab,
        world,
        ("eni-e", "10.0.2.20", 80),
        ("eni-f", "10.0.2.20", 80),
        ("eni-f", "10.0.2.20", 53, "udp", 40000),
        ("eni-e", "10.0.2.20", 53, "udp", 40000),
    ) == ["10.0.1.20", None, "10.0.1.21", None]


def test_acls_stand_at_borders_in_order_and_forget_the_request(lab: Lab) -> None:
    world = pair()
    entries = [
        AclEntry(False, 20, True, "6", ALL, 0, 1023),
        AclEntry(False, 10, False, "6", ALL, 443, 443),
        AclEntry(True, 10, True, "6", ALL, 32768, 61000),
    ]
    world.acl("acl-b", entries=entries, subnets=["subnet-b"])
    world.acl("acl-shut", subnets=["subnet-a"])
    shut = heard(lab, world, ("eni-a", "10.0.2.10", 80), ("eni-a", "10.0.1.11", 80))
    assert shut == [None, "10.0.1.10"], "inside a subnet no ACL is met"
    world.acl("acl-shut", subnets=["subnet-a"], entries=OPEN)
    assert heard(
        lab,
        world,
        ("eni-a", "10.0.2.10", 80),
        ("eni-a", "10.0.2.10", 443),
        ("eni-a", "10.0.2.10", 80, "tcp", 61000),
        ("eni-a", "10.0.2.10", 80, "tcp", 61001),
        ("eni-b", "10.0.1.10", 80, "tcp", 40000),
    ) == ["10.0.1.10", None, "10.0.1.10", None, None]


def test_the_internet_gateway_translates_one_to_one(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.eni("eni-p", "subnet-b", "sg-open", ip="10.0.2.20", public="198.51.100.20")
    world.eni("eni-q", "subnet-a", "sg-open", ip="10.0.1.20", public="198.51.100.21")
    assert heard(
        lab,
        world,
        (HOST, "198.51.100.20", 80),
        ("eni-p", HOST, 80),
        ("eni-a", HOST, 80),
        ("eni-q", "198.51.100.20", 80),
        ("eni-q", "10.0.2.20", 80),
        ("eni-p", "172.31.0.9", 80),
    ) == [HOST, "198.51.100.20", None, "198.51.100.21", "10.0.1.20", None]


def test_a_reference_does_not_match_a_public_address(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.sg("sg-ref", ingress=[allow("all", "sg-open")])
    world.eni("eni-p", "subnet-b", "sg-ref", ip="10.0.2.20", public="198.51.100.20")
    world.eni("eni-q", "subnet-a", "sg-open", ip="10.0.1.20", public="198.51.100.21")
    assert heard(lab, world, ("eni-q", "10.0.2.20", 80), ("eni-q", "198.51.100.20", 80)) == ["10.0.1.20", None]


def test_a_nat_gateway_opens_outward_only(lab: Lab) -> None:
    world = pair()
    world.igw()
    world.table("rtb-b", subnets=frozenset({"subnet-b"}))
    world.route("rtb-b", ALL, world.nat("nat-1", "subnet-a", public="198.51.100.7"))
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    assert heard(
        lab,
        world,
        ("eni-b", HOST, 443),
        ("eni-b", HOST, 53, "udp", 40000),
        (HOST, "198.51.100.7", 443),
        ("eni-a", world.ip("eni-nat-1"), 443),
    ) == ["198.51.100.7", "198.51.100.7", None, None]


def test_the_longest_prefix_wins_even_when_it_is_a_blackhole(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.route("rtb-main-vpc-1", "203.0.113.0/25", "igw-1", "blackhole")
    world.eni("eni-p", "subnet-b", "sg-open", ip="10.0.2.20", public="198.51.100.20")
    assert heard(lab, world, ("eni-p", HOST, 80), ("eni-p", "203.0.113.130", 80)) == [None, "198.51.100.20"]


@pytest.mark.parametrize("back", [True, False])
def test_a_peering_needs_a_route_on_both_sides_and_leads_no_further(lab: Lab, back: bool) -> None:
    world = pair()
    world.vpc("vpc-2", "10.1.0.0/16")
    world.igw("igw-2", "vpc-2", tables=["rtb-main-vpc-2"])
    world.subnet("subnet-z", "10.1.1.0/24", vpc="vpc-2")
    world.sg("sg-z", "vpc-2", ingress=[allow("tcp 80", "sg-open")])
    world.eni("eni-z", "subnet-z", "sg-z", ip="10.1.1.10", public="198.51.100.30")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-main-vpc-1", ALL, "pcx-1")
    if back:
        world.route("rtb-main-vpc-2", "10.0.0.0/16", "pcx-1")
    found = heard(lab, world, ("eni-a", "10.1.1.10", 80), ("eni-a", HOST, 80), ("eni-z", HOST, 80))
    assert found == ["10.0.1.10" if back else None, None, "198.51.100.30"]


def test_nothing_of_one_network_remains_in_the_next(lab: Lab) -> None:
    world = pair()
    asked = ("eni-a", "10.0.2.10", 53, "udp", 40000)
    assert heard(lab, world, asked) == ["10.0.1.10"]
    world.sg("sg-open", ingress=[])
    assert heard(lab, world, asked) == [None], "a connection of the network before is not remembered"
    world.sg("sg-open", ingress=[allow("all", ALL)])
    world.drop(type(world.found["network_interface", "eni-b"].props), "eni-b")
    assert heard(lab, world, asked) == [None], "nobody holds the address any more"
