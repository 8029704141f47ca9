"""Real connections beside a verdict: where one was tried, and what came of it. Never here: sockets."""

from __future__ import annotations

from dataclasses import dataclass

TIMED_OUT, REFUSED, NO_NAME, NO_ROUTE = "timed out", "refused", "name not found", "no route"
"""What a failed try says of itself; other failures carry the words of the operating system."""


@dataclass(frozen=True)
class Door:
    """Somewhere to knock: an address or a DNS name, a TCP port, and what stands there (``task/ID``, ``lb/NAME``)."""

    address: str
    port: int
    behind: str = ""


@dataclass(frozen=True)
class Probe:
    """One try: whether a TCP connection came about, after how many seconds, and if not, ``error``."""

    door: Door
    connected: bool
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Probed:
    """All tries for one answer, and what was not tried and why."""

    probes: tuple[Probe, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def disagrees(self) -> bool:
        """Whether something that should be open did not open."""
        return any(not probe.connected for probe in self.probes)
