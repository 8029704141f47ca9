"""A wire that asks each question once, so that two kinds may read the same response at the cost of one call.

Lives as long as one observation. Never here: writes, and answers older than the observation.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from fargate_net.kinds.base import Aws


class _Answer:
    """What one question got: an answer or an error. Whoever holds ``asking`` is getting it."""

    __slots__ = ("asking", "error", "given")

    def __init__(self, given: dict[str, Any] | None = None) -> None:
        self.asking = Lock()
        self.given = given
        self.error: BaseException | None = None


class AskedOnce:
    """Answers of ``aws``, remembered. Safe to share between threads: the second asker waits for the first."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = Lock()
        self._answers: dict[str, _Answer] = {}

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
        with self._lock:
            answer = self._answers.setdefault(_question(operation, params), _Answer())
        with answer.asking:
            if answer.error is not None:
                raise answer.error
            if answer.given is None:
                try:
                    answer.given = self._aws.read(operation, **params)
                except BaseException as error:
                    answer.error = error
                    raise
            return answer.given

    def know(self, answer: dict[str, Any], operation: str, **params: Any) -> None:
        """Remember an answer that another question has already given."""
        with self._lock:
            self._answers.setdefault(_question(operation, params), _Answer(answer))

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        """Passed on: an observation does not write, but the protocol has it."""
        return self._aws.write(operation, **params)


def _question(operation: str, params: dict[str, Any]) -> str:
    return f"{operation} {sorted(params.items())!r}"
