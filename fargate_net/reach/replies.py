"""The route of a reply: back to the thing the request came from, or elsewhere. Never here: filters, requests.

(VPC User Guide, Route tables; VPC Peering Guide, How VPC peering connections work.)
"""

from __future__ import annotations

from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import PeeringSide, VpcPeering
from fargate_net.reach import ways
from fargate_net.reach.addresses import span, v4
from fargate_net.reach.crossing import certain
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.intervals import EPHEMERAL, LINUX_EPHEMERAL, WINDOWS_EPHEMERAL, Intervals
from fargate_net.reach.routes import kind_of
from fargate_net.reach.walk import Walk

USUAL = {
    LINUX_EPHEMERAL: "instances that run Linux open connections from ports 32768-61000",
    WINDOWS_EPHEMERAL: "instances that run Windows open connections from ports 49152-65535",
}
"""What is taken for granted of an instance by its system, which may have been set up otherwise."""


def usual_ports(walk: Walk, chosen: Intervals) -> None:
    """Say what was taken for granted when replies get through to the ports an instance chooses, and not to all."""
    if chosen in USUAL and chosen <= walk.clients and not walk.clients >= EPHEMERAL:
        walk.assume(USUAL[chosen])


def reply_route(walk: Walk, subnet: str, vpc: str, address: int, expected: str) -> None:
    """The reply must leave the subnet toward the thing the request came from.

    ``expected`` is a route target (``local`` or an id).
    """
    table = walk.network.table(subnet, vpc)
    if isinstance(table, Lack):
        walk.lack(table.text)
        return
    walk.compare(address, table.cuts[walk.family])
    entry = table.lookup(walk.family, address)
    if not certain(walk, table, entry, address):
        return
    how = f"{table.id} ({walk.network.choice(subnet)} table of {subnet})"
    where, wished = walk.label(address), walk.range_of(address)
    if entry is None:
        detail = f"{how} has no route for the reply to {where}"
        walk.meet(table.id, "route_table", "", "blocks")
        walk.block("NO_ROUTE_TO_DESTINATION", table.id, "", detail, ways.back(table.id, wished, expected, entry))
    elif entry.state != "active":
        walk.meet(table.id, "route_table", entry.text, "blocks")
        detail = f"the reply to {where} takes the route {entry.text} of {how}, which is a blackhole"
        walk.block("BAD_STATE_ROUTE", table.id, entry.text, detail, ways.back(table.id, wished, expected, entry))
    elif entry.target == expected or _is_at(walk, entry.target, address):
        walk.meet(table.id, "route_table", entry.text, "routes")
    elif _loses(walk, entry.target, expected, vpc, address):
        walk.meet(table.id, "route_table", entry.text, "blocks")
        detail = f"the reply to {where} takes the route {entry.text} of {how}, not back to {expected}, and is lost"
        walk.block(
            "NO_ROUTE_TO_DESTINATION", table.id, entry.text, detail, ways.back(table.id, wished, expected, entry)
        )
    else:
        walk.meet(table.id, "route_table", entry.text, "leads elsewhere")
        walk.lack(f"the reply to {where} takes {entry.text} in {table.id} and not {expected}: that way is not modelled")


def _is_at(walk: Walk, target: str, address: int) -> bool:
    """Whether the reply is for the NAT gateway the route names: it ends there as it would by the local route."""
    found = walk.network.snapshot.get(NatGateway, target)
    return found is not None and walk.family == 4 and address in map(v4, found.props.private_ips)


def _loses(walk: Walk, target: str, expected: str, vpc: str, address: int) -> bool:
    """Whether a reply sent there certainly never arrives: a translator that did not open the connection drops it.

    An internet gateway translates IPv4 only; over IPv6 the reply may find its way back through the internet.
    """
    kind, wanted = kind_of(target), kind_of(expected)
    if kind in ("nat_gateway", "egress_only_gateway") or (kind == "internet_gateway" and walk.family == 4):
        return True
    if kind == "vpc_peering":
        return _not_beyond(walk, target, wanted, vpc, address)
    return kind == "local" and wanted == "internet_gateway"


def _not_beyond(walk: Walk, peering: str, wanted: str, vpc: str, address: int) -> bool:
    """Whether the client is certainly not behind a peering: it carries addresses of its two VPCs and nothing else.

    Who came in through the internet gateway did so, over IPv4, under a public address, which no peer VPC answers to;
    and two VPCs have one peering with each other, so behind another peering is another VPC.
    """
    if wanted == "vpc_peering" or (wanted == "internet_gateway" and walk.family == 4):
        return True
    found = walk.network.snapshot.get(VpcPeering, peering)
    if found is None:
        return False
    there = next((side for side in (found.props.requester, found.props.accepter) if side.vpc != vpc), None)
    cidrs = ranges(walk, there) if there is not None else None
    if cidrs is None:
        return False
    held = span(*cidrs)
    walk.compare(address, held.spans)
    return address not in held


def ranges(walk: Walk, side: PeeringSide) -> tuple[str, ...] | None:
    """The ranges of one side of a peering in the family of the walk; None when nobody tells them."""
    cidrs = side.cidrs if walk.family == 4 else side.ipv6_cidrs
    vpc = walk.network.snapshot.get(Vpc, side.vpc)
    if cidrs or vpc is None:
        return cidrs or None
    return vpc.props.cidrs if walk.family == 4 else vpc.props.ipv6_cidrs
