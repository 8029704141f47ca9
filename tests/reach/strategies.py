"""Random small networks, full of what tells interfaces apart. Never here: what is open in them."""

from __future__ import annotations

from hypothesis import strategies as st

from fargate_net.kinds.network_acl import AclEntry
from tests.reach.world import ALL, OPEN, World

Draw = st.DrawFn
ANY6 = "::/0"
FOREIGN = ("203.0.113.0/24", "203.0.113.128/25", "8.8.0.0/16")
FOREIGN_6 = ("2600::/16", "2600:1::/32")
PORTS = (22, 53, 80, 443, 1023, 1024, 8080, 32768, 61000, 65535)
SPANS = ((0, 65535), (1024, 65535), (32768, 61000), (1024, 5000), (80, 443), (40000, 65535))


@st.composite
def worlds(draw: Draw) -> World:
    """One or two VPCs with everything between them and the internet that the oracle knows."""
    world = World()
    six = draw(st.booleans())
    vpcs = [f"vpc-{n}" for n in range(1, draw(st.integers(1, 2)) + 1)]
    for number, vpc in enumerate(vpcs):
        world.vpc(vpc, f"10.{number}.0.0/22", ipv6=f"2001:db8:{number}::/56" if six else "")
        _subnets(draw, world, vpc, number, six)
    if len(vpcs) == 2 and draw(st.integers(0, 3)):
        state = draw(st.sampled_from(("active", "active", "active", "deleted")))
        regions = draw(st.sampled_from((("", ""), ("eu-west-1", "eu-west-1"), ("eu-west-1", "us-east-1"))))
        world.peering("pcx-1", vpcs[0], vpcs[1], state, regions)
    if draw(st.booleans()):
        known = draw(st.lists(st.sampled_from((*FOREIGN, "10.0.1.0/24", "10.1.0.0/25")), min_size=1, unique=True))
        world.prefix_list("pl-1", *known)
    for number, vpc in enumerate(vpcs):
        _routes(draw, world, vpc, number, six)
    _groups(draw, world, vpcs, six)
    _interfaces(draw, world, vpcs, six)
    _rules(draw, world, vpcs, six)
    _acls(draw, world, vpcs, six)
    return world


def subnets_of(world: World, vpc: str) -> list[str]:
    return [key for (kind, key), found in world.found.items() if kind == "subnet" and found.props.vpc == vpc]


def tables_of(world: World, vpc: str) -> list[str]:
    return [key for (kind, key), found in world.found.items() if kind == "route_table" and found.props.vpc == vpc]


def _subnets(draw: Draw, world: World, vpc: str, number: int, six: bool) -> None:
    for extra in range(draw(st.integers(0, 2))):
        world.table(f"rtb-{number}-{extra}", vpc)
    tables = ["", *(table for table in tables_of(world, vpc) if "main" not in table)]
    for place in range(draw(st.integers(1, 3))):
        world.subnet(
            f"subnet-{number}{place}",
            f"10.{number}.{place}.0/24",
            draw(st.sampled_from("ab")),
            vpc,
            f"2001:db8:{number}:{place}::/64" if six else "",
            draw(st.sampled_from(tables)),
        )


def _routes(draw: Draw, world: World, vpc: str, number: int, six: bool) -> None:
    exits = []
    if draw(st.integers(0, 4)):
        exits.append(world.igw(f"igw-{number}", vpc))
    if draw(st.booleans()):
        exits.append(world.nat(f"nat-{number}", draw(st.sampled_from(subnets_of(world, vpc))), f"198.51.100.{number}"))
    if ("vpc_peering", "pcx-1") in world.found:
        exits.append("pcx-1")
    ways = [world.eigw(f"eigw-{number}", vpc), *(e for e in exits if "nat" not in e)] if six else []
    lists = ["pl-1"] if ("prefix_list", "pl-1") in world.found else []
    other = f"10.{1 - number}.0.0/22"
    for table in tables_of(world, vpc):
        held = {ALL: exits, other: exits, f"10.{1 - number}.1.0/24": exits, FOREIGN[0]: exits, FOREIGN[1]: exits}
        held |= dict.fromkeys(lists, exits)
        held |= {ANY6: ways, f"2001:db8:{1 - number}::/56": ways, FOREIGN_6[0]: ways} if six else {}
        for destination, targets in held.items():
            if targets and (destination in (ALL, ANY6, other) or draw(st.booleans())):
                target = draw(st.sampled_from(targets))
                if destination == other and "pcx-1" in targets:
                    target = draw(st.sampled_from(["pcx-1", "pcx-1", target]))
                state = "blackhole" if draw(st.integers(0, 9)) == 0 else "active"
                world.route(table, destination, target, state)


def _groups(draw: Draw, world: World, vpcs: list[str], six: bool) -> None:
    for number, vpc in enumerate(vpcs):
        for group in range(draw(st.integers(1, 3))):
            world.sg(f"sg-{number}{group}", vpc)


def _interfaces(draw: Draw, world: World, vpcs: list[str], six: bool) -> None:
    for number, vpc in enumerate(vpcs):
        groups = [
            key for (kind, key), found in world.found.items() if kind == "security_group" and found.props.vpc == vpc
        ]
        for eni in range(draw(st.integers(1, 4))):
            subnet = draw(st.sampled_from(subnets_of(world, vpc)))
            host = 20 + eni * 40
            place = subnet[-1]
            world.eni(
                f"eni-{number}{eni}",
                subnet,
                *draw(st.lists(st.sampled_from(groups), min_size=1, max_size=2, unique=True)),
                ip=f"10.{number}.{place}.{host}",
                public=f"54.0.{number}.{eni}" if draw(st.booleans()) else "",
                ipv6=f"2001:db8:{number}:{place}::{host:x}" if six and draw(st.integers(0, 2)) else "",
            )


def cidrs(world: World, six: bool) -> list[str]:
    """Ranges that matter here: everything, VPCs, subnets, parts of them, single addresses, ranges outside."""
    held = [ALL, ALL, *FOREIGN, "10.0.0.0/8", "10.0.0.0/22", "10.1.0.0/22", "10.0.0.0/25", "10.0.1.0/24", "10.1.0.0/26"]
    held += ["54.0.0.0/16", "54.0.0.1/32", "54.0.1.0/31", "198.51.100.0/24"]
    if six:
        held += [ANY6, ANY6, *FOREIGN_6, "2001:db8::/48", "2001:db8:1::/48", "2001:db8:0:1::/64"]
    return held + [
        f"{found.props.private_ips[0]}/32" for (kind, _), found in world.found.items() if kind == "network_interface"
    ]


def _sockets(draw: Draw) -> tuple[str, int, int]:
    protocol = draw(st.sampled_from(("tcp", "tcp", "tcp", "udp", "-1", "icmp", "icmpv6")))
    if protocol == "-1":
        return "-1", 0, 65535
    if protocol.startswith("icmp"):
        return protocol, draw(st.sampled_from((-1, 8, 0, 128))), -1
    low, high = draw(st.sampled_from((*SPANS, *((port, port) for port in PORTS))))
    return protocol, low, high


def _rules(draw: Draw, world: World, vpcs: list[str], six: bool) -> None:
    groups = [key for kind, key in world.found if kind == "security_group"]
    lists = [key for kind, key in world.found if kind == "prefix_list"]
    peers = [*cidrs(world, six), *groups, *groups, *groups, *lists]
    for group in groups:
        vpc = world.found["security_group", group].props.vpc
        ingress = [(*_sockets(draw), draw(st.sampled_from(peers))) for _ in range(draw(st.integers(0, 3)))]
        egress = None
        if draw(st.integers(0, 2)) == 0:
            egress = [(*_sockets(draw), draw(st.sampled_from(peers))) for _ in range(draw(st.integers(0, 3)))]
        world.sg(group, vpc, ingress, egress)


def _acls(draw: Draw, world: World, vpcs: list[str], six: bool) -> None:
    ranges = st.sampled_from(cidrs(world, six))
    for number, vpc in enumerate(vpcs):
        subnets = subnets_of(world, vpc)
        for acl in range(draw(st.integers(0, 2))):
            mine = draw(st.lists(st.sampled_from(subnets), unique=True)) if subnets else []
            subnets = [subnet for subnet in subnets if subnet not in mine]
            world.acl(f"acl-{number}{acl}", vpc, entries=_entries(draw, ranges), subnets=mine)
        if draw(st.integers(0, 4)) == 0:
            world.acl(f"acl-default-{vpc}", vpc, default=True, entries=_entries(draw, ranges))


def _entries(draw: Draw, ranges: st.SearchStrategy[str]) -> list[AclEntry]:
    """Some rules in any order of number, mostly on top of an open end."""
    made = []
    numbers = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}
    for egress in (False, True):
        for number in draw(st.lists(st.integers(1, 99), max_size=3, unique=True)):
            protocol, low, high = _sockets(draw)
            if protocol.startswith("icmp"):
                high = -1
            made.append(
                AclEntry(egress, number, draw(st.booleans()), numbers.get(protocol, "-1"), draw(ranges), low, high)
            )
    end = OPEN if draw(st.integers(0, 3)) else OPEN[:2] if draw(st.booleans()) else ()
    return draw(st.permutations([*made, *end]))
