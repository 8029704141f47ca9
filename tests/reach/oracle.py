"""A second opinion: one concrete packet at a time through a snapshot, and its reply.

Written from AWS documentation alone and sharing nothing with ``fargate_net.reach``: no sets of ports, no classes, no
explanations. The reply is a packet of its own that finds its own way; what a stateful thing lets pass without a rule is
what it has seen go by. Everything must be known: the oracle never says that it does not know.
(VPC User Guide: Security groups, Network ACLs, Route tables, Internet gateways, NAT gateways, Egress-only internet
gateways; VPC Peering Guide.)
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from fargate_net.model.snapshot import Snapshot

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
ECHO = {("icmp", False): 8, ("icmp", True): 0, ("icmpv6", False): 128, ("icmpv6", True): 129}
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


@cache
def network(text: str) -> Any:
    return ipaddress.ip_network(text)


@cache
def address(text: str) -> Any:
    return ipaddress.ip_address(text)


@cache
def within(ip: str, cidr: str) -> bool:
    one, other = address(ip), network(cidr)
    return one.version == other.version and one in other


@dataclass(frozen=True)
class Packet:
    """One packet. ``direct``: nothing on its way has put another address in the place of its sender's."""

    src: str
    dst: str
    protocol: str
    sport: int
    dport: int
    reply: bool = False
    direct: bool = True

    @property
    def flow(self) -> tuple[Any, ...]:
        return self.protocol, self.src, self.sport, self.dst, self.dport

    @property
    def reverse(self) -> tuple[Any, ...]:
        return self.protocol, self.dst, self.dport, self.src, self.sport


@dataclass
class State:
    """What stateful things have seen go by, and the client port a NAT gateway chose."""

    nat_port: int
    tracked: set[tuple[Any, ...]] = field(default_factory=set)
    translated: dict[tuple[Any, ...], Packet] = field(default_factory=dict)


class Oracle:
    """Answers whether one connection attempt succeeds in a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        def props(kind: str) -> dict[str, Any]:
            return {key: found.props for key, found in snapshot.kind(kind).items()}

        self.enis = props("network_interface")
        self.subnets, self.vpcs, self.groups = props("subnet"), props("vpc"), props("security_group")
        self.acls, self.tables, self.lists = props("network_acl"), props("route_table"), props("prefix_list")
        self.nats, self.peerings = props("nat_gateway"), props("vpc_peering")
        self.igws, self.eigws = props("internet_gateway"), props("egress_only_gateway")
        self.nat_ports = sorted(
            {1024, 65535}
            | {
                port
                for acl in self.acls.values()
                for entry in acl.entries
                for port in (entry.from_port, entry.to_port + 1)
                if 1024 <= port <= 65535
            }
        )

    def connects(self, source: str, to: str, protocol: str, sport: int, dport: int) -> bool:
        """``source`` is an interface or an address outside, ``to`` an address; True when the reply comes back."""
        family = address(to).version
        protocol = "icmpv6" if protocol == "icmp" and family == 6 else protocol
        src = source
        if source in self.enis:
            held = self._own(source, family)
            if not held:
                return False
            src = held[0]
        packet = Packet(src, to, protocol, sport, dport)
        ports = self.nat_ports if self.nats else self.nat_ports[:1]
        return any(self._round_trip(source, packet, State(port)) for port in ports)

    def _round_trip(self, source: str, packet: Packet, state: State) -> bool:
        there = self._send(source, packet, state)
        if there is None:
            return False
        who, seen = there
        answer = Packet(seen.dst, seen.src, seen.protocol, seen.dport, seen.sport, reply=True)
        back = self._send(who, answer, state)
        return back is not None and back[0] == source and back[1].flow == packet.reverse

    def _send(self, who: str, packet: Packet, state: State) -> tuple[str, Packet] | None:
        if who not in self.enis:
            return self._from_internet(packet, state)
        eni = self.enis[who]
        if not self._passes_groups(who, "egress", packet, state):
            return None
        if any(within(packet.dst, cidr) for cidr in self._ranges(eni.subnet)):
            neighbour = self._holder(packet.dst, eni.vpc)
            return self._arrive(neighbour, packet, state) if neighbour else None
        return self._leave(eni.subnet, packet, state, who)

    def _leave(self, subnet: str, packet: Packet, state: State, who: str) -> tuple[str, Packet] | None:
        """Over the border of a subnet, then along its route table. ``who`` is the interface that sends."""
        if not self._passes_acl(subnet, True, packet):
            return None
        vpc = self.subnets[subnet].vpc
        route = self._route(subnet, packet.dst)
        if route is None or route[1] != "active":
            return None
        target = route[0]
        if target == "local":
            return self._deliver(packet, state, vpc, subnet)
        if target in self.igws:
            return self._internet_gateway(target, packet, state, vpc, who)
        if target in self.eigws:
            if self.eigws[target].vpc != vpc or packet.reply:
                return None
            state.tracked.add((target, *packet.flow))
            return self._to_internet(replace(packet, direct=False), state)
        if target in self.nats:
            return self._nat(target, packet, state, subnet, who)
        if target in self.peerings:
            return self._peering(target, packet, state, vpc)
        raise AssertionError(f"the oracle knows nothing about {target}")

    def _deliver(self, packet: Packet, state: State, vpc: str, origin: str) -> tuple[str, Packet] | None:
        who = self._holder(packet.dst, vpc)
        if who is None:
            return None
        subnet = self.enis[who].subnet
        if subnet != origin and not self._passes_acl(subnet, False, packet):
            return None
        return self._arrive(who, packet, state)

    def _arrive(self, who: str, packet: Packet, state: State) -> tuple[str, Packet] | None:
        eni = self.enis[who]
        if eni.type == "nat_gateway":
            original = state.translated.get((who, *packet.reverse))
            if original is None:
                return None
            back = replace(packet, dst=original.src, dport=original.sport)
            return self._leave_nat(eni.subnet, back, state, who)
        return (who, packet) if self._passes_groups(who, "ingress", packet, state) else None

    def _internet_gateway(
        self, gateway: str, packet: Packet, state: State, vpc: str, who: str
    ) -> tuple[str, Packet] | None:
        if self.igws[gateway].vpc != vpc:
            return None
        if address(packet.dst).version == 4:
            public = dict(self.enis[who].public_ips).get(packet.src)
            if public is None or any(within(packet.dst, cidr) for cidr in PRIVATE):
                return None
            packet = replace(packet, src=public)
        return self._to_internet(replace(packet, direct=False), state)

    def _to_internet(self, packet: Packet, state: State) -> tuple[str, Packet] | None:
        known = self._public(packet.dst)
        return (packet.dst, packet) if known is None else self._from_internet(packet, state)

    def _from_internet(self, packet: Packet, state: State) -> tuple[str, Packet] | None:
        who = self._public(packet.dst)
        if who is None:
            return None
        eni = self.enis[who]
        gateways = [key for key, gateway in self.igws.items() if gateway.vpc == eni.vpc]
        solicited = any((key, *packet.reverse) in state.tracked for key, e in self.eigws.items() if e.vpc == eni.vpc)
        if not gateways and not solicited:
            return None
        if address(packet.dst).version == 4:
            inside = {public: private for private, public in eni.public_ips}
            packet = replace(packet, dst=inside[packet.dst])
        if not self._passes_acl(eni.subnet, False, packet):
            return None
        return self._arrive(who, replace(packet, direct=False), state)

    def _nat(self, id: str, packet: Packet, state: State, subnet: str, who: str) -> tuple[str, Packet] | None:
        nat = self.nats[id]
        if self.enis[who].type == "nat_gateway" or nat.state != "available":
            return None
        if nat.subnet != subnet and not self._passes_acl(nat.subnet, False, packet):
            return None
        eni = nat.interfaces[0]
        sport = packet.sport if packet.protocol.startswith("icmp") else state.nat_port
        outer = replace(packet, src=nat.private_ips[0], sport=sport, direct=False)
        if not packet.reply:
            state.translated[eni, *outer.flow] = packet
        return self._leave(nat.subnet, outer, state, eni)

    def _leave_nat(self, subnet: str, packet: Packet, state: State, who: str) -> tuple[str, Packet] | None:
        """The reply on its way from a NAT gateway to the client; inside the gateway's subnet no border is met."""
        if any(within(packet.dst, cidr) for cidr in self._ranges(subnet)):
            client = self._holder(packet.dst, self.enis[who].vpc)
            return self._arrive(client, packet, state) if client else None
        return self._leave(subnet, packet, state, who)

    def _peering(self, id: str, packet: Packet, state: State, vpc: str) -> tuple[str, Packet] | None:
        peering = self.peerings[id]
        sides = [peering.requester.vpc, peering.accepter.vpc]
        if peering.state != "active" or vpc not in sides:
            return None
        (other,) = (side for side in sides if side != vpc)
        props = self.vpcs[other]
        if not any(within(packet.dst, cidr) for cidr in (*props.cidrs, *props.ipv6_cidrs)):
            return None
        return self._deliver(packet, state, other, "")

    # ---- rules

    def _passes_groups(self, who: str, direction: str, packet: Packet, state: State) -> bool:
        if (who, *packet.reverse) in state.tracked and packet.reply:
            return True
        far = packet.dst if direction == "egress" else packet.src
        eni = self.enis[who]
        for group in eni.security_groups:
            for rule in self.groups[group].rules:
                if rule.direction != direction or not self._speaks(rule.protocol, rule, packet):
                    continue
                if self._names(str(rule.peer), far, eni, packet, direction):
                    state.tracked.add((who, *packet.flow))
                    return True
        return False

    def _names(self, peer: str, far: str, eni: Any, packet: Packet, direction: str) -> bool:
        if peer in self.lists:
            return any(within(far, cidr) for cidr in self.lists[peer].cidrs)
        if peer not in self.groups:
            return within(far, peer)
        if not packet.direct:
            return False
        for other in self.enis.values():
            if peer not in other.security_groups or far not in (*other.private_ips, *other.ipv6_ips):
                continue
            if other.vpc == eni.vpc or any(
                p in self._ways(eni, far, direction) for p in self._friends(eni.vpc, other.vpc)
            ):
                return True
        return False

    def _friends(self, one: str, other: str) -> list[str]:
        """The active peerings of one Region between two VPCs: across these, groups may refer to each other."""
        return [
            key
            for key, peering in self.peerings.items()
            if peering.state == "active"
            and {peering.requester.vpc, peering.accepter.vpc} == {one, other}
            and peering.requester.region == peering.accepter.region
        ]

    def _ways(self, eni: Any, far: str, direction: str) -> Iterable[str]:
        """The peerings a packet can be on: a sender's by its route; what arrives as it was sent came over any."""
        route = self._route(eni.subnet, far) if direction == "egress" else None
        return self.peerings if direction == "ingress" else [route[0]] if route else []

    def _passes_acl(self, subnet: str, egress: bool, packet: Packet) -> bool:
        far = packet.dst if egress else packet.src
        for entry in self._entries(subnet, egress):
            if within(far, entry.cidr):
                protocol = PROTOCOLS.get(entry.protocol, entry.protocol)
                if self._speaks(protocol, entry, packet):
                    return bool(entry.allow)
        return False

    def _speaks(self, protocol: str, rule: Any, packet: Packet) -> bool:
        if protocol == "-1":
            return True
        if protocol != packet.protocol:
            return False
        if protocol in ("icmp", "icmpv6"):
            return rule.from_port in (-1, ECHO[protocol, packet.reply])
        return bool(rule.from_port <= packet.dport <= rule.to_port)

    # ---- who and where

    @cache  # noqa: B019 - an oracle lives as long as one comparison
    def _entries(self, subnet: str, egress: bool) -> list[Any]:
        """The entries of the subnet's own network ACL, or of the default one, in the order they are tried."""
        own = [acl for acl in self.acls.values() if subnet in acl.subnets]
        vpc = self.subnets[subnet].vpc
        acl = own[0] if own else next(acl for acl in self.acls.values() if acl.default and acl.vpc == vpc)
        return sorted((e for e in acl.entries if e.egress == egress), key=lambda entry: int(entry.number))

    @cache  # noqa: B019
    def _table(self, subnet: str) -> Any:
        """The route table of a subnet: its own, or the main one of its VPC."""
        vpc = self.subnets[subnet].vpc
        own = [table for table in self.tables.values() if subnet in table.subnets]
        return own[0] if own else next(t for t in self.tables.values() if t.main and t.vpc == vpc)

    @cache  # noqa: B019
    def _route(self, subnet: str, dst: str) -> tuple[str, str] | None:
        """(target, state) of the most specific route; of equal ones that of a range before that of a list."""
        table = self._table(subnet)
        best: tuple[int, int] | None = None
        chosen: tuple[str, str] | None = None
        for route in (*table.implied, *table.routes):
            listed = str(route.destination) in self.lists
            cidrs: Iterable[str] = self.lists[str(route.destination)].cidrs if listed else (str(route.destination),)
            for cidr in cidrs:
                rank = (network(cidr).prefixlen, 0 if listed else 1)
                if within(dst, cidr) and (best is None or rank > best):
                    best, chosen = rank, (str(route.target), route.state)
        return chosen

    def _ranges(self, subnet: str) -> tuple[str, ...]:
        props = self.subnets[subnet]
        return tuple(cidr for cidr in (props.cidr, props.ipv6_cidr) if cidr)

    def _holder(self, ip: str, vpc: str) -> str | None:
        for key, eni in self.enis.items():
            if eni.vpc == vpc and ip in (*eni.private_ips, *eni.ipv6_ips):
                return key
        return None

    def _public(self, ip: str) -> str | None:
        for key, eni in self.enis.items():
            if ip in (*(public for _, public in eni.public_ips), *eni.ipv6_ips):
                return key
        return None

    def _own(self, who: str, family: int) -> tuple[str, ...]:
        eni = self.enis[who]
        held: tuple[str, ...] = eni.private_ips if family == 4 else eni.ipv6_ips
        return held
