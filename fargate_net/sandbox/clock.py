"""The sandbox's time: how long things take here, and how fast AWS's own durations are played.

Never here: what a state means. A resource asks `seconds_since` and `duration` and decides for itself.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

#: name -> (seconds on AWS, seconds at the default fast pace). The AWS figures are medians of public apply
#: logs where such exist (NAT gateway, load balancer, namespace) and plain estimates elsewhere.
DURATIONS: dict[str, tuple[float, float]] = {
    "nat.pending": (115.0, 0.2),
    "nat.deleting": (55.0, 0.15),
    "endpoint.pending": (75.0, 0.2),
    "endpoint.deleting": (60.0, 0.15),
    "balancer.provisioning": (176.0, 0.25),
    "balancer.interfaces_linger": (150.0, 0.2),
    "namespace.creating": (44.0, 0.2),
    "namespace.deleting": (40.0, 0.15),
    "instance.registering": (5.0, 0.05),
    "task.PROVISIONING": (20.0, 0.1),
    "task.PENDING": (20.0, 0.1),
    "task.ACTIVATING": (10.0, 0.05),
    "task.DEACTIVATING": (5.0, 0.05),
    "task.STOPPING": (10.0, 0.05),
    "task.DEPROVISIONING": (15.0, 0.05),
    "task.visible_after_stop": (3600.0, 3600.0),
    "task.restart_delay": (10.0, 0.1),
    "deployment.failed_visible": (30.0, 0.3),
    "service.inactive_visible": (3600.0, 3600.0),
    "target.registering": (5.0, 0.05),
}


class Clock:
    """A clock that runs `rate` times as fast as the wall clock and can be pushed ahead by hand.

    `pace` None is the default: short fixed durations on a clock of rate 1. A pace of N plays AWS's durations
    on a clock of rate N, so that one AWS second lasts 1000/N milliseconds.
    """

    def __init__(self) -> None:
        self.pace: float | None = None
        self.frozen = False
        self._base = 0.0
        self._anchor = time.monotonic()

    @property
    def rate(self) -> float:
        """Sandbox seconds per real second."""
        return 0.0 if self.frozen else self.pace or 1.0

    def now(self) -> float:
        """Sandbox seconds since the clock was made."""
        return self._base + (time.monotonic() - self._anchor) * self.rate

    def wall(self) -> datetime:
        """The time stamp that responses carry: real time, whatever the pace."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> float:
        """Jump ahead by `seconds` of sandbox time; returns the new time."""
        self._base += seconds
        return self.now()

    def set(self, pace: float | None, frozen: bool = False) -> None:
        """Change the pace without a jump; a frozen clock moves only by `advance`."""
        self._base = self.now()
        self._anchor = time.monotonic()
        self.pace = pace
        self.frozen = frozen

    def duration(self, name: str) -> float:
        """How long the phase `name` lasts at the present pace, in sandbox seconds."""
        aws, fast = DURATIONS[name]
        return fast if self.pace is None else aws

    def scaled(self, aws_seconds: float, fast: float) -> float:
        """A duration that the user sets (a health check interval, a delay): as set, or `fast` at most."""
        return min(aws_seconds, fast) if self.pace is None else aws_seconds

    def passed(self, since: float, name: str) -> bool:
        """Whether the phase `name` that began at `since` is over."""
        return self.now() - since >= self.duration(name)


CLOCK = Clock()
