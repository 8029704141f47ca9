"""All waiting: the clock, when to look again, which refusals are worth another try. Never here: a type's status words.

Nothing else in the engine reads a clock or sleeps, so tests run on a clock that only jumps.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from random import Random
from typing import Any, Protocol

from fargate_net.errors import AlreadyExists, AwsError, FargateNetError, InUse, NotFound, NotReady, Throttled


class Clock(Protocol):
    """Time as the engine sees it; seconds everywhere."""

    def now(self) -> float:
        """A reading that only grows."""

    def wall(self) -> datetime:
        """The date and time, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let that much time pass."""

    def receive(self, inbox: SimpleQueue[Any], seconds: float | None) -> Any:
        """The next item; None when ``seconds`` pass without one (None: wait as long as it takes)."""


class SystemClock:
    """The real one."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The date and time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep, if there is anything to sleep."""
        time.sleep(max(0.0, seconds))

    def receive(self, inbox: SimpleQueue[Any], seconds: float | None) -> Any:
        """Wait on the queue itself, so that a finished call ends the wait."""
        try:
            return inbox.get(timeout=seconds if seconds is None else max(0.0, seconds))
        except Empty:
            return None


@dataclass(frozen=True)
class Pace:
    """How one sort of refusal is retried: first and longest delay, and for how long in all (None: to the deadline)."""

    first: float
    longest: float
    limit: float | None


THROTTLED = Pace(1.0, 30.0, None)
NOT_READY = Pace(1.0, 5.0, 600.0)
"""A namespace is made in about 44 s, a role becomes usable in 10 to 120 s."""
NOT_VISIBLE = Pace(0.5, 5.0, 120.0)
"""EC2 API Reference, Eventual consistency: a thing just made may not be found for a while."""
BLOCKED = Pace(2.0, 10.0, 1200.0)
"""Interfaces of a deleted balancer or service linger for minutes."""
TAKEN = Pace(1.0, 5.0, 30.0)
"""The name may be held by our own thing of an earlier run that is not visible yet."""
NO_ANSWER = Pace(1.0, 20.0, 300.0)

SETTLE = 10.0
"""Seconds to let pass before a create that may have taken effect is looked for and, if nothing shows, repeated."""

_NO_ANSWER_CODES = frozenset(
    (
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalServerException",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ServiceFailure",
        "Unavailable",
        "RequestTimeout",
        "RequestTimeoutException",
        "ReadTimeoutError",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ResponseStreamingError",
        "IncompleteReadError",
        "500",
        "502",
        "503",
        "504",
    )
)


@dataclass(frozen=True)
class Attempt:
    """What was tried. ``since`` is when it was first tried; ``tries`` counts from 1.

    ``half`` is true when the last try failed after one of its calls had changed something.
    ``refusal`` is the class of the last refusal, which came ``row`` times in a row, first at ``refused``: each sort has
    its own limit, so a throttled quarter of an hour leaves the patience for "not found" untouched.
    ``fresh`` are ids made in this run that it refers to; ``fixed`` are ids it was given from outside, in which AWS's
    "not found" is final.
    """

    action: str
    kind: str
    since: float
    tries: int = 1
    fresh: Collection[str] = ()
    fixed: Collection[str] = ()
    refusal: type[FargateNetError] | None = None
    refused: float = 0.0
    row: int = 0
    half: bool = False

    def after(self, error: FargateNetError, now: float, *, half: bool = False) -> Attempt:
        """The attempt, refused once more."""
        if self.refusal is type(error):
            return replace(self, tries=self.tries + 1, row=self.row + 1, half=half)
        return replace(self, tries=self.tries + 1, row=1, refusal=type(error), refused=now, half=half)


@dataclass
class Patience:
    """How long to wait and how often to look. ``deadline`` is seconds for the whole run.

    ``blocked`` overrides, by kind, how long a deletion waits for what still uses the thing.
    """

    clock: Clock = field(default_factory=SystemClock)
    deadline: float = 1800.0
    random: Random = field(default_factory=Random)
    blocked: dict[str, float] = field(default_factory=dict)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock.now()

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock.now() - self.began

    @property
    def over(self) -> bool:
        """Whether the time of the run is used up."""
        return self.elapsed >= self.deadline

    def again(self, error: FargateNetError, attempt: Attempt) -> float | None:
        """Seconds until another try, or None when the refusal is final or its time is up.

        ``attempt`` already counts this refusal.
        """
        pace = self.pace(error, attempt)
        if pace is None:
            return None
        delay = min(pace.longest, pace.first * 1.5 ** min(attempt.row - 1, 30))
        if attempt.action in ("create", "replace") and (attempt.half or _without_answer(error)):
            # The thing may exist already. It has to show before we look for it, or a repeat would make a second one.
            delay = max(delay, SETTLE)
        delay *= self.random.uniform(0.9, 1.1)
        spent = self.clock.now() - attempt.refused
        if self.elapsed + delay > self.deadline or (pace.limit is not None and spent + delay > pace.limit):
            return None
        return delay

    def pace(self, error: FargateNetError, attempt: Attempt) -> Pace | None:
        """How this refusal is retried, whatever time has passed; None when it is final."""
        if isinstance(error, Throttled):
            return THROTTLED
        if isinstance(error, NotReady):
            return NOT_READY
        if isinstance(error, InUse) and attempt.action == "delete":
            limit = self.blocked.get(attempt.kind, BLOCKED.limit)
            return Pace(BLOCKED.first, BLOCKED.longest, limit)
        if isinstance(error, AlreadyExists) and attempt.action in ("create", "replace"):
            return TAKEN
        if isinstance(error, NotFound) and attempt.action != "delete":
            return NOT_VISIBLE if _about_something_fresh(error, attempt) else None
        return NO_ANSWER if _without_answer(error) else None

    def next_look(self, elapsed: float, usual: float) -> float:
        """Seconds until a thing that has been waited for ``elapsed`` is looked at again.

        Closely at first (it may only be invisible), sparsely until half of AWS's usual time, then at about 3 % of what
        has passed, so that no wait is overslept by more than that.
        """
        if elapsed < 4:
            return max(0.25, elapsed / 4)
        share = 0.08 if elapsed < usual / 2 else 0.03
        return min(15.0, max(1.0, share * elapsed)) * self.random.uniform(0.9, 1.0)


def _without_answer(error: FargateNetError) -> bool:
    """Whether AWS did not say if the call took effect."""
    return isinstance(error, AwsError) and error.code in _NO_ANSWER_CODES


def _about_something_fresh(error: NotFound, attempt: Attempt) -> bool:
    if any(name in error.what for name in attempt.fresh):
        return True
    if any(name in error.what for name in attempt.fixed):
        return False
    # A create in several calls may not find what its own first call made.
    return bool(attempt.fresh) or attempt.half
