"""docs/verdicts.md and the engine name the same codes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import fargate_net.reach
from fargate_net.model.verdict import Disposition

ENGINE = Path(fargate_net.reach.__file__).parent
PAGE = (ENGINE.parents[1] / "docs" / "verdicts.md").read_text()
SECTION = re.compile(r"^### `([A-Z0-9_]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
NOT_CODES = {"TCP_UDP", "TCP_QUIC", "DNS_PRIVATE"}
"""Words of AWS that look like codes: protocols of listeners, a type of namespace."""


def _codes() -> set[str]:
    texts = {
        node.value
        for path in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if CODE.fullmatch(text)} - NOT_CODES


def test_every_code_has_a_section_and_every_section_a_code():
    assert {name for name, _ in SECTION.findall(PAGE)} == _codes()


def test_every_section_says_what_it_means_with_an_example_and_a_fix():
    for name, text in SECTION.findall(PAGE):
        meaning = text.strip().partition("\n\n")[0]
        assert len(meaning) > 20, name
        assert re.search(r"^- Example: `.+`$", text, re.MULTILINE), name
        assert re.search(r"^- Fix: \S", text, re.MULTILINE), name


def test_no_code_has_two_sections():
    names = [name for name, _ in SECTION.findall(PAGE)]
    assert len(names) == len(set(names))


def test_every_verdict_has_a_row():
    assert all(f"| `{verdict}` |" in PAGE for verdict in Disposition)
