"""The examples, the JSON Schema and the reference page say the same as the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from fargate_net.spec.load import load
from fargate_net.spec.schema import json_schema, markdown

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
CHECK = jsonschema.Draft202012Validator(json_schema())

WRONG: list[dict[str, Any]] = [
    {"stack": "Shop"},
    {"stack": "shop", "servces": {}},
    {"stack": "shop", "network": {"egress": "internet"}},
    {"stack": "shop", "network": {"zones": 7}},
    {"stack": "shop", "services": {"web": {}}},
    {"stack": "shop", "services": {"web": {"containers": [{"name": "a"}]}}},
    {"stack": "shop", "services": {"web": {"containers": [{"name": "a", "image": "b", "ports": [0]}]}}},
    {"stack": "shop", "services": {"web": {"containers": [{"name": "a", "image": "b", "ports": ["80:80"]}]}}},
    {"reach": [{"from": "internet"}]},
    {"reach": [{"from": "internet", "to": "web:80", "expect": "open"}]},
]

RIGHT: list[dict[str, Any]] = [
    {"stack": "shop", "x-base": {"anything": 1}},
    {"stack": "shop", "cluster": "main", "network": {"zones": ["eu-west-1a"]}},
    {"stack": "shop", "network": {"vpc": "vpc-0abc", "subnets": {"private": {"tag": "tier=private"}}}},
    {
        "stack": "shop",
        "services": {
            "web": {
                "cpu": "1 vCPU",
                "memory": "2 GB",
                "containers": [
                    {
                        "name": "a",
                        "image": "b",
                        "ports": [80, "53/udp"],
                        "environment": {"A": 1, "B": True},
                        "command": "a b",
                        "health": "curl x",
                        "depends_on": {"b": "HEALTHY"},
                    }
                ],
                "expose": [{"alb": {"to": 80}}, {"nlb": {"listen": 5}}],
                "allow_from": ["web", {"from": "web", "ports": [80]}],
            }
        },
    },
]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 11


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_and_raises_no_eyebrow(path: Path) -> None:
    found = load([path])
    assert found.warnings == ()
    assert found.stack.reach
    assert found.stack.region == "eu-west-1"
    CHECK.validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("document", WRONG)
def test_the_schema_refuses(document: dict[str, Any]) -> None:
    assert not CHECK.is_valid(document)


@pytest.mark.parametrize("document", RIGHT)
def test_the_schema_takes_short_forms(document: dict[str, Any]) -> None:
    CHECK.validate(document)


def test_the_schema_is_one_itself_and_describes_every_key() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["$id"]
    for name, part in schema["$defs"].items():
        long = next((form for form in part.get("anyOf", ()) if "properties" in form), part)
        for key, field in long["properties"].items():
            assert field.get("description", "").endswith((".", ")")), f"{name}.{key}"


def test_the_reference_page_is_fresh() -> None:
    page = ROOT / "docs" / "spec.md"
    assert page.read_text() == markdown(), "docs/spec.md is stale: run `make docs`"
