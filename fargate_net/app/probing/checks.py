"""Probes beside answers: whether they make sense at all, and one round of knocking for all answers at once.

Never here: sockets, wording of results.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fargate_net.app.probing import knock
from fargate_net.app.probing.doors import OPEN, doors
from fargate_net.errors import UsageError
from fargate_net.model.probe import Probed
from fargate_net.model.verdict import Answer, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.network import Network

if TYPE_CHECKING:
    from fargate_net.app import Wire


def insist_on_a_world(wire: Wire, *, planned: bool, source: str | None, all_pairs: bool, against: Path | None) -> None:
    """Raise UsageError where a probe would knock at nothing, or at somebody else's door."""
    if planned or wire.snapshot is not None:
        what = "A plan has" if planned else "Saved responses have"
        raise UsageError(f"{what} nothing to connect to.", hint="Probe the running network: leave --probe out here.")
    if all_pairs or against is not None:
        given = "--all" if all_pairs else "--against"
        raise UsageError(
            f"{given} asks about pairs inside the network; a probe starts here.", hint="Leave one of them out."
        )
    if source not in (None, "internet"):
        raise UsageError(f"A probe starts on this machine, not at {source}.", hint="Ask --from internet.")
    if is_imagined(wire):
        raise UsageError(
            "The sandbox has invented addresses: at best nobody is there, at worst somebody else.",
            hint="Probe a network of a real account.",
        )


def is_imagined(wire: Wire) -> bool:
    """Whether the AWS that answers runs on this machine."""
    endpoint = wire.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or ""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def from_here(network: Network, groups: Iterable[Sequence[Answer]], services: Iterable[str]) -> tuple[Answer, ...]:
    """What the internet can reach of each of these services that no answer from the internet is about yet.

    An answer about one way only (through a balancer) leaves the others open.
    """
    questions = [answer.question for group in groups for answer in group]
    asked = {
        question.target.partition("/")[0]
        for question in questions
        if question.source == "internet" and question.via is None
    }
    found = (ask(network, Question("internet", name)) for name in sorted(set(services) - asked))
    return tuple(answer for answer in found if answer.verdict in OPEN)


def probed(network: Network, groups: Iterable[Sequence[Answer]]) -> dict[Question, Probed]:
    """What came of knocking for each answer about the internet that should be open."""
    wanted = {
        answer.question: doors(network, answer)
        for group in groups
        for answer in group
        if answer.question.source == "internet" and answer.verdict in OPEN
    }
    everywhere = list(dict.fromkeys(door for found, _ in wanted.values() for door in found))
    results = {probe.door: probe for probe in knock.knock(everywhere, dial=knock.dial)}
    return {
        question: Probed(tuple(results[door] for door in found), notes) for question, (found, notes) in wanted.items()
    }
