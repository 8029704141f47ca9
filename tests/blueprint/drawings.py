"""Specs to draw: from a short mapping, and at random; and a drawing as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from fargate_net.blueprint.draw import draw
from fargate_net.blueprint.facts import Facts
from fargate_net.kinds.security_group import Rule
from fargate_net.model.resource import Graph, Ref
from fargate_net.spec.models import Stack

REGION = "eu-west-1"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
FACTS = Facts.without_aws(REGION)


def spec(services: Mapping[str, Any] | None = None, **rest: Any) -> Stack:
    """A stack named shop; a service without containers gets one that listens on port 80."""
    usual = {"containers": [{"name": "app", "image": f"{ECR}/app:1", "ports": [80]}]}
    filled = {name: usual | dict(service) for name, service in (services or {"web": {}}).items()}
    return Stack.model_validate({"stack": "shop", "region": REGION, "services": filled} | rest)


def drawn(services: Mapping[str, Any] | None = None, *, facts: Facts = FACTS, **rest: Any) -> Graph:
    return draw(spec(services, **rest), facts)


def rules(graph: Graph, group: str) -> set[str]:
    """The rules of a group as a person reads them."""
    return {str(rule) for rule in graph[f"security_group_rules/{group}"].props.rules}


def all_rules(graph: Graph) -> list[Rule]:
    return [rule for resource in graph if resource.kind == "security_group_rules" for rule in resource.props.rules]


def plain(value: Any) -> Any:
    """A property as JSON can hold it; what AWS fills in is left out."""
    if isinstance(value, Ref):
        return f"<{value}>"
    if isinstance(value, frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.compare}
    return value


def dump(graph: Graph) -> dict[str, Any]:
    return {
        resource.key: plain(resource.props) | ({"after": list(resource.after)} if resource.after else {})
        for resource in sorted(graph, key=lambda resource: resource.key)
    }


EGRESSES = ["none", "public", "nat", "nat-per-zone", "nat-regional", "endpoints", "endpoints+nat"]
NAMES = ["alb", "api", "network", "web", "a-service-with-a-rather-long-name-of-its-own"]


@st.composite
def services(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    ports = draw(st.lists(st.integers(1, 65535), min_size=1, max_size=3, unique=True))
    containers = [{"name": "app", "image": draw(st.sampled_from([f"{ECR}/app:1", "nginx:1"])), "ports": ports}]
    expose: list[dict[str, Any]] = []
    for listen in draw(st.lists(st.sampled_from([80, 443, 8443]), max_size=2, unique=True)):
        alb = {"listen": listen, "to": f"app:{draw(st.sampled_from(ports))}", "internal": draw(st.booleans())}
        if listen != 80:
            alb["certificate"] = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
        if draw(st.booleans()):
            alb["paths"] = ["/" + draw(st.sampled_from(["a/*", "b", "c/d/*"]))]
        if draw(st.booleans()):
            alb["health"] = {"port": draw(st.sampled_from(ports))}
        expose.append({"alb": alb})
    if draw(st.booleans()):
        protocol = draw(st.sampled_from(["tcp", "udp"]))
        expose.append({"nlb": {"listen": 5000, "protocol": protocol, "to": f"app:{ports[0]}", "static_ips": True}})
    sources = st.sampled_from([*names, "10.9.0.0/16", "sg-0123456789abcdef0", "pl-0123456789abcdef0"])
    return {
        "containers": containers,
        "expose": expose,
        "allow_from": draw(st.lists(sources, max_size=3, unique=True)),
        "exec": draw(st.booleans()),
        **({"subnets": draw(st.sampled_from(["public", "private"]))} if draw(st.booleans()) else {}),
    }


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Stacks of the right shape; some of them the rules of the spec would refuse, and the drawing must bear them."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    network = {
        "egress": draw(st.sampled_from(EGRESSES)),
        "zones": draw(st.integers(1, 4)),
        "ipv6": draw(st.booleans()),
        "endpoints": draw(st.lists(st.sampled_from(["sqs", "dynamodb", "s3"]), max_size=2, unique=True)),
    }
    return Stack.model_validate(
        {
            "stack": draw(st.sampled_from(["s", "shop", "internal", "a-stack-name-of-forty-letters-exactly-ok"])),
            "network": network,
            "services": {name: draw(services(names)) for name in names},
        }
    )
