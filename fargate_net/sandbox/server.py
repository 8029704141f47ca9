"""The sandbox as a server: moto's WSGI application behind one lock, on 127.0.0.1 only, plus `/sandbox/`.

`python -m fargate_net.sandbox.server --port N --state-dir D` is what `process.start` runs. `threaded()` runs
the same application in a thread, for tests.

Never here: a listener on another address, and knowledge of an AWS service.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import world
from .calls import LOCK
from .control import Control

HOST = "127.0.0.1"


class LockedApplication:
    """moto's dispatcher behind the lock; paths below /sandbox/ go to the control API."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._aws = DomainDispatcherApplication(create_backend_app)
        self.control = Control()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        with LOCK:
            if environ.get("PATH_INFO", "").startswith("/sandbox/"):
                return self.control(environ, start_response)
            return self._drained(self._aws(environ, start_response))

    @staticmethod
    def _drained(body: Any) -> list[bytes]:
        """The whole body, read while the lock is held."""
        try:
            return list(body)
        finally:
            if hasattr(body, "close"):
                body.close()


def make(port: int) -> Any:
    """A werkzeug server bound to 127.0.0.1 (port 0: a free one), not yet serving."""
    import logging

    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    world.install()

    server: Any = make_server(HOST, port, LockedApplication(), threaded=True, request_handler=MotoRequestHandler)
    server.daemon_threads = True
    return server


@dataclass(frozen=True)
class Threaded:
    """A sandbox in a thread of this process: its endpoint, and what answers there, also to whoever needs no HTTP."""

    endpoint: str
    application: LockedApplication

    @property
    def control(self) -> Control:
        """`reset`, `settings` and the list of calls."""
        return self.application.control


@contextmanager
def threaded(port: int = 0) -> Iterator[Threaded]:
    """Serve the sandbox from a thread while the context lasts. State is this process's moto state."""
    server = make(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Threaded(f"http://{HOST}:{server.server_port}", server.app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _announce(state_dir: Path, endpoint: str) -> Path:
    """Write the state file in one step, so that a reader sees all of it or none."""
    path = state_dir / "sandbox.json"
    record = {"endpoint": endpoint, "pid": os.getpid(), "started": datetime.now(UTC).isoformat()}
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    fresh.replace(path)
    return path


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then remove the state file if it is still ours."""
    parser = argparse.ArgumentParser(prog="fargate_net.sandbox.server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--settings", default="{}", help="JSON of the settings to start with")
    options = parser.parse_args(arguments)
    server = make(options.port)
    server.app.control.apply(json.loads(options.settings))
    world.warm_up()
    options.state_dir.mkdir(parents=True, exist_ok=True)
    path = _announce(options.state_dir, f"http://{HOST}:{server.server_port}")

    def leave(_signal: int, _frame: Any) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        server.serve_forever(poll_interval=0.05)
    finally:
        server.server_close()
        if path.exists() and json.loads(path.read_text(encoding="utf-8")).get("pid") == os.getpid():
            path.unlink()


if __name__ == "__main__":
    main()
