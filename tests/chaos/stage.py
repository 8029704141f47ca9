"""The sandbox, the tool and time in one thread of one process: a run of minutes takes a second, and forks.

Calls of worker threads are made at once, one after the other, and their answers arrive ``LATENCY`` later; time is that
of the frozen sandbox clock, which only moves when the run waits. Nothing is random but the faults, which have a seed.
A world that lives in one thread can be copied with ``os.fork``: that is how a kill at every write is affordable.

Never here: which runs are tried, what must hold afterwards.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from fargate_net import app
from fargate_net.app.running import Run
from fargate_net.aws.call import Live
from fargate_net.engine import patience
from fargate_net.errors import AwsError
from fargate_net.model.change import Plan
from fargate_net.model.event import Event
from fargate_net.sandbox import calls, world
from fargate_net.sandbox.clock import CLOCK
from fargate_net.sandbox.control import Control

LATENCY = 0.15
"""Seconds from a request to its answer, between those that AWS documents for reads and for writes."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


_LOST = ("ServiceUnavailable", "InternalError")
"""Errors after which a write may have taken effect. Any other refusal leaves the account as it was."""


class Killed(BaseException):
    """The process is dead: no handler of the tool may survive this, and no further call gets through."""


class Pending:
    """Calls that were made and whose answers are on their way, as ``threading.Thread`` would have them."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.latency = LATENCY
        self._calls = 0

    def thread(
        self, target: Callable[..., None], args: tuple[Any, ...], daemon: bool = True, name: str = ""
    ) -> SimpleNamespace:
        """Stands for ``Thread``: the call is made when it is started, its outcome kept back."""
        return SimpleNamespace(start=lambda: self._start(target, args))

    def _start(self, target: Callable[..., None], args: tuple[Any, ...]) -> None:
        token, call = args
        before = sum(calls.LEDGER.counts.values())
        kept: list[Any] = []
        try:
            kept.append(call())
        except BaseException as error:  # noqa: BLE001 - handed to the driving thread, as a worker does
            raised = error

            def fail() -> None:
                raise raised

            outcome: Callable[[], Any] = fail
        else:
            outcome = partial(kept.__getitem__, 0)
        made = max(1, sum(calls.LEDGER.counts.values()) - before)
        self._number += 1
        due = CLOCK.now() + self.latency * made
        heapq.heappush(self._queue, (due, self._number, partial(target, token, outcome)))

    def first(self) -> float | None:
        """When the next answer arrives."""
        return self._queue[0][0] if self._queue else None

    def arrive(self) -> None:
        """Hand over the next answer."""
        heapq.heappop(self._queue)[2]()

    def clear(self) -> None:
        """Nobody waits for them any more."""
        self._queue.clear()


class StagedClock(patience.SystemClock):
    """The sandbox's frozen time; waiting moves it to the next answer or to the end of the wait."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self.after_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return CLOCK.now()

    def wall(self) -> datetime:
        return EPOCH + timedelta(seconds=CLOCK.now())

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            world.advance(seconds)
            self.after_sleep()

    def receive(self, inbox: SimpleQueue[Any], seconds: float | None) -> Any:
        first = self._pending.first()
        end = None if seconds is None else self.now() + seconds
        if first is None or (end is not None and first > end):
            assert end is not None, "a run waits for an answer that nobody will give"
            self.sleep(end - self.now())
            return None
        self.sleep(first - self.now())
        self._pending.arrive()
        return inbox.get_nowait()


class Probed:
    """The wire of a run that may be killed: ``after_write`` is told of each write, and may raise Killed."""

    def __init__(self, aws: Live, stage: Stage) -> None:
        self._aws = aws
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aws, name)

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        self._stage.alive()
        return self._aws.read(operation, **params)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        self._stage.alive()
        try:
            answer = self._aws.write(operation, **params)
        except AwsError as error:
            if error.code in _LOST:
                self._stage.wrote(operation)
            raise
        self._stage.wrote(operation)
        return answer


class _Ticks:
    """The sandbox's states move on when time has passed or something was written; a second look changes nothing."""

    def __init__(self) -> None:
        self._run = calls.run_ticks
        self._seen: tuple[float, int] | None = None
        self.written = 0

    def __call__(self) -> None:
        now = (CLOCK.now(), self.written)
        if now != self._seen:
            self._seen = now
            self._run()

    def note(self, call: calls.Call, error: str | None) -> None:
        self.written += not call.is_read
        calls.Ledger.add(calls.LEDGER, call, error)


class Sparse(patience.Patience):
    """Looks at what it waits for after twice as long each time. Between two writes a look more proves nothing."""

    def next_look(self, elapsed: float, usual: float) -> float:
        return max(1.0, min(60.0, elapsed))


class Stage:
    """One world and the tool in it. ``after_write`` is called after each write of a run, with its number from 1."""

    def __init__(self) -> None:
        self.control = Control()
        self.pending = Pending()
        self.clock = StagedClock(self.pending)
        self.seed = 0
        self.writes = 0
        self.dead = False
        self.sparse = False
        self.after_write: Callable[[int, str], None] = lambda number, operation: None

    def fresh(self) -> None:
        """An empty account; time stands still unless a run waits, and lasts as long as on AWS."""
        self.control.reset()
        self.control.apply({"pace": 1, "frozen": True})
        self.pending.clear()
        self.dead = False
        self.writes = 0

    def faults(self, **settings: Any) -> None:
        """Play these faults from now on."""
        self.control.apply(settings)

    def calm(self) -> None:
        """No faults any more."""
        self.control.apply({"throttle": 0, "error": 0, "timeout": 0, "lag": 0, "roles": 0, "buckets": False})

    def up(self, spec: Sequence[Path], *, prune: bool = False, lock: bool = True, timeout: float = 7200) -> Played:
        """``fargatenet up``, its events read to the end."""
        return Played(app.up(spec, app.Wire(), prune=prune, timeout=timeout, lock=lock))

    def down(self, spec: Sequence[Path], *, lock: bool = True, timeout: float = 7200) -> Played:
        """``fargatenet down``, its events read to the end."""
        return Played(app.down(spec, app.Wire(), timeout=timeout, lock=lock))

    def alive(self) -> None:
        """Raises Killed when the process of the tool is dead."""
        if self.dead:
            raise Killed

    def kill(self) -> None:
        """From here on the tool is dead. Raises Killed."""
        self.dead = True
        raise Killed

    def revive(self) -> None:
        """A new process of the tool, in the same account."""
        self.dead = False
        self.pending.clear()

    def wrote(self, operation: str) -> None:
        """Counts a write of the tool."""
        self.writes += 1
        self.after_write(self.writes, operation)

    def left(self, spec: Sequence[Path], *, down: bool = False, prune: bool = False, lock: bool = True) -> Plan:
        """What ``up`` or ``down`` would do now."""
        run = app.down(spec, app.Wire(), lock=lock) if down else app.up(spec, app.Wire(), prune=prune, lock=lock)
        return run.plan_view.plan

    def patience(self, **given: Any) -> patience.Patience:
        """The patience of every run here; with ``sparse`` it looks less often."""
        sort = Sparse if self.sparse else patience.Patience
        return sort(clock=self.clock, random=Random(self.seed), **given)


class Played:
    """A run whose events were read to the end: its plan, its events, and whether all went well."""

    def __init__(self, run: Run) -> None:
        self.plan = run.plan_view.plan
        self.events: tuple[Event, ...] = tuple(run.events())
        self.ok = run.ok


def _sign(signer: Any, request: Any) -> None:
    """A signature that names the Region and the service, and that nobody checks: to make a true one takes longer."""
    scope = f"chaos/20260101/{signer._region_name}/{signer._service_name}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"


_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "chaos",
    "AWS_SECRET_ACCESS_KEY": "chaos",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_UNSET = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN")


_WIRES: dict[str, Live] = {}


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage, while the context lasts. One at a time in a process, and nothing else of moto beside it."""
    world.install()
    from moto import mock_aws

    from fargate_net.aws import connect as connecting
    from fargate_net.engine import observe

    stage = Stage()
    scans = observe._scans

    def connect(wire: Any, region: str | None = None) -> Any:
        where = wire.region or region or "eu-west-1"
        if where not in _WIRES:  # making clients takes longer than a whole run
            _WIRES[where] = connecting.connect(None, where)
        return Probed(_WIRES[where], stage)

    ticks = _Ticks()
    botocore_time = SimpleNamespace(sleep=stage.clock.sleep, time=lambda: EPOCH.timestamp() + CLOCK.now())
    with (
        patch.dict(os.environ, _CREDENTIALS),
        mock_aws(),
        patch("fargate_net.app.wishes.connect", connect),
        patch("fargate_net.app.running.Patience", stage.patience),
        patch("fargate_net.engine.workers.Thread", stage.pending.thread),
        patch.object(observe, "_scans", lambda aws, scope, kinds, workers: scans(aws, scope, kinds, 1)),
        patch("botocore.endpoint.time", botocore_time),
        patch("botocore.auth.SigV4Auth.add_auth", _sign),
        patch.object(calls, "run_ticks", ticks),
        patch.object(calls.LEDGER, "add", ticks.note),
    ):
        for name in _UNSET:
            os.environ.pop(name, None)
        stage.fresh()
        yield stage
