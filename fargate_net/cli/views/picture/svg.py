"""The picture as SVG: no script and no font from elsewhere, for light and for dark pages.

Ids and rules are in the titles that show under the pointer. Never here: where things go (layout.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from fargate_net.cli.views.picture.layout import LABEL, PAD, layout
from fargate_net.cli.views.picture.placed import (
    LETTER,
    Box,
    Layout,
    PlacedChip,
    PlacedLine,
    PlacedRow,
    PlacedVpc,
    fit,
)
from fargate_net.model.picture import Line, Picture

COLORS = ("#2471d6", "#0b8a7a", "#8a5bd1", "#b8620a", "#6b8e00", "#c2417c", "#4a7d9c", "#8c6d46")
"""One for each row that opens connections, readable on white and on black."""

STYLE = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1b2733; }
.back { fill: #ffffff; } .dim { fill: #5c6b7a; } .small { font-size: 11px; }
.name { font-size: 13px; font-weight: 600; }
.title { font-size: 19px; font-weight: 600; }
.sky { fill: #e8f1fd; stroke: #9cc0ee; } .vpc { fill: #fafbfc; stroke: #8a99a8; }
.public { fill: #e7f5ea; stroke: #86bf94; } .private { fill: #eef1f6; stroke: #a3b1c4; }
.unknown { fill: #f4eefb; stroke: #b9a3d6; } .row { fill: #1b2733; fill-opacity: .05; }
.chip { fill: #ffffff; stroke: #b6c2ce; } .edge { fill: #ffffff; stroke: #8a99a8; }
.line { fill: none; stroke-width: 1.6; } .off { fill: none; stroke: #d1242f; stroke-width: 1.6; stroke-dasharray: 6 4; }
.wrong { fill: none; stroke: #d1242f; stroke-width: 3; stroke-dasharray: 6 4; }
.what { fill: none; stroke: #8a5bd1; stroke-width: 1.6; stroke-dasharray: 2 4; } .red { fill: #d1242f; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .back { fill: #0f1419; } .dim { fill: #9fb0c0; }
.sky { fill: #14263d; stroke: #34608f; } .vpc { fill: #141a21; stroke: #55636f; }
.public { fill: #142a1c; stroke: #3d6b4a; } .private { fill: #1a2230; stroke: #44546a; }
.unknown { fill: #241c30; stroke: #5f4a7d; } .row { fill: #ffffff; fill-opacity: .06; }
.chip { fill: #1d2630; stroke: #4a5a69; } .edge { fill: #1d2630; stroke: #55636f; } .red { fill: #ff7b72; }
.off, .wrong { stroke: #ff7b72; } }
"""


def svg(picture: Picture) -> str:
    """The whole drawing."""
    placed = layout(picture)
    width, height = round(placed.width), round(placed.height + _legend_height(placed))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img">',
        f"<title>{escape(picture.title)}</title><style>{STYLE}</style>",
        f"<defs>{''.join(_arrows())}</defs>",
        f'<rect class="back" width="{width}" height="{height}"/>',
        f'<text class="title" x="{PAD}" y="{PAD + 20}">{escape(picture.title)}</text>',
        _rect("sky", placed.internet, 8),
        f'<text class="name" x="{placed.internet.x + 14}" y="{placed.internet.y + 27}">The internet</text>',
    ]
    for vpc in placed.vpcs:
        parts += _vpc(vpc)
    for line in placed.lines:
        parts += _line(line)
    parts += _legend(placed)
    return "\n".join(parts) + "\n</svg>\n"


def _vpc(placed: PlacedVpc) -> Iterator[str]:
    box, vpc = placed.box, placed.vpc
    yield _rect("vpc", box, 10)
    title = escape(fit(vpc.title, box.width - 28, 14))
    yield f'<text class="name" x="{box.x + 14}" y="{box.y + 26}">{title}{_hover(vpc.id)}</text>'
    x = box.x + 14
    for number, gateway in enumerate(vpc.gateways):
        width = len(gateway.title) * 11 * LETTER + 20
        if x + width > box.right - 90:
            left = vpc.gateways[number:]
            hover = _hover("\n".join(one.title for one in left))
            yield f'<text class="small dim" x="{x + 2}" y="{box.y + 54}">and {len(left)} more{hover}</text>'
            break
        yield f"<g>{_hover(gateway.hover)}{_rect('edge', Box(x, box.y + 38, width, 24), 12)}"
        yield f'<text class="small" x="{x + 10}" y="{box.y + 54}">{escape(gateway.title)}</text></g>'
        x += width + 8
    above = min((subnet.y for subnet, _ in placed.subnets), default=box.y + 60)
    for middle, zone in placed.zones:
        yield f'<text class="small dim" x="{middle}" y="{above - 7}" text-anchor="middle">{escape(zone)}</text>'
    for where, subnet in placed.subnets:
        yield f"<g>{_hover(f'{subnet.id} is {subnet.ground.value}')}{_rect(subnet.ground.value, where, 8)}"
        name = escape(fit(subnet.title, where.width - 16, 11.5))
        yield f'<text class="small" x="{where.x + 8}" y="{where.y + 16}" font-weight="600">{name}</text>'
        under = f"{subnet.cidr}  {subnet.ground.value}"
        yield f'<text class="small dim" x="{where.x + 8}" y="{where.y + 31}">{escape(under)}</text></g>'
    for row in placed.rows:
        yield from _row(row)


def _row(placed: PlacedRow) -> Iterator[str]:
    box, row = placed.box, placed.row
    yield f"<g>{_hover(chr(10).join(filter(None, (row.title, row.note, row.hover))))}{_rect('row', box, 8)}"
    yield f'<text class="name" x="{box.x + 10}" y="{box.y + 22}">{escape(fit(row.title, LABEL - 16, 13))}</text>'
    for number, text in enumerate(placed.note):
        yield f'<text class="small dim" x="{box.x + 10}" y="{box.y + 39 + 14 * number}">{escape(text)}</text>'
    yield "</g>"
    for chip in placed.chips:
        yield from _chip(chip)


def _chip(placed: PlacedChip) -> Iterator[str]:
    box, chip = placed.box, placed.chip
    if chip is None:
        yield f'<text class="small dim" x="{box.x + 10}" y="{box.y + 24}">and {placed.more} more</text>'
        return
    yield f"<g>{_hover(chip.hover)}{_rect('chip', box, 6)}"
    low = 17 if chip.detail else 25
    title = escape(fit(chip.title, box.width - 20, 12))
    yield f'<text x="{box.x + 10}" y="{box.y + low}" font-size="12">{title}</text>'
    if chip.detail:
        detail = escape(fit(chip.detail, box.width - 20, 11))
        yield f'<text class="small dim" x="{box.x + 10}" y="{box.y + 32}">{detail}</text>'
    yield "</g>"


_CLASSES = {Line.BLOCKED: "off", Line.BROKEN: "wrong", Line.UNKNOWN: "what"}


def _line(placed: PlacedLine) -> Iterator[str]:
    """Out of the source, along the track, into the target, with the label over the last stretch."""
    connection, x, track = placed.connection, placed.x, placed.track
    down = placed.end > placed.start
    bend = min(6.0, abs(placed.end - placed.start) / 2)
    turn = bend if down else -bend
    way = (
        f"M {x} {placed.start} H {track - bend} Q {track} {placed.start} {track} {placed.start + turn} "
        f"V {placed.end - turn} Q {track} {placed.end} {track - bend} {placed.end} H {x + 2}"
    )
    number = placed.color % len(COLORS)
    drawn = _CLASSES.get(connection.line)
    red = connection.line in (Line.BLOCKED, Line.BROKEN)
    look = f'class="{drawn}"' if drawn else f'class="line" stroke="{COLORS[number]}"'
    arrow = "red" if red else "what" if connection.line is Line.UNKNOWN else str(number)
    yield f"<g>{_hover(chr(10).join((placed.label, *connection.rules)))}"
    yield f'<path {look} d="{way}" marker-end="url(#a{arrow})"/>'
    yield f'<circle cx="{x}" cy="{placed.start}" r="2.5" fill="{_HEADS[arrow]}"/>'
    style = ' class="small red"' if red else ' class="small"'
    yield f'<text{style} x="{x + 16}" y="{placed.end - 4}">{escape(placed.label)}</text></g>'


def _arrows() -> Iterator[str]:
    for name, color in _HEADS.items():
        yield (
            f'<marker id="a{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" fill="{color}"/></marker>'
        )


_HEADS = {**{str(number): color for number, color in enumerate(COLORS)}, "red": "#d1242f", "what": "#8a5bd1"}
"""Colours of the ends of lines."""

_MEANINGS = {
    Line.OPEN: "can open connections",
    Line.BLOCKED: "blocked, as the spec expects",
    Line.BROKEN: "not as the spec expects",
    Line.UNKNOWN: "cannot be known",
}


def _legend_height(placed: Layout) -> float:
    return 22 * len({line.connection.line for line in placed.lines}) + (PAD if placed.lines else 0)


def _legend(placed: Layout) -> Iterator[str]:
    there = {line.connection.line for line in placed.lines}
    for number, line in enumerate(one for one in Line if one in there):
        y = placed.height + 22 * number
        look = f'class="{_CLASSES[line]}"' if line in _CLASSES else f'class="line" stroke="{COLORS[0]}"'
        yield f'<path {look} d="M {PAD} {y} H {PAD + 44}"/>'
        yield f'<text class="small dim" x="{PAD + 54}" y="{y + 4}">{_MEANINGS[line]}</text>'


def _rect(look: str, box: Box, radius: int) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect class="{look}" {place} rx="{radius}"/>'


def _hover(text: str | Iterable[str]) -> str:
    said = text if isinstance(text, str) else "\n".join(text)
    return f"<title>{escape(said)}</title>" if said else ""
