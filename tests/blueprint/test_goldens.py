"""What each example draws, as a file to read in review."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fargate_net.blueprint.draw import draw
from fargate_net.blueprint.facts import Facts
from fargate_net.spec.load import load
from tests.blueprint.drawings import dump

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_drawing_is_the_golden_one(example: Path, update_goldens: bool) -> None:
    stack = load([example]).stack
    text = json.dumps(dump(draw(stack, Facts.without_aws(stack.region or "eu-west-1"))), indent=1) + "\n"
    golden = GOLDENS / f"{example.stem}.json"
    if update_goldens:
        golden.write_text(text)
    assert golden.exists(), "no golden file; `make goldens` writes it"
    assert text == golden.read_text(), "the drawing changed; `make goldens` rewrites the file if that is wanted"


def test_every_golden_belongs_to_an_example() -> None:
    assert {path.stem for path in GOLDENS.glob("*.json")} == {path.stem for path in EXAMPLES}
