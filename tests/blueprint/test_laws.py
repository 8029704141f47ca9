"""What holds for every drawing."""

from __future__ import annotations

import re
from ipaddress import ip_network
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from fargate_net.blueprint.addresses import carve
from fargate_net.blueprint.draw import draw
from fargate_net.blueprint.names import ELB_LIMIT, ROLE_LIMIT, short, tags, versioned
from fargate_net.blueprint.priorities import priorities
from fargate_net.model.resource import Ref
from fargate_net.spec.models import Stack
from tests.blueprint.drawings import FACTS, REGION, all_rules, drawn, dump, spec, stacks

ZONES = [REGION + letter for letter in "abcdef"]
ELB_NAME = re.compile(r"^(?!-)(?!internal-)[A-Za-z0-9-]{1,32}(?<!-)$")
GROUP_TEXT = re.compile(r"^(?!sg-)[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$")


@given(st.integers(16, 23), st.lists(st.sampled_from(ZONES), min_size=1, max_size=6, unique=True), st.data())
def test_no_zone_that_is_added_moves_a_subnet(prefix: int, zones: list[str], data: st.DataObject) -> None:
    fewer = data.draw(st.lists(st.sampled_from(zones), min_size=1, unique=True))
    every = carve(f"10.0.0.0/{prefix}", zones, REGION)
    assert carve(f"10.0.0.0/{prefix}", fewer, REGION).items() <= every.items()


@given(st.integers(16, 27), st.integers(1, 6))
def test_blocks_never_overlap(prefix: int, count: int) -> None:
    zones = ZONES[: min(count, max(1, 2 ** (28 - prefix) // 2))]
    blocks = list(carve(f"10.0.0.0/{prefix}", zones, REGION).values())
    assert len(blocks) == 2 * len(zones)
    assert len({block.ipv6_index for block in blocks}) == len(blocks)
    for one, other in combinations([ip_network(block.cidr) for block in blocks], 2):
        assert not one.overlaps(other)
        assert one.prefixlen == other.prefixlen <= 28
        assert one.subnet_of(ip_network(f"10.0.0.0/{prefix}"))


@given(stacks())
def test_the_same_wish_gives_the_same_drawing(stack: Stack) -> None:
    again = Stack.model_validate_json(stack.model_dump_json(by_alias=True))
    assert dump(draw(stack, FACTS)) == dump(draw(again, FACTS))


@given(stacks())
def test_names_are_legal_and_unique(stack: Stack) -> None:
    graph = draw(stack, FACTS)
    by_kind: dict[str, list[str]] = {}
    for resource in graph:
        if name := getattr(resource.props, "name", None):
            by_kind.setdefault(resource.kind, []).append(name)
    for kind, names in by_kind.items():
        assert len({name.lower() for name in names}) == len(names), kind
    for name in by_kind.get("load_balancer", []) + by_kind.get("target_group", []):
        assert ELB_NAME.match(name)
    for name in by_kind.get("role", []):
        assert re.fullmatch(r"[\w+=,.@-]{1,64}", name)
    for resource in graph:
        if resource.kind == "security_group":
            assert GROUP_TEXT.match(resource.props.name)
            assert GROUP_TEXT.match(resource.props.description)


@given(st.text("abcdefgh-", min_size=1, max_size=90), st.text("abcdefgh-", min_size=1, max_size=90))
def test_long_names_stay_different(one: str, other: str) -> None:
    first, second = short("s", one, limit=ROLE_LIMIT), short("s", other, limit=ROLE_LIMIT)
    assert len(first) <= ROLE_LIMIT
    assert (first == second) == (one == other)
    assert versioned("s", one, fixed=(1,)) != versioned("s", one, fixed=(2,))
    assert len(versioned("s", one, fixed=(1,))) <= ELB_LIMIT


@given(stacks())
def test_every_rule_is_described_and_least(stack: Stack) -> None:
    graph = draw(stack, FACTS)
    named = {"0.0.0.0/0", "::/0", "10.0.0.0/16", "10.9.0.0/16", "sg-0123456789abcdef0", "pl-0123456789abcdef0"}
    for rule in all_rules(graph):
        assert GROUP_TEXT.match(rule.description)
        if rule.direction == "ingress":
            assert rule.protocol in ("tcp", "udp")
            assert rule.from_port == rule.to_port
            assert isinstance(rule.peer, Ref) or rule.peer in named
        elif rule.protocol == "-1":
            assert rule.peer in ("0.0.0.0/0", "::/0")
        else:
            assert rule.from_port == rule.to_port


@given(stacks())
def test_tasks_are_open_to_those_named_and_nobody_else(stack: Stack) -> None:
    graph = draw(stack, FACTS)
    for name, service in stack.services.items():
        declared = {port.port for container in service.containers for port in container.ports}
        allowed = {entry.source for entry in service.allow_from}
        for rule in graph[f"security_group_rules/{name}"].props.rules:
            if rule.direction == "egress":
                continue
            assert rule.from_port in declared
            if isinstance(rule.peer, Ref):
                peer = rule.peer.key.partition("/")[2]
                assert peer in allowed or peer.startswith("balancer.")
            else:
                assert rule.peer in allowed


@given(stacks())
def test_no_group_is_left_with_the_rule_aws_wrote(stack: Stack) -> None:
    graph = draw(stack, FACTS)
    for resource in graph:
        if resource.kind == "security_group":
            assert graph[f"security_group_rules/{resource.name}"].props.rules


@given(stacks())
def test_what_a_balancer_sends_the_task_takes(stack: Stack) -> None:
    rules = all_rules(draw(stack, FACTS))
    resources = [r for r in draw(stack, FACTS) if r.kind == "security_group_rules"]
    taken = {(r.props.group, rule.peer, rule.protocol, rule.from_port) for r in resources for rule in r.props.rules
             if rule.direction == "ingress"}  # fmt: skip
    for resource in resources:
        for rule in resource.props.rules:
            if rule.direction == "egress" and isinstance(rule.peer, Ref):
                assert (rule.peer, resource.props.group, rule.protocol, rule.from_port) in taken
    assert rules


def test_a_service_adds_its_tags_to_what_is_its_own() -> None:
    alb = {"expose": [{"alb": {"to": "app:80"}}], "tags": {"team": "web", "cost": "2"}}
    stack = spec({"web": alb, "api": {}}, tags={"cost": "1"})
    tagged = {resource.key: tags(stack, resource) for resource in draw(stack, FACTS)}
    own = {key for key, given_tags in tagged.items() if given_tags == {"team": "web", "cost": "2"}}
    assert own == {
        "log_group/web",
        "role/web.execution",
        "security_group/web",
        "security_group_rules/web",
        "service/web",
        "target_group/web.alb.80",
        "task_definition/web",
    }
    assert all(tagged[key] == {"cost": "1"} for key in tagged.keys() - own)


HOSTS = st.lists(st.sampled_from(["a.io", "*.a.io", "b.io"]), max_size=2, unique=True).map(tuple)
PATHS = st.lists(st.sampled_from(["/*", "/a", "/a/*", "/a/b/*", "/c"]), max_size=2, unique=True).map(tuple)
CONDITIONS = st.tuples(HOSTS, PATHS).map(
    lambda pair: frozenset((f, v) for f, v in zip(("host-header", "path-pattern"), pair, strict=True) if v)
)


@given(st.lists(CONDITIONS, max_size=20, unique=True), st.randoms())
def test_priorities_are_unique_legal_and_in_no_order(
    rules: list[frozenset[tuple[str, tuple[str, ...]]]], random
) -> None:
    given_ = dict(zip(rules, priorities(rules), strict=True))
    assert len(set(given_.values())) == len(rules)
    assert all(1 <= priority <= 50000 for priority in given_.values())
    random.shuffle(rules)
    assert dict(zip(rules, priorities(rules), strict=True)) == given_


def test_rules_that_fall_on_one_number_are_told_apart() -> None:
    alike = [frozenset({("host-header", (f"h{number}.io",))}) for number in range(60)]
    assert len(set(priorities(alike))) == len(alike)


def test_the_rule_that_says_more_is_tried_first() -> None:
    order = [
        {"host-header": ("a.io",), "path-pattern": ("/a",)},
        {"host-header": ("a.io",), "path-pattern": ("/a/b/*",)},
        {"host-header": ("a.io",), "path-pattern": ("/a/*",)},
        {"host-header": ("a.io",)},
        {"host-header": ("*.io",), "path-pattern": ("/a",)},
        {"path-pattern": ("/a",)},
        {"path-pattern": ("/*",)},
    ]
    numbers = priorities([frozenset(rule.items()) for rule in order])
    assert numbers == sorted(numbers)


@settings(max_examples=25, deadline=None)
@given(stacks())
def test_a_service_more_moves_nothing(stack: Stack) -> None:
    more = stack.model_copy(update={"services": {**stack.services, "zulu": next(iter(stack.services.values()))}})
    before, after = draw(stack, FACTS), draw(more, FACTS)
    for resource in before:
        if resource.kind in ("vpc", "subnet", "target_group", "load_balancer", "nat_gateway", "elastic_ip"):
            assert after[resource.key].props == resource.props


def test_zones_in_any_order_draw_the_same_subnets() -> None:
    one = drawn(network={"zones": [f"{REGION}a", f"{REGION}c"]})
    other = drawn(network={"zones": [f"{REGION}c", f"{REGION}a"]})
    assert {r.key: r.props for r in one if r.kind == "subnet"} == {r.key: r.props for r in other if r.kind == "subnet"}
