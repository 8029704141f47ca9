"""Faults on purpose: throttling, server errors, lost answers, late visibility, fresh roles that do not work yet.

Never here: the ordinary refusals of AWS; those belong to the service that refuses.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import throttling
from .calls import Call, fault
from .raw_errors import RawAnswer, raw_error

_CODES = {"ec2": ("RequestLimitExceeded", "Request limit exceeded.")}
_THROTTLING = {"route53": ("Throttling", "Rate exceeded"), "iam": ("Throttling", "Rate exceeded")}


@dataclass(frozen=True)
class Settings:
    """Which faults are played. Shares are between 0 and 1; durations are in sandbox seconds."""

    throttle: float = 0.0
    error: float = 0.0
    timeout: float = 0.0
    lag: float = 0.0
    roles: float = 0.0
    buckets: bool = False
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The settings by name."""
        return asdict(self)


class _Current:
    """The settings in force and the dice that go with their seed."""

    def __init__(self) -> None:
        self.now = Settings()
        self.dice = random.Random(0)

    def as_dict(self) -> dict[str, Any]:
        return self.now.as_dict()

    def changed(self, given: dict[str, Any]) -> Settings:
        """The settings after a change; ValueError when a share or a duration makes no sense."""
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name == "buckets":
                values[name] = str(value).lower() in ("1", "true", "yes")
            elif name == "seed":
                values[name] = int(value)
            else:
                values[name] = float(str(value).removesuffix("s"))
                if values[name] < 0 or (name in ("throttle", "error", "timeout") and values[name] > 1):
                    raise ValueError(f"{name} must be between 0 and 1, or a duration of 0 seconds or more")
        return replace(self.now, **values)

    def take(self, settings: Settings) -> None:
        """Put settings in force and start their dice anew, so that a run can be repeated."""
        if settings != self.now:
            self.dice = random.Random(settings.seed)
            throttling.refill()
        self.now = settings


SETTINGS = _Current()


def _throttled(call: Call) -> RawAnswer:
    if call.service in _CODES:
        return raw_error(call.service, 503, *_CODES[call.service])
    if call.service in _THROTTLING:
        return raw_error(call.service, 400, *_THROTTLING[call.service])
    return raw_error(call.service, 400, "ThrottlingException", "Rate exceeded")


@fault
def play(call: Call) -> tuple[RawAnswer, bool] | None:
    """The fault for this call, if its dice say so, and whether the effect happens all the same."""
    now, dice = SETTINGS.now, SETTINGS.dice
    if now.throttle and dice.random() < now.throttle:
        return _throttled(call), False
    if now.buckets and not throttling.admits(call):
        return _throttled(call), False
    if now.error and dice.random() < now.error:
        return raw_error(call.service, 500, "InternalError", "An internal error has occurred."), False
    if now.timeout and dice.random() < now.timeout:
        return raw_error(call.service, 503, "ServiceUnavailable", "The answer was lost."), True
    return None
