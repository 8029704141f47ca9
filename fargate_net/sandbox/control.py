"""The control API below /sandbox/: status, reset, settings, time, and the list of calls.

Never here: anything that AWS has. A client of AWS never sees these paths.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from . import faults, world
from .calls import LEDGER, LOCK
from .clock import CLOCK


class Control:
    """What tests and `fargatenet sandbox` may ask of a running sandbox. Each answer is a JSON object."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC).isoformat()
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], dict[str, Any]]] = {
            ("GET", "status"): lambda _: self.status(),
            ("GET", "calls"): lambda _: self.calls(),
            ("POST", "calls/clear"): lambda _: self.clear_calls(),
            ("POST", "reset"): lambda _: self.reset(),
            ("POST", "settings"): self.apply,
            ("POST", "advance"): lambda given: self.advance(float(given.get("seconds", 0))),
        }

    def status(self) -> dict[str, Any]:
        """Who runs, since when, with which settings, how many calls were answered, and how many changed something.

        ``region`` is where something was built last.
        """
        import moto

        return {
            "version": 1,
            "pid": os.getpid(),
            "started": self.started,
            "moto": moto.__version__,
            "settings": self.settings(),
            "calls": sum(LEDGER.counts.values()),
            "changes": LEDGER.changes,
            "region": LEDGER.region,
        }

    def settings(self) -> dict[str, Any]:
        """The settings in force."""
        return {"pace": CLOCK.pace, "frozen": CLOCK.frozen, **faults.SETTINGS.as_dict()}

    def apply(self, given: dict[str, Any]) -> dict[str, Any]:
        """Change settings; unknown names are refused with ValueError and change nothing."""
        unknown = sorted(set(given) - set(self.settings()))
        if unknown:
            raise ValueError(f"unknown setting: {', '.join(unknown)}; known: {', '.join(self.settings())}")
        with LOCK:
            changed = faults.SETTINGS.changed({k: v for k, v in given.items() if k not in ("pace", "frozen")})
            pace = given.get("pace", CLOCK.pace)
            frozen = given.get("frozen", CLOCK.frozen)
            CLOCK.set(float(pace) if pace not in (None, "", "fast") else None, str(frozen).lower() in ("1", "true"))
            faults.SETTINGS.take(changed)
        return self.settings()

    def reset(self) -> dict[str, Any]:
        """Forget all resources, calls and settings: the state after a start."""
        with LOCK:
            world.reset()
        return {"reset": True}

    def advance(self, seconds: float) -> dict[str, Any]:
        """Let `seconds` of sandbox time pass at once."""
        with LOCK:
            return {"now": world.advance(seconds)}

    def calls(self) -> dict[str, Any]:
        """How often each operation was called since the last reset or clear, and the latest 5000 calls."""
        with LOCK:
            recent = list(LEDGER.recent)
            writes = sum(1 for call in recent if call["write"])
            return {
                "counts": dict(LEDGER.counts),
                "writes": writes,
                "reads": len(recent) - writes,
                "recent": recent,
            }

    def clear_calls(self) -> dict[str, Any]:
        """Start counting anew."""
        with LOCK:
            LEDGER.clear()
        return {"cleared": True}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI side: parameters come from the query string and from a JSON body."""
        given: dict[str, Any] = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        route = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/sandbox/")))
        try:
            if route is None:
                status, answer = "404 Not Found", {"error": "no such path below /sandbox/"}
            else:
                status, answer = "200 OK", route(given | (json.loads(body) if body else {}))
        except (ValueError, TypeError, AttributeError) as error:
            status, answer = "400 Bad Request", {"error": str(error)}
        payload = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(payload)))])
        return [payload]
