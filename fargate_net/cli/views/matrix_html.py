"""The all-pairs matrix as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

Never here: computing classes; the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from fargate_net.cli.views import words
from fargate_net.model.verdict import Cell, InterfaceClass, Matrix

SHOWN_MEMBERS = 12
WIDEST_GRID = 60
"""With more classes than this the grid would not fit any screen; the page then lists the open pairs only."""

STYLE = """
:root { --ink: #1b2733; --dim: #5c6b7a; --line: #d8dfe6; --open: #d5efdc; --part: #fdf1c7; --unknown: #ece3f7; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); margin: 2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, li { max-width: 60rem; } .dim { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; }
thead th { background: #f2f5f8; } tbody th { background: #f2f5f8; font-weight: 600; }
.grid td { min-width: 6.5rem; max-width: 15rem; font-size: .85rem; }
.open { background: var(--open); } .part { background: var(--part); } .unknown { background: var(--unknown); }
.closed { color: #9aa7b4; } .self { outline: 2px solid #b9c6d2; outline-offset: -3px; }
.key span { padding: .15rem .55rem; margin-right: .5rem; border: 1px solid var(--line); }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
"""


def page(matrix: Matrix, missing: Iterable[str] = ()) -> str:
    """The whole page. Rows open connections, columns take them; every cell says in words what its colour says."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Who can reach whom</title>',
        f"<style>{STYLE}</style></head><body><h1>Who can reach whom</h1>",
        "<p>Interfaces that no rule tells apart form one class. A row opens connections, a column takes them.</p>",
        '<p class="key"><span class="open">open</span><span class="part">open, with limits</span>'
        '<span class="unknown">not known</span><span class="closed">closed</span></p>',
    ]
    if len(matrix.classes) <= WIDEST_GRID:
        parts.extend(_grid(matrix))
    else:
        parts.append(f"<p>{len(matrix.classes)} classes are too many for a grid; the open pairs are listed below.</p>")
    parts.extend(_pairs(matrix))
    parts.extend(_classes(matrix))
    parts.extend(_listed("Assumed", matrix.assumptions))
    parts.extend(_listed("Not known", missing))
    return "\n".join(parts) + "\n</body></html>\n"


def _grid(matrix: Matrix) -> Iterator[str]:
    cells = {(cell.source, cell.target): cell for cell in matrix.cells}
    heads = "".join(f'<th scope="col">{_name(item)}</th>' for item in matrix.classes)
    yield f'<div class="wide"><table class="grid"><thead><tr><th>from \\ to</th>{heads}</tr></thead><tbody>'
    for row in matrix.classes:
        shown = "".join(_cell(cells.get((row.id, column.id)), row, column) for column in matrix.classes)
        yield f'<tr><th scope="row">{_name(row)}</th>{shown}</tr>'
    yield "</tbody></table></div>"


def _cell(cell: Cell | None, row: InterfaceClass, column: InterfaceClass) -> str:
    if cell is None:
        alone = row.id == column.id and len(row.members) < 2
        return f'<td class="closed">{"&middot;" if alone else "closed"}</td>'
    own = " self" if row.id == column.id else ""
    text, title = words.sockets(cell.open), ""
    if cell.unknown:
        text, title = f"{text}; more not known" if text else "not known", f' title="{escape(cell.unknown)}"'
    return f'<td class="{_kind(cell)}{own}"{title}>{escape(text)}</td>'


def _kind(cell: Cell) -> str:
    if cell.unknown:
        return "unknown"
    limited = any(entry.tasks or entry.zones or entry.clients or entry.addresses for entry in cell.open)
    return "part" if limited else "open"


def _what(cell: Cell) -> str:
    opened = words.sockets(cell.open)
    return "; ".join(part for part in (opened, f"not known: {cell.unknown}" if cell.unknown else "") if part)


def _name(item: InterfaceClass) -> str:
    held = ", ".join((*item.services, *item.names))
    return escape(item.id) + (f'<br><span class="dim">{escape(held)}</span>' if held else "")


def _pairs(matrix: Matrix) -> Iterator[str]:
    names = {item.id: item for item in matrix.classes}
    yield "<h2>Open and unknown pairs</h2>"
    if not matrix.cells:
        yield "<p>Every pair is closed.</p>"
        return
    yield "<table><thead><tr><th>from</th><th>to</th><th>what</th></tr></thead><tbody>"
    for cell in matrix.cells:
        ends = "".join(f"<td>{_name(names[end])}</td>" for end in (cell.source, cell.target))
        yield f'<tr>{ends}<td class="{_kind(cell)}">{escape(_what(cell))}</td></tr>'
    yield "</tbody></table><p>Every other pair is closed.</p>"


def _classes(matrix: Matrix) -> Iterator[str]:
    yield "<h2>Classes</h2><table><thead><tr><th>class</th><th>what</th><th>subnet</th>"
    yield "<th>security groups</th><th>interfaces</th></tr></thead><tbody>"
    for item in matrix.classes:
        more = len(item.members) - SHOWN_MEMBERS
        members = _codes(item.members[:SHOWN_MEMBERS]) + (f" and {more} more" if more > 0 else "")
        yield (
            f"<tr><th>{escape(item.id)}</th><td>{escape(', '.join((*item.services, *item.names))) or '-'}</td>"
            f"<td>{_codes([item.subnet] if item.subnet else [])}</td>"
            f"<td>{_codes(item.security_groups)}</td><td>{members}</td></tr>"
        )
    yield "</tbody></table>"


def _codes(texts: Iterable[str]) -> str:
    return " ".join(f"<code>{escape(text)}</code>" for text in texts) or "-"


def _listed(title: str, texts: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    if items:
        yield f"<h2>{title}</h2><ul>{items}</ul>"
