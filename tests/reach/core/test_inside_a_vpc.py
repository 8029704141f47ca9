"""Security groups, network ACLs and local routes between two interfaces of one VPC."""

from __future__ import annotations

import pytest

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.security_group import Rule, SecurityGroup
from tests.reach.core.flows import BLOCKED, PARTIAL, REACHABLE, UNKNOWN, codes, go
from tests.reach.world import ALL, OPEN, World, allow, two_subnets


def test_a_group_reference_opens_the_port_and_no_other():
    world = two_subnets()
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE
    closed = go(world, "eni-a", "eni-b", 81)
    assert closed.verdict == BLOCKED
    assert codes(closed) == ["ENI_SG_RULES_MISMATCH"]
    assert closed.blockers[0].component == "sg-b"
    assert closed.blockers[0].fix == "Add to sg-b an ingress rule that allows tcp 81 from sg-a."


def test_without_a_port_the_answer_is_the_whole_open_set():
    result = go(two_subnets([allow("tcp 80-90", "sg-a"), allow("tcp 443", "10.0.0.0/16")]), "eni-a", "eni-b", None)
    assert result.ports.spans == ((80, 90), (443, 443))
    assert result.verdict == REACHABLE
    assert result.blockers == ()


def test_rules_of_all_groups_are_united():
    world = two_subnets()
    world.sg("sg-more", ingress=[allow("tcp 8080", "10.0.1.0/24")])
    world.eni("eni-both", "subnet-b", "sg-b", "sg-more")
    assert go(world, "eni-a", "eni-both", None).ports.spans == ((80, 80), (8080, 8080))


def test_a_group_without_rules_denies_and_says_so():
    world = two_subnets(())
    assert codes(go(world, "eni-a", "eni-b")) == ["SG_HAS_NO_RULES"]
    world.sg("sg-a", egress=())
    assert codes(go(world, "eni-a", "eni-b")) == ["SG_HAS_NO_RULES", "SG_HAS_NO_RULES"]


def test_replies_pass_a_group_whatever_its_other_direction_says():
    world = two_subnets()
    world.sg("sg-b", ingress=[allow("tcp 80", "sg-a")], egress=())
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE


def test_a_reference_imports_no_rules_of_the_group_it_names():
    world = two_subnets()
    world.sg("sg-a", ingress=[allow("tcp 22", ALL)])
    assert go(world, "eni-a", "eni-b", 22).verdict == BLOCKED


def test_a_self_reference_allows_members_only():
    world = two_subnets([allow("all", "sg-b")])
    assert go(world, "eni-c", "eni-b").verdict == REACHABLE
    assert go(world, "eni-a", "eni-b").verdict == BLOCKED


def test_a_rule_for_one_family_says_nothing_of_the_other():
    world = World()
    world.vpc(ipv6="2600:1f18:1::/56")
    world.subnet("subnet-a", "10.0.1.0/24", ipv6="2600:1f18:1:1::/64")
    world.sg("sg-4", ingress=[allow("tcp 80", ALL)])
    world.eni("eni-a", "subnet-a", "sg-4", ipv6="2600:1f18:1:1::a")
    world.eni("eni-b", "subnet-a", "sg-4", ipv6="2600:1f18:1:1::b")
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE
    assert go(world, "eni-a", "eni-b", family=6).verdict == BLOCKED


@pytest.mark.parametrize(
    ("rule", "protocol", "verdict"),
    [
        (("icmp", 8, -1, ALL), "icmp", REACHABLE),
        (("icmp", 0, -1, ALL), "icmp", BLOCKED),
        (("icmp", -1, -1, ALL), "icmp", REACHABLE),
        (("-1", 0, 0, ALL), "icmp", REACHABLE),
        (("-1", 0, 0, ALL), "udp", REACHABLE),
        (("tcp", -1, -1, ALL), "tcp", REACHABLE),
        (("6", 80, 80, ALL), "tcp", REACHABLE),
        (("udp", 0, 65535, ALL), "tcp", BLOCKED),
    ],
)
def test_protocols_and_bounds(rule, protocol, verdict):
    assert go(two_subnets([rule]), "eni-a", "eni-b", protocol=protocol).verdict == verdict


def test_a_prefix_list_matches_any_of_its_ranges():
    world = two_subnets([allow("tcp 80", "pl-1")])
    world.prefix_list("pl-1", "192.168.0.0/16", "10.0.1.0/24")
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE
    world.prefix_list("pl-1", "192.168.0.0/16")
    assert go(world, "eni-a", "eni-b").verdict == BLOCKED
    world.prefix_list("pl-1", known=False)
    unknown = go(world, "eni-a", "eni-b")
    assert unknown.verdict == UNKNOWN
    assert unknown.missing == ("ec2:GetManagedPrefixListEntries: the ranges of prefix list pl-1 are not known",)


def test_an_unknown_fact_does_not_matter_when_a_known_one_decides():
    world = two_subnets([allow("tcp 80", "pl-1")])
    world.prefix_list("pl-1", known=False)
    world.sg("sg-a", egress=())
    assert go(world, "eni-a", "eni-b").verdict == BLOCKED
    world.sg("sg-a")
    world.sg("sg-b", ingress=[allow("tcp 80", "pl-1"), allow("tcp 80", "sg-a")])
    assert go(world, "eni-a", "eni-b").verdict == REACHABLE


def entries(*rows: tuple[bool, int, bool, str, str, int, int]) -> tuple[AclEntry, ...]:
    return tuple(AclEntry(*row) for row in rows)


def test_acl_rules_are_tried_in_number_order_whatever_order_they_come_in():
    world = two_subnets()
    world.acl(
        "acl-b",
        subnets=["subnet-b"],
        entries=entries(
            (False, 200, True, "6", ALL, 0, 65535),
            (False, 100, False, "6", "10.0.1.0/24", 80, 80),
            (True, 100, True, "-1", ALL, 0, 0),
        ),
    )
    result = go(world, "eni-a", "eni-b")
    assert codes(result) == ["SUBNET_ACL_RESTRICTION"]
    assert result.blockers[0].rule == "100 deny tcp 80 from 10.0.1.0/24"
    assert result.blockers[0].component == "acl-b"


def test_the_last_rule_denies():
    world = two_subnets()
    world.acl("acl-b", subnets=["subnet-b"], entries=entries((True, 1, True, "-1", ALL, 0, 0)))
    assert go(world, "eni-a", "eni-b").blockers[0].rule == "* deny all traffic"


def test_an_acl_never_meets_traffic_inside_its_subnet():
    world = two_subnets()
    world.acl("acl-shut", subnets=["subnet-a"])
    assert go(world, "eni-a", "eni-c").verdict == REACHABLE
    assert codes(go(world, "eni-a", "eni-b")) == ["SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION"]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(32768, 61000, REACHABLE), (1024, 65535, REACHABLE), (40000, 50000, PARTIAL), (1024, 32767, BLOCKED)],
)
def test_replies_need_the_clients_ports(low, high, verdict):
    world = two_subnets()
    world.acl(
        "acl-b",
        subnets=["subnet-b"],
        entries=entries((False, 1, True, "-1", ALL, 0, 0), (True, 1, True, "6", ALL, low, high)),
    )
    world.service("web", ["eni-a"])
    result = go(world, "eni-a", "eni-b")
    assert result.verdict == verdict
    if verdict == PARTIAL:
        assert codes(result) == ["<NACL_REPLY_RESTRICTION"]
        assert "client ports 32768-39999,50001-61000" in result.blockers[0].detail
        assert result.clients.spans == ((40000, 50000),)


def test_a_request_and_its_reply_meet_four_acl_checks():
    world = two_subnets()
    result = go(world, "eni-a", "eni-b")
    assert [h.kind for h in result.forward] == [
        "security_group",
        "network_acl",
        "route_table",
        "network_acl",
        "security_group",
        "network_interface",
    ]
    assert [h.kind for h in result.back] == ["network_acl", "route_table", "network_acl"]


def test_every_blocker_of_the_path_is_named_at_once():
    world = two_subnets(())
    world.sg("sg-a", egress=[allow("tcp 443", ALL)])
    world.acl("acl-b", subnets=["subnet-b"])
    assert codes(go(world, "eni-a", "eni-b")) == [
        "ENI_SG_RULES_MISMATCH",
        "SUBNET_ACL_RESTRICTION",
        "SG_HAS_NO_RULES",
        "<NACL_REPLY_RESTRICTION",
    ]


def test_disjoint_filters_block_although_each_lets_something_through():
    world = two_subnets([allow("tcp 80", ALL)])
    world.sg("sg-a", egress=[allow("tcp 443", ALL)])
    result = go(world, "eni-a", "eni-b", None)
    assert result.verdict == BLOCKED
    assert codes(result) == ["ENI_SG_RULES_MISMATCH"]


def test_an_address_nobody_holds_is_no_destination():
    world = two_subnets()
    assert codes(go(world, "eni-a", "10.0.2.200")) == ["NO_POSSIBLE_DESTINATION"]
    assert codes(go(world, "eni-a", "10.0.1.200")) == ["NO_POSSIBLE_DESTINATION"]
    assert codes(go(world, "10.0.2.200", "eni-b")) == ["NO_SOURCE_OR_DESTINATION"]


@pytest.mark.parametrize("kind", ["network_acl", "route_table", "security_group"])
def test_what_could_not_be_read_is_unknown_and_never_open(kind):
    world = two_subnets()
    world.missing(kind)
    result = go(world, "eni-a", "eni-b")
    assert result.verdict == UNKNOWN
    assert any(f"describe {kind}" in fact for fact in result.missing)


def test_a_default_acl_serves_subnets_without_one():
    world = two_subnets()
    world.change(NetworkAcl, "acl-default-vpc-1", entries=tuple(e for e in OPEN if e.egress))
    assert "SUBNET_ACL_RESTRICTION" in codes(go(world, "eni-a", "eni-b"))


def test_a_deleted_group_in_a_rule_matches_nothing():
    world = two_subnets()
    world.change(SecurityGroup, "sg-b", rules=frozenset({Rule("ingress", "tcp", 80, 80, "sg-gone")}))
    assert go(world, "eni-a", "eni-b").verdict == BLOCKED


def test_an_interface_reaches_itself_without_any_filter():
    world = two_subnets(())
    world.sg("sg-b", egress=())
    result = go(world, "eni-b", "eni-b", 5000)
    assert result.verdict == REACHABLE
    assert [h.kind for h in result.forward] == ["loopback"]
