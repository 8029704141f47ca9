"""Rules of security groups and network ACLs as EC2 prints them. Never here: the groups and ACLs that hold them."""

from __future__ import annotations

from typing import Any

OWNER = "111122223333"
ANY4, ANY6 = "0.0.0.0/0", "::/0"

Raw = dict[str, Any]


def permission(protocol: str, ports: tuple[int | None, int | None], *peers: str | Raw) -> Raw:
    """One IpPermission. A peer is a CIDR, a prefix list id, a group id, ``account/sg-id``, or a raw UserIdGroupPair."""
    held: Raw = {"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
    for key, value in zip(("FromPort", "ToPort"), ports, strict=True):
        if value is not None:
            held[key] = value
    for peer in peers:
        if isinstance(peer, dict):
            held["UserIdGroupPairs"].append(peer)
        elif peer.startswith("pl-"):
            held["PrefixListIds"].append({"PrefixListId": peer})
        elif peer.startswith("sg-"):
            held["UserIdGroupPairs"].append({"GroupId": peer, "UserId": OWNER})
        elif ":" in peer:
            held["Ipv6Ranges"].append({"CidrIpv6": peer})
        elif "/sg-" in peer:
            owner, _, group = peer.partition("/")
            held["UserIdGroupPairs"].append({"GroupId": group, "UserId": owner})
        else:
            held["IpRanges"].append({"CidrIp": peer, "Description": ""})
    return held


def tcp(port: int | tuple[int, int], *peers: str | Raw) -> Raw:
    """A TCP permission for a port or an inclusive range."""
    return permission("tcp", port if isinstance(port, tuple) else (port, port), *peers)


def udp(port: int | tuple[int, int], *peers: str | Raw) -> Raw:
    """A UDP permission for a port or an inclusive range."""
    return permission("udp", port if isinstance(port, tuple) else (port, port), *peers)


def everything(*peers: str | Raw) -> Raw:
    """All protocols and ports."""
    return permission("-1", (None, None), *(peers or (ANY4,)))


def entry(
    number: int,
    action: str,
    protocol: str,
    cidr: str,
    ports: tuple[int, int] | None = None,
    *,
    egress: bool = False,
    icmp: tuple[int, int] | None = None,
) -> Raw:
    """One NACL entry; ``protocol`` is a number as text."""
    made: Raw = {
        "Egress": egress,
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
        "Protocol": protocol,
        "RuleAction": action,
        "RuleNumber": number,
    }
    if ports is not None:
        made["PortRange"] = {"From": ports[0], "To": ports[1]}
    if icmp is not None:
        made["IcmpTypeCode"] = {"Type": icmp[0], "Code": icmp[1]}
    return made


def out(number: int, action: str, protocol: str, cidr: str, ports: tuple[int, int] | None = None) -> Raw:
    """An outbound NACL entry."""
    return entry(number, action, protocol, cidr, ports, egress=True)


def final(*, egress: bool, cidr: str = ANY4) -> Raw:
    """The ``*`` entry at the end of every NACL."""
    return entry(32767 if cidr == ANY4 else 32768, "deny", "-1", cidr, egress=egress)


OPEN_ENTRIES = (
    out(100, "allow", "-1", ANY4),
    entry(100, "allow", "-1", ANY4),
    out(101, "allow", "-1", ANY6),
    entry(101, "allow", "-1", ANY6),
)
"""The entries of a default NACL before anybody changed it."""
