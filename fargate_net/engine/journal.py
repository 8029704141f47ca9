"""What a run did, kept as JSON lines on this machine, and read back after a crash. Never here: the state of a stack.

Nothing is decided by a journal: the account is the truth. It tells people what was under way when a run ended.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from fargate_net.engine.apply import interrupt
from fargate_net.engine.patience import Clock
from fargate_net.model.event import Event, Finished, Notice, Retrying, Waiting

KEPT = 50
"""Journals kept for a stack; older ones are deleted."""
LIMIT = 4_000_000
"""Bytes of one journal; beyond them only beginnings and ends are written."""

_SECRETS = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(
        r"(?i)(?<![a-z0-9])((?:[a-z0-9_-]*(?:password|passwd|secret|token|api_?key|credential)[a-z0-9_-]*)[\"']?\s*[=:]\s*)"
        r"(?:\"[^\"]*\"|'[^']*'|[^\s,;\"']+)"
    ),
)


@dataclass(frozen=True)
class LastRun:
    """What the newest journal of a stack tells.

    ``open`` are (key, action) that were begun and neither done nor failed; ``failed`` those that failed. ``finished``
    is False when the run died; ``interrupted`` when it was stopped.
    """

    path: Path
    command: str
    began: str
    open: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    finished: bool
    interrupted: bool


def redacted(text: str) -> str:
    """The text without what looks like a secret: access keys, private keys, passwords in URLs and assignments."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda match: (match.group(1) if match.re.groups else "") + "REDACTED", text)
    return text


class _Pen:
    """Writes lines at once, so that a crash loses none, until the disk refuses."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self._trouble = ""

    def note(self, event: Event) -> Iterator[Event]:
        """Write the event, then pass it on; followed by a Notice when the journal had to end."""
        had = self._trouble
        full = self._file.tell() >= LIMIT if not had else False
        if not (full and isinstance(event, (Waiting, Retrying))):
            self.write({"v": 1, "type": event.type, **asdict(event)})
        yield event
        if self._trouble and not had:
            yield Notice(event.at, f"The journal of this run ends here: {self._trouble}.")

    def write(self, line: dict[str, Any]) -> None:
        """One line, secrets removed."""
        if self._trouble:
            return
        try:
            clean = {name: redacted(value) if isinstance(value, str) else value for name, value in line.items()}
            self._file.write(json.dumps(clean, separators=(",", ":")) + "\n")
            self._file.flush()
        except OSError as error:
            self._trouble = error.strerror or str(error)


def recorded(events: Generator[Event], state: Path, stack: str, command: str, clock: Clock) -> Generator[Event]:
    """The same events, each written to ``<state>/runs/<stack>/<time>.jsonl`` before it is passed on.

    A disk that cannot be written to costs the journal, not the run: one Notice says so.
    """
    began = clock.wall()
    try:
        folder = _folder(state, stack)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _drop_old(folder)
        file = _create(folder, began.strftime("%Y%m%dT%H%M%SZ"))
    except OSError as error:
        yield Notice(0.0, f"No journal is kept of this run: {error.strerror or error}.")
        yield from events
        return
    with file:
        pen = _Pen(file)
        pen.write({"v": 1, "type": "run", "stack": stack, "command": command, "began": began.isoformat()})
        try:
            for event in events:
                yield from pen.note(event)
        except KeyboardInterrupt:
            for event in interrupt(events):
                yield from pen.note(event)


def last_run(state: Path, stack: str) -> LastRun | None:
    """The newest run of a stack, or None when none was recorded.

    A journal cut short by a crash is read as far as it goes.
    """
    journals = sorted(_folder(state, stack).glob("*.jsonl"))
    if not journals:
        return None
    path = journals[-1]
    head: dict[str, Any] = {}
    begun: dict[tuple[str, str], None] = {}
    failed: dict[tuple[str, str], None] = {}
    finished = interrupted = False
    for line in _lines(path):
        what = (str(line.get("key", "")), str(line.get("action", "")))
        match line.get("type"):
            case "run":
                head = line
            case "started":
                begun[what] = None
            case "done":
                begun.pop(what, None)
            case "failed":
                begun.pop(what, None)
                failed[what] = None
            case Finished.type:
                finished, interrupted = True, bool(line.get("interrupted"))
            case _:
                continue
    return LastRun(
        path,
        str(head.get("command", "")),
        str(head.get("began", "")),
        tuple(begun),
        tuple(failed),
        finished,
        interrupted,
    )


def _folder(state: Path, stack: str) -> Path:
    return state / "runs" / re.sub(r"[^A-Za-z0-9_-]", "_", stack)


def _create(folder: Path, time: str) -> TextIOWrapper:
    """A new file only we may read. Runs of one second get different names that still sort by time."""
    number = max((int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{time}-*.jsonl")), default=-1) + 1
    while True:
        try:
            handle = os.open(folder / f"{time}-{number:03}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        return os.fdopen(handle, "w", encoding="utf-8")


def _drop_old(folder: Path) -> None:
    for old in sorted(folder.glob("*.jsonl"))[: -(KEPT - 1)]:
        old.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line
