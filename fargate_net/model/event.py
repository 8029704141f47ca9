"""Something that just happened during a run. Never here: sentences for humans, except the words AWS itself gave.

``at`` is seconds since the run began.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias


@dataclass(frozen=True)
class Started:
    """Work on a resource began. ``action`` is create, update, replace or delete."""

    type: ClassVar[str] = "started"
    at: float
    key: str
    action: str


@dataclass(frozen=True)
class Waiting:
    """AWS has not finished with it.

    ``reason`` is what AWS is doing; ``usual`` the seconds it usually takes (0: no figure).
    """

    type: ClassVar[str] = "waiting"
    at: float
    key: str
    reason: str
    elapsed: float
    usual: float = 0.0


@dataclass(frozen=True)
class Retrying:
    """A call was refused for now and will be tried again in ``delay`` seconds."""

    type: ClassVar[str] = "retrying"
    at: float
    key: str
    reason: str
    delay: float


@dataclass(frozen=True)
class Done:
    """A resource is as wanted. ``id`` is its AWS id; ``took`` is seconds."""

    type: ClassVar[str] = "done"
    at: float
    key: str
    action: str
    id: str
    took: float


@dataclass(frozen=True)
class Failed:
    """A resource could not be brought into shape; what depends on it is skipped."""

    type: ClassVar[str] = "failed"
    at: float
    key: str
    action: str
    what: str
    hint: str = ""


@dataclass(frozen=True)
class Skipped:
    """Never started, because ``because`` failed or the run was interrupted."""

    type: ClassVar[str] = "skipped"
    at: float
    key: str
    because: str


@dataclass(frozen=True)
class Notice:
    """One sentence worth telling beside the resources: a warning, a lock taken over, an early diagnosis."""

    type: ClassVar[str] = "notice"
    at: float
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Finished:
    """The run is over. ``counts`` per outcome: done, failed, skipped."""

    type: ClassVar[str] = "finished"
    at: float
    counts: dict[str, int] = field(default_factory=dict)
    interrupted: bool = False


Event: TypeAlias = Started | Waiting | Retrying | Done | Failed | Skipped | Notice | Finished
