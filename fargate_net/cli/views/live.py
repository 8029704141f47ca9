"""Events of a run as a list that redraws itself on a terminal, never taller than 24 lines.

Each resource has a line: sign, sentence, state, seconds, and what AWS usually takes. What failed and what AWS wants
to say is printed above the list, so it stays. Never here: JSON, driving the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from fargate_net.cli.views import words
from fargate_net.cli.views.lines import marked
from fargate_net.cli.views.plain import DID, DOING, describe, finished
from fargate_net.cli.views.sentences import sentence
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Retrying, Skipped, Started, Waiting

LINES = 24
"""Most lines of the region that is redrawn, the last one included."""

_TIME = len("99.9 s of usually 176 s")
"""Columns of the time beside a wait."""
_WORDS = 24
"""Fewest columns for what AWS says."""


@dataclass
class _Row:
    """Where one resource stands. ``since`` is seconds of the run, ``took`` and ``usual`` are durations in seconds."""

    state: str = "not started"
    words: str = "not started"
    since: float | None = None
    took: float | None = None
    usual: float = 0.0


_SIGNS = {
    "not started": ("·", "dim"),
    "running": ("-", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("o", "dim"),
}
_ROOM_FIRST = ("failed", "running", "done", "not started", "skipped")


class LiveView:
    """Follows a run on a terminal. Use as a context manager around the loop over its events."""

    def __init__(self, console: Console, keys: Iterable[str], region: str = "") -> None:
        self._console = console
        self._region = region
        self._rows = {key: _Row() for key in keys}
        self._born: float | None = None
        self._end: Finished | None = None
        self._live = Live(
            console=console, get_renderable=self.render, refresh_per_second=4, vertical_overflow="crop", transient=False
        )

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, *caught: object) -> None:
        self._live.refresh()
        self._live.stop()

    def show(self, event: Event) -> None:
        """Take in one event; the region is redrawn by its own clock."""
        self._born = self._console.get_time() - event.at
        if isinstance(event, (Notice, Failed)):
            style = "red" if isinstance(event, Failed) else "yellow"
            self._console.print(Text(describe(event, self._region), style=style))
        if isinstance(event, Finished):
            self._end = event
        elif not isinstance(event, Notice):
            self._take(self._rows.setdefault(event.key, _Row()), event)

    def render(self) -> RenderableType:
        """The region as it is now."""
        now = 0.0 if self._born is None else self._console.get_time() - self._born
        room = min(LINES, max(self._console.height - 1, 4)) - 1
        shown = self._chosen(room)
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=False)
        # What AWS says may be long; it gives way to the name and the time, down to a few words.
        longest = max((len(sentence(key, self._region)) for key in shown), default=0) + 2
        named = min(longest, max(self._console.width - _TIME - _WORDS - 4, _WORDS))
        said = max(self._console.width - named - _TIME - 4, _WORDS)
        for width in (named, said, None):
            table.add_column(no_wrap=True, overflow="ellipsis", max_width=width)
        for key in shown:
            self._line(table, key, self._rows[key], now)
        return Group(table, self._last_line(now, shown))

    def _take(self, row: _Row, event: Started | Waiting | Retrying | Done | Failed | Skipped) -> None:
        match event:
            case Started(at=at, action=action):
                row.state, row.words, row.since = "running", DOING.get(action, action), at
            case Waiting(reason=reason, usual=usual):
                row.state, row.words, row.usual = "running", reason, usual
                row.since = event.at - event.elapsed if row.since is None else row.since
            case Retrying(reason=reason):
                row.state, row.words = "running", f"trying again: {reason}"
            case Done(action=action, took=took):
                row.state, row.words, row.took = "done", DID.get(action, action), took
            case Failed():
                row.state, row.words = "failed", "failed"
                row.took = None if row.since is None else event.at - row.since
            case Skipped():
                row.state, row.words = "skipped", "skipped"

    def _chosen(self, room: int) -> list[str]:
        """The rows there is room for, in the order of the plan: what failed or runs, then what took longest."""
        if len(self._rows) <= room:
            return list(self._rows)

        def rank(key: str) -> tuple[int, float]:
            row = self._rows[key]
            return _ROOM_FIRST.index(row.state), -(row.took or 0.0)

        ranked = sorted(self._rows, key=rank)
        kept = set(ranked[:room])
        return [key for key in self._rows if key in kept]

    def _line(self, table: Table, key: str, row: _Row, now: float) -> None:
        sign, style = _SIGNS[row.state]
        spent = row.took
        if spent is None and row.since is not None and row.state == "running":
            spent = max(now - row.since, 0.0)
        time = "" if spent is None else f"{spent:.1f} s"
        if row.state == "running" and row.usual:
            time += f" of usually {words.seconds(row.usual)}"
        name = marked(f"{sign} ", style).append(sentence(key, self._region), style="none")
        table.add_row(name, Text(row.words, style=style), Text(time, style="dim"))

    def _last_line(self, now: float, shown: list[str]) -> Text:
        if self._end is not None:
            return Text(finished(self._end), style="bold")
        states = [row.state for row in self._rows.values()]
        parts = [f"{states.count('done')} of {len(states)} done"]
        for state, word in (("running", "in progress"), ("failed", "failed"), ("skipped", "skipped")):
            if number := states.count(state):
                parts.append(f"{number} {word}")
        hidden = len(self._rows) - len(shown)
        if hidden:
            parts.append(f"{hidden} not shown")
        return Text(f"{', '.join(parts)}, {words.seconds(now)}", style="bold")
