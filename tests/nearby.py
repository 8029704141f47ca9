"""A sandbox in this process, asked without a socket, by clients that are made once: half of a call's time is saved.

The tool connects as ever, and the server listens as ever; only the request of a client is handed to its application
instead of the network. That HTTP does the same is seen by the tests of the sandbox and of the documentation.

Never here: answers.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from fargate_net.aws import connect
from fargate_net.sandbox.server import Threaded, threaded


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def answering(client: Any, served: Threaded) -> Any:
    """The client, whose requests are answered by the application of the sandbox."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        said: list[Any] = []
        chunks = served.application(_environ(request), lambda status, headers, *_: said.extend((status, headers)))
        status, headers = said
        return AWSResponse(request.url, int(status.split()[0]), dict(headers), _Body(b"".join(chunks)))

    client.meta.events.register("before-send", answer)
    return client


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as a WSGI server would hand it over."""
    url = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else bytes(body)
    given: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path or "/", "latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": request.url,
        "RAW_URI": request.url,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        given[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    given["CONTENT_LENGTH"] = str(len(body))
    return given


class _Near(connect._Clients):
    """The clients of one connection, all of them answered nearby."""

    def __init__(self, served: Threaded, *given: Any) -> None:
        super().__init__(*given)
        self._served = served
        self._near: dict[tuple[str, bool], Any] = {}
        self._nearing = Lock()

    def __call__(self, service: str, once: bool) -> Any:
        with self._nearing:
            if (service, once) not in self._near:
                self._near[service, once] = answering(super().__call__(service, once), self._served)
            return self._near[service, once]


@contextmanager
def nearby() -> Iterator[Threaded]:
    """A sandbox like ``threaded``. Whoever connects to it while the context lasts shares the clients of a Region."""
    farther = connect._Clients
    known: dict[str, _Near] = {}

    def clients(session: Any, region: str, endpoint_url: str | None) -> Any:
        if endpoint_url != served.endpoint:
            return farther(session, region, endpoint_url)
        return known.setdefault(region, _Near(served, session, region, endpoint_url))

    with threaded() as served, patch.object(connect, "_Clients", clients):
        yield served
