"""Statements 44-52: the internet gateway, public addresses, Block Public Access."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import actions, ask, blocked, codes, met, reachable, unknown
from tests.reach.statements.aws_json import ANY4, REGION, Account, route
from tests.reach.statements.aws_nat import egress_only, nat_gateway
from tests.reach.statements.aws_rules import ANY6, entry, everything, out, tcp
from tests.reach.statements.scenes import (
    ACL,
    CLIENT,
    CLIENT_EIP,
    CLIENT_IP,
    CLIENT_SG,
    IGW,
    MAIN,
    NET_A,
    NET_B,
    PUBLIC_TABLE,
    SERVER,
    SERVER_EIP,
    SERVER_IP,
    SERVER_SG,
    VPC,
    gateway,
    online,
)

OUTSIDE = "8.8.8.8:443"


def test_s044_all_four_conditions_met_both_ways_open():
    reachable(ask(online(), "internet", f"{SERVER}:80"))
    reachable(ask(online(), SERVER, OUTSIDE))


def test_s044_four_separate_blockers_inbound():
    world = online(public=False)
    world.items[IGW]["Attachments"] = []
    world.items[SERVER_SG]["IpPermissions"] = [tcp(443, ANY4)]
    world.entries(ACL, out(100, "allow", "-1", ANY4))
    answer = ask(world, "internet", f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == [
        "NO_PATH",
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        "SUBNET_ACL_RESTRICTION",
        "ENI_SG_RULES_MISMATCH",
    ]
    assert [b["component"] for b in answer["blockers"]] == [VPC, SERVER, ACL, SERVER_SG]


@pytest.mark.parametrize(
    ("broken", "expected", "component"),
    [
        ("attachment", ["NO_PATH"], VPC),
        ("route", ["<NO_ROUTE_TO_DESTINATION"], PUBLIC_TABLE),
        ("address", ["IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"], SERVER),
        ("nacl", ["SUBNET_ACL_RESTRICTION"], ACL),
        ("group", ["SG_HAS_NO_RULES"], SERVER_SG),
    ],
)
def test_s044_each_condition_alone_blocks_inbound(broken: str, expected: list[str], component: str):
    world = online(public=broken != "address")
    if broken == "attachment":
        world.items[IGW]["Attachments"] = []
    if broken == "route":
        world.items[PUBLIC_TABLE]["Routes"].pop()
    if broken == "nacl":
        world.entries(ACL, out(100, "allow", "-1", ANY4), entry(100, "allow", "6", ANY4, (443, 443)))
    if broken == "group":
        world.items[SERVER_SG]["IpPermissions"] = []
    blocked(ask(world, "internet", f"{SERVER}:80"), *expected, component=component, fix=component)


@pytest.mark.parametrize(
    ("broken", "expected", "component"),
    [
        ("attachment", "BAD_STATE_ATTACHMENT", IGW),
        ("route", "NO_ROUTE_TO_DESTINATION", PUBLIC_TABLE),
        ("address", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", SERVER),
        ("group", "SG_HAS_NO_RULES", SERVER_SG),
    ],
)
def test_s044_each_condition_alone_blocks_outbound(broken: str, expected: str, component: str):
    world = online(public=broken != "address")
    if broken == "attachment":
        world.items[IGW]["Attachments"] = []
    if broken == "route":
        world.items[PUBLIC_TABLE]["Routes"].pop()
    if broken == "group":
        world.items[SERVER_SG]["IpPermissionsEgress"] = []
    blocked(ask(world, SERVER, OUTSIDE), expected, component=component, fix=component)


@pytest.mark.parametrize("routed", [False, True])
def test_s044_without_gateway_the_route_is_missing_too_unless_it_waits_for_one(routed: bool):
    world = online()
    world.items[IGW]["Attachments"] = []
    if not routed:
        world.items[PUBLIC_TABLE]["Routes"].pop()
    expected = ["NO_PATH"] if routed else ["NO_PATH", "<NO_ROUTE_TO_DESTINATION"]
    assert codes(ask(world, "internet", f"{SERVER}:80")) == expected


def test_s044_a_missing_route_does_not_hide_what_blocks_behind_it():
    world = online()
    world.items[PUBLIC_TABLE]["Routes"].pop()
    world.entries(ACL, entry(100, "allow", "6", ANY4, (80, 80)), out(100, "allow", "-1", ANY4))
    assert codes(ask(world, SERVER, OUTSIDE)) == ["NO_ROUTE_TO_DESTINATION", "<NACL_REPLY_RESTRICTION"]
    switch = {"InternetGatewayBlockMode": "block-bidirectional", "State": "update-complete"}
    world.answer(VpcBlockPublicAccessOptions=switch)
    world.answer(VpcBlockPublicAccessExclusions=[])
    assert codes(ask(world, SERVER, OUTSIDE))[:2] == ["NO_ROUTE_TO_DESTINATION", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"]


def test_s044_a_gateway_nobody_described_is_unknown():
    world = online()
    world.forget("InternetGateways")
    unknown(ask(world, "internet", f"{SERVER}:80"), "ec2:DescribeInternetGateways")


@pytest.mark.parametrize("mapped", [True, False])
def test_s045_a_subnet_is_public_by_its_route_and_not_by_its_setting(mapped: bool):
    world = online()
    world.items[NET_B]["MapPublicIpOnLaunch"] = mapped
    reachable(ask(world, "internet", f"{SERVER}:80"))
    world.items[PUBLIC_TABLE]["Routes"].pop()
    blocked(ask(world, "internet", f"{SERVER}:80"), "<NO_ROUTE_TO_DESTINATION", component=PUBLIC_TABLE)


def test_s046_filters_see_the_private_address_of_the_receiver():
    answer = reachable(ask(online(), "8.8.8.8", f"{SERVER}:80"))
    assert f"translates {SERVER_EIP} to {SERVER_IP}" in actions(answer)
    assert f"translates {SERVER_IP} back to {SERVER_EIP}" in actions(answer, "return")


def test_s046_outbound_filters_see_the_remote_public_address():
    world = online()
    world.items[SERVER_SG]["IpPermissionsEgress"] = [tcp(443, "8.8.8.0/24")]
    answer = reachable(ask(world, SERVER, OUTSIDE))
    assert f"translates {SERVER_IP} to {SERVER_EIP}" in actions(answer)
    blocked(ask(world, SERVER, "1.1.1.1:443"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG, fix="1.1.1.1/32")


def test_s047_no_public_address_no_way_out():
    answer = blocked(ask(online(public=False), SERVER, OUTSIDE), "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")
    assert answer["blockers"][0]["component"] == SERVER
    assert SERVER in answer["blockers"][0]["fix"]


def test_s047_no_public_address_no_way_in():
    blocked(
        ask(online(public=False), "internet", f"{SERVER}:80"),
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        component=SERVER,
    )


def test_s047_the_public_address_is_known_from_the_elastic_ip_alone():
    world = online()
    for place in (world.items[SERVER], world.items[SERVER]["PrivateIpAddresses"][0]):
        del place["Association"]
    reachable(ask(world, "internet", f"{SERVER}:80"))


@pytest.mark.parametrize(
    ("address", "document"), [("172.16.5.5", "RFC1918"), ("192.168.1.1", "RFC1918"), ("100.64.3.3", "RFC6598")]
)
def test_s048_private_destinations_do_not_leave_through_the_gateway(address: str, document: str):
    code = f"IGW_DESTINATION_ADDRESS_NOT_IN_{document}_EGRESS"
    blocked(ask(online(), SERVER, f"{address}:80"), code, component=IGW)


@pytest.mark.parametrize(
    ("source", "document"), [("192.168.7.7", "RFC1918"), ("172.31.0.0/16", "RFC1918"), ("100.64.3.3", "RFC6598")]
)
def test_s048_private_sources_do_not_come_in_through_the_gateway(source: str, document: str):
    answer = ask(online(), source, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == f"IGW_SOURCE_ADDRESS_NOT_IN_{document}_INGRESS"
    assert answer["blockers"][0]["component"] == IGW


def test_s048_a_private_source_that_no_route_knows_comes_in_nowhere():
    world = online()
    world.items[PUBLIC_TABLE]["Routes"].pop()
    assert codes(ask(world, "192.168.7.7", f"{SERVER}:80"))[0] == "NO_PATH"


@pytest.mark.parametrize("address", ["169.254.1.5", "224.0.0.5"])
def test_s048_no_route_is_proposed_for_addresses_that_no_host_has(address: str):
    blocked(ask(online(), SERVER, f"{address}:80"), "NO_POSSIBLE_DESTINATION", component=IGW, fix=f"than {address}")


def test_s047_a_private_address_is_answered_with_the_public_one():
    answer = ask(online(), "internet", f"{SERVER_IP}:80")
    blocked(answer, "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", component=SERVER, fix=f"Ask for {SERVER_EIP}")


FAR_VPC, FAR_NET, FAR, FAR_SG, FAR_IGW = (
    "vpc-0b2b2b2b2b2b2b2b2",
    "subnet-0b2b2b2b2b2b2b2b2",
    "eni-0b2b2b2b2b2b2b2b2",
    "sg-0b2b2b2b2b2b2b2b2",
    "igw-0b2b2b2b2b2b2b2b2",
)


def _two_vpcs() -> Account:
    world = online()
    world.vpc(FAR_VPC, "10.9.0.0/16")
    world.subnet(FAR_NET, FAR_VPC, "10.9.1.0/24")
    gateway(world, FAR_VPC, FAR_IGW)
    world.routes("rtb-main-0b2b2b2b2b2b2b2b2", route(ANY4, FAR_IGW))
    world.group(FAR_SG, FAR_VPC, [everything()])
    world.interface(FAR, FAR_NET, "10.9.1.9", FAR_SG, public="203.0.113.9")
    return world


def test_s049_the_private_address_of_another_vpc_is_never_reached_through_the_gateway():
    answer = blocked(ask(_two_vpcs(), SERVER, "10.9.1.9:80"), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS")
    assert answer["blockers"][0]["component"] == IGW


def test_s049_its_public_address_is():
    answer = reachable(ask(_two_vpcs(), SERVER, "203.0.113.9:80"))
    assert met(answer, IGW)
    assert met(answer, FAR_IGW)


def _neighbours(*ingress: dict[str, Any], public: str = CLIENT_EIP) -> Account:
    world = online(ingress)
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, public=public)
    world.routes(MAIN, route(ANY4, IGW))
    return world


def test_s050_a_public_address_of_ones_own_vpc_is_reached_out_and_back():
    answer = reachable(ask(_neighbours(tcp(80, f"{CLIENT_EIP}/32")), CLIENT, f"{SERVER_EIP}:80"))
    assert f"translates {CLIENT_IP} to {CLIENT_EIP}" in actions(answer)
    assert f"translates {SERVER_EIP} to {SERVER_IP}" in actions(answer)


def test_s050_a_rule_for_the_private_address_does_not_help():
    answer = ask(_neighbours(tcp(80, "10.0.0.0/16")), CLIENT, f"{SERVER_EIP}:80")
    blocked(answer, "ENI_SG_RULES_MISMATCH", component=SERVER_SG, fix=CLIENT_EIP)
    reachable(ask(_neighbours(tcp(80, "10.0.0.0/16")), CLIENT, f"{SERVER_IP}:80"))


def test_s050_it_needs_a_public_address_of_ones_own():
    answer = ask(_neighbours(tcp(80, ANY4), public=""), CLIENT, f"{SERVER_EIP}:80")
    blocked(answer, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", component=CLIENT)


def test_s050_or_a_nat_gateway():
    world = _neighbours(tcp(80, "198.51.100.99/32"), public="")
    nat = nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")
    world.items[MAIN]["Routes"][-1] = route(ANY4, nat)
    reachable(ask(world, CLIENT, f"{SERVER_EIP}:80"))


def test_s051_a_public_host_name_means_the_private_address_inside_the_vpc():
    name = f"ec2-{SERVER_EIP.replace('.', '-')}.{REGION}.compute.amazonaws.com"
    world = _neighbours(tcp(80, CLIENT_SG))
    reachable(ask(world, CLIENT, f"{name}:80"))
    blocked(ask(world, CLIENT, f"{SERVER_EIP}:80"), "SG_REFERENCES_NOT_PRESERVED", component=SERVER_SG)


def test_s051_and_the_public_one_outside():
    name = f"ec2-{SERVER_EIP.replace('.', '-')}.{REGION}.compute.amazonaws.com"
    answer = reachable(ask(online(), "internet", f"{name}:80"))
    assert f"translates {SERVER_EIP} to {SERVER_IP}" in actions(answer)


def _guarded(mode: str, *exclusions: tuple[str, str]) -> Account:
    """Block Public Access on; the client in A leaves through a NAT gateway in B."""
    world = online()
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG)
    world.routes(MAIN, route(ANY4, nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")))
    world.answer(
        VpcBlockPublicAccessOptions={
            "AwsAccountId": "111122223333",
            "AwsRegion": REGION,
            "State": "update-complete",
            "InternetGatewayBlockMode": mode,
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
    )
    world.answer(
        VpcBlockPublicAccessExclusions=[
            {
                "ExclusionId": f"vpcbpa-exclude-0{n}",
                "InternetGatewayExclusionMode": kind,
                "ResourceArn": f"arn:aws:ec2:{REGION}:111122223333:"
                f"{'vpc' if resource.startswith('vpc') else 'subnet'}/{resource}",
                "State": "create-complete",
                "Tags": [],
            }
            for n, (resource, kind) in enumerate(exclusions)
        ]
    )
    return world


@pytest.mark.parametrize(
    ("mode", "exclusions", "inbound", "outbound", "translated"),
    [
        ("off", [], True, True, True),
        ("block-bidirectional", [], False, False, False),
        ("block-ingress", [], False, False, True),
        ("block-bidirectional", [(VPC, "allow-bidirectional")], True, True, True),
        ("block-bidirectional", [(NET_B, "allow-bidirectional")], True, True, True),
        ("block-bidirectional", [(NET_A, "allow-bidirectional")], False, False, False),
        ("block-bidirectional", [(VPC, "allow-egress")], False, False, True),
        ("block-ingress", [(VPC, "allow-bidirectional")], True, True, True),
    ],
)
def test_s052_block_public_access(
    mode: str, exclusions: list[tuple[str, str]], inbound: bool, outbound: bool, translated: bool
):
    world = _guarded(mode, *exclusions)
    for source, target, opened in (
        ("internet", f"{SERVER}:80", inbound),
        (SERVER, OUTSIDE, outbound),
        (CLIENT, OUTSIDE, translated),
    ):
        answer = ask(world, source, target)
        assert answer["verdict"] == ("reachable" if opened else "blocked"), (source, answer["blockers"])
        assert opened or set(codes(answer)) == {"VPC_BLOCK_PUBLIC_ACCESS_ENABLED"}


def test_s052_options_that_nobody_saved_are_assumed_off_and_said_so():
    answer = reachable(ask(online(), "internet", f"{SERVER}:80"))
    assert any("Block Public Access" in text for text in answer["assumptions"])
    said = reachable(ask(_guarded("off"), "internet", f"{SERVER}:80"))["assumptions"]
    assert not any("Block Public Access" in text for text in said)


def test_s052_exclusions_that_nobody_saved_are_unknown():
    world = _guarded("block-bidirectional")
    world.forget("VpcBlockPublicAccessExclusions")
    unknown(ask(world, "internet", f"{SERVER}:80"), "ec2:DescribeVpcBlockPublicAccessExclusions")


@pytest.mark.parametrize(("mode", "verdict"), [("block-ingress", "reachable"), ("block-bidirectional", "blocked")])
def test_s052_egress_only_gateways_too(mode: str, verdict: str):
    world = _guarded(mode)
    world.items[VPC]["Ipv6CidrBlockAssociationSet"] = [
        {
            "AssociationId": "vpc-cidr-assoc-06",
            "Ipv6CidrBlock": "2a05:d018:aa:bb00::/56",
            "Ipv6CidrBlockState": {"State": "associated"},
        }
    ]
    world.items[CLIENT_SG]["IpPermissionsEgress"] = [everything(ANY4, ANY6)]
    world.items[CLIENT]["Ipv6Addresses"] = [{"Ipv6Address": "2a05:d018:aa:bb01::c"}]
    world.routes(MAIN, route(ANY6, egress_only(world, VPC)))
    assert ask(world, CLIENT, "[2001:4860:4860::8888]:443")["verdict"] == verdict
