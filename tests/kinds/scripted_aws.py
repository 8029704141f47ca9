"""An Aws for tests that answers from a dict: operation to response, function of the parameters, or error."""

from collections.abc import Callable, Mapping
from typing import Any

Answer = dict[str, Any] | Exception | Callable[..., dict[str, Any]]


class ScriptedAws:
    region = "eu-west-1"
    account = "111122223333"

    def __init__(self, answers: Mapping[str, Answer], *, saved: bool = False) -> None:
        self.answers = dict(answers)
        self.saved = saved
        self.reads: list[tuple[str, dict[str, Any]]] = []
        self.writes: list[tuple[str, dict[str, Any]]] = []

    def _answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return answer(**params) if callable(answer) else answer

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        self.reads.append((operation, params))
        return self._answer(operation, params)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        self.writes.append((operation, params))
        return self._answer(operation, params) if operation in self.answers else {}

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [params for name, params in self.reads if name == operation]

    def told(self, operation: str) -> list[dict[str, Any]]:
        return [params for name, params in self.writes if name == operation]
