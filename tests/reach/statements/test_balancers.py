"""Statements 88, 93 and 100-115: Application and Network Load Balancers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fargate_net import app
from tests.reach.statements.asking import ask, blocked, codes, health, hops, kinds, met, reachable, rule_at, unknown
from tests.reach.statements.aws_balancers import balancer, listener, node_ids, target_group
from tests.reach.statements.aws_ecs import container, service
from tests.reach.statements.aws_json import ANY4, Account, Raw, route
from tests.reach.statements.aws_rules import entry, everything, out, permission, tcp, udp
from tests.reach.statements.scenes import IGW, MAIN, NET_A, NET_B, PUBLIC_TABLE, VPC, gateway

ZONE_A, ZONE_B = "eu-west-1a", "eu-west-1b"
PRIVATE_A, PRIVATE_B = "subnet-0c1c1c1c1c1c1c1ca", "subnet-0c1c1c1c1c1c1c1cb"
LB_SG, TASK_SG, CLIENT_SG = "sg-01b1b1b1b1b1b1b1b", "sg-0ecececececececec", "sg-0c1c1c1c1c1c1c1c1"
CLIENT, TASK_ACL, LB_ACL = "eni-0c1c1c1c1c1c1c1c1", "acl-0ececececececece0", "acl-01b1b1b1b1b1b1b1b"
TASKS = (
    {"eni": "eni-0ec0ec0ec0ec0ec00", "subnet": PRIVATE_A, "ip": "10.0.11.100"},
    {"eni": "eni-0ec0ec0ec0ec0ec01", "subnet": PRIVATE_B, "ip": "10.0.12.100"},
)
BOTH = {"load_balancing.cross_zone.enabled": "true"}
NODES = ((NET_A, "10.0.1.5", "198.51.100.5"), (NET_B, "10.0.2.5", "198.51.100.6"))
INSIDE = ((PRIVATE_A, "10.0.11.5", ""), (PRIVATE_B, "10.0.12.5", ""))


def front(
    kind: str = "application",
    *,
    nodes: tuple[tuple[str, str, str], ...] = NODES,
    tasks: tuple[dict[str, str], ...] = TASKS,
    lb_in: list[Raw] | None = None,
    lb_out: list[Raw] | None = None,
    task_in: list[Raw] | None = None,
    groups: tuple[str, ...] = (LB_SG,),
    protocol: str = "",
    port: int = 80,
    listen: int = 80,
    registered: list[tuple[str, int, str, str]] | None = None,
    lb: dict[str, str] | None = None,
    tg: dict[str, str] | None = None,
    **more: Any,
) -> Account:
    """``web`` (two tasks in private subnets) behind the balancer ``front`` in public ones; a client in A."""
    world = Account()
    world.vpc(VPC, "10.0.0.0/16")
    for subnet, cidr, zone in (
        (NET_A, "10.0.1.0/24", "a"),
        (NET_B, "10.0.2.0/24", "b"),
        (PRIVATE_A, "10.0.11.0/24", "a"),
        (PRIVATE_B, "10.0.12.0/24", "b"),
    ):
        world.subnet(subnet, VPC, cidr, zone)
    gateway(world)
    world.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_A, NET_B])
    world.group(LB_SG, VPC, [tcp(80, ANY4)] if lb_in is None else lb_in, lb_out)
    world.group(TASK_SG, VPC, [tcp(port, LB_SG)] if task_in is None else task_in)
    world.group(CLIENT_SG, VPC)
    world.interface(CLIENT, NET_A, "10.0.1.200", CLIENT_SG)
    lb_protocol = protocol or ("HTTP" if kind == "application" else "TCP")
    own = balancer(world, "front", nodes, *groups, kind=kind, attributes=lb, **more)
    targets = registered
    if targets is None:
        zones = {PRIVATE_A: ZONE_A, PRIVATE_B: ZONE_B, NET_A: ZONE_A, NET_B: ZONE_B}
        targets = [(task["ip"], port, zones[task["subnet"]], "healthy") for task in tasks]
    group = target_group(world, "web", VPC, port, targets, protocol=lb_protocol, attributes=tg, balancers=[own])
    listener(world, own, listen, lb_protocol, group)
    service(world, "web", tasks, container("nginx", port), group=TASK_SG, targets=[(group, "nginx", port)])
    return world


def health_of(world: Account) -> Raw:
    """The response with the registered targets."""
    return next(other for other in world.others if "TargetHealthDescriptions" in other)


def test_s088_targets_are_addresses_on_the_container_port():
    reachable(ask(front(port=8080), "internet", "web:8080", via="alb"))


def test_s088_a_target_on_another_port_is_no_way_to_the_container():
    world = front(registered=[("10.0.11.100", 81, ZONE_A, "healthy"), ("10.0.12.100", 81, ZONE_B, "healthy")])
    answer = ask(world, "internet", "web:80", via="alb")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["TARGET_NOT_REGISTERED"]


def _udp(**more: Any) -> Account:
    return front("network", protocol="UDP", port=53, listen=53, groups=(), **more)


def test_s093_udp_reaches_tasks_through_a_network_balancer():
    reachable(ask(_udp(task_in=[udp(53, ANY4)]), "internet", "web:53/udp", via="nlb"))
    answer = ask(_udp(task_in=[tcp(53, ANY4)]), "internet", "web:53/udp", via="nlb")
    assert answer["verdict"] == "blocked"
    assert set(codes(answer)) == {"ENI_SG_RULES_MISMATCH"}


def test_s100_the_balancer_opens_a_connection_of_its_own():
    answer = reachable(ask(front(), "internet", "web:80"))
    held = [component for component, kind in hops(answer) if kind == "security_group"]
    assert held == [LB_SG, LB_SG, TASK_SG]
    assert rule_at(answer, TASK_SG) == f"ingress tcp 80 from {LB_SG}"
    assert "load_balancer" in [kind for _, kind in hops(answer)]


@pytest.mark.parametrize(
    ("broken", "expected", "component"),
    [
        ({"lb_in": [tcp(443, ANY4)]}, ["ENI_SG_RULES_MISMATCH"], LB_SG),
        ({"lb_out": [tcp(443, ANY4)]}, ["ENI_SG_RULES_MISMATCH"], LB_SG),
        ({"task_in": [tcp(443, LB_SG)]}, ["ENI_SG_RULES_MISMATCH"], TASK_SG),
        ({"task_in": [tcp(80, "203.0.113.0/24")]}, ["ENI_SG_RULES_MISMATCH"], TASK_SG),
    ],
)
def test_s100_each_filter_on_the_way_can_close_it(broken: dict[str, Any], expected: list[str], component: str):
    blocked(ask(front(**broken), "internet", "lb/front:80"), *expected, component=component, fix=component)


def test_s100_the_clients_address_never_reaches_the_task():
    world = front(task_in=[tcp(80, "203.0.113.9/32")])
    assert ask(world, "203.0.113.9", "web:80", via="alb")["verdict"] == "blocked"
    reachable(ask(front(task_in=[tcp(80, "10.0.1.0/24"), tcp(80, "10.0.2.0/24")]), "203.0.113.9", "web:80"))


def test_s101_an_internet_facing_balancer_needs_public_subnets():
    world = front()
    world.items[PUBLIC_TABLE]["Routes"].pop()
    answer = ask(world, "internet", "lb/front:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["<NO_ROUTE_TO_DESTINATION"]
    assert answer["blockers"][0]["component"] == PUBLIC_TABLE
    assert IGW in answer["blockers"][0]["fix"]


def test_s101_in_one_public_and_one_private_subnet_it_works_in_part():
    world = front()
    world.items[PUBLIC_TABLE]["Associations"].pop()
    answer = ask(world, "internet", "lb/front:80")
    assert answer["verdict"] == "partial"
    assert codes(answer) == ["<NO_ROUTE_TO_DESTINATION"]
    assert answer["blockers"][0]["component"] == MAIN
    assert {zone for entry in answer["open"] for zone in entry["zones"]} == {ZONE_A}


def test_s102_targets_need_no_public_address():
    world = front()
    assert all("Association" not in world.items[task["eni"]] for task in TASKS)
    reachable(ask(world, "internet", "web:80", via="alb"))


def test_s102_without_the_balancer_they_are_not_reached():
    answer = ask(front(task_in=[tcp(80, ANY4)]), "internet", "web:80", via="direct")
    assert answer["verdict"] == "blocked"
    assert "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" in codes(answer)


def test_s103_the_port_of_the_health_check_must_be_open():
    world = front()
    assert health(world, "web")["verdict"] == "reachable"

    group = next(item for item in world.lists["TargetGroups"])
    group["HealthCheckPort"] = "8081"
    answer = health(world, "web")
    assert answer["verdict"] == "blocked"
    assert set(codes(answer)) == {"HEALTH_CHECK_BLOCKED"}
    assert all(b["component"] == TASK_SG and "8081" in b["fix"] for b in answer["blockers"])
    world.items[TASK_SG]["IpPermissions"].append(tcp(8081, LB_SG))
    assert health(world, "web")["verdict"] == "reachable"


ALL_IN, ALL_OUT = entry(100, "allow", "-1", ANY4), out(100, "allow", "-1", ANY4)


TARGET_RULES = (
    entry(100, "allow", "6", "10.0.0.0/16", (80, 80)),
    out(100, "allow", "6", "10.0.0.0/16", (1024, 65535)),
)
NOT_TO_TARGETS = (out(90, "deny", "6", "10.0.8.0/21"), ALL_IN, ALL_OUT)
NOT_FROM_TARGETS = (entry(90, "deny", "6", "10.0.8.0/21"), ALL_IN, ALL_OUT)


@pytest.mark.parametrize(
    ("where", "entries", "verdict", "expected"),
    [
        ("task", TARGET_RULES, "reachable", []),
        ("task", [ALL_OUT], "blocked", ["SUBNET_ACL_RESTRICTION"]),
        ("task", [ALL_IN], "blocked", ["<NACL_REPLY_RESTRICTION"]),
        ("task", [ALL_IN, out(100, "allow", "6", ANY4, (32768, 61000))], "partial", ["<NACL_REPLY_RESTRICTION"]),
        ("balancer", NOT_TO_TARGETS, "blocked", ["SUBNET_ACL_RESTRICTION"]),
        ("balancer", NOT_FROM_TARGETS, "blocked", ["<NACL_REPLY_RESTRICTION"]),
    ],
)
def test_s104_nacls_between_balancer_and_target(where: str, entries: list[Raw], verdict: str, expected: list[str]):
    world = front()
    acl = TASK_ACL if where == "task" else LB_ACL
    world.acl(acl, VPC, entries, [PRIVATE_A, PRIVATE_B] if where == "task" else [NET_A, NET_B])
    answer = ask(world, "internet", "web:80", via="alb")
    assert answer["verdict"] == verdict
    assert codes(answer) == expected
    assert all(b["component"] == acl for b in answer["blockers"])


def test_s032_targets_in_the_nodes_own_subnet_meet_no_nacl():
    tasks = (
        TASKS[0] | {"subnet": NET_A, "ip": "10.0.1.100"},
        TASKS[1] | {"subnet": NET_B, "ip": "10.0.2.100"},
    )
    world = front(tasks=tasks, tg={"load_balancing.cross_zone.enabled": "false"})
    answer = reachable(ask(world, "internet", "web:80", via="alb"))
    first = [kind for _, kind in hops(answer)].index("load_balancer")
    assert "network_acl" not in [kind for _, kind in hops(answer)][first:]


def test_s032_targets_in_other_subnets_meet_two():
    answer = reachable(ask(front(), "internet", "web:80", via="alb"))
    first = [kind for _, kind in hops(answer)].index("load_balancer")
    assert [kind for _, kind in hops(answer)][first:].count("network_acl") == 2


def test_s105_unhealthy_targets_are_used_all_the_same():
    world = front()
    for entry_ in health_of(world)["TargetHealthDescriptions"]:
        entry_["TargetHealth"] = {"State": "unhealthy", "Reason": "Target.Timeout"}
    answer = reachable(ask(world, "internet", "web:80", via="alb"))
    assert any("unhealthy" in text for text in answer["assumptions"])


def test_s105_healthy_ones_need_no_word_and_draining_ones_get_nothing():
    world = front()
    assert not any("healthy" in text for text in reachable(ask(world, "internet", "lb/front:80"))["assumptions"])
    for entry_ in health_of(world)["TargetHealthDescriptions"]:
        entry_["TargetHealth"] = {"State": "draining"}
    answer = ask(world, "internet", "lb/front:80")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["ELBV2_LISTENER_HAS_NO_TG"]


ONLY_A = {"tasks": TASKS[:1]}


def test_s106_an_application_balancer_crosses_zones_by_itself():
    reachable(ask(front(**ONLY_A), "internet", "lb/front:80"))


def _only_a(answer: Raw) -> None:
    assert answer["verdict"] == "partial"
    assert codes(answer) == ["ELB_NOT_CROSSZONE"]
    assert {zone for entry_ in answer["open"] for zone in entry_["zones"]} == {ZONE_A}
    assert ZONE_B in answer["blockers"][0]["fix"]


def test_s106_unless_the_target_group_says_no():
    world = front(**ONLY_A, tg={"load_balancing.cross_zone.enabled": "false"})
    _only_a(ask(world, "internet", "lb/front:80"))
    reachable(ask(world, "internet", "web:80", via="alb"))


@pytest.mark.parametrize("on", ["true", "false", None])
def test_s106_a_network_balancer_only_when_told(on: str | None):
    lb = {} if on is None else {"load_balancing.cross_zone.enabled": on}
    world = front("network", **ONLY_A, lb=lb, groups=(), task_in=[tcp(80, "10.0.0.0/16")])
    answer = ask(world, "internet", "lb/front:80")
    if on == "true":
        reachable(answer)
    else:
        _only_a(answer)


@pytest.mark.parametrize("owner", ["LoadBalancerArn", "TargetGroupArn"])
def test_s106_whether_a_network_balancer_crosses_zones_is_not_guessed(owner: str):
    world = front("network", **ONLY_A, lb=BOTH, groups=(), task_in=[tcp(80, "10.0.0.0/16")])
    unknown(ask(unread(world, owner), "internet", "lb/front:80"), "Attributes: the attributes of")
    both = front("network", lb=BOTH, groups=(), task_in=[tcp(80, ANY4)])
    reachable(ask(unread(both, owner), "internet", "lb/front:80"))


def test_s106_that_an_application_balancer_does_is_an_assumption():
    answer = reachable(ask(unread(front(**ONLY_A), "TargetGroupArn"), "internet", "lb/front:80"))
    assert "the attributes of front and its target groups are the defaults" in answer["assumptions"]


def test_s107_a_target_in_a_zone_that_is_not_enabled_gets_nothing():
    world = front(nodes=NODES[:1], tasks=TASKS[1:])
    answer = ask(world, "internet", "web:80", via="alb")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["ELB_INSTALLED_AZ_RESTRICTION"]
    assert ZONE_B in answer["blockers"][0]["fix"]
    reachable(ask(front(nodes=NODES[:1], tasks=TASKS[:1]), "internet", "web:80", via="alb"))


def test_s108_a_listener_must_take_the_port():
    reachable(ask(front(), "internet", "lb/front:80"))
    answer = blocked(ask(front(), "internet", "lb/front:443"), "ELBV2_LISTENER_PORT_RESTRICTION")
    assert "80" in answer["blockers"][0]["detail"]
    blocked(ask(front(), "internet", "lb/front:80/udp"), "ELBV2_LISTENER_PORT_RESTRICTION")


def test_s108_without_a_port_all_listeners_are_one_set():
    world = front(lb_in=[tcp(80, ANY4), tcp(8080, ANY4)])
    own = world.items["front"]["LoadBalancerArn"]
    listener(world, own, 8080, "HTTP", world.lists["TargetGroups"][0]["TargetGroupArn"])
    answer = reachable(ask(world, "internet", "lb/front"))
    assert [row["ports"] for row in answer["open"]] == [["80", "8080"]]


def test_s108_a_listener_needs_targets():
    world = front(registered=[])
    answer = blocked(ask(world, "internet", "lb/front:80"), "ELBV2_LISTENER_HAS_NO_TG")
    assert "web" in answer["blockers"][0]["fix"]


def test_s108_listeners_that_nobody_described_are_unknown():
    world = front()
    world.forget("Listeners")
    unknown(ask(world, "internet", "lb/front:80"), "elasticloadbalancing:DescribeListeners")
    world = front()
    world.forget("TargetHealthDescriptions")
    unknown(ask(world, "internet", "lb/front:80"), "elasticloadbalancing:DescribeTargetHealth")


def test_s108_a_redirect_answers_by_itself():
    world = front()
    own = world.items["front"]["LoadBalancerArn"]
    action = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    listener(world, own, 81, "HTTP", actions=[action])
    world.items[LB_SG]["IpPermissions"].append(tcp(81, ANY4))
    answer = reachable(ask(world, "internet", "lb/front:81"))
    assert any("redirect" in text for text in answer["assumptions"])


EDGE_SG = "sg-0edededededededed"


def stacked(*, edge_in: list[Raw] | None = None, port: int = 80, **more: Any) -> Account:
    """The Network Load Balancer ``edge`` in front of the internal Application Load Balancer ``front``."""
    world = front(nodes=INSIDE, internal=True, **more)
    world.group(EDGE_SG, VPC, [tcp(80, ANY4)] if edge_in is None else edge_in)
    own = balancer(world, "edge", NODES, EDGE_SG, kind="network", attributes=BOTH)
    alb = world.items["front"]["LoadBalancerArn"]
    group = target_group(world, "to-front", VPC, port, [(alb, port, "all", "healthy")], protocol="TCP", kind="alb")
    listener(world, own, 80, "TCP", group)
    return world


@pytest.mark.parametrize(("target", "via"), [("lb/edge:80", None), ("web:80", None), ("web:80", "lb/edge")])
def test_s110_a_network_balancer_in_front_of_an_application_balancer(target: str, via: str | None):
    answer = reachable(ask(stacked(), "internet", target, via))
    assert [kind for kind in kinds(answer) if kind == "load_balancer"] == ["load_balancer"] * 2
    assert ask(stacked(), "internet", "web:80", "lb/front")["verdict"] == "blocked"


@pytest.mark.parametrize(
    ("more", "verdict", "component"),
    [
        ({"edge_in": []}, "blocked", EDGE_SG),
        ({"lb_in": [tcp(80, EDGE_SG)]}, "reachable", ""),
        ({"lb_in": [tcp(80, "203.0.113.0/24")]}, "reachable", ""),
        ({"lb_in": [tcp(80, "10.0.0.0/16")]}, "blocked", LB_SG),
        ({"lb_out": []}, "blocked", LB_SG),
        ({"task_in": [tcp(80, EDGE_SG)]}, "blocked", TASK_SG),
        ({"task_in": [tcp(80, "203.0.113.0/24")]}, "blocked", TASK_SG),
    ],
)
def test_s110_the_application_balancer_sees_the_client_and_the_task_its_nodes(
    more: dict[str, Any], verdict: str, component: str
):
    answer = ask(stacked(**more), "203.0.113.9", "lb/edge:80")
    assert answer["verdict"] == verdict
    assert [blocker["component"] for blocker in answer["blockers"]] == [component][: verdict == "blocked"]


def test_s108_the_balancer_behind_must_listen_and_be_known():
    blocked(ask(stacked(port=81), "internet", "lb/edge:80"), "ELBV2_LISTENER_PORT_RESTRICTION", fix="front")
    world = stacked()
    world.remove("LoadBalancers", "front")
    unknown(ask(world, "internet", "lb/edge:80"), "loadbalancer/app/front")


def test_s108_a_balancer_that_failed_carries_nothing():
    world = front()
    world.items["front"]["State"] = {"Code": "failed", "Reason": "…"}
    for target in ("lb/front:80", "web:80"):
        blocked(ask(world, "internet", target, via="alb"), "BAD_STATE", fix="Replace front")


def test_s109_an_internal_balancer_is_not_reached_from_the_internet():
    answer = ask(front(nodes=INSIDE, internal=True), "internet", "lb/front:80")
    assert answer["verdict"] == "blocked"
    assert "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" in codes(answer)
    assert any("internal" in b["detail"] for b in answer["blockers"])


def test_s109_but_from_inside():
    reachable(ask(front(nodes=INSIDE, internal=True), CLIENT, "lb/front:80"))


def nlb(*, peers: tuple[str, ...], keep: str | None = None, groups: tuple[str, ...] = (), **more: Any) -> Account:
    """A cross-zone Network Load Balancer whose tasks take TCP 80 from ``peers``."""
    tg = {} if keep is None else {"preserve_client_ip.enabled": keep}
    return front("network", task_in=[tcp(80, *peers)], groups=groups, lb=BOTH, tg=tg, **more)


CLIENTS, NODE_RANGES = ("203.0.113.9/32",), ("10.0.1.0/24", "10.0.2.0/24")


@pytest.mark.parametrize(
    ("keep", "peers", "verdict"),
    [
        (None, NODE_RANGES, "reachable"),
        (None, CLIENTS, "blocked"),
        ("true", CLIENTS, "reachable"),
        ("true", NODE_RANGES, "blocked"),
        ("false", NODE_RANGES, "reachable"),
        ("false", CLIENTS, "blocked"),
    ],
)
def test_s110_address_targets_see_the_client_only_when_told(keep: str | None, peers: tuple[str, ...], verdict: str):
    answer = ask(nlb(peers=peers, keep=keep), "203.0.113.9", "lb/front:80")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert codes(answer) == ["ENI_SG_RULES_MISMATCH"]
        assert answer["blockers"][0]["component"] == TASK_SG


@pytest.mark.parametrize("keep", [None, "false"])
@pytest.mark.parametrize(("peers", "verdict"), [(CLIENTS, "reachable"), (NODE_RANGES, "blocked")])
def test_s110_udp_always_keeps_the_client(keep: str | None, peers: tuple[str, ...], verdict: str):
    tg = {} if keep is None else {"preserve_client_ip.enabled": keep}
    world = _udp(task_in=[udp(53, *peers)], lb=BOTH, tg=tg)
    assert ask(world, "203.0.113.9", "lb/front:53/udp")["verdict"] == verdict


def test_s110_instance_targets_see_the_client_by_default():
    world = nlb(peers=CLIENTS)
    world.interface("eni-0a0a0a0a0a0a0a0a0", PRIVATE_A, "10.0.11.9", TASK_SG, instance="i-0a0a0a0a0a0a0a0a0")
    group = next(item for item in world.lists["TargetGroups"])
    group["TargetType"] = "instance"
    held = [{"Target": {"Id": "i-0a0a0a0a0a0a0a0a0", "Port": 80}, "TargetHealth": {"State": "healthy"}}]
    health_of(world)["TargetHealthDescriptions"] = held
    reachable(ask(world, "203.0.113.9", "lb/front:80"))
    assert ask(world, "203.0.113.10", "lb/front:80")["verdict"] == "blocked"


def unread(world: Account, owner: str) -> Account:
    """Nobody asked for the attributes of balancers (``LoadBalancerArn``) or target groups (``TargetGroupArn``)."""
    world.others = [other for other in world.others if not (owner in other and "Attributes" in other)]
    return world


@pytest.mark.parametrize("keep", ["true", "false"])
@pytest.mark.parametrize("peers", [CLIENTS, NODE_RANGES])
def test_s110_whether_the_client_is_kept_is_not_guessed(keep: str, peers: tuple[str, ...]):
    world = unread(nlb(peers=peers, keep=keep), "TargetGroupArn")
    call = "elasticloadbalancing:DescribeTargetGroupAttributes"
    unknown(ask(world, "203.0.113.9", "lb/front:80"), call)
    unknown(ask(world, "203.0.113.9", "web:80", via="nlb"), call)


@pytest.mark.parametrize(("peers", "verdict"), [((ANY4,), "reachable"), (("10.9.0.0/16",), "blocked")])
def test_s110_where_it_does_not_matter_the_verdict_stands(peers: tuple[str, ...], verdict: str):
    world = unread(nlb(peers=peers), "TargetGroupArn")
    assert ask(world, "203.0.113.9", "lb/front:80")["verdict"] == verdict


def test_s111_kept_addresses_must_pass_nacls_too():
    world = nlb(peers=(ANY4,), keep="true")
    world.acl(TASK_ACL, VPC, [entry(100, "allow", "6", "10.0.0.0/16"), ALL_OUT], [PRIVATE_A, PRIVATE_B])
    blocked(ask(world, "203.0.113.9", "lb/front:80"), "SUBNET_ACL_RESTRICTION", component=TASK_ACL, fix="203.0.113.9")
    world.entries(TASK_ACL, entry(100, "allow", "6", "203.0.113.0/24"), ALL_OUT)
    reachable(ask(world, "203.0.113.9", "lb/front:80"))


@pytest.mark.parametrize(("peers", "verdict"), [(CLIENTS, "blocked"), ((*CLIENTS, *NODE_RANGES), "reachable")])
def test_s111_health_checks_come_from_the_nodes_whatever_is_kept(peers: tuple[str, ...], verdict: str):
    answer = health(nlb(peers=peers, keep="true"), "web")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert set(codes(answer)) == {"HEALTH_CHECK_BLOCKED"}


@pytest.mark.parametrize(("keep", "verdict"), [("true", "blocked"), ("false", "reachable")])
def test_s112_a_task_does_not_reach_itself_when_its_address_is_kept(keep: str, verdict: str):
    world = nlb(peers=(ANY4,), keep=keep, nodes=INSIDE, tasks=TASKS[:1], internal=True)
    answer = ask(world, TASKS[0]["eni"], "lb/front:80")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert codes(answer) == ["NLB_LOOPBACK"]
        assert "preserve_client_ip" in answer["blockers"][0]["fix"]


@pytest.mark.parametrize(("keep", "expected"), [("true", "ELBV2_SOURCE_ADDRESS_PRESERVATION"), ("false", "")])
def test_s113_kept_addresses_need_targets_in_the_balancers_vpc(keep: str, expected: str):
    far, pcx = "vpc-0b2b2b2b2b2b2b2b2", "pcx-0b2b2b2b2b2b2b2b2"
    world = nlb(peers=(ANY4,), keep=keep, registered=[("10.9.1.9", 80, "all", "healthy")])
    world.vpc(far, "10.9.0.0/16")
    world.subnet("subnet-0b2b2b2b2b2b2b2b2", far, "10.9.1.0/24")
    world.group("sg-0b2b2b2b2b2b2b2b2", far, [everything()])
    world.interface("eni-0b2b2b2b2b2b2b2b2", "subnet-0b2b2b2b2b2b2b2b2", "10.9.1.9", "sg-0b2b2b2b2b2b2b2b2")
    sides = {"RequesterVpcInfo": {"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "Region": "eu-west-1"}}
    sides["AccepterVpcInfo"] = {"VpcId": far, "CidrBlock": "10.9.0.0/16", "Region": "eu-west-1"}
    world.add("VpcPeeringConnections", pcx, {"VpcPeeringConnectionId": pcx, "Status": {"Code": "active"}} | sides)
    world.routes(PUBLIC_TABLE, route("10.9.0.0/16", pcx))
    world.routes("rtb-main-0b2b2b2b2b2b2b2b2", route("10.0.0.0/16", pcx))
    answer = ask(world, "203.0.113.9", "lb/front:80")
    if expected:
        blocked(answer, expected)
    else:
        reachable(answer)
    assert ask(world, "203.0.113.9", "eni-0b2b2b2b2b2b2b2b2:80", via="nlb")["verdict"] == answer["verdict"]


def test_s114_without_groups_everything_passes_a_network_balancer():
    answer = reachable(ask(nlb(peers=NODE_RANGES), "internet", "lb/front:80"))
    assert not met(answer, LB_SG)


def test_s114_with_groups_they_count():
    assert met(reachable(ask(nlb(peers=NODE_RANGES, groups=(LB_SG,)), "internet", "lb/front:80")), LB_SG)
    closed = nlb(peers=NODE_RANGES, groups=(LB_SG,), lb_in=[tcp(443, ANY4)])
    blocked(ask(closed, "internet", "lb/front:80"), "ENI_SG_RULES_MISMATCH", component=LB_SG)


@pytest.mark.parametrize("keep", ["true", "false"])
def test_s114_a_task_may_refer_to_the_group_of_the_balancer_even_when_addresses_are_kept(keep: str):
    reachable(ask(nlb(peers=(LB_SG,), keep=keep, groups=(LB_SG,)), "203.0.113.9", "lb/front:80"))


def test_s114_health_checks_obey_the_outbound_rules_only():
    closed = nlb(peers=(LB_SG,), groups=(LB_SG,), lb_in=[])
    assert health(closed, "web")["verdict"] == "reachable"
    mute = nlb(peers=(LB_SG,), groups=(LB_SG,), lb_out=[permission("tcp", (443, 443), ANY4)])
    assert health(mute, "web")["verdict"] == "blocked"


@pytest.mark.parametrize(
    ("more", "source", "verdict", "met"),
    [
        ({}, "internet", "reachable", True),
        ({"lb_in": [tcp(80, "203.0.113.0/24")]}, "internet", "partial", True),
        ({"lb_in": []}, "internet", "blocked", False),
        ({"nodes": INSIDE, "internal": True}, "lb/front", "reachable", True),
        ({"nodes": INSIDE, "internal": True, "task_in": []}, "lb/front", "blocked", False),
    ],
)
def test_s100_the_way_through_its_balancers_is_asked_for_every_service(
    more: dict[str, Any], source: str, verdict: str, met: bool, tmp_path: Path
):
    wire = app.Wire(snapshot=front(**more).write(tmp_path))
    (answer,) = app.reach_check((), wire, cluster="shop", service="web").groups["load balancers of web"]
    assert (answer.question.source, answer.verdict, answer.met) == (source, verdict, met)


@pytest.mark.parametrize("key", ["LoadBalancers", "TargetGroups", "Listeners", "Rules"])
def test_s123_without_the_balancers_neither_their_ways_nor_their_checks_are_closed(key: str, tmp_path: Path):
    world = front()
    world.forget(key)
    groups = app.reach_check((), app.Wire(snapshot=world.write(tmp_path)), cluster="shop", service="web").groups
    (way,) = groups["load balancers of web"]
    assert (way.verdict, bool(way.missing)) == ("unknown", True)
    assert all(check.verdict != "blocked" for check in groups.get("health checks of web", ()))


def test_s115_balancers_use_any_port_from_1024():
    world = front()
    world.acl(TASK_ACL, VPC, [ALL_IN, out(100, "allow", "6", ANY4, (2000, 65535))], [PRIVATE_A, PRIVATE_B])
    answer = ask(world, "internet", "web:80", via="alb")
    assert answer["verdict"] == "partial"
    assert "1024-1999" in answer["blockers"][0]["detail"]
    world.entries(TASK_ACL, ALL_IN, out(100, "allow", "6", ANY4, (1024, 65535)))
    reachable(ask(world, "internet", "web:80", via="alb"))


def test_s100_nodes_that_no_interface_shows_are_assumed():
    answer = reachable(ask(front(known=False), "internet", "lb/front:80"))
    assert any("front" in text and NET_A in text for text in answer["assumptions"])
    known = reachable(ask(front(), "internet", "lb/front:80"))
    assert any(node in [c for c, _ in hops(known)] for node in node_ids("front", 2))
