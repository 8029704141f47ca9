"""The all-pairs matrix as text: the classes of interfaces, then one line for each open or unknown pair.

Never here: computing classes; JSON.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views import words
from fargate_net.cli.views.tables import grid
from fargate_net.model.verdict import Cell, InterfaceClass, Matrix

SHOWN_MEMBERS = 3


def show(console: Console, matrix: Matrix) -> None:
    """Print classes and open pairs. A pair that is not listed is closed, and the last line says so."""
    console.print(Text("Classes of interfaces that no rule tells apart", style="bold"))
    table = grid("CLASS", "WHAT", "SUBNET", "SECURITY GROUPS", "MEMBERS")
    for item in matrix.classes:
        groups = "\n".join(item.security_groups) or "-"
        table.add_row(item.id, ", ".join(_belongs(item)) or "-", item.subnet or "-", groups, _members(item))
    console.print(table)
    console.print()
    console.print(Text("Open pairs", style="bold"))
    names = {item.id: _name(item) for item in matrix.classes}
    pairs = grid("", "FROM", "TO", "WHAT")
    for cell in matrix.cells:
        pairs.add_row(
            _sign(cell), names.get(cell.source, cell.source), names.get(cell.target, cell.target), _what(cell)
        )
    if matrix.cells:
        console.print(pairs)
    console.print("Every other pair is closed.")
    for text in matrix.assumptions:
        console.print(Text(f"Assumed: {text}", style="dim"))


def _name(item: InterfaceClass) -> str:
    held = _belongs(item)
    return f"{item.id} ({', '.join(held)})" if held else item.id


def _belongs(item: InterfaceClass) -> tuple[str, ...]:
    return (*item.services, *item.names)


def _members(item: InterfaceClass) -> str:
    more = len(item.members) - SHOWN_MEMBERS
    shown = "\n".join(item.members[:SHOWN_MEMBERS])
    return (shown + (f"\nand {more} more" if more > 0 else "")) or "-"


def _sign(cell: Cell) -> Text:
    return Text("?", style="yellow") if cell.unknown else Text("✓", style="green")


def _what(cell: Cell) -> str:
    opened = words.sockets(cell.open)
    unknown = f"unknown: {cell.unknown}" if cell.unknown else ""
    return "; ".join(part for part in (opened, unknown) if part)
