"""One network tried: what the kernel did, what the engine says, and every difference between the two.

Never here: how networks are drawn or built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from fargate_net.model.snapshot import Snapshot
from tests.kernel.judge import Judge, Saying
from tests.kernel.lab import Lab
from tests.kernel.packets import Exchange, Probe

HASTY, PATIENT = 0.12, 3.0
"""Seconds without news after which a connection counts as silent; the second is for those that should have spoken."""


@dataclass(frozen=True)
class Trial:
    """What the kernel did with some connections in one network: the address each receiver saw, or silence."""

    snapshot: Snapshot
    probes: tuple[Probe, ...]
    heard: dict[Probe, str]


@dataclass
class Tally:
    """How much was tried, so that a test can tell that it tried something."""

    tried: int = 0
    open: int = 0
    open_6: int = 0
    undecided: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, trial: Trial, sayings: dict[Probe, Saying]) -> None:
        """Count one trial and why the engine closed what it closed."""
        self.tried += len(trial.probes)
        self.open += len(trial.heard)
        self.open_6 += sum(":" in probe.target for probe in trial.heard)
        self.undecided += sum(saying.open is None for saying in sayings.values())
        for saying in sayings.values():
            self.reasons.update({blocker.code for blocker in saying.result.blockers})


def run(lab: Lab, snapshot: Snapshot, probes: Collection[Probe]) -> Trial:
    """Build the network and send the packets. What the engine calls open gets a second chance before it is silent."""
    places = lab.load(snapshot)
    with Exchange(lab, places) as exchange:
        heard = exchange.send(probes, HASTY)
        judge = Judge(snapshot)
        late = [probe for probe in probes if probe not in heard and judge.say(probe).open]
        if late:
            heard |= exchange.send(late, PATIENT)
    return Trial(snapshot, tuple(probes), heard)


def differences(trial: Trial, tally: Tally | None = None) -> Iterator[str]:
    """Every packet about which engine and kernel disagree, as text."""
    judge = Judge(trial.snapshot)
    sayings = {probe: judge.say(probe) for probe in trial.probes}
    if tally is not None:
        tally.add(trial, sayings)
    for probe, saying in sayings.items():
        seen = trial.heard.get(probe)
        if saying.open is None:
            continue
        told = judge.told(probe)
        if saying.open != (seen is not None):
            yield f"{probe}: {_kernel(seen)}, but {_engine(saying)}"
        elif seen and saying.seen and saying.seen != seen:
            yield f"{probe}: {_kernel(seen)}, but the engine has it come from {saying.seen}"
        elif told is not None and told != (seen is not None):
            yield f"{probe}: {_kernel(seen)}, but the answer to the question is {'open' if told else 'closed'}"


def _kernel(seen: str | None) -> str:
    return "silent in the kernel" if seen is None else f"answered in the kernel (seen as {seen})"


def _engine(saying: Saying) -> str:
    result = saying.result
    why = [f"  {b.direction} {b.code} at {b.component} [{b.rule}]: {b.detail}" for b in result.blockers]
    hops = [f"  {h.kind} {h.component} [{h.rule}] {h.action}" for h in (*result.forward, *result.back)]
    return "\n".join([f"{'open' if saying.open else 'closed'} for the engine", *why, "  its way:", *hops])


def dump(snapshot: Snapshot) -> str:
    """The network as text: a paragraph for each thing, a line for each of its properties and each of many."""
    lines = []
    for found in sorted(snapshot, key=lambda held: (held.kind, held.id)):
        lines.append(f"{found.kind} {found.id}")
        for name, value in vars(found.props).items():
            if isinstance(value, tuple | frozenset) and len(value) > 1:
                lines += [f"  {name}:", *(f"    {entry}" for entry in sorted(map(str, value)))]
            elif value not in ("", (), frozenset(), None):
                lines.append(f"  {name}: {value}")
    return "\n".join(lines)
