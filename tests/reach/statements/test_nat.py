"""Statements 53-63: NAT gateways and egress-only internet gateways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import actions, ask, blocked, codes, hops, kinds, met, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_nat import EIGW, NAT, NAT_NIC, egress_only, nat_gateway, regional_nat
from tests.reach.statements.aws_rules import ANY6, entry, everything, out, tcp
from tests.reach.statements.scenes import (
    ACL,
    CLIENT,
    CLIENT_IP,
    CLIENT_SG,
    IGW,
    NET_A,
    NET_B,
    PUBLIC_TABLE,
    SERVER,
    SERVER_EIP,
    SERVER_IP,
    SERVER_SG,
    VPC,
    online,
)

PRIVATE_TABLE, NAT_IP, NAT_EIP = "rtb-0c1c1c1c1c1c1c1c1", "10.0.2.99", "198.51.100.99"
OUTSIDE = "8.8.8.8:443"


def behind(*, public: str = NAT_EIP, state: str = "available", ingress: list[dict[str, Any]] | None = None) -> Account:
    """A client in A whose table leads to a NAT gateway in the public subnet B."""
    world = online(ingress)
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG)
    nat_gateway(world, NET_B, NAT_IP, public, state=state)
    world.table(PRIVATE_TABLE, VPC, route(ANY4, NAT), subnets=[NET_A])
    return world


def test_s053_a_public_nat_leads_out():
    answer = reachable(ask(behind(), CLIENT, OUTSIDE))
    assert f"translates {CLIENT_IP} to {NAT_IP}" in actions(answer)
    assert f"translates {NAT_IP} to {NAT_EIP}" in actions(answer)
    assert [c for c, kind in hops(answer) if kind == "route_table"] == [PRIVATE_TABLE, PUBLIC_TABLE]


@pytest.mark.parametrize("state", ["pending", "failed", "deleting", "deleted"])
def test_s053_a_nat_that_is_not_available_does_not(state: str):
    answer = ask(behind(state=state), CLIENT, OUTSIDE)
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE"]
    assert answer["blockers"][0]["component"] == NAT
    assert NAT in answer["blockers"][0]["fix"]


def test_s053_the_table_of_the_nats_own_subnet_must_lead_to_the_gateway():
    world = behind()
    world.items[PUBLIC_TABLE]["Routes"].pop()
    blocked(ask(world, CLIENT, OUTSIDE), "NO_ROUTE_TO_DESTINATION", component=PUBLIC_TABLE, fix=PUBLIC_TABLE)


def test_s053_a_nat_that_nobody_described_is_unknown():
    world = behind()
    world.forget("NatGateways")
    unknown(ask(world, CLIENT, OUTSIDE), "ec2:DescribeNatGateways")


def test_s053_a_nat_that_was_deleted_leaves_a_blackhole():
    world = behind()
    world.remove("NatGateways", NAT)
    world.items[PRIVATE_TABLE]["Routes"][-1]["State"] = "blackhole"
    blocked(ask(world, CLIENT, OUTSIDE), "BAD_STATE_ROUTE", component=PRIVATE_TABLE, fix=PRIVATE_TABLE)


def test_s053_a_nat_that_an_active_route_names_and_no_list_holds_is_unknown():
    world = behind()
    world.remove("NatGateways", NAT)
    unknown(ask(world, CLIENT, OUTSIDE), NAT)


@pytest.mark.parametrize("protocol", ["443/tcp", "53/udp"])
def test_s054_tcp_and_udp_pass(protocol: str):
    reachable(ask(behind(), CLIENT, f"8.8.8.8:{protocol}"))


def test_s054_echoes_pass():
    reachable(ask(behind(), CLIENT, "8.8.8.8/icmp"))


@pytest.mark.parametrize("target", [NAT_NIC, NAT_EIP])
def test_s055_nobody_opens_a_connection_to_a_nat(target: str):
    answer = ask(behind(), "internet", f"{target}:80")
    assert answer["verdict"] == "blocked"
    assert NAT_NIC in answer["blockers"][-1]["component"] + answer["blockers"][-1]["detail"]


def test_s055_nor_through_it_to_those_behind():
    answer = ask(behind(), "internet", f"{CLIENT}:22")
    assert answer["verdict"] == "blocked"
    assert "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" in codes(answer)


def test_s056_a_nat_has_no_security_group():
    answer = reachable(ask(behind(), CLIENT, OUTSIDE))
    assert [c for c, kind in hops(answer) if kind == "security_group"] == [CLIENT_SG]


def test_s056_its_nacl_must_let_the_replies_to_1024_65535_in():
    world = behind()
    held = (out(100, "allow", "-1", ANY4), entry(100, "allow", "-1", "10.0.0.0/16"))
    world.acl("acl-0b1b1b1b1b1b1b1b1", VPC, [*held, entry(110, "allow", "6", ANY4, (32768, 65535))], [NET_B])
    answer = ask(world, CLIENT, OUTSIDE)
    assert answer["verdict"] == "partial"
    assert codes(answer) == ["<NACL_REPLY_RESTRICTION"]
    assert "1024-32767" in answer["blockers"][0]["detail"]
    world.entries("acl-0b1b1b1b1b1b1b1b1", *held, entry(110, "allow", "6", ANY4, (1024, 65535)))
    reachable(ask(world, CLIENT, OUTSIDE))


FAR_VPC, FAR_NET, FAR, PCX = (
    "vpc-0b2b2b2b2b2b2b2b2",
    "subnet-0b2b2b2b2b2b2b2b2",
    "eni-0b2b2b2b2b2b2b2b2",
    "pcx-0b2b2b2b2b2b2b2b2",
)


def test_s057_a_nat_serves_nobody_beyond_a_peering():
    world = behind()
    world.vpc(FAR_VPC, "10.9.0.0/16")
    world.subnet(FAR_NET, FAR_VPC, "10.9.1.0/24")
    world.group("sg-0b2b2b2b2b2b2b2b2", FAR_VPC)
    world.interface(FAR, FAR_NET, "10.9.1.9", "sg-0b2b2b2b2b2b2b2b2")
    world.routes("rtb-main-0b2b2b2b2b2b2b2b2", route(ANY4, PCX))
    world.add(
        "VpcPeeringConnections",
        PCX,
        {
            "VpcPeeringConnectionId": PCX,
            "Status": {"Code": "active", "Message": "Active"},
            "RequesterVpcInfo": {"VpcId": FAR_VPC, "CidrBlock": "10.9.0.0/16", "Region": "eu-west-1"},
            "AccepterVpcInfo": {"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "Region": "eu-west-1"},
        },
    )
    answer = ask(world, FAR, OUTSIDE)
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"]
    assert not met(answer, NAT)


def test_s057_a_nat_of_another_vpc_serves_nobody_here():
    world = behind()
    world.items[NAT]["VpcId"] = FAR_VPC
    answer = ask(world, CLIENT, OUTSIDE)
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == "NGW_REQUIRES_SOURCE_IN_VPC"


def test_s058_a_private_nat_does_not_pass_the_internet_gateway():
    answer = ask(behind(public=""), CLIENT, OUTSIDE)
    blocked(answer, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", fix=f"to a public NAT gateway instead of {NAT}")
    assert NAT in answer["blockers"][0]["component"] + answer["blockers"][0]["detail"]


def test_s058_it_does_translate_inside_the_network():
    world = behind(public="", ingress=[tcp(80, f"{NAT_IP}/32")])
    world.routes(PRIVATE_TABLE, route("10.0.2.0/24", NAT))
    reachable(ask(world, CLIENT, f"{SERVER_IP}:80"))


def test_s059_a_subnet_that_routes_to_a_nat_inside_itself_goes_in_circles():
    world = behind()
    world.remove("RouteTables", PUBLIC_TABLE)
    world.items[PRIVATE_TABLE]["Associations"].append(
        world.items[PRIVATE_TABLE]["Associations"][0] | {"SubnetId": NET_B}
    )
    answer = ask(world, SERVER, OUTSIDE)
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["NO_POSSIBLE_DESTINATION"]
    assert answer["blockers"][0]["component"] == PRIVATE_TABLE


def test_s059_from_another_subnet_the_same_nat_leads_out():
    world = behind()
    reachable(ask(world, CLIENT, OUTSIDE))
    assert world.items[NAT]["SubnetId"] != world.items[CLIENT]["SubnetId"]


def test_s060_the_remote_sees_the_elastic_ip():
    world = behind(ingress=[tcp(80, f"{NAT_EIP}/32")])
    reachable(ask(world, CLIENT, f"{SERVER_EIP}:80"))
    world = behind(ingress=[tcp(80, f"{CLIENT_IP}/32"), tcp(80, f"{NAT_IP}/32")])
    blocked(ask(world, CLIENT, f"{SERVER_EIP}:80"), "ENI_SG_RULES_MISMATCH", fix=NAT_EIP)


@pytest.mark.parametrize(("peer", "verdict"), [(f"{NAT_IP}/32", "reachable"), (f"{CLIENT_IP}/32", "blocked")])
def test_s060_a_target_in_the_vpc_sees_the_nats_private_address(peer: str, verdict: str):
    world = behind(ingress=[tcp(80, peer)])
    world.routes(PRIVATE_TABLE, route("10.0.2.0/24", NAT))
    assert ask(world, CLIENT, f"{SERVER_IP}:80")["verdict"] == verdict


def test_s060_a_reference_to_the_clients_group_is_lost():
    world = behind(ingress=[tcp(80, CLIENT_SG)])
    world.routes(PRIVATE_TABLE, route("10.0.2.0/24", NAT))
    blocked(ask(world, CLIENT, f"{SERVER_IP}:80"), "SG_REFERENCES_NOT_PRESERVED")


def _regional(zones: str) -> Account:
    world = online()
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG)
    world.table("rtb-0d1d1d1d1d1d1d1d1", VPC, route(ANY4, IGW))
    regional_nat(world, VPC, list(zones), "rtb-0d1d1d1d1d1d1d1d1")
    world.table(PRIVATE_TABLE, VPC, route(ANY4, NAT), subnets=[NET_A])
    return world


def test_s060_of_several_addresses_the_answer_says_which_it_took():
    world = behind(ingress=[tcp(80, f"{NAT_EIP}/32")])
    second = {"PrivateIp": "10.0.2.98", "IsPrimary": False, "Status": "succeeded", "PublicIp": "198.51.100.98"}
    assert not _one_of(reachable(ask(world, CLIENT, f"{SERVER_EIP}:80")))
    world.items[NAT]["NatGatewayAddresses"].append(second)
    assert _one_of(reachable(ask(world, CLIENT, f"{SERVER_EIP}:80"))) == [
        f"{NAT} sends from {NAT_EIP}, one of its addresses"
    ]
    assert not _one_of(reachable(ask(world, CLIENT, OUTSIDE)))


def _one_of(answer: dict[str, Any]) -> list[str]:
    return [text for text in answer["assumptions"] if "one of its addresses" in text]


def test_s061_a_regional_nat_serves_the_zones_it_is_registered_in():
    answer = reachable(ask(_regional("ab"), CLIENT, OUTSIDE))
    assert met(answer, "rtb-0d1d1d1d1d1d1d1d1")
    assert [c for c, kind in hops(answer) if kind == "network_acl"] == [ACL]


@pytest.mark.parametrize(("allowed", "verdict"), [("198.51.100.101", "reachable"), ("198.51.100.100", "blocked")])
def test_s061_it_sends_from_its_address_in_the_sender_s_zone(allowed: str, verdict: str):
    world = _regional("ba")
    world.items[SERVER_SG]["IpPermissions"] = [tcp(80, f"{allowed}/32")]
    assert ask(world, CLIENT, f"{SERVER_EIP}:80")["verdict"] == verdict


def test_s061_the_internet_gateway_translates_nothing_behind_it():
    said = list(actions(ask(_regional("ab"), CLIENT, OUTSIDE)))
    assert f"translates {CLIENT_IP} to 198.51.100.100" in said
    assert not any("not yet assigned" in text for text in said)


def test_s061_and_no_other():
    blocked(ask(_regional("bc"), CLIENT, OUTSIDE), "REGIONAL_NGW_ROUTE_AZ_RESTRICTION", component=NAT, fix="eu-west-1a")


def test_s061_its_own_table_must_lead_out():
    world = _regional("ab")
    world.items["rtb-0d1d1d1d1d1d1d1d1"]["Routes"].pop()
    blocked(ask(world, CLIENT, OUTSIDE), "NO_ROUTE_TO_DESTINATION", component="rtb-0d1d1d1d1d1d1d1d1")


def _six() -> Account:
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    world.group(CLIENT_SG, VPC, [everything(ANY4, ANY6)], [everything(ANY4, ANY6)])
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, ipv6="2a05:d018:aa:bb01::c")
    egress_only(world, VPC)
    world.table(PRIVATE_TABLE, VPC, route(ANY6, EIGW), subnets=[NET_A])
    return world


def test_s062_an_egress_only_gateway_lets_ipv6_out():
    answer = reachable(ask(_six(), CLIENT, "[2001:4860:4860::8888]:443"))
    assert rule_at(answer, PRIVATE_TABLE) == f"::/0 to {EIGW}"
    assert kinds(answer).count("security_group") == 1


def test_s062_and_nobody_in():
    answer = ask(_six(), "internet", f"{CLIENT}:443")
    assert answer["verdict"] == "blocked"
    answer = ask(_six(), "2001:4860:4860::8888", f"{CLIENT}:443")
    assert answer["verdict"] == "blocked"


def test_s062_it_carries_no_ipv4():
    blocked(ask(_six(), CLIENT, OUTSIDE), "NO_ROUTE_TO_DESTINATION", component=PRIVATE_TABLE)


def test_s062_one_that_is_not_attached_does_not():
    world = _six()
    world.items[EIGW]["Attachments"] = []
    blocked(ask(world, CLIENT, "[2001:4860:4860::8888]:443"), "BAD_STATE_ATTACHMENT", component=EIGW)


def test_s063_a_nat_of_another_zone_works_and_the_answer_says_so():
    answer = reachable(ask(behind(), CLIENT, OUTSIDE))
    assert any("eu-west-1b" in text and NAT in text for text in answer["assumptions"]), answer["assumptions"]


def test_s063_one_of_the_same_zone_needs_no_word():
    world = behind()
    for thing in (NET_B, SERVER, NAT_NIC):
        world.items[thing]["AvailabilityZone"] = "eu-west-1a"
    answer = reachable(ask(world, CLIENT, OUTSIDE))
    assert not any(NAT in text for text in answer["assumptions"])
