"""Every statement from 1 to 124 has tests that carry its number, or a reason why no verdict can show it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from tests.reach.statements.silent import SILENT

NUMBERS = range(1, 125)


QUESTIONS = {"ask", "needs", "health", "command"}


def _asked() -> Counter[int]:
    """How many questions the tests of each number ask; those of a test with parameters count twice."""
    counted: Counter[int] = Counter()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (named := re.match(r"test_s(\d{3})_", node.name)):
                calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
                asked = sum(isinstance(call, ast.Name) and call.id in QUESTIONS for call in calls)
                counted[int(named[1])] += asked * (2 if node.decorator_list else 1)
    return counted


def test_every_number_is_tested_or_silent_and_none_is_both():
    tested = set(_asked())
    assert tested | set(SILENT) == set(NUMBERS)
    assert not tested & set(SILENT)


def test_every_tested_statement_has_a_twin():
    assert [number for number, count in sorted(_asked().items()) if count < 2] == []


def test_every_reason_is_a_sentence():
    assert all(reason.endswith(".") and len(reason) > 60 for reason in SILENT.values())
