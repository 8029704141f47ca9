"""Anything in a file ends in a sentence with a place, and soon."""

from __future__ import annotations

import pytest

from fargate_net.spec.yaml_nodes import MAX_DEPTH, MAX_NODES, parse
from tests.spec.marked import ECR, loaded, place, problems, stack

LAUGHS = "x-a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
WIDE = "x-a: &a {" + ",".join(f"k{i}: v" for i in range(3000)) + "}\n"

ROWS = [
    ("", "The file is empty", "fargatenet init"),
    ("# only a comment\n", "The file is empty", ""),
    ("--- \n...\n", "The file is empty", ""),
    ("»- a\n- b\n", "The file holds a list", "Begin with"),
    ("»hello", "The file holds a text", "Begin with"),
    ("»5", "The file holds a text", ""),
    ("stack: a\n»stack: b\n", "`stack` is given twice; first in line 1", "Keep one"),
    ("stack: a\n»--- \nstack: b\n", "more than one YAML document", "a file of its own"),
    ("stack: a\n»\tregion: b\n", "not valid YAML", "use spaces"),
    ("stack: »!!python/object/apply:os.system ['x']\n", "The tag !!python/object/apply:os.system", "Remove"),
    ("stack: »!secret x\n", "The tag !secret", ""),
    ("stack: »*x\n", "alias *x has no anchor", ""),
    ("x-a: &x [»*x]\nstack: a\n", "inside the value it stands for", ""),
    ("stack: a\nx-a: {<<: »5}\n", "`<<` takes a mapping", ""),
    ("? »[a]\n: b\n", "A key must be text", ""),
    ("stack: a»\0b\n", "U+0000 is not allowed", ""),
    ('stack: »"a\\0b"\n', "control character U+0000", "Remove"),
    ("stack: a»\ud800\n", "U+D800 is not allowed", ""),
    ("stack: »{{ name }}\n", "A mapping is not text", ""),
    ('stack: "a\n', "not valid YAML", ""),
    ("stack: **x\n", "not valid YAML", "in quotes"),
    (LAUGHS, f"more than {MAX_NODES} values", "Aliases count once for each use"),
    (WIDE + "".join(f"x-{i}: {{<<: *a}}\n" for i in range(50)), f"more than {MAX_NODES} values", ""),
    ("[" * 100_000, f"deeper than {MAX_DEPTH} levels", ""),
    ("- " * 100_000, f"deeper than {MAX_DEPTH} levels", ""),
    ("a:\n" + "".join(" " * i + "a:\n" for i in range(1, 400)), f"deeper than {MAX_DEPTH} levels", ""),
    ("reach: [" + "a," * 100_000 + "]", f"more than {MAX_NODES} values", ""),
    ("a" * 1_048_577, "larger than 1 MiB", "the right file"),
    ("é" * 524_289, "larger than 1 MiB", ""),
]


@pytest.mark.parametrize(("marked", "message", "hint"), ROWS, ids=range(len(ROWS)))
def test_what_is_no_spec_is_one_clear_sentence(marked: str, message: str, hint: str) -> None:
    text, line, column = place(marked)
    found = problems(text)
    assert found
    if line:
        assert (found[0].line, found[0].column) == (line, column), str(found[0])
    assert message in found[0].message
    assert hint in found[0].hint


def test_a_key_that_is_no_text_is_said_to_be_one() -> None:
    assert any("A key must be text" in problem.message for problem in problems("? [a]\n: b\nstack: a\n"))
    assert any("are not expanded" in problem.hint for problem in problems("stack: {{ name }}\n"))


@pytest.mark.parametrize("size", [1, 100, 101, 5000])
def test_many_problems_stay_readable(size: int) -> None:
    text = "stack: a\nservices:\n  web:\n    containers: [{name: a, image: b}]\n" + "".join(
        f"    k{i}: 1\n" for i in range(size)
    )
    found = problems(text)
    assert len(found) == min(size, 100) + (size > 100)
    assert ("more than 100 problems" in found[0].message) == (size > 100)


SCALARS = [
    ("on", "on"),
    ("no", "no"),
    ("22:22", "22:22"),
    ("1_000", "1_000"),
    ("0x1f", "0x1f"),
    ("080", "080"),
    ("2026-11-22", "2026-11-22"),
    ("80", 80),
    ("-5", -5),
    ("+5", 5),
    ("1.5", 1.5),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("1e9999", "1e9999"),
    ("9" * 40, "9" * 40),
    ("true", True),
    ("False", False),
    ("~", None),
    ("null", None),
    ("'80'", "80"),
    ("!!str 80", "80"),
    (".inf", ".inf"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    parsed = parse(f"a: {text}\n", "x.yaml")
    assert parsed.problems == []
    assert parsed.root is not None
    found = parsed.root.plain()["a"]
    assert found == value
    assert type(found) is type(value)


def test_anchors_and_merge_keys_work_and_keep_their_places() -> None:
    text = f"""stack: shop
network: {{egress: endpoints}}
x-base: &base
  cpu: 512
  memory: 1024
  containers: &both [{{name: app, image: "{ECR}", ports: [80]}}]
services:
  web: {{<<: *base, cpu: 1024, memory: 2048}}
  api:
    <<: [*base]
    count: 1
  job: {{containers: *both}}
"""
    services = loaded(text).stack.services
    assert [services[name].cpu for name in ("web", "api", "job")] == [1024, 512, 256]
    assert services["api"].containers == services["job"].containers
    broken = text.replace("memory: 1024", "memory: 999")
    assert [(p.line, p.path) for p in problems(broken)] == [(5, "services.api.memory")]


def test_environment_tags_and_arguments_keep_what_was_written() -> None:
    text = stack(
        container="environment: {A: 080, B: 1.10, C: true, D: on, E: ''}\ncommand: [sleep, 3600]\nuser: 1000",
        service="tags: {cost: 0042}",
    )
    service = loaded(text).stack.services["web"]
    container = service.containers[0]
    assert container.environment == {"A": "080", "B": "1.10", "C": "true", "D": "on", "E": ""}
    assert container.command == ("sleep", "3600")
    assert container.user == "1000"
    assert service.tags == {"cost": "0042"}


def test_line_ends_of_other_systems_and_a_byte_order_mark_do_no_harm() -> None:
    text = stack().replace("\n", "\r\n")
    assert loaded("\ufeff" + text).stack == loaded(stack()).stack
    marked, line, column = place(stack(service="cpu: »300").replace("\n", "\r\n"))
    assert [(p.line, p.column) for p in problems(marked)] == [(line, column)]
