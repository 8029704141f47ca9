"""The picture in a page that needs nothing else, and its lines once more as a table for those who see no pictures.

Never here: the drawing (svg.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from fargate_net.cli.views import words
from fargate_net.cli.views.picture.svg import svg
from fargate_net.model.picture import Picture

STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --dim: #5c6b7a; --line: #d8dfe6; --back: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9fb0c0; --line: #36424e; --back: #0f1419; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 1.5rem; }
.wide { overflow-x: auto; } h2 { font-size: 1.15rem; margin-top: 2rem; } li { max-width: 60rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
.dim { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
"""


def page(picture: Picture) -> str:
    """The whole page."""
    title = escape(picture.title)
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<style>{STYLE}</style></head><body><div class="wide">{svg(picture)}</div>',
        "<p>Point at anything to see its id, and at a line to see the rules that decide.</p>",
        *_table(picture),
        *_notes(picture),
    ]
    return "\n".join(parts) + "\n</body></html>\n"


def _table(picture: Picture) -> Iterator[str]:
    if not picture.connections:
        return
    yield "<h2>Lines</h2><table><thead><tr><th>from</th><th>to</th><th>what</th><th>rules</th></tr></thead><tbody>"
    rows = picture.rows
    for item in picture.connections:
        ends = (rows[end].title if end in rows else end for end in (item.source, item.target))
        cells = "".join(f"<td>{escape(end)}</td>" for end in ends)
        what = escape(item.text or words.sockets(item.open))
        rules = "<br>".join(map(escape, item.rules))
        yield f'<tr>{cells}<td>{what}</td><td class="dim">{rules}</td></tr>'
    yield "</tbody></table>"


def _notes(picture: Picture) -> Iterator[str]:
    if picture.notes:
        yield f"<h2>Notes</h2><ul>{''.join(f'<li>{escape(note)}</li>' for note in picture.notes)}</ul>"
