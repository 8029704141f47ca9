"""Short ways to follow one connection in a test world."""

from __future__ import annotations

from fargate_net.model.verdict import Disposition
from fargate_net.reach.addresses import parse
from fargate_net.reach.intervals import ALL_PORTS, Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.trace import flow
from fargate_net.reach.walk import FlowResult, Point
from tests.reach.world import World

REACHABLE, PARTIAL = Disposition.REACHABLE, Disposition.PARTIAL
BLOCKED, UNKNOWN = Disposition.BLOCKED, Disposition.UNKNOWN


def point(network: Network, text: str, family: int = 4) -> Point:
    """``eni-1`` by its own address, ``eni-1!`` by its public one, else an address."""
    public = text.endswith("!")
    nic = network.nics.get(text.rstrip("!"))
    if nic is None:
        version, value = parse(text)
        return Point(version, value)
    address = next(iter(nic.public.values())) if public else nic.address(family)
    assert address is not None
    return Point(family, address, nic)


def go(
    world: World, source: str, target: str, port: int | None = 80, protocol: str = "tcp", family: int = 4
) -> FlowResult:
    """Follow one connection; without a port the whole open set."""
    network = world.network()
    one, two = point(network, source, family), point(network, target, family)
    asked = ALL_PORTS if port is None else Intervals([(port, port)])
    return flow(network, one, two, protocol, asked=asked, whole=port is None)


def codes(result: FlowResult) -> list[str]:
    """The blockers' codes in path order; those of the reply carry a ``<``."""
    return [("<" if b.direction == "return" else "") + b.code for b in result.blockers]
