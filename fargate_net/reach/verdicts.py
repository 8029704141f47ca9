"""From the results of many connections to one verdict: what is open, for whom, and what blocks. Never here: tracing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fargate_net.model.verdict import Answer, Blocker, Disposition, Open, Path, Question
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, EPHEMERAL, Intervals, spans, texts
from fargate_net.reach.spread import Pair

RANK = {Disposition.REACHABLE: 0, Disposition.PARTIAL: 1, Disposition.UNKNOWN: 2, Disposition.BLOCKED: 3}
SHOWN_BLOCKERS = 24


@dataclass(frozen=True)
class Outcome:
    """The verdict on one way of getting there: direct, or through one balancer; ``order`` breaks ties."""

    verdict: Disposition
    open: tuple[Open, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    paths: tuple[Path, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    order: int = 0

    @property
    def rank(self) -> tuple[int, int, int]:
        """Smaller is better: reachable, partial, unknown, blocked; then fewest blockers; then direct first."""
        return RANK[self.verdict], len(self.blockers), self.order


def blocked(*blockers: Blocker, order: int = 0) -> Outcome:
    """Closed for a reason that needs no packet."""
    return Outcome(Disposition.BLOCKED, blockers=blockers, order=order)


def unknown(*missing: str, order: int = 0) -> Outcome:
    """Not known for want of facts."""
    return Outcome(Disposition.UNKNOWN, missing=missing, order=order)


def combine(pairs: Iterable[Pair], order: int = 0) -> Outcome | None:
    """One outcome for all pairs of one protocol; None when there is no pair.

    All open is reachable, all closed blocked, some of each partial. An unknown pair makes the whole unknown unless
    others already show both an open and a closed one.
    """
    held = list(pairs)
    if not held:
        return None
    found = {pair.result.verdict for pair in held}
    opened = bool(found & {Disposition.REACHABLE, Disposition.PARTIAL})
    closed = bool(found & {Disposition.BLOCKED, Disposition.PARTIAL})
    vague = next((pair.vague for pair in held if pair.vague), "")
    if opened and closed:
        verdict = Disposition.UNKNOWN if vague and Disposition.BLOCKED in found else Disposition.PARTIAL
    elif Disposition.UNKNOWN in found:
        verdict = Disposition.UNKNOWN
    else:
        verdict = Disposition.REACHABLE if opened else Disposition.BLOCKED
    shown = _telling(held, verdict)
    missing = tuple(dict.fromkeys(text for pair in held for text in pair.result.missing))
    if verdict is Disposition.UNKNOWN and vague and opened:
        missing = (*missing, vague)
    return Outcome(
        verdict,
        _open(held) if verdict in (Disposition.REACHABLE, Disposition.PARTIAL) else (),
        () if verdict is Disposition.REACHABLE else shown.result.blockers[:SHOWN_BLOCKERS],
        _paths(held, shown),
        tuple(dict.fromkeys(text for pair in held for text in pair.result.assumptions)),
        missing if verdict is Disposition.UNKNOWN else (),
        order,
    )


def _telling(pairs: Sequence[Pair], verdict: Disposition) -> Pair:
    """The pair that shows the verdict: an open one, or the closed one that needs the fewest changes."""
    if verdict is Disposition.REACHABLE:
        return pairs[0]
    worse = [pair for pair in pairs if pair.result.verdict is not Disposition.REACHABLE] or list(pairs)
    if verdict is Disposition.UNKNOWN:
        worse = [pair for pair in worse if pair.result.verdict is Disposition.UNKNOWN] or worse
    return min(worse, key=lambda pair: len(pair.result.blockers))


def _paths(pairs: Sequence[Pair], shown: Pair) -> tuple[Path, ...]:
    best = min(pairs, key=lambda pair: RANK[pair.result.verdict])
    chosen = [best] if best.result.verdict is shown.result.verdict else [best, shown]
    return tuple(Path(pair.result.forward, pair.result.back) for pair in chosen)


def _open(pairs: Sequence[Pair]) -> tuple[Open, ...]:
    """What gets through, exactly: an entry for each set of sockets, split where it does not hold for everybody alike.

    Clients, tasks and zones are named unless all of them are meant. Ports that all of them have stand by themselves.
    """
    rows: dict[tuple[str, Intervals, Intervals], list[Pair]] = {}
    common = _common(pairs)
    for pair in pairs:
        result = pair.result
        ports, clients = result.ports & result.asked, result.clients & EPHEMERAL
        if result.clients & result.wanted:
            for part in (ports & common, ports - common):
                if part:
                    rows.setdefault((result.protocol, part, clients), []).append(pair)
    every = _places(pairs)
    servers, zones = {server for server, _ in every}, {zone for _, zone in every}
    made = []
    for (protocol, ports, clients), members in rows.items():
        icmp = protocol == "icmp"
        outside = any(pair.outside for pair in members)
        for who, whom, where in _blocks(members, every):
            named = () if whom == servers else tuple(sorted(name for held in whom for name in held))
            made.append(
                Open(
                    protocol,
                    () if icmp else texts(ports),
                    () if icmp else texts(clients),
                    tasks=() if outside else named,
                    zones=() if where == zones else tuple(sorted(where)),
                    clients=tuple(sorted(who)),
                    addresses=named if outside else (),
                )
            )
    return tuple(made)


def _common(pairs: Sequence[Pair]) -> Intervals:
    """The ports that every pair has open."""
    common = ALL_PORTS
    for pair in pairs:
        result = pair.result
        common = common & (result.ports & result.asked if result.clients & result.wanted else EMPTY)
    return common


Place = tuple[tuple[str, ...], str]
"""Who serves (a label or ranges), and the zone of the node in front."""


def _places(pairs: Iterable[Pair]) -> dict[Place, set[str]]:
    """Who asks at each place."""
    held: dict[Place, set[str]] = {}
    for pair in pairs:
        held.setdefault((pair.server, pair.zone), set()).update(pair.client)
    return held


def _blocks(
    members: Iterable[Pair], every: dict[Place, set[str]]
) -> list[tuple[frozenset[str], frozenset[tuple[str, ...]], frozenset[str]]]:
    """Pairs as products of clients (none named: all), servers and zones, which hold these pairs and no others."""
    by_zone: dict[tuple[frozenset[str], str], set[tuple[str, ...]]] = {}
    for place, who in _places(members).items():
        said = frozenset[str]() if who == every[place] else frozenset(who)
        by_zone.setdefault((said, place[1]), set()).add(place[0])
    made: dict[tuple[frozenset[str], frozenset[tuple[str, ...]]], set[str]] = {}
    for (said, zone), whom in by_zone.items():
        made.setdefault((said, frozenset(whom)), set()).add(zone)
    return [(said, whom, frozenset(where)) for (said, whom), where in made.items()]


def merge(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome of several protocols or ports of which any will do: the best verdict, everything open."""
    best = min(outcomes, key=lambda outcome: outcome.rank)
    alike: dict[Open, Intervals] = {}
    for row in (row for outcome in outcomes for row in outcome.open):
        bare = replace(row, ports=())
        alike[bare] = alike.get(bare, EMPTY) | spans(row.ports)
    opened = tuple(replace(bare, ports=texts(ports)) for bare, ports in alike.items())
    return Outcome(best.verdict, opened, best.blockers, best.paths, best.assumptions, best.missing, best.order)


def answer(question: Question, outcome: Outcome, assumptions: Iterable[str] = ()) -> Answer:
    """The outcome as the answer to a question, with what was taken for granted to get it."""
    return Answer(
        question,
        outcome.verdict,
        outcome.open,
        outcome.blockers,
        outcome.paths,
        tuple(dict.fromkeys((*outcome.assumptions, *assumptions))),
        outcome.missing,
    )
