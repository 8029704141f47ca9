"""Packet filters, and the stateful ones: security groups, united. Never here: network ACLs (acls.py), routes.

A filter answers with the set of ports it lets through toward or from one address. What it lets through depends only on
the groups (or the ACL), the protocol and that address, so interfaces of one class share the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.reach.addresses import PRIVATE_4, Cidr, cidr, is_cidr
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, Intervals

Cuts = tuple[tuple[int, int], ...]

NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}
NAMES = {number: name for name, number in NUMBERS.items()}
ENDED = frozenset({"deleted", "expired", "failed", "rejected"})
"""States of a peering that make the rules across it stale (VPC Peering Guide, Work with stale security group rules)."""
ECHO = {("1", False): 8, ("1", True): 0, ("58", False): 128, ("58", True): 129}
"""ICMP types of an echo request and (True) of its reply, by protocol number."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The ports a filter lets through: ``sure`` ones, and ``maybe`` ones (a superset) when facts (``lacks``) miss.

    For icmp the whole range stands for an echo request, the empty set for none. ``rules`` pairs rule texts with their
    ports, in the order they are tried; ``denied`` likewise for rules that refuse.
    """

    sure: Intervals
    maybe: Intervals
    rules: tuple[tuple[Intervals, str, str], ...] = ()
    denied: tuple[tuple[Intervals, str], ...] = ()
    lacks: tuple[str, ...] = ()

    def deciding(self, asked: Intervals) -> tuple[str, str]:
        """(component, rule) of the first rule that lets through some of the asked ports."""
        for ports, component, text in self.rules:
            if ports & asked:
                return component, text
        return "", ""

    def refusing(self, asked: Intervals) -> str:
        """The first rule that refuses some of the asked ports."""
        return next((text for ports, text in self.denied if ports & asked), "")


def number(protocol: str, family: int) -> str:
    """The protocol number as text; ``icmp`` is ICMPv6 over IPv6."""
    return "58" if protocol == "icmp" and family == 6 else NUMBERS.get(protocol, protocol)


def ports_of(protocol: str, low: int, high: int) -> Intervals:
    """The ports a rule covers: with -1 or no bounds all of them (EC2 API, IpPermission)."""
    if protocol in ("6", "17"):
        return Intervals([(max(low, 0), 65535 if high == -1 else high)])
    return ALL_PORTS


def covers(rule_protocol: str, asked: str) -> bool:
    """Whether a rule of that protocol number speaks about the asked one."""
    return rule_protocol in ("-1", asked)


class GroupFilter:
    """The union of several security groups in one direction, ready to match.

    Replies to what a group lets through pass whatever the rules of the other direction say, so nobody asks it about
    replies (VPC User Guide, Security groups).
    """

    def __init__(
        self,
        groups: Mapping[str, SecurityGroup],
        ids: frozenset[str],
        direction: str,
        lists: Mapping[str, tuple[Cidr, ...] | None],
        lacks: tuple[str, ...],
        known: Collection[str] = (),
        public: Collection[str] = (),
        peerings: Collection[str] = (),
    ) -> None:
        """``groups`` are those known of ``ids``, ``lacks`` says why others are not; ``known`` are all known groups.

        ``public`` are lists that AWS keeps of its services: they hold no private address. ``peerings`` are those known
        to be active: a rule across one that ended is stale and matches nothing.
        """
        self._peerings = peerings
        self._public = public
        self._known = known
        self.ids = ids
        self.component = ",".join(sorted(ids))
        self.direction = direction
        self.lacks = lacks
        self.rules: list[tuple[str, Rule]] = sorted(
            ((key, rule) for key, group in groups.items() for rule in group.rules if rule.direction == direction),
            key=lambda pair: (pair[0], str(pair[1])),
        )
        self._lists = lists
        self._matchers: dict[tuple[str, int], list[tuple[str, Rule, Intervals]]] = {}
        ranges = [self._ranges(rule) or () for _, rule in self.rules]
        self.cuts: dict[int, Cuts] = {
            family: tuple({(r.low, r.high) for held in ranges for r in held if r.family == family}) for family in (4, 6)
        }
        self.refers = frozenset(str(rule.peer) for _, rule in self.rules if self._refers(rule))
        self.doubts = any(self._ranges(rule) is None and not self._refers(rule) for _, rule in self.rules)
        """Whether a rule names a prefix list whose ranges are not known."""

    def _refers(self, rule: Rule) -> bool:
        peer = str(rule.peer)
        return not is_cidr(peer) and peer not in self._lists and not peer.startswith("pl-")

    def _ranges(self, rule: Rule) -> tuple[Cidr, ...] | None:
        peer = str(rule.peer)
        if is_cidr(peer):
            return (cidr(peer),)
        return self._lists.get(peer)

    def _speaking(self, protocol: str, family: int) -> list[tuple[str, Rule, Intervals]]:
        """The rules about this protocol, with their ports."""
        made = self._matchers.get((protocol, family))
        if made is None:
            asked = number(protocol, family)
            made = []
            for group, rule in self.rules:
                if rule.peering_status in ENDED and rule.peering not in self._peerings:
                    continue
                mine = NUMBERS.get(rule.protocol, rule.protocol)
                if not covers(mine, asked):
                    continue
                if mine in ("1", "58") and not echo(rule.from_port, rule.to_port, mine, reply=False):
                    continue
                made.append((group, rule, ports_of(mine, rule.from_port, rule.to_port)))
            self._matchers[protocol, family] = made
        return made

    def permit(
        self,
        protocol: str,
        family: int,
        address: int,
        *,
        peers: Collection[str] | None = frozenset(),
        lists: Collection[str] = (),
        doubted: Collection[str] = (),
        doubt: str = "",
    ) -> Permit:
        """What may open connections from (ingress) or to (egress) an address.

        ``peers`` are the groups of the interface behind the address, as far as the path lets them be seen; None when it
        is not known who is behind it. ``lists`` are prefix lists known to hold the address. ``doubted`` are groups of
        that interface of which it is not known whether a reference sees them on this path; ``doubt`` is the fact that
        would tell, empty where AWS does not say.
        """
        sure = maybe = EMPTY
        rules: list[tuple[Intervals, str, str]] = []
        lacks: list[str] = list(self.lacks)
        for group, rule, ports in self._speaking(protocol, family):
            peer = str(rule.peer)
            if is_cidr(peer):
                held = cidr(peer)
                matches: bool | None = held.family == family and held.low <= address <= held.high
            elif peer in lists:
                matches = True
            elif peer in self._lists or peer.startswith("pl-"):
                members = self._lists.get(peer)
                matches = any(m.family == family and m.low <= address <= m.high for m in members or ())
                if members is None and not (peer in self._public and family == 4 and address in PRIVATE_4):
                    lacks.append(f"ec2:GetManagedPrefixListEntries: the ranges of prefix list {peer} are not known")
                    matches = None
            else:
                matches = peer in peers if peers is not None else False if peer in self._known else None
                if matches is None:
                    lacks.append(f"who carries security group {peer} beyond this network is not known")
                elif not matches and peer in doubted:
                    matches = None
                    why = f": {doubt}" if doubt else " for what is forwarded on the way"
                    lacks.append(f"whether the {self.direction} reference to {peer} counts{why}")
            if matches:
                sure = sure | ports
                rules.append((ports, group, str(rule)))
            elif matches is None:
                maybe = maybe | ports
        return Permit(sure, ALL_PORTS if self.lacks else sure | maybe, tuple(rules), (), tuple(dict.fromkeys(lacks)))

    def referring(self, protocol: str, family: int, ports: Intervals) -> frozenset[str]:
        """The groups that rules about some of these ports refer to."""
        speaking = self._speaking(protocol, family)
        return frozenset(str(rule.peer) for _, rule, held in speaking if self._refers(rule) and held & ports)

    def for_anybody(self, protocol: str, family: int, peers: Collection[str]) -> Permit:
        """What may open connections from (ingress) some address, or from members of ``peers``, whoever it is."""
        open_to = EMPTY
        for _, rule, ports in self._speaking(protocol, family):
            held = self._ranges(rule)
            if str(rule.peer) in peers if self._refers(rule) else held is None or any(r.family == family for r in held):
                open_to = open_to | ports
        return Permit(open_to, ALL_PORTS if self.lacks else open_to, (), (), self.lacks)


def echo(type: int, code: int, protocol: str, *, reply: bool) -> bool:
    """Whether an icmp rule covers an echo (request or reply); -1 is any type or code, 0-65535 states none."""
    wanted = ECHO[protocol, reply]
    return (type in (-1, wanted) and code in (-1, 0, 65535)) or (type, code) == (0, 65535)
