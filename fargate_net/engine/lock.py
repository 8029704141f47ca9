"""One writer a stack: a lock in the account itself. Never here: what is done while it is held.

The lock is the SSM parameter ``/fargatenet/<stack>/lock``. PutParameter with Overwrite=False creates it or fails, and
every overwrite gets the next version number (Systems Manager API Reference, PutParameter): both are atomic, so two
runs that start at once, or that take over one stale lock at once, cannot both win.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fargate_net.engine.apply import interrupt
from fargate_net.engine.patience import Clock
from fargate_net.errors import AlreadyExists, AwsError, Denied, NotFound, Refused
from fargate_net.kinds.base import Aws
from fargate_net.model.event import Event, Notice

EXPIRY = 600.0
"""Seconds after which a lock that nobody renewed may be taken over."""
RENEWAL = 120.0
"""Seconds between renewals."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock. ``since`` and ``expires`` are ISO 8601 times in UTC; ``run`` tells runs apart."""

    owner: str
    since: str
    expires: str
    run: str


def whoami() -> str:
    """``user@host pid``, for people who find the lock."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()} pid {os.getpid()}"


class Lock:
    """The lock of one stack, as one run sees it."""

    def __init__(self, aws: Aws, stack: str, clock: Clock, owner: str | None = None) -> None:
        self._aws = aws
        self._clock = clock
        self._stack = stack
        self.name = f"/fargatenet/{stack}/lock"
        self._me = Holder(owner or whoami(), clock.wall().isoformat(), "", uuid4().hex)
        self._due = self._expires = 0.0

    def acquire(self) -> Notice | None:
        """Take the lock; a Notice when a stale one was taken over.

        Raises Refused when somebody holds it, or when the account does not let us ask.
        """
        try:
            for _ in range(3):  # the lock may vanish between two calls
                try:
                    self._put(overwrite=False)
                    return None
                except AlreadyExists:
                    seen = self._read()
                if seen is None:
                    continue
                holder, version = seen
                if holder.run == self._me.run:  # an answer was lost, and the lock is ours
                    return None
                if not self._stale(holder):
                    raise self._held(holder)
                self._take_over(version)
                text = f"Took over the lock that {holder.owner} left behind (held since {_clock_time(holder.since)})."
                return Notice(0.0, text, hint="If that run is still alive, stop one of the two.")
        except Denied as denied:
            raise Refused(
                f"The lock of stack {self._stack} cannot be taken.",
                denied.what,
                "Allow ssm:PutParameter, ssm:GetParameter and ssm:DeleteParameter on "
                f"parameter{self.name}, or run with --no-lock.",
            ) from denied
        raise Refused(f"The lock of stack {self._stack} changes hands right now.", hint="Run again.")

    def renew(self) -> Holder | None:
        """Hold it for another while, when it is time to; who took it from us, if somebody did.

        A call that fails is tried again later, as long as the lock has not expired.
        """
        if self._clock.now() < self._due:
            return None
        try:
            return self._renew()
        except AwsError:
            if self._clock.now() >= self._expires:
                raise
            self._due = self._clock.now() + RENEWAL / 4
            return None

    def release(self) -> None:
        """Give it back, if it is still ours. What cannot be given back expires by itself."""
        try:
            seen = self._read()
            if seen is not None and seen[0].run == self._me.run:
                self._aws.write("ssm.delete_parameter", Name=self.name)
        except (AwsError, Refused):
            return

    def clear(self) -> None:
        """Take away a lock whose run died; one that is still held stays. What cannot be asked is left as it is."""
        try:
            seen = self._read()
            if seen is not None and self._stale(seen[0]):
                self.acquire()  # in the way that lets only one win
                self.release()
        except (AwsError, Refused):
            return

    def _renew(self) -> Holder | None:
        seen = self._read()
        if seen is not None and seen[0].run != self._me.run:
            self._clock.sleep(2.0)  # somebody who lost the race for a stale lock may be putting ours back
            seen = self._read()
            if seen is not None and seen[0].run != self._me.run:
                return seen[0]
        self._put(overwrite=True)
        return None

    def _take_over(self, version: int) -> None:
        """Overwrite a stale lock. The overwrite that comes next wins; a loser puts back what it overwrote.

        What was overwritten may be our own: an answer was lost, and the call made twice.
        """
        mine = self._put(overwrite=True)
        if mine in (version + 1, 1):
            return
        # A lower number: the stale lock was deleted meanwhile, and another one made.
        rightful = version + 1 if mine > version + 1 else mine - 1
        winner, text = self._written(rightful)
        while winner.run == self._me.run:
            if rightful in (version + 1, 1):
                return
            rightful -= 1
            winner, text = self._written(rightful)
        self._aws.write("ssm.put_parameter", Name=self.name, Value=text, Type="String", Overwrite=True)
        raise self._held(winner)

    def _written(self, version: int) -> tuple[Holder, str]:
        text = str(self._aws.read("ssm.get_parameter", Name=f"{self.name}:{version}")["Parameter"]["Value"])
        return self._parse(text), text

    def _put(self, *, overwrite: bool) -> int:
        """Write the lock as ours from now on; the version it got."""
        until = self._clock.wall() + timedelta(seconds=EXPIRY)
        self._me = replace(self._me, expires=until.isoformat())
        self._due, self._expires = self._clock.now() + RENEWAL, self._clock.now() + EXPIRY
        answer = self._aws.write(
            "ssm.put_parameter",
            Name=self.name,
            Value=json.dumps(asdict(self._me)),
            Type="String",
            Overwrite=overwrite,
        )
        return int(answer.get("Version", 0))

    def _read(self) -> tuple[Holder, int] | None:
        try:
            parameter: dict[str, Any] = self._aws.read("ssm.get_parameter", Name=self.name)["Parameter"]
        except NotFound:
            return None
        return self._parse(str(parameter["Value"])), int(parameter["Version"])

    def _parse(self, text: str) -> Holder:
        try:
            value = json.loads(text)
            holder = Holder(value["owner"], value["since"], value["expires"], value["run"])
            datetime.fromisoformat(holder.expires)
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(
                f"The SSM parameter {self.name} is not a lock of ours.",
                hint="Delete it if nobody needs it, or run with --no-lock.",
            ) from error
        return holder

    def _stale(self, holder: Holder) -> bool:
        return datetime.fromisoformat(holder.expires) < self._clock.wall()

    def _held(self, holder: Holder) -> Refused:
        return Refused(
            f"{holder.owner} holds the lock of stack {self._stack} since {_clock_time(holder.since)}.",
            hint=f"Wait until that run ends; if it died, the lock expires at {_clock_time(holder.expires)}.",
        )


def keeping(lock: Lock, events: Generator[Event]) -> Generator[Event]:
    """The same events, with the lock renewed on the way and released at the end.

    When somebody took the lock from us, the run is interrupted: two writers must not go on.
    """
    try:
        for event in events:
            yield event
            if (thief := lock.renew()) is not None:
                text = f"{thief.owner} took the lock over; this run stops."
                yield Notice(event.at, text, hint="Run again when the other run has ended.")
                yield from interrupt(events)
                return
    except KeyboardInterrupt:
        yield from interrupt(events)
    finally:
        events.close()
        lock.release()


def _clock_time(text: str) -> str:
    """An ISO 8601 time in UTC as people write it, to the second."""
    return f"{text[:19].replace('T', ' ')} UTC"
