"""Statements 22-33: network ACLs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import ask, blocked, codes, hops, kinds, met, partial, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_nat import nat_gateway
from tests.reach.statements.aws_rules import ANY6, OPEN_ENTRIES, entry, everything, out, tcp
from tests.reach.statements.scenes import (
    ACL,
    CLIENT,
    CLIENT_SG,
    MACHINE,
    NET_A,
    NET_B,
    PUBLIC_TABLE,
    SERVER,
    SERVER_SG,
    VPC,
    online,
    pair,
)

OWN_ACL = "acl-0b1b1b1b1b1b1b1b1"
ALL_IN, ALL_OUT = entry(100, "allow", "-1", ANY4), out(100, "allow", "-1", ANY4)


def guarded(*entries: dict[str, Any], subnet: str = NET_B) -> Account:
    """The pair, with a NACL of its own for one subnet."""
    world = pair()
    world.acl(OWN_ACL, VPC, entries, [subnet])
    return world


@pytest.mark.parametrize("listed", [True, False])
def test_s022_a_subnet_without_a_nacl_of_its_own_uses_the_default_one(listed: bool):
    world = pair()
    if not listed:
        world.items[ACL]["Associations"] = []
    answer = reachable(ask(world, CLIENT, f"{SERVER}:80"))
    assert rule_at(answer, ACL) == "100 allow all traffic to 0.0.0.0/0"


def test_s022_an_association_replaces_the_default_nacl():
    answer = blocked(
        ask(guarded(ALL_OUT, entry(100, "deny", "-1", ANY4)), CLIENT, f"{SERVER}:80"),
        "SUBNET_ACL_RESTRICTION",
        component=OWN_ACL,
        rule="100 deny all traffic from 0.0.0.0/0",
        fix=OWN_ACL,
    )
    assert met(answer, ACL), "the client's subnet still uses the default one"


def test_s022_a_subnet_whose_nacl_is_not_known_is_unknown():
    world = pair()
    world.forget("NetworkAcls")
    unknown(ask(world, CLIENT, f"{SERVER}:80"), "ec2:DescribeNetworkAcls")


@pytest.mark.parametrize("listed_first", ["allow", "deny"])
def test_s023_the_lowest_number_wins_whatever_the_order_of_the_list(listed_first: str):
    low, high = entry(90, "deny", "6", "10.0.1.0/24", (80, 80)), entry(200, "allow", "-1", ANY4)
    rules = (high, low) if listed_first == "allow" else (low, high)
    blocked(
        ask(guarded(ALL_OUT, *rules), CLIENT, f"{SERVER}:80"),
        "SUBNET_ACL_RESTRICTION",
        component=OWN_ACL,
        rule="90 deny tcp 80 from 10.0.1.0/24",
        fix="below 90",
    )


def test_s023_a_later_deny_does_not_undo_an_earlier_allow():
    world = guarded(ALL_OUT, entry(200, "deny", "-1", ANY4), entry(90, "allow", "6", "10.0.1.0/24", (80, 80)))
    answer = reachable(ask(world, CLIENT, f"{SERVER}:80"))
    assert rule_at(answer, OWN_ACL) == "90 allow tcp 80 from 10.0.1.0/24"


def test_s023_what_no_rule_matches_the_final_rule_denies():
    answer = blocked(
        ask(guarded(ALL_OUT, entry(100, "allow", "6", ANY4, (443, 443))), CLIENT, f"{SERVER}:80"),
        "SUBNET_ACL_RESTRICTION",
        component=OWN_ACL,
    )
    assert answer["blockers"][0]["rule"].startswith("*") or "32767" in answer["blockers"][0]["rule"]


def test_s024_inside_a_subnet_no_nacl_is_met():
    world = pair(same=True)
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    assert "network_acl" not in kinds(reachable(ask(world, CLIENT, f"{SERVER}:80")))


def test_s024_between_subnets_the_same_nacl_blocks():
    world = pair()
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert set(codes(answer)) == {"SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION"}


def test_s025_the_reply_must_be_allowed_too():
    answer = blocked(
        ask(guarded(ALL_IN, out(100, "allow", "6", ANY4, (80, 80))), CLIENT, f"{SERVER}:80"),
        "<NACL_REPLY_RESTRICTION",
        component=OWN_ACL,
        fix=OWN_ACL,
    )
    assert answer["blockers"][0]["direction"] == "return"
    assert "1024-65535" in answer["blockers"][0]["fix"]
    assert "outbound" in answer["blockers"][0]["fix"]


def test_s025_a_rule_for_the_clients_ports_is_enough():
    reachable(ask(guarded(ALL_IN, out(100, "allow", "6", "10.0.1.0/24", (1024, 65535))), CLIENT, f"{SERVER}:80"))


@pytest.mark.parametrize(
    ("where", "entries", "expected"),
    [
        (NET_A, (ALL_IN,), ["SUBNET_ACL_RESTRICTION"]),
        (NET_A, (ALL_OUT,), ["<NACL_REPLY_RESTRICTION"]),
        (NET_B, (ALL_OUT,), ["SUBNET_ACL_RESTRICTION"]),
        (NET_B, (ALL_IN,), ["<NACL_REPLY_RESTRICTION"]),
    ],
)
def test_s026_each_of_the_four_evaluations_can_block(where: str, entries: tuple[Any, ...], expected: list[str]):
    blocked(ask(guarded(*entries, subnet=where), CLIENT, f"{SERVER}:80"), *expected, component=OWN_ACL)


def test_s026_a_crossing_meets_two_nacls_on_the_way_and_two_on_the_way_back():
    answer = reachable(ask(guarded(ALL_IN, ALL_OUT), CLIENT, f"{SERVER}:80"))
    assert [c for c, kind in hops(answer) if kind == "network_acl"] == [ACL, OWN_ACL]
    assert [c for c, kind in hops(answer, "return") if kind == "network_acl"] == [OWN_ACL, ACL]


TASK = {"description": "arn:aws:ecs:eu-west-1:111122223333:attachment/0b0c0d0e-1111-4222-8333-444455556666"}


@pytest.mark.parametrize(
    ("initiator", "ports", "verdict"),
    [
        ("task", (32768, 61000), "reachable"),
        ("task", (32769, 61000), "partial"),
        ("instance", (32768, 61000), "partial"),
        ("instance", (1024, 65535), "reachable"),
    ],
)
def test_s027_client_ports_by_initiator(initiator: str, ports: tuple[int, int], verdict: str):
    world = guarded(ALL_IN, out(100, "allow", "6", ANY4, ports))
    world.interface("eni-0ccccccccccccccc1", NET_A, "10.0.1.40", CLIENT_SG, **TASK)
    source = "eni-0ccccccccccccccc1" if initiator == "task" else CLIENT
    assert ask(world, source, f"{SERVER}:80")["verdict"] == verdict


@pytest.mark.parametrize(
    ("system", "ports", "verdict", "said"),
    [
        ("Linux/UNIX", (32768, 61000), "reachable", "Linux"),
        ("Red Hat Enterprise Linux", (32768, 65535), "reachable", "Linux"),
        ("Ubuntu Pro", (32769, 65535), "partial", ""),
        ("Linux/UNIX", (1024, 32767), "blocked", ""),
        ("Windows", (49152, 65535), "reachable", "Windows"),
        ("Windows with SQL Server Web", (32768, 61000), "partial", ""),
        ("Linux/UNIX", (1024, 65535), "reachable", ""),
        ("something else", (32768, 61000), "partial", ""),
    ],
)
def test_s027_an_instance_chooses_the_ports_of_its_system(system: str, ports: tuple[int, int], verdict: str, said: str):
    world = guarded(ALL_IN, out(100, "allow", "6", ANY4, ports))
    world.items[MACHINE]["Instances"][0]["PlatformDetails"] = system
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == verdict
    assumed = [text for text in answer["assumptions"] if "open connections from ports" in text]
    assert len(assumed) == bool(said)
    assert all(f"run {said} " in text for text in assumed)


def test_s027_an_internet_client_may_use_any_port_from_1024():
    world = online()
    world.acl(OWN_ACL, VPC, [ALL_IN, out(100, "allow", "6", ANY4, (32768, 65535))], [NET_B])
    answer = partial(ask(world, "internet", f"{SERVER}:80"), "<NACL_REPLY_RESTRICTION")
    assert answer["open"][0]["client_ports"] == ["32768-65535"]
    assert "1024-32767" in answer["blockers"][0]["detail"]


def test_s028_part_of_the_client_ports_is_partial_with_the_exact_set():
    world = guarded(
        ALL_IN, out(100, "deny", "6", "10.0.1.0/24", (5001, 6000)), out(110, "allow", "6", ANY4, (2000, 60000))
    )
    answer = partial(ask(world, CLIENT, f"{SERVER}:80"), "<NACL_REPLY_RESTRICTION")
    assert answer["open"] == [{"protocol": "tcp", "ports": ["80"], "client_ports": ["2000-5000", "6001-60000"]}]
    (blocker,) = answer["blockers"]
    assert "1024-1999,5001-6000,60001-65535" in blocker["detail"]
    assert blocker["component"] == OWN_ACL


def test_s028_none_of_them_is_blocked_and_all_of_them_reachable():
    world = guarded(ALL_IN, out(100, "allow", "6", ANY4, (80, 1023)))
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "<NACL_REPLY_RESTRICTION")
    world = guarded(ALL_IN, out(100, "allow", "6", ANY4, (1000, 65535)))
    assert reachable(ask(world, CLIENT, f"{SERVER}:80"))["open"][0]["client_ports"] == ["1024-65535"]


@pytest.mark.parametrize("target", ["10.0.0.2:53/udp", "169.254.169.253:53/tcp", "169.254.169.254:80"])
def test_s029_no_nacl_filters_dns_and_metadata(target: str):
    world = pair()
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    reachable(ask(world, CLIENT, target))


def test_s029_a_name_server_in_another_subnet_is_filtered():
    world = pair([everything()])
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    assert ask(world, CLIENT, "10.0.2.20:53/udp")["verdict"] == "blocked"


@pytest.mark.parametrize(
    ("rule", "target", "verdict"),
    [
        (entry(50, "deny", "-1", ANY4, (443, 443)), ":80", "blocked"),
        (entry(50, "deny", "17", ANY4, (80, 80)), ":80", "reachable"),
        (entry(50, "deny", "6", ANY4, (80, 80)), ":80", "blocked"),
        (entry(50, "deny", "6", ANY4, (0, 65535)), ":80", "blocked"),
        (entry(50, "deny", "1", ANY4, icmp=(-1, -1)), "/icmp", "blocked"),
        (entry(50, "deny", "1", ANY4, icmp=(8, -1)), "/icmp", "blocked"),
        (entry(50, "deny", "1", ANY4, icmp=(3, -1)), "/icmp", "reachable"),
        (entry(50, "deny", "1", ANY4, icmp=(8, 1)), "/icmp", "reachable"),
        (entry(50, "deny", "1", ANY4, icmp=(-1, -1)), ":80", "reachable"),
    ],
)
def test_s031_protocol_numbers_and_icmp_types(rule: dict[str, Any], target: str, verdict: str):
    world = guarded(ALL_OUT, rule, ALL_IN)
    world.items[SERVER_SG]["IpPermissions"] = [everything()]
    assert ask(world, CLIENT, SERVER + target)["verdict"] == verdict


def test_s031_the_reply_to_an_echo_is_a_type_of_its_own():
    world = guarded(ALL_IN, entry(50, "deny", "1", ANY4, egress=True, icmp=(0, -1)), ALL_OUT)
    world.items[SERVER_SG]["IpPermissions"] = [everything()]
    answer = blocked(ask(world, CLIENT, f"{SERVER}/icmp"), "<NACL_REPLY_RESTRICTION", component=OWN_ACL)
    assert answer["blockers"][0]["rule"] == f"50 deny icmp type 0 to {ANY4}"


def test_s031_an_ipv4_entry_says_nothing_about_ipv6():
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    world.subnet(NET_B, VPC, "10.0.2.0/24", "b", ipv6="2a05:d018:aa:bb02::/64")
    world.group(CLIENT_SG, VPC, [everything(ANY4, ANY6)], [everything(ANY4, ANY6)])
    world.interface(CLIENT, NET_A, "10.0.1.10", CLIENT_SG, ipv6="2a05:d018:aa:bb01::c")
    world.interface(SERVER, NET_B, "10.0.2.20", CLIENT_SG, ipv6="2a05:d018:aa:bb02::5")
    reachable(ask(world, CLIENT, "[2a05:d018:aa:bb02::5]:80"))
    world.acl(OWN_ACL, VPC, [ALL_IN, ALL_OUT], [NET_B])
    reachable(ask(world, CLIENT, "10.0.2.20:80"))
    blocked(ask(world, CLIENT, "[2a05:d018:aa:bb02::5]:80"), "SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION")


def _behind_nat(*entries: dict[str, Any]) -> Account:
    """The client's subnet routes to a NAT gateway in B, which has a NACL of its own."""
    world = online()
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, "10.0.1.10", CLIENT_SG)
    nat = nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")
    world.table("rtb-0c1c1c1c1c1c1c1c1", VPC, route(ANY4, nat), subnets=[NET_A])
    world.acl(OWN_ACL, VPC, entries, [NET_B])
    assert PUBLIC_TABLE in world.items
    return world


def test_s033_the_nacl_of_the_nat_subnet_is_met_on_both_sides():
    answer = reachable(ask(_behind_nat(ALL_IN, ALL_OUT), CLIENT, "8.8.8.8:443"))
    assert [c for c, kind in hops(answer) if kind == "network_acl"] == [ACL, OWN_ACL, OWN_ACL]
    assert [c for c, kind in hops(answer, "return") if kind == "network_acl"] == [OWN_ACL, OWN_ACL, ACL]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((entry(90, "deny", "-1", "10.0.1.0/24"), ALL_IN, ALL_OUT), ["SUBNET_ACL_RESTRICTION"]),
        ((ALL_IN, out(90, "deny", "6", ANY4, (443, 443)), ALL_OUT), ["SUBNET_ACL_RESTRICTION"]),
        (
            (entry(90, "allow", "-1", "10.0.0.0/16"), entry(100, "allow", "6", ANY4, (443, 443)), ALL_OUT),
            ["<NACL_REPLY_RESTRICTION"],
        ),
        ((ALL_IN, out(90, "deny", "-1", "10.0.1.0/24"), ALL_OUT), ["<NACL_REPLY_RESTRICTION"]),
    ],
)
def test_s033_each_of_the_four_evaluations_at_the_nat_can_block(entries: tuple[Any, ...], expected: list[str]):
    blocked(ask(_behind_nat(*entries), CLIENT, "8.8.8.8:443"), *expected, component=OWN_ACL)


def test_s030_entries_hold_ranges_only():
    for held in OPEN_ENTRIES:
        assert "CidrBlock" in held or "Ipv6CidrBlock" in held
    world = pair()
    world.items[ACL]["Entries"].append({"Egress": False, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 50})
    answer = ask(world, CLIENT, f"{SERVER}:80")
    unknown(answer, "NetworkAcls", "CidrBlock")


def test_s030_a_range_that_covers_the_members_is_what_counts():
    world = guarded(ALL_OUT, entry(100, "allow", "6", "10.0.1.0/24", (80, 80)))
    world.items[SERVER_SG]["IpPermissions"] = [tcp(80, ANY4)]
    reachable(ask(world, CLIENT, f"{SERVER}:80"))
