"""Events of a run as lines of text, for logs and pipes. Never here: cursor movements, colour, JSON."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views import words
from fargate_net.cli.views.sentences import sentence
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Retrying, Skipped, Started, Waiting

REMIND = 30.0
"""Seconds after which the same wait is told again: a log must show that the run is alive."""

DOING = {"create": "creating", "update": "changing", "replace": "replacing", "delete": "deleting"}
DID = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}


class Plain:
    """Prints a line for each event; a wait or try again only when its reason changes or half a minute has passed."""

    def __init__(self, console: Console, region: str = "") -> None:
        self._console = console
        self._region = region
        self._said: dict[str, tuple[str, float]] = {}

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, event: Event) -> None:
        """Print the event, unless it says nothing new."""
        if isinstance(event, (Waiting, Retrying)) and not self._is_new(event):
            return
        text = describe(event, self._region)
        self._console.print(Text(f"[{event.at:7.1f} s] {text}"), soft_wrap=True)

    def _is_new(self, event: Waiting | Retrying) -> bool:
        reason, at = self._said.get(event.key, ("", float("-inf")))
        if reason == event.reason and event.at - at < REMIND:
            return False
        self._said[event.key] = (event.reason, event.at)
        return True


def describe(event: Event, region: str = "") -> str:
    """An event as one sentence."""
    match event:
        case Notice(text=text, hint=hint):
            return _sentences(text, hint)
        case Finished():
            return finished(event)
        case Started(key=key, action=action):
            return f"{sentence(key, region)}: {DOING.get(action, action)}"
        case Waiting(key=key, reason=reason):
            usual = f", usually {words.seconds(event.usual)}" if event.usual else ""
            return f"{sentence(key, region)}: waiting, {reason} ({words.seconds(event.elapsed)}{usual})"
        case Retrying(key=key, reason=reason, delay=delay):
            return f"{sentence(key, region)}: trying again in {words.seconds(delay)}, {reason}"
        case Done(key=key, action=action, id=id):
            done = f"{DID.get(action, action)} in {words.seconds(event.took)}"
            return f"{sentence(key, region)}: {done}" + (f" ({words.short(id)})" if id else "")
        case Failed(key=key, action=action, what=what, hint=hint):
            return _sentences(f"{sentence(key, region)}: FAILED: {what}", hint)
        case Skipped(key=key, because=because):
            return f"{sentence(key, region)}: skipped, because {_because(because, region)}"


def finished(event: Finished) -> str:
    """The last line of a run: how it went, in numbers."""
    head = "Interrupted" if event.interrupted else "Failed" if event.counts.get("failed") else "Done"
    counts = [f"{event.counts[name]} {name}" for name in ("done", "failed", "skipped") if event.counts.get(name)]
    return f"{head} after {words.seconds(event.at)}" + (f": {', '.join(counts)}." if counts else ".")


def _sentences(*told: str) -> str:
    """Each with a full stop at its end."""
    return " ".join(part if part[-1] in ".!?)" else f"{part}." for part in told if part)


def _because(because: str, region: str) -> str:
    if "/" in because:
        return f"it needs {sentence(because, region)}"
    return f"the run was {because}" if because == "interrupted" else f"of {because}"
