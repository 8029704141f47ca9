"""README and tutorial are done as they are told: commands run, exit as said, and print the lines that are shown."""

from __future__ import annotations

import runpy
import shlex
from pathlib import Path

import pytest

from tests.docs.blocks import Command, alike, blocks, commands, save
from tests.docs.write import DOCS, ROOT
from tests.story.conftest import Teller

PAGES = (ROOT / "README.md", DOCS / "tutorial.md")
ELSEWHERE = ("fargatenet sandbox", "make ", "export ")
"""Tried by other tests (the process of the sandbox, the Makefile by CI), or nothing to try."""


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_is_true(page: Path, tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("AWS_ENDPOINT_URL", tell.served.endpoint)
    ran = 0
    for language, block in blocks(page.read_text()):
        if language != "console":
            save(language, block, folder)
            continue
        for command in commands(block):
            if not command.line.startswith(ELSEWHERE):
                follow(command, tell)
                ran += 1
    assert ran >= 5


def follow(command: Command, tell: Teller) -> None:
    words = shlex.split(command.line)
    if words[0] == "python":
        runpy.run_path(words[1])
        return
    assert words[0] == "fargatenet", command.line
    asks_aws = "--sandbox" in words
    told = tell(*(word for word in words[1:] if word != "--sandbox"), at=asks_aws)
    printed = told.stdout + told.stderr
    assert told.exit_code == command.exit_code, f"$ {command.line}\n{printed}"
    there = {alike(line) for line in printed.splitlines()}
    missing = [line for line in command.shown if alike(line) not in there]
    assert not missing, f"$ {command.line}\nis said to print\n" + "\n".join(missing) + f"\nand prints\n{printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_examples_of_answers_are_not_worn(page: Path) -> None:
    """A block without a command shows nothing that a test could hold against it."""
    for language, block in blocks(page.read_text()):
        assert language, "every block says what it is"
        if language == "console":
            assert commands(block)
