"""Changes of a network as data: each says in one sentence what to do and knows the snapshot after it.

Never here: which change is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fargate_net.model.snapshot import Snapshot


class Change(Protocol):
    """An edit that can be carried out on a snapshot. Nothing is ever done to a live network."""

    @property
    def subject(self) -> str:
        """The id of what is changed."""

    @property
    def sentence(self) -> str:
        """What to do, in one sentence with ids."""

    def opens(self, snapshot: Snapshot) -> str:
        """What it lets through beyond the one that asked, in words; empty for nothing."""

    def closes(self, snapshot: Snapshot) -> str:
        """What it takes away from others, in words; empty for nothing."""

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot after the change. What is not there stays as it is."""


class Harmless:
    """An edit that takes nothing away from anybody."""

    def closes(self, snapshot: Snapshot) -> str:
        """Nothing."""
        return ""


def sentence_of(changes: Iterable[Change]) -> str:
    """Several changes as one sentence; an order to the reader, with a full stop."""
    said = list(dict.fromkeys(change.sentence for change in changes))
    first, rest = said[0].rstrip("."), [text[0].lower() + text[1:].rstrip(".") for text in said[1:]]
    return "; ".join((first, *rest)) + "."


def count(number: int, one: str) -> str:
    """``3 interfaces``, ``1 interface``."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
