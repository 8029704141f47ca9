"""One AWS call: all pages of a read, one request of a write, and errors as ours.

Never here: retries beyond botocore's, waiting, the meaning of an operation.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from fargate_net.aws.codes import of_client, of_read, of_wire
from fargate_net.aws.shapes import cut

_log = logging.getLogger("fargatenet.aws")


class Clients(Protocol):
    """Where clients come from."""

    def __call__(self, service: str, once: bool) -> Any:
        """The client of a service; ``once`` for calls that must not be repeated unseen."""


class Live:
    """The wire to AWS, or to whatever answers at the endpoint. Safe to share between threads.

    ``calls`` counts requests by operation; ``on_call`` hears the name of each operation before it is sent.
    """

    saved = False

    def __init__(self, clients: Clients, region: str, on_call: Callable[[str], None] | None = None) -> None:
        self.region = region
        self.calls: Counter[str] = Counter()
        self.on_call = on_call
        self._clients = clients
        self._counting = Lock()

    @cached_property
    def account(self) -> str:
        """The account the credentials belong to; asks STS once."""
        return str(self.read("sts.get_caller_identity")["Account"])

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The response with every page merged: lists joined, other keys from the last page.

        Raises NotFound, Denied, Throttled and other AwsErrors.
        """
        service, method = _split(operation)
        whole: dict[str, Any] = {}
        try:
            client = self._clients(service, once=False)
            if client.can_paginate(method):
                pages = iter(client.get_paginator(method).paginate(**params))
                page: dict[str, Any] | None = {}
                while page is not None:
                    page = self._next(operation, params, pages)
                    _merge(whole, page or {})
            else:
                self._read_on(operation, getattr(client, method), params, whole)
        except ClientError as error:
            raise of_read(error, operation) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise of_wire(error, operation) from error
        return whole

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call that changes something.

        A call that makes a new thing each time it is sent is sent once: when its answer is lost, the caller must look
        before it asks again. All others are repeated by botocore when AWS is busy or silent.
        """
        service, method = _split(operation)
        try:
            client = self._clients(service, once=False)
            members, fills_token = _input_of(client, method)
            if "ClientToken" in members and not fills_token:
                # botocore fills some tokens by itself; with one a repeat is the same request to AWS.
                params.setdefault("ClientToken", str(uuid4()))
            once = method.startswith(_MAKING) and not fills_token and "ClientToken" not in params
            self._count(operation, params)
            response: dict[str, Any] = getattr(self._clients(service, once), method)(**params)
        except ClientError as error:
            raise of_client(error, operation) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise of_wire(error, operation) from error
        response.pop("ResponseMetadata", None)
        return response

    def _read_on(self, operation: str, call: Any, params: dict[str, Any], whole: dict[str, Any]) -> None:
        """Pages of an operation that botocore cannot page."""
        while True:
            self._count(operation, params)
            page = call(**params)
            _merge(whole, page)
            token = cut(page)
            if token not in ("NextToken", "nextToken") or page[token] == params.get(token):
                return
            params = {**params, token: page[token]}

    def _next(self, operation: str, params: dict[str, Any], pages: Iterator[Any]) -> dict[str, Any] | None:
        """The next page of a paginator, counted even when AWS refuses it; None after the last."""
        try:
            page: dict[str, Any] | None = next(pages, None)
        except ClientError:
            self._count(operation, params)
            raise
        if page is not None:
            self._count(operation, params)
        return page

    def _count(self, operation: str, params: dict[str, Any]) -> None:
        _log.debug("%s %s", operation, sorted(params))
        with self._counting:
            self.calls[operation] += 1
        if self.on_call is not None:
            self.on_call(operation)


_MAKING = ("create_", "allocate_", "run_task", "register_task_definition")
_PAGING = ("ResponseMetadata", "NextToken", "nextToken", "NextMarker", "Marker", "IsTruncated", "MaxItems")


def _split(operation: str) -> tuple[str, str]:
    service, _, method = operation.partition(".")
    return service, method


def _merge(whole: dict[str, Any], page: dict[str, Any]) -> None:
    for key, value in page.items():
        if key in _PAGING:
            continue
        if isinstance(value, list):
            whole.setdefault(key, []).extend(value)
        else:
            whole[key] = value


def _input_of(client: Any, method: str) -> tuple[frozenset[str], bool]:
    """The names of an operation's parameters, and whether botocore fills a client token by itself."""
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    if shape is None:
        return frozenset(), False
    return frozenset(shape.members), any(member.metadata.get("idempotencyToken") for member in shape.members.values())
