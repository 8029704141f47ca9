"""Load balancers: both connections, zones, client addresses, groups and health."""

from __future__ import annotations

import pytest

from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.reach.health import health
from tests.reach.core.flows import BLOCKED, PARTIAL, REACHABLE, UNKNOWN
from tests.reach.core.questions import answer, codes, shop
from tests.reach.world import ALL, OPEN, World, allow

FRONT = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/front/0123"
WEB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123"


def test_the_path_through_a_balancer_shows_both_connections():
    held = answer(shop(), "internet", "web:80")
    assert held.verdict == REACHABLE
    kinds = [h.kind for h in held.paths[0].forward]
    assert kinds == [
        "internet_gateway",
        "network_acl",
        "security_group",
        "network_interface",
        "load_balancer",
        "target_group",
        "security_group",
        "network_acl",
        "route_table",
        "network_acl",
        "security_group",
        "network_interface",
    ]
    assert held.paths[0].forward[4].rule == "HTTP 80"
    assert [h.kind for h in held.paths[0].back][:4] == ["network_acl", "route_table", "network_acl", "load_balancer"]


@pytest.mark.parametrize(
    ("via", "verdict"),
    [(None, REACHABLE), ("alb", REACHABLE), ("front", REACHABLE), ("direct", BLOCKED), ("nlb", BLOCKED)],
)
def test_via_chooses_the_way(via, verdict):
    assert answer(shop(), "internet", "web:80", via).verdict == verdict


def test_a_port_that_no_listener_forwards_to_is_judged_directly():
    held = answer(shop(), "internet", "web:9000")
    assert held.verdict == BLOCKED
    assert "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" in codes(held)
    assert codes(answer(shop(), "internet", "web:9000", "alb")) == ["TARGET_NOT_REGISTERED"]


def without_group_rule(world: World) -> None:
    world.sg("sg-alb", ingress=[allow("tcp 443", ALL)])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without_group_rule, ["ENI_SG_RULES_MISMATCH"]),
        (lambda w: w.sg("sg-alb", ingress=[allow("tcp 80", ALL)], egress=()), ["SG_HAS_NO_RULES"]),
        (lambda w: w.sg("sg-web", ingress=[allow("tcp 80", "203.0.113.0/24")]), ["ENI_SG_RULES_MISMATCH"]),
        (
            lambda w: w.change(RouteTable, "rtb-public", routes=frozenset()),
            ["<NO_ROUTE_TO_DESTINATION"],
        ),
        (lambda w: w.change(LoadBalancer, FRONT, scheme="internal"), None),
    ],
)
def test_what_closes_a_balancer(change, expected):
    world = shop()
    change(world)
    held = answer(world, "internet", "web:80", "alb")
    if expected is None:
        world = shop()
        world.change(LoadBalancer, FRONT, scheme="internal")
        for number in (0, 1):
            eni = world.found["network_interface", f"eni-front-{number}"]
            world.change(type(eni.props), eni.id, public_ips=())
        held = answer(world, "internet", "web:80", "alb")
        assert codes(held) == ["IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"]
        assert held.blockers[0].component == FRONT
        assert "internal" in held.blockers[0].detail
        return
    assert held.verdict == BLOCKED
    assert codes(held) == expected


def test_a_target_rule_for_part_of_the_clients_of_the_balancer_is_partial():
    world = shop()
    world.sg("sg-alb", ingress=[allow("tcp 80", "203.0.113.0/24")])
    held = answer(world, "internet", "web:80")
    assert held.verdict == PARTIAL
    assert held.open[0].clients == ("203.0.113.0/24",)
    assert answer(world, "203.0.113.77", "web:80").verdict == REACHABLE


def test_a_task_that_is_not_registered_makes_it_partial():
    world = shop()
    group = world.found["target_group", WEB].props
    world.change(TargetGroup, WEB, targets=group.targets[:1])
    held = answer(world, "internet", "web:80")
    assert held.verdict == PARTIAL
    assert held.open[0].tasks == ("web-task-0",)
    assert codes(held) == ["TARGET_NOT_REGISTERED"]


def test_planned_tasks_count_as_registered():
    world = shop()
    world.change(TargetGroup, WEB, targets=())
    assert answer(world, "internet", "web:80", "alb").verdict == BLOCKED
    for (kind, key), found in list(world.found.items()):
        if kind == "service":
            world.put(key, found.props, found.name, planned=True)
    assert answer(world, "internet", "web:80", "alb").verdict == REACHABLE


@pytest.mark.parametrize(
    ("target", "verdict", "expected"),
    [
        ("lb/front:80", REACHABLE, []),
        ("lb/front:443", BLOCKED, ["ELBV2_LISTENER_PORT_RESTRICTION"]),
        ("lb/front:80-81", PARTIAL, ["ELBV2_LISTENER_PORT_RESTRICTION"]),
        ("lb/front:80/udp", BLOCKED, ["ELBV2_LISTENER_PORT_RESTRICTION"]),
        ("lb/front", REACHABLE, []),
        ("front.eu-west-1.elb.amazonaws.com:80", REACHABLE, []),
    ],
)
def test_a_balancer_as_destination(target, verdict, expected):
    held = answer(shop(), "internet", target)
    assert held.verdict == verdict
    assert codes(held) == expected


def test_a_listener_needs_a_group_and_a_group_needs_targets():
    world = shop()
    world.change(TargetGroup, WEB, targets=())
    for kind_key in [key for key in world.found if key[0] == "service"]:
        del world.found[kind_key]
    assert codes(answer(world, "internet", "lb/front:80")) == ["ELBV2_LISTENER_HAS_NO_TG"]
    world.change(Listener, f"{FRONT}/listener/80", actions=(Action("forward"),))
    assert codes(answer(world, "internet", "lb/front:80")) == ["ELBV2_LISTENER_HAS_NO_TG"]
    world.drop(Listener, f"{FRONT}/listener/80")
    assert codes(answer(world, "internet", "lb/front:80")) == ["ELBV2_LISTENERS_MISMATCH"]


def test_a_redirect_is_an_answer_of_its_own():
    world = shop()
    world.listener(FRONT, 8080, action=Action("redirect", detail="HTTPS:443 301"))
    world.sg("sg-alb", ingress=[allow("tcp 8080", ALL)])
    held = answer(world, "internet", "lb/front:8080")
    assert held.verdict == REACHABLE
    assert "front:8080 answers by itself: redirect HTTPS:443 301" in held.assumptions


def test_a_rule_forwards_too():
    world = shop()
    api = world.target_group("api", 8080, "eni-api")
    world.rule(f"{FRONT}/listener/80", 10, api, host="api.app.io")
    world.sg("sg-api", ingress=[allow("tcp 8080", "sg-alb")])
    held = answer(world, "internet", "api:8080")
    assert held.verdict == REACHABLE
    world.sg("sg-api", ingress=[allow("tcp 8080", "sg-web")])
    assert answer(world, "internet", "lb/front:80").verdict == PARTIAL


def test_a_group_of_weight_zero_gets_nothing():
    world = shop()
    action = Action("forward", ((WEB, 0),))
    world.change(Listener, f"{FRONT}/listener/80", actions=(action,))
    assert answer(world, "internet", "web:80", "alb").verdict == BLOCKED


@pytest.mark.parametrize("kind", ["listener", "listener_rule"])
def test_unread_listeners_are_unknown(kind):
    world = shop()
    world.missing(kind)
    assert answer(world, "internet", "web:80", "alb").verdict == UNKNOWN
    assert answer(world, "internet", "lb/front:80").verdict == UNKNOWN


def test_unread_targets_are_unknown():
    world = shop()
    world.change(TargetGroup, WEB, targets=None)
    assert answer(world, "internet", "web:80").verdict == UNKNOWN
    assert answer(world, "internet", "lb/front:80").verdict == UNKNOWN


def test_health_is_told_and_decides_nothing():
    world = shop()
    group = world.found["target_group", WEB].props
    world.change(TargetGroup, WEB, targets=tuple(type(t)(t.id, t.port, "", "unhealthy") for t in group.targets))
    held = answer(world, "internet", "web:80")
    assert held.verdict == REACHABLE
    assert any("unhealthy" in text for text in held.assumptions)
    world.change(TargetGroup, WEB, targets=tuple(type(t)(t.id, t.port, "", "draining") for t in group.targets))
    assert answer(world, "internet", "web:80", "alb").verdict == BLOCKED


def test_a_target_in_a_zone_that_is_not_enabled_gets_nothing():
    world = shop()
    world.subnet("private-c", "10.0.13.0/24", "c", table="rtb-private")
    world.eni("eni-far", "private-c", "sg-web")
    far = world.target_group("far", 80, "eni-far")
    world.service("far", ["eni-far"], targets=[(far, "app", 80)])
    world.rule(f"{FRONT}/listener/80", 10, far)
    assert codes(answer(world, "internet", "far:80", "alb")) == ["ELB_INSTALLED_AZ_RESTRICTION"]


def test_a_balancer_without_known_interfaces_is_judged_by_its_subnets():
    world = shop()
    for number in (0, 1):
        del world.found["network_interface", f"eni-front-{number}"]
    held = answer(world, "internet", "web:80")
    assert held.verdict == REACHABLE
    assert any("public-a, public-b" in text for text in held.assumptions)


def test_from_inside_an_internet_facing_balancer_is_reached_by_its_public_address():
    world = shop()
    assert "NO_ROUTE_TO_DESTINATION" in codes(answer(world, "api", "lb/front:80"))
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    assert answer(world, "api", "lb/front:80").verdict == REACHABLE
    world.sg("sg-alb", ingress=[allow("tcp 80", "sg-api")])
    assert codes(answer(world, "api", "lb/front:80")) == ["SG_REFERENCES_NOT_PRESERVED"]


# ---- health checks


def test_health_checks_have_a_path_of_their_own():
    assert health(shop().network(), WEB).verdict == REACHABLE
    world = shop()
    check = world.found["target_group", WEB].props.health
    world.change(TargetGroup, WEB, health=type(check)("HTTP", "8081", "/"))
    held = health(world.network(), WEB)
    assert held.verdict == BLOCKED
    assert held.blockers[0].code == "HEALTH_CHECK_BLOCKED"
    assert "8081" in held.blockers[0].detail
    world.change(TargetGroup, WEB, targets=None)
    assert health(world.network(), WEB).verdict == UNKNOWN


# ---- network load balancers


def with_nlb(
    *groups: str, attributes: dict[str, str] | None = None, protocol: str = "TCP", cross: bool = False
) -> World:
    world = shop()
    for group in groups:
        world.sg(group, ingress=[allow("tcp 5000", ALL), allow("udp 5000", ALL)])
    switches = {"load_balancing.cross_zone.enabled": "true" if cross else "false"}
    lb = world.lb("pipe", "network", ["public-a", "public-b"], *groups, attributes=switches)
    group = world.target_group("pipe", 80, "eni-w0", "eni-w1", protocol=protocol, attributes=attributes or {})
    world.listener(lb, 5000, group, protocol=protocol)
    return world


PIPE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/pipe/0123"
KEEP = {"preserve_client_ip.enabled": "true"}


def test_without_preservation_targets_see_the_nodes():
    world = with_nlb()
    world.sg("sg-web", ingress=[allow("tcp 80", "10.0.0.0/16")])
    assert answer(world, "internet", "web:80", "nlb").verdict == REACHABLE
    world.sg("sg-web", ingress=[allow("tcp 80", "203.0.113.0/24")])
    assert answer(world, "internet", "web:80", "nlb").verdict == BLOCKED


def test_with_preservation_targets_see_the_clients():
    world = with_nlb(attributes=KEEP)
    world.sg("sg-web", ingress=[allow("tcp 80", "10.0.0.0/16")])
    assert answer(world, "internet", "web:80", "nlb").verdict == BLOCKED
    world.sg("sg-web", ingress=[allow("tcp 80", "203.0.113.0/24")])
    held = answer(world, "internet", "web:80", "nlb")
    assert held.verdict == PARTIAL
    assert held.open[0].clients == ("203.0.113.0/24",)
    assert answer(world, "203.0.113.9", "web:80", "nlb").verdict == REACHABLE
    world.sg("sg-web", ingress=[allow("tcp 80", ALL)])
    assert answer(world, "internet", "web:80", "nlb").verdict == REACHABLE


def test_preservation_brings_the_client_into_the_targets_acl():
    world = with_nlb(attributes=KEEP)
    world.sg("sg-web", ingress=[allow("tcp 80", ALL)])
    inside = [type(e)(e.egress, e.number, True, "-1", "10.0.0.0/16") for e in OPEN if e.cidr == ALL]
    world.acl("acl-in", entries=inside, subnets=["private-a", "private-b"])
    assert codes(answer(world, "internet", "web:80", "nlb")) == ["SUBNET_ACL_RESTRICTION", "<NACL_REPLY_RESTRICTION"]


def test_with_preservation_replies_need_the_clients_own_ports_at_the_target():
    world = with_nlb(attributes=KEEP)
    world.sg("sg-web", ingress=[allow("tcp 80", ALL)])
    entries = [AclEntry(False, 1, True, "-1", ALL), AclEntry(True, 1, True, "6", ALL, 32768, 65535)]
    world.acl("acl-in", entries=entries, subnets=["private-a", "private-b"])
    held = answer(world, "internet", "web:80", "nlb")
    assert held.verdict == PARTIAL
    assert held.open[0].client_ports == ("32768-65535",)


def test_udp_always_preserves():
    world = with_nlb(protocol="UDP", attributes={"preserve_client_ip.enabled": "false"})
    world.sg("sg-web", ingress=[allow("udp 80", "10.0.0.0/16")])
    assert answer(world, "internet", "web:80/udp", "nlb").verdict == BLOCKED
    world.sg("sg-web", ingress=[allow("udp 80", ALL)])
    assert answer(world, "internet", "web:80/udp", "nlb").verdict == REACHABLE


def test_a_task_may_refer_to_the_group_of_the_balancer_even_with_preservation():
    world = with_nlb("sg-nlb", attributes=KEEP)
    world.sg("sg-web", ingress=[allow("tcp 80", "sg-nlb")])
    assert answer(world, "internet", "web:80", "nlb").verdict == REACHABLE


def test_a_reference_to_the_client_is_lost_at_a_balancer():
    world = with_nlb()
    world.change(LoadBalancer, FRONT.replace("app/front", "net/pipe"), scheme="internal")
    world.sg("sg-web", ingress=[allow("tcp 80", "sg-api")])
    assert codes(answer(world, "api", "web:80", "nlb")) == ["SG_REFERENCES_NOT_PRESERVED"]
    assert answer(world, "api", "web:80", "direct").verdict == REACHABLE


def test_a_balancer_without_group_lets_everything_to_its_listeners():
    world = with_nlb()
    world.sg("sg-web", ingress=[allow("tcp 80", "10.0.0.0/16")])
    held = answer(world, "internet", "lb/pipe:5000")
    assert held.verdict == REACHABLE
    assert "security_group" not in [h.kind for h in held.paths[0].forward[:4]]


def test_a_client_never_reaches_itself_with_preservation():
    world = with_nlb(attributes=KEEP)
    world.change(LoadBalancer, FRONT.replace("app/front", "net/pipe"), scheme="internal")
    world.sg("sg-web", ingress=[allow("tcp 80", ALL)])
    held = answer(world, "eni-w0", "task/web-task-0:80", "nlb")
    assert codes(held) == ["NLB_LOOPBACK"]
    assert answer(world, "eni-w1", "task/web-task-0:80", "nlb").verdict == REACHABLE


def test_zones_without_crossing():
    world = with_nlb()
    world.sg("sg-web", ingress=[allow("tcp 80", "10.0.1.0/24")])
    held = answer(world, "internet", "web:80", "nlb")
    assert held.verdict == PARTIAL
    assert held.open[0].tasks == ("web-task-0",)
    crossing = with_nlb(cross=True)
    crossing.sg("sg-web", ingress=[allow("tcp 80", "10.0.1.0/24")])
    held = answer(crossing, "internet", "web:80", "nlb")
    assert held.verdict == PARTIAL
    assert held.open[0].zones == ("eu-west-1a",)


def test_a_service_connects_to_an_internal_balancer_by_its_private_address():
    world = shop()
    lb = world.lb("inner", "application", ["private-a", "private-b"], "sg-alb", internal=True)
    group = world.target_group("inner", 8080, "eni-api")
    world.listener(lb, 80, group)
    world.sg("sg-api", ingress=[allow("tcp 8080", "sg-alb")])
    assert answer(world, "web", "api:8080", "inner").verdict == REACHABLE
    assert answer(world, "web", "lb/inner:80").verdict == REACHABLE
    assert answer(world, "internet", "lb/inner:80").verdict == BLOCKED
