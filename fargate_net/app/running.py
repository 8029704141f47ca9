"""The writing use cases: up and down. A Run does nothing until its events are read.

Never here: order, waits and retries (engine/), how an event looks (cli/).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.app.diagnosis import diagnose, last_words, stopped
from fargate_net.app.preflight.beside import beside
from fargate_net.app.preflight.protection import protected, unprotect
from fargate_net.app.preflight.run import preflight
from fargate_net.app.reaching import expected
from fargate_net.app.wishes import PlanView, Wish, reach_of
from fargate_net.blueprint import names
from fargate_net.engine.apply import apply
from fargate_net.engine.journal import last_run, recorded
from fargate_net.engine.lock import Lock, keeping
from fargate_net.engine.patience import Patience
from fargate_net.engine.plan import plan_down
from fargate_net.errors import Refused
from fargate_net.model.change import Plan
from fargate_net.model.event import Done, Event, Failed, Finished
from fargate_net.model.resource import Graph
from fargate_net.model.verdict import Answer

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.model.report import Report

DEFAULT_TIMEOUT = 1800.0
"""Seconds a run may take unless told otherwise."""

ROUNDS = 2
"""An `up` applies, looks again, and applies what only then could be known: records of task addresses."""


class Run:
    """One `up` or `down`: its plan before, its events while they are read, and what came of it after."""

    def __init__(
        self,
        wish: Wish,
        wire: Wire,
        view: PlanView,
        *,
        down: bool,
        lock: bool,
        timeout: float | None,
        prune: bool = False,
        force: bool = False,
    ) -> None:
        self.plan_view = view
        self._wish = wish
        self._wire = wire
        self._down = down
        self._prune = prune
        self._force = force
        self._lock = lock
        self._timeout = timeout or DEFAULT_TIMEOUT
        self._done: set[str] = set()
        self._past: frozenset[str] = frozenset()
        self._failed: list[Failed] = []
        self._interrupted = False

    @property
    def ok(self) -> bool:
        """Whether everything asked for was done."""
        return not self._failed and not self._interrupted

    def events(self) -> Generator[Event]:
        """Do it. The last event is Finished; Ctrl-C is thrown in and ends the run in good order.

        Raises Refused when another run holds the stack's lock.
        """
        patience = Patience(deadline=self._timeout)
        work = self._removal(patience) if self._down else self._making(patience)
        if self._lock and not self.plan_view.plan.is_empty:
            work = self._alone(patience, work)
        elif self._lock:
            Lock(self._wish.aws, self._wish.name, patience.clock).clear()
        if self._wire.state is not None:
            command = "down" if self._down else "up"
            work = recorded(work, self._wire.state, self._wish.name, command, patience.clock)
        yield from work

    def _alone(self, patience: Patience, work: Generator[Event]) -> Generator[Event]:
        """The same events while we hold the stack's lock, if nothing changed between the plan and the lock."""
        lock = Lock(self._wish.aws, self._wish.name, patience.clock)
        notice = lock.acquire()
        try:
            self._wish.look_again()
            now = plan_down(self._wish.live, self._wish.name) if self._down else self._wish.plan(prune=self._prune)
            if now != self.plan_view.plan:
                raise Refused(
                    f"Stack {self._wish.name} changed after this plan was made.",
                    hint="Run the same command again; it plans anew.",
                )
        except BaseException:
            lock.release()
            raise
        if notice is not None:
            yield notice
        yield from keeping(lock, work)

    def report(self) -> Report:
        """What `describe` says now."""
        from fargate_net.app.reaching import describe_stack

        return describe_stack(self._wish)

    def answers(self) -> tuple[Answer, ...]:
        """The spec's expectations on the network as it is now; none after a failure, when half of it may be missing."""
        if not self.ok:
            return ()
        return expected(self._wish.stack, self._wish.live)

    def _making(self, patience: Patience) -> Generator[Event]:
        """Apply, look again, and apply what only then could be known: records of task addresses.

        What this run already did and now differs again was taken back by AWS (a rolled-back deployment): that is a
        failure, and not done a second time.
        """
        counts: dict[str, int] = {}
        planned = self.plan_view.plan
        self._past = stopped(self._wish.live)
        for _ in range(ROUNDS):
            finished = yield from self._passed_on(self._apply(self._wish.graph, planned, patience))
            for outcome, number in finished.counts.items():
                counts[outcome] = counts.get(outcome, 0) + number
            if planned.is_empty and not any(finished.counts.values()):
                break  # nothing was done and nothing waited for: what was seen still holds
            self._wish.look_again()
            if not self.ok:
                break
            planned = self._wish.plan(prune=self._prune)
            if planned.is_empty:
                break
            for change in planned.of("create", "update", "replace"):
                # A record of task addresses follows tasks that this run exchanged.
                if change.key in self._done and not change.key.startswith("record_set/"):
                    what = "AWS took this back after it was done; a deployment that fails is rolled back."
                    failure = Failed(patience.elapsed, change.key, change.action, what, "Look at the service's events.")
                    self._remember(failure)
                    yield failure
            if not self.ok:
                break
        for words in last_words(self._wish.live, self._failed):
            yield replace(words, at=patience.elapsed)
        yield Finished(patience.elapsed, counts, self._interrupted)

    def _removal(self, patience: Patience) -> Generator[Event]:
        if self._force:
            unprotect(self._wish.aws, self._wish.live, self.plan_view.plan)
        finished = yield from self._passed_on(self._apply(Graph(), self.plan_view.plan, patience))
        yield finished

    def _apply(self, graph: Graph, planned: Plan, patience: Patience) -> Generator[Event]:
        wish = self._wish
        return apply(
            wish.aws,
            graph,
            planned,
            wish.live,
            patience,
            scope=wish.scope,
            tags=partial(names.tags, wish.stack),
            diagnose=None if self._down else partial(diagnose, wish.aws, wish.scope, self._past),
        )

    def _passed_on(self, events: Generator[Event]) -> Generator[Event, None, Finished]:
        """Every event but the last, which is the value; what is thrown in at a yield reaches the events."""
        last = Finished(0.0)
        event = next(events, None)
        while event is not None:
            self._remember(event)
            try:
                if isinstance(event, Finished):
                    last = event
                else:
                    yield event
            except KeyboardInterrupt as interruption:
                event = events.throw(interruption)
            else:
                event = next(events, None)
        return last

    def _remember(self, event: Event) -> None:
        if isinstance(event, Done):
            self._done.add(event.key)
        elif isinstance(event, Failed):
            self._failed.append(event)
        elif isinstance(event, Finished):
            self._interrupted = event.interrupted


def up(paths: Sequence[Path], wire: Wire, *, prune: bool, timeout: float | None, lock: bool) -> Run:
    """See ``app.up``."""
    wish = Wish(paths, wire)
    view = wish.view(prune=prune)
    notes = (*_left_by_the_last_run(wire, wish.name), *view.notes)
    findings = (*preflight(wish, view.plan, dry_runs=True), *beside(wish.live, wish.name))
    view = replace(view, notes=notes, findings=findings)
    return Run(wish, wire, view, down=False, prune=prune, lock=lock, timeout=timeout)


def down(paths: Sequence[Path], wire: Wire, *, timeout: float | None, lock: bool, force: bool) -> Run:
    """See ``app.down``."""
    wish = Wish(paths, wire)
    planned = plan_down(wish.live, wish.name)
    gone = wish.live.with_((), [(item.kind, item.id) for item in wish.live if item.stack == wish.name])
    opens, closes = reach_of(wish.live, gone)
    cost, findings = wish.cost_of_live(), tuple(protected(wish.live, planned, force=force))
    view = PlanView(wish.stack, planned, opens, closes, cost_before=cost, cost_after=0.0, findings=findings)
    return Run(wish, wire, view, down=True, lock=lock, timeout=timeout, force=force)


def _left_by_the_last_run(wire: Wire, stack: str) -> Iterator[str]:
    """What the newest journal says was under way when that run ended early."""
    last = last_run(wire.state, stack) if wire.state is not None else None
    if last is None or (last.finished and not last.failed and not last.interrupted):
        return
    how = "failed" if last.finished and not last.interrupted else "was interrupted" if last.finished else "died"
    begun = ", ".join(key for key, _ in (*last.failed, *last.open)) or "nothing"
    yield f"The last {last.command} ({last.began[:19]}Z) {how}; not finished then: {begun}. Journal: {last.path}"
