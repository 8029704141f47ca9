"""A Route 53 hosted zone. Read only: domains are yours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class HostedZone:
    """``name`` without the final dot; ``vpcs`` are those a private zone answers in (None: not known)."""

    kind: ClassVar[str] = "hosted_zone"
    name: str
    private: bool
    vpcs: tuple[str, ...] | None = ()
