"""Route tables, gateways and addresses as scripts for ``ip -batch``. Never here: filters, the engine's own routes.

Every subnet has a routing table of its own, chosen by the bridge a packet comes from. The local route is a ``throw``:
the packet goes on to the table of connected subnets (VPC User Guide, Route tables).
"""

from __future__ import annotations

from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.vpc_peering import VpcPeering
from tests.kernel.places import BRIDGES, CONNECTED, HOSTS, LOADED, OUTSIDE, Places


def link(network: int, side: int) -> str:
    """The address of one side of a cable between namespaces."""
    return f"169.254.{network}.{side}"


def rules_of_a_router() -> list[str]:
    """What never changes in a router: its bridges, and which table speaks for which of them."""
    lines = [
        f"rule add pref 300 lookup {CONNECTED}",
        f"route add blackhole default metric 9999 table {CONNECTED}",
    ]
    for b in range(BRIDGES):
        lines += [
            f"link add br{b} type bridge",
            f"link set br{b} up",
            # A bridge without ports stops carrying, and starts again only after a while; this port never leaves.
            f"link add k{b} type veth peer name l{b}",
            f"link set l{b} arp off up",
            f"link set k{b} master br{b} up",
            f"rule add pref 200 iif br{b} lookup {table(b)}",
            f"route add blackhole default metric 9999 table {table(b)}",
        ]
    return lines


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
        lines += [f"addr flush dev br{b}", f"route flush table {table(b)}"]
        lines.append(f"route add blackhole default metric 9999 table {table(b)}")
    for b, subnet in enumerate(subnets):
        gateway = places.router_address(subnet)
        lines.append(f"addr add {gateway}/32 dev br{b}")
        lines.append(f"route add {places.cidr(subnet)} dev br{b} src {gateway} table {CONNECTED}")
    for b, subnet in enumerate(subnets):
        for destination, way in _routes(places, vpc or "", subnet).items():
            what = f"{way} {destination}" if way in ("throw", "blackhole") else f"{destination} {way} onlink"
            lines.append(f"route add {what} table {table(b)}")
    return "\n".join(lines) + "\n"


def _routes(places: Places, vpc: str, subnet: str) -> dict[str, str]:
    """Destination to what ``ip route`` does with it. A route for a range beats one for a list that holds the range."""
    tables = places.snapshot.of(RouteTable).values()
    own = [f.props for f in tables if subnet in f.props.subnets]
    held = own[0] if own else next(f.props for f in tables if f.props.vpc == vpc and f.props.main)
    lists = places.snapshot.of(PrefixList)
    made: dict[str, str] = {}
    for listed in (True, False):
        for route in sorted((*held.routes, *held.implied), key=str):
            way = "blackhole" if route.state == "blackhole" else _way(places, vpc, str(route.target))
            if (str(route.destination) in lists) is not listed:
                continue
            ranges = lists[str(route.destination)].props.cidrs or () if listed else (str(route.destination),)
            made |= dict.fromkeys(ranges, way)
    return made


def _way(places: Places, vpc: str, target: str) -> str:
    number = places.vpcs.index(vpc)
    if target == "local":
        return "throw"
    if (gateway := places.snapshot.get(InternetGateway, target)) is not None:
        return f"via {link(10 + number, 2)} dev igw" if gateway.props.vpc == vpc else "blackhole"
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
        f"route add {c} via {link(10 + number, 1)} dev in table {LOADED}" for c in (places.cidrs(vpc) if vpc else ())
    ]
    return "\n".join(lines) + "\n"


def internet(places: Places) -> str:
    """The hosts of the internet, and where it finds public addresses."""
    lines = [f"route flush table {LOADED}", f"route add blackhole 192.0.2.255 table {LOADED}"]
    lines += [f"addr replace {address}/32 dev lo" for address in OUTSIDE]
    for number, vpc in enumerate(places.vpcs):
        for public in places.translated(vpc).values():
            lines.append(f"route add {public} via {link(20 + number, 2)} dev vpc{number} table {LOADED}")
    return "\n".join(lines) + "\n"


def host(places: Places, nic: str) -> str:
    """The addresses of an interface; everything outside its subnet goes to the router."""
    props = places.nics[nic]
    subnet = str(props.subnet)
    length = places.cidr(subnet).prefixlen
    return "\n".join(
        [
            "addr flush dev eth0",
            "neigh flush dev eth0",
            *(f"addr add {address}/{length} dev eth0" for address in props.private_ips),
            f"route add default via {places.router_address(subnet)}",
            "",
        ]
    )
