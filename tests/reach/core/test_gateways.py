"""Internet gateways, Block Public Access, NAT, egress-only gateways and gateway endpoints."""

from __future__ import annotations

import pytest

from fargate_net.kinds.block_public_access import BlockPublicAccess
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from tests.reach.core.flows import BLOCKED, PARTIAL, REACHABLE, UNKNOWN, codes, go
from tests.reach.world import ALL, OPEN, World, allow

CLIENT = "203.0.113.9"


def edge() -> World:
    """eni-pub (public IP) in a public subnet, eni-priv in a private one, both open to everybody."""
    world = World()
    world.vpc(ipv6="2600:1f18:1::/56")
    world.subnet("public", "10.0.1.0/24", ipv6="2600:1f18:1:1::/64")
    world.subnet("private", "10.0.2.0/24", ipv6="2600:1f18:1:2::/64")
    world.table("rtb-public", subnets=frozenset({"public"}))
    world.table("rtb-private", subnets=frozenset({"private"}))
    world.igw(tables=["rtb-public"])
    world.sg("sg-open", ingress=[allow("all", ALL), allow("all", "::/0")])
    world.eni("eni-pub", "public", "sg-open", public="198.51.100.1", ipv6="2600:1f18:1:1::a")
    world.eni("eni-priv", "private", "sg-open", ipv6="2600:1f18:1:2::a")
    return world


def test_the_internet_reaches_a_public_interface_and_back():
    inbound = go(edge(), CLIENT, "eni-pub")
    assert inbound.verdict == REACHABLE
    assert (inbound.forward[0].kind, inbound.forward[0].action) == (
        "internet_gateway",
        "translates 198.51.100.1 to 10.0.1.10",
    )
    assert [h.kind for h in inbound.back] == ["network_acl", "route_table", "internet_gateway"]
    outbound = go(edge(), "eni-pub", CLIENT)
    assert outbound.verdict == REACHABLE
    assert [h.kind for h in outbound.forward] == [
        "security_group",
        "network_acl",
        "route_table",
        "internet_gateway",
        "internet",
    ]


def test_four_things_the_internet_needs_are_four_blockers():
    world = edge()
    world.sg("sg-shut", egress=())
    world.acl("acl-shut", subnets=["private"])
    world.eni("eni-no", "private", "sg-shut")
    assert codes(go(world, CLIENT, "eni-no")) == [
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        "SUBNET_ACL_RESTRICTION",
        "SG_HAS_NO_RULES",
        "<NACL_REPLY_RESTRICTION",
        "<NO_ROUTE_TO_DESTINATION",
    ]
    assert codes(go(world, "eni-no", CLIENT)) == [
        "SG_HAS_NO_RULES",
        "SUBNET_ACL_RESTRICTION",
        "NO_ROUTE_TO_DESTINATION",
        "<NACL_REPLY_RESTRICTION",
    ]


def test_a_public_address_without_a_route_to_the_gateway_is_no_internet():
    world = edge()
    world.eni("eni-odd", "private", "sg-open", public="198.51.100.2")
    assert codes(go(world, CLIENT, "eni-odd")) == ["<NO_ROUTE_TO_DESTINATION"]
    result = go(world, "eni-odd", CLIENT)
    assert result.blockers[0].detail == "rtb-private (associated table of private) has no route to 203.0.113.9"


def test_a_reply_through_nat_is_lost():
    world = edge()
    world.nat("nat-1", "public")
    world.route("rtb-private", ALL, "nat-1")
    world.eni("eni-odd", "private", "sg-open", public="198.51.100.2")
    assert codes(go(world, CLIENT, "eni-odd")) == ["<NO_ROUTE_TO_DESTINATION"]


def test_without_public_address_an_internet_gateway_drops():
    world = edge()
    world.eni("eni-bare", "public", "sg-open")
    result = go(world, "eni-bare", CLIENT)
    assert codes(result) == ["IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]
    assert "eni-bare" in result.blockers[0].fix


def test_a_vpc_without_gateway():
    world = edge()
    world.drop(InternetGateway, "igw-1")
    assert codes(go(world, CLIENT, "eni-pub"))[0] == "NO_PATH"
    assert go(world, "eni-pub", CLIENT).missing == ("igw-1 is not in the snapshot",)
    world = edge()
    world.missing("internet_gateway")
    assert go(world, CLIENT, "eni-pub").verdict == UNKNOWN
    assert go(world, "eni-pub", CLIENT).verdict == UNKNOWN


def test_a_detached_gateway_carries_nothing():
    world = edge()
    world.change(InternetGateway, "igw-1", vpc=None)
    assert codes(go(world, "eni-pub", CLIENT)) == ["BAD_STATE_ATTACHMENT"]


def test_a_gateway_drops_private_destinations():
    world = edge()
    assert codes(go(world, "eni-pub", "172.31.0.9")) == ["IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"]
    assert codes(go(world, "eni-pub", "100.64.0.9")) == ["IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"]


def test_the_public_address_of_a_neighbour_goes_out_and_back_in():
    world = edge()
    world.sg("sg-ref", ingress=[allow("tcp 80", "sg-open")])
    world.sg("sg-wide", ingress=[allow("tcp 80", "198.51.100.0/24")])
    world.eni("eni-ref", "public", "sg-ref", public="198.51.100.3")
    world.eni("eni-wide", "public", "sg-wide", public="198.51.100.4")
    assert go(world, "eni-pub", "eni-ref").verdict == REACHABLE
    through = go(world, "eni-pub", "eni-ref!")
    assert codes(through) == ["SG_REFERENCES_NOT_PRESERVED"]
    assert go(world, "eni-pub", "eni-wide!").verdict == REACHABLE
    assert go(world, "eni-pub", "eni-wide").verdict == BLOCKED


def test_an_egress_reference_matches_no_public_address():
    world = edge()
    world.sg("sg-out", egress=[allow("tcp 80", "sg-open")])
    world.eni("eni-out", "public", "sg-out", public="198.51.100.5")
    assert go(world, "eni-out", "eni-pub").verdict == REACHABLE
    assert codes(go(world, "eni-out", "eni-pub!")) == ["ENI_SG_RULES_MISMATCH"]


@pytest.mark.parametrize(
    ("mode", "exclusions", "inbound", "outbound", "through_nat"),
    [
        ("off", [], REACHABLE, REACHABLE, REACHABLE),
        ("block-bidirectional", [], BLOCKED, BLOCKED, BLOCKED),
        ("block-ingress", [], BLOCKED, BLOCKED, REACHABLE),
        ("block-bidirectional", [("vpc-1", "allow-bidirectional")], REACHABLE, REACHABLE, REACHABLE),
        ("block-bidirectional", [("public", "allow-bidirectional")], REACHABLE, REACHABLE, REACHABLE),
        ("block-bidirectional", [("private", "allow-bidirectional")], BLOCKED, BLOCKED, BLOCKED),
        ("block-bidirectional", [("vpc-1", "allow-egress")], BLOCKED, BLOCKED, REACHABLE),
    ],
)
def test_block_public_access(mode, exclusions, inbound, outbound, through_nat):
    world = edge()
    world.nat("nat-1", "public")
    world.route("rtb-private", ALL, "nat-1")
    world.public_access(mode, *exclusions)
    results = [go(world, CLIENT, "eni-pub"), go(world, "eni-pub", CLIENT), go(world, "eni-priv", CLIENT)]
    assert [result.verdict for result in results] == [inbound, outbound, through_nat]
    for result in results:
        assert result.verdict == REACHABLE or codes(result) == ["VPC_BLOCK_PUBLIC_ACCESS_ENABLED"]


def test_block_public_access_assumed_off_is_said_and_a_denied_call_is_unknown():
    world = edge()
    assert go(world, CLIENT, "eni-pub").assumptions == ("VPC Block Public Access is off",)
    world.put("bpa", BlockPublicAccess("off"))
    assert go(world, CLIENT, "eni-pub").assumptions == ()
    world.missing("block_public_access")
    assert go(world, CLIENT, "eni-pub").verdict == UNKNOWN


def test_a_gateway_table_may_redirect_to_an_appliance():
    world = edge()
    world.eni("eni-box", "public", "sg-open")
    world.table("rtb-edge", gateways=("igw-1",))
    world.route("rtb-edge", "10.0.1.0/24", "eni-box")
    assert codes(go(world, CLIENT, "eni-pub")) == ["INGRESS_RTB_NO_PUBLIC_IP"]
    world.eni("eni-box", "public", "sg-open", public="198.51.100.9")
    assert go(world, CLIENT, "eni-pub").verdict == UNKNOWN


# ---- NAT


def behind_nat() -> World:
    world = edge()
    world.nat("nat-1", "public")
    world.route("rtb-private", ALL, "nat-1")
    return world


def test_nat_carries_out_and_the_reply_back():
    result = go(behind_nat(), "eni-priv", CLIENT)
    assert result.verdict == REACHABLE
    actions = [h.action for h in result.forward if h.action.startswith("translates")]
    assert actions == ["translates 10.0.2.10 to 10.0.1.11", "translates 10.0.1.11 to 198.51.100.7"]
    assert len([h for h in result.forward if h.kind == "network_acl"]) == 3
    assert len([h for h in result.back if h.kind == "network_acl"]) == 3


def test_nobody_reaches_a_private_interface_through_nat():
    assert "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" in codes(go(behind_nat(), CLIENT, "eni-priv"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda w: w.change(NatGateway, "nat-1", state="failed"), "BAD_STATE"),
        (lambda w: w.change(RouteTable, "rtb-public", routes=frozenset()), "NO_ROUTE_TO_DESTINATION"),
        (lambda w: w.change(NatGateway, "nat-1", vpc="vpc-2"), "NGW_REQUIRES_SOURCE_IN_VPC"),
    ],
)
def test_what_breaks_a_nat(change, code):
    world = behind_nat()
    change(world)
    assert code in codes(go(world, "eni-priv", CLIENT))


def test_a_route_target_that_nobody_shows_is_unknown():
    world = behind_nat()
    world.drop(NatGateway, "nat-1")
    result = go(world, "eni-priv", CLIENT)
    assert result.verdict == UNKNOWN
    assert result.missing == ("nat-1 is not in the snapshot",)


def test_a_private_nat_never_leaves_by_an_internet_gateway():
    world = edge()
    world.nat("nat-1", "public", public="")
    world.route("rtb-private", ALL, "nat-1")
    assert codes(go(world, "eni-priv", CLIENT)) == ["IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]


def test_a_nat_in_a_subnet_that_routes_to_it_is_a_circle():
    world = edge()
    world.nat("nat-1", "private")
    world.route("rtb-private", ALL, "nat-1")
    assert codes(go(world, "eni-priv", CLIENT)) == ["NO_POSSIBLE_DESTINATION"]


def test_the_acl_of_the_nat_subnet_sees_both_sides():
    world = behind_nat()
    world.acl("acl-nat", entries=OPEN[:1] + tuple(e for e in OPEN if e.egress), subnets=["public"])
    assert go(world, "eni-priv", CLIENT).verdict == REACHABLE
    only_inside = AclEntry(False, 100, True, "-1", "10.0.0.0/16")
    world.acl("acl-nat", entries=(only_inside, *[e for e in OPEN if e.egress]), subnets=["public"])
    assert codes(go(world, "eni-priv", CLIENT)) == ["<NACL_REPLY_RESTRICTION"]
    some = AclEntry(False, 101, True, "6", ALL, 32768, 65535)
    world.acl("acl-nat", entries=(only_inside, some, *[e for e in OPEN if e.egress]), subnets=["public"])
    world.service("web", ["eni-priv"])
    partly = go(world, "eni-priv", CLIENT)
    assert partly.verdict == PARTIAL
    assert "1024-32767" in partly.blockers[0].detail


def test_a_nat_hands_a_neighbour_its_packets_without_acl_or_route():
    world = behind_nat()
    world.route("rtb-private", "10.0.1.0/24", "nat-1")
    world.route("rtb-public", "10.0.1.0/24", "nat-1")
    only_the_private_side = [AclEntry(egress, 1, True, "-1", "10.0.2.0/24") for egress in (False, True)]
    world.acl("acl-public", entries=only_the_private_side, subnets=["public"])
    result = go(world, "eni-priv", "eni-pub")
    assert (result.verdict, codes(result)) == (REACHABLE, [])
    assert [h.component for h in result.forward if h.kind == "network_acl"] == ["acl-default-vpc-1", "acl-public"]


def test_a_reply_for_the_nat_itself_may_take_a_route_to_it():
    world = behind_nat()
    world.subnet("other", "10.0.3.0/24")
    world.table("rtb-other", subnets=frozenset({"other"}))
    world.eni("eni-other", "other", "sg-open")
    world.route("rtb-private", "10.0.3.0/24", "nat-1")
    world.route("rtb-other", "10.0.1.0/24", "nat-1")
    assert go(world, "eni-priv", "eni-other").verdict == REACHABLE
    assert codes(go(world, "eni-pub", "eni-other")) == ["<NO_ROUTE_TO_DESTINATION"], "any other reply is lost there"


def test_a_group_reference_does_not_survive_nat():
    world = behind_nat()
    world.sg("sg-ref", ingress=[allow("tcp 80", "sg-open")])
    world.eni("eni-ref", "public", "sg-ref", public="198.51.100.3")
    assert codes(go(world, "eni-priv", "eni-ref!")) == ["SG_REFERENCES_NOT_PRESERVED"]
    world.sg("sg-ref", ingress=[allow("tcp 80", "198.51.100.7/32")])
    assert go(world, "eni-priv", "eni-ref!").verdict == REACHABLE


def test_a_regional_nat_serves_its_zones():
    world = edge()
    world.regional_nat("nat-r", zones=("eu-west-1a",))
    world.route("rtb-private", ALL, "nat-r")
    result = go(world, "eni-priv", CLIENT)
    assert result.verdict == REACHABLE
    assert "the route table of nat-r leads to the internet gateway" in result.assumptions
    world.change(NatGateway, "nat-r", zones=("eu-west-1b",))
    assert codes(go(world, "eni-priv", CLIENT)) == ["REGIONAL_NGW_ROUTE_AZ_RESTRICTION"]
    world.table("rtb-nat")
    world.change(NatGateway, "nat-r", zones=(), route_table="rtb-nat")
    assert codes(go(world, "eni-priv", CLIENT)) == ["NO_ROUTE_TO_DESTINATION"]
    world.route("rtb-nat", ALL, "igw-1")
    assert go(world, "eni-priv", CLIENT).verdict == REACHABLE


# ---- IPv6


def test_ipv6_goes_out_without_translation_and_in_by_the_gateway_only():
    world = edge()
    world.route("rtb-public", "::/0", "igw-1")
    world.eigw()
    world.route("rtb-private", "::/0", "eigw-1")
    assert go(world, "eni-pub", "2001:db8::1", family=6).verdict == REACHABLE
    assert go(world, "2a00::1", "eni-pub", family=6).verdict == REACHABLE
    out = go(world, "eni-priv", "2a00::1", family=6)
    assert out.verdict == REACHABLE
    assert [h.kind for h in out.forward][3] == "egress_only_gateway"
    assert codes(go(world, "2a00::1", "eni-priv", family=6)) == ["<NO_ROUTE_TO_DESTINATION"]


def test_a_default_route_of_one_family_says_nothing_of_the_other():
    assert codes(go(edge(), "eni-pub", "2a00::1", family=6)) == ["NO_ROUTE_TO_DESTINATION"]


def test_block_ingress_leaves_the_egress_only_gateway():
    world = edge()
    world.eigw()
    world.route("rtb-private", "::/0", "eigw-1")
    world.public_access("block-ingress")
    assert go(world, "eni-priv", "2a00::1", family=6).verdict == REACHABLE
    world.public_access("block-bidirectional")
    assert go(world, "eni-priv", "2a00::1", family=6).verdict == BLOCKED


# ---- routes


def test_the_longest_prefix_wins_and_a_blackhole_drops():
    world = edge()
    world.route("rtb-public", "203.0.113.0/24", "nat-gone", state="blackhole")
    result = go(world, "eni-pub", CLIENT)
    assert codes(result) == ["BAD_STATE_ROUTE"]
    assert result.blockers[0].rule == "203.0.113.0/24 to nat-gone (blackhole)"
    assert go(world, "eni-pub", "203.0.114.9").verdict == REACHABLE


def test_static_beats_prefix_list_beats_propagated():
    world = edge()
    world.prefix_list("pl-1", "203.0.113.0/24")
    world.vgw()
    world.route("rtb-public", "203.0.113.0/24", "vgw-1", origin="propagated")
    assert go(world, "eni-pub", CLIENT).verdict == UNKNOWN
    world.route("rtb-public", "pl-1", "igw-1")
    assert go(world, "eni-pub", CLIENT).verdict == REACHABLE
    world.route("rtb-public", "203.0.113.0/24", "eni-x", state="blackhole")
    assert codes(go(world, "eni-pub", CLIENT)) == ["BAD_STATE_ROUTE"]


def test_the_local_route_beats_propagated_ones_inside_it():
    world = edge()
    world.vgw()
    world.route("rtb-public", "10.0.2.0/24", "vgw-1", origin="propagated")
    assert go(world, "eni-pub", "eni-priv").verdict == REACHABLE


def test_reserved_addresses_are_never_forwarded():
    assert codes(go(edge(), "eni-pub", "169.254.169.5")) == ["NO_ROUTE_TO_DESTINATION"]


def test_a_subnet_without_association_uses_the_main_table_and_the_answer_says_so():
    world = edge()
    world.subnet("other", "10.0.9.0/24")
    world.eni("eni-other", "other", "sg-open")
    result = go(world, "eni-other", CLIENT)
    assert result.blockers[0].detail == "rtb-main-vpc-1 (main table of other) has no route to 203.0.113.9"


def test_appliances_are_unknown_unless_they_certainly_drop():
    world = edge()
    world.eni("eni-box", "public", "sg-open")
    world.instance("i-0abc", "eni-box")
    world.route("rtb-private", ALL, "i-0abc")
    assert codes(go(world, "eni-priv", CLIENT)) == ["ENI_SOURCE_DEST_CHECK_RESTRICTION"]
    world.change(NetworkInterface, "eni-box", source_dest_check=False)
    result = go(world, "eni-priv", CLIENT)
    assert result.verdict == UNKNOWN
    assert result.missing == ("what the appliance i-0abc does with traffic",)
    world.route("rtb-private", "203.0.113.0/24", "lgw-1")
    assert "lgw-1" in go(world, "eni-priv", CLIENT).missing[0]


# ---- gateway endpoints

S3 = "52.218.0.1"


def with_s3() -> World:
    world = edge()
    world.prefix_list("pl-s3", "52.218.0.0/17", name="com.amazonaws.eu-west-1.s3")
    world.gateway_endpoint("vpce-s3", "s3", "pl-s3", "rtb-private")
    return world


def test_a_gateway_endpoint_serves_the_subnets_of_its_tables():
    world = with_s3()
    result = go(world, "eni-priv", S3, 443)
    assert result.verdict == REACHABLE
    assert result.forward[-1].component == "vpce-s3"
    world.subnet("other", "10.0.9.0/24")
    world.eni("eni-other", "other", "sg-open")
    assert codes(go(world, "eni-other", S3, 443)) == ["NO_ROUTE_TO_DESTINATION"]


def test_a_gateway_endpoint_wins_over_the_default_route():
    world = with_s3()
    world.nat("nat-1", "public")
    world.route("rtb-private", ALL, "nat-1")
    assert "nat-1" not in [h.component for h in go(world, "eni-priv", S3, 443).forward]
    assert "nat-1" in [h.component for h in go(world, "eni-priv", CLIENT, 443).forward]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda w: w.change(VpcEndpoint, "vpce-s3", state="pending"), "BAD_STATE"),
        (lambda w: w.sg("sg-open", egress=[allow("tcp 443", "10.0.0.0/8")]), "ENI_SG_RULES_MISMATCH"),
        (
            lambda w: w.acl("acl-x", subnets=["private"], entries=[e for e in OPEN if e.egress]),
            "<NACL_REPLY_RESTRICTION",
        ),
    ],
)
def test_what_closes_a_gateway_endpoint(change, code):
    world = with_s3()
    change(world)
    assert codes(go(world, "eni-priv", S3, 443)) == [code]


def test_a_gateway_endpoint_carries_no_udp():
    assert codes(go(with_s3(), "eni-priv", S3, 443, "udp")) == ["VPCE_GATEWAY_PROTOCOL_RESTRICTION"]


def test_a_group_may_allow_the_prefix_list():
    world = with_s3()
    world.sg("sg-open", egress=[allow("tcp 443", "pl-s3")])
    assert go(world, "eni-priv", S3, 443).verdict == REACHABLE
