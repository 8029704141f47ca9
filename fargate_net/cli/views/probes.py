"""Real connections as text below a verdict, and as JSON. A failure is said with what it may mean.

Never here: connecting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from fargate_net.cli.views.lines import indented, marked
from fargate_net.model.probe import NO_NAME, NO_ROUTE, REFUSED, TIMED_OUT, Probe, Probed
from fargate_net.model.verdict import Answer

_MEANS = {
    TIMED_OUT: (
        "nothing came back, although the configuration lets it through: a firewall between here and AWS, rules inside "
        "the host, or a change since this was read"
    ),
    REFUSED: "somebody answered and refused: the network is open, but no process listens there",
    NO_NAME: "the name cannot be resolved from here: its record is missing, private, or not spread yet",
    NO_ROUTE: "this machine has no way there; for an IPv6 address it needs IPv6 itself",
}


def show(console: Console, answer: Answer, tried: Probed) -> None:
    """One line for each try, a failure with its meaning, and what was not tried."""
    for probe in tried.probes:
        indented(console, _line(probe))
        if not probe.connected:
            indented(
                console, Text(f"the verdict is {answer.verdict.value}, the connection failed: {_means(probe)}"), by=8
            )
    clients = sorted({client for entry in answer.open for client in entry.clients})
    if tried.disagrees and clients:
        indented(console, Text(f"it is open to {', '.join(clients)} only: this machine may not be among them"), by=8)
    for note in tried.notes:
        indented(console, marked("not probed: ", "dim").append(note, style="none"))


def document(tried: Probed) -> dict[str, Any]:
    """The tries of one answer: ``probes``, and ``not_probed`` where something was left out."""
    rows = [
        {
            "address": probe.door.address,
            "port": probe.door.port,
            "behind": probe.door.behind,
            "connected": probe.connected,
            "seconds": round(probe.seconds, 3),
            "error": probe.error or None,
        }
        for probe in tried.probes
    ]
    return {"probes": rows} | ({"not_probed": list(tried.notes)} if tried.notes else {})


def summary(tried: Iterator[Probed]) -> str:
    """The numbers in a sentence; nothing when nothing was tried."""
    probes = [probe for one in tried for probe in one.probes]
    if not probes:
        return ""
    count = sum(probe.connected for probe in probes)
    noun = "connection" if len(probes) == 1 else "connections"
    return f"{len(probes)} {noun} tried from here: {count} made, {len(probes) - count} failed."


def _line(probe: Probe) -> Text:
    door = probe.door
    host = f"[{door.address}]" if ":" in door.address else door.address
    behind = f" ({door.behind})" if door.behind else ""
    sign, style, said = ("✓", "green", "connected") if probe.connected else ("✗", "red", probe.error)
    return marked(f"{sign} probe ", style).append(
        f"{host}:{door.port}{behind} {said}, {probe.seconds:.2f} s", style="none"
    )


def _means(probe: Probe) -> str:
    return _MEANS.get(probe.error, "see the words of this machine's system above")
