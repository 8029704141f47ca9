"""Starts, finds, resets and stops the sandbox from the outside. Standard library only.

One sandbox per state directory: a lock file makes two starts at once agree on one server, and the server
itself writes the state file when it listens.

Never here: an import of moto, directly or through another module of this room.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import SandboxError, SandboxNotInstalledError

START_DEADLINE = 30.0
STOP_DEADLINE = 10.0
_POLL = 0.03
_NEEDED = ("moto", "flask", "flask_cors")
#: Servers that this process started, so that a dead one is reaped and not taken for a living one.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Running:
    """A sandbox that answers. `started` is an ISO 8601 time; `settings` are those in force.

    `region` is where something was built last, empty in a sandbox that nobody built in.
    """

    endpoint: str
    pid: int
    started: str
    settings: Mapping[str, Any]
    region: str = ""


def default_state_dir() -> Path:
    """$XDG_STATE_HOME/fargatenet, or ~/.local/state/fargatenet."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "fargatenet"


def start(
    state_dir: Path | None = None,
    port: int | None = None,
    pace: float | None = None,
    faults: Mapping[str, Any] | None = None,
) -> Running:
    """Start the sandbox, or return the one that runs; settings that are given are applied to either.

    Raises SandboxNotInstalledError when the extra is missing, SandboxError when the server does not answer
    within 30 seconds, when the port is taken, or when a sandbox already runs on another port.
    """
    for package in _NEEDED:
        if importlib.util.find_spec(package) is None:
            raise SandboxNotInstalledError(package)
    directory = state_dir or default_state_dir()
    directory.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = dict(faults or {})
    if pace is not None:
        settings["pace"] = pace
    with _only_one(directory):
        running = status(directory)
        if running is None:
            return _spawn(directory, port or 0, settings)
        if port is not None and not running.endpoint.endswith(f":{port}"):
            raise SandboxError(
                f"a sandbox already runs at {running.endpoint}",
                "Use that one, or stop it first: fargatenet sandbox stop",
            )
    return _with_settings(directory, running, settings) if settings else running


def status(state_dir: Path | None = None) -> Running | None:
    """The sandbox of this state directory, or None when none answers."""
    path = (state_dir or default_state_dir()) / "sandbox.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        endpoint, pid, started = str(record["endpoint"]), int(record["pid"]), str(record["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not _alive(pid):
        return None
    try:
        answer = _ask(endpoint, "GET", "status")
    except (OSError, ValueError):
        return None
    # Another program may have got the pid and the port of a sandbox that was killed.
    if answer.get("pid") != pid:
        return None
    return Running(endpoint, pid, started, answer.get("settings", {}), str(answer.get("region") or ""))


def stop(state_dir: Path | None = None) -> bool:
    """Stop the sandbox of this state directory; False when none ran."""
    directory = state_dir or default_state_dir()
    if not directory.is_dir():
        return False
    with _only_one(directory):
        running = status(directory)
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_DEADLINE
        while _alive(running.pid):
            if time.monotonic() > deadline:
                os.kill(running.pid, signal.SIGKILL)
                deadline = time.monotonic() + STOP_DEADLINE
            time.sleep(_POLL)
        (directory / "sandbox.json").unlink(missing_ok=True)
    return True


def reset(state_dir: Path | None = None) -> None:
    """Empty the running sandbox: all resources, call counts and settings. SandboxError when none runs."""
    running = status(state_dir)
    if running is None:
        raise SandboxError("no sandbox runs", "Start it: fargatenet sandbox start")
    _ask(running.endpoint, "POST", "reset")


def _with_settings(directory: Path, running: Running, settings: dict[str, Any]) -> Running:
    try:
        _ask(running.endpoint, "POST", "settings", settings)
    except urllib.error.HTTPError as error:
        with error:
            reason = json.loads(error.read()).get("error", str(error))
        raise SandboxError(f"the sandbox refuses these settings: {reason}", "See docs/sandbox.md") from None
    return status(directory) or running


def _ask(endpoint: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{endpoint}/sandbox/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    # Loopback is never behind a proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        parsed: dict[str, Any] = json.loads(answer.read())
    return parsed


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Hold the lock of the state directory; the kernel frees it when its holder dies."""
    with (directory / "sandbox.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _spawn(directory: Path, port: int, settings: dict[str, Any]) -> Running:
    (directory / "sandbox.json").unlink(missing_ok=True)
    log = directory / "sandbox.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", f"{__package__}.server"),
                *("--port", str(port), "--state-dir", str(directory), "--settings", json.dumps(settings)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=directory,
            env=_environment(),
        )
    _children.append(child)
    deadline = time.monotonic() + START_DEADLINE
    while True:
        running = status(directory)
        if running is not None and running.pid == child.pid:
            return running
        if child.poll() is not None:
            raise SandboxError("the sandbox did not start", f"{log} says: {_tail(log)}")
        if time.monotonic() > deadline:
            child.kill()
            child.wait()
            raise SandboxError(f"the sandbox did not answer within {START_DEADLINE:.0f} s", f"{log} says: {_tail(log)}")
        time.sleep(_POLL)


def _environment() -> dict[str, str]:
    """The server's environment: it must find this package, and no AWS setting of the user may reach it."""
    root = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    paths = [root, *filter(None, kept.get("PYTHONPATH", "").split(os.pathsep))]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-5:]) or "nothing"


def _alive(pid: int) -> bool:
    for child in [child for child in _children if child.poll() is not None]:
        _children.remove(child)
        if child.pid == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
