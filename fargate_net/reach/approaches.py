"""Which lanes of balancers lead to an endpoint, also through one balancer behind another. Never here: packets.

(Network Load Balancer guide, Use Application Load Balancers as targets of a Network Load Balancer.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker
from fargate_net.reach import joining
from fargate_net.reach.balancers import Balancers, Lane, Target, unread
from fargate_net.reach.endpoints import Endpoint
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.intervals import Intervals


def of_endpoint(
    balancers: Balancers, target: Endpoint
) -> tuple[list[tuple[Lane, list[Target]]], list[tuple[Found[LoadBalancer] | None, str]]]:
    """The ways through any balancer to interfaces of an endpoint, and what is not known about ways through others."""
    ways: list[tuple[Lane, list[Target]]] = []
    lacks: list[tuple[Found[LoadBalancer] | None, str]] = []
    for balancer in balancers.network.snapshot.of(LoadBalancer).values():
        for lane in unfolded(balancers, balancers.lanes(balancer)):
            held = lane if isinstance(lane, Lack | Blocker) else balancers.targets(lane.group)
            if isinstance(held, Lack):
                lacks.append((balancer, held.text))
            elif isinstance(lane, Lane) and not isinstance(held, Blocker):
                mine = [t for t in held if t.nic is not None and t.nic.id in target.nics]
                ways += [(lane, mine)] if mine else []
    lacks += [(None, f"{lost.call}: {lost.why}") for lost in unread(balancers.network, LoadBalancer)]
    return ways, lacks


def unfolded(balancers: Balancers, lanes: Iterable[Lane | Lack]) -> Iterator[Lane | Lack | Blocker]:
    """The lanes with those that end at another balancer replaced by that balancer's own, each with what leads to it.

    A lack where that balancer is not known, a blocker where it does not listen.
    """
    for lane in lanes:
        if isinstance(lane, Lane) and lane.group.props.target_type == "alb":
            yield from _behind(balancers, lane)
        else:
            yield lane


def _behind(balancers: Balancers, lane: Lane) -> Iterator[Lane | Lack | Blocker]:
    targets = balancers.targets(lane.group)
    if isinstance(targets, Lack):
        yield targets
        return
    for target in targets:
        behind = balancers.network.fact(LoadBalancer, target.ip)
        if isinstance(behind, Lack):
            yield behind
            continue
        listeners = balancers.listeners(behind)
        if isinstance(listeners, Lack):
            yield listeners
            continue
        listening = [one for one in listeners if one.props.port == target.port]
        if not listening:
            ports = Intervals([(target.port, target.port)])
            yield joining.no_listener(balancers, behind, listeners, "tcp", ports)
        for listener in listening:
            groups = balancers.groups(listener)
            if isinstance(groups, Lack):
                yield groups
            elif not groups:
                yield Lack(f"what {behind.props.name}:{target.port} answers behind {lane.balancer.props.name}")
            else:
                yield from (replace(lane, balancer=behind, listener=listener, group=one, front=lane) for one in groups)
