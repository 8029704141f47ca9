"""One lane of a balancer at work: client to node, node to target, for every pair. Never here: which lanes there are.

Results are kept per node and target, so that a balancer with many clients is followed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from fargate_net.reach import joining
from fargate_net.reach.balancers import Balancers, Lane, Target, balancers_of
from fargate_net.reach.interfaces import Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.spread import Asked, End, Holder, Hosts, Pair, Spread, pieces, point
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult, Point


@dataclass(slots=True)
class Crossing:
    """Everything that stays the same while pairs through one lane are judged."""

    network: Network
    balancers: Balancers
    lane: Lane
    protocol: str
    family: int
    asked: Asked
    first: Spread
    second: dict[tuple[object, ...], FlowResult]
    joined: dict[tuple[int, int], tuple[FlowResult, FlowResult, FlowResult]]
    """By identity of the two results, which it keeps alive."""
    front: Crossing | None = None
    """The lane of the balancer in front, when there is one."""

    def pairs(self, sources: tuple[End, ...], node: Nic, target: Target, server: str) -> Iterator[Pair]:
        """Each source through one node to one target; through each node of a balancer in front that uses this one."""
        for door in self._doors(node):
            facing = self.lane.asked.props.scheme == "internet-facing"
            there = point(Holder(door, door.id, public=facing), self.family)
            if there is None:
                continue
            follow = partial(self.follow, node=there, target=target, last=node)
            for source in sources:
                if isinstance(source, Hosts):
                    for names, result, sample in pieces(source, self.family, follow):
                        yield Pair(names, (server,), result, door.zone, source.vague, sample)
                elif (here := point(source, self.family)) is not None:
                    yield Pair((source.label,), (server,), follow(here), door.zone, source=here)

    def _doors(self, node: Nic) -> list[Nic]:
        """The nodes clients ask: this one, or those of the balancer in front, of its zone where they keep to it."""
        if self.lane.front is None:
            return [node]
        doors = self.balancers.nodes(self.lane.front.balancer)
        near = [door for door in doors if door.zone == node.zone]
        return doors if self.balancers.crosses_zones(self.lane.front) or not near else near

    def follow(self, client: Point, node: Point, target: Target, last: Nic) -> FlowResult:
        """The client to the node it asks, the last node to the target, as one result about the asked ports."""
        if self.front is not None:
            step = joining.step(self.lane, last)
            first = self.front.follow(client, node, step, node.nic or last)
            version = 6 if ":" in target.ip else 4
            node = point(Holder(last, last.id), version) or node
        else:
            first = self.first.one(client, node)
        second = self._second(client, node, target, first.seen_as)
        held = self.joined.get((id(first), id(second)))
        if held is None:
            made = joining.join(first, second, self.lane, target, self.asked)
            if self.front is None:
                made = joining.explained(made, self.lane, node)
            held = self.joined[id(first), id(second)] = (first, second, made)
        return held[2]

    def _second(self, client: Point, node: Point, target: Target, seen_as: int) -> FlowResult:
        assert node.nic is not None
        keeps = self.balancers.keeps_client(self.lane) and (":" in target.ip) == (self.family == 6)
        loop = keeps and client.nic is not None and client.nic is target.nic
        hidden = client.nic.groups if client.nic is not None else frozenset()
        key = (node.nic.id, target.ip, target.label, target.port, seen_as if keeps else None, loop, hidden)
        made = self.second.get(key)
        if made is None:
            made = self.second[key] = self._send(client, node.nic, target, seen_as, keeps, loop)
        return made

    def _send(self, client: Point, node: Nic, target: Target, seen_as: int, keeps: bool, loop: bool) -> FlowResult:
        asked = Intervals([(target.port, target.port)])
        transport = self.protocol
        here, there = joining.ends(self.network, node, target, self.family)
        if here is None or there is None:
            return joining.undeliverable(self.lane, target, transport, self.family, asked)
        behind: Point | None = None
        if keeps and not joining.abroad(self.lane, target):
            own = client.nic if client.nic is not None and client.nic.holds(self.family, seen_as) else None
            behind = Point(self.family, seen_as, own, (), client.name, client.range)
        wanted = client.nic.clients if behind is not None and client.nic is not None else None
        hidden = client.nic.groups if client.nic is not None else frozenset()
        result = flow(
            self.network,
            here,
            there,
            transport,
            asked=asked,
            whole=False,
            wanted=wanted,
            behind=behind,
            lost=hidden,
        )
        return joining.preserved(result, self.lane, target, loop=loop) if keeps else result


def crossing(network: Network, lane: Lane, protocol: str, family: int, asked: Asked) -> Crossing:
    """A lane ready for pairs of one protocol and family, about the asked ports of its targets or its listener."""
    port = lane.listener.props.port
    mine: Asked = (Intervals([(port, port)]), False)
    front = crossing(network, lane.front, protocol, family, mine) if lane.front is not None else None
    first = Spread(network, protocol, family, mine)
    return Crossing(network, balancers_of(network), lane, protocol, family, asked, first, {}, {}, front)
