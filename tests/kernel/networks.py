"""Random small networks, the same for the same seed. Never here: what packets do in them.

Choices lean toward open networks: in one drawn evenly nearly everything is closed, and closed for the first reason met.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from random import Random

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from tests.kernel.packets import SERVICES
from tests.kernel.places import OUTSIDE, OUTSIDE_6
from tests.reach.world import ALL, World

EPHEMERAL = ((1024, 65535), (32768, 61000), (32768, 65535), (49152, 65535), (1024, 40000))


EVERYWHERE_6 = "::/0"

ECHOES = ((-1, -1), (-1, -1), (8, -1), (8, 0), (0, -1), (0, 0), (3, -1), (8, 1))
"""Types and codes of icmp rules, -1 for any: 8 asks, 0 answers."""

ECHOES_6 = ((-1, -1), (-1, -1), (128, -1), (129, -1), (128, 0), (8, -1))
"""The same of icmpv6: 128 asks, 129 answers."""


class Draw:
    """One random network in the making: ``world`` when it is done."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.world = World()
        self.subnets: dict[str, list[str]] = {}
        self.cidrs: dict[str, str] = {}
        self.gateways: list[str] = []
        self.only: dict[str, str] = {}
        self.nats: dict[str, list[str]] = {}
        self.groups: dict[str, list[str]] = {}
        self.ranges: list[str] = [ALL, "10.0.0.0/8", *(f"{a}/32" for a in OUTSIDE), "203.0.113.0/25"]
        self.ranges_6: list[str] = [EVERYWHERE_6, "2600::/16", *(f"{a}/128" for a in OUTSIDE_6), "2001:db8::/32"]
        self.six = self.often(0.4)
        self._vpcs()
        self._subnets()
        self._peering()
        self._gateways()
        self._lists()
        self._groups()
        self._interfaces()
        self._acls()
        self._tables()
        self._rules()

    def often(self, chance: float) -> bool:
        return self.rng.random() < chance

    def _vpcs(self) -> None:
        second = "10.1.0.0/16" if self.often(0.85) else "10.0.0.0/16"
        for number, cidr in enumerate(("10.0.0.0/16", second)[: 2 if self.often(0.6) else 1]):
            more = (f"172.{20 + number}.0.0/16",) if self.often(0.15) else ()
            six = f"2001:db8:{number}::/56" if self.six else ""
            vpc = self.world.vpc(f"vpc-{number}", cidr, *more, ipv6=six)
            self.subnets[vpc], self.cidrs[vpc] = [], cidr
            self.ranges.append(cidr)
            self.ranges_6 += [six] if six else []

    def _subnets(self) -> None:
        vpcs = list(self.cidrs)
        for number in range(self.rng.randint(max(2, len(vpcs)), 4)):
            vpc = vpcs[number] if number < len(vpcs) else self.rng.choice(vpcs)
            ranges = self.world.found["vpc", vpc].props.cidrs
            base = ipaddress.ip_network(self.rng.choice(ranges))
            cidr = str(list(base.subnets(new_prefix=24))[number + 1])
            six = f"2001:db8:{vpcs.index(vpc)}:{number + 1}::/64" if self.six else ""
            self.subnets[vpc].append(self.world.subnet(f"subnet-{number}", cidr, self.rng.choice("ab"), vpc, six))
            self.ranges += [cidr, cidr.replace(".0/24", ".0/28")]
            self.ranges_6 += [six] if six else []

    def _peering(self) -> None:
        vpcs = list(self.cidrs)
        self.peering = ""
        if len(vpcs) == 2 and self.cidrs["vpc-0"] != self.cidrs["vpc-1"] and self.often(0.8):
            state = "active" if self.often(0.85) else self.rng.choice(["pending-acceptance", "deleted"])
            self.peering = self.world.peering("pcx-1", vpcs[0], vpcs[1], state)

    def _gateways(self) -> None:
        for number, vpc in enumerate(self.cidrs):
            if self.often(0.85):
                self.gateways.append(self.world.igw(f"igw-{number}", vpc))
            if self.six and self.often(0.6):
                self.only[vpc] = self.world.eigw(f"eigw-{number}", vpc)
            self.nats[vpc] = []
            if self.often(0.5):
                subnet = self.rng.choice(self.subnets[vpc])
                public = f"198.51.100.{100 + number}" if self.often(0.85) else ""
                state = "available" if self.often(0.92) else "failed"
                nat = self.world.nat(f"nat-{number}", subnet, public, state=state)
                self.nats[vpc].append(nat)
                self.ranges += [f"{ip}/32" for ip in (public, self.world.ip(f"eni-nat-{number}")) if ip]

    def _lists(self) -> None:
        picks = self.rng.sample([r for r in self.ranges if r != ALL], 3)
        self.lists = [self.world.prefix_list("pl-1", *picks[:2]), self.world.prefix_list("pl-2", picks[2])]
        if self.six:
            self.lists.append(self.world.prefix_list("pl-6", self.rng.choice(self.ranges_6[1:])))

    def _groups(self) -> None:
        """The names first, so that rules may refer to any of them."""
        for number in range(self.rng.randint(2, 4)):
            vpc = self.rng.choice(list(self.cidrs))
            self.groups.setdefault(vpc, []).append(f"sg-{number}")
        for number, vpc in enumerate(self.cidrs):
            self.groups.setdefault(vpc, [f"sg-only-{number}"])

    def _interfaces(self) -> None:
        vpcs = list(self.cidrs)
        for number in range(self.rng.randint(3, 6)):
            vpc = vpcs[number] if number < len(vpcs) else self.rng.choice(vpcs)
            groups = self.rng.sample(self.groups[vpc], self.rng.randint(1, min(2, len(self.groups[vpc]))))
            public = f"198.51.100.{10 + number}" if self.often(0.45) else ""
            subnet = self.rng.choice(self.subnets[vpc])
            base = self.world.found["subnet", subnet].props.ipv6_cidr.partition("/")[0]
            six = f"{base}{number + 16:x}" if base and self.often(0.8) else ""
            eni = self.world.eni(f"eni-{number}", subnet, *groups, public=public, ipv6=six)
            self.ranges += [f"{ip}/32" for ip in (self.world.ip(eni), public) if ip]
            self.ranges_6 += [f"{six}/128"] if six else []
            if self.often(0.2):
                self._second_address(eni, f"198.51.100.{30 + number}" if self.often(0.5) else "")

    def _second_address(self, eni: str, public: str) -> None:
        """A second private address beside the first, with or without a public one."""
        held = self.world.found["network_interface", eni].props
        second = str(ipaddress.ip_address(held.private_ips[0]) + 100)
        self.world.change(
            NetworkInterface,
            eni,
            private_ips=(*held.private_ips, second),
            public_ips=(*held.public_ips, *(((second, public),) if public else ())),
        )
        self.ranges += [f"{ip}/32" for ip in (second, public) if ip]

    def _acls(self) -> None:
        for vpc, subnets in self.subnets.items():
            for subnet in subnets:
                if self.often(0.35):
                    self.world.acl(f"acl-{subnet}", vpc, entries=self._entries(), subnets=[subnet])

    def _entries(self) -> list[AclEntry]:
        made = []
        for egress in (False, True):
            numbers = self.rng.sample(range(1, 90), 8)
            for _ in range(self.rng.randint(0, 4)):
                protocol = self.rng.choice(["6", "6", "6", "17", "-1", "1"])
                low, high = self._ports() if self.often(0.6) else self.rng.choice(EPHEMERAL)
                allow, six = self.often(0.45), self.six and self.often(0.4)
                if protocol == "1":
                    protocol = "58" if six else "1"
                    low, high = self.rng.choice(ECHOES_6 if six else ECHOES)
                made.append(AclEntry(egress, numbers.pop(), allow, protocol, self._acl_range(six), low, high))
            for number, everywhere in ((100, ALL), (101, EVERYWHERE_6)):
                six = everywhere != ALL
                if self.often(0.7):
                    made.append(AclEntry(egress, number, True, "-1", everywhere))
                    continue
                for protocol in ("6", "17"):
                    narrow, wide = self._acl_range(six), self.rng.choice(EPHEMERAL)
                    made.append(AclEntry(egress, number + 10 * int(protocol), True, protocol, narrow, *self._ports()))
                    made.append(AclEntry(egress, number + 11 * int(protocol), True, protocol, everywhere, *wide))
        self.rng.shuffle(made)
        return made

    def _acl_range(self, six: bool) -> str:
        if self.often(0.4):
            return EVERYWHERE_6 if six else ALL
        return self.rng.choice(self.ranges_6 if six else self.ranges)

    def _ports(self) -> tuple[int, int]:
        low, high = sorted(self.rng.choices([*SERVICES, 0, 1, 442, 444, 8079, 9000], k=2))
        return (low, high) if self.often(0.6) else (low, low)

    def _tables(self) -> None:
        for vpc, subnets in self.subnets.items():
            homes = [self.world.found["nat_gateway", nat].props.subnet for nat in self.nats[vpc]]
            usual = bool(homes) and self.often(0.7)
            self._routes(vpc, f"rtb-main-{vpc}", "")
            for subnet in subnets:
                if usual or self.often(0.6):
                    table = self.world.table(f"rtb-{subnet}", vpc, subnets=frozenset({subnet}))
                    self._routes(vpc, table, "" if not usual else "igw" if subnet in homes else "nat")

    def _routes(self, vpc: str, table: str, usual: str) -> None:
        """``usual`` is how people lay it out: the NAT gateway's subnet leads to the internet, others to it."""
        taken: set[str] = {route.destination for route in self.world.found["route_table", table].props.implied}
        mine = [g for g in self.gateways if self.world.found["internet_gateway", g].props.vpc == vpc]
        ways = [*mine, *mine, *self.nats[vpc], *([self.peering] if self.peering else [])]

        def add(destination: str, target: str, dies: float = 0.06) -> None:
            if destination not in taken:
                taken.add(destination)
                dead = target == self.peering and self.world.found["vpc_peering", target].props.state != "active"
                state = "blackhole" if dead or self.often(dies) else "active"
                self.world.route(table, destination, target, state)

        if usual == "nat":
            add(ALL, self.nats[vpc][0])
        elif mine and (usual or self.often(0.6)):
            add(ALL, mine[0])
        elif ways and self.often(0.7):
            add(ALL, self.rng.choice(ways))
        if self.peering and self.often(0.85):
            other = "vpc-1" if vpc == "vpc-0" else "vpc-0"
            for cidr in self.world.found["vpc", other].props.cidrs:
                add(cidr, self.peering)
        for destination in (*self.rng.sample(self.ranges, 2), f"{self.rng.choice(OUTSIDE)}/32"):
            if ways and self.often(0.3) and self._allowed(vpc, destination):
                add(destination, self.rng.choice(ways), dies=0.4)
        if self.nats[vpc] and self.often(0.25):
            inside = self.rng.choice(self.subnets[vpc])
            add(self.world.found["subnet", inside].props.cidr, self.nats[vpc][0])
        if ways and self.often(0.2) and all(self._allowed(vpc, c) for c in self._members("pl-1")):
            add("pl-1", self.rng.choice(ways))
        if self.six:
            self._routes_6(vpc, [*mine, *filter(None, [self.only.get(vpc), self.peering])], add)

    def _routes_6(self, vpc: str, ways: list[str], add: Callable[..., None]) -> None:
        if ways and self.often(0.85):
            add(EVERYWHERE_6, self.rng.choice(ways))
        if self.peering and self.often(0.85):
            add(f"2001:db8:{1 if vpc == 'vpc-0' else 0}::/56", self.peering)
        if ways and self.often(0.4):
            add(self.rng.choice(["2600::/16", "2600:1::/32", "2600::7/128"]), self.rng.choice(ways), dies=0.3)

    def _members(self, id: str) -> Sequence[str]:
        return self.world.found["prefix_list", id].props.cidrs or ()

    def _allowed(self, vpc: str, destination: str) -> bool:
        """Inside the VPC only whole subnets may have a route of their own; a local route cannot be covered."""
        cidrs = map(ipaddress.IPv4Network, self.world.found["vpc", vpc].props.cidrs)
        return not any(ipaddress.IPv4Network(destination).subnet_of(cidr) for cidr in cidrs)

    def _rules(self) -> None:
        every = [group for groups in self.groups.values() for group in groups]
        for vpc, groups in self.groups.items():
            for group in groups:
                ingress = [self._rule(every, group) for _ in range(self.rng.randint(1, 4))]
                if self.often(0.4):
                    ingress.append(("-1", 0, 65535, ALL))
                if self.six and self.often(0.4):
                    ingress.append(("-1", 0, 65535, EVERYWHERE_6))
                egress = None if self.often(0.75) else [self._rule(every, group) for _ in range(self.rng.randint(0, 4))]
                self.world.sg(group, vpc, set(ingress), None if egress is None else set(egress))

    def _rule(self, groups: Sequence[str], own: str) -> tuple[str, int, int, str]:
        protocol = self.rng.choice(["tcp", "tcp", "tcp", "udp", "-1", "icmp"])
        low, high = self._ports()
        if protocol == "-1":
            low, high = 0, 65535
        if protocol == "icmp":
            low, high = self.rng.choice(ECHOES)
        if protocol in ("tcp", "udp") and self.often(0.3):
            low, high = 0, 65535
        kind, six = self.rng.random(), self.six and self.often(0.5)
        if six and protocol == "icmp":
            protocol, (low, high) = "icmpv6", self.rng.choice(ECHOES_6)
        everywhere, ranges = (EVERYWHERE_6, self.ranges_6) if six else (ALL, self.ranges)
        peer = everywhere if kind < 0.2 else own if kind < 0.3 else self.rng.choice(groups) if kind < 0.6 else ""
        return protocol, low, high, peer or self.rng.choice([*ranges, *self.lists])


def world(seed: int) -> World:
    """The network of a seed."""
    return Draw(seed).world
