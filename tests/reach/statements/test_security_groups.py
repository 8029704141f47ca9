"""Statements 1-21: security groups."""

from __future__ import annotations

import pytest

from tests.reach.statements.asking import ask, blocked, codes, partial, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, Account, Raw, route
from tests.reach.statements.aws_rules import ANY6, OWNER, entry, everything, out, permission, tcp, udp
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
    SERVER,
    SERVER_EIP,
    SERVER_IP,
    SERVER_SG,
    VPC,
    gateway,
    pair,
)

OTHER_SG, OTHER = "sg-0aaaaaaaaaaaaaaa1", "eni-0aaaaaaaaaaaaaaa1"
LIST = "pl-0123456789abcdef0"


def test_s001_a_rule_that_matches_allows():
    answer = reachable(ask(pair(), CLIENT, f"{SERVER}:80"))
    assert rule_at(answer, SERVER_SG) == f"ingress tcp 80 from {CLIENT_SG}"
    assert answer["open"] == [{"protocol": "tcp", "ports": ["80"], "client_ports": ["1024-65535"]}]


def test_s001_nothing_that_matches_denies():
    answer = blocked(ask(pair(), CLIENT, f"{SERVER}:81"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)
    (blocker,) = answer["blockers"]
    assert "tcp 81" in blocker["fix"]
    assert SERVER_SG in blocker["fix"]
    assert CLIENT_SG in blocker["fix"]


@pytest.mark.parametrize(("port", "verdict"), [(80, "reachable"), (443, "reachable"), (22, "blocked")])
def test_s002_rules_of_all_groups_are_united(port: int, verdict: str):
    world = pair([tcp(80, ANY4)])
    world.group(OTHER_SG, VPC, [tcp(443, CLIENT_SG)])
    world.items[SERVER]["Groups"].append({"GroupName": "second", "GroupId": OTHER_SG})
    assert ask(world, CLIENT, f"{SERVER}:{port}")["verdict"] == verdict


def test_s003_no_inbound_rules_deny_all_inbound():
    blocked(ask(pair([]), CLIENT, f"{SERVER}:80"), "SG_HAS_NO_RULES", component=SERVER_SG, fix=SERVER_SG)


def test_s003_no_outbound_rules_deny_all_outbound():
    blocked(ask(pair(egress=[]), CLIENT, f"{SERVER}:80"), "SG_HAS_NO_RULES", component=CLIENT_SG, fix=CLIENT_SG)


def test_s003_a_new_group_sends_anything_and_takes_nothing():
    world = pair([], None)
    answer = blocked(ask(world, CLIENT, f"{SERVER}:80"), "SG_HAS_NO_RULES")
    assert rule_at(answer, CLIENT_SG) == "egress all traffic to 0.0.0.0/0"


def test_s004_replies_need_no_rule():
    world = pair(egress=[tcp(80, ANY4)])
    world.items[SERVER_SG]["IpPermissionsEgress"] = []
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


def test_s004_the_other_way_round_is_a_new_connection():
    world = pair(egress=[tcp(80, ANY4)])
    world.items[SERVER_SG]["IpPermissionsEgress"] = []
    answer = blocked(ask(world, SERVER, f"{CLIENT}:80"), "SG_HAS_NO_RULES", "SG_HAS_NO_RULES")
    assert [b["component"] for b in answer["blockers"]] == [SERVER_SG, CLIENT_SG]


def _both_public() -> Account:
    world = pair()
    gateway(world)
    world.routes(MAIN, route(ANY4, IGW))
    for face in (CLIENT, SERVER):
        world.remove("NetworkInterfaces", face)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, public=CLIENT_EIP)
    world.interface(SERVER, NET_B, SERVER_IP, SERVER_SG, public=SERVER_EIP)
    return world


def test_s005_reference_matches_private_addresses_only():
    world = _both_public()
    reachable(ask(world, CLIENT, f"{SERVER_IP}:80"))
    answer = ask(world, CLIENT, f"{SERVER_EIP}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["SG_REFERENCES_NOT_PRESERVED"]
    assert answer["blockers"][0]["component"] == SERVER_SG
    assert CLIENT_EIP in answer["blockers"][0]["fix"]


def test_s005_a_rule_for_the_public_address_opens_the_public_way():
    world = _both_public()
    world.items[SERVER_SG]["IpPermissions"].append(tcp(80, f"{CLIENT_EIP}/32"))
    reachable(ask(world, CLIENT, f"{SERVER_EIP}:80"))


def test_s006_a_reference_imports_no_rules():
    world = pair()
    world.items[CLIENT_SG]["IpPermissions"] = [tcp(22, ANY4)]
    blocked(ask(world, CLIENT, f"{SERVER}:22"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


def _default_group() -> Account:
    world = pair()
    world.group(OTHER_SG, VPC, [everything({"GroupId": OTHER_SG, "UserId": OWNER})])
    world.interface(OTHER, NET_A, "10.0.1.30", OTHER_SG)
    world.interface("eni-0aaaaaaaaaaaaaaa2", NET_B, "10.0.2.30", OTHER_SG)
    return world


def test_s007_members_of_a_self_referring_group_reach_each_other():
    reachable(ask(_default_group(), OTHER, "eni-0aaaaaaaaaaaaaaa2:5432"))


def test_s007_others_do_not_reach_them():
    blocked(ask(_default_group(), CLIENT, f"{OTHER}:5432"), "ENI_SG_RULES_MISMATCH", component=OTHER_SG)


def test_s010_a_stale_rule_matches_nothing():
    gone = {"GroupId": "sg-0dead0dead0dead00", "UserId": OWNER, "VpcId": "vpc-0dead0dead0dead00"}
    stale = gone | {"VpcPeeringConnectionId": "pcx-0dead0dead0dead00", "PeeringStatus": "deleted"}
    world = pair([tcp(80, stale), tcp(80, {"GroupId": "sg-0dead0dead0dead01", "UserId": OWNER})])
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)


def test_s010_other_rules_of_the_group_still_hold():
    world = pair([tcp(80, {"GroupId": "sg-0dead0dead0dead01", "UserId": OWNER}), tcp(80, "10.0.1.0/24")])
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


def _behind_an_appliance(*ingress: Raw) -> Account:
    """What the client sends to the server's subnet goes through a machine that forwards it."""
    world = pair(ingress)
    world.group(OTHER_SG, VPC, [everything()])
    world.interface(OTHER, NET_A, "10.0.1.77", OTHER_SG, check=False)
    world.routes(MAIN, route("10.0.2.0/24", OTHER))
    return world


def test_s012_an_appliance_on_the_way_loses_the_groups_of_the_sender():
    answer = ask(_behind_an_appliance(tcp(80, CLIENT_SG)), CLIENT, f"{SERVER}:80")
    blocked(answer, "SG_REFERENCES_NOT_PRESERVED", component=SERVER_SG, fix=CLIENT_IP)


@pytest.mark.parametrize("peer", ["10.0.1.0/24", "10.0.9.9/32", OTHER_SG])
def test_s012_rules_that_may_match_what_an_appliance_sends_leave_it_open(peer: str):
    world = _behind_an_appliance(tcp(80, CLIENT_SG), tcp(80, peer))
    unknown(ask(world, CLIENT, f"{SERVER}:80"), OTHER)


def test_s012_a_port_that_no_rule_names_is_closed_behind_any_appliance():
    world = _behind_an_appliance(tcp(80, CLIENT_SG), tcp(443, ANY4))
    blocked(ask(world, CLIENT, f"{SERVER}:22"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)


def _list(world: Account, *cidrs: str, known: bool = True) -> None:
    world.add(
        "PrefixLists",
        LIST,
        {
            "PrefixListId": LIST,
            "AddressFamily": "IPv4",
            "State": "create-complete",
            "PrefixListArn": f"arn:aws:ec2:eu-west-1:{OWNER}:prefix-list/{LIST}",
            "PrefixListName": "offices",
            "MaxEntries": 5,
            "Version": 1,
            "Tags": [],
            "OwnerId": OWNER,
        },
    )
    if known:
        world.answer(PrefixListId=LIST, Entries=[{"Cidr": cidr, "Description": ""} for cidr in cidrs])


@pytest.mark.parametrize(("cidr", "verdict"), [("10.0.1.0/28", "reachable"), ("10.0.3.0/24", "blocked")])
def test_s013_a_prefix_list_matches_any_of_its_ranges(cidr: str, verdict: str):
    world = pair([tcp(80, LIST)])
    _list(world, "192.0.2.0/24", cidr)
    assert ask(world, CLIENT, f"{SERVER}:80")["verdict"] == verdict


def test_s013_a_list_whose_entries_are_not_known_is_unknown():
    world = pair([tcp(80, LIST)])
    _list(world, known=False)
    unknown(ask(world, CLIENT, f"{SERVER}:80"), LIST)


def test_s013_aws_managed_lists_match_too():
    world = pair([tcp(80, LIST)])
    managed = {"PrefixListId": LIST, "PrefixListName": "com.amazonaws.eu-west-1.s3", "Cidrs": ["10.0.1.0/24"]}
    world.add("PrefixLists", LIST, managed)
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


@pytest.mark.parametrize(
    ("rule", "target", "verdict"),
    [
        (permission("-1", (None, None), ANY4), "1/udp", "reachable"),
        (permission("-1", (80, 80), ANY4), "443/tcp", "reachable"),
        (permission("-1", (None, None), ANY4), "/icmp", "reachable"),
        (permission("icmp", (-1, -1), ANY4), "/icmp", "reachable"),
        (permission("icmp", (8, -1), ANY4), "/icmp", "reachable"),
        (permission("icmp", (8, 0), ANY4), "/icmp", "reachable"),
        (permission("icmp", (3, 4), ANY4), "/icmp", "blocked"),
        (permission("icmp", (0, 0), ANY4), "/icmp", "blocked"),
        (permission("icmp", (-1, -1), ANY4), "80/tcp", "blocked"),
        (permission("6", (80, 80), ANY4), "80/tcp", "reachable"),
        (permission("17", (53, 53), ANY4), "53/udp", "reachable"),
        (permission("17", (53, 53), ANY4), "53/tcp", "blocked"),
        (permission("50", (None, None), ANY4), "80/tcp", "blocked"),
    ],
)
def test_s014_protocols_and_icmp_types(rule: dict[str, object], target: str, verdict: str):
    to = f"{SERVER}{target}" if target.startswith("/") else f"{SERVER}:{target}"
    assert ask(pair([rule]), CLIENT, to)["verdict"] == verdict


@pytest.mark.parametrize(
    ("ports", "port", "verdict"),
    [
        ((-1, 100), 1, "reachable"),
        ((-1, 100), 101, "blocked"),
        ((100, -1), 65535, "reachable"),
        ((100, -1), 99, "blocked"),
        ((None, None), 1, "reachable"),
        ((None, 100), 50, "reachable"),
        ((60000, None), 65000, "reachable"),
        ((60000, None), 59999, "blocked"),
    ],
)
def test_s015_open_ended_ports(ports: tuple[int | None, int | None], port: int, verdict: str):
    assert ask(pair([permission("tcp", ports, ANY4)]), CLIENT, f"{SERVER}:{port}")["verdict"] == verdict


def _dual(ingress: list[dict[str, object]]) -> Account:
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    world.group(CLIENT_SG, VPC, egress=[everything(ANY4, ANY6)])
    world.group(SERVER_SG, VPC, ingress)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, ipv6="2a05:d018:aa:bb01::c")
    world.interface(SERVER, NET_A, "10.0.1.20", SERVER_SG, ipv6="2a05:d018:aa:bb01::5")
    return world


@pytest.mark.parametrize(
    ("peer", "open_to", "closed_to"),
    [(ANY4, "10.0.1.20:80", "[2a05:d018:aa:bb01::5]:80"), (ANY6, "[2a05:d018:aa:bb01::5]:80", "10.0.1.20:80")],
)
def test_s016_a_rule_of_one_family_never_matches_the_other(peer: str, open_to: str, closed_to: str):
    world = _dual([tcp(80, peer)])
    reachable(ask(world, CLIENT, open_to))
    blocked(ask(world, CLIENT, closed_to), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)


@pytest.mark.parametrize(
    "target", ["10.0.0.2:53/udp", "10.0.0.2:53/tcp", "169.254.169.253:53/udp", "169.254.169.254:80"]
)
def test_s017_no_group_filters_dns_and_metadata(target: str):
    reachable(ask(pair(egress=[]), CLIENT, target))


def test_s017_a_name_server_of_ones_own_is_filtered():
    world = pair([], egress=[tcp(443, ANY4)])
    answer = ask(world, CLIENT, f"{SERVER_IP}:53/udp")
    blocked(answer, "ENI_SG_RULES_MISMATCH", "SG_HAS_NO_RULES")


def test_s017_no_resolver_where_dns_support_is_off():
    world = pair()
    for answer in world.others:
        if "EnableDnsSupport" in answer:
            answer["EnableDnsSupport"] = {"Value": False}
    blocked(ask(world, CLIENT, "10.0.0.2:53/udp"), "VPC_DNS_ATTRIBUTE_OFF", component=VPC, fix=VPC)


def test_s021_every_group_of_an_interface_is_known_or_the_answer_is_unknown():
    world = pair()
    world.remove("SecurityGroups", SERVER_SG)
    unknown(ask(world, CLIENT, f"{SERVER}:80"), SERVER_SG)


def test_s021_a_missing_group_does_not_hide_a_certain_blocker():
    world = pair(egress=[])
    world.remove("SecurityGroups", SERVER_SG)
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["SG_HAS_NO_RULES"]


def test_s001_all_blockers_at_once_in_path_order():
    world = pair([udp(80, ANY4)], egress=[tcp(443, ANY4)])
    world.entries(ACL, out(100, "deny", "-1", ANY4), entry(100, "deny", "-1", ANY4))
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert codes(answer) == [
        "ENI_SG_RULES_MISMATCH",
        "SUBNET_ACL_RESTRICTION",
        "SUBNET_ACL_RESTRICTION",
        "ENI_SG_RULES_MISMATCH",
        "<NACL_REPLY_RESTRICTION",
        "<NACL_REPLY_RESTRICTION",
    ]
    assert [b["component"] for b in answer["blockers"]] == [CLIENT_SG, ACL, ACL, SERVER_SG, ACL, ACL]
    assert all(b["component"] in b["fix"] for b in answer["blockers"])


def test_s001_part_of_the_asked_ports_is_partial_with_the_exact_ports():
    answer = partial(
        ask(pair([tcp((80, 90), ANY4), tcp(95, ANY4)]), CLIENT, f"{SERVER}:85-95"), "ENI_SG_RULES_MISMATCH"
    )
    assert answer["open"][0]["ports"] == ["85-90", "95"]
    assert "91-94" in answer["blockers"][0]["fix"]
