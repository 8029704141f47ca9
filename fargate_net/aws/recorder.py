"""Write every answer to a folder on its way through, so that the folder can answer the same questions later.

The folder follows the conventions of snapshots (docs/snapshots.md). Secrets that people put into plain environment
variables are not written. Never here: what is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from fargate_net.aws.shapes import IDS, LISTS, NONE_WHEN_EMPTY, SUBJECTS, bare, identity
from fargate_net.errors import UsageError

REDACTED = "REDACTED"


class Wire(Protocol):
    """What is recorded: live AWS, or anything that answers like it."""

    @property
    def region(self) -> str:
        """The Region."""

    @property
    def account(self) -> str:
        """The account id."""

    @property
    def saved(self) -> bool:
        """Whether answers come from a folder."""

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The whole response."""

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call that changes something."""


class Recorder:
    """A wire that answers as ``wire`` does and keeps each answer as one file of ``folder``.

    Raises UsageError when the folder cannot be written or already holds ``.json`` files: responses of two moments would
    mix. Safe to share between threads.
    """

    def __init__(self, wire: Wire, folder: str | Path) -> None:
        self._wire = wire
        self.folder = Path(folder)
        self._lock = Lock()
        self._written: set[tuple[str, str]] = set()
        self._some: set[str] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"The folder {folder} cannot be made: {error.strerror}.") from None
        if any(self.folder.rglob("*.json")):
            raise UsageError(f"The folder {folder} already holds .json files.", hint="Name a new folder.")

    @property
    def region(self) -> str:
        """The Region of the wire behind."""
        return self._wire.region

    @property
    def account(self) -> str:
        """The account of the wire behind."""
        return self._wire.account

    @property
    def saved(self) -> bool:
        """Whether the wire behind is a folder."""
        return self._wire.saved

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """Passed on and not recorded: a snapshot holds what is, not what was done."""
        return self._wire.write(operation, **params)

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The answer, after it was written; of a question asked twice the first answer is kept.

        An error is passed on: the folder then does not hold the answer.
        """
        response = self._wire.read(operation, **params)
        document = {name: value for name, value in response.items() if name != "ResponseMetadata"}
        if operation in SUBJECTS:
            subject = SUBJECTS[operation].subject
            document = {subject: bare(params.get(subject, "")), **document}
        self._keep(operation, params, document)
        if operation in NONE_WHEN_EMPTY:
            self._none(operation, bool(document.get(LISTS[operation])))
        return response

    def _none(self, operation: str, some: bool) -> None:
        """Say "there is none" in the words of the describe call that nobody makes about nothing.

        As soon as one cluster has some, the describe call will be made, and its answer, or its refusal, counts.
        """
        with self._lock:
            for key in NONE_WHEN_EMPTY[operation]:
                path = self.folder / f"no-{key}.json"
                if some and key == NONE_WHEN_EMPTY[operation][0]:
                    self._some.add(key)
                    path.unlink(missing_ok=True)
                elif not some and key not in self._some:
                    path.write_text(json.dumps({key: []}) + "\n", encoding="utf-8")

    def _keep(self, operation: str, params: Mapping[str, Any], document: dict[str, Any]) -> None:
        digest = sha256(repr(sorted(params.items())).encode()).hexdigest()[:8] if params else ""
        path = self.folder / f"{operation}{'-' if digest else ''}{digest}.json"
        with self._lock:
            if path.exists():
                return
            text = json.dumps(_clean(self._first_words(document)), indent=1, default=_plain)
            try:
                path.write_text(text + "\n", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{path} cannot be written: {error.strerror}.") from None

    def _first_words(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document without items that another file holds: asked twice, AWS may say two things about one id."""
        kept: dict[str, Any] = {}
        for key, value in document.items():
            if isinstance(value, list) and key in IDS:
                fresh = []
                for item in value:
                    name = (key, identity(key, item) or repr(item))
                    if name not in self._written:
                        self._written.add(name)
                        fresh.append(item)
                value = fresh
            kept[key] = value
        return kept


_SECRET_NAME = re.compile(r"secret|passw|token|api_?key|private|credential|auth|access_?key", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"^(AKIA|ASIA)[A-Z0-9]{16}$|-----BEGIN|://[^/\s:@]+:[^@\s]+@|^gh[pousr]_|^xox[abprs]-|^eyJ[\w-]+\.[\w-]+\."
    r"|^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/=_-]{32,}$"
)


def _clean(value: Any) -> Any:
    """The same with the values of environment variables that look secret replaced."""
    if isinstance(value, dict):
        return {
            name: [_redacted(entry) for entry in inner]
            if name == "environment" and isinstance(inner, list)
            else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def _redacted(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    name, value = str(entry.get("name", "")), str(entry.get("value", ""))
    if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value):
        return {**entry, "value": REDACTED}
    return entry


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
