"""How endpoints and targets are written, and what is said about those that do not exist."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fargate_net.errors import UsageError
from fargate_net.kinds.service import Service
from fargate_net.kinds.task import Task
from fargate_net.model.verdict import Disposition
from fargate_net.reach.ask import question
from fargate_net.reach.endpoints import parse_target
from tests.reach.core.flows import BLOCKED, PARTIAL, REACHABLE, UNKNOWN
from tests.reach.core.questions import answer, codes, shop
from tests.reach.world import ALL, allow


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("web", ("web", None, None)),
        ("web:80", ("web", (80, 80), None)),
        ("web:80/tcp", ("web", (80, 80), "tcp")),
        ("web:8000-8010/udp", ("web", (8000, 8010), "udp")),
        ("web/icmp", ("web", None, "icmp")),
        ("web/nginx", ("web/nginx", None, None)),
        ("web/nginx:80", ("web/nginx", (80, 80), None)),
        ("web/nginx:80/TCP", ("web/nginx", (80, 80), "tcp")),
        ("lb/front:443", ("lb/front", (443, 443), None)),
        ("task/0123abcd", ("task/0123abcd", None, None)),
        ("10.0.0.1:22", ("10.0.0.1", (22, 22), None)),
        ("10.0.0.0/16", ("10.0.0.0/16", None, None)),
        ("10.0.0.0/16:443/tcp", ("10.0.0.0/16", (443, 443), "tcp")),
        ("::1", ("::1", None, None)),
        ("2001:db8::/32", ("2001:db8::/32", None, None)),
        ("2001:db8::1/tcp", ("2001:db8::1", None, "tcp")),
        ("[::1]:80", ("::1", (80, 80), None)),
        ("[2001:db8::/64]:80/tcp", ("2001:db8::/64", (80, 80), "tcp")),
        ("aws:s3", ("aws:s3", None, None)),
        ("aws:ecr.api:443", ("aws:ecr.api", (443, 443), None)),
        ("internet:443", ("internet", (443, 443), None)),
        ("planned:network_interface/web-0", ("planned:network_interface/web-0", None, None)),
        ("planned:network_interface/web-0:80/tcp", ("planned:network_interface/web-0", (80, 80), "tcp")),
        ("arn:aws:ecs:eu-west-1:1:service/shop/web", ("arn:aws:ecs:eu-west-1:1:service/shop/web", None, None)),
    ],
)
def test_a_target_is_read(text, parsed):
    assert parse_target(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        ":80",
        "web:70000",
        "web:0",
        "web:90-80",
        "web:http",
        "web:",
        "web:80/sctp",
        "[::1]:80/x",
        "web:80/icmp",
        "[::1]:",
        "/tcp",
    ],
)
def test_nonsense_is_refused_with_a_sentence(text):
    with pytest.raises(UsageError) as error:
        parse_target(text)
    assert error.value.what.endswith(".")
    assert error.value.hint


@given(st.text(max_size=30))
def test_any_text_is_either_read_or_refused(text):
    try:
        name, ports, protocol = parse_target(text)
    except UsageError:
        return
    assert name
    assert ports is None or 1 <= ports[0] <= ports[1] <= 65535
    assert protocol in (None, "tcp", "udp", "icmp")


def test_a_question_checks_its_words():
    assert question("web", "api:80", expect="blocked").expect is Disposition.BLOCKED
    with pytest.raises(UsageError, match="no verdict"):
        question("web", "api:80", expect="open")
    with pytest.raises(UsageError, match="empty"):
        question(" ", "api")


@pytest.mark.parametrize(
    ("source", "target", "hint"),
    [
        ("wep", "api:80", "Did you mean web?"),
        ("web", "apo", "Did you mean api?"),
        ("web", "lb/fornt:80", "Did you mean lb/front?"),
        ("web/ngnix", "api", "Did you mean nginx?"),
        ("eni-w9", "api", "Did you mean eni-w"),
        ("task/zzz", "api", "There is task/"),
        ("i-0123", "api", ""),
        ("web", "nowhere.example", "address"),
        ("aws:s3", "web", "no connections"),
    ],
)
def test_what_does_not_exist_is_said_with_near_names(source, target, hint):
    with pytest.raises(UsageError) as error:
        answer(shop(), source, target)
    assert hint in error.value.hint


def test_an_unknown_balancer_in_via():
    with pytest.raises(UsageError, match="no load balancer frnt"):
        answer(shop(), "internet", "web:80", "frnt")


@pytest.mark.parametrize(
    ("kind", "target"),
    [("service", "wep:80"), ("load_balancer", "lb/x:80"), ("task", "task/x"), ("network_interface", "eni-x")],
)
def test_what_may_exist_is_unknown_when_its_kind_was_not_read(kind, target):
    world = shop()
    world.missing(kind)
    held = answer(world, "internet", target)
    assert held.verdict == UNKNOWN
    assert held.missing == (f"describe {kind}: AccessDenied",)


def test_services_of_one_name_in_two_clusters():
    world = shop()
    world.service("web", [], cluster="other")
    with pytest.raises(UsageError, match="several clusters: other, shop"):
        answer(world, "internet", "web:80")


def test_a_task_is_found_by_the_start_of_its_id():
    assert answer(shop(), "internet", "task/web-task-0:80").verdict == REACHABLE
    with pytest.raises(UsageError, match="may be any of task/web-task-0, task/web-task-1"):
        answer(shop(), "internet", "task/web:80")


# ---- services and tasks


def test_a_service_without_tasks_is_closed_and_says_so():
    world = shop()
    world.service("idle", [])
    assert codes(answer(world, "internet", "idle:80")) == ["NO_RUNNING_TASK"]
    assert codes(answer(world, "idle", "api:8080")) == ["NO_RUNNING_TASK"]
    world.missing("task")
    assert answer(world, "internet", "idle:80").verdict == UNKNOWN
    world = shop()
    world.service("idle", [], desired=0)
    assert "desired count" in answer(world, "internet", "idle:80").blockers[0].fix


def test_a_stopped_task_is_no_end():
    world = shop()
    world.change(Task, "api-task-0", state="STOPPED")
    assert codes(answer(world, "web", "api:8080")) == ["NO_RUNNING_TASK"]


def test_containers_of_one_task_talk_over_loopback():
    held = answer(shop(), "web/nginx", "web/php-fpm:9000")
    assert held.verdict == REACHABLE
    assert [h.kind for h in held.paths[0].forward] == ["loopback"]
    assert (
        answer(shop(), "web/nginx", "web/php-fpm:9999").assumptions[-1].startswith("container php-fpm declares no port")
    )


def test_other_tasks_of_the_same_service_are_not_loopback():
    held = answer(shop(), "web", "web:9000")
    assert codes(held) == ["ENI_SG_RULES_MISMATCH"]
    world = shop()
    world.sg("sg-web", ingress=[allow("tcp 9000", "sg-web")])
    assert answer(world, "web", "web:9000").verdict == REACHABLE


def test_a_single_task_asked_about_itself_is_loopback():
    assert [h.kind for h in answer(shop(), "api", "api:8080").paths[0].forward] == ["loopback"]


def test_the_group_protects_a_port_and_not_its_declaration():
    world = shop()
    world.sg("sg-api", ingress=[allow("tcp 9999", "sg-web")])
    held = answer(world, "web", "api:9999")
    assert held.verdict == REACHABLE
    assert "no container declares port 9999; the process must listen there all the same" in held.assumptions
    assert "the process listens on 0.0.0.0" in held.assumptions


def test_some_tasks_only_is_partial_and_names_them():
    world = shop()
    world.sg("sg-api", ingress=[allow("tcp 8080", "10.0.11.0/24")])
    held = answer(world, "web", "api:8080")
    assert held.verdict == PARTIAL
    assert held.open[0].clients == ("web-task-0",)
    world.sg("sg-web", ingress=[allow("tcp 80", "10.0.11.0/24")])
    world.acl("acl-b", subnets=["private-b"])
    held = answer(world, "api", "web:80")
    assert held.verdict == PARTIAL
    assert held.open[0].tasks == ("web-task-0",)


def test_tasks_of_one_shape_are_told_apart_by_address():
    world = shop()
    world.eni("eni-w2", "private-a", "sg-web")
    world.service("web", ["eni-w0", "eni-w1", "eni-w2"])
    world.sg("sg-api", ingress=[allow("tcp 8080", f"{world.ip('eni-w2')}/32")])
    held = answer(world, "web", "api:8080")
    assert held.verdict == PARTIAL
    assert held.open[0].clients == ("web-task-2",)


@pytest.mark.parametrize(
    ("ports", "verdict", "opened"), [("8080", REACHABLE, "8080"), ("8079-8081", PARTIAL, "8080"), ("1-5", BLOCKED, "")]
)
def test_a_range_of_ports(ports, verdict, opened):
    held = answer(shop(), "web", f"api:{ports}")
    assert held.verdict == verdict
    assert "".join(p for row in held.open for p in row.ports) == opened


def test_a_port_alone_means_tcp_unless_only_udp_is_declared():
    world = shop()
    world.service("dns", ["eni-api"], {"dns": ((53, "udp"),)})
    world.sg("sg-api", ingress=[allow("udp 53", "sg-web")])
    assert answer(world, "web", "dns:53").open[0].protocol == "udp"
    assert answer(world, "web", "dns:53/tcp").verdict == BLOCKED


def test_without_a_protocol_every_one_is_told():
    world = shop()
    world.sg("sg-api", ingress=[allow("all", "sg-web")])
    held = answer(world, "web", "api")
    assert [(row.protocol, row.ports) for row in held.open] == [
        ("tcp", ("0-65535",)),
        ("udp", ("0-65535",)),
        ("icmp", ()),
    ]


# ---- addresses


def test_an_address_means_the_interface_that_holds_it():
    world = shop()
    assert answer(world, "web", f"{world.ip('eni-api')}:8080").verdict == REACHABLE
    assert codes(answer(world, "web", "10.0.11.222:80")) == ["NO_POSSIBLE_DESTINATION"]


def test_overlapping_vpcs_make_an_address_ambiguous():
    world = shop()
    world.vpc("vpc-2")
    world.subnet("twin", "10.0.11.0/24", vpc="vpc-2")
    world.sg("sg-twin", "vpc-2")
    world.eni("eni-twin", "twin", "sg-twin", ip=world.ip("eni-api"))
    with pytest.raises(UsageError, match="several interfaces: eni-api in vpc-1, eni-twin in vpc-2"):
        answer(world, "internet", f"{world.ip('eni-api')}:8080")
    assert answer(world, "web", f"{world.ip('eni-api')}:8080").paths == answer(world, "web", "api:8080").paths


def test_a_public_range_as_source_is_partial_when_a_part_gets_through():
    world = shop()
    world.sg("sg-alb", ingress=[allow("tcp 80", "203.0.113.0/25")])
    held = answer(world, "203.0.113.0/24", "web:80")
    assert held.verdict == PARTIAL
    assert held.open[0].clients == ("203.0.113.0/25",)
    assert answer(world, "203.0.113.128/25", "web:80").verdict == BLOCKED


def test_some_destinations_only_is_partial_and_names_them():
    world = shop()
    world.nat("nat-1", "public-a")
    world.route("rtb-private", ALL, "nat-1")
    assert answer(world, "web", "internet:443").verdict == REACHABLE
    world.sg("sg-web", egress=[allow("tcp 443", "52.0.0.0/8")])
    held = answer(world, "web", "internet:443")
    assert held.verdict == PARTIAL
    assert held.open[0].addresses == ("52.0.0.0/8",)


def test_no_common_family():
    assert codes(answer(shop(), "2600::1", "web:80")) == ["UNASSOCIATED_COMPONENT"]


def test_two_ends_outside_are_unknown():
    assert answer(shop(), "internet", "203.0.113.9:80").verdict == UNKNOWN


def test_the_service_kind_may_carry_a_key():
    world = shop()
    found = world.found["service", "arn:aws:ecs:::service/shop/web"]
    world.put(found.id, Service(**{**vars(found.props), "name": "shop-web"}), "shop-web", key="service/web")
    for key in [key for key in world.found if key[0] == "task" and key[1].startswith("web")]:
        held = world.found[key]
        world.change(type(held.props), key[1], service="shop-web")
    assert answer(world, "internet", "web:80").verdict == REACHABLE
