"""Borders a packet crosses: the security groups of an interface, the network ACL of a subnet.

Never here: which way the packet or its reply takes, gateways.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from fargate_net.model.verdict import Blocker
from fargate_net.reach import fixes
from fargate_net.reach.filters import Permit
from fargate_net.reach.interfaces import Lack, Nic
from fargate_net.reach.intervals import ALL_PORTS, Intervals
from fargate_net.reach.routes import Entry, Table, kind_of
from fargate_net.reach.walk import Gate, Packet, Walk

CLOSED = frozenset({"nat_gateway", "transit_gateway"})
"""Interface types that carry traffic and accept none for themselves (VPC User Guide, NAT gateway basics)."""


def leave_interface(
    walk: Walk,
    nic: Nic,
    packet: Packet,
    visible: frozenset[str] | None,
    doubted: frozenset[str] = frozenset(),
    doubt: str = "",
) -> None:
    """Egress rules of the sender. ``visible`` are the groups of the target as far as a reference matches them.

    ``doubted`` are those of which it is not known whether it does, for AWS does not say it or for want of ``doubt``.
    """
    _groups(walk, nic, "egress", packet.to, visible, packet.target.lists, frozenset(), doubted, doubt)


def enter_interface(walk: Walk, nic: Nic, packet: Packet) -> None:
    """Ingress rules of the receiver."""
    walk.seen_as = packet.source
    if nic.type in CLOSED:
        walk.block(
            "NO_POSSIBLE_DESTINATION",
            nic.id,
            "",
            f"{nic.id} is the interface of a {nic.type.replace('_', ' ')}, which accepts no connections",
            f"Ask for another interface than {nic.id}.",
        )
    _groups(walk, nic, "ingress", packet.source, packet.seen, (), packet.lost, packet.doubted, packet.doubt)
    walk.meet(nic.id, "network_interface", "", "receives")


def pass_interface(walk: Walk, nic: Nic, packet: Packet) -> None:
    """Ingress rules of a machine that forwards: they see the packet as it is."""
    if walk.gates is None:
        _groups(walk, nic, "ingress", packet.source, packet.seen, (), packet.lost, packet.doubted, packet.doubt)


def refuse_all(walk: Walk, nic: Nic, packet: Packet, senders: frozenset[str]) -> None:
    """What the receiver refuses whatever address the packet comes from, and whichever of the groups its sender has."""
    if walk.gates is None and nic.groups:
        permit = walk.network.groups(nic.groups, "ingress").for_anybody(walk.protocol, walk.family, senders)
        if not permit.maybe & ((walk.maybe_ports or ALL_PORTS) if walk.whole else walk.asked):
            _ask(walk, nic, "ingress", permit, packet.source, packet.seen, packet.lost)


def _groups(
    walk: Walk,
    nic: Nic,
    direction: str,
    address: int,
    peers: frozenset[str] | None,
    lists: Collection[str],
    lost: frozenset[str],
    doubted: frozenset[str] = frozenset(),
    doubt: str = "",
) -> None:
    if walk.gates is not None:
        walk.gates[direction] = Gate(address, peers, tuple(lists), doubted)
        return
    if not nic.groups:
        if nic.unlabelled:
            walk.lack(f"the security groups of {nic.id} are not in the snapshot")
        return
    held = walk.network.groups(nic.groups, direction)
    walk.compare(address, held.cuts[walk.family])
    permit = held.permit(walk.protocol, walk.family, address, peers=peers, lists=lists, doubted=doubted, doubt=doubt)
    _ask(walk, nic, direction, permit, address, peers, lost)


def _ask(
    walk: Walk,
    nic: Nic,
    direction: str,
    permit: Permit,
    address: int,
    peers: frozenset[str] | None,
    lost: frozenset[str],
) -> None:
    """Let the groups of an interface decide, and say why when they refuse."""
    held = walk.network.groups(nic.groups, direction)

    def explain(refused: Intervals, rule: str) -> Blocker:
        what = fixes.sockets(walk.protocol, refused)
        peer = walk.label(address)
        word = "from" if direction == "ingress" else "to"
        code, detail = "ENI_SG_RULES_MISMATCH", f"no {direction} rule of {held.component} allows {what} {word} {peer}"
        if not held.rules:
            code, detail = "SG_HAS_NO_RULES", f"{held.component} has no {direction} rules, so nothing passes"
        elif kept := held.referring(walk.protocol, walk.family, refused) & lost:
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
