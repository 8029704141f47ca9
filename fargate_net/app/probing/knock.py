"""Opens real TCP connections, many at once and within a bounded time, and closes them again without a word.

Never here: where to knock, what a failure means.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from fargate_net.engine.patience import Clock, SystemClock
from fargate_net.model.probe import NO_NAME, NO_ROUTE, REFUSED, TIMED_OUT, Door, Probe

SECONDS = 2.0
"""How long one connection may take."""
AT_ONCE = 64
_LOOK_UP = 3.0
"""Seconds that names may take to resolve, beside the connections."""

Dial = Callable[[str, int, float], None]
"""Connects to an address and port within seconds, or raises OSError."""


def dial(address: str, port: int, seconds: float) -> None:
    """Connect and hang up."""
    socket.create_connection((address, port), seconds).close()


def knock(
    doors: Sequence[Door], *, seconds: float = SECONDS, dial: Dial = dial, clock: Clock | None = None
) -> tuple[Probe, ...]:
    """One try at each door, in their order. What has not answered when the time is over counts as timed out.

    Threads are daemons: a name server that keeps silent must not keep the program from ending.
    """
    clock = clock or SystemClock()
    waiting: SimpleQueue[Door] = SimpleQueue()
    done: SimpleQueue[Probe] = SimpleQueue()
    for door in doors:
        waiting.put(door)

    def work() -> None:
        while True:
            try:
                door = waiting.get_nowait()
            except Empty:
                return
            done.put(_try(door, seconds, dial, clock))

    hands = min(len(doors), AT_ONCE)
    for _ in range(hands):
        Thread(target=work, name="probe", daemon=True).start()
    whole = _LOOK_UP + seconds * math.ceil(len(doors) / AT_ONCE)
    until = clock.now() + whole
    tried: dict[Door, Probe] = {}
    while len(tried) < len(doors) and (left := until - clock.now()) > 0:
        probe: Probe | None = clock.receive(done, left)
        if probe is None:
            break
        tried[probe.door] = probe
    return tuple(tried.get(door) or Probe(door, False, whole, TIMED_OUT) for door in doors)


def _try(door: Door, seconds: float, dial: Dial, clock: Clock) -> Probe:
    began = clock.now()
    error = ""
    try:
        dial(door.address, door.port, seconds)
    except OSError as failure:
        error = _said(failure)
    except UnicodeError:  # a name that DNS cannot hold
        error = NO_NAME
    return Probe(door, not error, clock.now() - began, error)


def _said(failure: OSError) -> str:
    if isinstance(failure, TimeoutError):
        return TIMED_OUT
    if isinstance(failure, ConnectionRefusedError):
        return REFUSED
    if isinstance(failure, socket.gaierror):
        return NO_NAME
    text = (failure.strerror or str(failure) or type(failure).__name__).lower()
    return NO_ROUTE if "unreachable" in text or "no route" in text else text
