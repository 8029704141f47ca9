"""Borders a packet crosses: the security groups of an interface, the network ACL of a subnet, the route of a reply.

Never here: which way the packet takes, gateways.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.model.verdict import Blocker
from fargate_net.reach import fixes, ways
from fargate_net.reach.addresses import v4
from fargate_net.reach.interfaces import UNFILTERED, Lack, Nic
from fargate_net.reach.intervals import Intervals
from fargate_net.reach.routes import Entry, Table, kind_of
from fargate_net.reach.walk import Gate, Packet, Walk

CLOSED = frozenset({"nat_gateway", "transit_gateway"})
"""Interface types that carry traffic and accept none for themselves (VPC User Guide, NAT gateway basics)."""


def leave_interface(walk: Walk, nic: Nic, packet: Packet, visible: frozenset[str] | None) -> None:
    """Egress rules of the sender. ``visible`` are the groups of the target as far as a reference may match them."""
    _groups(walk, nic, "egress", packet.to, visible, packet.target.lists, frozenset())


def enter_interface(walk: Walk, nic: Nic, packet: Packet) -> None:
    """Ingress rules of the receiver."""
    walk.seen_as = packet.source
    if nic.type in CLOSED:
        walk.block(
            "NO_POSSIBLE_DESTINATION",
            nic.id,
            "",
            f"{nic.id} is the interface of a {nic.type.replace('_', ' ')}, which accepts no connections",
            "Ask for an interface that accepts connections.",
        )
    _groups(walk, nic, "ingress", packet.source, packet.seen, (), packet.lost)
    walk.meet(nic.id, "network_interface", "", "receives")


def _groups(
    walk: Walk,
    nic: Nic,
    direction: str,
    address: int,
    peers: frozenset[str] | None,
    lists: Collection[str],
    lost: frozenset[str],
) -> None:
    if walk.gates is not None:
        walk.gates[direction] = Gate(address, peers, tuple(lists))
        return
    if not nic.groups:
        if nic.type not in UNFILTERED:
            walk.lack(f"the security groups of {nic.id} are not in the snapshot")
        return
    held = walk.network.groups(nic.groups, direction)
    walk.compare(address, held.cuts[walk.family])
    permit = held.permit(walk.protocol, walk.family, address, peers=peers, lists=lists)

    def explain(refused: Intervals, rule: str) -> Blocker:
        what = fixes.sockets(walk.protocol, refused)
        peer = walk.label(address)
        word = "from" if direction == "ingress" else "to"
        code, detail = "ENI_SG_RULES_MISMATCH", f"no {direction} rule of {held.component} allows {what} {word} {peer}"
        if not held.rules:
            code, detail = "SG_HAS_NO_RULES", f"{held.component} has no {direction} rules, so nothing passes"
        elif kept := held.refers & lost:
            code = "SG_REFERENCING_SUPPORT" if walk.muted else "SG_REFERENCES_NOT_PRESERVED"
            why = f"support for references is off at {', '.join(walk.muted)}" if walk.muted else ""
            why = why or "it matches only what its members send directly"
            detail += f": the reference to {', '.join(sorted(kept))} does not count, {why}"
        return Blocker(
            code,
            walk.direction,
            held.component,
            rule,
            f"{detail} ({nic.id})",
            fixes.security_group(
                walk.network,
                nic.groups,
                direction,
                walk.protocol,
                walk.family,
                refused,
                peers,
                walk.range_of(address),
            ),
        )

    walk.admit(permit, "security_group", held.component, explain)


def leave_subnet(walk: Walk, subnet: str, vpc: str, packet: Packet, *, far: int | None = None) -> None:
    """The network ACL on the way out of a subnet, and on the reply's way in.

    ``far`` is the address the ACL sees on the far side, when it differs from where the packet goes now.
    """
    to = packet.to if far is None else far
    _acl(walk, subnet, vpc, to, egress=True)
    walk.replies.append(partial(_acl_reply, walk, subnet, vpc, to, False, packet.remapped))


def enter_subnet(walk: Walk, subnet: str, vpc: str, packet: Packet) -> None:
    """The network ACL on the way into a subnet, and on the reply's way out."""
    _acl(walk, subnet, vpc, packet.source, egress=False)
    walk.replies.append(partial(_acl_reply, walk, subnet, vpc, packet.source, True, packet.remapped))


def _acl(walk: Walk, subnet: str, vpc: str, address: int, *, egress: bool) -> None:
    held = walk.network.acl(subnet, vpc)
    if isinstance(held, Lack):
        walk.lack(held.text)
        return
    walk.compare(address, held.cuts[walk.family])
    permit = held.permit(walk.protocol, walk.family, address, egress=egress)

    def explain(refused: Intervals, rule: str) -> Blocker:
        return _refusal(walk, held.id, subnet, address, egress, refused, rule, reply=False)

    walk.admit(permit, "network_acl", held.id, explain)


def _acl_reply(walk: Walk, subnet: str, vpc: str, address: int, egress: bool, remapped: bool) -> None:
    held = walk.network.acl(subnet, vpc)
    if isinstance(held, Lack):
        walk.lack(held.text)
        return
    walk.compare(address, held.cuts[walk.family])
    permit = held.permit(walk.protocol, walk.family, address, egress=egress, reply=True)

    def explain(refused: Intervals, rule: str) -> Blocker:
        return _refusal(walk, held.id, subnet, address, egress, refused, rule, reply=True)

    walk.admit_reply(permit, "network_acl", held.id, explain, remapped=remapped)


def _refusal(
    walk: Walk, id: str, subnet: str, address: int, egress: bool, refused: Intervals, rule: str, *, reply: bool
) -> Blocker:
    what = fixes.sockets(walk.protocol, refused)
    peer = walk.label(address)
    way = f"out of {subnet} to {peer}" if egress else f"into {subnet} from {peer}"
    if reply and walk.protocol != "icmp":
        what = f"{walk.protocol} {','.join(f'{a}-{b}' if a != b else str(a) for a, b in refused)}"
        detail = f"{id} refuses replies {way} for client ports {what.partition(' ')[2]}"
    else:
        detail = f"{id} refuses {what} {way}" + (" (the reply)" if reply else "")
    return Blocker(
        "NACL_REPLY_RESTRICTION" if reply else "SUBNET_ACL_RESTRICTION",
        walk.direction,
        id,
        rule,
        detail,
        fixes.acl(
            walk.network,
            id,
            egress,
            walk.protocol,
            walk.family,
            refused,
            walk.range_of(address),
            rule,
            reply=reply,
        ),
    )


def certain(walk: Walk, table: Table, entry: Entry | None, address: int, lists: Collection[str] = ()) -> bool:
    """Whether routes of prefix lists with unknown ranges leave the choice certain; a lack is noted when not.

    Lists of AWS services (routes to a gateway endpoint) hold few addresses: others are assumed not to be among them.
    """
    if entry is not None and entry.target == "local":
        return True
    for held, listed in table.unknown_lists.items():
        if held in lists:
            continue
        if kind_of(listed.target) != "vpc_endpoint":
            walk.lack(f"whether prefix list {held} of {table.id} holds {walk.label(address)}")
            return False
        walk.assume(f"{walk.label(address)} is not in prefix list {held}, whose ranges are not known")
    return True


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
    elif _loses(walk.family, entry.target, expected):
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


def _loses(family: int, target: str, expected: str) -> bool:
    """Whether a reply sent there certainly never arrives: a translator that did not open the connection drops it.

    An internet gateway translates IPv4 only; over IPv6 the reply may find its way back through the internet.
    """
    kind = kind_of(target)
    if kind in ("nat_gateway", "egress_only_gateway") or (kind == "internet_gateway" and family == 4):
        return True
    return kind == "local" and kind_of(expected) == "internet_gateway"
