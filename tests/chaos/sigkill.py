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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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


def shoot(case: Case, writes: int, shots: int, folder: Path) -> list[Shot]:
    """Kill the case's command ``shots`` times, evenly spread over its ``writes``, and run it again each time."""
    with tempfile.TemporaryDirectory(dir=folder) as state:
        endpoint = process.start(Path(state)).endpoint
        try:
            reference = _undisturbed(case, endpoint, Path(state))
            numbers = sorted({max(1, writes * (2 * shot + 1) // (2 * shots)) for shot in range(shots)})
            return [_shot(case, number, endpoint, Path(state), reference) for number in numbers]
        finally:
            process.stop(Path(state))


def _shot(case: Case, number: int, endpoint: str, state: Path, reference: Counter[str]) -> Shot:
    _prepare(case, endpoint, state)
    beside = untouched(hands(endpoint))
    _ask(endpoint, "POST", "calls/clear")
    with subprocess.Popen(_words(case, endpoint), env=_environment(state), stdout=-3, stderr=-3, cwd=ROOT) as victim:
        while victim.poll() is None and _ask(endpoint, "GET", "calls")["writes"] < number:
            time.sleep(0.005)
        died = victim.poll() is None
        victim.kill()
    again = _run([*_words(case, endpoint), "--no-lock"], state)
    said = [again.stderr[-600:]] if again.returncode else []
    _forget_lock(case, endpoint)
    now = counted(account(hands(endpoint)))
    said += [f"too many: {', '.join(now - reference)}"] if now - reference else []
    said += [f"missing: {', '.join(reference - now)}"] if reference - now else []
    touched = set(beside) ^ set(untouched(hands(endpoint)))
    said += [f"foreign resources touched: {', '.join(map(str, touched))}"] if touched else []
    return Shot(case.example, case.scenario, number, died, "; ".join(said))


def _undisturbed(case: Case, endpoint: str, state: Path) -> Counter[str]:
    _prepare(case, endpoint, state)
    done = _run(_words(case, endpoint), state)
    assert done.returncode == 0, done.stderr
    _ask(endpoint, "POST", "advance?seconds=60")
    return counted(account(hands(endpoint)))


def _prepare(case: Case, endpoint: str, state: Path) -> None:
    _ask(endpoint, "POST", "reset")
    neighbour(case.stack, hands(endpoint))
    if case.before is not None:
        before = _run(["up", str(case.before), "--yes", "--endpoint-url", endpoint], state)
        assert before.returncode == 0, before.stderr
        _ask(endpoint, "POST", "advance?seconds=60")


def _words(case: Case, endpoint: str) -> list[str]:
    words = ["down" if case.down else "up", str(case.after), "--yes", "--endpoint-url", endpoint]
    return [sys.executable, "-m", "fargate_net", *words, *(["--prune"] if case.prune else [])]


def _run(words: Sequence[str], state: Path) -> subprocess.CompletedProcess[str]:
    command = list(words) if words[0] == sys.executable else [sys.executable, "-m", "fargate_net", *words]
    return subprocess.run(command, env=_environment(state), cwd=ROOT, capture_output=True, text=True, check=False)


def _environment(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    credentials = {"AWS_ACCESS_KEY_ID": "chaos", "AWS_SECRET_ACCESS_KEY": "chaos"}
    return {**kept, **credentials, "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": str(state)}


def _forget_lock(case: Case, endpoint: str) -> None:
    ssm = hands(endpoint)("ssm")
    with suppress(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name=f"/fargatenet/{case.stack}/lock")
    _ask(endpoint, "POST", "advance?seconds=60")


def _ask(endpoint: str, method: str, path: str) -> dict[str, int]:
    request = urllib.request.Request(f"{endpoint}/sandbox/{path}", method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        said: dict[str, int] = json.loads(answer.read())
    return said
