"""Stories are told through the command line, on a sandbox in a thread of this process and a clock that jumps.

Waiting costs nothing: when nobody has news, the clock of the run and the clock of the sandbox move ahead together.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, ClassVar

import boto3
import pytest
from botocore.config import Config

from fargate_net.app import running
from fargate_net.cli.main import main
from fargate_net.engine import patience
from fargate_net.sandbox.server import Threaded
from tests.nearby import answering, nearby

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
READS = ("Describe", "List", "Get", "Search")


class JumpingClock(patience.SystemClock):
    """Real time plus what was skipped; a wait that brings nothing for a moment is skipped to its end."""

    served: Threaded
    skipped = 0.0

    def now(self) -> float:
        return time.monotonic() + type(self).skipped

    def sleep(self, seconds: float) -> None:
        self.jump(seconds)

    def receive(self, inbox: SimpleQueue[Any], seconds: float | None) -> Any:
        moment = 0.03 if seconds is None else min(0.03, max(0.0, seconds))
        while True:
            try:
                return inbox.get(timeout=moment)
            except Empty:
                if seconds is not None:
                    self.jump(seconds - moment)
                    return None

    def jump(self, seconds: float) -> None:
        if seconds > 0:
            type(self).skipped += seconds
            self.served.control.advance(seconds)


@dataclass(frozen=True)
class Told:
    """What a command printed, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


class Teller:
    """The command line against one sandbox, and a second pair of eyes on the account."""

    _made: ClassVar[dict[tuple[str, str, str], Any]] = {}

    def __init__(self, served: Threaded) -> None:
        self.served = served

    def __call__(self, *words: str | Path, at: bool = True) -> Told:
        """Run a command; ``at`` points it at the sandbox."""
        where = ["--endpoint-url", self.served.endpoint] if at else []
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*(str(word) for word in words), *where])
        return Told(code, out.getvalue(), err.getvalue())

    def data(self, *words: str | Path, at: bool = True) -> Any:
        """What a command prints with ``--output json``; its exit code must be 0 or 3."""
        result = self(*words, "--output", "json", at=at)
        assert result.exit_code in (0, 3), result.stderr
        return json.loads(result.stdout)

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        """Somebody else's hands."""
        key = (self.served.endpoint, service, region)
        if key not in self._made:
            retries = {"total_max_attempts": 1, "mode": "standard"}
            client = boto3.client(
                service,
                endpoint_url=self.served.endpoint,
                region_name=region,
                aws_access_key_id="else",
                aws_secret_access_key="else",
                config=Config(retries=retries, inject_host_prefix=False, proxies={}),
            )
            self._made[key] = answering(client, self.served)
        return self._made[key]

    def calls(self) -> Counter[str]:
        """How often each operation was called since the calls were forgotten."""
        return Counter(self.served.control.calls()["counts"])

    def writes(self) -> Counter[str]:
        """The calls that change something."""
        return Counter({name: n for name, n in self.calls().items() if not name.partition(":")[2].startswith(READS)})

    def forget_calls(self) -> None:
        self.served.control.clear_calls()


@pytest.fixture(scope="session")
def served() -> Iterator[Threaded]:
    with nearby() as sandbox:
        yield sandbox


@pytest.fixture
def tell(served: Threaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Teller:
    served.control.reset()
    JumpingClock.served = served
    monkeypatch.setattr(running, "Patience", partial(patience.Patience, clock=JumpingClock()))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "story")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "story")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return Teller(served)
