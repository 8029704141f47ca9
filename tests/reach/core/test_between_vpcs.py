"""Peering, transit gateways and VPN gateways."""

from __future__ import annotations

import pytest

from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.transit_gateway import TransitGatewayAttachment, TransitRoute
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from tests.reach.core.flows import BLOCKED, REACHABLE, UNKNOWN, codes, go
from tests.reach.world import ALL, World, allow


def two_vpcs() -> World:
    """eni-1 (sg-1) in vpc-1, eni-2 (sg-2: tcp 80 from sg-1) in vpc-2."""
    world = World()
    world.vpc("vpc-1", "10.1.0.0/16")
    world.vpc("vpc-2", "10.2.0.0/16")
    world.subnet("subnet-1", "10.1.1.0/24", "a", "vpc-1")
    world.subnet("subnet-2", "10.2.1.0/24", "a", "vpc-2")
    world.sg("sg-1", "vpc-1")
    world.sg("sg-2", "vpc-2", ingress=[allow("tcp 80", "sg-1"), allow("tcp 81", "10.1.0.0/16")])
    world.eni("eni-1", "subnet-1", "sg-1")
    world.eni("eni-2", "subnet-2", "sg-2")
    return world


def peered(**more: object) -> World:
    world = two_vpcs()
    world.peering("pcx-1", "vpc-1", "vpc-2", **more)  # type: ignore[arg-type]
    world.route("rtb-main-vpc-1", "10.2.0.0/16", "pcx-1")
    world.route("rtb-main-vpc-2", "10.1.0.0/16", "pcx-1")
    return world


def test_a_peering_carries_both_ways_and_keeps_group_references():
    result = go(peered(), "eni-1", "eni-2")
    assert result.verdict == REACHABLE
    assert [h.kind for h in result.forward][3] == "vpc_peering"
    assert [h.kind for h in result.back] == ["network_acl", "route_table", "vpc_peering", "network_acl"]


def test_references_do_not_cross_regions():
    world = peered(regions=("eu-west-1", "us-east-1"))
    assert codes(go(world, "eni-1", "eni-2")) == ["SG_REFERENCES_NOT_PRESERVED"]
    assert go(world, "eni-1", "eni-2", 81).verdict == REACHABLE


@pytest.mark.parametrize("state", ["pending-acceptance", "deleted", "expired"])
def test_a_peering_must_be_active(state):
    assert codes(go(peered(state=state), "eni-1", "eni-2", 81)) == ["BAD_STATE"]


def test_an_egress_reference_works_across_a_peering():
    world = peered()
    world.sg("sg-1", "vpc-1", egress=[allow("tcp 80", "sg-2")])
    assert go(world, "eni-1", "eni-2").verdict == REACHABLE
    world.change(VpcPeering, "pcx-1", state="deleted")
    assert codes(go(world, "eni-1", "eni-2"))[0] == "ENI_SG_RULES_MISMATCH"


def test_both_sides_need_a_route():
    world = peered()
    world.change(RouteTable, "rtb-main-vpc-2", routes=frozenset())
    assert codes(go(world, "eni-1", "eni-2")) == ["<NO_ROUTE_TO_DESTINATION"]
    world = peered()
    world.change(RouteTable, "rtb-main-vpc-1", routes=frozenset())
    assert codes(go(world, "eni-1", "eni-2")) == ["NO_ROUTE_TO_DESTINATION"]


def test_a_peering_carries_only_addresses_of_its_vpcs():
    world = peered()
    world.route("rtb-main-vpc-1", ALL, "pcx-1")
    assert codes(go(world, "eni-1", "203.0.113.9")) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"]


def test_a_peer_that_is_not_in_the_snapshot_is_unknown():
    world = peered()
    world.sg("sg-1", "vpc-1", ingress=[allow("tcp 80", "sg-far")])
    world.drop(Vpc, "vpc-2")
    result = go(world, "eni-1", "10.2.9.9")
    assert result.verdict == UNKNOWN
    assert "vpc-2 behind pcx-1" in result.missing[0]
    inbound = go(world, "10.2.9.9", "eni-1")
    assert inbound.verdict == UNKNOWN
    assert any("sg-far" in fact for fact in inbound.missing)
    assert go(world, "10.2.9.9", "eni-1", 443).verdict == BLOCKED
    world.sg("sg-1", "vpc-1", ingress=[allow("tcp 80", "192.168.0.0/16")])
    assert go(world, "10.2.9.9", "eni-1").verdict == BLOCKED


def test_nobody_in_the_peer_holds_the_address():
    assert codes(go(peered(), "eni-1", "10.2.1.200")) == ["NO_POSSIBLE_DESTINATION"]


# ---- transit gateway


def hub(**switches: bool) -> World:
    world = two_vpcs()
    world.tgw(**switches)
    world.attach("tgw-attach-1", "vpc-1", "subnet-1")
    world.attach("tgw-attach-2", "vpc-2", "subnet-2")
    world.tgw_table("tgw-rtb-1", route("10.1.0.0/16", "tgw-attach-1"), route("10.2.0.0/16", "tgw-attach-2"))
    world.route("rtb-main-vpc-1", "10.2.0.0/16", "tgw-1")
    world.route("rtb-main-vpc-2", "10.1.0.0/16", "tgw-1")
    return world


def route(cidr: str, attachment: str, type: str = "propagated", state: str = "active") -> TransitRoute:
    return TransitRoute(cidr, (attachment,), type, state, "vpc")


def test_a_transit_gateway_carries_both_ways_and_drops_references_by_default():
    assert go(hub(), "eni-1", "eni-2", 81).verdict == REACHABLE
    assert codes(go(hub(), "eni-1", "eni-2", 80)) == ["SG_REFERENCING_SUPPORT"]


def test_references_work_inbound_when_supported_everywhere():
    world = hub(sg_referencing=True)
    assert go(world, "eni-1", "eni-2").verdict == REACHABLE
    world.change(TransitGatewayAttachment, "tgw-attach-2", sg_referencing=False)
    assert go(world, "eni-1", "eni-2").verdict == BLOCKED
    world = hub(sg_referencing=True)
    world.sg("sg-1", "vpc-1", egress=[allow("tcp 80", "sg-2")])
    assert codes(go(world, "eni-1", "eni-2")) == ["ENI_SG_RULES_MISMATCH"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda w: (
                w.subnet("subnet-z", "10.1.9.0/24", "z"),
                w.change(TransitGatewayAttachment, "tgw-attach-1", subnets=("subnet-z",)),
            ),
            "TGW_ROUTE_AZ_RESTRICTION",
        ),
        (
            lambda w: w.change(TransitGatewayAttachment, "tgw-attach-1", route_table=""),
            "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
        ),
        (
            lambda w: w.change(TransitGatewayAttachment, "tgw-attach-2", state="pendingAcceptance"),
            "BAD_STATE_ATTACHMENT",
        ),
        (
            lambda w: w.tgw_table("tgw-rtb-1", route("10.1.0.0/16", "tgw-attach-1")),
            "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
        ),
        (
            lambda w: w.tgw_table(
                "tgw-rtb-1",
                route("10.1.0.0/16", "tgw-attach-1"),
                route("10.2.0.0/16", "tgw-attach-2", state="blackhole"),
            ),
            "TGW_RTB_BAD_STATE_ROUTE",
        ),
        (lambda w: w.change(RouteTable, "rtb-main-vpc-2", routes=frozenset()), "<NO_ROUTE_TO_DESTINATION"),
        (
            lambda w: (
                w.tgw_table("tgw-rtb-2"),
                w.change(TransitGatewayAttachment, "tgw-attach-2", route_table="tgw-rtb-2"),
            ),
            "<TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
        ),
    ],
)
def test_what_breaks_a_transit_gateway(change, code):
    world = hub()
    change(world)
    assert codes(go(world, "eni-1", "eni-2", 81)) == [code]


def test_a_static_route_of_the_gateway_beats_a_propagated_one():
    world = hub()
    world.tgw_table(
        "tgw-rtb-1",
        route("10.1.0.0/16", "tgw-attach-1"),
        route("10.2.0.0/16", "tgw-attach-2"),
        route("10.2.0.0/16", "tgw-attach-1", type="static", state="blackhole"),
    )
    assert codes(go(world, "eni-1", "eni-2", 81)) == ["TGW_RTB_BAD_STATE_ROUTE"]


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.tgw_table("tgw-rtb-1", known=False),
        lambda w: w.change(TransitGatewayAttachment, "tgw-attach-1", route_table=None),
        lambda w: w.change(TransitGatewayAttachment, "tgw-attach-1", subnets=None),
        lambda w: w.missing("transit_gateway_attachment"),
        lambda w: w.missing("transit_gateway_route_table"),
        lambda w: w.change(TransitGatewayAttachment, "tgw-attach-2", type="peering"),
        lambda w: w.change(TransitGatewayAttachment, "tgw-attach-2", type="connect"),
    ],
)
def test_what_is_not_known_about_a_transit_gateway_is_unknown(change):
    world = hub()
    change(world)
    assert go(world, "eni-1", "eni-2", 81).verdict == UNKNOWN


def test_attachment_subnets_have_their_own_acls():
    world = hub()
    world.subnet("door-2", "10.2.9.0/28", "a", "vpc-2")
    world.change(TransitGatewayAttachment, "tgw-attach-2", subnets=("door-2",))
    assert go(world, "eni-1", "eni-2", 81).verdict == REACHABLE
    world.acl("acl-door", "vpc-2", subnets=["door-2"])
    assert codes(go(world, "eni-1", "eni-2", 81)) == ["SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION"]


def test_the_near_attachment_subnet_has_one_too():
    world = hub()
    world.subnet("door-1", "10.1.9.0/28", "a", "vpc-1")
    world.change(TransitGatewayAttachment, "tgw-attach-1", subnets=("door-1",))
    assert go(world, "eni-1", "eni-2", 81).verdict == REACHABLE
    world.acl("acl-door", "vpc-1", subnets=["door-1"])
    assert codes(go(world, "eni-1", "eni-2", 81)) == ["SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION"]


def test_central_egress_behind_a_transit_gateway():
    world = hub()
    world.igw("igw-2", "vpc-2")
    world.subnet("public-2", "10.2.2.0/24", "a", "vpc-2")
    world.table("rtb-public-2", "vpc-2", subnets=frozenset({"public-2"}))
    world.route("rtb-public-2", ALL, "igw-2")
    world.route("rtb-public-2", "10.1.0.0/16", "tgw-1")
    world.nat("nat-2", "public-2")
    world.route("rtb-main-vpc-1", ALL, "tgw-1")
    world.route("rtb-main-vpc-2", ALL, "nat-2")
    world.tgw_table("tgw-rtb-1", route("10.1.0.0/16", "tgw-attach-1"), route(ALL, "tgw-attach-2", type="static"))
    assert go(world, "eni-1", "203.0.113.9", 443).verdict == REACHABLE
    world.change(
        RouteTable,
        "rtb-public-2",
        routes=frozenset(r for r in world.found["route_table", "rtb-public-2"].props.routes if r.target == "igw-2"),
    )
    assert go(world, "eni-1", "203.0.113.9", 443).verdict == BLOCKED


def test_a_gateway_endpoint_is_closed_to_traffic_from_a_transit_gateway():
    world = hub()
    world.prefix_list("pl-s3", "52.218.0.0/17", name="com.amazonaws.eu-west-1.s3")
    world.gateway_endpoint("vpce-s3", "s3", "pl-s3", "rtb-main-vpc-2")
    world.route("rtb-main-vpc-1", ALL, "tgw-1")
    world.tgw_table("tgw-rtb-1", route("10.1.0.0/16", "tgw-attach-1"), route(ALL, "tgw-attach-2", type="static"))
    assert codes(go(world, "eni-1", "52.218.0.1", 443)) == ["VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION"]


def test_peering_is_not_transitive():
    world = hub()
    world.vpc("vpc-3", "10.3.0.0/16")
    world.subnet("subnet-3", "10.3.1.0/24", "a", "vpc-3")
    world.sg("sg-3", "vpc-3", ingress=[allow("all", ALL)])
    world.eni("eni-3", "subnet-3", "sg-3")
    world.peering("pcx-23", "vpc-2", "vpc-3")
    world.route("rtb-main-vpc-1", "10.3.0.0/16", "tgw-1")
    world.route("rtb-main-vpc-2", "10.3.0.0/16", "pcx-23")
    world.tgw_table("tgw-rtb-1", route("10.1.0.0/16", "tgw-attach-1"), route("10.3.0.0/16", "tgw-attach-2"))
    result = go(world, "eni-1", "eni-3")
    assert result.verdict == BLOCKED
    assert "not transitive" in result.blockers[0].detail


# ---- VPN


def test_beyond_a_vpn_is_unknown_unless_something_here_blocks():
    world = two_vpcs()
    world.vgw("vgw-1", "vpc-1", connection="available")
    world.route("rtb-main-vpc-1", "192.168.0.0/16", "vgw-1", origin="propagated")
    assert go(world, "eni-1", "192.168.1.1").missing == ("what lies beyond the VPN gateway vgw-1",)
    assert go(world, "eni-1", "192.168.1.1").verdict == UNKNOWN
    assert go(world, "192.168.1.1", "eni-1").verdict == BLOCKED
    world.sg("sg-1", "vpc-1", ingress=[allow("tcp 80", "192.168.0.0/16")], egress=())
    assert go(world, "192.168.1.1", "eni-1").verdict == UNKNOWN
    assert codes(go(world, "eni-1", "192.168.1.1")) == ["SG_HAS_NO_RULES"]


def test_a_vpn_that_is_down_or_detached():
    world = two_vpcs()
    world.vgw("vgw-1", "vpc-1", connection="deleted")
    world.route("rtb-main-vpc-1", "192.168.0.0/16", "vgw-1")
    assert codes(go(world, "eni-1", "192.168.1.1")) == ["BAD_STATE_VPN"]
    world.vgw("vgw-1", "vpc-2")
    assert codes(go(world, "eni-1", "192.168.1.1")) == ["BAD_STATE_ATTACHMENT"]


def test_nothing_leads_in_from_an_unrouted_private_address():
    assert codes(go(two_vpcs(), "192.168.1.1", "eni-2"))[0] == "NO_PATH"
