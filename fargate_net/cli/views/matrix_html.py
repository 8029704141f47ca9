"""The all-pairs matrix as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

Never here: computing classes; the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from fargate_net.cli.views import words
from fargate_net.model.verdict import Cell, InterfaceClass, Matrix, Open

SHOWN_MEMBERS = 12
ALL_PORTS = "0-65535"
WIDEST_GRID = 60
"""With more classes than this the grid would not fit any screen; the page then lists the open pairs only."""

STYLE = """
:root { --ink: #1b2733; --dim: #5c6b7a; --line: #d8dfe6; --open: #d5efdc; --part: #fdf1c7; --unknown: #ece3f7; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); margin: 2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, li { max-width: 60rem; } .dim { color: var(--dim); }
.wide { overflow: auto; max-height: 88vh; border: 1px solid var(--line); width: fit-content; max-width: 100%; }
table { border-collapse: collapse; } .wide table { border-collapse: separate; border-spacing: 0; }
th, td { border: 1px solid var(--line); padding: .3rem .55rem; text-align: left; vertical-align: top; }
thead th { background: #f2f5f8; } tbody th { background: #f2f5f8; font-weight: 600; }
.grid th, .grid td { border-width: 0 1px 1px 0; font-size: .8rem; line-height: 1.35; padding: .25rem .4rem; }
.grid th { overflow-wrap: break-word; min-width: 3.5rem; max-width: 9rem; }
.grid td { min-width: 2.2rem; max-width: 9rem; }
.grid thead th { position: sticky; top: 0; z-index: 1; } .grid tbody th { position: sticky; left: 0; }
.grid thead th:first-child { left: 0; z-index: 2; white-space: nowrap; }
.grid tbody tr:hover > * { filter: brightness(.96); }
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
        '<span class="unknown">not known</span><span class="closed">&ndash; closed</span></p>',
    ]
    if len(matrix.classes) <= WIDEST_GRID:
        parts.append(
            '<p class="dim">A protocol without ports means all of them. Limits are told in the list below.</p>'
        )
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
        return '<td class="closed">&middot;</td>' if alone else '<td class="closed" title="closed">&ndash;</td>'
    own = " self" if row.id == column.id else ""
    text = _short(cell.open)
    if cell.unknown:
        text = f"{text}; more not known" if text else "not known"
    return f'<td class="{_kind(cell)}{own}" title="{escape(_what(cell))}">{escape(text)}</td>'


def _short(opened: Iterable[Open]) -> str:
    """What is open as short as it can be said: limits are only hinted at."""
    ports: dict[str, list[str]] = {}
    limited = False
    for entry in opened:
        ports.setdefault(entry.protocol, []).extend(entry.ports)
        limited |= _limited(entry)
    text = "; ".join(
        protocol if ALL_PORTS in held else " ".join([protocol, ", ".join(dict.fromkeys(held))]).strip()
        for protocol, held in ports.items()
    )
    return f"{text}, in part" if limited else text


def _kind(cell: Cell) -> str:
    if cell.unknown:
        return "unknown"
    return "part" if any(map(_limited, cell.open)) else "open"


def _limited(entry: Open) -> bool:
    return bool(entry.tasks or entry.zones or entry.clients or entry.addresses) or not words.every_client_port(entry)


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
