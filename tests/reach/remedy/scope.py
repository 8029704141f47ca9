"""What opened between two snapshots, and what edits may open: told from the edits' data, not from their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, Disposition, Edit, Question
from fargate_net.reach.addresses import INTERNET, cidr, is_cidr
from fargate_net.reach.ask import ask
from fargate_net.reach.edits.balancers import AddListener, EnableZone, RegisterTarget, SetAttribute
from fargate_net.reach.edits.filters import AddAclEntry, AddRule
from fargate_net.reach.edits.services import (
    AddInterfaceEndpoint,
    AllowInPolicy,
    AssociateGatewayEndpoint,
    EnableDnsAttributes,
    EnablePrivateDns,
)
from fargate_net.reach.edits.tasks import AttachPublicAddress, StartWithPublicAddress
from fargate_net.reach.edits.ways import AcceptPeering, AddRoute, AttachGateway, ExcludeFromBlock, ReplaceRoute
from fargate_net.reach.endpoints import resolve
from fargate_net.reach.interfaces import Nic
from fargate_net.reach.intervals import ALL_PORTS, EPHEMERAL, Intervals
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import apply, remedy

Row = tuple[str, str, str, Intervals]
"""Who, to whom, protocol, ports."""

BEYOND_ADDRESSES = (
    AddListener,
    EnableZone,
    RegisterTarget,
    SetAttribute,
    AllowInPolicy,
    EnablePrivateDns,
    EnableDnsAttributes,
    AddInterfaceEndpoint,
)
"""Edits that leave every direct way between interfaces that were there as it is."""


def opened(before: Network, after: Network) -> Iterator[Row]:
    """Every direct connection between interfaces, or with the internet, that only the second network allows."""
    ends = [*before.nics, "internet"]
    for source in ends:
        for target in ends:
            if source == target or (source in before.nics and source not in after.nics):
                continue
            was, now = (_ports(ask(n, Question(source, target, via="direct"))) for n in (before, after))
            for protocol, ports in now.items():
                if more := ports - was.get(protocol, Intervals()):
                    yield source, target, protocol, more


def _ports(answer: Answer) -> dict[str, Intervals]:
    """The open destination ports by protocol; icmp is port 0."""
    held: dict[str, Intervals] = {}
    for entry in answer.open:
        spans = [(int(text.partition("-")[0]), int(text.rpartition("-")[2])) for text in entry.ports] or [(0, 0)]
        held[entry.protocol] = held.get(entry.protocol, Intervals()) | Intervals(spans)
    return held


def allowed(row: Row, edits: Iterable[Edit], network: Network) -> bool:
    """Whether one of the edits speaks about this connection. A balancer's node is judged as its balancer."""
    return any(_allows(edit, row, network) for edit in edits)


def _allows(edit: Edit, row: Row, network: Network) -> bool:
    source, target, protocol, ports = row
    ends = [network.nics[one] for one in (source, target) if one in network.nics]
    if isinstance(edit, AddRule):
        inward = edit.rules[0].direction == "ingress"
        own, peer = (target, source) if inward else (source, target)
        if own not in network.nics or edit.group not in network.nics[own].groups:
            return False
        mine = [r for r in edit.rules if r.protocol.replace("icmpv6", "icmp") == protocol]
        held = Intervals([(0, 0)] if protocol == "icmp" else [(r.from_port, r.to_port) for r in mine])
        return bool(mine) and ports <= held and _meant(str(mine[0].peer), peer, network)
    if isinstance(edit, AddAclEntry):
        return any(_at(network, edit, one) and _meant(edit.entries[0].cidr, _other(row, one), network) for one in ends)
    if isinstance(edit, AddRoute | ReplaceRoute):
        return any(network.table(one.subnet, one.vpc) is network.table_by_id(edit.table) for one in ends)
    if isinstance(edit, AssociateGatewayEndpoint):
        return any(getattr(network.table(one.subnet, one.vpc), "id", "") in edit.tables for one in ends)
    if isinstance(edit, AttachPublicAddress):
        return edit.interface in (source, target)
    if isinstance(edit, StartWithPublicAddress):
        return bool({source, target} & set(edit.interfaces))
    if isinstance(edit, AttachGateway):
        return any(one.vpc == edit.vpc for one in ends)
    if isinstance(edit, ExcludeFromBlock):
        return any(edit.resource in (one.vpc, one.subnet) for one in ends)
    if isinstance(edit, AcceptPeering):
        return len({one.vpc for one in ends}) == 2
    assert isinstance(edit, BEYOND_ADDRESSES), edit
    node = network.snapshot.get(NetworkInterface, target)
    return node is not None and node.props.description.startswith("ELB ")


def _other(row: Row, one: Nic) -> str:
    return row[1] if row[0] == one.id else row[0]


def _at(network: Network, edit: AddAclEntry, nic: Nic) -> bool:
    return getattr(network.acl(nic.subnet, nic.vpc), "id", "") == edit.acl


def _meant(peer: str, end: str, network: Network) -> bool:
    """Whether the peer of a rule means an end: by a group it carries, or by any address it may be seen with."""
    if not is_cidr(peer):
        return end in network.nics and peer in network.nics[end].groups
    held = cidr(peer)
    if end not in network.nics:
        return bool(INTERNET[held.family] & Intervals([(held.low, held.high)]))
    nic = network.nics[end]
    known = (*nic.v4, *nic.public.values()) if held.family == 4 else nic.v6
    return any(held.low <= address <= held.high for address in known)


def least(edit: Edit, question: Question, network: Network) -> bool:
    """Whether an edit names nobody but the ends that were asked about, on no port but the asked one.

    Only for the internet may it name every address.
    """
    everybody = "internet" in (question.source, question.target)
    asked = Intervals([question.ports]) if question.ports else ALL_PORTS
    if isinstance(edit, AddRule):
        peer = str(edit.rules[0].peer)
        end = question.source if edit.rules[0].direction == "ingress" else question.target
        held = Intervals([(r.from_port, r.to_port) for r in edit.rules])
        inside = held <= asked or question.protocol == "icmp"
        if not is_cidr(peer):
            return inside and peer in _groups(network, end)
        return inside and (_single(peer) or everybody)
    if isinstance(edit, AddAclEntry):
        held = Intervals([(entry.from_port, entry.to_port) for entry in edit.entries])
        inside = held <= asked or held <= EPHEMERAL or question.protocol == "icmp"
        return inside and all(_single(entry.cidr) or everybody for entry in edit.entries)
    if isinstance(edit, AddRoute):
        return _single(str(edit.route.destination)) or everybody
    return True


def _groups(network: Network, end: str) -> set[str]:
    """The groups of an end; an AWS service that gets an endpoint gets a group of its name with it."""
    if end.startswith("aws:"):
        return {
            f"planned:security_group/com.amazonaws.{network.snapshot.region}.{end.removeprefix('aws:')}",
            *(group for nic in network.nics.values() if nic.type == "vpc_endpoint" for group in nic.groups),
        }
    found = resolve(network, end)
    return {group for nic in found.nics for group in network.nics[nic].groups} if found else set()


def _single(text: str) -> bool:
    return cidr(text).low == cidr(text).high


def holds(snapshot: Snapshot, question: Question) -> Answer:
    """Ask, apply the remedy, ask again: the verdict flips, and nothing opens beyond what the edits speak of.

    Every single edit is needed for that.

    Returns the first answer with its remedy. Raises AssertionError when the remedy does not hold.
    """
    before = Network(snapshot)
    first = ask(before, question)
    made = remedy(before, first)
    if made is None:
        return first
    assert made.sentence.endswith("."), made
    first = replace(first, remedy=made)
    if not made.edits:
        return first
    wanted = question.expect or Disposition.REACHABLE
    for edit in made.edits:
        assert least(edit, question, before), (made.sentence, edit)
    after = Network(apply(snapshot, made.edits))
    second = ask(after, question)
    assert second.verdict is wanted, (made.sentence, second.verdict, second.blockers, second.missing)
    for edit in made.edits:
        fewer = [other for other in made.edits if other is not edit]
        assert ask(Network(apply(snapshot, fewer)), question).verdict is not wanted, (made.sentence, edit)
    for row in opened(before, after):
        assert wanted is not Disposition.BLOCKED, (made.sentence, row)
        assert allowed(row, made.edits, before) or allowed(row, made.edits, after), (made.sentence, row)
    return first
