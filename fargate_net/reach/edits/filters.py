"""Edits of packet filters: rules of security groups, entries of network ACLs. Never here: which rule is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.model.snapshot import Snapshot
from fargate_net.reach.addresses import is_cidr
from fargate_net.reach.edits import Harmless, count


def members(snapshot: Snapshot, group: str) -> list[str]:
    """The interfaces that carry a security group."""
    nics = snapshot.of(NetworkInterface)
    return sorted(key for key, found in nics.items() if group in map(str, found.props.security_groups))


@dataclass(frozen=True)
class AddRule(Harmless):
    """Rules of one direction and one peer for a security group; ``what`` is their sockets in words."""

    group: str
    rules: tuple[Rule, ...]
    what: str

    @property
    def subject(self) -> str:
        """The group."""
        return self.group

    @property
    def sentence(self) -> str:
        """As in: Add to sg-b an ingress rule that allows tcp 80 from sg-a."""
        direction, peer = self.rules[0].direction, self.rules[0].peer
        word = "from" if direction == "ingress" else "to"
        return f"Add to {self.group} an {direction} rule that allows {self.what} {word} {peer}."

    def opens(self, snapshot: Snapshot) -> str:
        """Who else carries the group, and who else is meant by the peer."""
        own, peer = members(snapshot, self.group), str(self.rules[0].peer)
        others = 0 if is_cidr(peer) or peer.startswith("pl-") else len(members(snapshot, peer))
        if len(own) < 2 and others < 2 and not peer.endswith("/0"):
            return ""
        whom = f"{self.group} ({count(len(own), 'interface')})"
        who = f"{peer} ({count(others, 'interface')})" if others else peer
        one, two = (who, whom) if self.rules[0].direction == "ingress" else (whom, who)
        return f"{self.what} from {one} to {two}, as far as the rest of the way is open"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The group with these rules."""
        held = snapshot.get(SecurityGroup, self.group)
        if held is None:
            return snapshot
        props = replace(held.props, rules=held.props.rules | set(self.rules))
        return snapshot.with_([replace(held, props=props)])


@dataclass(frozen=True)
class NarrowRule:
    """A rule taken out of a security group, with what stays of it; ``what`` are the sockets that it loses."""

    group: str
    rule: Rule
    left: tuple[Rule, ...]
    what: str

    @property
    def subject(self) -> str:
        """The group."""
        return self.group

    @property
    def sentence(self) -> str:
        """As in: Remove from sg-b the rule ingress tcp 80 from 0.0.0.0/0."""
        if not self.left:
            return f"Remove from {self.group} the rule {self.rule}."
        kept = ", ".join(str(rule) for rule in self.left)
        return f"Narrow in {self.group} the rule {self.rule} so that it leaves out {self.what}: {kept}."

    def opens(self, snapshot: Snapshot) -> str:
        """Nothing."""
        return ""

    def closes(self, snapshot: Snapshot) -> str:
        """Everybody whom only this rule let in."""
        word = "from" if self.rule.direction == "ingress" else "to"
        beside = ", and every protocol beside tcp, udp and icmp" if self.rule.protocol == "-1" and self.left else ""
        own = members(snapshot, self.group)
        return f"{self.what}{beside} {word} {self.rule.peer} for {self.group} ({count(len(own), 'interface')})"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The group with what is left of the rule."""
        held = snapshot.get(SecurityGroup, self.group)
        if held is None:
            return snapshot
        rules = frozenset(one for one in held.props.rules if one.identity != self.rule.identity) | set(self.left)
        return snapshot.with_([replace(held, props=replace(held.props, rules=rules))])


@dataclass(frozen=True)
class AddAclEntry(Harmless):
    """Entries for a network ACL in one direction and about one range; ``below`` is the entry they must precede."""

    acl: str
    entries: tuple[AclEntry, ...]
    what: str
    below: str = ""

    @property
    def subject(self) -> str:
        """The ACL."""
        return self.acl

    @property
    def sentence(self) -> str:
        """As in: Add to acl-1 an inbound rule that allows tcp 80 from 10.0.1.7/32, with a number below 100."""
        first = self.entries[0]
        way, word = ("outbound", "to") if first.egress else ("inbound", "from")
        ranges = ", ".join(dict.fromkeys(entry.cidr for entry in self.entries))
        before = f", with a number below {self.below}" if self.below else ""
        return f"Add to {self.acl} an {way} rule that allows {self.what} {word} {ranges}{before}."

    def opens(self, snapshot: Snapshot) -> str:
        """Every interface of the subnets behind the ACL."""
        held = snapshot.get(NetworkAcl, self.acl)
        if held is None:
            return ""
        named = ", ".join(sorted(map(str, held.props.subnets)))
        of_default = f"the subnets of {held.props.vpc} without an ACL of their own"
        where = " and ".join(text for text in (named, of_default if held.props.default else "") if text)
        first = self.entries[0]
        word = "out to" if first.egress else "in from"
        return f"{self.what} {word} {first.cidr} for {where}, as far as the rest of the way is open"

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """The ACL with these entries."""
        held = snapshot.get(NetworkAcl, self.acl)
        if held is None:
            return snapshot
        props = replace(held.props, entries=(*held.props.entries, *self.entries))
        return snapshot.with_([replace(held, props=props)])
