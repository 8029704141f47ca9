"""Statements 122-124: what an answer owes when facts are missing, and what it took for granted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fargate_net.cli.main import cli
from tests.reach.statements.asking import ask, blocked, codes, reachable, unknown
from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_links import PCX, TGW, peering
from tests.reach.statements.aws_rules import everything, tcp
from tests.reach.statements.scenes import (
    CLIENT,
    CLIENT_SG,
    HOST,
    IGW,
    MACHINE,
    MAIN,
    NET_B,
    PUBLIC_TABLE,
    SERVER,
    SERVER_IP,
    SERVER_SG,
    VPC,
    online,
    pair,
)


def test_s122_a_peer_vpc_of_another_account_is_unknown():
    world = pair()
    peering(world, (VPC, "10.0.0.0/16"), ("vpc-0f0f0f0f0f0f0f0f0", "10.44.0.0/16"), far_owner="444455556666")
    world.routes(MAIN, route("10.44.0.0/16", PCX))
    unknown(ask(world, CLIENT, "10.44.1.1:443"), "vpc-0f0f0f0f0f0f0f0f0", PCX)


def test_s122_but_not_when_a_known_filter_blocks_for_certain():
    world = pair(egress=[tcp(80, ANY4)])
    peering(world, (VPC, "10.0.0.0/16"), ("vpc-0f0f0f0f0f0f0f0f0", "10.44.0.0/16"), far_owner="444455556666")
    world.routes(MAIN, route("10.44.0.0/16", PCX))
    blocked(ask(world, CLIENT, "10.44.1.1:443"), "ENI_SG_RULES_MISMATCH", component=CLIENT_SG)


@pytest.mark.parametrize("target", [TGW, PCX, "nat-0f0f0f0f0f0f0f0f0", "vpce-0f0f0f0f0f0f0f0f0"])
def test_s122_a_route_target_that_nobody_described_is_unknown(target: str):
    world = pair()
    world.routes(MAIN, route("10.44.0.0/16", target))
    answer = ask(world, CLIENT, "10.44.1.1:443")
    assert answer["verdict"] == "unknown"
    assert any(target in text for text in answer["missing"])


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("SecurityGroups", "ec2:DescribeSecurityGroups"),
        ("NetworkAcls", "ec2:DescribeNetworkAcls"),
        ("RouteTables", "ec2:DescribeRouteTables"),
    ],
)
def test_s123_what_depends_on_a_call_that_is_missing_is_unknown(key: str, call: str):
    world = pair()
    world.forget(key)
    unknown(ask(world, CLIENT, f"{SERVER}:80"), call)


@pytest.mark.parametrize(
    "key",
    ["NatGateways", "VpcEndpoints", "LoadBalancers", "VpcPeeringConnections", "Addresses", "DhcpOptions", "tasks"],
)
def test_s123_other_verdicts_stand(key: str):
    world = pair()
    world.forget(key)
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


@pytest.mark.parametrize("key", ["Subnets", "NetworkAcls"])
def test_s123_a_certain_blocker_stands_too(key: str):
    world = pair([tcp(443, ANY4)])
    world.forget(key)
    answer = ask(world, CLIENT, f"{SERVER}:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["ENI_SG_RULES_MISMATCH"]


def test_s123_inside_a_subnet_neither_table_nor_nacl_is_needed():
    world = pair(same=True)
    world.forget("RouteTables", "NetworkAcls")
    reachable(ask(world, CLIENT, f"{SERVER}:80"))


def test_s123_an_instance_is_known_by_its_interface_alone():
    world = pair()
    world.forget("Reservations")
    reachable(ask(world, MACHINE, f"{HOST}:80"))
    world.items[CLIENT]["Attachment"].pop("InstanceId")
    unknown(ask(world, MACHINE, f"{HOST}:80"), "ec2:DescribeInstances")


def test_s123_an_interface_that_nobody_described_is_unknown():
    world = pair()
    world.forget("NetworkInterfaces")
    unknown(ask(world, CLIENT, f"{SERVER}:80"), "ec2:DescribeNetworkInterfaces")


@pytest.mark.parametrize("end", [CLIENT, SERVER])
def test_s122_an_interface_of_which_nobody_told_the_groups_may_carry_any(end: str):
    world = pair(egress=[tcp(80, SERVER_SG)])
    del world.items[end]["Groups"]
    unknown(ask(world, CLIENT, f"{SERVER}:80"), f"the security groups of {end} are not in the snapshot")


@pytest.mark.parametrize(
    ("item", "key", "call"),
    [(PUBLIC_TABLE, "Associations", "ec2:DescribeRouteTables"), (IGW, "Attachments", "ec2:DescribeInternetGateways")],
)
def test_s122_a_list_that_aws_always_fills_is_not_known_when_it_is_not_there(item: str, key: str, call: str):
    world = online()
    del world.items[item][key]
    unknown(ask(world, "internet", f"{SERVER}:80"), call, key)


@pytest.mark.parametrize(("source", "target"), [(CLIENT, SERVER_IP), (SERVER_IP, CLIENT)])
def test_s122_an_interface_that_cannot_be_read_may_be_the_one_that_holds_an_address(source: str, target: str):
    world = pair([tcp(80, ANY4)])
    world.items[CLIENT_SG]["IpPermissions"] = [tcp(80, ANY4)]
    del world.items[SERVER]["SubnetId"]
    unknown(ask(world, source, f"{target}:80"), "ec2:DescribeNetworkInterfaces", "SubnetId")


@pytest.mark.parametrize("key", ["IpPermissions", "IpPermissionsEgress"])
def test_s122_a_permission_without_the_list_that_names_its_peers_may_let_anybody_in(key: str):
    world = pair([tcp(80, ANY4)])
    end = SERVER_SG if key == "IpPermissions" else CLIENT_SG
    (permission,) = world.items[end][key]
    del permission["IpRanges"]
    unknown(ask(world, CLIENT, f"{SERVER}:80"), end)
    permission.update(IpRanges=[], Ipv6Ranges=[], PrefixListIds=[], UserIdGroupPairs=[])
    assert ask(world, CLIENT, f"{SERVER}:80")["verdict"] == "blocked"


def test_s122_but_what_no_rule_names_stays_closed():
    world = pair()
    del world.items[CLIENT]["Groups"]
    blocked(ask(world, CLIENT, f"{SERVER}:81"), "ENI_SG_RULES_MISMATCH", component=SERVER_SG)


def test_s124_assumptions_are_listed_and_only_those_that_were_made():
    public = reachable(ask(online(), "internet", f"{SERVER}:80"))
    assert public["assumptions"] == ["VPC Block Public Access is off"]
    assert reachable(ask(pair(), CLIENT, f"{SERVER}:80"))["assumptions"] == []


def command(world: Account, folder: Path, *args: str) -> tuple[int, dict[str, object]]:
    """The real command line on a folder."""
    line = ["reach-check", "--snapshot", str(world.write(folder)), "--output", "json", *args]
    result = CliRunner().invoke(cli, line, standalone_mode=False)
    assert result.exception is None, result.output
    document = json.loads(result.stdout)
    assert document["version"] == 1
    (answer,) = document["answers"]
    return int(result.return_value or 0), answer


@pytest.mark.parametrize("ends", [(CLIENT, SERVER), (MACHINE, HOST), ("10.0.1.10", SERVER_IP)])
def test_s124_the_command_line_says_the_same_of_interfaces_instances_and_addresses(
    tmp_path: Path, ends: tuple[str, str]
):
    code, answer = command(pair(), tmp_path, "--from", ends[0], "--to", f"{ends[1]}:80")
    assert (code, answer["verdict"], answer["to"]) == (0, "reachable", f"{ends[1]}:80/tcp")
    assert answer["open"] == [{"protocol": "tcp", "ports": ["80"], "client_ports": ["1024-65535"]}]


def test_s124_the_command_line_exits_with_3_when_the_answer_is_no(tmp_path: Path):
    code, answer = command(pair(), tmp_path, "--from", CLIENT, "--to", f"{SERVER}:81")
    assert (code, answer["verdict"]) == (3, "blocked")


def test_s124_and_when_it_is_not_known(tmp_path: Path):
    world = pair()
    world.forget("SecurityGroups")
    code, answer = command(world, tmp_path, "--from", CLIENT, "--to", f"{SERVER}:80")
    assert (code, answer["verdict"]) == (3, "unknown")
    assert answer["missing"]


def test_s124_without_a_port_the_answer_is_the_whole_open_set():
    world = pair([tcp((80, 90), ANY4), everything("10.0.99.0/24")])
    answer = reachable(ask(world, CLIENT, SERVER))
    assert answer["open"] == [{"protocol": "tcp", "ports": ["80-90"], "client_ports": ["1024-65535"]}]
    assert NET_B in json.dumps(world.lists)
    assert SERVER_SG in json.dumps(answer["paths"])
