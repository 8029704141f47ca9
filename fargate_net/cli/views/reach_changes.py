"""What opened and what closed between two networks, as lines for people.

Pairs that change alike share a line. Never here: comparing networks, JSON (documents.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views import words
from fargate_net.cli.views.lines import marked
from fargate_net.model.verdict import Open, ReachChange

SIGNS: tuple[tuple[str, str, str, Callable[[ReachChange], tuple[Open, ...]]], ...] = (
    ("+", "opens", "green", lambda row: row.opened),
    ("-", "closes", "red", lambda row: row.closed),
)


def show(console: Console, rows: Iterable[ReachChange], *, width: int = 7) -> None:
    """Print what opens, then what closes, then what cannot be told. ``width`` is that of the column of these words."""
    held = list(dict.fromkeys(rows))
    for sign, word, style, which in SIGNS:
        for who, what in _together((row, words.sockets(which(row))) for row in held):
            console.print(marked(f"  {sign} {word:<{width}}", style).append(f"{who}: {what}", style="none"))
    for who, what in _together((row, row.note) for row in held):
        console.print(Text(f"  ? {who}: {what}"))


def _together(said: Iterable[tuple[ReachChange, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of whom the same is said, as ``a, b -> c, d``, in the order they come up; nothing said is left out."""
    pairs: dict[str, dict[str, list[str]]] = {}
    for row, text in said:
        if text:
            pairs.setdefault(text, {}).setdefault(row.source, []).append(row.target)
    for text, targets in pairs.items():
        alike: dict[frozenset[str], list[str]] = {}
        for source, held in targets.items():
            # Nobody has a pair with himself: of interfaces that reach each other, each reaches itself as well.
            circle = frozenset((*held, source))
            mutual = all(circle <= {member, *targets.get(member, ())} for member in circle)
            alike.setdefault(circle if mutual else frozenset(held), []).append(source)
        for reached, sources in alike.items():
            each = set(sources) == reached
            to = "each other" if each else words.listed(_ordered(targets, sources, reached))
            yield f"{words.listed(sources)} -> {to}", text


def _ordered(targets: dict[str, list[str]], sources: list[str], reached: frozenset[str]) -> list[str]:
    held = dict.fromkeys(name for source in sources for name in targets[source])
    return [name for name in held if name in reached]
