"""Plain moto still differs from AWS where the sandbox repairs it; a failure says that a repair may go."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fargate_net.sandbox import repairs

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def differs() -> dict[str, bool]:
    done = subprocess.run([sys.executable, str(HERE / "plain_moto.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers: dict[str, bool] = json.loads(done.stdout)
    return answers


def test_moto_still_needs_every_repair_of_the_table(differs: dict[str, bool]) -> None:
    assert [key for key, still in differs.items() if not still] == []
    assert set(differs) == {row.key for row in repairs.TABLE}


def test_the_table_names_each_repair_once() -> None:
    keys = [row.key for row in repairs.TABLE]
    assert len(keys) == len(set(keys))


def test_the_documentation_shows_the_table() -> None:
    text = (HERE.parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert repairs.as_markdown() in text
