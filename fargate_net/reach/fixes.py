"""What would open a packet filter: the narrowest rule or entry, as a sentence that carries its edit.

A fix is a plain sentence when no change of this network would do, or none that can be told exactly. Never here:
deciding whether something is closed, ways (ways.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, islice

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.security_group import Rule
from fargate_net.model.verdict import Cure
from fargate_net.reach.addresses import cidr, is_cidr
from fargate_net.reach.edits import Change, sentence_of
from fargate_net.reach.edits.filters import AddAclEntry, AddRule
from fargate_net.reach.filters import ECHO, number
from fargate_net.reach.intervals import ALL_PORTS, Intervals, texts
from fargate_net.reach.network import Network

LAST_NUMBER = 32766
"""The highest number an entry of a network ACL may have (VPC User Guide, Network ACL rules)."""


def cure(*changes: Change) -> Cure:
    """The changes as one fix."""
    return Cure(sentence_of(changes), changes)


def sockets(protocol: str, ports: Intervals) -> str:
    """``tcp 80``, ``tcp 80,443``, ``icmp echo``, ``all tcp ports``."""
    if protocol == "icmp":
        return "icmp echo"
    if ports == ALL_PORTS:
        return f"all {protocol} ports"
    return f"{protocol} {','.join(texts(ports))}"


def security_group(
    network: Network,
    groups: Iterable[str],
    direction: str,
    protocol: str,
    family: int,
    ports: Intervals,
    peers: Collection[str] | None,
    wished: str,
) -> str:
    """A rule is missing in the groups of an interface.

    Of several groups the one that the fewest interfaces carry gets the rule, and of several ``peers`` (groups that can
    be seen on this way) the same one is named; without peers it is the range ``wished``.
    """
    group, what = rarest(network, groups), sockets(protocol, ports)
    peer = rarest(network, peers) if peers else wished
    if not peers and not is_cidr(peer) and peer not in network.ranges_of_lists and not peer.startswith("pl-"):
        word = "from" if direction == "ingress" else "to"
        return f"Add to {group} an {direction} rule that allows {what} {word} {peer}."
    if protocol == "icmp":
        echo = ECHO[number(protocol, family), False]
        rules = [Rule(direction, "icmpv6" if family == 6 else "icmp", echo, -1, peer)]
    else:
        rules = [Rule(direction, protocol, low, high, peer) for low, high in ports]
    return cure(AddRule(group, tuple(rules), what))


def rarest(network: Network, groups: Iterable[str]) -> str:
    """The security group that the fewest interfaces carry: a rule about it means the fewest."""
    return min(groups, key=lambda group: (len(network.members.get(group, ())), group))


def acl(
    network: Network,
    id: str,
    egress: bool,
    protocol: str,
    family: int,
    ports: Intervals,
    wished: str,
    rule: str,
    *,
    reply: bool,
) -> str:
    """A network ACL refuses a request or a reply; ``rule`` is the entry that does, its number first."""
    refusing = rule.partition(" ")[0]
    below = int(refusing) if refusing.isdigit() else 0
    what = sockets(protocol, ports)
    held = network.snapshot.get(NetworkAcl, id)
    ranges = _ranges(network, family, wished)
    if protocol == "icmp":
        spans = [(ECHO[number(protocol, family), reply], -1)]
    else:
        spans = list(ports)
    wanted = [(where, low, high) for where in ranges for low, high in spans]
    free = _free(held.props, egress, below, len(wanted)) if held is not None else []
    if not wanted or len(free) < len(wanted):
        before = f", with a number below {below}" if below else ""
        word = "an outbound rule that allows" if egress else "an inbound rule that allows"
        return f"Add to {id} {word} {what} {'to' if egress else 'from'} {wished}{before}."
    entries = tuple(
        AclEntry(egress, at, True, number(protocol, family), where, low, high)
        for at, (where, low, high) in zip(free, wanted, strict=False)
    )
    return cure(AddAclEntry(id, entries, what, str(below) if below else ""))


def _ranges(network: Network, family: int, wished: str) -> list[str]:
    """An entry names one range; a prefix list is spelled out."""
    if is_cidr(wished):
        return [wished] if cidr(wished).family == family else []
    return [held.text for held in network.ranges_of_lists.get(wished) or () if held.family == family]


def _free(props: NetworkAcl, egress: bool, below: int, wanted: int) -> list[int]:
    """Numbers nobody has: the highest before the refusing entry, or those after all entries."""
    taken = {entry.number for entry in props.entries if entry.egress == egress}
    if below:
        order: Iterable[int] = range(below - 1, 0, -1)
    else:
        last = max((held for held in taken if held <= LAST_NUMBER), default=0)
        order = chain(range(last + 1, LAST_NUMBER + 1), range(last - 1, 0, -1))
    return list(islice((at for at in order if at not in taken), wanted))
