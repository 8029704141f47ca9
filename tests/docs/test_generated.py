"""The generated pages are what the code says now, and each type has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fargate_net.kinds.base import load_all
from tests.docs.aws_calls import operations, reads
from tests.docs.kind_pages import MARK
from tests.docs.write import DOCS, pages

KINDS = sorted(load_all())


@pytest.fixture(scope="module")
def written() -> dict[Path, str]:
    return pages()


@pytest.mark.parametrize(
    "name", ["commands", "spec", "sandbox", "index", "kinds/index", *(f"kinds/{kind}" for kind in KINDS)]
)
def test_page_is_fresh(written: dict[Path, str], name: str) -> None:
    path = DOCS / f"{name}.md"
    assert path.exists(), f"{path.name} is missing: run `make docs`"
    assert path.read_text() == written[path], f"{path.name} is stale: run `make docs`"


def test_no_page_outlives_its_type() -> None:
    assert {path.stem for path in (DOCS / "kinds").glob("*.md")} == {*KINDS, "index"}


@pytest.mark.parametrize("kind", KINDS)
def test_head_is_written_by_a_person(kind: str) -> None:
    head, mark, _ = (DOCS / "kinds" / f"{kind}.md").read_text().partition(MARK)
    title, _, body = head.partition("\n")
    assert mark
    assert title.startswith("# ")
    assert len(body.split()) >= 15, "one sentence, at least, on what it means for a Fargate network"
    assert "\nSource: " in body, "the AWS page that says so"


@pytest.mark.parametrize("kind", KINDS)
def test_calls_are_found(kind: str) -> None:
    """The reader of calls would be worth nothing if it silently missed a side."""
    thing = load_all()[kind]
    looking = operations(thing, ["scan"])
    assert looking
    assert all(reads(name) for name in looking)
    if thing.write_side:
        assert any(not reads(name) for name in operations(thing, ["create"]))
        assert any(not reads(name) for name in operations(thing, ["delete"]))
