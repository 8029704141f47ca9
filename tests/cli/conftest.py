from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cli_nouns import returning
from rich.console import Console

from fargate_net import app
from fargate_net.cli.main import main


@dataclass
class Outcome:
    """What one command line did."""

    code: int
    out: str
    err: str
    calls: list[Any] = field(default_factory=list)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test writes into the state directory of the user, or depends on the user's environment."""
    for name in ("NO_COLOR", "COLUMNS", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command line as the entry point does."""

    def line(*args: str) -> Outcome:
        code = main(list(args))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return line


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Replace a use case of ``app``; the answer is the list of calls made to it."""

    def replace(name: str, value: Any) -> list[Any]:
        calls: list[Any] = []
        monkeypatch.setattr(app, name, returning(value, calls))
        return calls

    return replace


@pytest.fixture
def console() -> Console:
    return Console(width=100, file=io.StringIO(), color_system=None, markup=False, highlight=False, emoji=False)


@pytest.fixture
def text(console: Console) -> Callable[[], str]:
    """What was printed on the console, without spaces at the ends of lines."""

    def read() -> str:
        assert isinstance(console.file, io.StringIO)
        return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())

    return read
