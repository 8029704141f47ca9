"""Whatever is in a file: a stack or a SpecError, never anything else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fargate_net.errors import SpecError
from fargate_net.spec.load import load, load_text
from fargate_net.spec.models import Stack
from fargate_net.spec.schema import json_schema

EXAMPLE = (Path(__file__).parents[2] / "examples" / "article.yaml").read_text()
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def words() -> list[str]:
    """Every key of the spec, and words that mean something in it."""
    schema = json_schema()
    keys = {key for part in [schema, *schema["$defs"].values()] for key in properties(part)}
    return sorted(
        keys | {"web", "app:80", "10.0.0.0/16", "internet", "<<", "A", "arn:aws:acm:a:b:c", "nginx", "public"}
    )


def properties(part: dict[str, object]) -> Iterator[str]:
    found = part.get("properties")
    yield from found if isinstance(found, dict) else ()
    for other in part.get("anyOf", ()):  # type: ignore[attr-defined]
        yield from properties(other)


WORDS = words()
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.booleans(),
    st.integers(-5, 70000),
    st.floats(allow_nan=False),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=30,
)


def outcome(text: str) -> Stack | SpecError:
    try:
        return load_text(text).stack
    except SpecError as error:
        return error


def ends_well(text: str) -> None:
    found = outcome(text)
    if isinstance(found, SpecError):
        assert found.problems
        assert str(found)
        assert [str(problem) for problem in found.problems if not problem.message.endswith(".")] == []


@QUICK
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    ends_well(text)


@QUICK
@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t<0", max_size=200))
def test_text_of_yaml_signs(text: str) -> None:
    ends_well(text)


@QUICK
@given(VALUES)
def test_any_structure(value: object) -> None:
    ends_well(json.dumps(value))


@QUICK
@given(st.dictionaries(st.sampled_from(["stack", "region", "network", "services", "reach", "cluster"]), VALUES))
def test_any_value_under_the_right_keys(value: dict[str, object]) -> None:
    ends_well(yaml.safe_dump(value))


@QUICK
@given(VALUES, st.data())
def test_an_example_with_one_value_replaced(value: object, data: st.DataObject) -> None:
    document = yaml.safe_load(EXAMPLE)
    spot = document
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        inner = spot[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            spot[key] = value
            break
        spot = inner
    ends_well(yaml.safe_dump(document))


@QUICK
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 40), st.text(max_size=5))
def test_an_example_with_a_hole(start: int, length: int, filling: str) -> None:
    ends_well(EXAMPLE[:start] + filling + EXAMPLE[start + length :])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(raw)
    with contextlib.suppress(SpecError):
        assert load([path]).files == (str(path),)
