"""Questions about packets and their answers. Never here: tables, AWS calls.

A verdict other than reachable always names a rule, a route or a missing thing; ``unknown`` is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Direction = Literal["forward", "return"]


class Disposition(StrEnum):
    """The four verdicts. Only ``REACHABLE`` is green."""

    REACHABLE = "reachable"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """From where, to where, and which sockets.

    ``source`` and ``target`` are endpoints as the user wrote them, without the port part. ``protocol`` is ``tcp``, ``udp``,
    ``icmp``, or None for every protocol. ``ports`` is an inclusive range, None when no port was asked. ``via`` names a
    balancer or its type (``alb``, ``nlb``) the path must go through. ``expect`` is what the asker counts on.
    """

    source: str
    target: str
    protocol: str | None = None
    ports: tuple[int, int] | None = None
    via: str | None = None
    expect: Disposition | None = None


@dataclass(frozen=True)
class Open:
    """A set of connections that get through: inclusive port ranges as text (``"80"``, ``"8000-8010"``).

    ``client_ports`` are the source ports whose replies come back; for icmp both are empty. ``tasks``, ``zones``,
    ``clients`` and ``addresses`` (of the destination) narrow the statement when it does not hold for all of them.
    """

    protocol: str
    ports: tuple[str, ...]
    client_ports: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hop:
    """One thing a packet meets: its id, its kind, the rule that decided, and what it did.

    ``action`` is a short phrase: ``allows``, ``blocks``, ``translates 203.0.113.9 to 10.20.0.7``.
    """

    component: str
    kind: str
    rule: str = ""
    action: str = ""


@dataclass(frozen=True)
class Path:
    """The hops of a request and of its reply."""

    forward: tuple[Hop, ...]
    back: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Blocker:
    """Why a path is closed: a code, the component and rule that decide, a detail, and one sentence that would open it."""

    code: str
    direction: Direction
    component: str
    rule: str
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class Answer:
    """The verdict on one question, with its reasons.

    ``met`` is None when nothing was expected. ``missing`` lists the facts that made it unknown.
    """

    question: Question
    verdict: Disposition
    open: tuple[Open, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    paths: tuple[Path, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether the expectation holds; unknown never meets one."""
        if self.question.expect is None:
            return None
        return self.verdict == self.question.expect


@dataclass(frozen=True)
class ReachChange:
    """Connections between two named endpoints that one network allows and another does not."""

    source: str
    target: str
    opened: tuple[Open, ...] = ()
    closed: tuple[Open, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class InterfaceClass:
    """Interfaces that no rule can tell apart. ``id`` is ``c1``, ``c2``, … or ``internet``."""

    id: str
    members: tuple[str, ...]
    subnet: str = ""
    security_groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """What one class can open towards another; ``unknown`` says why it cannot be told."""

    source: str
    target: str
    open: tuple[Open, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Matrix:
    """All pairs. A pair without a cell is closed; a class of two or more members has a row with itself."""

    classes: tuple[InterfaceClass, ...]
    cells: tuple[Cell, ...]
    assumptions: tuple[str, ...] = ()
