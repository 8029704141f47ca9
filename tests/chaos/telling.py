"""The command line on a stage: what it prints, and its exit code. Never here: what is asserted about it."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from fargate_net.cli.main import main
from tests.chaos.inventory import hands
from tests.chaos.stage import Stage, staged
from tests.chaos.watch import Watch
from tests.chaos.wishes import ROOT

Spec = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def events(self, type: str) -> list[dict[str, Any]]:
        """The events of a run that was asked for ``--output json``."""
        lines = [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]
        return [line for line in lines if line["type"] == type]

    def order(self, *keys: str) -> list[str]:
        """``action key`` of the steps of these keys, as they were done."""
        return [f"{e['action']} {e['key']}" for e in self.events("done") if e["key"] in keys]


class Story:
    """A spec in a folder, the tool in a world of one thread, and other people's hands (``client``)."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.stage.sparse = True
        self.client = hands()
        self.path = folder / "spec.yaml"

    def write(self, spec: Spec) -> None:
        """The spec from now on."""
        self.path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")

    def __call__(self, command: str, *options: str) -> Told:
        """Run a command on the spec."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([command, str(self.path), *options])
        return Told(code, out.getvalue(), err.getvalue())

    def up(self, *options: str) -> Told:
        """``up`` with JSON output; it must succeed."""
        told = self("up", "--yes", "--output", "json", *options)
        assert told.code == 0, told.err[-3000:]
        return told

    def plan(self, *options: str) -> dict[str, Any]:
        """The plan as data."""
        told = self("plan", "--output", "json", *options)
        assert told.code == 0, told.err
        plan: dict[str, Any] = json.loads(told.out)
        return plan

    def checked(self) -> int:
        """The exit code of ``plan --check``."""
        return self("plan", "--check").code

    def watched(self, *options: str) -> tuple[Told, Watch]:
        """``up`` while somebody looks at the services after every write and every wait."""
        watch = Watch()
        self.stage.sparse = False
        self.stage.after_write = self.stage.clock.after_sleep = watch.look
        try:
            return self.up(*options), watch
        finally:
            self.stage.sparse = True
            self.stage.after_write = self.stage.clock.after_sleep = lambda number=0, operation="": None


@contextlib.contextmanager
def story(folder: Path, spec: Spec | None = None) -> Iterator[Story]:
    """A world and a tool; the state of the tool goes into ``folder``."""
    plain = {"XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1", "COLUMNS": "160"}
    with patch.dict(os.environ, plain), staged() as stage:
        told = Story(stage, folder)
        if spec is not None:
            told.write(spec)
        yield told


def example(name: str) -> Spec:
    """The spec of an example, to be altered."""
    spec: Spec = yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text(encoding="utf-8"))
    return spec
