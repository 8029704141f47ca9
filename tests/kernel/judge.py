"""What the engine says about one packet. Never here: what the kernel did, random networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, Disposition
from fargate_net.reach.addresses import parse, show
from fargate_net.reach.ask import ask, question
from fargate_net.reach.intervals import ALL_PORTS, EPHEMERAL, Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult, Point
from tests.kernel.packets import Probe


@dataclass(frozen=True)
class Saying:
    """The engine on one packet: open or closed, or None where it does not commit itself.

    ``seen`` is the address the receiver would see; nothing when the receiver is not an interface of the network.
    ``result`` is the whole reasoning.
    """

    open: bool | None
    seen: str
    result: FlowResult


class Judge:
    """The engine's view of one network."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.network = Network(snapshot)
        self._answers: dict[tuple[str, str, str], Answer | None] = {}

    def say(self, probe: Probe) -> Saying:
        """Follow one packet."""
        target = self._target(probe)
        source = self._source(probe.source, target.family)
        echo = probe.protocol == "icmp"
        asked = ALL_PORTS if echo else Intervals([(probe.port, probe.port)])
        result = flow(self.network, source, target, probe.protocol, asked=asked, whole=echo)
        seen = show(target.family, result.seen_as) if result.seen_as else ""
        return Saying(None if _undocumented(result) else _open(result, probe), seen, result)

    def told(self, probe: Probe) -> bool | None:
        """The same as people are told it who ask about every port at once; None where no commitment is made."""
        nic = self.network.nics.get(probe.source)
        if probe.client_port not in (nic.clients if nic is not None else EPHEMERAL):
            return None
        key = (probe.source, probe.target, probe.protocol)
        if key not in self._answers:
            self._answers[key] = self._ask(*key)
        answer = self._answers[key]
        if answer is None or answer.verdict is Disposition.UNKNOWN:
            return None
        if probe.protocol == "icmp":
            return answer.verdict is Disposition.REACHABLE
        hops = [hop for path in answer.paths for hop in path.forward]
        if answer.verdict is Disposition.PARTIAL and any(hop.kind == "nat_gateway" for hop in hops):
            return None
        return any(_in(probe.port, row.ports) and _in(probe.client_port, row.client_ports) for row in answer.open)

    def _ask(self, source: str, target: str, protocol: str) -> Answer | None:
        if len(self.network.anywhere(*parse(target))) > 1:
            return None  # An address of two VPCs names no interface.
        return ask(self.network, question(source, f"{target}/{protocol}"))

    def _source(self, text: str, family: int) -> Point:
        nic = self.network.nics.get(text)
        if nic is None:
            return Point(family, parse(text)[1])
        address = nic.address(family)
        assert address is not None, "an interface opens connections from an address it has"
        return Point(family, address, nic)

    def _target(self, probe: Probe) -> Point:
        """Who holds the address, as its sender would find it: a private one in its own VPC first, then beyond."""
        family, address = parse(probe.target)
        owner = self.network.owner(family, address)
        if owner is None:
            sender = self.network.nics.get(probe.source)
            near = self.network.at(sender.vpc, family, address) if sender is not None else None
            owner = near or next(iter(self.network.anywhere(family, address)), None)
        return Point(family, address, owner)


def _undocumented(result: FlowResult) -> bool:
    """Whether a NAT gateway sends on a peering: AWS names transit and VPN gateways for that, and neither allows
    nor forbids a peering. What an egress rule makes of it is open as well, so the lab is no judge of it.
    """
    kinds = [hop.kind for hop in result.forward]
    return "nat_gateway" in kinds and "vpc_peering" in kinds


def _in(port: int, spans: Iterable[str]) -> bool:
    """Whether a port is among ranges as answers write them: ``80``, ``8000-8010``."""
    bounds = [text.partition("-") for text in spans]
    return any(int(low) <= port <= int(high or low) for low, _, high in bounds)


def _open(result: FlowResult, probe: Probe) -> bool | None:
    if probe.port not in result.maybe_ports or probe.client_port not in result.maybe_clients:
        return False
    if probe.port not in result.ports or probe.client_port not in result.clients:
        return None
    # A translator chooses a port of its own, and not every choice gets its reply through.
    return None if result.strained else True
