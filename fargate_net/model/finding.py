"""What a look ahead found: a reason why a run cannot end well, or may not. Never here: how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One sentence that names the ids, and one that says what to do about it (or nothing).

    An ``error`` is certain: the run would fail, or build what cannot work. A ``warning`` is worth knowing before; what
    could not be checked is one. ``code`` is a stable word for programs, as in ``SUBNET_NOT_PUBLIC``.
    """

    severity: Severity
    code: str
    sentence: str
    hint: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the run must not begin."""
        return self.severity == "error"

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".rstrip()


def error(code: str, sentence: str, hint: str = "") -> Finding:
    """A finding that stops a run before its first write."""
    return Finding("error", code, sentence, hint)


def warning(code: str, sentence: str, hint: str = "") -> Finding:
    """A finding that is only said."""
    return Finding("warning", code, sentence, hint)
