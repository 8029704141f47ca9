"""How a run ended: its exit code, its data on stdout, and the next commands to type.

Never here: events, asking, doing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fargate_net.cli.options import Door
from fargate_net.cli.views import documents, tables, verdicts
from fargate_net.model.event import Finished

if TYPE_CHECKING:
    from fargate_net.app.running import Run

FAILED, NOT_MET, INTERRUPTED = 1, 3, 130


def of_up(door: Door, run: Run, last: Finished | None, files: str) -> int:
    """Describe the stack, judge its expectations, and say where to go from here."""
    if last is not None and last.interrupted:
        return _stopped(door, INTERRUPTED, f"fargatenet up {files}")
    report, answers = run.report(), run.answers()
    if door.is_data:
        door.data(documents.report_document(report))
    else:
        tables.show(door.out(), report)
        if answers:
            told = door.verbose > 0
            verdicts.show(door.err(), {"expectations": answers}, every_hop=told, to_the_end=told)
    if not run.ok:
        return _stopped(door, FAILED, f"fargatenet up {files}")
    broken = any(answer.met is False for answer in answers)
    _say(door, verdicts.summary(answers), "Next:")
    for command in (f"reach-check {files}", f"describe {files} --watch", f"down {files}"):
        _say(door, f"  fargatenet {command}{door.place}")
    return NOT_MET if broken else 0


def of_down(door: Door, run: Run, last: Finished | None, files: str) -> int:
    """Say whether all is gone."""
    interrupted = last is not None and last.interrupted
    stack, ok = run.plan_view.plan.stack, run.ok and not interrupted
    if door.is_data:
        door.data({"version": 1, "stack": stack, "gone": ok, "counts": dict(last.counts) if last else {}})
    if ok:
        _say(door, f"Stack {stack} is gone.")
        return 0
    return _stopped(door, INTERRUPTED if interrupted else FAILED, f"fargatenet down {files}")


def of_empty_down(door: Door, stack: str) -> int:
    """There was nothing of ours."""
    if door.is_data:
        door.data({"version": 1, "stack": stack, "gone": True, "counts": {}})
    _say(door, f"Nothing carries the tags of stack {stack}.")
    return 0


def _stopped(door: Door, code: int, again: str) -> int:
    _say(door, f"Next: {again}{door.place}    (goes on from what is there)")
    return code


def _say(door: Door, *lines: str) -> None:
    """Words for people on stderr; a program that reads JSON lines there gets none."""
    if not door.is_data:
        for line in filter(None, lines):
            click.echo(line, err=True)
