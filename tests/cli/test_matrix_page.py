"""The matrix as a page: whole without anything else, honest in words, and safe with any name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cli_nouns import FakeChecked

from fargate_net.cli.views import matrix_html
from fargate_net.cli.views.matrix_html import page
from fargate_net.model.verdict import Cell, InterfaceClass, Matrix, Open

Run = Callable[..., Any]
Fake = Callable[..., list[Any]]

WEB = Open("tcp", ("443",), ("1024-65535",))
LIMITED = Open("tcp", ("80",), ("1024-65535",), clients=("203.0.113.0/24",))
MATRIX = Matrix(
    (
        InterfaceClass("internet", ()),
        InterfaceClass("c1", ("eni-1", "eni-2"), "subnet-1", ("sg-1",), ("web",)),
        InterfaceClass("c2", ("eni-3",), "subnet-1", ("sg-2",), (), ("lb/<shop>",)),
    ),
    (
        Cell("internet", "c1", (LIMITED,)),
        Cell("c1", "c1", (WEB,)),
        Cell("c1", "c2", (), "tgw-1 is & stays unknown"),
        Cell("c2", "c1", (WEB,), "a list is not known"),
    ),
    ("Block Public Access is off",),
)


class Cells(HTMLParser):
    """The cells of the first table: (class, text) by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self.open = tag == "td"
        if self.open:
            self.rows[-1].append((dict(attrs).get("class") or "", ""))

    def handle_data(self, data: str) -> None:
        if self.open and self.rows and self.rows[-1]:
            kind, text = self.rows[-1][-1]
            self.rows[-1][-1] = (kind, text + data)

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "td"


def test_every_pair_has_a_cell_that_says_in_words_what_its_colour_says() -> None:
    read = Cells()
    read.feed(page(MATRIX).partition("</table>")[0])
    assert read.rows[1:] == [
        [("closed", "·"), ("part", "tcp 80, in part"), ("closed", "–")],
        [("closed", "–"), ("open self", "tcp 443"), ("unknown", "not known")],
        [("closed", "–"), ("unknown", "tcp 443; more not known"), ("closed", "·")],
    ]
    assert "– closed" in unescape(page(MATRIX)), "the key has the sign"
    assert "tcp 80 (from 203.0.113.0/24)" in page(MATRIX).partition("</table>")[2], "the list tells the limits"


def test_a_cell_is_short_whatever_is_open() -> None:
    every = [Open(protocol, ("0-65535",), ("1024-65535",)) for protocol in ("tcp", "udp")] + [Open("icmp", ())]
    replies = Open("tcp", ("80",), ("32768-61000",))
    many = Open("tcp", ("443",), ("1024-65535",), clients=tuple(f"198.51.{n}.0/24" for n in range(99)))
    classes = MATRIX.classes
    made = Matrix(
        classes,
        (Cell("internet", "c1", (many, replies)), Cell("c1", "internet", tuple(every)), Cell("c1", "c1", (replies,))),
    )
    read = Cells()
    read.feed(page(made).partition("</table>")[0])
    assert read.rows[1][1] == ("part", "tcp 443, 80, in part")
    assert read.rows[2][:2] == [("open", "tcp; udp; icmp"), ("part self", "tcp 80, in part")]


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    made = page(MATRIX, ["ec2:DescribeSubnets: denied"])
    assert not re.search(r"<(script|link|img|iframe)|https?:|url\(|@import|\bon\w+=", made)
    assert "ec2:DescribeSubnets: denied" in made
    assert "Block Public Access is off" in made


def test_names_are_shown_and_not_run() -> None:
    made = page(MATRIX)
    assert "lb/&lt;shop&gt;" in made
    assert "tgw-1 is &amp; stays unknown" in made
    assert "<shop>" not in made


def test_too_many_classes_are_listed_and_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_html, "WIDEST_GRID", 2)
    made = page(MATRIX)
    assert 'class="grid"' not in made
    assert "3 classes are too many for a grid" in made
    assert "tcp 443" in made


def test_nothing_open_is_said() -> None:
    assert "Every pair is closed." in page(Matrix(MATRIX.classes, ()))


def test_the_page_is_written_beside_the_answer(run: Run, fake: Fake, tmp_path: Path) -> None:
    fake("reach_check", FakeChecked(matrix=MATRIX))
    file = tmp_path / "matrix.html"
    done = run("reach-check", "--all", "--html", str(file), "--output", "json")
    assert done.code == 0
    assert json.loads(done.out)["classes"][2]["names"] == ["lb/<shop>"]
    assert file.read_text(encoding="utf-8") == page(MATRIX)


def test_a_page_is_of_the_matrix_only(run: Run, fake: Fake, tmp_path: Path) -> None:
    assert run("reach-check", "--html", str(tmp_path / "matrix.html")).code == 2


def test_a_place_that_cannot_be_written_is_a_sentence(run: Run, fake: Fake, tmp_path: Path) -> None:
    fake("reach_check", FakeChecked(matrix=MATRIX))
    done = run("reach-check", "--all", "--html", str(tmp_path / "no" / "matrix.html"))
    assert done.code == 2
    assert "cannot be written" in done.err
