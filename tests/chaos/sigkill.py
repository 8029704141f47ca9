"""The same crash with nothing staged: ``fargatenet`` in a process of its own, SIGKILL, and the sandbox in another one.

The moment is less exact than in ``crash.py`` (the process dies within milliseconds of the n-th write, whatever its
threads are doing), which is the point.

Never here: what is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fargate_net.sandbox import process
from tests.chaos.foreign import neighbour, untouched
from tests.chaos.inventory import account, counted, hands
from tests.chaos.wishes import ROOT, Case


@dataclass(frozen=True)
class Shot:
    """One process killed near its ``write``-th write. ``died`` is False when it had ended before."""

    example: str
    scenario: str
    write: int
    died: bool
    trouble: str = ""

    @property
    def good(self) -> bool:
        """Whether the second run brought everything in order."""
        return not self.trouble


@dataclass(frozen=True)
class Target:
    """A run to kill: how many writes it makes, and what is there at its end when nobody kills it."""

    case: Case
    writes: int
    reference: Counter[str]


def shoot(targets: Sequence[Target], shots: int, folder: Path) -> list[Shot]:
    """Kill each run of a chain ``shots`` times, evenly spread over its writes, and run it again each time.

    Each chain starts in an empty sandbox, and each run where the one before it ended.
    """
    done: list[Shot] = []
    with tempfile.TemporaryDirectory(dir=folder) as state:
        endpoint = process.start(Path(state)).endpoint
        try:
            for shot in range(shots):
                _ask(endpoint, "POST", "reset")
                client = hands(endpoint)
                neighbour(targets[0].case.stack, client)
                for target in targets:
                    number = max(1, target.writes * (2 * shot + 1) // (2 * shots))
                    done.append(_shot(target, number, endpoint, Path(state), client))
        finally:
            process.stop(Path(state))
    return done


def _shot(target: Target, number: int, endpoint: str, state: Path, client: Callable[[str], Any]) -> Shot:
    case = target.case
    beside = untouched(account(client))
    last = _changes(endpoint) + number
    with subprocess.Popen(_words(case, endpoint), env=_environment(state), stdout=-3, stderr=-3, cwd=ROOT) as victim:
        while victim.poll() is None and _changes(endpoint) < last:
            time.sleep(0.01)
        died = victim.poll() is None
        victim.kill()
    again = subprocess.run(
        [*_words(case, endpoint), "--no-lock"], env=_environment(state), cwd=ROOT, capture_output=True, text=True
    )
    said = [again.stderr[-600:]] if again.returncode else []
    _forget_lock(case, endpoint, client)
    there = account(client)
    now = counted(there)
    said += [f"too many: {', '.join(now - target.reference)}"] if now - target.reference else []
    said += [f"missing: {', '.join(target.reference - now)}"] if target.reference - now else []
    touched = set(beside) ^ set(untouched(there))
    said += [f"foreign resources touched: {', '.join(map(str, touched))}"] if touched else []
    return Shot(case.example, case.scenario, number, died, "; ".join(said))


def _words(case: Case, endpoint: str) -> list[str]:
    words = ["down" if case.down else "up", str(case.after), "--yes", "--endpoint-url", endpoint]
    return [sys.executable, "-m", "fargate_net", *words, *(["--prune"] if case.prune else [])]


def _environment(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    credentials = {"AWS_ACCESS_KEY_ID": "chaos", "AWS_SECRET_ACCESS_KEY": "chaos"}
    return {**kept, **credentials, "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": str(state)}


def _forget_lock(case: Case, endpoint: str, client: Callable[[str], Any]) -> None:
    ssm = client("ssm")
    with suppress(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name=f"/fargatenet/{case.stack}/lock")
    _ask(endpoint, "POST", "advance?seconds=60")


def _changes(endpoint: str) -> int:
    return _ask(endpoint, "GET", "status")["changes"]


def _ask(endpoint: str, method: str, path: str) -> dict[str, int]:
    request = urllib.request.Request(f"{endpoint}/sandbox/{path}", method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        said: dict[str, int] = json.loads(answer.read())
    return said
