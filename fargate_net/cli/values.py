"""Values of options that click does not know: durations. Never here: options themselves."""

from __future__ import annotations

import re

import click

_DURATION = re.compile(r"^([0-9]{1,9}(?:\.[0-9]{1,3})?)(s|m|h)?$")
_SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600}


class Duration(click.ParamType[float]):
    """A length of time: ``90``, ``90s``, ``15m`` or ``1h``; the value is seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; a usage error for anything else, and for zero."""
        if isinstance(value, (int, float)):
            return float(value)
        match = _DURATION.match(str(value).strip())
        seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
        if seconds <= 0:
            self.fail(f"{value!r} is not a duration. Write 90, 90s, 15m or 1h.", param, ctx)
        return seconds
