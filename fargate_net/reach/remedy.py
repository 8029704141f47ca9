"""From an answer that is not as it should be to the smallest change that makes it so.

The blockers of the best path carry their edits; all of them are made on a copy, and the question is asked again until
it is open. Then whatever it does not need is left out. So a remedy has been tried before it is told. Never here:
applying anything to a live network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, Disposition, Edit, Question, Remedy
from fargate_net.reach import closing, endpoints, spec_lines
from fargate_net.reach.ask import ask
from fargate_net.reach.balancers import balancers_of
from fargate_net.reach.edits import Change, sentence_of
from fargate_net.reach.edits.balancers import EnableZone
from fargate_net.reach.edits.filters import AddAclEntry, AddRule
from fargate_net.reach.edits.ways import AddRoute, AttachGateway, ReplaceRoute
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.network import Network
from fargate_net.reach.service_fixes import ADVICE

ROUNDS = 16
"""How often what opened may lay bare something else that is closed before the search gives up."""

ONE_AT_A_TIME = (AddAclEntry, AddRoute, ReplaceRoute, AttachGateway, EnableZone)
"""Edits of which a second one to the same thing depends on the first: entries want different numbers."""

WIDE_FIRST = (ReplaceRoute, AddRoute, AttachGateway, AddAclEntry)
"""What is tried to be left out first, because it opens or takes away the most."""


def apply(snapshot: Snapshot, edits: Iterable[Edit]) -> Snapshot:
    """The snapshot after these edits, in their order. The given one stays as it is."""
    for edit in cast("Iterable[Change]", edits):
        snapshot = edit.applied(snapshot)
    return snapshot


Judge = Callable[[Network], Answer]
"""Asks the same question of another network."""


def remedied(network: Network, given: Answer, judge: Judge | None = None) -> Answer:
    """The answer with its remedy, when it is not as it should be."""
    return replace(given, remedy=remedy(network, given, judge))


def remedy(network: Network, given: Answer, judge: Judge | None = None) -> Remedy | None:
    """The smallest change that opens the path of an answer, or closes it where ``blocked`` was expected.

    ``judge`` asks what :func:`ask` cannot be asked, as health checks of a target group. None when the answer is as it
    should be, when it is not known, and for an expectation of ``partial``. A remedy without edits says why there is
    none.
    """
    wanted = given.question.expect or Disposition.REACHABLE
    if given.verdict in (wanted, Disposition.UNKNOWN):
        return None
    if wanted is Disposition.BLOCKED:
        return _close(network, given.question)
    return _open(network, given, judge) if wanted is Disposition.REACHABLE else None


def _open(network: Network, given: Answer, judge: Judge | None) -> Remedy:
    question = given.question
    if judge is None:
        narrowed = _one_port(network, question)
        if narrowed is None:
            target = f"[{question.target}]" if ":" in question.target else question.target
            return Remedy(f"Ask about one port, as in {target}:443: what to change depends on it.")
        question, judge = narrowed, partial(_ask, narrowed)
    edits, last = _search(network, judge)
    if last.verdict is not Disposition.REACHABLE:
        return Remedy(_why_not(last), spec=spec_lines.exposing(network, question, last))
    edits = _needed(network, judge, edits)
    return Remedy(
        sentence_of(edits),
        tuple(edits),
        spec_lines.lines(network.snapshot, question, edits),
        _said(edit.opens(network.snapshot) for edit in edits),
        _said(edit.closes(network.snapshot) for edit in edits),
    )


def _ask(question: Question, network: Network) -> Answer:
    return ask(network, question)


def _one_port(network: Network, question: Question) -> Question | None:
    """The question about one port: a declared one, or a listener's. None when nothing says which."""
    if question.ports is not None or question.protocol == "icmp" or question.target.startswith("aws:"):
        return question
    start = endpoints.resolve(network, question.source)
    end = endpoints.resolve(network, question.target, start.vpcs[0] if start is not None and start.vpcs else "")
    if end is None:
        return None
    if end.balancer is not None:
        held = balancers_of(network).listeners(end.balancer)
        listening = [] if isinstance(held, Lack) else [one.props.port for one in held]
        return replace(question, ports=(listening[0], listening[0])) if listening else None
    for container in end.containers:
        for mapping in container.ports:
            if question.protocol in (None, mapping.protocol) and end.container in ("", container.name):
                return replace(question, ports=(mapping.port, mapping.port), protocol=mapping.protocol)
    return None


def _search(network: Network, judge: Judge) -> tuple[list[Change], Answer]:
    """Edits in the order they were found, and the answer after all of them."""
    edits: list[Change] = []
    answer = judge(network)
    for _ in range(ROUNDS):
        if answer.verdict is Disposition.REACHABLE:
            break
        more = _next(answer, edits)
        if not more and answer.verdict is Disposition.UNKNOWN:
            more = _next(judge(Network(_doubted(apply(network.snapshot, edits)))), edits)
        if not more:
            break
        edits.extend(more)
        answer = judge(Network(apply(network.snapshot, edits)))
    return edits, answer


def _doubted(snapshot: Snapshot) -> Snapshot:
    """Prefix lists whose ranges are not known taken as empty: a rule that does not rest on them is certain."""
    lists = snapshot.of(PrefixList).values()
    empty = [replace(found, props=replace(found.props, cidrs=())) for found in lists if found.props.cidrs is None]
    return snapshot.with_(empty)


def _next(answer: Answer, have: Sequence[Change]) -> list[Change]:
    blockers = answer.blockers
    if blockers and blockers[0].code in ADVICE and blockers[0].edits:
        blockers = blockers[:1]
    chosen: list[Change] = []
    for edit in (cast("Change", edit) for blocker in blockers for edit in blocker.edits):
        taken = isinstance(edit, ONE_AT_A_TIME) and any(
            isinstance(other, ONE_AT_A_TIME) and other.subject == edit.subject for other in chosen
        )
        if edit not in have and edit not in chosen and not taken:
            chosen.append(edit)
    return chosen


def _needed(network: Network, judge: Judge, edits: Sequence[Change]) -> list[Change]:
    """The edits without those that the verdict does not need."""
    kept = list(edits)
    for edit in sorted(edits, key=lambda one: not isinstance(one, WIDE_FIRST)):
        fewer = [one for one in kept if one is not edit]
        after = Network(apply(network.snapshot, fewer)) if fewer else network
        if judge(after).verdict is Disposition.REACHABLE:
            kept = fewer
    return _joined(kept)


def _joined(edits: Iterable[Change]) -> list[Change]:
    """Rules of one group, peer and direction as one edit."""
    made: list[Change] = []
    for edit in edits:
        if isinstance(edit, AddRule):
            alike = next((one for one in made if isinstance(one, AddRule) and _same_peer(one, edit)), None)
            if alike is not None:
                rules = (*alike.rules, *(rule for rule in edit.rules if rule not in alike.rules))
                what = alike.what if rules == alike.rules else f"{alike.what} and {edit.what}"
                made[made.index(alike)] = AddRule(edit.group, rules, what)
                continue
        made.append(edit)
    return made


def _same_peer(one: AddRule, other: AddRule) -> bool:
    return (one.group, one.rules[0].direction, one.rules[0].peer) == (
        other.group,
        other.rules[0].direction,
        other.rules[0].peer,
    )


def _why_not(answer: Answer) -> str:
    stuck = list(dict.fromkeys(blocker.fix for blocker in answer.blockers if not blocker.edits))
    if stuck:
        return " ".join(stuck)
    if answer.missing:
        return f"No change is certain to open it while this is not known: {'; '.join(answer.missing)}."
    return "No change of what is known here opens it: something else closes it again each time."


def _close(network: Network, question: Question) -> Remedy:
    edits, shut = closing.search(network, question)
    if not shut:
        return Remedy("No rule of a security group lets it through alone: take away the route, or deny it in an ACL.")
    return Remedy(
        sentence_of(edits),
        tuple(edits),
        spec_lines.closing_lines(network.snapshot, edits),
        closes=_said(edit.closes(network.snapshot) for edit in edits),
    )


def _said(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
