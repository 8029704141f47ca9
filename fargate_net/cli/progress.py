"""Drives a run to its end: picks the view of its events, shows the plan, asks, and passes Ctrl-C on to the run.

Never here: what an event looks like, what a run does.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from fargate_net.cli import terminal
from fargate_net.cli.options import Door
from fargate_net.cli.views import plan as plan_view
from fargate_net.errors import OperationFailed, Refused, UsageError
from fargate_net.model.event import Event, Finished

if TYPE_CHECKING:
    from fargate_net.app.running import Run
    from fargate_net.app.wishes import PlanView


class View(AbstractContextManager["View"], Protocol):
    """What follows a run."""

    def show(self, event: Event) -> None:
        """Take in one event."""


def present(door: Door, plan: PlanView) -> None:
    """Show the plan on stderr, and refuse to go on when a part of it must not be done."""
    if door.is_data:
        from fargate_net.cli.views.jsonl import JsonLines

        JsonLines(sys.stderr).plan(plan)
    else:
        plan_view.show(door.err(), plan, every_field=door.verbose > 0)
    refused = plan.plan.of("refuse")
    if refused:
        raise Refused(
            f"{len(refused)} of the changes cannot be made: {', '.join(change.key for change in refused)}.",
            why=" ".join(change.note for change in refused if change.note),
        )
    errors = [finding for finding in plan.findings if finding.is_error]
    if errors:
        ways = "One thing stands" if len(errors) == 1 else f"{len(errors)} things stand"
        raise OperationFailed(
            f"{ways} in the way of this plan; nothing was changed.", why=" ".join(f.sentence for f in errors)
        )


def consent(question: str, *, yes: bool) -> bool:
    """Whether to go on. Without a terminal nobody can be asked: then only ``--yes`` is consent."""
    if yes:
        return True
    if not terminal.can_ask():
        again = f"{click.get_current_context().command_path} SPEC --yes"
        raise UsageError("There is no terminal to ask on.", hint=f"Say --yes to go on without being asked: {again}")
    return click.confirm(question, default=False, err=True)


def follow(door: Door, run: Run) -> Finished | None:
    """Let the run do its work, show every event, and return the last one.

    To be told to terminate, as by a CI system that cancels a job, is the same as Ctrl-C: the lock is given back.
    """
    last: Finished | None = None
    with _terminated_as_interrupted(), _view(door, run.plan_view) as view:
        for event in patient(run.events(), view.show):
            if isinstance(event, Finished):
                last = event
    return last


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt; signals reach the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def patient(events: Iterator[Event], show: Callable[[Event], None]) -> Iterator[Event]:
    """Show and pass on each event. Ctrl-C while showing is handed to the run, which ends its calls and says so."""
    event = next(events, None)
    while event is not None:
        try:
            show(event)
        except KeyboardInterrupt:
            if not isinstance(events, Generator):
                raise
            yield event
            try:
                event = events.throw(KeyboardInterrupt())
            except StopIteration:
                return
            continue
        yield event
        event = next(events, None)


def _view(door: Door, plan: PlanView) -> View:
    region = plan.stack.region or ""
    if door.is_data:
        from fargate_net.cli.views.jsonl import JsonLines

        return JsonLines(sys.stderr)
    console = door.err()
    if console.is_terminal and not console.is_dumb_terminal:
        from fargate_net.cli.views.live import LiveView

        keys = [change.key for change in plan.plan.changes if change.action not in ("orphan", "keep", "refuse")]
        return LiveView(console, keys, region)
    from fargate_net.cli.views.plain import Plain

    return Plain(console, region)
