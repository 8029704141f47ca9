"""Small networks drawn by hand, tried without the engine: the lab itself must do what AWS documents.

Were the lab wrong in the same way as the engine, random networks would never tell.
"""

from __future__ import annotations

import pytest

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from tests.kernel.lab import Lab
from tests.kernel.packets import UNTOLD, Exchange, Probe
from tests.kernel.trials import HASTY, PATIENT
from tests.reach.world import ALL, OPEN, World, allow

HOST = "203.0.113.7"

pytestmark = pytest.mark.kernel


def tcp(opener: str, address: str, port: int, client_port: int = 40000) -> Probe:
    return Probe(opener, address, "tcp", port, client_port)


def udp(opener: str, address: str, port: int) -> Probe:
    return Probe(opener, address, "udp", port, 40000)


def ping(opener: str, address: str) -> Probe:
    return Probe(opener, address, "icmp", 0, 40000)


def check(lab: Lab, world: World, expected: dict[Probe, str | None]) -> None:
    """Each connection must be silent (None) or arrive from this address. What is to arrive gets time to do so."""
    with Exchange(lab, lab.load(world.snapshot())) as exchange:
        heard = exchange.send(expected, HASTY)
        late = [probe for probe, seen in expected.items() if seen is not None and probe not in heard]
        heard |= exchange.send(late, PATIENT) if late else {}
    assert {probe: heard.get(probe) for probe in expected} == expected


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
    expected = {
        tcp("eni-a", "10.0.2.20", 80): "10.0.1.10",
        tcp("eni-a", "10.0.2.20", 443): "10.0.1.10",
        tcp("eni-a", "10.0.2.20", 8080): None,
        udp("eni-a", "10.0.2.20", 80): None,
        ping("eni-a", "10.0.2.20"): None,
        tcp("eni-c", "10.0.2.20", 80): None,
        tcp("eni-d", "10.0.1.10", 80): None,
    }
    check(lab, world, expected)


def test_two_groups_allow_what_either_allows_and_a_reference_means_its_members(lab: Lab) -> None:
    world = pair()
    world.sg("sg-web", ingress=[allow("tcp 80", "sg-friend")])
    world.sg("sg-more", ingress=[allow("udp 53", "sg-more")])
    world.sg("sg-friend")
    world.eni("eni-d", "subnet-b", "sg-web", "sg-more", ip="10.0.2.20")
    world.eni("eni-e", "subnet-a", "sg-friend", ip="10.0.1.20")
    world.eni("eni-f", "subnet-a", "sg-more", ip="10.0.1.21")
    expected = {
        tcp("eni-e", "10.0.2.20", 80): "10.0.1.20",
        tcp("eni-f", "10.0.2.20", 80): None,
        udp("eni-f", "10.0.2.20", 53): "10.0.1.21",
        udp("eni-e", "10.0.2.20", 53): None,
    }
    check(lab, world, expected)


def test_acls_stand_at_borders_only(lab: Lab) -> None:
    world = pair()
    world.acl("acl-shut", subnets=["subnet-a"])
    check(lab, world, {tcp("eni-a", "10.0.2.10", 80): None, tcp("eni-a", "10.0.1.11", 80): "10.0.1.10"})


def test_acls_try_entries_in_order_and_forget_the_request(lab: Lab) -> None:
    world = pair()
    entries = [
        AclEntry(False, 20, True, "6", ALL, 0, 1023),
        AclEntry(False, 10, False, "6", ALL, 443, 443),
        AclEntry(True, 10, True, "6", ALL, 32768, 61000),
    ]
    world.acl("acl-b", entries=entries, subnets=["subnet-b"])
    expected = {
        tcp("eni-a", "10.0.2.10", 80): "10.0.1.10",
        tcp("eni-a", "10.0.2.10", 443): None,
        tcp("eni-a", "10.0.2.10", 80, 61000): "10.0.1.10",
        tcp("eni-a", "10.0.2.10", 80, 61001): None,
        tcp("eni-b", "10.0.1.10", 80): None,
    }
    check(lab, world, expected)


@pytest.mark.parametrize(("back", "seen"), [(0, UNTOLD), (-1, UNTOLD), (8, None)])
def test_an_echo_asks_with_one_type_and_answers_with_another(lab: Lab, back: int, seen: str | None) -> None:
    world = pair()
    entries = [AclEntry(False, 1, True, "1", ALL, 8, -1), AclEntry(True, 1, True, "1", ALL, back, -1)]
    world.acl("acl-b", entries=entries, subnets=["subnet-b"])
    check(lab, world, {ping("eni-a", "10.0.2.10"): seen})


def test_the_internet_gateway_translates_one_to_one(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.eni("eni-p", "subnet-b", "sg-open", ip="10.0.2.20", public="198.51.100.20")
    world.eni("eni-q", "subnet-a", "sg-open", ip="10.0.1.20", public="198.51.100.21")
    expected = {
        tcp(HOST, "198.51.100.20", 80): HOST,
        tcp("eni-p", HOST, 80): "198.51.100.20",
        tcp("eni-a", HOST, 80): None,
        tcp("eni-q", "198.51.100.20", 80): "198.51.100.21",
        tcp("eni-q", "10.0.2.20", 80): "10.0.1.20",
        tcp("eni-p", "172.31.0.9", 80): None,
    }
    check(lab, world, expected)


def test_a_reference_does_not_match_a_public_address(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.sg("sg-ref", ingress=[allow("all", "sg-open")])
    world.eni("eni-p", "subnet-b", "sg-ref", ip="10.0.2.20", public="198.51.100.20")
    world.eni("eni-q", "subnet-a", "sg-open", ip="10.0.1.20", public="198.51.100.21")
    check(lab, world, {tcp("eni-q", "10.0.2.20", 80): "10.0.1.20", tcp("eni-q", "198.51.100.20", 80): None})


def test_a_nat_gateway_opens_outward_only(lab: Lab) -> None:
    world = pair()
    world.igw()
    world.table("rtb-b", subnets=frozenset({"subnet-b"}))
    world.route("rtb-b", ALL, world.nat("nat-1", "subnet-a", public="198.51.100.7"))
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    expected = {
        tcp("eni-b", HOST, 443): "198.51.100.7",
        udp("eni-b", HOST, 53): "198.51.100.7",
        ping("eni-b", HOST): UNTOLD,
        tcp(HOST, "198.51.100.7", 443): None,
        tcp("eni-a", world.ip("eni-nat-1"), 443): None,
    }
    check(lab, world, expected)


def test_the_longest_prefix_wins_even_when_it_is_a_blackhole(lab: Lab) -> None:
    world = pair()
    world.igw(tables=["rtb-main-vpc-1"])
    world.route("rtb-main-vpc-1", "203.0.113.0/25", "igw-1", "blackhole")
    world.eni("eni-p", "subnet-b", "sg-open", ip="10.0.2.20", public="198.51.100.20")
    check(lab, world, {tcp("eni-p", HOST, 80): None, tcp("eni-p", "203.0.113.130", 80): "198.51.100.20"})


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
    expected = {
        tcp("eni-a", "10.1.1.10", 80): "10.0.1.10" if back else None,
        tcp("eni-a", HOST, 80): None,
        tcp("eni-z", HOST, 80): "198.51.100.30",
    }
    check(lab, world, expected)


HOST_6 = "2600::7"


def six() -> World:
    """eni-a and eni-c in one subnet and eni-b in another, with IPv6 addresses; all groups open to everybody."""
    world = World()
    world.vpc(ipv6="2001:db8:1::/56")
    world.subnet("subnet-a", "10.0.1.0/24", ipv6="2001:db8:1:1::/64")
    world.subnet("subnet-b", "10.0.2.0/24", ipv6="2001:db8:1:2::/64")
    world.sg("sg-open", ingress=[allow("all", ALL), allow("all", "::/0")])
    for number, (eni, subnet) in enumerate((("eni-a", "1"), ("eni-b", "2"), ("eni-c", "1"))):
        where = "subnet-a" if subnet == "1" else "subnet-b"
        world.eni(eni, where, "sg-open", ipv6=f"2001:db8:1:{subnet}::{number + 10}")
    return world


A6, B6, C6 = "2001:db8:1:1::10", "2001:db8:1:2::11", "2001:db8:1:1::12"


def test_an_internet_gateway_passes_ipv6_both_ways_as_it_is(lab: Lab) -> None:
    world = six()
    world.igw()
    world.route("rtb-main-vpc-1", "::/0", "igw-1")
    expected = {
        tcp("eni-a", HOST_6, 443): A6,
        tcp(HOST_6, A6, 443): HOST_6,
        udp(HOST_6, B6, 53): HOST_6,
        ping("eni-a", HOST_6): UNTOLD,
        tcp("eni-a", B6, 80): A6,
    }
    check(lab, world, expected)


@pytest.mark.parametrize("attached", [False, True])
def test_an_egress_only_gateway_lets_out_and_brings_back_only_what_it_let_out(lab: Lab, attached: bool) -> None:
    world = six()
    if attached:
        world.igw()
    world.route("rtb-main-vpc-1", "::/0", world.eigw())
    expected = {
        tcp("eni-a", HOST_6, 443): A6,
        udp("eni-a", HOST_6, 53): A6,
        ping("eni-a", HOST_6): UNTOLD,
        # With an internet gateway the request comes in, and its reply is lost at the other one.
        tcp(HOST_6, A6, 443): None,
        udp(HOST_6, A6, 53): None,
    }
    check(lab, world, expected)


def test_rules_of_one_family_say_nothing_about_the_other(lab: Lab) -> None:
    world = six()
    world.sg("sg-open", ingress=[allow("tcp 80", ALL), allow("tcp 443", "::/0"), allow("icmp", ALL)])
    world.acl("acl-b", entries=[*OPEN[:1], *OPEN[2:3]], subnets=["subnet-b"])
    expected = {
        tcp("eni-a", C6, 443): A6,
        tcp("eni-a", C6, 80): None,
        tcp("eni-a", "10.0.1.11", 80): "10.0.1.10",
        ping("eni-a", C6): None,
        ping("eni-a", "10.0.1.11"): UNTOLD,
        tcp("eni-a", "10.0.2.10", 80): "10.0.1.10",
        tcp("eni-a", B6, 443): None,
    }
    check(lab, world, expected)


def test_a_reference_means_ipv6_addresses_as_well(lab: Lab) -> None:
    world = six()
    world.sg("sg-ref", ingress=[allow("tcp 80", "sg-friend")])
    world.sg("sg-friend")
    world.eni("eni-d", "subnet-b", "sg-ref", ipv6="2001:db8:1:2::20")
    world.eni("eni-e", "subnet-a", "sg-friend", ipv6="2001:db8:1:1::21")
    check(
        lab,
        world,
        {tcp("eni-e", "2001:db8:1:2::20", 80): "2001:db8:1:1::21", tcp("eni-a", "2001:db8:1:2::20", 80): None},
    )


def test_a_peering_carries_ipv6_of_its_two_vpcs(lab: Lab) -> None:
    world = six()
    world.vpc("vpc-2", "10.1.0.0/16", ipv6="2001:db8:2::/56")
    world.subnet("subnet-z", "10.1.1.0/24", vpc="vpc-2", ipv6="2001:db8:2:1::/64")
    world.sg("sg-z", "vpc-2", ingress=[allow("tcp 80", "sg-open")])
    world.eni("eni-z", "subnet-z", "sg-z", ipv6="2001:db8:2:1::10")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-main-vpc-1", "::/0", "pcx-1")
    world.route("rtb-main-vpc-2", "2001:db8:1::/56", "pcx-1")
    check(lab, world, {tcp("eni-a", "2001:db8:2:1::10", 80): A6, tcp("eni-a", HOST_6, 80): None})


def test_nothing_of_one_network_remains_in_the_next(lab: Lab) -> None:
    world = pair()
    asked = udp("eni-a", "10.0.2.10", 53)
    check(lab, world, {asked: "10.0.1.10"})
    world.sg("sg-open", ingress=[])
    check(lab, world, {asked: None})
    world.sg("sg-open", ingress=[allow("all", ALL)])
    world.drop(NetworkInterface, "eni-b")
    check(lab, world, {asked: None})
