"""Every key of the spec, changed on a stack that runs: the plan knows, `up` makes it so, and nothing is left over.

Several keys that have nothing to do with each other are changed in one run. Each row also says what the plan tells
about interruptions, or why it refuses.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from fargate_net.app import Wire
from fargate_net.app.wishes import Wish
from fargate_net.engine.foresee import foresee
from fargate_net.model.snapshot import Snapshot
from fargate_net.spec.models import Stack
from tests.chaos.telling import Spec, Story, story
from tests.story.named import named

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0f2b7c52-7d0e-4c0e-9f60-0d6f8a1c3e55"
ROLE = "arn:aws:iam::123456789012:role/mine"

SMALL = """
stack: shop
region: eu-west-1
network: {cidr: 10.0.0.0/25, egress: public}
services:
  job: {containers: [{name: app, image: "nginx:1.27"}]}
"""

WEB = """
stack: shop
region: eu-west-1
network: {egress: nat}
services:
  web:
    containers:
      - {name: nginx, image: "nginx:1.27", ports: [80, 8080]}
      - {name: side, image: "nginx:1.27", ports: [7000]}
    expose: [{alb: {to: "nginx:80", certificate: CERTIFICATE, dns: {zone: app.io, name: www}}}]
""".replace("CERTIFICATE", CERTIFICATE)

API = """
stack: shop
region: eu-west-1
network: {egress: public}
services:
  api:
    containers:
      - {name: app, image: "nginx:1.27", ports: [9000]}
      - {name: side, image: "nginx:1.27", essential: false}
    discovery: [{cloud_map: {namespace: shop.local}}]
  edge:
    containers: [{name: nginx, image: "nginx:1.27", ports: [80, {port: 53, protocol: udp}]}]
    expose: [{nlb: {to: "nginx:80", listen: 80}}]
"""

ALB, NLB = "services.web.expose.0.alb", "services.edge.expose.0.nlb"
FIRST, API_AT = "services.api.containers.0", "services.api"
FOUND = "services.api.discovery.0"


@dataclass(frozen=True)
class Row:
    """``sets`` gives values by path (None: the key goes). ``refused`` is part of the plan's sentence; the spec is put
    back then. ``interrupts`` gives, by key, a part of what the plan says; all else interrupts nothing."""

    sets: dict[str, Any]
    refused: str = ""
    interrupts: dict[str, str] = field(default_factory=dict)


ROWS: dict[str, tuple[str, list[Row]]] = {
    "small range": (
        SMALL,
        [
            Row({"network.cidr": "10.9.0.0/25"}, refused="Keep `network.cidr: 10.0.0.0/25`"),
            Row({"network.zones": 3}, refused="Keep the number of `network.zones`"),
        ],
    ),
    "network": (
        WEB,
        [
            Row(
                {"network.zones": {"names": ["eu-west-1a", "eu-west-1b"]}, "network.ipv6": True, "tags": {"team": "x"}}
            ),
            Row(
                {
                    "network.egress": "nat-per-zone",
                    "network.flow_logs": "all",
                    "network.endpoints": ["sqs", "dynamodb"],
                    "cluster.container_insights": "enabled",
                },
                interrupts={"route_table/private-b": "0.0.0.0/0 break", "flow_log/main": "not recorded"},
            ),
            Row(
                {"network.zones": {"count": 2}, "network.ipv6": False},
                interrupts={"load_balancer/alb": "IPv6"},
            ),
        ],
    ),
    "application balancer": (
        WEB,
        [
            Row(
                {
                    f"{ALB}.idle_timeout": 120,
                    f"{ALB}.deregistration_delay": 30,
                    f"{ALB}.stickiness": 600,
                    f"{ALB}.sources": ["192.0.2.0/24"],
                    f"{ALB}.access_logs": {"bucket": "our-logs", "prefix": "web"},
                    f"{ALB}.tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06",
                    f"{ALB}.health": {"path": "/ok", "interval": 20, "timeout": 5, "healthy": 3, "unhealthy": 4},
                }
            ),
            Row(
                {
                    f"{ALB}.protocol_version": "http2",
                    f"{ALB}.health.codes": "200-399",
                    "services.web.scaling": {"min": 2, "max": 3, "requests": 500},
                }
            ),
            Row({"services.web.scaling.requests": 800}),
            Row(
                {
                    f"{ALB}.to": {"container": "side", "port": 7000},
                    f"{ALB}.target_protocol": "https",
                    f"{ALB}.health": {"protocol": "https", "port": 7000},
                }
            ),
            Row({f"{ALB}.hosts": ["www.app.io"], f"{ALB}.paths": ["/x*"], f"{ALB}.redirect": False}),
            Row(
                {f"{ALB}.name": "second", f"{ALB}.listen": 8443},
                interrupts={"listener/alb.443": "443", "listener_rule/": "other rules"},
            ),
            Row({f"{ALB}.internal": True}, interrupts={"listener/": "8443", "listener_rule/": "other rules"}),
            Row({f"{ALB}.dns": {"zone": "other.io", "name": "shop"}}),
            Row(
                {f"{ALB}.certificate": None, f"{ALB}.tls_policy": None, f"{ALB}.redirect": None},
                interrupts={"listener/": "have to speak HTTP"},
            ),
        ],
    ),
    "service": (
        API,
        [
            Row(
                {
                    f"{API_AT}.cpu": 512,
                    f"{API_AT}.memory": 2048,
                    f"{API_AT}.architecture": "arm64",
                    f"{API_AT}.ephemeral_storage": 30,
                    f"{API_AT}.platform_version": "1.4.0",
                    f"{API_AT}.spot": True,
                    f"{API_AT}.exec": True,
                    f"{API_AT}.log": {"retention": 30},
                    f"{API_AT}.tags": {"part": "api"},
                    f"{API_AT}.policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
                    f"{API_AT}.allow_from": [{"from": "edge", "ports": [9000]}, "192.0.2.0/24"],
                    f"{FIRST}.command": ["serve"],
                    f"{FIRST}.entry_point": ["/bin/app"],
                    f"{FIRST}.working_dir": "/srv",
                    f"{FIRST}.user": "1000",
                    f"{FIRST}.cpu": 128,
                    f"{FIRST}.memory": 512,
                    f"{FIRST}.memory_reservation": 256,
                    f"{FIRST}.stop_timeout": 60,
                    f"{FIRST}.init": True,
                    f"{FIRST}.image": "nginx:1.28",
                    f"{FIRST}.environment": {"TOKEN_TTL": "5"},
                    f"{FIRST}.plain_environment": ["TOKEN_TTL"],
                    f"{FIRST}.secrets": {"KEY": "arn:aws:ssm:eu-west-1:123456789012:parameter/key"},
                    f"{FIRST}.registry_credentials": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-a1b2c3",
                    f"{FIRST}.depends_on": [{"container": "side", "condition": "START"}],
                    f"{FIRST}.health": {
                        "command": ["CMD", "true"],
                        "interval": 10,
                        "timeout": 3,
                        "retries": 2,
                        "start_period": 5,
                    },
                    f"{FIRST}.ports": [{"port": 9000, "protocol": "tcp", "name": "main", "app_protocol": "http"}],
                    "services.edge.scaling": {"min": 1, "max": 4},
                    "services.edge.grace": 30,
                }
            ),
            Row(
                {
                    "services.edge.scaling": {"min": 2, "max": 5, "cpu": 40, "memory": 50, "cooldown": 60},
                    f"{API_AT}.exec": False,
                    f"{API_AT}.policies": None,
                    f"{API_AT}.task_role": ROLE,
                    f"{API_AT}.execution_role": ROLE,
                    f"{FIRST}.read_only_root": True,
                    f"{FIRST}.name": "main",
                    "services.api.containers.1.essential": True,
                }
            ),
            Row(
                {
                    f"{API_AT}.count": 1,
                    f"{API_AT}.deployment": {
                        "min_percent": 0,
                        "max_percent": 100,
                        "circuit_breaker": False,
                        "rollback": False,
                    },
                    "services.edge.scaling": None,
                },
            ),
            Row({f"{FIRST}.image": "nginx:1.29"}, interrupts={"service/api": "may answer nothing for about 2 minutes"}),
            Row({f"{API_AT}.count": 0}, interrupts={"service/api": "answers nothing any more"}),
        ],
    ),
    "discovery": (
        API,
        [
            Row(
                {f"{FOUND}.cloud_map.records": ["A"]},
                refused="cannot change the record types of api from A and SRV to A",
            ),
            Row({f"{FOUND}.cloud_map.ttl": 30}),
            Row(
                {f"{FOUND}.cloud_map.name": "backend", f"{FOUND}.cloud_map.to": "app:9000"},
                interrupts={"discovery_service/api": "clients that ask for api"},
            ),
            Row(
                {f"{FOUND}.cloud_map.namespace": "new.local"},
                interrupts={"discovery_service/api": "clients that ask for backend"},
            ),
            Row(
                {
                    f"{FOUND}.cloud_map": None,
                    f"{FOUND}.service_connect": {"namespace": "new.local", "port": "app:9000"},
                    f"{API_AT}.cpu": 512,
                    f"{API_AT}.memory": 1024,
                },
                interrupts={"discovery_service/api": "is not found"},
            ),
            Row({f"{FOUND}.service_connect.name": "other", f"{FOUND}.service_connect.listen": 80}),
        ],
    ),
    "network balancer": (
        API,
        [
            Row({f"{NLB}.cross_zone": False, f"{NLB}.preserve_client_ip": True, f"{NLB}.idle_timeout": 400}),
            Row({f"{NLB}.deregistration_delay": 20, f"{NLB}.health": {"port": 80}, f"{NLB}.sources": ["192.0.2.0/24"]}),
            Row({f"{NLB}.static_ips": True}, interrupts={"load_balancer/nlb": "another DNS name"}),
            Row(
                {f"{NLB}.to": "nginx:53", f"{NLB}.protocol": "udp", f"{NLB}.idle_timeout": None},
                interrupts={"target_group/edge.nlb.80": "edge answers nothing", "listener/nlb.80": "have to speak UDP"},
            ),
            Row(
                {
                    f"{NLB}.to": "nginx:80",
                    f"{NLB}.protocol": "tls",
                    f"{NLB}.certificate": CERTIFICATE,
                    f"{NLB}.tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06",
                },
                interrupts={"target_group/edge.nlb.80": "edge answers nothing", "listener/nlb.80": "have to speak TLS"},
            ),
            Row(
                {f"{NLB}.listen": 443, f"{NLB}.dns": {"zone": "app.io", "name": "edge"}},
                interrupts={"listener/nlb.80": "port 80"},
            ),
            Row(
                {f"{NLB}.static_ips": None, f"{NLB}.internal": True, f"{NLB}.name": "inner"},
                interrupts={"listener/nlb.443": "port 443"},
            ),
            Row(
                {"services.edge.expose.0": {"dns": {"zone": "app.io", "name": "direct", "ttl": 30}}},
                interrupts={"listener/": "port 443"},
            ),
            Row({"services.edge.expose.0.dns": {"zone": "other.io", "name": "direct", "ttl": 60}}),
        ],
    ),
}

ELSEWHERE = {
    "Stack.stack": "another stack",
    "Stack.region": "another stack",
    "Stack.reach": "asked, not made",
    "Expectation": "asked, not made",
    "Cluster.existing": "test_bring_your_own.py",
    "Network.vpc": "test_bring_your_own.py",
    "Network.subnets": "test_bring_your_own.py",
    "ExistingSubnets": "test_bring_your_own.py",
    "SubnetChoice": "test_bring_your_own.py",
    "AlbExpose.listener": "test_bring_your_own.py",
    "AlbExpose.priority": "test_bring_your_own.py",
    "Service.security_groups": "test_bring_your_own.py",
    "Service.subnets": "test_change.py: the way out",
    "Service.public_ip": "test_change.py: the way out",
}
"""Keys, and whole models, that are not changed here."""


@pytest.mark.parametrize("group", ROWS)
def test_every_key_can_be_changed_on_a_running_stack(group: str, tmp_path: Path) -> None:
    base, rows = ROWS[group]
    spec: Spec = yaml.safe_load(base)
    with story(tmp_path, spec) as tell:
        for zone in ("app.io.", "other.io."):
            tell.client("route53").create_hosted_zone(Name=zone, CallerReference=zone)
        tell.up()
        for row in rows:
            wanted = copy.deepcopy(spec)
            for path, value in row.sets.items():
                put(wanted, path, value)
            tell.write(wanted)
            planned = tell.plan("--prune")["changes"]
            refused = [change["note"] for change in planned if change["action"] == "refuse"]
            if row.refused:
                assert refused
                assert all(row.refused in note for note in refused), refused
                continue
            assert not refused, (row, refused)
            assert_told(row, planned)
            spec = wanted
            as_foreseen(tell)
            assert tell.plan("--prune")["changes"] == [], f"nothing is left to do after {row.sets}"


def assert_told(row: Row, planned: list[dict[str, Any]]) -> None:
    """What the plan says about interruptions is what the row expects, and no more. Whatever goes may say so."""
    for key, words in row.interrupts.items():
        told = [change["interrupts"] for change in planned if change["key"].startswith(key)]
        assert any(words in text for text in told), (key, told)
    for change in planned:
        expected = any(change["key"].startswith(key) for key in row.interrupts)
        assert change["interrupts"] == "none" or change["action"] == "delete" or expected, (row.sets, change)


def as_foreseen(tell: Story) -> None:
    """`up --prune`, and the account afterwards is the foreseen one."""
    wish = Wish([tell.path], Wire())
    foreseen = without_stopped(foresee(wish.graph, wish.live, wish.plan(prune=True)))
    tell.up("--prune")
    tell.stage.clock.sleep(600)  # old tasks stop, old interfaces go
    wish.look_again()
    was, now = named(foreseen, wish.name), named(without_stopped(wish.live), wish.name)
    assert not (was - now) | (now - was), "\n".join(["foreseen:", *(was - now), "came:", *(now - was)])


def without_stopped(world: Snapshot) -> Snapshot:
    """ECS lists tasks for an hour after they stopped."""
    stopped = [(task.kind, task.id) for task in world.kind("task").values() if task.props.state == "STOPPED"]
    return world.with_((), stopped)


def put(spec: Spec, path: str, value: Any) -> None:
    """Set the key at the path, or take it out (None)."""
    *way, last = path.split(".")
    place: Any = spec
    for word in way:
        place = place[int(word)] if word.isdigit() else place.setdefault(word, {})
    if value is None:
        place.pop(last, None)
    elif last.isdigit():
        place[int(last)] = value
    else:
        place[last] = value


def test_no_key_is_forgotten() -> None:
    changed = {
        key
        for _, rows in ROWS.values()
        for row in rows
        for path, value in row.sets.items()
        for key in keys(path, value)
    }
    every = {f"{model.__name__}.{name}" for model in models(Stack) for name in model.model_fields}
    left = {key for key in every - changed if key not in ELSEWHERE and key.partition(".")[0] not in ELSEWHERE}
    assert not left, f"change these too: {sorted(left)}"


def keys(path: str, value: Any) -> Iterator[str]:
    """``Model.key`` of everything that a path with this value names."""
    model: Any = Stack
    for word in path.split("."):
        if word.isdigit() or model is None:
            continue
        if word not in model.model_fields:  # a name in a mapping of names
            continue
        yield f"{model.__name__}.{word}"
        model = inner(model.model_fields[word].annotation)
    yield from inside(model, value)


def inside(model: Any, value: Any) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        if model is not None and isinstance(part, dict):
            for name, deeper in part.items():
                field_of = next((f for n, f in model.model_fields.items() if name in (n, f.alias)), None)
                if field_of is not None:
                    known = next(n for n, f in model.model_fields.items() if f is field_of)
                    yield f"{model.__name__}.{known}"
                    yield from inside(inner(field_of.annotation), deeper)
        elif model is not None and isinstance(part, str) and model.__name__ in ("To", "AllowFrom"):
            yield from (f"{model.__name__}.{name}" for name in model.model_fields if name != "ports")


def inner(annotation: Any) -> Any:
    """The model inside an annotation, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := inner(part)) is not None), None)


def models(root: type[BaseModel]) -> set[type[BaseModel]]:
    """Every model of the spec."""
    found: set[type[BaseModel]] = set()
    queue = [root]
    while queue:
        model = queue.pop()
        if model not in found:
            found.add(model)
            queue += [part for f in model.model_fields.values() if (part := inner(f.annotation)) is not None]
    return found
