"""The short form of ``python -m tests.chaos``: a few kills in every example, faults on. And proof that it can fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chaos.wishes import EXAMPLES, ROOT

TOGETHER = 3
"""Examples in one process: to start it and to make its clients takes as long as two kills."""


def chaos(*options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: copies of a process are made of one thread, and pytest has more."""
    return subprocess.run([sys.executable, "-m", "tests.chaos", *options], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("first", range(0, len(EXAMPLES), TOGETHER))
def test_a_killed_run_is_finished_by_the_next(first: int) -> None:
    examples = [path.stem for path in EXAMPLES[first : first + TOGETHER]]
    done = chaos(*(word for name in examples for word in ("--example", name)), "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "duplicates 0, orphans 0, foreign resources touched 0" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    for name in examples:
        assert sum(int(row[3]) for row in rows if row[:1] == [name]) > 0, "nobody was killed"


def test_a_process_that_is_really_killed_is_survived_too() -> None:
    done = chaos("--example", "static-dns", "--run", "up", "--every", "1000", "--sigkill", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "processes killed 0" not in done.stdout


def test_the_mutant_that_tags_after_the_create_call_is_caught() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.mutant"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "orphans: vpc 10.0.0.0/16" in done.stdout, done.stdout
