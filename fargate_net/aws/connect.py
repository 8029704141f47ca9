"""Where a connection to AWS comes from: profile, Region, endpoint, and how patient its clients are.

Never here: the meaning of an operation.
"""

from __future__ import annotations

import os
import socket
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from fargate_net import __version__
from fargate_net.aws.call import Live
from fargate_net.aws.codes import of_wire
from fargate_net.errors import OperationFailed, UsageError

_ATTEMPTS = 10
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_POOL = 32
_KNOCK_SECONDS = 2.0
_SANDBOX_REGION = "us-east-1"


def connect(
    profile: str | None = None, region: str | None = None, endpoint_url: str | None = None, *, sandbox_region: str = ""
) -> Live:
    """The live wire. Nothing is asked yet: wrong credentials show at the first call.

    ``endpoint_url`` defaults to AWS_ENDPOINT_URL. An endpoint on loopback needs no credentials and no Region:
    where none is configured ``sandbox_region`` is meant, or us-east-1.
    Raises UsageError for an unknown profile, a missing Region, or an endpoint that is no URL, and OperationFailed when
    nobody listens on loopback.
    """
    endpoint_url = endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or None
    local = endpoint_url is not None and _on_loopback(endpoint_url)
    if endpoint_url is not None and local:
        _knock(endpoint_url)
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if local and not profile:
            # Looking for credentials on this machine would ask the instance metadata service and wait for it.
            os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
            if session.get_credentials() is None:
                session = boto3.Session("sandbox", "sandbox", region_name=region)
    except BotoCoreError as error:
        raise of_wire(error, "sts.get_caller_identity") from error
    name = session.region_name or ((sandbox_region or _SANDBOX_REGION) if local else "")
    if not name:
        raise UsageError("No AWS Region is set.", hint="Give --region, or set AWS_REGION.")
    return Live(_Clients(session, name, endpoint_url), name)


def _on_loopback(endpoint_url: str) -> bool:
    try:
        parts = urlsplit(endpoint_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{endpoint_url} is not an endpoint.", hint="An endpoint reads like http://127.0.0.1:5000.")
    host = parts.hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _knock(endpoint_url: str) -> None:
    """Fail at once when nobody listens on loopback: botocore would try again for a minute."""
    parts = urlsplit(endpoint_url)
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    try:
        socket.create_connection(address, _KNOCK_SECONDS).close()
    except OSError as error:
        raise OperationFailed(
            f"Nobody listens at {endpoint_url}: {(error.strerror or str(error)).lower()}.",
            hint="Start the sandbox with 'fargatenet sandbox start', or give another --endpoint-url.",
        ) from None


class _Clients:
    """One client for each service and patience, made when first needed. Clients are thread safe, making them is not."""

    def __init__(self, session: Any, region: str, endpoint_url: str | None) -> None:
        self._session = session
        self._region = region
        self._endpoint_url = endpoint_url
        self._lock = Lock()
        self._made: dict[tuple[str, bool], Any] = {}

    def __call__(self, service: str, once: bool) -> Any:
        """The client of a service; ``once`` for calls that must not be repeated unseen."""
        with self._lock:
            if (service, once) not in self._made:
                self._made[service, once] = self._session.client(
                    service,
                    region_name=self._region,
                    endpoint_url=self._endpoint_url,
                    config=Config(
                        user_agent_extra=f"fargatenet/{__version__}",
                        retries={"mode": "standard", "total_max_attempts": 1 if once else _ATTEMPTS},
                        connect_timeout=_CONNECT_SECONDS,
                        read_timeout=_READ_SECONDS,
                        max_pool_connections=_POOL,
                        # Cloud Map puts "data-" before the host name, which no custom endpoint answers to.
                        inject_host_prefix=self._endpoint_url is None,
                    ),
                )
            return self._made[service, once]
