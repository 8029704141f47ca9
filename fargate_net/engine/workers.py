"""Calls in threads, each answer handed back to the one driving thread. Never here: what the calls do.

Threads are daemons: whoever leaves in the middle is not held back by a call that hangs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

from fargate_net.engine.patience import Clock


@dataclass(frozen=True)
class Outcome:
    """How a call ended: its token, and either its value or the exception it raised."""

    token: Hashable
    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True)
class _Queued:
    due: float
    urgency: float
    number: int
    call: Callable[[], Any]


class Workers:
    """At most ``limit`` calls at once; of those that are due, the most urgent first."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._most = self._limit = max(1, limit)
        self._queue: dict[Hashable, _Queued] = {}
        self._inbox: SimpleQueue[Outcome] = SimpleQueue()
        self._running: set[Hashable] = set()
        self._number = 0

    @property
    def in_flight(self) -> int:
        """How many calls are out."""
        return len(self._running)

    def is_out(self, token: Hashable) -> bool:
        """Whether a call of that token is on its way."""
        return token in self._running

    def submit(self, token: Hashable, call: Callable[[], Any], *, delay: float = 0.0, urgency: float = 0.0) -> None:
        """Queue a call. One token is queued once: the earlier moment counts."""
        due = self._clock.now() + delay
        if (queued := self._queue.get(token)) is not None:
            due = min(due, queued.due)
        self._number += 1
        self._queue[token] = _Queued(due, urgency, self._number, call)

    def forget(self, token: Hashable) -> None:
        """Do not start that call, if it has not been started."""
        self._queue.pop(token, None)

    def slower(self) -> None:
        """AWS asks for fewer calls: halve what may run at once."""
        self._limit = max(1, self._limit // 2)

    def faster(self) -> None:
        """A call went through: one more may run at once, up to what was asked for."""
        self._limit = min(self._most, self._limit + 1)

    def next(self) -> Outcome | None:
        """Start what is due and wait for an outcome; None when nothing is out and nothing queued."""
        while True:
            self._start_due()
            if not self._running and not self._queue:
                return None
            wait: float | None = None
            idle = [queued.due for token, queued in self._queue.items() if token not in self._running]
            if idle and len(self._running) < self._limit:
                wait = max(0.0, min(idle) - self._clock.now())
            if not self._running:
                self._clock.sleep(wait or 0.0)
                continue
            outcome = self._clock.receive(self._inbox, wait)
            if outcome is not None:
                self._running.discard(outcome.token)
                return outcome  # type: ignore[no-any-return]

    def stop(self) -> None:
        """Forget what has not been started."""
        self._queue.clear()

    def drain(self) -> Outcome | None:
        """The next outcome of a call that is out, starting nothing; None when none is out."""
        if not self._running:
            return None
        outcome: Outcome = self._clock.receive(self._inbox, None)
        self._running.discard(outcome.token)
        return outcome

    def _start_due(self) -> None:
        now = self._clock.now() + 1e-6  # a sleep may end a rounding error early
        due = [token for token, queued in self._queue.items() if queued.due <= now and token not in self._running]
        due.sort(key=lambda token: (-self._queue[token].urgency, self._queue[token].number))
        for token in due[: max(0, self._limit - len(self._running))]:
            call = self._queue.pop(token).call
            self._running.add(token)
            Thread(target=self._run, args=(token, call), daemon=True, name=f"fargatenet-{token}").start()

    def _run(self, token: Hashable, call: Callable[[], Any]) -> None:
        try:
            outcome = Outcome(token, value=call())
        except BaseException as error:  # noqa: BLE001 - the driving thread decides what an exception means
            outcome = Outcome(token, error=error)
        self._inbox.put(outcome)
