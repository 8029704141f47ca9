"""Route tables, gateways and addresses as scripts for ``ip -batch``. Never here: filters, the engine's own routes.

Every subnet has a routing table of its own, chosen by the bridge a packet comes from. The local route is a ``throw``:
the packet goes on to the table of connected subnets (VPC User Guide, Route tables).
"""

from __future__ import annotations

from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.vpc_peering import VpcPeering
from tests.kernel.places import BRIDGES, CONNECTED, HOSTS, LOADED, OUTSIDE, OUTSIDE_6, Places


def link_4(network: int, side: int) -> str:
    """The address of one side of a cable between namespaces."""
    return f"169.254.{network}.{side}"


def link_6(network: int, side: int) -> str:
    """The same over IPv6."""
    return f"fd00:{network}::{side}"


def rules_of_a_router() -> list[str]:
    """What never changes in a router: its bridges, and which table speaks for which of them."""
    lines = [
        f"rule add pref 300 lookup {CONNECTED}",
        f"route add blackhole default metric 9999 table {CONNECTED}",
    ]
    for b in range(BRIDGES):
        lines += [
            f"link add br{b} type bridge mcast_snooping 0",
            f"link set br{b} up",
            # A bridge without ports stops carrying, and starts again only after a while; this port never leaves.
            f"link add k{b} type veth peer name l{b}",
            f"link set l{b} arp off up",
            f"link set k{b} master br{b} up",
            f"rule add pref 200 iif br{b} lookup {table(b)}",
            f"route add blackhole default metric 9999 table {table(b)}",
        ]
    return lines


def rules_of_a_router_6() -> list[str]:
    """The same over IPv6."""
    lines = [f"rule add pref 300 lookup {CONNECTED}"]
    return lines + [f"rule add pref 200 iif br{b} lookup {table(b)}" for b in range(BRIDGES)]


def table(bridge: int) -> int:
    """The routing table of a bridge."""
    return 100 + bridge


def router(places: Places, number: int) -> str:
    """Hosts on their bridges, and the routes of every subnet."""
    vpc = places.vpc(number)
    subnets = places.subnets[vpc] if vpc else []
    lines = ["neigh flush all"]
    seats = {host: nic for nic, (v, host) in places.slot.items() if v == number}
    for host in range(HOSTS):
        if host in seats:
            bridge = places.bridge(str(places.nics[seats[host]].subnet))
            lines.append(f"link set p{host} master br{bridge}")
        else:
            lines.append(f"link set p{host} nomaster")
    lines += [f"route flush table {CONNECTED}", f"route add blackhole default metric 9999 table {CONNECTED}"]
    for b in range(BRIDGES):
        lines += [f"addr flush dev br{b} scope global", f"route flush table {table(b)}"]
        lines.append(f"route add blackhole default metric 9999 table {table(b)}")
    for b, subnet in enumerate(subnets):
        gateway = places.router_address(subnet)
        lines.append(f"addr add {gateway}/32 dev br{b}")
        lines.append(f"route add {places.cidr(subnet)} dev br{b} src {gateway} table {CONNECTED}")
        if (six := places.cidr_6(subnet)) is not None:
            lines.append(f"addr add {six[1]}/128 dev br{b} nodad")
    for b, subnet in enumerate(subnets):
        for destination, way in _routes(places, vpc or "", subnet, six=False).items():
            what = f"{way} {destination}" if way in ("throw", "blackhole") else f"{destination} {way} onlink"
            lines.append(f"route add {what} table {table(b)}")
    return "\n".join(lines) + "\n"


def router_6(places: Places, number: int) -> str:
    """The routes of every subnet over IPv6; nothing in it waits for what :func:`router` does at the same time."""
    vpc = places.vpc(number)
    lines = [f"route flush table {CONNECTED}", f"route add blackhole ::/0 metric 9999 table {CONNECTED}"]
    for b in range(BRIDGES):
        lines.append(f"route flush table {table(b)}")
        lines.append(f"route add blackhole ::/0 metric 9999 table {table(b)}")
    for b, subnet in enumerate(places.subnets[vpc] if vpc else []):
        if (cidr := places.cidr_6(subnet)) is not None:
            lines.append(f"route add {cidr} dev br{b} table {CONNECTED}")
            for destination, way in _routes(places, vpc or "", subnet, six=True).items():
                what = f"{way} {destination}" if way in ("throw", "blackhole") else f"{destination} {way}"
                lines.append(f"route add {what} table {table(b)}")
    return "\n".join(lines) + "\n"


def _routes(places: Places, vpc: str, subnet: str, *, six: bool) -> dict[str, str]:
    """Destination to what ``ip route`` does with it. A route for a range beats one for a list that holds the range."""
    tables = places.snapshot.of(RouteTable).values()
    own = [f.props for f in tables if subnet in f.props.subnets]
    held = own[0] if own else next(f.props for f in tables if f.props.vpc == vpc and f.props.main)
    lists = places.snapshot.of(PrefixList)
    made: dict[str, str] = {}
    for listed in (True, False):
        for route in sorted((*held.routes, *held.implied), key=str):
            if (str(route.destination) in lists) is not listed:
                continue
            ranges = lists[str(route.destination)].props.cidrs or () if listed else (str(route.destination),)
            if ranges := [held for held in ranges if (":" in held) is six]:
                dead = route.state == "blackhole"
                made |= dict.fromkeys(ranges, "blackhole" if dead else _way(places, vpc, str(route.target), six=six))
    return made


def _way(places: Places, vpc: str, target: str, *, six: bool) -> str:
    number, link = places.vpcs.index(vpc), link_6 if six else link_4
    if target == "local":
        return "throw"
    if (gateway := places.snapshot.get(InternetGateway, target)) is not None:
        return f"via {link(10 + number, 2)} dev igw" if gateway.props.vpc == vpc else "blackhole"
    if (only := places.snapshot.get(EgressOnlyGateway, target)) is not None:
        return f"via {link(40 + number, 2)} dev eigw" if only.props.vpc == vpc else "blackhole"
    if (nat := places.snapshot.get(NatGateway, target)) is not None:
        return f"via {nat.props.private_ips[0]} dev br{places.bridge(str(nat.props.subnet))}"
    if places.snapshot.get(VpcPeering, target) is not None:
        return f"via {link(30, 2 - number)} dev pcx"
    raise ValueError(f"the lab has nothing like {target}")


def gateway(places: Places, number: int) -> str:
    """The way from an internet gateway into its VPC."""
    vpc = places.vpc(number)
    lines = [f"route flush table {LOADED}", f"route add blackhole 192.0.2.255 table {LOADED}"]
    lines += [
        f"route add {c} via {link_4(10 + number, 1)} dev in table {LOADED}" for c in (places.cidrs(vpc) if vpc else ())
    ]
    return "\n".join(lines) + "\n"


def gateway_6(places: Places, number: int) -> str:
    """The same over IPv6."""
    vpc = places.vpc(number)
    lines = [f"route flush table {LOADED}", f"route add blackhole 100::/64 table {LOADED}"]
    cidrs = places.cidrs(vpc, six=True) if vpc else ()
    lines += [f"route add {c} via {link_6(10 + number, 1)} dev in table {LOADED}" for c in cidrs]
    return "\n".join(lines) + "\n"


def internet(places: Places) -> str:
    """The hosts of the internet, and where it finds public addresses."""
    lines = [f"route flush table {LOADED}", f"route add blackhole 192.0.2.255 table {LOADED}"]
    lines += [f"addr replace {address}/32 dev lo" for address in OUTSIDE]
    for number, vpc in enumerate(places.vpcs):
        for public in places.translated(vpc).values():
            lines.append(f"route add {public} via {link_4(20 + number, 2)} dev vpc{number} table {LOADED}")
    return "\n".join(lines) + "\n"


def internet_6(places: Places) -> str:
    """The same over IPv6: a VPC's addresses are found through its gateways, whatever these let in."""
    lines = [f"route flush table {LOADED}", f"route add blackhole 100::/64 table {LOADED}"]
    lines += [f"addr replace {address}/128 dev lo nodad" for address in OUTSIDE_6]
    for number, vpc in enumerate(places.vpcs):
        for address in places.members_6(vpc):
            lines.append(f"route add {address} via {link_6(20 + number, 2)} dev vpc{number} table {LOADED}")
    return "\n".join(lines) + "\n"


def host(places: Places, nic: str) -> str:
    """The addresses of an interface; everything outside its subnet goes to the router."""
    props = places.nics[nic]
    subnet = str(props.subnet)
    length, six = places.cidr(subnet).prefixlen, places.cidr_6(subnet)
    lines = [
        "addr flush dev eth0 scope global",
        "neigh flush dev eth0",
        *(f"addr add {address}/{length} dev eth0" for address in props.private_ips),
        f"route add default via {places.router_address(subnet)}",
    ]
    if six is not None and props.ipv6_ips:
        lines += [f"addr add {address}/{six.prefixlen} dev eth0 nodad" for address in props.ipv6_ips]
        lines.append(f"route replace ::/0 via {six[1]} dev eth0")
    return "\n".join([*lines, ""])
