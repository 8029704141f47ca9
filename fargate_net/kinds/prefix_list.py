"""A prefix list: a named set of address ranges. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PrefixList:
    """``cidrs`` is None when the entries could not be read (another account's list, or not asked)."""

    kind: ClassVar[str] = "prefix_list"
    name: str
    cidrs: tuple[str, ...] | None
    owner: str = ""
    max_entries: int = 0
