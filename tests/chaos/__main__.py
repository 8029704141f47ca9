"""``python -m tests.chaos``: kill runs at their writes, and print how many came through.

Without options a sample; ``--full`` tries every write of every example, and kills real processes too. Faults are on
unless ``--calm``. Exit code 0 when every kill was survived.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from tests.chaos.crash import Kills, Tried, crash
from tests.chaos.sigkill import Shot, Target, shoot
from tests.chaos.wishes import EXAMPLES, SCENARIOS, case

SAMPLE = 40
"""In a sample, every so many writes are tried; the first one differs from case to case."""

COLUMNS = "{:<22}{:<9}{:>7}{:>7}{:>11}{:>12}{:>9}{:>17}{:>9}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases that were asked for; the exit code."""
    options = _options(arguments)
    every = options.every or (1 if options.full else SAMPLE)
    shots = options.sigkill if options.sigkill is not None else (3 if options.full else 0)
    examples = [example for example in EXAMPLES if not options.example or example.stem in options.example]
    kills = Kills(every, options.until, frozenset(options.run or SCENARIOS), options.seed)
    runs = SCENARIOS[: 1 + max(map(SCENARIOS.index, options.run or SCENARIOS))]
    _say(
        COLUMNS.format(
            "example", "run", "writes", "kills", "converged", "duplicates", "orphans", "foreign touched", "s"
        )
    )
    chains: list[list[Tried]] = []
    with tempfile.TemporaryDirectory() as folder:
        for example in examples:
            chains.append([])
            began = time.monotonic()
            cases = [case(example, scenario, Path(folder)) for scenario in runs]
            for one in crash(cases, kills, faults=not options.calm, jobs=options.jobs):
                _say(_row(one, time.monotonic() - began))
                chains[-1].append(one)
                began = time.monotonic()
        shot = list(_shots(chains, shots, options.jobs, Path(folder))) if shots else []
    return _sums([one for chain in chains for one in chain], shot)


def _shots(chains: list[list[Tried]], shots: int, jobs: int, folder: Path) -> Iterator[Shot]:
    """Kill real processes, in ``jobs`` sandboxes at a time."""
    began = time.monotonic()
    targets = [[Target(one.case, one.writes, one.reference) for one in chain] for chain in chains]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for done in pool.map(shoot, targets, repeat(shots), repeat(folder)):
            died, good = sum(one.died for one in done), sum(one.good for one in done if one.died)
            seconds = round(time.monotonic() - began)
            _say(f"{done[0].example:<22}processes killed {died}, converged {good}, {seconds} s since the first")
            yield from done


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every write of every example, and real SIGKILLs")
    parser.add_argument("--example", action="append", choices=[path.stem for path in EXAMPLES], help="only these")
    parser.add_argument("--run", action="append", choices=SCENARIOS, help="kill in these only")
    parser.add_argument("--until", type=int, help="kill at the first so many writes only")
    parser.add_argument("--every", type=int, help=f"kill at every n-th write (1 with --full, else {SAMPLE})")
    parser.add_argument("--calm", action="store_true", help="no faults beside the kills")
    parser.add_argument("--sigkill", type=int, help="real SIGKILLs a case (3 with --full, else 0)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other faults")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="copies that live at a time")
    return parser.parse_args(arguments)


def _row(one: Tried, seconds: float) -> str:
    verdicts = one.verdicts
    lines = [
        COLUMNS.format(
            one.case.example,
            one.case.scenario,
            one.writes,
            len(verdicts),
            sum(verdict.converged for verdict in verdicts),
            sum(len(verdict.duplicates) for verdict in verdicts),
            sum(len(verdict.orphans) for verdict in verdicts),
            sum(len(verdict.touched) for verdict in verdicts),
            round(seconds),
        )
    ]
    if one.trouble:
        lines.append(f"    fails even without a kill: {one.trouble}")
    for verdict in verdicts:
        if not verdict.converged:
            lines.append(f"    killed after write {verdict.write} ({verdict.operation}):")
            for what in ("trouble", "duplicates", "orphans", "missing", "touched"):
                if said := getattr(verdict, what):
                    lines.append(f"        {what}: {said if isinstance(said, str) else ', '.join(said)}")
    return "\n".join(lines)


def _sums(tried: list[Tried], shot: list[Shot]) -> int:
    verdicts = [verdict for one in tried for verdict in one.verdicts]
    _say(
        f"kills tried {len(verdicts)}, converged {sum(verdict.converged for verdict in verdicts)}, "
        f"duplicates {sum(len(verdict.duplicates) for verdict in verdicts)}, "
        f"orphans {sum(len(verdict.orphans) for verdict in verdicts)}, "
        f"foreign resources touched {sum(len(verdict.touched) for verdict in verdicts)}"
    )
    if shot:
        _say(f"processes killed {sum(one.died for one in shot)}, converged {sum(one.good for one in shot if one.died)}")
        for one in shot:
            if not one.good:
                _say(f"    {one}")
    return 0 if all(one.good for one in (*tried, *shot)) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
