"""A plan as sentences: what is made, changed and removed; what opens and closes, costs, and stands in the way.

Never here: deciding what a change means; asking whether to go on; JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views import reach_changes, verdicts, words
from fargate_net.cli.views.lines import indented, marked
from fargate_net.cli.views.sentences import sentence
from fargate_net.model.change import Change, FieldChange
from fargate_net.model.verdict import ReachChange

if TYPE_CHECKING:
    from fargate_net.app.wishes import PlanView

SIGNS: dict[str, tuple[str, str, str]] = {
    "create": ("+", "create", "green"),
    "update": ("~", "change", "yellow"),
    "replace": ("±", "replace", "magenta"),
    "delete": ("-", "delete", "red"),
    "orphan": ("o", "orphan", "dim"),
    "keep": ("=", "keep", "dim"),
    "refuse": ("!", "refuse", "bold red"),
}
"""Action: its sign, its word, its style."""

NOTHING = "No changes. The stack is as the spec says."


def show(console: Console, view: PlanView, *, every_field: bool = False) -> None:
    """Print the plan. ``every_field`` also lists the properties of what is created."""
    plan, region = view.plan, view.stack.region or ""
    if plan.is_empty:
        console.print(NOTHING)
    else:
        console.print(Text(f"Plan for stack {plan.stack}" + (f" in {region}" if region else ""), style="bold"))
    for change in plan.changes:
        _change(console, change, region, every_field)
    if not plan.is_empty:
        console.print(summary(plan.counts))
    _reach(console, (*view.opens, *view.closes))
    _cost(console, view.cost_before, view.cost_after)
    unmet = [answer for answer in view.answers if not answer.met]
    if unmet:
        console.print(marked("Expectations that would not be met", "bold red"))
        verdicts.show(console, {"expectations": unmet}, to_the_end=False)
    for finding in view.findings:
        word, style = ("Error", "bold red") if finding.is_error else ("Warning", "yellow")
        line = marked(f"{word}: ", style).append(finding.sentence, style="none")
        console.print(line.append(f" {finding.hint}" if finding.hint else "", style="none"))
    for note in view.notes:
        console.print(marked("Note: ", "bold").append(note, style="none"))


def summary(counts: dict[str, int]) -> str:
    """The numbers in a sentence: 3 to create, 1 to change, 1 left alone."""
    endings = {"orphan": "left alone", "keep": "kept", "refuse": "refused"}
    parts = []
    for action, (_, word, _style) in SIGNS.items():
        if number := counts.get(action, 0):
            parts.append(f"{number} {endings[action]}" if action in endings else f"{number} to {word}")
    return (", ".join(parts) or "Nothing to do") + "."


def _change(console: Console, change: Change, region: str, every_field: bool) -> None:
    sign, word, style = SIGNS[change.action]
    line = marked(f"  {sign} {word:<8}", style)
    line.append(sentence(change.key, region), style="none")
    line.append(f"  {change.key}" + (f"  {words.short(change.id)}" if change.id else ""), style="dim")
    console.print(line)
    if change.action in ("update", "replace") or every_field:
        for field in change.fields:
            for text in field_lines(field, is_new=change.action == "create"):
                indented(console, Text(text), by=6)
    if change.interrupts or change.action in ("update", "replace"):
        words_of = change.interrupts or "none"
        indented(console, Text(f"interrupts: {words_of}", style="yellow" if change.interrupts else ""), by=6)
    if change.note:
        indented(console, Text(change.note), by=6)


def field_lines(field: FieldChange, *, is_new: bool = False) -> Iterator[str]:
    """One property before and after; of a collection only the members that come or go."""
    if is_new:
        yield f"{field.name}: {words.value(field.after)}"
        return
    if told := words.parts(field.before, field.after):
        yield from (f"{field.name}.{name}: {was} -> {will_be}" for name, was, will_be in told)
        return
    was, will_be = words.pair(field.before, field.after)
    before, after = words.members(was), words.members(will_be)
    if before is None or after is None or len(before) + len(after) <= 2:
        yield f"{field.name}: {words.value(was)} -> {words.value(will_be)}"
        return
    gone, new = [m for m in before if m not in after], [m for m in after if m not in before]
    kept = len(before) - len(gone)
    order = "; another order" if not gone and not new else ""
    yield f"{field.name}:" + (f" ({kept} unchanged{order})" if kept else "")
    yield from (f"  - {member}" for member in gone)
    yield from (f"  + {member}" for member in new)


def _reach(console: Console, rows: Iterable[ReachChange]) -> None:
    changes = list(rows)
    if changes:
        console.print(Text("Reachability", style="bold"))
        reach_changes.show(console, changes, width=8)


def _cost(console: Console, before: float | None, after: float | None) -> None:
    if after is None:
        return
    line = marked("Cost", "bold")
    if before is None or abs(after - before) < 0.005:
        line.append(f"  USD {after:,.2f} a month", style="none")
    else:
        line.append(f"  USD {before:,.2f} -> {after:,.2f} a month ({after - before:+,.2f})", style="none")
    console.print(line.append(", traffic not included", style="none"))
