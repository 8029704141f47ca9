"""Every code once by hand: its edits open the way, or its sentence says honestly that no edit here does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.transit_gateway import TransitRoute
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.verdict import Answer, Disposition
from fargate_net.reach.ask import question
from fargate_net.reach.health import health
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import apply, remedy
from tests.reach.remedy.scope import holds
from tests.reach.world import ALL, OPEN, World, allow, two_subnets

Scene = Callable[[], World]


def shop(**more: object) -> World:
    """A service web of two tasks in private subnets, with public ones beside them."""
    world = two_subnets([allow("tcp 80", ALL)])
    world.table("rtb-public")
    world.route("rtb-public", ALL, "igw-1")
    for zone in "ab":
        world.subnet(f"subnet-p{zone}", f"10.0.{101 if zone == 'a' else 102}.0/24", zone, table="rtb-public")
        world.eni(f"eni-w{zone}", f"subnet-{zone}", "sg-b")
    world.service("web", ["eni-wa", "eni-wb"], **more)  # type: ignore[arg-type]
    return world


def no_rules() -> World:
    world = two_subnets([])
    world.sg("sg-a", egress=[])
    return world


def acl(*entries: AclEntry) -> Scene:
    def make() -> World:
        world = two_subnets()
        world.acl("acl-b", entries=entries, subnets=["subnet-b"])
        return world

    return make


def public(mode: str = "", attach: bool = True) -> World:
    world = two_subnets([allow("tcp 80", ALL)])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.eni("eni-p", "subnet-b", "sg-b", public="198.51.100.9")
    if mode:
        world.public_access(mode)
    if not attach:
        world.igw("igw-1", None)
    return world


def blackhole() -> World:
    world = public()
    world.table("rtb-nat")
    world.subnet("subnet-n", "10.0.3.0/24", table="rtb-nat")
    world.route("rtb-nat", ALL, "nat-gone", "blackhole")
    world.nat("nat-1", "subnet-b")
    world.eni("eni-n", "subnet-n", "sg-a")
    return world


def peered(state: str = "active", routed: bool = False) -> World:
    world = two_subnets()
    world.vpc("vpc-2", "10.2.0.0/16")
    world.subnet("subnet-2", "10.2.1.0/24", vpc="vpc-2")
    world.sg("sg-2", "vpc-2", ingress=[allow("tcp 80", "10.0.0.0/16")])
    world.eni("eni-2", "subnet-2", "sg-2")
    world.peering("pcx-1", "vpc-1", "vpc-2", state)
    if routed:
        world.route("rtb-main-vpc-1", "10.2.0.0/16", "pcx-1")
        world.route("rtb-main-vpc-2", "10.0.0.0/16", "pcx-1")
    return world


def endpoint(dns: bool = True, support: bool = True, policy: str = "") -> World:
    world = two_subnets()
    world.sg("sg-e", ingress=[allow("tcp 443", "sg-a")])
    world.interface_endpoint("vpce-1", "sqs", ["subnet-a"], "sg-e", dns=dns, policy=policy)
    if not support:
        world.change(Vpc, "vpc-1", dns_hostnames=False)
    return world


def gateway_endpoint() -> World:
    world = two_subnets()
    world.prefix_list("pl-s3", "52.218.0.0/17", name="com.amazonaws.eu-west-1.s3")
    world.table("rtb-other")
    world.gateway_endpoint("vpce-s3", "s3", "pl-s3", "rtb-other")
    return world


def front(kind: str = "application", zones: str = "ab", **group: object) -> World:
    """A balancer on port 80 before eni-wa and eni-wb of web."""
    world = shop()
    world.sg("sg-lb", ingress=[allow("tcp 80", ALL)])
    groups = ["sg-lb"] if kind == "application" else []
    lb = world.lb("front", kind, [f"subnet-p{zone}" for zone in zones], *groups)
    protocol = "HTTP" if kind == "application" else "TCP"
    targets = group.pop("targets", ["eni-wa", "eni-wb"])
    made = world.target_group("web", 80, *targets, protocol=protocol, **group)  # type: ignore[misc, arg-type]
    world.listener(lb, 80, made, protocol=protocol)
    return world


def unregistered() -> World:
    return front(targets=["eni-wa"])


def empty() -> World:
    world = front(targets=[])
    group = next(key for kind, key in world.found if kind == "target_group")
    world.service("web", ["eni-wa", "eni-wb"], targets=[(group, "app", 80)])
    return world


def kept_client() -> World:
    return front("network", attributes={"preserve_client_ip.enabled": "true"})


OPENED: list[tuple[str, Scene, str, str]] = [
    ("ENI_SG_RULES_MISMATCH", two_subnets, "eni-a", "eni-b:81"),
    ("ENI_SG_RULES_MISMATCH", two_subnets, "eni-a", "eni-b/icmp"),
    ("SG_HAS_NO_RULES", no_rules, "eni-a", "eni-b:53/udp"),
    ("SUBNET_ACL_RESTRICTION", acl(), "eni-a", "eni-b:80"),
    ("SUBNET_ACL_RESTRICTION", acl(AclEntry(False, 90, False, "-1", ALL), *OPEN), "eni-a", "eni-b:80"),
    ("NACL_REPLY_RESTRICTION", acl(*(entry for entry in OPEN if not entry.egress)), "eni-a", "eni-b:80"),
    ("NO_ROUTE_TO_DESTINATION", peered, "eni-a", "eni-2:80"),
    ("BAD_STATE_ROUTE", blackhole, "eni-n", "203.0.113.9:443"),
    ("BAD_STATE", lambda: peered("pending-acceptance", routed=True), "eni-a", "eni-2:80"),
    ("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", public, "eni-a", "internet:443"),
    ("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", public, "internet", "eni-b:80"),
    ("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", shop, "internet", "web:80"),
    ("NO_PATH", lambda: public(attach=False), "internet", "eni-p:80"),
    ("BAD_STATE_ATTACHMENT", lambda: public(attach=False), "eni-p", "internet:443"),
    ("VPC_BLOCK_PUBLIC_ACCESS_ENABLED", lambda: public("block-bidirectional"), "internet", "eni-p:80"),
    ("ENDPOINT_MISSING", two_subnets, "eni-a", "aws:sqs"),
    ("ENDPOINT_MISSING", two_subnets, "eni-a", "aws:s3"),
    ("ENDPOINT_NOT_ON_ROUTE_TABLE", gateway_endpoint, "eni-a", "aws:s3"),
    ("ENDPOINT_PRIVATE_DNS_OFF", lambda: endpoint(dns=False), "eni-a", "aws:sqs"),
    ("VPC_DNS_ATTRIBUTE_OFF", lambda: endpoint(support=False), "eni-a", "aws:sqs"),
    ("ENDPOINT_POLICY_DENIES", lambda: endpoint(policy=json.dumps({"Statement": []})), "eni-a", "aws:sqs"),
    ("TARGET_NOT_REGISTERED", unregistered, "internet", "web:80"),
    ("ELBV2_LISTENER_HAS_NO_TG", empty, "internet", "lb/front:80"),
    ("ELBV2_LISTENER_PORT_RESTRICTION", front, "internet", "lb/front:8080"),
    ("ELB_INSTALLED_AZ_RESTRICTION", lambda: front(zones="a"), "internet", "web:80"),
    ("ELB_NOT_CROSSZONE", lambda: front("network", targets=["eni-wa"]), "internet", "lb/front:80"),
    ("NLB_LOOPBACK", kept_client, "eni-wa", "task/web-task-0:80"),
]


def _via(code: str) -> str | None:
    if code in ("TARGET_NOT_REGISTERED", "ELB_INSTALLED_AZ_RESTRICTION", "NLB_LOOPBACK"):
        return "front"
    return None


def _holds(world: World, source: str, target: str, via: str | None = None, expect: str | None = None) -> Answer:
    return holds(world.snapshot(), question(source, target, via=via, expect=expect))


@pytest.mark.parametrize(("code", "scene", "source", "target"), OPENED)
def test_the_edits_open_it(code: str, scene: Scene, source: str, target: str) -> None:
    answer = _holds(scene(), source, target, _via(code))
    assert code in [blocker.code for blocker in answer.blockers], answer.blockers
    assert answer.remedy is not None
    assert answer.remedy.edits, answer.remedy
    for blocker in answer.blockers:
        if blocker.edits:
            assert blocker.fix.endswith(".")
            assert blocker.fix.rstrip(".").lower() == "; ".join(e.sentence.rstrip(".") for e in blocker.edits).lower()


def test_health_checks_are_let_in_on_their_own_port() -> None:
    """Traffic is let in from the balancer's group, its checks on another port are not."""
    world = front(health="8081")
    world.sg("sg-b", ingress=[allow("tcp 80", "sg-lb")])
    group = next(key for kind, key in world.found if kind == "target_group")
    asked = question("health checks of web", "web:8081", expect="reachable")

    def judge(network: Network) -> Answer:
        path = health(network, group)
        return Answer(asked, path.verdict, blockers=path.blockers, missing=path.missing)

    network = world.network()
    assert {blocker.code for blocker in judge(network).blockers} == {"HEALTH_CHECK_BLOCKED"}
    made = remedy(network, judge(network), judge)
    assert made is not None
    assert made.sentence == "Add to sg-b an ingress rule that allows tcp 8081 from sg-lb."
    assert judge(Network(apply(network.snapshot, made.edits))).verdict is Disposition.REACHABLE


def private_nat() -> World:
    world = blackhole()
    world.change(NatGateway, "nat-1", state="failed")
    world.table("rtb-nat")
    world.subnet("subnet-n", "10.0.3.0/24", table="rtb-nat")
    world.route("rtb-nat", ALL, "nat-1")
    return world


def through_tgw() -> World:
    world = peered()
    world.tgw()
    world.attach("tgw-attach-1", "vpc-1", "subnet-a")
    world.attach("tgw-attach-2", "vpc-2", "subnet-2")
    world.tgw_table("tgw-rtb-1", TransitRoute("10.2.0.0/16", ("tgw-attach-2",), "static", "blackhole"))
    world.route("rtb-main-vpc-1", "10.2.0.0/16", "tgw-1")
    return world


def full_acl() -> World:
    return acl(AclEntry(False, 1, False, "-1", ALL), *OPEN)()


def internal() -> World:
    world = front()
    key = next(key for kind, key in world.found if kind == "load_balancer")
    from fargate_net.kinds.load_balancer import LoadBalancer
    from fargate_net.kinds.network_interface import NetworkInterface

    world.change(LoadBalancer, key, scheme="internal")
    for number in (0, 1):
        world.change(NetworkInterface, f"eni-front-{number}", public_ips=())
    return world


HONEST: list[tuple[str, Scene, str, str, str]] = [
    ("BAD_STATE", lambda: peered("expired", routed=True), "eni-a", "eni-2:80", "pcx-1"),
    ("BAD_STATE", private_nat, "eni-n", "203.0.113.9:443", "nat-1"),
    ("TGW_RTB_BAD_STATE_ROUTE", through_tgw, "eni-a", "eni-2:80", "tgw-rtb-1"),
    ("SUBNET_ACL_RESTRICTION", full_acl, "eni-a", "eni-b:80", "acl-b"),
    ("NO_POSSIBLE_DESTINATION", two_subnets, "eni-a", "10.0.2.99:80", "10.0.2.99"),
    ("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", internal, "internet", "lb/front:80", "front"),
    ("NO_PATH", two_subnets, "172.16.0.9", "eni-b:80", "vpc-1"),
]


@pytest.mark.parametrize(("code", "scene", "source", "target", "named"), HONEST)
def test_what_no_edit_opens_is_said_with_its_id(code: str, scene: Scene, source: str, target: str, named: str) -> None:
    answer = _holds(scene(), source, target)
    assert code in [blocker.code for blocker in answer.blockers], answer.blockers
    assert answer.remedy is not None
    assert not answer.remedy.edits
    assert named in answer.remedy.sentence


def test_what_is_open_or_not_known_needs_no_remedy() -> None:
    assert _holds(two_subnets(), "eni-a", "eni-b:80").remedy is None
    assert _holds(two_subnets(), "eni-a", "eni-b:81", expect="blocked").remedy is None
    world = two_subnets()
    world.missing("network_acl")
    assert _holds(world, "eni-a", "eni-b:80").remedy is None


def test_a_question_without_a_port_is_asked_about_a_declared_one() -> None:
    answer = _holds(shop(ports={"app": (8080,)}), "eni-a", "web")
    assert answer.remedy is None  # port 80 is open to everybody in the VPC
    world = shop(ports={"app": (8080,)})
    world.sg("sg-b")
    answer = _holds(world, "eni-a", "web")
    assert answer.remedy is not None
    assert "tcp 8080 from sg-a" in answer.remedy.sentence
    answer = _holds(two_subnets([]), "eni-a", "eni-b")
    assert answer.remedy is not None
    assert "Ask about one port" in answer.remedy.sentence


def test_of_several_groups_the_rarest_is_named() -> None:
    world = two_subnets([])
    world.sg("sg-rare")
    world.eni("eni-r", "subnet-a", "sg-a", "sg-rare")
    answer = _holds(world, "eni-r", "eni-b:80")
    assert answer.remedy is not None
    assert answer.remedy.sentence == "Add to sg-b an ingress rule that allows tcp 80 from sg-rare."


CLOSED: list[tuple[Scene, str, str, str]] = [
    (two_subnets, "eni-a", "eni-b:80", "Remove from sg-b the rule ingress tcp 80 from sg-a."),
    (
        lambda: two_subnets([allow("tcp 80-90", "10.0.0.0/8")]),
        "eni-a",
        "eni-b:85",
        "Narrow in sg-b the rule ingress tcp 80-90 from 10.0.0.0/8 so that it leaves out tcp 85: "
        "ingress tcp 80-84 from 10.0.0.0/8, ingress tcp 86-90 from 10.0.0.0/8.",
    ),
    (
        lambda: two_subnets([allow("tcp 80", "sg-a"), allow("tcp 80", "10.0.1.0/24")]),
        "eni-a",
        "eni-b:80",
        "Remove from sg-b the rule ingress tcp 80 from 10.0.1.0/24; "
        "remove from sg-b the rule ingress tcp 80 from sg-a.",
    ),
    (front, "internet", "lb/front:80", "Remove from sg-lb the rule ingress tcp 80 from 0.0.0.0/0."),
]


@pytest.mark.parametrize(("scene", "source", "target", "sentence"), CLOSED)
def test_what_should_be_closed_loses_the_first_rule_that_lets_it_in(
    scene: Scene, source: str, target: str, sentence: str
) -> None:
    answer = _holds(scene(), source, target, expect="blocked")
    assert answer.remedy is not None
    assert answer.remedy.sentence == sentence
    assert answer.remedy.closes


def test_a_rule_for_all_traffic_keeps_all_but_the_asked_port() -> None:
    answer = _holds(two_subnets([allow("all", "sg-a")]), "eni-a", "eni-b:80", expect="blocked")
    assert answer.remedy is not None
    assert "tcp 0-79" in answer.remedy.sentence
    assert "udp 0-65535" in answer.remedy.sentence
    assert "icmp" in answer.remedy.sentence
    assert "every protocol beside" in answer.remedy.closes[0]


def test_a_task_cannot_be_closed_to_itself() -> None:
    answer = _holds(shop(ports={"app": (80,), "side": (9000,)}), "web/app", "web/side:9000", expect="blocked")
    assert answer.remedy is not None
    assert not answer.remedy.edits
