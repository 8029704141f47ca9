"""A CloudWatch log group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class LogGroup:
    """Its id is its name. ``retention`` in days, 0 for ever."""

    kind: ClassVar[str] = "log_group"
    name: str
    retention: int = 14
