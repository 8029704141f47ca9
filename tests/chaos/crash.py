"""A run killed after each of its writes, and run again: is the account as if nothing had happened?

At each write the whole process is copied (``os.fork``). In the copy the tool dies on the spot: no handler of it makes
another call, its lock stays behind. Then the command runs once more, and its account is compared with that of the run
that was left alone.

Never here: what is printed.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fargate_net.errors import FargateNetError
from fargate_net.model.event import Failed
from tests.chaos.foreign import neighbour, untouched
from tests.chaos.inventory import account, counted, hands
from tests.chaos.stage import Killed, Played, Stage, staged
from tests.chaos.wishes import SCENARIOS, Case

FAULTS = {"throttle": 0.05, "error": 0.02, "timeout": 0.02, "lag": 2, "roles": 8, "buckets": True}
"""What goes wrong beside the crash. Shares of calls; seconds."""

STALE = 660.0
"""Seconds after which the lock of a dead run may be taken over."""

SETTLED = 3600.0
"""Seconds after which AWS has removed whatever goes by itself."""


@dataclass(frozen=True)
class Verdict:
    """How one killed run ended. Empty lists are good; ``trouble`` is why it did not converge at all."""

    write: int
    operation: str
    trouble: str = ""
    duplicates: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()

    @property
    def converged(self) -> bool:
        """Whether the account is as if the run had not been killed."""
        return not (self.trouble or self.duplicates or self.orphans or self.missing or self.touched)


@dataclass
class Tried:
    """All kills of one case. ``trouble`` says why the run fails even when nobody kills it.

    ``reference`` is what is there after a run that nobody killed.
    """

    case: Case
    writes: int = 0
    reference: Counter[str] = field(default_factory=Counter)
    verdicts: list[Verdict] = field(default_factory=list)
    trouble: str = ""

    @property
    def good(self) -> bool:
        """Whether every kill was survived."""
        return not self.trouble and all(verdict.converged for verdict in self.verdicts)


@dataclass(frozen=True)
class Kills:
    """Where to kill: after every ``every``-th write, ``until`` one (None: to the end), in these ``scenarios``.

    Which write is the first differs from case to case, and with the ``seed``.
    """

    every: int = 1
    until: int | None = None
    scenarios: frozenset[str] = frozenset(SCENARIOS)
    seed: int = 0

    def at(self, case: Case, number: int) -> bool:
        """Whether to kill after this write of the case."""
        shift = self.seed + SCENARIOS.index(case.scenario) * 5 + len(case.example)
        wanted = case.scenario in self.scenarios and (self.until is None or number <= self.until)
        return wanted and (number + shift) % self.every == 0


def crash(cases: Sequence[Case], kills: Kills, *, faults: bool = True, jobs: int = 1) -> Iterator[Tried]:
    """Run the cases one after the other in one account, with a copy killed wherever ``kills`` says.

    ``jobs`` copies live at a time. Forks: call it in a process of one thread.
    """
    with tempfile.TemporaryDirectory() as folder, staged() as stage:
        stage.seed, stage.sparse = kills.seed, True
        neighbour(cases[0].stack)
        for case in cases:
            yield _tried(stage, case, _Copies(Path(folder) / case.scenario, jobs), kills, faults)


def _tried(stage: Stage, case: Case, copies: _Copies, kills: Kills, faults: bool) -> Tried:
    tried = Tried(case)
    beside = untouched(account())
    if faults:
        stage.faults(**FAULTS, seed=stage.seed + 1)

    def after_write(number: int, operation: str) -> None:
        if kills.at(case, number) and copies.fork(number, operation):
            stage.kill()

    stage.writes = 0
    stage.after_write = after_write
    try:
        tried.trouble = _failures(_run(stage, case))
    except Killed:
        assert copies.current is not None
        stage.after_write = _nothing
        copies.leave(_second_life(stage, case, copies.current, beside))
    except FargateNetError as error:
        tried.trouble = str(error)
    stage.after_write = _nothing
    stage.calm()
    tried.writes = stage.writes
    stage.clock.sleep(SETTLED)
    tried.reference = counted(account())
    tried.verdicts = [_judged(answer, tried.reference) for answer in copies.answers()]
    return tried


def _nothing(number: int, operation: str) -> None:
    """Nobody is killed."""


def _run(stage: Stage, case: Case, *, lock: bool = True) -> Played:
    if case.down:
        return stage.down([case.after], lock=lock)
    return stage.up([case.after], prune=case.prune, lock=lock)


def _second_life(stage: Stage, case: Case, dead: Verdict, beside: list[Any]) -> dict[str, Any]:
    """Run again in the copy, and take stock."""
    stage.revive()
    # Every other time somebody cannot wait for the lock to expire; a lag of seconds is over by then.
    patient = dead.write % 2 == 0
    stage.clock.sleep(STALE if patient else 15.0)
    answer = asdict(dead)
    try:
        run = _run(stage, case, lock=patient)
        if not run.ok:
            answer["trouble"] = _failures(run)
        stage.calm()
        stage.clock.sleep(15.0)
        left = stage.left([case.after], down=case.down, prune=case.prune, lock=patient)
        if not left.is_empty:
            answer["trouble"] += f" The plan is not empty: {[(c.action, c.key) for c in left.changes][:5]}"
        if not patient:  # the lock of the dead run is still there, and its own
            stage.clock.sleep(STALE)
            _unlock(case.stack)
    except FargateNetError as error:
        answer["trouble"] += str(error)
    stage.calm()
    stage.clock.sleep(SETTLED)
    there = account()
    answer["account"] = counted(there)
    answer["touched"] = [str(item) for item in set(beside) ^ set(untouched(there))]
    return answer


def _unlock(stack: str) -> None:
    ssm = hands()("ssm")
    for parameter in ssm.describe_parameters()["Parameters"]:
        if parameter["Name"] == f"/fargatenet/{stack}/lock":
            ssm.delete_parameter(Name=parameter["Name"])


def _failures(run: Played) -> str:
    return "; ".join(f"{event.key}: {event.what}" for event in run.events if isinstance(event, Failed))


def _judged(answer: dict[str, Any], reference: Counter[str]) -> Verdict:
    there = Counter(answer.pop("account", {}))
    extra, missing = there - reference, reference - there
    answer["duplicates"] = tuple(name for name in extra if reference[name])
    answer["orphans"] = tuple(name for name in extra if not reference[name])
    answer["missing"] = tuple(missing) if there else ()
    answer["touched"] = tuple(answer["touched"])
    return Verdict(**answer)


class _Copies:
    """Copies of this process, and the answers they leave in a folder."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._folder = folder
        folder.mkdir()
        self._jobs = jobs
        self._living: set[int] = set()
        self.current: Verdict | None = None
        """In a copy: what it is there for."""

    def fork(self, number: int, operation: str) -> bool:
        """True in the copy."""
        while len(self._living) >= self._jobs:
            self._reap()
        gc.freeze()  # a collection in the copy would touch, and so copy, every object there is
        pid = os.fork()
        if pid:
            self._living.add(pid)
            return False
        gc.disable()
        self.current = Verdict(number, operation)
        return True

    def leave(self, answer: dict[str, Any]) -> None:
        """End this copy."""
        assert self.current is not None
        self._path(self.current.write).write_text(json.dumps(answer), encoding="utf-8")
        os._exit(0)

    def answers(self) -> Iterator[dict[str, Any]]:
        """What the copies said, by the number of the write."""
        while self._living:
            self._reap()
        for path in sorted(self._folder.glob("*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def _reap(self) -> None:
        pid, status = os.wait()
        self._living.discard(pid)
        if status != 0:
            raise AssertionError(f"a copy of the process ended with status {status}")

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05}.json"
