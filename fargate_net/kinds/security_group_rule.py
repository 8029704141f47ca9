"""One security group rule in normal form, and its three spellings in the EC2 API.

Never here: calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fargate_net.kinds.base import STACK_TAG
from fargate_net.kinds.fields import Item
from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class Rule:
    """One permission for one peer. ``direction`` is ``ingress`` or ``egress``.

    ``protocol`` is ``tcp``, ``udp``, ``icmp``, ``icmpv6``, a number as text, or ``-1`` for all. ``from_port`` and
    ``to_port`` are inclusive (0-65535 when AWS gives none; for icmp they are type and code, -1 any). ``peer`` is a CIDR
    (IPv4 or IPv6), a security group id or a prefix list id. For a group of another account or VPC, ``peer_owner``,
    ``peer_vpc`` and ``peering`` say whose and across what. ``ours`` is False for a rule in one of our groups that
    somebody else added.
    """

    direction: str
    protocol: str
    from_port: int
    to_port: int
    peer: Id
    description: str = ""
    peer_owner: str = observed(default="")
    peer_vpc: str = observed(default="")
    peering: str = observed(default="")
    peering_status: str = observed(default="")
    id: str = observed(default="")
    ours: bool = observed(default=True)

    @property
    def identity(self) -> tuple[str, str, int, int, Id]:
        """What makes two rules the same rule for AWS: all but the description."""
        return self.direction, self.protocol, self.from_port, self.to_port, self.peer

    def __str__(self) -> str:
        """As a person reads it: ``ingress tcp 80 from 0.0.0.0/0``."""
        word = "from" if self.direction == "ingress" else "to"
        if self.protocol == "-1":
            what = "all traffic"
        elif self.protocol in ("icmp", "icmpv6"):
            what = self.protocol if self.from_port == -1 else f"{self.protocol} type {self.from_port}"
        elif self.from_port == self.to_port:
            what = f"{self.protocol} {self.from_port}"
        else:
            what = f"{self.protocol} {self.from_port}-{self.to_port}"
        return f"{self.direction} {what} {word} {self.peer}"


PERMISSIONS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
"""Where a group lists its rules of each direction; AWS fills both keys, if only with nothing."""


def rules_of(group: Item) -> frozenset[Rule]:
    """The rules of an item of DescribeSecurityGroups: one for each peer of each permission."""
    return frozenset(
        rule
        for direction, key in PERMISSIONS.items()
        for permission in group.many(key)
        for rule in _of_permission(direction, permission, group.text("OwnerId", ""))
    )


def told(rules: Iterable[Rule], items: Iterable[Item], stack: str) -> frozenset[Rule]:
    """The same rules with what only DescribeSecurityGroupRules tells: their ids, and whether they are the stack's.

    Ours are those that carry the stack's tag, and AWS's own first rule, which we have to take out.
    """
    by_identity = {_identity(item): item for item in items}
    return frozenset(
        replace(
            rule,
            id=item.text("SecurityGroupRuleId", ""),
            ours=item.tags().get(STACK_TAG) == stack or _is_first(rule),
        )
        if (item := by_identity.get(rule.identity))
        else rule
        for rule in rules
    )


def permission_of(rule: Rule) -> dict[str, Any]:
    """The rule as an IpPermission of the authorise and revoke calls."""
    permission: dict[str, Any] = {"IpProtocol": rule.protocol}
    if rule.protocol in ("tcp", "udp", "icmp", "icmpv6"):
        permission |= {"FromPort": rule.from_port, "ToPort": rule.to_port}
    peer = str(rule.peer)
    if peer.startswith("sg-"):
        key, entry = "UserIdGroupPairs", {"GroupId": peer}
        if rule.peer_owner:
            entry["UserId"] = rule.peer_owner
    elif peer.startswith("pl-"):
        key, entry = "PrefixListIds", {"PrefixListId": peer}
    elif ":" in peer:
        key, entry = "Ipv6Ranges", {"CidrIpv6": peer}
    else:
        key, entry = "IpRanges", {"CidrIp": peer}
    if rule.description:
        entry["Description"] = rule.description
    return permission | {key: [entry]}


def _of_permission(direction: str, permission: Item, owner: str) -> Iterator[Rule]:
    protocol, from_port, to_port = _ports(permission)
    for key, name in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId")):
        for peer in permission.many(key):
            whom = peer.text(name) if name == "PrefixListId" else peer.cidr(name)
            yield Rule(direction, protocol, from_port, to_port, whom, peer.text("Description", ""))
    for peer in permission.many("UserIdGroupPairs"):
        whose = peer.text("UserId", "")
        yield Rule(
            direction,
            protocol,
            from_port,
            to_port,
            peer.text("GroupId"),
            peer.text("Description", ""),
            peer_owner=whose if whose != owner else "",
            peer_vpc=peer.text("VpcId", ""),
            peering=peer.text("VpcPeeringConnectionId", ""),
            peering_status=peer.text("PeeringStatus", ""),
        )


def _ports(item: Item) -> tuple[str, int, int]:
    """Protocol and ports. Only tcp, udp and icmp have ports; AWS gives none, or -1, for the others."""
    protocol = item.text("IpProtocol")
    protocol = _PROTOCOLS.get(protocol, protocol)
    if protocol in ("icmp", "icmpv6"):
        return protocol, item.whole("FromPort", -1), item.whole("ToPort", -1)
    if protocol not in ("tcp", "udp"):
        return protocol, 0, 65535
    from_port, to_port = item.whole("FromPort", 0), item.whole("ToPort", 65535)
    return protocol, max(from_port, 0), 65535 if to_port == -1 else to_port


def _identity(item: Item) -> tuple[str, str, int, int, Id]:
    peers = (item.text(key, "") for key in ("CidrIpv4", "CidrIpv6", "PrefixListId"))
    peer = next(filter(None, peers), "") or item.within("ReferencedGroupInfo").text("GroupId", "")
    return ("egress" if item.flag("IsEgress", False) else "ingress", *_ports(item), peer)


def _is_first(rule: Rule) -> bool:
    """Whether this is the rule AWS writes into every new group (VPC User Guide, Security group rules)."""
    everyone = rule.peer in ("0.0.0.0/0", "::/0")
    return everyone and rule.direction == "egress" and rule.protocol == "-1" and not rule.description


_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
