"""Places where a simpler model answers wrongly."""

from __future__ import annotations

import pytest

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc import Vpc
from fargate_net.reach.addresses import cidr, is_cidr, ranges, show, span, v4
from fargate_net.reach.intervals import EMPTY, Intervals, texts
from tests.reach.core.flows import BLOCKED, PARTIAL, REACHABLE, UNKNOWN, codes, go
from tests.reach.core.questions import answer, shop
from tests.reach.core.questions import codes as reasons
from tests.reach.world import ALL, World, allow, two_subnets


def test_intervals_are_sets():
    some = Intervals([(80, 90), (85, 100), (101, 110), (5, 4), (200, 200)])
    assert some.spans == ((80, 110), (200, 200))
    assert texts(some) == ("80-110", "200")
    assert (some & Intervals([(100, 200)])).spans == ((100, 110), (200, 200))
    assert (some - Intervals([(90, 95), (200, 300)])).spans == ((80, 89), (96, 110))
    assert (some | Intervals([(111, 199)])).spans == ((80, 200),)
    assert some - some == EMPTY
    assert Intervals([(81, 82)]) <= some
    assert not some <= Intervals([(81, 82)])
    assert 90 in some
    assert 150 not in some
    assert (some.first, some.size) == (80, 32)


def test_addresses_read_and_write():
    assert v4("10.0.0.1") == 0x0A000001
    assert cidr("10.0.1.7/24")[:4] == (4, v4("10.0.1.0"), v4("10.0.1.255"), 24)
    assert show(6, cidr("2001:db8::1").low) == "2001:db8::1"
    assert ranges(4, span("10.0.0.0/24", "10.0.1.0/24")) == ("10.0.0.0/23",)
    assert ranges(4, span("10.0.0.1/32", "10.0.0.3/32")) == ("10.0.0.1/32", "10.0.0.3/32")
    assert [is_cidr(t) for t in ("10.0.0.0/8", "::/0", "sg-1", "pl-1", "planned:security_group/web")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_resolver_of_the_vpc_passes_every_filter():
    world = two_subnets()
    world.sg("sg-a", egress=())
    world.acl("acl-shut", subnets=["subnet-a"])
    for server in ("10.0.0.2", "169.254.169.253"):
        assert go(world, "eni-a", server, 53, "udp").verdict == REACHABLE
        assert go(world, "eni-a", server, 80).verdict == BLOCKED
        assert go(world, "eni-a", server, None).ports.spans == ((53, 53),)
    world.change(Vpc, "vpc-1", dns_support=False)
    assert codes(go(world, "eni-a", "10.0.0.2", 53)) == ["VPC_DNS_ATTRIBUTE_OFF"]
    world.change(Vpc, "vpc-1", dns_support=None)
    assert go(world, "eni-a", "10.0.0.2", 53).verdict == UNKNOWN


def test_a_task_reaches_its_metadata_and_others_do_not():
    world = two_subnets()
    world.service("web", ["eni-a"])
    assert go(world, "eni-a", "169.254.170.2", 80).verdict == REACHABLE
    assert go(world, "eni-b", "169.254.170.2", 80).verdict == BLOCKED
    world.eni("eni-i", "subnet-b", "sg-b", instance="i-0abc")
    assert go(world, "eni-i", "169.254.169.254", 80).verdict == REACHABLE
    assert go(world, "eni-a", "169.254.169.254", 80).verdict == BLOCKED
    assert go(world, "eni-a", "169.254.169.123", 123, "udp").verdict == REACHABLE


def test_windows_tasks_use_other_client_ports():
    world = two_subnets()
    entries = [AclEntry(False, 1, True, "-1", ALL), AclEntry(True, 1, True, "6", ALL, 49152, 65535)]
    world.acl("acl-b", subnets=["subnet-b"], entries=entries)
    world.service("web", ["eni-a"])
    assert go(world, "eni-a", "eni-b").verdict == PARTIAL
    definition = "arn:aws:ecs:::task-definition/web:1"
    world.change(TaskDefinition, definition, operating_system="WINDOWS_SERVER_2022_CORE")
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE


def test_nat_gateways_accept_and_endpoints_open_no_connections():
    world = shop()
    world.nat("nat-1", "public-a")
    assert reasons(answer(world, "internet", "198.51.100.7:443"))[0] == "NO_POSSIBLE_DESTINATION"
    world.sg("sg-vpce", ingress=[allow("tcp 443", ALL)])
    world.interface_endpoint("vpce-1", "logs", ["private-a"], "sg-vpce")
    assert reasons(answer(world, "eni-vpce-1-private-a", "eni-api:8080"))[0] == "VPCE_INTRA_VPC_TRAFFIC"


def test_the_address_of_a_balancer_listens_only_where_the_balancer_does():
    world = shop()
    world.sg("sg-alb", ingress=[allow("all", ALL)])
    assert answer(world, "internet", "192.0.2.10:80").verdict == REACHABLE
    held = answer(world, "internet", "192.0.2.10:22")
    assert reasons(held) == ["ELBV2_LISTENER_PORT_RESTRICTION"]
    assert held.assumptions == ("192.0.2.10 is a node of lb/front and is judged as lb/front",)


def test_every_address_as_source_means_the_internet():
    assert answer(shop(), "0.0.0.0/0", "web:80").verdict == REACHABLE


def test_a_range_that_crosses_a_peerings_ranges_is_partial():
    world = shop()
    world.vpc("vpc-2", "10.2.0.0/17", table=True)
    world.subnet("far", "10.2.0.0/24", vpc="vpc-2")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-private", "10.2.0.0/16", "pcx-1")
    held = answer(world, "web", "10.2.128.0/17:80")
    assert reasons(held) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"]


def test_the_part_of_a_range_that_is_in_an_unknown_peer_stays_unknown():
    world = shop()
    world.vpc("vpc-2", "10.2.128.0/17")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-private", "10.2.0.0/16", "pcx-1")
    world.drop(Vpc, "vpc-2")
    assert answer(world, "web", "10.2.0.0/16:80").verdict == UNKNOWN
    assert answer(world, "web", "10.2.0.0/17:80").verdict == BLOCKED


def test_a_source_range_with_interfaces_means_them():
    world = shop()
    world.sg("sg-api", ingress=[allow("tcp 8080", "10.0.11.0/24")])
    held = answer(world, "10.0.11.0/24", "eni-api:8080")
    assert held.verdict == REACHABLE
    held = answer(world, "10.0.8.0/21", "eni-api:8080")
    assert held.verdict == PARTIAL
    assert "eni-w0" in held.open[0].clients
    assert "eni-w1" not in held.open[0].clients


def test_a_route_through_nat_inside_the_vpc_shows_its_private_address():
    world = shop()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", "10.0.1.0/24", "nat-1")
    world.sg("sg-pub", ingress=[allow("tcp 22", f"{world.ip('eni-nat-1')}/32")])
    world.eni("eni-pub", "public-b", "sg-pub")
    world.route("rtb-private", "10.0.2.0/24", "nat-1")
    held = answer(world, "eni-w0", "eni-pub:22")
    assert held.verdict == REACHABLE
    assert "nat_gateway" in [h.kind for h in held.paths[0].forward]
    world.sg("sg-pub", ingress=[allow("tcp 22", "sg-web")])
    assert reasons(answer(world, "eni-w0", "eni-pub:22")) == ["SG_REFERENCES_NOT_PRESERVED"]


def test_a_more_specific_route_to_an_appliance_on_the_way_back_is_unknown():
    world = two_subnets()
    world.table("rtb-b", subnets=frozenset({"subnet-b"}))
    world.sg("sg-box")
    world.eni("eni-box", "subnet-b", "sg-box", source_dest_check=False)
    world.route("rtb-b", "10.0.1.0/24", "eni-box")
    result = go(world, "eni-a", "eni-b")
    assert result.verdict == UNKNOWN
    assert "that way is not modelled" in result.missing[0]


def test_nat_in_another_zone_is_said():
    world = shop()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    said = answer(world, "web", "internet:443").assumptions
    assert "eu-west-1a stays up: nat-1 is there and serves eu-west-1b" in said


def test_a_list_of_unknown_ranges_in_a_table_makes_only_what_it_may_hold_unknown():
    world = two_subnets()
    world.vgw()
    world.prefix_list("pl-x", known=False)
    world.route("rtb-main-vpc-1", "pl-x", "vgw-1")
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE
    world.eni("eni-p", "subnet-a", "sg-a", public="198.51.100.1")
    assert go(world, "eni-p", "203.0.113.9").verdict == UNKNOWN
    assert go(world, "203.0.113.9", "eni-p", None).verdict == BLOCKED
    world.sg("sg-a", ingress=[allow("tcp 80", ALL)])
    assert go(world, "203.0.113.9", "eni-p").verdict == UNKNOWN
    world.change(PrefixList, "pl-x", cidrs=("192.168.0.0/16",))
    assert go(world, "eni-p", "203.0.113.9").verdict == REACHABLE


def test_a_group_of_this_network_is_nobody_beyond_it():
    world = two_subnets([allow("tcp 80", "sg-a")])
    world.peering("pcx-1", "vpc-1", "vpc-9")
    world.route("rtb-main-vpc-1", "172.20.0.0/16", "pcx-1")
    assert go(world, "172.20.1.1", "eni-b").verdict == BLOCKED


def test_a_missing_group_is_unknown_but_others_may_decide():
    world = two_subnets([allow("tcp 80", "10.0.1.0/24")])
    world.eni("eni-d", "subnet-b", "sg-b", "sg-lost")
    assert go(world, "eni-a", "eni-d", 80).verdict == REACHABLE
    result = go(world, "eni-a", "eni-d", 81)
    assert result.verdict == UNKNOWN
    assert result.missing == ("security group sg-lost is not in the snapshot",)


def test_an_interface_without_known_groups_is_unknown():
    world = two_subnets()
    world.eni("eni-d", "subnet-b")
    assert go(world, "eni-a", "eni-d").verdict == UNKNOWN


@pytest.mark.parametrize(("public", "verdict"), [("", BLOCKED), ("to be assigned", REACHABLE)])
def test_a_planned_public_address_counts_though_nobody_knows_it(public, verdict):
    world = World()
    world.vpc()
    world.igw(tables=["rtb-main-vpc-1"])
    world.subnet("public", "10.0.1.0/24")
    world.sg("sg-web", ingress=[allow("tcp 80", ALL)])
    eni = world.eni("planned:network_interface/web-0", "public", "sg-web", public=public)
    assert go(world, "203.0.113.9", eni).verdict == verdict


def test_rules_of_other_protocols_do_not_count():
    world = two_subnets([("50", 0, 65535, ALL)])
    assert go(world, "eni-a", "eni-b").verdict == BLOCKED


def test_services_in_two_vpcs_may_meet_by_public_addresses():
    world = shop()
    world.vpc("vpc-2", "10.2.0.0/16")
    world.igw("igw-2", "vpc-2", ["rtb-main-vpc-2"])
    world.subnet("far", "10.2.1.0/24", vpc="vpc-2")
    world.sg("sg-far", "vpc-2", ingress=[allow("tcp 80", "198.51.100.7/32")])
    world.eni("eni-far", "far", "sg-far", public="198.51.100.99")
    world.service("far", ["eni-far"])
    assert answer(world, "web", "far:80").verdict == BLOCKED
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    assert answer(world, "web", "far:80").verdict == REACHABLE
