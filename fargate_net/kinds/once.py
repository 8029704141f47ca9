"""A wire that asks each question once, so that two kinds may read the same response at the cost of one call.

Lives as long as one observation. Never here: writes, and answers older than the observation.
"""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock
from typing import Any

from fargate_net.kinds.base import Aws


class AskedOnce:
    """Answers of ``aws``, remembered. Safe to share between threads: the second asker waits for the first."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = Lock()
        self._answers: dict[str, Future[dict[str, Any]]] = {}

    @property
    def region(self) -> str:
        """The Region of the wire behind."""
        return self._aws.region

    @property
    def account(self) -> str:
        """The account of the wire behind."""
        return self._aws.account

    @property
    def saved(self) -> bool:
        """Whether the wire behind is a folder."""
        return self._aws.saved

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        """The answer, from AWS the first time; an error is remembered too."""
        question = _question(operation, params)
        with self._lock:
            answer = self._answers.get(question)
            first = answer is None
            if answer is None:
                answer = self._answers[question] = Future()
        if first:
            try:
                answer.set_result(self._aws.read(operation, **params))
            except BaseException as error:
                answer.set_exception(error)
                raise
        return answer.result()

    def know(self, answer: dict[str, Any], operation: str, **params: Any) -> None:
        """Remember an answer that another question has already given."""
        known: Future[dict[str, Any]] = Future()
        known.set_result(answer)
        with self._lock:
            self._answers.setdefault(_question(operation, params), known)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """Passed on: an observation does not write, but the protocol has it."""
        return self._aws.write(operation, **params)


def _question(operation: str, params: dict[str, Any]) -> str:
    return f"{operation} {sorted(params.items())!r}"
