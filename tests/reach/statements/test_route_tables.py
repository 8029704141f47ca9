"""Statements 34-43: route tables."""

from __future__ import annotations

import pytest

from tests.reach.statements.asking import ask, blocked, codes, kinds, met, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, Account, Raw, route
from tests.reach.statements.aws_nat import NAT, egress_only, gateway_endpoint
from tests.reach.statements.aws_rules import ANY6, everything, tcp
from tests.reach.statements.scenes import (
    CLIENT,
    CLIENT_SG,
    HOST,
    IGW,
    MAIN,
    NET_A,
    PUBLIC_TABLE,
    SERVER,
    SERVER_IP,
    SERVER_SG,
    VPC,
    gateway,
    online,
    pair,
)

OWN_TABLE, VGW, PCX = "rtb-0c2c2c2c2c2c2c2c2", "vgw-0a2a2a2a2a2a2a2a2", "pcx-0a2a2a2a2a2a2a2a2"
APPLIANCE, APPLIANCE_HOST = "eni-0fafafafafafafafa", "i-0fafafafafafafafa"
APPLIANCE_SG = "sg-0fafafafafafafafa"
OUTSIDE = "8.8.8.8:443"


def test_s034_an_explicit_association_counts():
    answer = reachable(ask(online(), "internet", f"{SERVER}:80"))
    assert rule_at(answer, PUBLIC_TABLE, "return") == f"0.0.0.0/0 to {IGW}"


def test_s034_without_association_the_main_table_counts():
    world = online()
    world.items[PUBLIC_TABLE]["Associations"] = []
    answer = blocked(ask(world, "internet", f"{SERVER}:80"), "<NO_ROUTE_TO_DESTINATION", component=MAIN, fix=MAIN)
    assert "main" in answer["blockers"][0]["detail"]
    world.routes(MAIN, route(ANY4, IGW))
    reachable(ask(world, "internet", f"{SERVER}:80"))


def test_s034_no_table_saved_is_unknown():
    world = online()
    world.forget("RouteTables")
    unknown(ask(world, "internet", f"{SERVER}:80"), "ec2:DescribeRouteTables")


def test_s034_an_association_that_is_going_away_no_longer_counts():
    world = online()
    world.items[PUBLIC_TABLE]["Associations"][0]["AssociationState"] = {"State": "disassociated"}
    blocked(ask(world, "internet", f"{SERVER}:80"), "<NO_ROUTE_TO_DESTINATION", component=MAIN)


def test_s035_the_longest_prefix_wins():
    world = online()
    world.routes(PUBLIC_TABLE, route("8.8.8.0/24", "eni-0deaddeaddeaddead", state="blackhole"))
    reachable(ask(world, SERVER, "8.8.4.4:443"))
    blocked(ask(world, SERVER, OUTSIDE), "BAD_STATE_ROUTE", component=PUBLIC_TABLE)


def test_s035_a_route_for_all_of_ipv4_says_nothing_of_ipv6():
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    gateway(world)
    world.routes(MAIN, route(ANY4, IGW))
    world.group(CLIENT_SG, VPC, egress=[everything(ANY4, ANY6)])
    world.interface(CLIENT, NET_A, "10.0.1.10", CLIENT_SG, ipv6="2a05:d018:aa:bb01::c", public="198.51.100.10")
    reachable(ask(world, CLIENT, OUTSIDE))
    blocked(ask(world, CLIENT, "[2001:4860:4860::8888]:443"), "NO_ROUTE_TO_DESTINATION", component=MAIN, fix="::")
    world.routes(MAIN, route(ANY6, IGW))
    reachable(ask(world, CLIENT, "[2001:4860:4860::8888]:443"))


def _second_range(state: str) -> Account:
    """A VPC with a second range, in it the server."""
    world = pair()
    world.items[VPC]["CidrBlockAssociationSet"].append(
        {
            "AssociationId": "vpc-cidr-assoc-02",
            "CidrBlock": "100.64.0.0/16",
            "CidrBlockState": {"State": state},
        }
    )
    world.subnet("subnet-0a1a1a1a1a1a1a1ac", VPC, "100.64.1.0/24", "c")
    world.interface("eni-05e5e5e5e5e5e5e52", "subnet-0a1a1a1a1a1a1a1ac", "100.64.1.9", SERVER_SG)
    return world


def test_s036_every_range_of_the_vpc_is_local():
    world = _second_range("associated")
    world.routes(MAIN, route("100.64.0.0/16", "local", origin="CreateRouteTable"))
    answer = reachable(ask(world, CLIENT, "eni-05e5e5e5e5e5e5e52:80"))
    assert rule_at(answer, MAIN) == "100.64.0.0/16 to local"


def test_s036_a_range_that_is_not_associated_is_not_local():
    blocked(
        ask(_second_range("disassociated"), CLIENT, "eni-05e5e5e5e5e5e5e52:80"),
        "NO_ROUTE_TO_DESTINATION",
        component=MAIN,
    )


def test_s036_a_more_specific_route_to_an_appliance_takes_a_subnet_away():
    world = pair([tcp(80, "10.0.0.0/16")])
    world.routes(MAIN, route("10.0.2.0/24", APPLIANCE))
    world.interface(APPLIANCE, NET_A, "10.0.1.77", SERVER_SG, check=False)
    answer = unknown(ask(world, CLIENT, f"{SERVER}:80"), APPLIANCE)
    assert met(answer, APPLIANCE)


def _twin() -> Account:
    """Beside the pair a VPC of the same range, in which another interface has the server's address."""
    world = pair()
    world.vpc("vpc-0e2e2e2e2e2e2e2e2", "10.0.0.0/16")
    world.subnet("subnet-0e2e2e2e2e2e2e2e2", "vpc-0e2e2e2e2e2e2e2e2", "10.0.2.0/24")
    world.group("sg-0e2e2e2e2e2e2e2e2", "vpc-0e2e2e2e2e2e2e2e2", [everything()])
    world.interface("eni-0e2e2e2e2e2e2e2e2", "subnet-0e2e2e2e2e2e2e2e2", SERVER_IP, "sg-0e2e2e2e2e2e2e2e2")
    return world


@pytest.mark.parametrize("target", [SERVER_IP, "10.0.2.0/24"])
def test_s036_an_address_means_the_interface_of_the_sender_s_own_vpc(target: str):
    answer = ask(_twin(), CLIENT, target)
    assert reachable(answer)["open"] == [{"protocol": "tcp", "ports": ["80"], "client_ports": ["1024-65535"]}]
    blocked(ask(_twin(), CLIENT, f"{target}:81"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)


def test_s036_the_same_address_in_another_vpc_is_not_reached_by_the_local_route():
    answer = ask(_twin(), CLIENT, "eni-0e2e2e2e2e2e2e2e2:80")
    blocked(answer, "NO_POSSIBLE_DESTINATION", component=VPC, fix=SERVER)
    assert SERVER in answer["blockers"][0]["detail"]


@pytest.mark.parametrize("target", [NAT, "eni-0deaddeaddeaddead", PCX, IGW])
def test_s037_a_blackhole_that_wins_drops(target: str):
    world = online()
    world.routes(PUBLIC_TABLE, route("8.8.8.0/24", target, state="blackhole"))
    answer = blocked(
        ask(world, SERVER, OUTSIDE),
        "BAD_STATE_ROUTE",
        component=PUBLIC_TABLE,
        fix=PUBLIC_TABLE,
    )
    assert f"8.8.8.0/24 to {target}" in answer["blockers"][0]["rule"]


def test_s037_a_blackhole_that_does_not_match_harms_nobody():
    world = online()
    world.routes(PUBLIC_TABLE, route("9.9.9.0/24", NAT, state="blackhole"))
    reachable(ask(world, SERVER, OUTSIDE))


def _vpn_route(cidr: str) -> Raw:
    return route(cidr, VGW, origin="EnableVgwRoutePropagation")


def _with_vgw(world: Account) -> Account:
    world.add(
        "VpnGateways",
        VGW,
        {
            "State": "available",
            "Type": "ipsec.1",
            "VpcAttachments": [{"State": "attached", "VpcId": VPC}],
            "VpnGatewayId": VGW,
            "AmazonSideAsn": 64512,
            "Tags": [],
        },
    )
    return world


@pytest.mark.parametrize("first", ["static", "propagated"])
def test_s038_static_beats_propagated(first: str):
    world = _with_vgw(online())
    routes = [route("8.8.8.0/24", IGW), _vpn_route("8.8.8.0/24")]
    world.routes(PUBLIC_TABLE, *(routes if first == "static" else reversed(routes)))
    answer = reachable(ask(world, SERVER, OUTSIDE))
    assert rule_at(answer, PUBLIC_TABLE) == f"8.8.8.0/24 to {IGW}"


def test_s038_a_longer_propagated_route_beats_a_shorter_static_one():
    world = _with_vgw(online())
    world.routes(PUBLIC_TABLE, _vpn_route("8.8.8.0/24"))
    answer = unknown(ask(world, SERVER, OUTSIDE), VGW)
    assert met(answer, VGW)


def test_s038_local_beats_a_more_specific_propagated_route():
    world = _with_vgw(pair())
    world.routes(MAIN, _vpn_route("10.0.2.0/24"))
    answer = reachable(ask(world, CLIENT, f"{SERVER}:80"))
    assert rule_at(answer, MAIN) == "10.0.0.0/16 to local"


@pytest.mark.parametrize("rival", ["static", "propagated"])
def test_s038_static_range_then_prefix_list_then_propagated(rival: str):
    world = _with_vgw(online())
    gateway_endpoint(world, VPC, [PUBLIC_TABLE])
    world.routes(PUBLIC_TABLE, route("3.5.64.0/21", IGW) if rival == "static" else _vpn_route("3.5.64.0/21"))
    answer = reachable(ask(world, SERVER, "3.5.64.9:443"))
    assert met(answer, IGW) == (rival == "static")
    assert met(answer, "vpce-05353535353535353") == (rival == "propagated")


@pytest.mark.parametrize("address", ["169.254.168.9", "169.254.171.7"])
def test_s039_reserved_ranges_are_never_forwarded(address: str):
    world = online()
    answer = ask(world, SERVER, f"{address}:80")
    blocked(
        answer, "NO_ROUTE_TO_DESTINATION", component=PUBLIC_TABLE, fix=f"no route for it can be added to {PUBLIC_TABLE}"
    )
    assert "AWS keeps for its own services" in answer["blockers"][0]["detail"]


def test_s039_reserved_ipv6_ranges_neither():
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    world.routes(MAIN, route(ANY6, egress_only(world, VPC)))
    world.group(CLIENT_SG, VPC, egress=[everything(ANY4, ANY6)])
    world.interface(CLIENT, NET_A, "10.0.1.10", CLIENT_SG, ipv6="2a05:d018:aa:bb01::c")
    blocked(ask(world, CLIENT, "[fd00:ec2::9]:80"), "NO_ROUTE_TO_DESTINATION", component=MAIN)
    reachable(ask(world, CLIENT, "[2001:4860:4860::8888]:443"))


def test_s040_inside_a_subnet_no_table_is_met():
    world = pair(same=True)
    world.routes(MAIN, route("10.0.1.0/24", APPLIANCE, state="blackhole"))
    assert "route_table" not in kinds(reachable(ask(world, CLIENT, f"{SERVER}:80")))


def test_s040_between_subnets_the_same_table_drops():
    world = pair()
    world.routes(MAIN, route("10.0.2.0/24", APPLIANCE, state="blackhole"))
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "BAD_STATE_ROUTE", component=MAIN)


@pytest.mark.parametrize(("table", "how"), [(MAIN, "main"), (OWN_TABLE, "associated")])
def test_s041_no_route_names_the_table_and_how_it_was_chosen(table: str, how: str):
    world = pair()
    if table == OWN_TABLE:
        world.table(OWN_TABLE, VPC, subnets=[NET_A])
    answer = blocked(
        ask(world, CLIENT, OUTSIDE), "NO_ROUTE_TO_DESTINATION", component=table, fix=f"{table} a route for 8.8.8.8/32"
    )
    assert how in answer["blockers"][0]["detail"]
    assert NET_A in answer["blockers"][0]["detail"]


def _edge(*, public: str = "", state: str = "active") -> Account:
    """Traffic to the server's subnet is redirected to an appliance on its way in."""
    world = online()
    world.interface(APPLIANCE, NET_A, "10.0.1.77", SERVER_SG, public=public, instance=APPLIANCE_HOST, check=False)
    world.table(OWN_TABLE, VPC, route("10.0.2.0/24", APPLIANCE, state=state))
    world.items[OWN_TABLE]["Associations"] = [
        {
            "Main": False,
            "RouteTableAssociationId": "rtbassoc-0e",
            "RouteTableId": OWN_TABLE,
            "GatewayId": IGW,
            "AssociationState": {"State": "associated"},
        }
    ]
    return world


def test_s042_redirected_ingress_needs_a_public_address_on_the_appliance():
    answer = ask(_edge(), "internet", f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert "INGRESS_RTB_NO_PUBLIC_IP" in codes(answer)
    assert any(b["component"] == APPLIANCE and APPLIANCE in b["fix"] for b in answer["blockers"])


def test_s042_what_the_appliance_does_is_not_known():
    unknown(ask(_edge(public="198.51.100.77"), "internet", f"{SERVER}:80"), APPLIANCE)


def test_s042_a_blackhole_in_the_edge_table_drops():
    answer = ask(_edge(public="198.51.100.77", state="blackhole"), "internet", f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE_ROUTE"]


def test_s042_replies_from_the_internet_are_redirected_too():
    world = _edge(public="198.51.100.77")
    unknown(ask(world, SERVER, OUTSIDE), APPLIANCE)
    world.items[OWN_TABLE]["Routes"] = world.items[OWN_TABLE]["Routes"][:1]
    reachable(ask(world, SERVER, OUTSIDE))


def test_s042_a_reply_meets_the_blackhole_of_the_edge_table():
    world = _edge(public="198.51.100.77", state="blackhole")
    blocked(ask(world, SERVER, OUTSIDE), "<BAD_STATE_ROUTE", component=OWN_TABLE, fix=OWN_TABLE)


@pytest.mark.parametrize(("source", "target"), [("internet", f"{SERVER}:80"), (SERVER, OUTSIDE)])
def test_s042_an_appliance_that_is_stopped_passes_nothing(source: str, target: str):
    world = _edge(public="198.51.100.77")
    world.items[APPLIANCE_HOST]["Instances"][0]["State"] = {"Code": 80, "Name": "stopped"}
    answer = ask(world, source, target)
    assert answer["verdict"] == "blocked"
    assert answer["blockers"][0]["code"] == "BAD_STATE_ROUTE"
    assert APPLIANCE_HOST in answer["blockers"][0]["fix"]


def test_s042_an_edge_table_with_local_routes_changes_nothing():
    world = _edge()
    world.items[OWN_TABLE]["Routes"] = world.items[OWN_TABLE]["Routes"][:1]
    reachable(ask(world, "internet", f"{SERVER}:80"))


def _appliance(*, check: bool) -> Account:
    world = pair()
    world.group(APPLIANCE_SG, VPC, [everything()])
    world.interface(APPLIANCE, NET_A, "10.0.1.77", APPLIANCE_SG, instance=APPLIANCE_HOST, check=check)
    world.routes(MAIN, route(ANY4, APPLIANCE) | {"InstanceId": APPLIANCE_HOST, "InstanceOwnerId": "111122223333"})
    return world


def test_s043_a_forwarding_appliance_must_not_check_addresses():
    blocked(
        ask(_appliance(check=True), CLIENT, OUTSIDE),
        "ENI_SOURCE_DEST_CHECK_RESTRICTION",
        component=APPLIANCE,
        fix=APPLIANCE,
    )


def test_s043_without_the_check_the_appliance_decides():
    unknown(ask(_appliance(check=False), CLIENT, OUTSIDE), APPLIANCE)


def test_s043_a_route_to_an_interface_without_machine_is_a_blackhole():
    world = _appliance(check=False)
    world.items[MAIN]["Routes"][-1]["State"] = "blackhole"
    blocked(ask(world, CLIENT, OUTSIDE), "BAD_STATE_ROUTE", component=MAIN)


def test_s043_a_route_to_a_machine_that_is_stopped_leads_nowhere():
    world = _appliance(check=False)
    world.items[APPLIANCE_HOST]["Instances"][0]["State"] = {"Code": 80, "Name": "stopped"}
    blocked(ask(world, CLIENT, OUTSIDE), "BAD_STATE_ROUTE", component=MAIN, fix=APPLIANCE_HOST)


def test_s043_a_route_to_an_interface_that_is_attached_to_nothing_leads_nowhere():
    world = _appliance(check=False)
    world.items[APPLIANCE]["Status"] = "available"
    del world.items[APPLIANCE]["Attachment"]
    blocked(ask(world, CLIENT, OUTSIDE), "BAD_STATE_ROUTE", component=MAIN, fix=MAIN)


def test_s043_the_appliance_s_own_groups_must_let_the_traffic_in():
    world = _appliance(check=False)
    world.items[APPLIANCE_SG]["IpPermissions"] = [tcp(80, ANY4)]
    blocked(ask(world, CLIENT, OUTSIDE), "ENI_SG_RULES_MISMATCH", component=APPLIANCE_SG, fix=APPLIANCE_SG)
    unknown(ask(world, CLIENT, "8.8.8.8:80"), APPLIANCE)


@pytest.mark.parametrize("end", ["source", "target"])
def test_s043_nobody_answers_behind_an_interface_that_is_attached_to_nothing(end: str):
    world = pair()
    face = CLIENT if end == "source" else SERVER
    world.items[face]["Status"] = "available"
    del world.items[face]["Attachment"]
    blocked(ask(world, CLIENT, f"{SERVER}:80"), "BAD_STATE", component=face, fix=face)


@pytest.mark.parametrize("target", [SERVER, HOST, SERVER_IP])
def test_s043_nor_in_an_instance_that_is_stopped(target: str):
    world = pair()
    reachable(ask(world, CLIENT, f"{target}:80"))
    world.items[HOST]["Instances"][0]["State"] = {"Code": 80, "Name": "stopped"}
    blocked(ask(world, CLIENT, f"{target}:80"), "BAD_STATE", component=HOST, fix=HOST)


def test_s043_the_receiver_of_its_own_packets_needs_no_switch():
    world = pair([tcp(80, ANY4)])
    assert world.items[SERVER]["SourceDestCheck"] is True
    reachable(ask(world, CLIENT, f"{SERVER_IP}:80"))
