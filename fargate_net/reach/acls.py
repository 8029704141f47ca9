"""Network ACLs: stateless, the first entry that matches decides. Never here: which subnet has which, routes.

(VPC User Guide, Network ACLs; Network ACL rules.)
"""

from __future__ import annotations

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.reach.addresses import Cidr, cidr
from fargate_net.reach.filters import NAMES, NUMBERS, Cuts, Permit, covers, echo, number, ports_of
from fargate_net.reach.intervals import ALL_PORTS, EMPTY, Intervals


class AclFilter:
    """One network ACL, its entries in the order AWS tries them (VPC User Guide, Network ACLs)."""

    def __init__(self, id: str, props: NetworkAcl) -> None:
        self.id = id
        self.default = props.default
        ordered = sorted(props.entries, key=lambda entry: entry.number)
        self._entries = {egress: [e for e in ordered if e.egress == egress] for egress in (False, True)}
        self._made: dict[tuple[bool, str, int, bool], list[tuple[AclEntry, Cidr, Intervals, str]]] = {}
        ranges = {cidr(entry.cidr) for entry in ordered if entry.cidr}
        self.cuts: dict[int, Cuts] = {
            family: tuple({(r.low, r.high) for r in ranges if r.family == family}) for family in (4, 6)
        }

    def _speaking(
        self, egress: bool, protocol: str, family: int, reply: bool
    ) -> list[tuple[AclEntry, Cidr, Intervals, str]]:
        key = (egress, protocol, family, reply)
        made = self._made.get(key)
        if made is None:
            asked = number(protocol, family)
            made = []
            for entry in self._entries[egress]:
                where = cidr(entry.cidr)
                mine = NUMBERS.get(entry.protocol, entry.protocol)
                if where.family != family or not covers(mine, asked):
                    continue
                if mine in ("1", "58") and not echo(entry.from_port, entry.to_port, mine, reply=reply):
                    continue
                made.append((entry, where, ports_of(mine, entry.from_port, entry.to_port), entry_text(entry)))
            self._made[key] = made
        return made

    def permit(self, protocol: str, family: int, address: int, *, egress: bool, reply: bool = False) -> Permit:
        """The destination ports that may pass to (egress) or from (ingress) an address.

        For a reply the destination port is the client's port.
        """
        left, sure = ALL_PORTS, EMPTY
        rules: list[tuple[Intervals, str, str]] = []
        denied: list[tuple[Intervals, str]] = []
        for entry, where, ports, text in self._speaking(egress, protocol, family, reply):
            if not where.low <= address <= where.high:
                continue
            hit = left & ports
            if not hit:
                continue
            if entry.allow:
                sure = sure | hit
                rules.append((hit, self.id, text))
            else:
                denied.append((hit, text))
            left = left - hit
            if not left:
                break
        if left:
            denied.append((left, "* deny all traffic"))
        return Permit(sure, sure, tuple(rules), tuple(denied))


def _kind(protocol: str, type: int, code: int) -> str:
    if type == -1 or (type, code) == (0, 65535):
        return protocol
    return f"{protocol} type {type}" + ("" if code == -1 else f" code {code}")


def entry_text(entry: AclEntry) -> str:
    """As people read it: ``100 allow tcp 443 from 0.0.0.0/0``."""
    protocol = NAMES.get(entry.protocol, entry.protocol)
    what = f"{'allow' if entry.allow else 'deny'} "
    if protocol == "-1":
        what += "all traffic"
    elif protocol in ("icmp", "icmpv6"):
        what += _kind(protocol, entry.from_port, entry.to_port)
    elif entry.from_port == entry.to_port:
        what += f"{protocol} {entry.from_port}"
    else:
        what += f"{protocol} {entry.from_port}-{entry.to_port}"
    return f"{entry.number} {what} {'to' if entry.egress else 'from'} {entry.cidr}"
