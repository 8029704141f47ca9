"""Nothing lies on anything else, nothing is cut off, every line can be followed."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest

from fargate_net.cli.views.picture.layout import LABEL, STEP, all_rows, layout
from fargate_net.cli.views.picture.placed import LETTER, Box, Layout, fit, wrapped
from fargate_net.model.picture import INTERNET, Picture
from tests.picture.drawn import SPECS, by_hand, planned


def pictures() -> list[Picture | Path]:
    return [*SPECS, by_hand()]


@pytest.fixture(params=pictures(), ids=lambda one: one.stem if isinstance(one, Path) else "by hand")
def placed(request: pytest.FixtureRequest) -> Layout:
    return layout(planned(request.param) if isinstance(request.param, Path) else request.param)


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def inside(inner: Box, outer: Box) -> bool:
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def test_boxes_of_one_sort_never_overlap(placed: Layout) -> None:
    rows = list(all_rows(placed))
    chips = [chip.box for row in rows for chip in row.chips]
    subnets = [box for vpc in placed.vpcs for box, _ in vpc.subnets]
    frames = [placed.internet, *(vpc.box for vpc in placed.vpcs)]
    for sort in ([row.box for row in rows], chips, subnets, frames):
        assert not [pair for pair in combinations(sort, 2) if overlap(*pair)]


def test_everything_is_inside_what_holds_it(placed: Layout) -> None:
    page = Box(0, 0, placed.width, placed.height)
    for vpc in placed.vpcs:
        assert inside(vpc.box, page)
        where = {subnet.id: box for box, subnet in vpc.subnets}
        assert where.keys() == {subnet.id for subnet in vpc.vpc.subnets}
        assert all(inside(box, vpc.box) for box in where.values())
        for row in vpc.rows:
            assert inside(row.box, vpc.box)
            for chip in row.chips:
                assert inside(chip.box, row.box)
                if chip.chip is not None:
                    assert inside(chip.box, where[chip.chip.subnet])
        # The head of a subnet (its name and range) is free of rows.
        for box in where.values():
            assert not [row for row in vpc.rows if overlap(row.box, Box(box.x, box.y, box.width, 34))]


def test_every_row_and_every_chip_is_placed_once(placed: Layout) -> None:
    for vpc in placed.vpcs:
        shown = [chip.chip for row in vpc.rows for chip in row.chips if chip.chip]
        more = sum(chip.more for row in vpc.rows for chip in row.chips)
        assert len(shown) + more == sum(len(row.chips) for row in vpc.vpc.rows)
        assert {row.row.id for row in vpc.rows} == {row.id for row in vpc.vpc.rows}


def test_lines_can_be_told_apart(placed: Layout) -> None:
    assert len(placed.lines) == len(placed.picture.connections)
    heights = sorted(height for line in placed.lines for height in (line.start, line.end))
    assert all(b - a >= STEP * 0.9 for a, b in pairwise(heights)), "two ends at one height"
    for one, other in combinations(placed.lines, 2):
        if one.track == other.track:
            spans = sorted((min(line.start, line.end), max(line.start, line.end)) for line in (one, other))
            assert spans[0][1] < spans[1][0], "two lines share a stretch of a track"


def test_lines_end_at_their_rows_and_labels_fit_before_the_tracks(placed: Layout) -> None:
    boxes = {INTERNET: placed.internet}
    for row in all_rows(placed):
        boxes.setdefault(row.row.id, row.box)
    for line in placed.lines:
        for height, end in ((line.start, line.connection.source), (line.end, line.connection.target)):
            assert boxes[end].y <= height <= boxes[end].bottom
        assert line.x + 16 + len(line.label) * 11 * LETTER <= line.track
        assert line.track < placed.width


def test_a_large_stack_keeps_to_a_page() -> None:
    placed = layout(planned(SPECS[-1]))
    assert placed.width < 1700
    assert placed.height < 2000


def test_text_is_cut_to_what_fits() -> None:
    assert fit("short", 200, 11) == "short"
    cut = fit("x" * 100, 100, 11)
    assert cut.endswith("…")
    assert len(cut) * 11 * LETTER <= 100
    lines = wrapped("a note of many words that go on and on until nobody reads them any more", LABEL - 100, 11, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(len(line) * 11 * LETTER <= LABEL - 100 for line in lines)
    assert wrapped("", 100, 11, 2) == []
