"""Through a load balancer: the client's connection to a node, and the node's connection to a target, as one verdict.

Never here: what balancers are made of, direct paths. (Application and Network Load Balancer guides: security groups,
target group attributes, client IP preservation, cross-zone load balancing, troubleshooting.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from fargate_net.errors import UsageError
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker, Disposition
from fargate_net.reach import approaches, joining
from fargate_net.reach import balancers as parts
from fargate_net.reach.balancers import TRANSPORTS, Lane, Target, balancers_of
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.lanes import crossing
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Asked, End, Holder, Pair, Spread
from fargate_net.reach.verdicts import Outcome, blocked, combine, merge, unknown

ORDER = 10
"""Direct ways come first among equals, then balancers."""

VIA_TYPES = {"alb": "application", "nlb": "network"}


def nodes(network: Network, balancer: Found[LoadBalancer]) -> list[Nic]:
    """The interfaces of a balancer."""
    return balancers_of(network).nodes(balancer)


def of_node(network: Network, endpoint: Endpoint) -> Endpoint | None:
    """The balancer behind an interface or address that is one of its nodes: it listens only where the balancer does."""
    if len(endpoint.ends) != 1 or endpoint.kind not in ("interface", "addresses"):
        return None
    for balancer in network.snapshot.of(LoadBalancer).values():
        for node in nodes(network, balancer):
            if node.id in endpoint.nics:
                said = (
                    f"{endpoint.text} is a node of lb/{balancer.props.name} and is judged as lb/{balancer.props.name}"
                )
                return Endpoint(endpoint.text, "balancer", balancer=balancer, assumptions=(said,))
    return None


def check_via(network: Network, via: str | None) -> None:
    """Raise UsageError for a balancer that does not exist."""
    if via in (None, "direct", *VIA_TYPES):
        return
    names = sorted(found.props.name for found in network.snapshot.of(LoadBalancer).values())
    if via not in names and network.complete(LoadBalancer.kind):
        hint = f"Use alb, nlb, direct or one of {', '.join(names)}." if names else "Use alb, nlb or direct."
        raise UsageError(f"There is no load balancer {via}.", hint=hint)


def _meant(balancer: Found[LoadBalancer], via: str | None) -> bool:
    return via is None or via == balancer.props.name or VIA_TYPES.get(via) == balancer.props.type


def no_balancer(via: str, target: str) -> Outcome:
    """Closed because nothing of what ``via`` allows forwards there; last choice among all ways."""
    detail = f"no listener of {via} forwards to {target}"
    fix = f"Add a listener of {via} that forwards to a target group with the tasks of {target}."
    return blocked(Blocker("TARGET_NOT_REGISTERED", "forward", target, "", detail, fix), order=99)


def through(
    network: Network,
    source: Endpoint,
    target: Endpoint,
    protocol: str,
    family: int,
    asked: Asked,
    via: str | None,
) -> Iterator[Outcome]:
    """Every way through a balancer to the interfaces of an endpoint, on its own ports."""
    made = balancers_of(network)
    ways, lacks = approaches.of_endpoint(made, target)
    opened = False
    grouped: dict[str, list[Outcome]] = {}
    for lane, targets in ways:
        if not _meant(lane.asked, via) or protocol not in TRANSPORTS.get(lane.listener.props.protocol, ()):
            continue
        for port in sorted({t.port for t in targets}):
            if port not in asked[0]:
                continue
            mine = [t for t in targets if t.port == port]
            outcome = joining.supposing(
                [lane],
                partial(_lane, network, source, target, targets=mine, protocol=protocol, family=family, asked=asked),
            )
            if outcome is not None:
                opened = opened or outcome.verdict is Disposition.REACHABLE
                grouped.setdefault(lane.asked.id, []).append(outcome)
    for outcomes in grouped.values():
        yield merge(outcomes) if asked[1] else min(outcomes, key=lambda outcome: outcome.rank)
    unseen = [text for balancer, text in lacks if balancer is None or _meant(balancer, via)]
    if unseen and not opened and family == 4:
        yield unknown(*dict.fromkeys(unseen), order=ORDER + 1)


def _lane(
    network: Network,
    source: Endpoint,
    target: Endpoint,
    lanes: Sequence[Lane],
    targets: list[Target],
    protocol: str,
    family: int,
    asked: Asked,
) -> Outcome | None:
    (lane,) = lanes
    if (closed := joining.broken(lane.asked) or joining.broken(lane.balancer)) is not None:
        return blocked(closed, order=ORDER + family)
    made = balancers_of(network)
    lane_work = crossing(network, lane, protocol, family, asked)
    every = made.nodes(lane.balancer)
    pairs: list[Pair] = []
    said: list[str] = []
    for one in targets:
        chosen = joining.eligible(made, lane, one, every)
        if isinstance(chosen, Blocker):
            result = joining.refused(chosen, protocol, family, asked)
            pairs.extend(Pair((_label(end),), (one.label,), result) for end in source.ends)
            continue
        for node in chosen:
            pairs.extend(lane_work.pairs(source.ends, node, one, one.label))
        said.extend(joining.health_note(lane, one))
    registered = {one.nic.id for one in targets if one.nic is not None}
    for end in target.ends:
        if isinstance(end, Holder) and end.nic.id not in registered and pairs:
            result = joining.refused(
                joining.not_registered(lane, end.nic, end.label, targets[0].port), protocol, family, asked
            )
            pairs.extend(Pair((_label(one),), (end.label,), result) for one in source.ends)
    outcome = combine(pairs, order=ORDER + family)
    return joining.assuming(outcome, lane, every, said) if outcome is not None else None


def _label(end: End) -> str:
    return end.label if isinstance(end, Holder) else end.name


def to_listener(
    network: Network, source: Endpoint, balancer: Found[LoadBalancer], protocol: str, family: int, asked: Asked
) -> Outcome | None:
    """A balancer as the destination: its listeners' ports, each judged through to at least one target of each group."""
    made = balancers_of(network)
    if (closed := joining.broken(balancer)) is not None:
        return blocked(closed)
    listeners = made.listeners(balancer)
    if isinstance(listeners, Lack):
        return unknown(listeners.text)
    fitting = [one for one in listeners if protocol in TRANSPORTS.get(one.props.protocol, ()) or protocol == "icmp"]
    ports, whole = asked
    chosen = [one for one in fitting if one.props.port in ports]
    if not chosen or protocol == "icmp":
        return None if whole else blocked(joining.no_listener(made, balancer, listeners, protocol, ports))
    outcomes = []
    for listener in chosen:
        port = listener.props.port
        groups = made.groups(listener)
        if isinstance(groups, Lack):
            outcomes.append(unknown(groups.text))
            continue
        mine: Asked = (Intervals([(port, port)]), False)
        lanes, refusals, lacks = _sorted(made, [Lane(balancer, listener, group) for group in groups])
        if lacks:
            outcomes.append(unknown(*lacks))
            continue
        outcome = (
            joining.supposing(lanes, partial(_groups, network, source, protocol=protocol, family=family, asked=mine))
            if lanes
            else blocked(*refusals)
            if refusals
            else _answered(network, source, balancer, listener.id, port, protocol, family)
        )
        if outcome is not None:
            outcomes.append(outcome)
    if not outcomes:
        return None
    together = merge(outcomes)
    held = Intervals([(one.props.port, one.props.port) for one in chosen])
    complete = ports <= held and all(one.verdict is Disposition.REACHABLE for one in outcomes)
    if whole or complete or together.verdict is not Disposition.REACHABLE:
        return together
    missing = [joining.no_listener(made, balancer, listeners, protocol, ports - held)] if not ports <= held else []
    worse = [blocker for one in outcomes for blocker in one.blockers]
    return replace(together, verdict=Disposition.PARTIAL, blockers=(*missing, *worse))


def _sorted(made: parts.Balancers, lanes: list[Lane]) -> tuple[list[Lane], list[Blocker], list[str]]:
    """The lanes through to targets, what closes others, and what is not known about still others."""
    held = list(approaches.unfolded(made, lanes))
    broken = [blocker for one in held if isinstance(one, Lane) and (blocker := joining.broken(one.balancer))]
    return (
        [one for one in held if isinstance(one, Lane) and joining.broken(one.balancer) is None],
        [*(one for one in held if isinstance(one, Blocker)), *broken],
        [one.text for one in held if isinstance(one, Lack)],
    )


def _groups(
    network: Network, source: Endpoint, lanes: Sequence[Lane], protocol: str, family: int, asked: Asked
) -> Outcome | None:
    """All groups of one listener: of each the best target counts, for a balancer leaves out those that fail.

    A node without a target in its zone is closed when it may use no other: whoever goes to its address finds nobody.
    """
    made = balancers_of(network)
    pairs: list[Pair] = []
    said: list[str] = []
    for lane in lanes:
        targets = made.targets(lane.group)
        if isinstance(targets, Lack):
            return unknown(targets.text)
        every = made.nodes(lane.balancer)
        lane_work = crossing(network, lane, protocol, family, asked)
        server = lane.group.props.name
        if lane.group.props.target_type == "lambda":
            return unknown(f"what the lambda target of {server} behind {lane.balancer.props.name} does")
        if not targets:
            result = joining.refused(joining.empty(network, lane), protocol, family, asked)
            pairs.extend(Pair((_label(end),), (server,), result) for end in source.ends)
            continue
        best: dict[tuple[object, ...], Pair] = {}
        refusals: list[Blocker] = []
        used: set[str] = set()
        for one in targets:
            chosen = joining.eligible(made, lane, one, every)
            if isinstance(chosen, Blocker):
                refusals.append(chosen)
                continue
            used |= {node.zone for node in chosen}
            said.extend(joining.health_note(lane, one))
            for node in chosen:
                for pair in lane_work.pairs(source.ends, node, one, server):
                    key = (pair.client, node.id, pair.zone)
                    if key not in best or joining.rank(pair.result) < joining.rank(best[key].result):
                        best[key] = pair
        pairs.extend(best.values())
        idle = joining.idle(lane, every, used)
        for zone, blocker in [("", refusals[0])] if not used else idle:
            result = joining.refused(blocker, protocol, family, asked)
            pairs.extend(Pair((_label(end),), (server,), result, zone) for end in source.ends)
    outcome = combine(pairs, order=ORDER + family)
    return joining.assuming(outcome, lanes[0], made.nodes(lanes[0].balancer), said) if outcome is not None else None


def _answered(
    network: Network,
    source: Endpoint,
    balancer: Found[LoadBalancer],
    listener: str,
    port: int,
    protocol: str,
    family: int,
) -> Outcome | None:
    """A listener that forwards nowhere: it redirects or answers by itself, or it is an error."""
    made = balancers_of(network)
    found = next(one for one in network.snapshot.kind("listener").values() if one.id == listener)
    actions = made.actions(found)
    if isinstance(actions, Lack) or not any(a.type in ("redirect", "fixed-response") for a in actions):
        detail = f"the listener {port} of {balancer.props.name} forwards to no target group"
        fix = f"Give the listener {port} of {balancer.props.name} a target group with targets."
        return blocked(Blocker("ELBV2_LISTENER_HAS_NO_TG", "forward", balancer.id, str(port), detail, fix))
    spread = Spread(network, protocol, family, (Intervals([(port, port)]), False))
    facing = balancer.props.scheme == "internet-facing"
    doors = [Holder(node, balancer.props.name, public=facing) for node in made.nodes(balancer)]
    outcome = combine(list(spread.pairs(source.ends, doors)), order=ORDER + family)
    if outcome is None:
        return None
    details = ", ".join(f"{action.type} {action.detail}".strip() for action in actions)
    return replace(
        outcome, assumptions=(*outcome.assumptions, f"{balancer.props.name}:{port} answers by itself: {details}")
    )
