"""The first spec: from nothing, and from Compose files of every kind; it always loads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fargate_net.errors import SpecError
from fargate_net.spec.compose import from_compose
from fargate_net.spec.load import load_text
from fargate_net.spec.models import Service, Stack
from fargate_net.spec.starter import stack_name, starter
from fargate_net.spec.yaml_nodes import parse


def converted(compose: Any) -> tuple[Stack, str, tuple[str, ...]]:
    result = from_compose(json.dumps(compose), "compose.yaml", "shop")
    return load_text(result.text).stack, result.text, result.notes


def service(raw: Any, **others: Any) -> Service:
    return converted({"services": {"web": {"image": "nginx", **raw}, **others}})[0].services["web"]


def test_the_starter_loads_without_a_warning() -> None:
    loaded = load_text(starter("shop"))
    assert loaded.warnings == ()
    assert loaded.stack.stack == "shop"
    assert [item.expect for item in loaded.stack.reach] == ["reachable", "blocked"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("My Shop!", "my-shop"), ("9lives", "lives"), ("日本", "app"), ("a" * 60, "a" * 40), ("a" * 39 + "-b", "a" * 39)],
)
def test_a_name_for_a_stack(text: str, expected: str) -> None:
    assert stack_name(text) == expected


def test_published_http_goes_behind_an_alb() -> None:
    entry = service({"ports": ["8080:80"]}).expose[0].alb
    assert entry is not None
    assert (entry.listen, entry.to.container, entry.to.port) == (8080, "web", 80)


def test_other_ports_go_behind_an_nlb_and_the_reader_is_told() -> None:
    stack, text, notes = converted({"services": {"db": {"image": "postgres", "ports": ["5432:5432"]}}})
    assert stack.services["db"].expose[0].nlb is not None
    assert notes == ("db: port 5432 is open to everyone, as in Compose; narrow it with `sources`",)
    assert f"# look: {notes[0].removeprefix('db: ')}" in text


@pytest.mark.parametrize("port", ["127.0.0.1:8080:80", {"target": 80, "published": 8080, "host_ip": "127.0.0.1"}])
def test_a_port_on_loopback_is_not_opened_to_the_world(port: Any) -> None:
    web = service({"ports": [port]})
    assert web.expose == ()
    assert [item.port for item in web.containers[0].ports] == [80]


def test_a_port_two_services_publish_has_one_owner() -> None:
    stack, _, notes = converted(
        {"services": {"a": {"image": "x", "ports": ["10.0.0.1:80:80"]}, "b": {"image": "x", "ports": ["80:80"]}}}
    )
    assert len(stack.services["a"].expose) == 1
    assert stack.services["b"].expose == ()
    assert "b: port 80 is published by two services; this one is left out" in notes


def test_a_service_has_at_most_five_ways_in() -> None:
    stack, _, notes = converted({"services": {"web": {"image": "x", "ports": ["3000-3005"]}}})
    assert len(stack.services["web"].expose) == 5
    assert "web: port 3005 is left out: ECS takes 5 ways in for a service" in notes


@pytest.mark.parametrize("replicas", [False, True, -1, "2", None])
def test_replicas_that_are_no_number_are_one(replicas: Any) -> None:
    assert service({"deploy": {"replicas": replicas}}).count == 1


def test_a_shared_network_is_one_task() -> None:
    stack, _, _ = converted(
        {
            "services": {
                "web": {"image": "nginx", "ports": ["80:80"]},
                "fpm": {"image": "php", "expose": ["9000"], "network_mode": "service:web"},
            }
        }
    )
    assert list(stack.services) == ["web"]
    assert [item.name for item in stack.services["web"].containers] == ["web", "fpm"]


def test_depends_on_says_who_may_connect() -> None:
    stack, _, _ = converted(
        {
            "services": {
                "web": {"image": "nginx", "depends_on": {"api": {"condition": "service_started"}}},
                "api": {"image": "api", "expose": [8080]},
            }
        }
    )
    api = stack.services["api"]
    assert [item.source for item in api.allow_from] == ["web"]
    assert api.discovery[0].cloud_map is not None
    assert api.discovery[0].cloud_map.namespace == "shop.local"
    assert ("web", "api:8080", "reachable") in [(item.source, item.to, item.expect) for item in stack.reach]


def test_no_secret_is_carried_over() -> None:
    stack, text, notes = converted(
        {
            "services": {
                "web": {"image": "x", "environment": {"DB_PASSWORD": "hunter22", "U": "pg://a:pw@db/x", "LOG": 1}}
            }
        }
    )
    box = stack.services["web"].containers[0]
    assert box.secrets == {"DB_PASSWORD": "/shop/web/DB_PASSWORD", "U": "/shop/web/U"}
    assert box.environment == {"LOG": "1"}
    assert "hunter22" not in text + str(notes)
    assert "pw@" not in text + str(notes)


def test_sizes_are_those_fargate_has() -> None:
    web = service({"deploy": {"replicas": 3, "resources": {"limits": {"cpus": "0.5", "memory": "3G"}}}})
    assert (web.cpu, web.memory, web.count) == (512, 3072, 3)


def test_health_checks_stay_within_the_limits() -> None:
    check = service(
        {"healthcheck": {"test": ["CMD", "x"], "interval": "1m30s", "timeout": "500ms", "retries": 30}}
    ).containers[0]
    assert check.health is not None
    assert (check.health.interval, check.health.timeout, check.health.retries) == (90, 2, 10)


def test_a_timeout_is_no_longer_than_the_interval() -> None:
    check = service({"healthcheck": {"test": "x", "timeout": "9m"}}).containers[0].health
    assert check is not None
    assert (check.interval, check.timeout) == (30, 30)


@pytest.mark.parametrize("compose", [{}, {"services": {}}, {"services": []}, {"services": {"web": "nginx"}}, []])
def test_what_is_no_compose_file(compose: Any) -> None:
    with pytest.raises(SpecError) as caught:
        from_compose(json.dumps(compose), "compose.yaml", "shop")
    assert "This is no Compose file" in str(caught.value)


NAMES = st.sampled_from(["web", "web_1", "web-1", "internet", "Api", "9lives", "日本", "a" * 60])
PORTS = st.integers(0, 70000) | st.sampled_from(
    ["80", "8080:80", "53:53/udp", "53:53/tcp", "3000-3005", "9000-9010:80-90", "[::1]:80:80", "x", "0:0", ""]
)
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.lists(st.text(max_size=5), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
)
VALUES = JUNK | st.sampled_from(["hunter22", "${X}", "AKIAABCDEFGHIJKLMNOP", "a\nb", "# x", ": y"])
SERVICES = st.fixed_dictionaries(
    {},
    optional={
        "image": JUNK | st.sampled_from(["nginx:1.27", "${IMAGE}"]),
        "ports": JUNK | st.lists(PORTS, max_size=5),
        "expose": JUNK | st.lists(PORTS, max_size=3),
        "environment": JUNK | st.dictionaries(st.sampled_from(["LOG", "DB_PASSWORD", "A B"]), VALUES, max_size=3),
        "command": JUNK,
        "user": JUNK,
        "depends_on": JUNK | st.lists(NAMES, max_size=3),
        "network_mode": JUNK | NAMES.map(lambda name: f"service:{name}"),
        "healthcheck": JUNK | st.fixed_dictionaries({"test": JUNK, "interval": JUNK}),
        "deploy": JUNK | st.fixed_dictionaries({"replicas": JUNK, "resources": JUNK}),
        "mem_limit": JUNK,
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(NAMES, SERVICES, min_size=1, max_size=4))
def test_whatever_is_converted_loads(services: dict[str, Any]) -> None:
    text = json.dumps({"services": services})
    if not parse(text, "compose.yaml").problems:
        load_text(from_compose(text, "compose.yaml", "shop").text)
