"""Events of a run as JSON lines for programs, version 1 (docs/events.md). Never here: words for people.

Field names are those of the events; a field is added, never renamed or removed, within a version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from fargate_net.cli.views.plan_document import change, finding
from fargate_net.model.event import Event

if TYPE_CHECKING:
    from fargate_net.app.wishes import PlanView

VERSION = 1


class JsonLines:
    """Writes one JSON object a line, each with ``v`` and ``type``."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()

    def plan(self, view: PlanView) -> None:
        """What is about to be done, before anything is."""
        changes = [change(item) for item in view.plan.changes]
        said = {"findings": [finding(item) for item in view.findings], "notes": list(view.notes)}
        self.write("plan", {"stack": view.plan.stack, "counts": view.plan.counts, "changes": changes, **said})

    def show(self, event: Event) -> None:
        """One event."""
        self.write(event.type, asdict(event))

    def write(self, type: str, fields: Mapping[str, Any]) -> None:
        """One line, at once: a reader may follow the run."""
        line = json.dumps({"v": VERSION, "type": type, **fields}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
