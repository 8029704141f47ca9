"""A small cloud with its own clock: visibility lag, slow readiness, refusals, and death after any write."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any

from fargate_net.errors import AlreadyExists, AwsError, InUse, NotFound


class FakeClock:
    """Time that passes only when somebody sleeps and no call is out."""

    def __init__(self) -> None:
        self._now = 1000.0

    def now(self) -> float:
        return self._now

    def wall(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self._now - 1000)

    def sleep(self, seconds: float) -> None:
        self._now += max(0.0, seconds)

    def receive(self, inbox: SimpleQueue[Any], seconds: float | None) -> Any:
        return inbox.get(timeout=30)


class Killed(BaseException):
    """The process died."""


@dataclass(frozen=True)
class Thing:
    id: str
    kind: str
    props: Any
    tags: Mapping[str, str]
    visible_at: float
    ready_at: float
    gone_at: float = float("inf")
    revision: int = 1


@dataclass
class Trouble:
    """What goes wrong: for calls that ``when`` accepts, ``times`` times.

    With ``took_effect`` the call works all the same, and only its answer is lost.
    """

    when: Callable[[str, Mapping[str, Any]], bool]
    error: Callable[[str], AwsError]
    times: int = 1
    took_effect: bool = False


@dataclass
class FakeCloud:
    """Implements the wire of kinds/base.py for the operations of the toy kinds."""

    clock: FakeClock = field(default_factory=FakeClock)
    lag: float = 0.0
    slow: dict[str, float] = field(default_factory=dict)
    slow_delete: dict[str, float] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    kill_after: int | None = None
    things: dict[str, Thing] = field(default_factory=dict)
    log: list[tuple[float, str, str]] = field(default_factory=list)
    reads: list[tuple[float, str]] = field(default_factory=list)
    writes: int = 0
    dead: bool = False
    region: str = "toy-1"
    account: str = "1"
    saved: bool = False
    on_write: Callable[[str, int], None] | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)

    # the wire

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        with self._lock:
            self._alive()
            self.reads.append((self.clock.now(), params["kind"]))
            error, _ = self._trouble(operation, params)
            if error is not None:
                raise error
            now = self.clock.now()
            return {
                "things": [
                    t for t in self.things.values() if t.kind == params["kind"] and t.visible_at <= now < t.gone_at
                ]
            }

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        with self._lock:
            self._alive()
            error, took_effect = self._trouble(operation, params)
            if error is not None and not took_effect:
                raise error
            verb = operation.partition(".")[2].partition("_")[0]
            answer: dict[str, Any] = getattr(self, f"_{verb}")(operation, **params)
            self.writes += 1
            self.log.append((self.clock.now(), operation, str(answer.get("id", params.get("id", "")))))
            if self.kill_after is not None and self.writes >= self.kill_after:
                self.dead = True
                raise Killed
            if error is not None:
                raise error
        if self.on_write is not None:
            self.on_write(operation, self.writes)
        return answer

    # what it does

    def _create(
        self, operation: str, kind: str = "", props: Any = None, tags: Mapping[str, str] | None = None, id: str = ""
    ) -> dict[str, Any]:
        if id:
            return self._shape(operation, id, props)
        self._refer(operation, props)
        name = getattr(props, "name", None)
        for other in self._there():
            if name and other.kind == kind and getattr(other.props, "name", None) == name:
                raise AlreadyExists(f"{name} exists", operation=operation, code="Exists")
        now = self.clock.now()
        revision = 1 + sum(1 for t in self.things.values() if t.kind == kind)
        new = f"{kind}-{next(self._ids):04}"
        self.things[new] = Thing(
            new, kind, props, dict(tags or {}), now + self.lag, now + self.slow.get(kind, 0.0), revision=revision
        )
        self._staff(self.things[new])
        return {"id": new}

    def _shape(self, operation: str, id: str, props: Any) -> dict[str, Any]:
        thing = self.things.get(id)
        if thing is None or thing.visible_at > self.clock.now():
            raise NotFound(f"{id} does not exist", operation=operation, code="NotFound")
        self._refer(operation, props)
        ready_at = self.clock.now() + (self.slow.get(thing.kind, 0.0) if thing.kind == "toy_crew" else 0.0)
        self.things[id] = replace(thing, props=props, ready_at=max(thing.ready_at, ready_at))
        self._staff(self.things[id])
        return {"id": id}

    def _tag(self, operation: str, id: str, tags: Mapping[str, str]) -> dict[str, Any]:
        self.things[id] = replace(self.things[id], tags={**self.things[id].tags, **tags})
        return {"id": id}

    def _delete(self, operation: str, id: str) -> dict[str, Any]:
        thing = self.things.get(id)
        if thing is None or thing.gone_at <= self.clock.now():
            raise NotFound(f"{id} does not exist", operation=operation, code="NotFound")
        users = sorted(t.id for t in self._there() if t.id != id and id in _texts(t.props) and t.kind != "toy_worker")
        workers = sorted(t.id for t in self._there() if t.kind == "toy_worker" and t.props.place == id)
        if users or workers:
            raise InUse(
                f"{id} is used by {', '.join(users + workers)}", operation=operation, code="DependencyViolation"
            )
        self.things[id] = replace(thing, gone_at=self.clock.now() + self.slow_delete.get(thing.kind, 0.0))
        for worker in [t for t in self._there() if t.kind == "toy_worker" and t.props.crew == id]:
            self.things[worker.id] = replace(worker, gone_at=self.clock.now() + self.slow_delete.get("toy_worker", 0.0))
        return {"id": id}

    def _staff(self, crew: Thing) -> None:
        """The cloud starts workers for a crew: one for each place, anew when their recipe changes."""
        if crew.kind != "toy_crew":
            return
        from tests.engine.toys import Worker

        want = {(p, crew.props.recipe) for p in sorted(crew.props.places)}
        have = {
            (w.props.place, w.props.recipe): w
            for w in self._there()
            if w.kind == "toy_worker" and w.props.crew == crew.id
        }
        for pair, worker in have.items():
            if pair not in want:
                del self.things[worker.id]
        for place, recipe in sorted(want - set(have)):
            new = f"toy_worker-{next(self._ids):04}"
            # The cloud copies the crew's tags, as ECS does.
            self.things[new] = Thing(new, "toy_worker", Worker(crew.id, place, recipe), crew.tags, 0.0, 0.0)

    def _refer(self, operation: str, props: Any) -> None:
        for text in _texts(props):
            if text.startswith("toy_") and "." not in text:
                thing = self.things.get(text)
                if thing is None or thing.visible_at > self.clock.now():
                    raise NotFound(f"{text} does not exist", operation=operation, code="NotFound")

    def _there(self) -> list[Thing]:
        return [t for t in self.things.values() if t.gone_at > self.clock.now()]

    def _alive(self) -> None:
        if self.dead:
            raise Killed

    def _trouble(self, operation: str, params: Mapping[str, Any]) -> tuple[AwsError | None, bool]:
        for trouble in self.troubles:
            if trouble.times > 0 and trouble.when(operation, params):
                trouble.times -= 1
                return trouble.error(operation), trouble.took_effect
        return None, False


def _texts(value: Any) -> Iterator[str]:
    from fargate_net.engine.difference import texts

    return texts(value)
