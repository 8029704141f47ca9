"""How long `up` and `down` take at AWS's pace, beside the longest chain of things that have to wait for each other.

Everything happens on the frozen clock of the sandbox, which plays the durations of AWS; a call takes the time that
``tests.chaos.stage`` gives it. The critical path is made of durations measured with a tool that looks without pause;
the makespan is that of the tool as it is, which looks now and then. Rounds begin the next work when all of the last
is done; one at a time is what a script would do.

Never here: the questions of reachability.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fargate_net import app
from fargate_net.app.running import Run
from fargate_net.engine.patience import Patience
from fargate_net.engine.steps import Step, steps_of
from fargate_net.model.event import Done, Started
from fargate_net.model.resource import Graph
from tests.chaos.stage import Stage, staged
from tests.chaos.wishes import EXAMPLES

ALLOWED = 1.05
"""Makespan by critical path, at most."""

COLUMNS = "{:<22}{:<6}{:>9}{:>10}{:>8}{:>8}{:>12}"


@dataclass(frozen=True)
class Measured:
    """One run; seconds of AWS. ``ratio`` is makespan by critical path."""

    example: str
    command: str
    critical: float
    makespan: float
    rounds: float
    one_at_a_time: float

    @property
    def ratio(self) -> float:
        """1 is as fast as it can be."""
        return self.makespan / self.critical

    def __str__(self) -> str:
        seconds = (round(self.critical), round(self.makespan), f"{self.ratio:.3f}", round(self.rounds))
        return COLUMNS.format(self.example, self.command, *seconds, round(self.one_at_a_time))


def measured(spec: Path) -> Iterator[Measured]:
    """The example's `up`, then its `down`."""
    with staged() as stage:
        ideal = {"up": _Timed(stage, spec, app.up, eager=True), "down": _Timed(stage, spec, app.down, eager=True)}
        stage.fresh()
        for command, use in (("up", app.up), ("down", app.down)):
            real = _Timed(stage, spec, use, eager=False)
            best = ideal[command]
            yield Measured(
                spec.stem,
                command,
                _critical(best.needs, best.took),
                real.whole,
                _rounds(best.needs, best.took),
                sum(best.took.values()),
            )


class _Timed:
    """A run read to its end: how long each step took, what each had to wait for, and the whole."""

    def __init__(self, stage: Stage, spec: Path, use: Callable[..., Run], *, eager: bool) -> None:
        looks = patch.object(Patience, "next_look", lambda self, elapsed, usual: 0.25) if eager else patch.dict({})
        with looks:
            run = use([spec], app.Wire())
            self.needs = _needs(run, down=use is app.down)
            began: dict[str, float] = {}
            self.took: dict[str, float] = {}
            start = stage.clock.now()
            for event in run.events():
                if isinstance(event, Started):
                    began[_name(event)] = stage.clock.now()
                elif isinstance(event, Done):
                    self.took[_name(event)] = stage.clock.now() - began[_name(event)]
            self.whole = stage.clock.now() - start
        assert run.ok, spec
        # What a second round made (records of task addresses) had to wait for everything.
        late = [name for name in self.took if name not in self.needs]
        for name in late:
            self.needs[name] = frozenset(set(self.needs) - set(late))


def _name(step: Started | Done | Step) -> str:
    return f"{step.action} {step.key}"


def _needs(run: Run, *, down: bool) -> dict[str, frozenset[str]]:
    wish: Any = run._wish
    steps = steps_of(Graph() if down else wish.graph, run.plan_view.plan, wish.live)
    return {_name(step): frozenset(map(_name, before)) for step, before in steps.needs.items()}


def _critical(needs: Mapping[str, frozenset[str]], took: Mapping[str, float]) -> float:
    ends: dict[str, float] = {}
    for name in TopologicalSorter(needs).static_order():
        ends[name] = took.get(name, 0.0) + max((ends[other] for other in needs.get(name, ())), default=0.0)
    return max(ends.values())


def _rounds(needs: Mapping[str, frozenset[str]], took: Mapping[str, float]) -> float:
    sorter, whole = TopologicalSorter(needs), 0.0
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        whole += max(took.get(name, 0.0) for name in ready)
        sorter.done(*ready)
    return whole


def main() -> int:
    """Print a line for each run of each example; 1 when one is slower than allowed."""
    _say(COLUMNS.format("example", "run", "critical", "makespan", "ratio", "rounds", "one by one"))
    rows = []
    for spec in EXAMPLES:
        for row in measured(spec):
            _say(str(row))
            rows.append(row)
    slow = [row for row in rows if row.ratio > ALLOWED]
    _say(f"slowest ratio {max(row.ratio for row in rows):.3f}, allowed {ALLOWED}")
    return 1 if slow else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
