"""The terminal of the picture, and the picture itself: what it shows is what the tool says."""

from __future__ import annotations

import html
import re
import sys

import pytest

from tests.docs.picture import COLUMNS, PICTURE
from tests.docs.terminal import lines, shown


@pytest.mark.parametrize(
    ("stream", "left"),
    [
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("one\r\ntwo\r\n\x1b[1A\x1b[2Kthree\r\n", ["one", "three"]),
        ("- a\r\n- b\r\x1b[2K\x1b[1A\x1b[2K\x1b[32m✓\x1b[0m a\r\n- b\r\n", ["\x1b[32m✓\x1b[0m a", "- b"]),
        ("\x1b[?25lhidden cursor\x1b[?25h\r\n\r\n", ["hidden cursor"]),
    ],
)
def test_what_stays_on_a_terminal(stream: str, left: list[str]) -> None:
    assert lines(stream) == left


def test_a_program_sees_a_terminal() -> None:
    code = "import os, sys; print(sys.stdout.isatty(), os.get_terminal_size().columns)"
    assert shown([sys.executable, "-c", code], {}, columns=77, rows=20) == ["True 77"]


def test_the_picture_shows_an_up_and_a_blocked_path() -> None:
    svg = PICTURE.read_text()
    text = html.unescape(re.sub(r"<[^>]+>", "\n", svg)).replace("\xa0", " ")
    for words in ("fargatenet up shop.yaml", "opens", "api -> web: tcp 80", "ENI_SG_RULES_MISMATCH", "fix:", "blocks"):
        assert words in text
    assert not re.search(r"url\([^)#]*http|href=|@import|<image", svg), "the picture calls nobody"
    assert max(len(line) for line in text.splitlines()) <= COLUMNS
