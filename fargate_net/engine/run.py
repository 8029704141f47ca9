"""The state of one run and what each answer of a worker means for it. Never here: threads, retry rules, rendering.

Only the driving thread enters this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from fargate_net.engine.blockers import Blockers, blockers
from fargate_net.engine.calls import Call, Calls, Diagnosis, Order
from fargate_net.engine.difference import asked_of, attribute, stated
from fargate_net.engine.patience import Attempt, Patience
from fargate_net.engine.step import Step
from fargate_net.engine.steps import steps_of
from fargate_net.engine.waits import Wait, Waits, judge, looked_at, scope_of
from fargate_net.engine.work import HalfDone, look
from fargate_net.engine.workers import Outcome, Workers
from fargate_net.errors import FargateNetError, InUse, Throttled
from fargate_net.kinds.base import REGISTRY
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Retrying, Skipped, Started, Waiting
from fargate_net.model.resource import Ref
from fargate_net.model.snapshot import Found, Snapshot

_FIRST_BLAME = 30.0
"""Seconds of refused deletion after which we look for what is in the way."""
_DIAGNOSE_EVERY = 20.0
_AFTER_A_FAILED_LOOK = 5.0


class Run:
    """One run: steps, what they wait for, what has been made."""

    def __init__(self, order: Order, patience: Patience, workers: int) -> None:
        self._order = order
        self._patience = patience
        self._workers = Workers(patience.clock, workers)
        self._waits = Waits(patience)
        self._steps = steps_of(order.graph, order.plan, order.snapshot)
        self._sorter = TopologicalSorter({step: sorted(self._steps.needs[step], key=str) for step in self._steps.needs})
        self._sorter.prepare()
        self._scope = scope_of(order.scope, order.graph, order.plan.stack)
        self._calls = Calls(order, self._scope, self._steps.changes, patience.clock)
        self._asked = asked_of(order.graph)
        self._known: dict[Ref, str] = {}
        self._made: dict[str, str] = {}
        self._attempts: dict[Step, Call | None] = {}
        self._done: list[Step] = []
        self._failed: list[Step] = []
        self._begun: dict[Step, float] = {}
        self._blamed: set[Step] = set()
        self._told: set[str] = set()
        self._stopped = False

    def events(self) -> Iterator[Event]:
        """Everything that happens until nothing is left that could."""
        yield from self._release()
        while (outcome := self._workers.next()) is not None:
            yield from self._handle(outcome)
            yield from self._release()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True
        self._workers.stop()

    def drain(self) -> Iterator[Event]:
        """Hear out the calls that are still on their way."""
        while (outcome := self._workers.drain()) is not None:
            yield from self._handle(outcome)

    def closing(self, *, interrupted: bool) -> Iterator[Event]:
        """Where it stands: what was never begun and why, then the counts."""
        ended = {*self._done, *self._failed}
        tried = {step.key for step, call in self._attempts.items() if step not in ended and call and call.attempt.row}
        waiting = sorted(tried | {wait.step.key for wait in self._waits.all()})
        if interrupted:
            there = f" Asked for, and not known to be ready: {', '.join(waiting)}." if waiting else ""
            yield Notice(self._at, f"Interrupted.{there}", hint="Run the same command again to go on.")
        over = {*ended, *(wait.step for wait in self._waits.all())}
        left = [step for step in self._steps.needs if step not in over and step in self._visible]
        for step in left:
            yield Skipped(self._at, step.key, "interrupted" if interrupted else self._reason(step))
        counts = {"done": len(self._visible & set(self._done)), "failed": len(self._failed), "skipped": len(left)}
        yield Finished(self._at, counts, interrupted)

    @property
    def _at(self) -> float:
        return self._patience.elapsed

    @property
    def _visible(self) -> set[Step]:
        """Steps a reader of the plan knows about, and those that had to be waited for."""
        return {step for step in self._steps.needs if step.action != "wait" or step in self._attempts}

    def _reason(self, step: Step) -> str:
        seen, queue = {step}, [step]
        while queue:
            for other in sorted(self._steps.needs[queue.pop(0)] - seen, key=str):
                if other in self._failed:
                    return other.key
                seen.add(other)
                queue.append(other)
        return "the time of the run is used up"

    # ------------------------------------------------------------------ beginning

    def _release(self) -> Iterator[Event]:
        while not self._stopped and not self._patience.over and (ready := self._sorter.get_ready()):
            for step in ready:
                yield from self._begin(step)

    def _begin(self, step: Step) -> Iterator[Event]:
        self._begun[step] = self._at
        if step.action == "wait" and step.late:  # what this run changed is not in the snapshot it began with
            self._attempts[step] = None
            yield Started(self._at, step.key, step.action)
            self._wait(step, str(step.id))
            return
        if step.action == "wait":
            found = self._calls.live[step.kind.name, str(step.id)]
            readiness = step.kind.settled(found, self._order.snapshot)
            if readiness.state == "ready":
                yield from self._complete(step, found)
                return
            self._attempts[step] = None
            yield Started(self._at, step.key, step.action)
            if readiness.state == "broken":
                yield from self._fail(step, readiness.reason)
            else:
                self._wait(step, str(step.id))
            return
        yield Started(self._at, step.key, step.action)
        try:
            call = self._calls.prepare(step, self._known, self._made)
        except FargateNetError as error:
            yield from self._fail(step, error.what, error.hint)
            return
        self._attempts[step] = call
        pause = self._steps.pauses.get(step, 0.0)
        if pause:
            why = f"clients may remember the old address for {pause:.0f} s"
            yield Waiting(self._at, step.key, why, 0.0, pause)
        self._submit(("do", step), partial(call.act, False), delay=pause, urgency=self._steps.urgency[step])

    def _submit(
        self, token: tuple[Any, ...], call: Callable[[], Any], delay: float = 0.0, urgency: float = 0.0
    ) -> None:
        if not self._stopped:
            self._workers.submit(token, call, delay=delay, urgency=urgency)

    # ------------------------------------------------------------------ answers

    def _handle(self, outcome: Outcome) -> Iterator[Event]:
        token: Any = outcome.token
        what, subject = token
        if outcome.error is not None and not isinstance(outcome.error, FargateNetError):
            raise outcome.error
        if what == "do":
            if outcome.error is None:
                self._acted(subject, outcome.value)
            else:
                yield from self._refused(subject, outcome.error)
        elif what == "look":
            if outcome.error is None:
                yield from self._looked(subject, outcome.value)
            else:
                yield from self._blind(subject, outcome.error)
        elif what == "blame":
            yield from self._accused(subject, outcome.value)
        elif what == "diagnose" and outcome.error is None and outcome.value is not None:
            yield from self._diagnosed(subject, outcome.value)

    def _acted(self, step: Step, value: Any) -> None:
        self._workers.faster()
        new = str(value) if isinstance(value, str) and value else str(step.id)
        if new != step.id:
            self._made[step.key] = new
        self._wait(step, new)

    def _refused(self, step: Step, error: FargateNetError) -> Iterator[Event]:
        call = self._attempts[step]
        assert call is not None
        half = isinstance(error, HalfDone)
        error = error.error if isinstance(error, HalfDone) else error
        if isinstance(error, Throttled):
            self._workers.slower()
        attempt = call.attempt.after(error, self._patience.clock.now(), half=half)
        delay = self._patience.again(error, attempt)
        blocked = isinstance(error, InUse) and step.action == "delete"
        if delay is None:
            if blocked:
                self._blame(step, error, final=True)
            else:
                yield from self._fail(step, _spoken(error, attempt, self._patience), error.hint)
            return
        self._attempts[step] = call = replace(call, attempt=attempt)
        self._submit(("do", step), partial(call.act, True), delay, self._steps.urgency[step])
        if blocked:
            yield Waiting(self._at, step.key, self._users(step), self._patience.clock.now() - attempt.since, 0.0)
        else:
            yield Retrying(self._at, step.key, error.what, delay)
        if blocked and self._patience.clock.now() - attempt.since > _FIRST_BLAME and step not in self._blamed:
            self._blamed.add(step)
            self._blame(step, error, final=False)

    def _users(self, step: Step) -> str:
        """What a removal is held up by, in calm words: AWS needs a while to take apart what was deleted before."""
        gone = sorted(other.key for other in self._steps.needs[step] if other.action == "delete")
        return f"waiting for {', '.join(gone) or 'what still uses it'} to let go of {step.key}"

    def _looked(self, kind: str, world: Snapshot) -> Iterator[Event]:
        now = self._patience.clock.now()
        for wait in self._waits.of(kind):
            if wait.stale:
                wait.stale = False
                continue
            readiness, found = judge(wait, world, now)
            wait.last = readiness
            if readiness.state == "ready":
                self._waits.end(wait)
                yield from self._complete(wait.step, found)
            elif readiness.state == "broken" or self._patience.over:
                self._waits.end(wait)
                late = "" if readiness.state == "broken" else f"not ready after {now - wait.since:.0f} s: "
                yield from self._fail(wait.step, late + readiness.reason)
            else:
                yield Waiting(self._at, wait.step.key, readiness.reason, now - wait.since, readiness.usual)
                self._ask_why(wait, found, now)
        self._look(kind)

    def _blind(self, kind: str, error: FargateNetError) -> Iterator[Event]:
        """A look failed: waited out when it may pass, else nobody can go on waiting for that kind."""
        attempt = Attempt("look", kind, self._patience.clock.now())
        if self._patience.pace(error, attempt) is not None and not self._patience.over:
            if isinstance(error, Throttled):
                self._workers.slower()
            self._look(kind, _AFTER_A_FAILED_LOOK)
            return
        for wait in self._waits.of(kind):
            self._waits.end(wait)
            yield from self._fail(wait.step, error.what, error.hint)

    def _diagnosed(self, step: Step, diagnosis: Diagnosis) -> Iterator[Event]:
        wait = next((wait for wait in self._waits.of(step.kind.name) if wait.step == step), None)
        if wait is None:
            return
        if diagnosis.fatal:
            self._waits.end(wait)
            yield from self._fail(step, diagnosis.text, diagnosis.hint)
        elif (text := f"{step.key}: {diagnosis.text}") not in self._told:
            self._told.add(text)
            yield Notice(self._at, text, diagnosis.hint)

    def _accused(self, about: tuple[Step, FargateNetError, bool], seen: Blockers | None) -> Iterator[Event]:
        step, error, final = about
        text = seen.text if seen else ""
        if final or (seen is not None and seen.foreign):
            self._workers.forget(("do", step))
            if step not in self._failed and step not in self._done:
                named = f" In the way: {text}." if text else ""
                yield from self._fail(step, f"{error.what}{named}", error.hint or "Then run the same command again.")
        elif text:
            yield Notice(self._at, f"{step.key} ({step.id}) waits for: {text}.")

    # ------------------------------------------------------------------ ends

    def _complete(self, step: Step, found: Found[Any] | None) -> Iterator[Event]:
        if step.action != "delete" and found is not None:
            for ref in self._asked[step.key]:
                value = attribute(found, ref.attr) or stated(self._order.graph[step.key].props, ref.attr)
                if value is not None:
                    self._known[ref] = value
        self._done.append(step)
        self._sorter.done(step)
        if step in self._visible:
            took = self._at - self._begun[step]
            yield Done(self._at, step.key, step.action, found.id if found else str(step.id), took)

    def _fail(self, step: Step, what: str, hint: str = "") -> Iterator[Event]:
        self._failed.append(step)
        yield Failed(self._at, step.key, step.action, what, hint)

    # ------------------------------------------------------------------ asking

    def _wait(self, step: Step, id: str) -> None:
        self._waits.add(step, id, stale=self._workers.is_out(("look", step.kind.name)))
        self._look(step.kind.name)

    def _look(self, kind: str, delay: float | None = None) -> None:
        if not self._waits.of(kind):
            return
        aws, scope, kinds = self._order.aws, self._scope, looked_at(REGISTRY[kind])
        left = max(0.0, self._patience.deadline - self._patience.elapsed)
        wait = min(left, self._waits.delay(kind) if delay is None else delay)
        self._submit(("look", kind), partial(look, aws, scope, kinds, {kind}), wait)

    def _ask_why(self, wait: Wait, found: Found[Any] | None, now: float) -> None:
        diagnose = self._order.diagnose
        if diagnose is None or found is None or wait.step.action == "delete":
            return
        if now - max(wait.since, wait.diagnosed) >= _DIAGNOSE_EVERY:
            wait.diagnosed = now
            self._submit(("diagnose", wait.step), partial(diagnose, found))

    def _blame(self, step: Step, error: FargateNetError, *, final: bool) -> None:
        order, doomed = self._order, self._calls.live[step.kind.name, str(step.id)]
        call = partial(blockers, order.aws, self._scope, order.snapshot, order.plan.stack, doomed)
        self._submit(("blame", (step, error, final)), call)


def _spoken(error: FargateNetError, attempt: Attempt, patience: Patience) -> str:
    """AWS's words, and how long we tried when we did."""
    why = f" {error.why}" if error.why else ""
    if attempt.tries <= 2:
        return error.what + why
    return f"{error.what}{why} (tried {attempt.tries - 1} times in {patience.clock.now() - attempt.since:.0f} s)"
