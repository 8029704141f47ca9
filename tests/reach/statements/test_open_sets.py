"""What is open and for whom, when rules tell clients apart. Statements 2, 13, 23 and 28."""

from __future__ import annotations

from tests.reach.statements.asking import ask, partial, reachable
from tests.reach.statements.aws_json import ANY4
from tests.reach.statements.aws_rules import entry, out, tcp, udp
from tests.reach.statements.scenes import ACL, SERVER, SERVER_SG, online

EVERYBODY = ["1024-65535"]


def test_s002_ports_that_all_clients_have_stand_by_themselves():
    world = online([tcp(443, ANY4), udp(443, ANY4), tcp(22, "203.0.113.0/24")])
    assert reachable(ask(world, "internet", SERVER))["open"] == [
        {"protocol": "tcp", "ports": ["443"], "client_ports": EVERYBODY},
        {"protocol": "tcp", "ports": ["22"], "client_ports": EVERYBODY, "clients": ["203.0.113.0/24"]},
        {"protocol": "udp", "ports": ["443"], "client_ports": EVERYBODY},
    ]


def test_s002_a_port_that_two_offices_share_is_not_told_twice():
    world = online([tcp(443, "203.0.113.0/24"), tcp(22, "203.0.113.0/25")])
    assert reachable(ask(world, "203.0.113.0/24", SERVER))["open"] == [
        {"protocol": "tcp", "ports": ["443"], "client_ports": EVERYBODY},
        {"protocol": "tcp", "ports": ["22"], "client_ports": EVERYBODY, "clients": ["203.0.113.0/25"]},
    ]


def test_s023_the_clients_that_an_entry_refuses_are_called_by_their_range():
    world = online([tcp(443, ANY4)])
    world.entries(
        ACL,
        entry(90, "deny", "6", "8.0.0.0/8", (443, 443)),
        entry(100, "allow", "-1", ANY4),
        out(100, "allow", "-1", ANY4),
    )
    answer = partial(ask(world, "internet", f"{SERVER}:443"), "SUBNET_ACL_RESTRICTION")
    (blocker,) = answer["blockers"]
    assert "from 8.0.0.0/8" in blocker["detail"]
    assert "from 8.0.0.0/8" in blocker["fix"]
    assert "8.0.0.0/8" not in answer["open"][0]["clients"]


def test_s013_clients_that_are_no_single_range_are_the_rest():
    answer = partial(ask(online([tcp(443, "203.0.113.0/25")]), "internet", f"{SERVER}:443"), "ENI_SG_RULES_MISMATCH")
    assert "from the rest of internet" in answer["blockers"][0]["detail"]
    assert answer["blockers"][0]["fix"] == f"Add to {SERVER_SG} an ingress rule that allows tcp 443 from 0.0.0.0/0."


def test_s013_half_a_range_is_named_in_the_cure():
    answer = partial(
        ask(online([tcp(443, "203.0.113.0/25")]), "203.0.113.0/24", f"{SERVER}:443"), "ENI_SG_RULES_MISMATCH"
    )
    assert "203.0.113.128/25" in answer["blockers"][0]["fix"]
    assert answer["open"][0]["clients"] == ["203.0.113.0/25"]
