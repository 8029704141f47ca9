"""The same picture as SVG, as a page and as Mermaid."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fargate_net.cli.views.picture.mermaid import mermaid
from fargate_net.cli.views.picture.page import page
from fargate_net.cli.views.picture.svg import svg
from fargate_net.model.picture import Line, Picture
from tests.picture.drawn import SPECS, by_hand, planned

SVG = "{http://www.w3.org/2000/svg}"
ARTICLE = next(path for path in SPECS if path.stem == "article")
CLASSES = {Line.OPEN: "line", Line.BLOCKED: "off", Line.BROKEN: "wrong", Line.UNKNOWN: "what"}


def every() -> list[Picture]:
    return [*(planned(spec) for spec in SPECS), by_hand()]


def test_the_drawing_is_well_formed_and_needs_nothing_else() -> None:
    for picture in every():
        text = svg(picture)
        root = ElementTree.fromstring(text)
        assert root.findtext(f"{SVG}title") == picture.title
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
        assert "<script" not in text
        assert "prefers-color-scheme: dark" in text
        drawn = Counter(path.get("class") for path in root.iter(f"{SVG}path") if path.get("marker-end"))
        assert drawn == Counter(CLASSES[item.line] for item in picture.connections)


def test_no_text_leaves_the_drawing() -> None:
    for picture in every():
        root = ElementTree.fromstring(svg(picture))
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        for text in root.iter(f"{SVG}text"):
            long = len(text.text or "") * 11 * 0.62
            left = float(text.get("x", 0)) - (long / 2 if text.get("text-anchor") == "middle" else 0)
            assert left >= 0
            assert left + long <= width
            assert float(text.get("y", 0)) <= height


def test_what_is_blocked_is_red_and_dashed_and_names_what_blocks() -> None:
    text = svg(planned(ARTICLE))
    assert re.search(r"\.off \{[^}]*stroke: #d1242f[^}]*stroke-dasharray", text)
    root = ElementTree.fromstring(text)
    groups = [group for group in root.iter(f"{SVG}g") if any(p.get("class") == "off" for p in group.iter(f"{SVG}path"))]
    said = {group.findtext(f"{SVG}text"): group.findtext(f"{SVG}title") or "" for group in groups}
    assert set(said) == {"internet: 9000/tcp blocked", "internet: 8080/tcp blocked", "api: 9000/tcp blocked"}
    assert all("planned:security_group/web" in said[f"{who}: 9000/tcp blocked"] for who in ("internet", "api"))


def test_a_line_names_the_rules_that_let_it_through() -> None:
    root = ElementTree.fromstring(svg(planned(ARTICLE)))
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    (through,) = [title for title in titles if title.startswith("api: tcp 80\n")]
    assert "planned:security_group/web: ingress tcp 80 from planned:security_group/api" in through


def test_what_finds_no_room_is_counted() -> None:
    texts = [text.text for text in ElementTree.fromstring(svg(by_hand())).iter(f"{SVG}text")]
    gateways = sum(str(text).startswith("peering with") for text in texts)
    assert f"and {9 - gateways} more" in texts
    assert "and 6 more" in texts


def test_the_page_says_everything_in_words_too() -> None:
    text = page(planned(ARTICLE))
    assert text.startswith("<!doctype html>")
    assert "<svg " in text
    assert "<td>api</td><td>web</td><td>tcp 80</td>" in text
    assert "<li>assumed: " in text
    assert "A &quot;title&quot; with &lt;signs&gt; &amp; more" in page(by_hand())


def test_mermaid_of_a_known_picture() -> None:
    text = mermaid(by_hand())
    assert text.startswith('---\ntitle: "A \\"title\\" with <signs> & more"\n---\nflowchart TB\n')
    assert 'internet -->|"tcp 80, 8000-8010; udp 53"| n1' in text
    assert 'internet -.-x|"80/tcp blocked"| n5' in text
    assert 'n2 -.->|"not known"| n5' in text
    assert 'n5 ==>|"22/tcp is reachable: not as expected"| n1' in text
    assert 'n4 -.-x|"every port blocked"| internet' in text
    assert "linkStyle 1,3,4 stroke:#d1242f,color:#d1242f" in text
    assert 'subgraph vpc2 ["VPC two"]' in text


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_mermaid_has_every_row_and_line_once(spec: Path) -> None:
    picture, text = planned(spec), mermaid(planned(spec))
    for row in picture.rows.values():
        assert len(re.findall(rf'"{re.escape(row.title)}<br/>{re.escape(row.note)}', text)) == 1
    arrows = [line for line in text.splitlines() if re.search(r"(-->|-\.-x|==>|-\.->)\|", line)]
    assert len(arrows) == len(picture.connections)
    assert text.count("subgraph") == sum(line.strip() == "end" for line in text.splitlines())
    assert all(line.count('"') % 2 == 0 for line in text.splitlines())
