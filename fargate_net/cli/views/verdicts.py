"""Answers as text: one line each, then what blocks and how to open it, then the hops of request and reply.

Signs never stand alone: the words beside them say the same. Never here: judging; JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views import reach_changes, words
from fargate_net.cli.views.lines import indented, marked
from fargate_net.cli.views.sentences import noun
from fargate_net.model.verdict import Answer, Blocker, Disposition, Hop, ReachChange, Remedy

_BY_VERDICT = {
    Disposition.REACHABLE: ("✓", "green"),
    Disposition.PARTIAL: ("~", "yellow"),
    Disposition.BLOCKED: ("✗", "red"),
    Disposition.UNKNOWN: ("?", "yellow"),
}


def show(
    console: Console,
    groups: Mapping[str, Sequence[Answer]],
    *,
    every_hop: bool = False,
    to_the_end: bool = True,
    below: Callable[[Answer], None] | None = None,
) -> None:
    """Print every group of answers. Hops are shown for what is not as it should be, or for all with ``every_hop``.

    Without ``to_the_end`` a path is shown as far as the last thing that blocks it. ``below`` prints what else there is
    to say of an answer.
    """
    for title, answers in groups.items():
        if len(groups) > 1:
            console.print(Text(title[:1].upper() + title[1:], style="bold"))
        for answer in answers:
            line(console, answer)
            if every_hop or is_a_problem(answer):
                details(console, answer, to_the_end=to_the_end)
            if below is not None:
                below(answer)
    assumptions(console, [answer for answers in groups.values() for answer in answers])


def is_a_problem(answer: Answer) -> bool:
    """Whether a reader will want to know why: an expectation not met, or an open question not reachable."""
    return not answer.met if answer.met is not None else answer.verdict != Disposition.REACHABLE


def line(console: Console, answer: Answer) -> None:
    """One answer on one line: sign, verdict, question, what is open, and whether that was expected."""
    sign, style = mark(answer)
    question = answer.question
    text = marked(f"{sign} {answer.verdict.value:<9}", style)
    via = f" via {question.via}" if question.via else ""
    text.append(f" {question.source} -> {words.endpoint(question)}{via}", style="none")
    if answer.verdict == Disposition.PARTIAL or (answer.open and question.ports is None):
        text.append(f": {words.sockets(answer.open) or 'nothing'}", style="none")
    if question.expect:
        said = "as expected" if answer.met else f"expected {question.expect.value}: NOT MET"
        text.append(f"  ({said})", style="dim" if answer.met else "bold red")
    console.print(text)


def mark(answer: Answer) -> tuple[str, str]:
    """The sign and style: whether the expectation is met, or else the verdict itself. Unknown is never a tick."""
    if answer.verdict == Disposition.UNKNOWN or answer.met is None:
        return _BY_VERDICT[answer.verdict]
    return ("✓", "green") if answer.met else ("✗", "red")


def details(console: Console, answer: Answer, *, to_the_end: bool = True) -> None:
    """Blockers with their cure, facts that are missing, and the hops of every path."""
    for blocker in answer.blockers:
        _blocker(console, blocker)
    if answer.remedy is not None:
        _remedy(console, answer.remedy)
    for fact in answer.missing:
        indented(console, marked("not known: ", "yellow").append(fact, style="none"))
    for number, path in enumerate(answer.paths, 1):
        suffix = f" {number}" if len(answer.paths) > 1 else ""
        shut = not to_the_end and any(_blocks(hop) for hop in (*path.forward, *path.back))
        _hops(console, f"request{suffix}", path.forward, shut=shut)
        _hops(console, f"reply{suffix}", path.back, shut=shut)


def assumptions(console: Console, answers: Iterable[Answer]) -> None:
    """What the verdicts take for granted, each once."""
    said = list(dict.fromkeys(text for answer in answers for text in answer.assumptions))
    if said:
        console.print(Text("Assumed", style="bold"))
        for text in said:
            indented(console, Text(text), by=2)


def changes(console: Console, rows: Sequence[ReachChange]) -> None:
    """What differs from the network that was saved."""
    if not rows:
        console.print("The reachability is the same as in the saved snapshot.")
        return
    console.print(Text("Since the saved snapshot", style="bold"))
    reach_changes.show(console, rows)


def summary(answers: Sequence[Answer]) -> str:
    """The numbers in a sentence: 3 expectations: 2 met, 1 not met."""
    expected = [answer for answer in answers if answer.met is not None]
    if not expected:
        return ""
    broken = sum(1 for answer in expected if not answer.met)
    met = f"{len(expected) - broken} met, {broken} not met" if broken else "all met"
    return f"{words.count(len(expected), 'expectation')}: {met}."


def _blocker(console: Console, blocker: Blocker) -> None:
    where = "on the way back" if blocker.direction == "return" else "on the way there"
    head = marked(f"{blocker.code} ", "bold red").append(f"at {blocker.component}, {where}", style="none")
    indented(console, head)
    if blocker.rule:
        indented(console, Text(f"rule: {blocker.rule}"), by=8)
    if blocker.detail:
        indented(console, Text(blocker.detail), by=8)
    if blocker.fix:
        indented(console, marked("fix: ", "bold").append(blocker.fix, style="none"), by=8)


def _remedy(console: Console, remedy: Remedy) -> None:
    """The change that makes all well at once: what to do, where the spec says it, and what else it does."""
    head = "smallest change: " if remedy.edits else "no single change: "
    indented(console, marked(head, "bold green").append(remedy.sentence, style="none"))
    for title, texts in (("in the spec", remedy.spec), ("also opens", remedy.opens), ("also closes", remedy.closes)):
        for text in texts:
            indented(console, marked(f"{title}: ", "bold").append(text, style="none"), by=8)


def _blocks(hop: Hop) -> bool:
    return hop.action.startswith("blocks")


def _hops(console: Console, title: str, hops: Sequence[Hop], *, shut: bool) -> None:
    """The hops of one way; of a path that is shut those after its last blocker would not be met, and are left out."""
    last = max((number for number, hop in enumerate(hops, 1) if _blocks(hop)), default=0) if shut else len(hops)
    if not last:
        return
    indented(console, Text(f"{title}:", style="dim"))
    for number, hop in enumerate(hops[:last], 1):
        rule = f" ({hop.rule})" if hop.rule else ""
        text = marked(f"{number:>2}. ", "dim").append(
            f"{noun(hop.kind)} {words.short(hop.component)} {hop.action}{rule}", style="red" if _blocks(hop) else "none"
        )
        indented(console, text, by=6)
    if left := len(hops) - last:
        indented(console, Text(f"    {words.count(left, 'more hop')} behind it (-v shows all)", style="dim"), by=6)
