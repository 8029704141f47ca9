"""Security groups, network ACLs, internet and NAT gateways as nftables rulesets. Never here: the engine's own filters.

Security groups use connection tracking in the host that is the interface. Network ACLs stand in the router, where a
packet crosses from one bridge to another link, and know nothing of connections. The internet gateway rewrites
addresses one to one over IPv4 and passes IPv6 on, also without memory; the egress-only one beside it remembers what it
let out. (VPC User Guide: Security groups, Network ACLs, Internet gateways, NAT gateways, Egress-only internet
gateways.)
"""

from __future__ import annotations

from collections.abc import Iterable

from fargate_net.kinds.network_acl import AclEntry, NetworkAcl
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.security_group import Rule, SecurityGroup
from tests.kernel.places import Places

PRIVATE = "{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 }"
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
NEIGHBOURS = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"
"""What stands for ARP over IPv6; no filter of AWS sees either."""


def _table(*chains: str) -> str:
    return "flush ruleset\ntable inet lab {\n" + "\n".join(chains) + "\n}\n"


def _chain(name: str, lines: Iterable[str]) -> str:
    return f"chain {name} {{\n" + "\n".join(lines) + "\n}"


def _set(addresses: Iterable[str]) -> str:
    return "{ " + ", ".join(sorted(addresses)) + " }"


def _ports(protocol: str, low: int, high: int) -> str:
    """The match on protocol and destination ports (for icmp: type and code); nothing for every protocol."""
    if protocol == "-1":
        return ""
    name = PROTOCOLS.get(protocol, protocol)
    if not name.startswith("icmp"):
        return f"{name} dport {max(low, 0)}-{65535 if high == -1 else high}"
    if low == -1:
        return f"meta l4proto {'icmp' if name == 'icmp' else 'ipv6-icmp'}"
    return f"{name} type {low}" + ("" if high == -1 else f" {name} code {high}")


def _of_family(protocol: str, six: bool) -> bool:
    """Whether packets of a family can be of that protocol."""
    return PROTOCOLS.get(protocol, protocol) != ("icmp" if six else "icmpv6")


def host(places: Places, nic: str, zone: int) -> str:
    """One interface. ``zone`` keeps connections of an earlier network in this host from being remembered."""
    fresh = [
        _chain(f"fresh_{hook}", [f"type filter hook {hook} priority raw; ct zone set {zone}"])
        for hook in ("prerouting", "output")
    ]
    if places.nat_of(nic) is not None:
        return _table(*fresh, *_nat(places, nic))
    chains = []
    for hook, direction in (("input", "ingress"), ("output", "egress")):
        lines = [f"type filter hook {hook} priority filter; policy drop", "ct state established accept"]
        lines += [f"{'iif' if hook == 'input' else 'oif'} lo accept", NEIGHBOURS]
        for group in sorted(map(str, places.nics[nic].security_groups)):
            held = places.snapshot.of(SecurityGroup)[group].props
            for rule in sorted((r for r in held.rules if r.direction == direction), key=str):
                lines += _permission(places, nic, rule)
        chains.append(_chain(hook, lines))
    return _table(*fresh, *chains)


def _permission(places: Places, nic: str, rule: Rule) -> list[str]:
    side = "saddr" if rule.direction == "ingress" else "daddr"
    peers = _peers(places, str(places.nics[nic].vpc), str(rule.peer))
    ports = _ports(rule.protocol, rule.from_port, rule.to_port)
    lines = []
    for word, six in (("ip", False), ("ip6", True)):
        held = [peer for peer in peers if (":" in peer) is six]
        if held and _of_family(rule.protocol, six):
            lines.append(f"{word} {side} {_set(held)} {ports} accept")
    return lines


def _peers(places: Places, vpc: str, peer: str) -> list[str]:
    """The addresses a rule speaks about: a group means the private addresses of whoever carries it."""
    lists = places.snapshot.of(PrefixList)
    if peer in lists:
        return list(lists[peer].props.cidrs or ())
    if "/" in peer:
        return [peer]
    seen = {vpc, places.peer(vpc)}
    carriers = [n for n in places.nics.values() if peer in n.security_groups and n.vpc in seen]
    return [address for nic in carriers for address in (*nic.private_ips, *nic.ipv6_ips)]


def _nat(places: Places, nic: str) -> list[str]:
    """A NAT gateway forwards what interfaces of its VPC open, under its own address, and takes nothing for itself."""
    props = places.nat_of(nic)
    assert props is not None
    inside = _set(places.cidrs(str(props.vpc)))
    forward = ["type filter hook forward priority filter; policy drop"]
    if props.state == "available":
        forward += ["ct state established accept", f"ct state new ip saddr {inside} accept"]
    own = props.private_ips[0]
    return [
        _chain("input", ["type filter hook input priority filter; policy drop", NEIGHBOURS]),
        _chain("forward", forward),
        _chain(
            "translate",
            [
                "type nat hook postrouting priority srcnat",
                f"meta l4proto {{ tcp, udp }} snat ip to {own}:1024-65535 fully-random",
                f"meta l4proto icmp snat ip to {own}",
            ],
        ),
    ]


def router(places: Places, number: int) -> str:
    """The network ACLs of a VPC, and what a peering carries."""
    vpc = places.vpc(number)
    if vpc is None:
        return "flush ruleset\n"
    chains, lines = [], ["type filter hook forward priority filter; policy accept"]
    peer = places.peer(vpc)
    if peer is None:
        lines += ['oifname "pcx" drop', 'iifname "pcx" drop']
    else:
        lines.append(f'oifname "pcx" ip daddr != {_set(places.cidrs(peer))} drop')
        lines.append(f'oifname "pcx" ip saddr != {_set(places.cidrs(vpc))} drop')
        for word, side in (("daddr", peer), ("saddr", vpc)):
            carried = places.cidrs(side, six=True)
            match = f"ip6 {word} != {_set(carried)}" if carried else "meta nfproto ipv6"
            lines.append(f'oifname "pcx" {match} drop')
    for b, subnet in enumerate(places.subnets[vpc]):
        for word, egress in (("out", True), ("into", False)):
            chains.append(_chain(f"{word}_{b}", [*_entries(places, vpc, subnet, egress=egress), "drop"]))
    for word, match in (("out", "iifname"), ("into", "oifname")):
        lines += [f'{match} "br{b}" jump {word}_{b}' for b in range(len(places.subnets[vpc]))]
    return _table(*chains, _chain("forward", lines))


def _entries(places: Places, vpc: str, subnet: str, *, egress: bool) -> list[str]:
    """The entries of a subnet's ACL in order; ``return`` lets the packet go on to the next border."""
    acls = places.snapshot.of(NetworkAcl).values()
    own = [f.props for f in acls if subnet in f.props.subnets]
    held = own[0] if own else next(f.props for f in acls if f.props.vpc == vpc and f.props.default)
    mine = [e for e in held.entries if e.egress == egress and _of_family(e.protocol, ":" in e.cidr)]
    return [_entry(entry) for entry in sorted(mine, key=lambda entry: entry.number)]


def _entry(entry: AclEntry) -> str:
    side, word = "daddr" if entry.egress else "saddr", "ip6" if ":" in entry.cidr else "ip"
    ports = _ports(entry.protocol, entry.from_port, entry.to_port)
    return f"{word} {side} {entry.cidr} {ports} {'return' if entry.allow else 'drop'}"


def gateway(places: Places, number: int, zone: int) -> str:
    """The gateways of a VPC to the internet.

    Over IPv4 one public address stands for one private one, and private ranges go nowhere.
    """
    vpc = places.vpc(number)
    pairs = places.translated(vpc) if vpc else {}
    lines = [
        "type filter hook prerouting priority raw; policy accept",
        f"ct zone set {zone}",
        "meta nfproto ipv6 accept",
    ]
    if pairs:
        out = ", ".join(f"{inside} : {outside}" for inside, outside in sorted(pairs.items()))
        back = ", ".join(f"{outside} : {inside}" for inside, outside in sorted(pairs.items()))
        lines += [
            f'iifname "in" ip daddr {PRIVATE} drop',
            f'iifname "in" ip saddr != {_set(pairs)} drop',
            f'iifname "in" ip saddr set ip saddr map {{ {out} }} accept',
            f'iifname "out" ip saddr {PRIVATE} drop',
            f'iifname "out" ip daddr != {_set(pairs.values())} drop',
            f'iifname "out" ip daddr set ip daddr map {{ {back} }} accept',
        ]
    else:
        lines.append("drop")
    return _table(_chain("translate", lines), _chain("pass", _passed_6(places, vpc)))


def _passed_6(places: Places, vpc: str | None) -> list[str]:
    """What the gateways let through of IPv6: the internet gateway both ways, the egress-only one what comes back."""
    lines = ["type filter hook forward priority filter; policy drop", "meta nfproto ipv4 accept"]
    held = _set(places.members_6(vpc)) if vpc and places.members_6(vpc) else ""
    if vpc and held and places.has_egress_only_gateway(vpc):
        lines.append(f'iifname "eigw" ip6 saddr {held} ct direction original accept')
        lines.append(f'iifname "out" ip6 daddr {held} ct direction reply accept')
    if vpc and held and places.has_gateway(vpc):
        lines += [f'iifname "in" ip6 saddr {held} accept', f'iifname "out" ip6 daddr {held} accept']
    return lines
