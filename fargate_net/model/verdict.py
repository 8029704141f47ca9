"""Questions about packets and their answers. Never here: tables, AWS calls.

A verdict other than reachable always names a rule, a route or a missing thing; ``unknown`` is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

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

    ``source`` and ``target`` are endpoints as the user wrote them, without the port part. ``protocol`` is ``tcp``,
    ``udp``, ``icmp``, or None for every protocol. ``ports`` is an inclusive range, None when no port was asked.
    ``via`` names a balancer or its type (``alb``, ``nlb``) the path must go through. ``expect`` is what the asker
    counts on.
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


class Edit(Protocol):
    """One change of the network as data. Two equal edits are one change; ``subject`` is the id of what is changed."""

    @property
    def subject(self) -> str:
        """The id of what is changed."""

    @property
    def sentence(self) -> str:
        """What to do, in one sentence with ids."""


class Cure(str):
    """A sentence that tells what to do and carries the edits it tells, so that the two never say different things."""

    edits: tuple[Edit, ...]

    def __new__(cls, sentence: str, edits: tuple[Edit, ...]) -> Cure:
        """The sentence, and what it means as data."""
        made = super().__new__(cls, sentence)
        made.edits = edits
        return made


@dataclass(frozen=True)
class Blocker:
    """Why a path is closed: a code, the component and rule that decide, a detail, one sentence that would open it."""

    code: str
    direction: Direction
    component: str
    rule: str
    detail: str
    fix: str = ""

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The fix as data; empty when it is not a change of this network that can be told exactly."""
        return self.fix.edits if isinstance(self.fix, Cure) else ()


@dataclass(frozen=True)
class Remedy:
    """The smallest change after which an answer is as it should be.

    ``sentence`` says it with ids; without ``edits`` it says why nothing here can be changed to that end. ``spec`` are
    lines for the spec of a stack of ours: a key and its value, where a list holds the entries to add. ``opens`` and
    ``closes`` tell in words what the edits do beyond the question.
    """

    sentence: str
    edits: tuple[Edit, ...] = ()
    spec: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The verdict on one question, with its reasons.

    ``met`` is None when nothing was expected. ``missing`` lists the facts that made it unknown. ``remedy`` is there
    when it was asked for and the verdict is not the one that was counted on.
    """

    question: Question
    verdict: Disposition
    open: tuple[Open, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    paths: tuple[Path, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    remedy: Remedy | None = None

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
    """Interfaces that no rule can tell apart. ``id`` is ``c1``, ``c2``, … or ``internet``.

    ``services`` are those whose tasks are members; ``names`` say what other members belong to: ``lb/NAME``,
    ``aws:NAME`` or the id of a NAT gateway, or why nothing runs behind them.
    """

    id: str
    members: tuple[str, ...]
    subnet: str = ""
    security_groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


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
