"""Statements 8, 9, 11, 12 and 116-121: peering, transit gateways, VPN gateways, and references across them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import ask, blocked, codes, hops, met, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, OWNER, Account, Raw, route
from tests.reach.statements.aws_links import (
    PCX,
    TGW,
    TGW_TABLE,
    attachment,
    peering,
    transit_gateway,
    transit_route,
    transit_table,
    vpn_gateway,
)
from tests.reach.statements.aws_nat import gateway_endpoint, nat_gateway
from tests.reach.statements.aws_rules import entry, everything, out, tcp
from tests.reach.statements.scenes import IGW, gateway

NEAR, FAR, THIRD = "vpc-0a1a1a1a1a1a1a1a1", "vpc-0b2b2b2b2b2b2b2b2", "vpc-0c3c3c3c3c3c3c3c3"
NEAR_MAIN, FAR_MAIN = "rtb-main-0a1a1a1a1a1a1a1a1", "rtb-main-0b2b2b2b2b2b2b2b2"
FAR_ACL = "acl-main-0b2b2b2b2b2b2b2b2"
NEAR_NET, FAR_NET = "subnet-0a1a1a1a1a1a1a1aa", "subnet-0b2b2b2b2b2b2b2ba"
NEAR_SG, FAR_SG = "sg-0a1a1a1a1a1a1a1a1", "sg-0b2b2b2b2b2b2b2b2"
CLIENT, SERVER = "eni-0a1a1a1a1a1a1a1a1", "eni-0b2b2b2b2b2b2b2b2"
CLIENT_IP, SERVER_IP = "10.0.1.10", "10.9.1.20"


def two(ingress: list[Raw] | None = None, egress: list[Raw] | None = None) -> Account:
    """A client in one VPC, a server in another that takes TCP 80 from the client's range; nothing joins them."""
    world = Account()
    for vpc, cidr, net in ((NEAR, "10.0", NEAR_NET), (FAR, "10.9", FAR_NET)):
        world.vpc(vpc, f"{cidr}.0.0/16")
        world.subnet(net, vpc, f"{cidr}.1.0/24", "a")
    world.group(NEAR_SG, NEAR, egress=egress)
    world.group(FAR_SG, FAR, [tcp(80, "10.0.0.0/16")] if ingress is None else ingress)
    world.interface(CLIENT, NEAR_NET, CLIENT_IP, NEAR_SG)
    world.interface(SERVER, FAR_NET, SERVER_IP, FAR_SG)
    return world


def peered(ingress: list[Raw] | None = None, egress: list[Raw] | None = None, **link: Any) -> Account:
    """The two, peered, with routes on both sides."""
    world = two(ingress, egress)
    peering(world, (NEAR, "10.0.0.0/16"), (FAR, "10.9.0.0/16"), **link)
    world.routes(NEAR_MAIN, route("10.9.0.0/16", PCX))
    world.routes(FAR_MAIN, route("10.0.0.0/16", PCX))
    return world


PEER_REF = {
    "GroupId": NEAR_SG,
    "UserId": OWNER,
    "VpcId": NEAR,
    "VpcPeeringConnectionId": PCX,
    "PeeringStatus": "active",
}


def test_s008_a_reference_reaches_over_an_active_peering_of_one_region():
    answer = reachable(ask(peered([tcp(80, PEER_REF)]), CLIENT, f"{SERVER}:80"))
    assert rule_at(answer, FAR_SG) == f"ingress tcp 80 from {NEAR_SG}"


def test_s008_an_outbound_reference_too():
    reachable(ask(peered(egress=[tcp(80, {"GroupId": FAR_SG, "UserId": OWNER, "VpcId": FAR})]), CLIENT, f"{SERVER}:80"))


def test_s008_not_over_an_inter_region_peering():
    world = peered([tcp(80, PEER_REF)], far_region="us-east-1")
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["SG_REFERENCES_NOT_PRESERVED"]
    reachable(ask(peered(far_region="us-east-1"), CLIENT, f"{SERVER}:80"))


def test_s008_not_while_the_peering_is_not_active():
    answer = ask(peered([tcp(80, PEER_REF)], state="pending-acceptance"), CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == "BAD_STATE"
    assert answer["blockers"][0]["component"] == PCX


def test_s009_a_group_of_another_account_is_matched_by_those_that_carry_it():
    world = peered([tcp(80, PEER_REF | {"UserId": "444455556666"})], far_owner=OWNER)
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


def test_s009_a_peer_that_nobody_described_is_never_taken_for_allowed():
    world = peered([tcp(80, PEER_REF | {"UserId": "444455556666", "GroupId": "sg-0f0f0f0f0f0f0f0f0"})])
    world.remove("Vpcs", NEAR)
    world.remove("NetworkInterfaces", CLIENT)
    answer = unknown(ask(world, CLIENT_IP, f"{SERVER}:80"), PCX)
    assert not answer["open"]


def test_s012_a_middlebox_loses_the_groups_of_the_sender():
    world = two()
    world.subnet("subnet-0a1a1a1a1a1a1a1ab", NEAR, "10.0.2.0/24", "b")
    world.group("sg-0a1a1a1a1a1a1a1a2", NEAR, [tcp(80, NEAR_SG)])
    world.interface("eni-0a1a1a1a1a1a1a1a2", "subnet-0a1a1a1a1a1a1a1ab", "10.0.2.20", "sg-0a1a1a1a1a1a1a1a2")
    nat = nat_gateway(world, NEAR_NET, "10.0.1.99")
    reachable(ask(world, CLIENT, "10.0.2.20:80"))
    world.subnet("subnet-0a1a1a1a1a1a1a1ac", NEAR, "10.0.3.0/24", "a")
    world.interface("eni-0a1a1a1a1a1a1a1a3", "subnet-0a1a1a1a1a1a1a1ac", "10.0.3.10", NEAR_SG)
    world.table("rtb-0a1a1a1a1a1a1a1a3", NEAR, route("10.0.2.0/24", nat), subnets=["subnet-0a1a1a1a1a1a1a1ac"])
    blocked(ask(world, "eni-0a1a1a1a1a1a1a1a3", "10.0.2.20:80"), "SG_REFERENCES_NOT_PRESERVED", fix="10.0.1.99")
    world.items["sg-0a1a1a1a1a1a1a1a2"]["IpPermissions"].append(tcp(80, "10.0.1.0/24"))
    reachable(ask(world, "eni-0a1a1a1a1a1a1a1a3", "10.0.2.20:80"))


def test_s116_an_active_peering_with_routes_on_both_sides_carries():
    answer = reachable(ask(peered(), CLIENT, f"{SERVER}:80"))
    assert (PCX, "vpc_peering") in hops(answer)
    assert (PCX, "vpc_peering") in hops(answer, "return")


@pytest.mark.parametrize(("status", "verdict"), [("deleted", "blocked"), ("active", "reachable")])
def test_s010_a_rule_across_a_peering_that_ended_stays_stale_when_another_one_is_made(status: str, verdict: str):
    world = peered()
    old = {"VpcPeeringConnectionId": "pcx-0dead0dead0dead00", "PeeringStatus": status, "VpcId": NEAR}
    world.items[FAR_SG]["IpPermissions"] = [tcp(80, {"GroupId": NEAR_SG, "UserId": OWNER} | old)]
    assert ask(world, CLIENT, f"{SERVER}:80")["verdict"] == verdict


def test_s116_missing_routes_on_both_sides_are_two_blockers():
    world = peered()
    for table in [item for key, item in world.items.items() if key.startswith("rtb-")]:
        table["Routes"] = [held for held in table["Routes"] if "VpcPeeringConnectionId" not in held]
    answer = ask(world, CLIENT, f"{SERVER}:80")
    blocked(answer, "NO_ROUTE_TO_DESTINATION", "<NO_ROUTE_TO_DESTINATION", fix=PCX)
    assert PCX in answer["blockers"][0]["fix"]


@pytest.mark.parametrize("state", ["pending-acceptance", "rejected", "expired", "deleted", "failed"])
def test_s116_any_other_state_does_not(state: str):
    answer = ask(peered(state=state), CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE"]
    assert PCX in answer["blockers"][0]["fix"]


@pytest.mark.parametrize(
    ("table", "expected"), [(NEAR_MAIN, "NO_ROUTE_TO_DESTINATION"), (FAR_MAIN, "<NO_ROUTE_TO_DESTINATION")]
)
def test_s116_each_side_needs_a_route(table: str, expected: str):
    world = peered()
    world.items[table]["Routes"].pop()
    answer = blocked(ask(world, CLIENT, f"{SERVER}:80"), expected, component=table, fix=table)
    if table == FAR_MAIN:
        assert PCX in answer["blockers"][0]["fix"]


def test_s116_no_transit_to_a_third_vpc():
    world = peered()
    world.vpc(THIRD, "10.20.0.0/16")
    world.subnet("subnet-0c3c3c3c3c3c3c3ca", THIRD, "10.20.1.0/24")
    world.group("sg-0c3c3c3c3c3c3c3c3", THIRD, [everything()])
    world.interface("eni-0c3c3c3c3c3c3c3c3", "subnet-0c3c3c3c3c3c3c3ca", "10.20.1.9", "sg-0c3c3c3c3c3c3c3c3")
    peering(world, (FAR, "10.9.0.0/16"), (THIRD, "10.20.0.0/16"), id="pcx-0b3b3b3b3b3b3b3b3")
    world.routes(NEAR_MAIN, route("10.20.0.0/16", PCX))
    world.routes(FAR_MAIN, route("10.20.0.0/16", "pcx-0b3b3b3b3b3b3b3b3"))
    world.routes("rtb-main-0c3c3c3c3c3c3c3c3", route("10.0.0.0/16", "pcx-0b3b3b3b3b3b3b3b3"))
    answer = ask(world, CLIENT, "10.20.1.9:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"]


@pytest.mark.parametrize("beyond", ["igw", "nat", "endpoint"])
def test_s116_no_transit_to_gateways(beyond: str):
    world = peered()
    world.routes(NEAR_MAIN, route(ANY4, PCX))
    if beyond == "endpoint":
        gateway_endpoint(world, FAR, [FAR_MAIN])
    else:
        gateway(world, FAR)
        nat_gateway(world, FAR_NET, "10.9.1.99", "198.51.100.99")
        world.routes(FAR_MAIN, route(ANY4, IGW if beyond == "igw" else "nat-0a7a7a7a7a7a7a7a7"))
    answer = ask(world, CLIENT, "3.5.64.9:443")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"]


def test_s117_only_addresses_of_the_peer_pass():
    world = peered()
    world.routes(NEAR_MAIN, route("10.0.0.0/8", PCX))
    answer = blocked(ask(world, CLIENT, "10.77.1.1:80"), "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", component=PCX)
    assert "10.77.1.1" in answer["blockers"][0]["detail"]
    reachable(ask(world, CLIENT, f"{SERVER_IP}:80"))


def test_s117_a_cycle_of_peerings_ends():
    world = peered()
    peering(world, (FAR, "10.9.0.0/16"), (NEAR, "10.0.0.0/16"), id="pcx-0b3b3b3b3b3b3b3b3")
    world.items[NEAR_MAIN]["Routes"][-1] = route("10.77.0.0/16", PCX)
    world.routes(FAR_MAIN, route("10.77.0.0/16", "pcx-0b3b3b3b3b3b3b3b3"))
    answer = ask(world, CLIENT, "10.77.1.1:80")
    assert answer["verdict"] == "blocked"


NEAR_LINK, FAR_LINK, OTHER_TABLE = (
    "tgw-attach-0a1a1a1a1a1a1a1a1",
    "tgw-attach-0b2b2b2b2b2b2b2b2",
    "tgw-rtb-0b2b2b2b2b2b2b2b2",
)
TO_FAR = transit_route("10.9.0.0/16", FAR_LINK, FAR)
TO_NEAR = transit_route("10.0.0.0/16", NEAR_LINK, NEAR)


def hub(
    ingress: list[Raw] | None = None,
    *,
    egress: list[Raw] | None = None,
    routes: tuple[Raw, ...] = (TO_FAR, TO_NEAR),
    references: bool = False,
    near: dict[str, Any] | None = None,
    far: dict[str, Any] | None = None,
) -> Account:
    """The two, attached to one transit gateway with one table for both."""
    world = two(ingress, egress)
    transit_gateway(world, references=references)
    attachment(world, NEAR_LINK, NEAR, **({"subnets": [NEAR_NET]} | (near or {})))
    attachment(world, FAR_LINK, FAR, **({"subnets": [FAR_NET]} | (far or {})))
    transit_table(world, *routes, attached=[NEAR_LINK, FAR_LINK])
    world.routes(NEAR_MAIN, route("10.9.0.0/16", TGW))
    world.routes(FAR_MAIN, route("10.0.0.0/16", TGW))
    return world


def test_s118_a_transit_gateway_carries_from_zones_it_has_a_subnet_in():
    answer = reachable(ask(hub(), CLIENT, f"{SERVER}:80"))
    assert (TGW, "transit_gateway") in hops(answer)
    assert (TGW_TABLE, "transit_gateway_route_table") in hops(answer)


def test_s118_and_from_no_other():
    world = hub()
    world.subnet("subnet-0a1a1a1a1a1a1a1ab", NEAR, "10.0.2.0/24", "b")
    world.interface("eni-0a1a1a1a1a1a1a1a2", "subnet-0a1a1a1a1a1a1a1ab", "10.0.2.10", NEAR_SG)
    answer = blocked(
        ask(world, "eni-0a1a1a1a1a1a1a1a2", f"{SERVER}:80"), "TGW_ROUTE_AZ_RESTRICTION", component=NEAR_LINK
    )
    assert "eu-west-1b" in answer["blockers"][0]["fix"]


def test_s118_on_arrival_the_zone_does_not_matter():
    world = hub()
    world.subnet("subnet-0b2b2b2b2b2b2b2bb", FAR, "10.9.2.0/24", "b")
    world.interface("eni-0b2b2b2b2b2b2b2b3", "subnet-0b2b2b2b2b2b2b2bb", "10.9.2.20", FAR_SG)
    answer = ask(world, CLIENT, "eni-0b2b2b2b2b2b2b2b3:80")
    assert "TGW_ROUTE_AZ_RESTRICTION" not in [b["code"] for b in answer["blockers"] if b["direction"] == "forward"]
    assert any(text.startswith("replies out of eu-west-1b enter") for text in answer["assumptions"])


def test_s118_an_attachment_that_is_not_available_carries_nothing():
    answer = ask(hub(near={"state": "pendingAcceptance"}), CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE_ATTACHMENT"]


def test_s119_the_table_of_the_incoming_attachment_decides():
    world = hub(near={"table": OTHER_TABLE})
    transit_table(world, id=OTHER_TABLE, attached=[NEAR_LINK])
    answer = blocked(ask(world, CLIENT, f"{SERVER}:80"), "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", component=OTHER_TABLE)
    assert OTHER_TABLE in answer["blockers"][0]["fix"]


def test_s119_on_the_way_back_that_of_the_far_one():
    world = hub(far={"table": OTHER_TABLE})
    transit_table(world, id=OTHER_TABLE, attached=[FAR_LINK])
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "<TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", component=OTHER_TABLE)


def test_s119_without_association_nothing_passes():
    answer = ask(hub(near={"table": None}), CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"]
    assert answer["blockers"][0]["component"] == NEAR_LINK


def test_s119_the_associations_of_the_table_tell_as_much_as_the_attachment():
    world = hub()
    world.forget("TransitGatewayAttachments")
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("TransitGatewayVpcAttachments", "ec2:DescribeTransitGatewayVpcAttachments"),
        ("Routes", "ec2:SearchTransitGatewayRoutes"),
    ],
)
def test_s119_what_is_not_known_names_the_call_that_would_tell(key: str, call: str):
    world = hub()
    world.forget(key)
    unknown(ask(world, CLIENT, f"{SERVER}:80"), call)


def test_s119_behind_a_missing_route_the_rest_of_the_way_is_judged_all_the_same():
    answer = ask(hub([], routes=()), CLIENT, f"{SERVER}:80")
    missing = "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
    assert codes(answer) == [missing, "SG_HAS_NO_RULES", f"<{missing}"]


def test_s119_a_blackhole_route_drops():
    dropped = transit_route("10.9.0.0/16", "", "", Type="static", State="blackhole")
    answer = ask(hub(routes=(dropped, TO_NEAR)), CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["TGW_RTB_BAD_STATE_ROUTE"]


def test_s119_static_beats_propagated():
    vpn = transit_route("10.9.0.0/16", "tgw-attach-0d4d4d4d4d4d4d4d4", "vpn-0d4d4d4d4d4d4d4d4", "vpn")
    world = hub(routes=(vpn, TO_FAR | {"Type": "static"}, TO_NEAR))
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


@pytest.mark.parametrize("kind", ["vpn", "direct-connect-gateway", "peering", "connect"])
def test_s119_what_lies_beyond_other_attachments_is_unknown(kind: str):
    link = "tgw-attach-0d4d4d4d4d4d4d4d4"
    world = hub(routes=(transit_route("10.77.0.0/16", link, "x-0d4d4d4d4d4d4d4d4", kind), TO_NEAR))
    attachment(world, link, "x-0d4d4d4d4d4d4d4d4", kind=kind)
    world.routes(NEAR_MAIN, route("10.77.0.0/16", TGW))
    unknown(ask(world, CLIENT, "10.77.1.1:80"), link)


def _doors() -> Account:
    """Attachment subnets of their own, each with a NACL, apart from those of client and server."""
    world = hub(near={"subnets": ["subnet-0a1a1a1a1a1a1a1ad"]}, far={"subnets": ["subnet-0b2b2b2b2b2b2b2bd"]})
    world.subnet("subnet-0a1a1a1a1a1a1a1ad", NEAR, "10.0.9.0/28", "a")
    world.subnet("subnet-0b2b2b2b2b2b2b2bd", FAR, "10.9.9.0/28", "a")
    allow = (entry(100, "allow", "-1", ANY4), out(100, "allow", "-1", ANY4))
    world.acl("acl-0a1a1a1a1a1a1a1ad", NEAR, allow, ["subnet-0a1a1a1a1a1a1a1ad"])
    world.acl("acl-0b2b2b2b2b2b2b2bd", FAR, allow, ["subnet-0b2b2b2b2b2b2b2bd"])
    return world


def test_s120_attachment_subnets_have_nacls_of_their_own():
    answer = reachable(ask(_doors(), CLIENT, f"{SERVER}:80"))
    held = [component for component, kind in hops(answer) if kind == "network_acl"]
    assert held == ["acl-main-0a1a1a1a1a1a1a1a1", "acl-0a1a1a1a1a1a1a1ad", "acl-0b2b2b2b2b2b2b2bd", FAR_ACL]


@pytest.mark.parametrize("acl", ["acl-0a1a1a1a1a1a1a1ad", "acl-0b2b2b2b2b2b2b2bd"])
def test_s120_each_of_them_can_block(acl: str):
    world = _doors()
    world.entries(acl, entry(90, "deny", "6", "10.0.0.0/16"), out(90, "deny", "6", "10.9.0.0/16"))
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert {b["component"] for b in answer["blockers"]} == {acl}


def test_s120_and_route_tables_of_their_own():
    world = _doors()
    world.table("rtb-0b2b2b2b2b2b2b2bd", FAR, subnets=["subnet-0b2b2b2b2b2b2b2bd"])
    reachable(ask(world, CLIENT, f"{SERVER}:80"))
    world.routes("rtb-0b2b2b2b2b2b2b2bd", route("10.9.1.0/24", "eni-0deaddeaddeaddead", state="blackhole"))
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "BAD_STATE_ROUTE", component="rtb-0b2b2b2b2b2b2b2bd")


FAR_REF = {"GroupId": NEAR_SG, "UserId": OWNER}


@pytest.mark.parametrize(
    ("gateway_on", "near_on", "far_on", "verdict"),
    [
        (True, True, True, "reachable"),
        (False, True, True, "blocked"),
        (True, False, True, "blocked"),
        (True, True, False, "blocked"),
    ],
)
def test_s011_references_cross_a_transit_gateway_only_with_support_everywhere(
    gateway_on: bool, near_on: bool, far_on: bool, verdict: str
):
    world = hub([tcp(80, FAR_REF)], references=gateway_on, near={"references": near_on}, far={"references": far_on})
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert codes(answer) == ["SG_REFERENCING_SUPPORT"]
        assert answer["blockers"][0]["component"] == FAR_SG


def test_s011_without_the_gateways_options_a_reference_is_neither_open_nor_closed():
    world = hub([tcp(80, FAR_REF)], references=True)
    world.forget("TransitGateways")
    unknown(ask(world, CLIENT, f"{SERVER}:80"), "ec2:DescribeTransitGateways")


def test_s011_outbound_references_never_do():
    egress = [tcp(80, {"GroupId": FAR_SG, "UserId": OWNER})]
    answer = ask(hub(egress=egress, references=True), CLIENT, f"{SERVER}:80")
    blocked(answer, "ENI_SG_RULES_MISMATCH", component=NEAR_SG)


VGW = "vgw-0a2a2a2a2a2a2a2a2"


def _vpn(**link: Any) -> Account:
    world = two()
    vpn_gateway(world, NEAR, **link)
    world.routes(NEAR_MAIN, route("192.168.0.0/16", VGW, origin="EnableVgwRoutePropagation"))
    return world


def test_s121_what_lies_beyond_a_vpn_gateway_is_unknown():
    answer = unknown(ask(_vpn(), CLIENT, "192.168.5.5:22"), VGW)
    assert met(answer, VGW)


def test_s121_but_filters_on_this_side_decide_for_certain():
    world = _vpn()
    world.items[NEAR_SG]["IpPermissionsEgress"] = [tcp(443, ANY4)]
    blocked(ask(world, CLIENT, "192.168.5.5:22"), "ENI_SG_RULES_MISMATCH", component=NEAR_SG)


def test_s121_a_gateway_that_is_not_attached_carries_nothing():
    answer = ask(_vpn(state="detached"), CLIENT, "192.168.5.5:22")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE_ATTACHMENT"]


def test_s121_it_takes_no_traffic_of_other_vpcs():
    world = _vpn()
    peering(world, (NEAR, "10.0.0.0/16"), (FAR, "10.9.0.0/16"))
    world.routes(FAR_MAIN, route("192.168.0.0/16", PCX))
    answer = ask(world, SERVER, "192.168.5.5:22")
    assert answer["verdict"] == "blocked"
    assert not met(answer, VGW)
