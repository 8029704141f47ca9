"""What would open a way: a route, a gateway, a public address, as a sentence that carries its edit.

Where two things would do, the one that opens less to others comes first: a peering or transit gateway that is there, a
NAT gateway that is there, the internet gateway. Never here: deciding whether a way is closed, packet filters.
"""

from __future__ import annotations

from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.route_table import Route
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.transit_gateway import TransitGatewayAttachment
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.reach.addresses import INTERNET, UNROUTABLE, cidr, is_cidr, show
from fargate_net.reach.edits import Change
from fargate_net.reach.edits.tasks import AttachPublicAddress, StartWithPublicAddress
from fargate_net.reach.edits.ways import AcceptPeering, AddRoute, AttachGateway, ExcludeFromBlock, ReplaceRoute
from fargate_net.reach.fixes import cure
from fargate_net.reach.interfaces import Nic, running
from fargate_net.reach.network import Network
from fargate_net.reach.places import Place
from fargate_net.reach.routes import Entry, kind_of

EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


def route(network: Network, place: Place, family: int, address: int, wished: str, dead: Entry | None = None) -> str:
    """A table has no usable route to an address; ``dead`` is the blackhole that it has instead."""
    if address in UNROUTABLE[family]:
        return f"Ask for another address than {show(family, address)}: no route for it can be added to {place.table}."
    public = any(low <= address <= high for low, high in INTERNET[family])
    found = _outward(network, place, family) if public else _private(network, place.vpc, family, address)
    destination = wished if is_cidr(wished) else EVERYWHERE[family]
    if not found or cidr(destination).family != family:
        if dead is not None:
            return f"Replace the route {dead.text} in {place.table}: its target no longer works."
        advice = (
            "a NAT gateway or an internet gateway" if public else "the peering, transit gateway or VPN that leads there"
        )
        return f"Add to {place.table} a route for {destination} to {advice}."
    target, before = found
    if public and family == 4 and kind_of(target) == "internet_gateway" and _can_move(network, place):
        assert place.nic is not None
        return public_address(network, place.nic)
    return cure(*before, _set(place.table, destination, target, dead))


def onward(network: Network, place: Place, family: int, address: int) -> str:
    """The target of the route that :func:`route` asks for, when nothing else would do; else empty.

    A sender without public IPv4 address may want a NAT gateway as well as an address of its own.
    """
    if any(low <= address <= high for low, high in INTERNET[family]):
        found = _outward(network, place, family)
        translated = place.nic is not None and (place.nic.public or place.nic.type == "nat_gateway")
        if found and family == 4 and kind_of(found[0]) == "internet_gateway" and not translated:
            return ""
    else:
        found = _private(network, place.vpc, family, address)
    return found[0] if found and not found[1] else ""


def _can_move(network: Network, place: Place) -> bool:
    """Whether the sender is a task for which there are public subnets: better it moves than they become public."""
    nic = place.nic
    if nic is None or nic.public or nic.id not in network.task_of or nic.subnet != place.subnet:
        return False
    return bool(_public_subnets(network, nic.vpc, (nic.id,)))


def back(table: str, wished: str, expected: str, entry: Entry | None) -> str:
    """A reply takes the wrong route, or finds none; ``expected`` is the gateway it has to leave by."""
    if expected == "local":
        taken = entry.text if entry is not None else "what leads elsewhere"
        return f"Take {taken} out of {table}, or make it narrower: the reply to {wished} stays inside the VPC."
    if not is_cidr(wished):
        return f"Add to {table} a route to {expected} for {wished.rpartition('/')[0]}."
    same = entry is not None and (entry.destination == wished or entry.state != "active")
    return cure(_set(table, wished, expected, entry if same else None))


def _set(table: str, destination: str, target: str, instead_of: Entry | None) -> Change:
    if instead_of is None or instead_of.via_list:
        return AddRoute(table, Route(destination, target))
    dead = instead_of.state != "active"
    return ReplaceRoute(table, instead_of.destination, instead_of.target, target, dead)


def _private(network: Network, vpc: str, family: int, address: int) -> tuple[str, tuple[Change, ...]] | None:
    """What leads into the VPC of an address: an active peering, or a transit gateway both are attached to."""
    for home in network.vpcs_of(family, address):
        for key, found in network.snapshot.of(VpcPeering).items():
            sides = {found.props.requester.vpc, found.props.accepter.vpc}
            if sides == {vpc, home} and found.props.state == "active":
                return key, ()
        attached = network.snapshot.of(TransitGatewayAttachment).values()
        held = [
            {a.props.gateway for a in attached if a.props.type == "vpc" and a.props.resource == one}
            for one in (vpc, home)
        ]
        if both := sorted(held[0] & held[1]):
            return both[0], ()
    return None


def _outward(network: Network, place: Place, family: int) -> tuple[str, tuple[Change, ...]] | None:
    """What leads from a sender to the internet, and what must be made first."""
    translator = place.nic is not None and place.nic.type == "nat_gateway"
    if family == 6:
        for key, found in network.snapshot.of(EgressOnlyGateway).items():
            if str(found.props.vpc) == place.vpc:
                return key, ()
    elif place.nic is not None and not place.nic.public and not translator:
        for key, nat in sorted(network.snapshot.of(NatGateway).items()):
            props = nat.props
            usable = props.state == "available" and props.public and str(props.vpc) == place.vpc
            if usable and str(props.subnet) != place.subnet and (not props.zones or place.nic.zone in props.zones):
                return key, ()
    gateway = network.internet_gateway(place.vpc)
    if isinstance(gateway, str):
        return gateway, ()
    if gateway is not None:
        return None
    made = _attach(network, place.vpc)
    return made.gateway, (made,)


def _attach(network: Network, vpc: str) -> AttachGateway:
    loose = sorted(key for key, found in network.snapshot.of(InternetGateway).items() if not found.props.vpc)
    return AttachGateway(vpc, loose[0] if loose else f"planned:internet_gateway/of-{vpc.rpartition('/')[2]}", not loose)


def attachable(network: Network, vpc: str) -> str:
    """The internet gateway that would be attached to a VPC which has none."""
    return _attach(network, vpc).gateway


def attach_gateway(network: Network, vpc: str) -> str:
    """A VPC has no internet gateway."""
    return cure(_attach(network, vpc))


def detached(network: Network, gateway: str, vpc: str) -> str:
    """A route leads to a gateway of nowhere, or of another VPC."""
    held = network.snapshot.get(InternetGateway, gateway)
    if held is not None and not held.props.vpc and network.internet_gateway(vpc) is None:
        return cure(AttachGateway(vpc, gateway, new=False))
    return f"Attach {gateway} to {vpc}, or route to the gateway that is."


def public_address(network: Network, nic: Nic) -> str:
    """An interface needs a public IPv4 address: an Elastic IP, or for a task another start of its service."""
    held = network.snapshot.get(NetworkInterface, nic.id)
    task = network.task_of.get(nic.id)
    if task is None:
        if held is None or nic.type != "interface" or held.props.requester.startswith("amazon-"):
            return f"Put a load balancer that faces the internet in front of {nic.id}."
        return cure(AttachPublicAddress(nic.id))
    name = task.props.service
    tasks = network.tasks_of(name, task.props.cluster) if name else [task]
    interfaces = tuple(
        one.props.interface for one in tasks if running(one) and one.props.interface in network.nics
    ) or (nic.id,)
    service = next(
        (
            found.id
            for found in network.snapshot.of(Service).values()
            if found.props.name == name
            and str(found.props.cluster).rpartition("/")[2] == task.props.cluster.rpartition("/")[2]
        ),
        "",
    )
    subnets = () if network.is_public(nic.subnet) else _public_subnets(network, nic.vpc, interfaces)
    return cure(StartWithPublicAddress(service, name, interfaces if service else (nic.id,), subnets))


def _public_subnets(network: Network, vpc: str, interfaces: tuple[str, ...]) -> tuple[str, ...]:
    """The subnets with a route to the internet gateway, of the zones the tasks are in if there are any."""
    zones = {network.nics[key].zone for key in interfaces}
    known = {key: found.props for key, found in network.snapshot.of(Subnet).items() if str(found.props.vpc) == vpc}
    public = sorted(key for key in known if network.is_public(key))
    return tuple(key for key in public if known[key].zone in zones) or tuple(public)


def accept(peering: str, state: str) -> str:
    """A peering is not active. One that expired or was rejected cannot be accepted any more."""
    if state == "pending-acceptance":
        return cure(AcceptPeering(peering))
    return f"Create {peering} again, and keep the routes on both sides."


def block_public_access(subject: str, *, egress: bool) -> str:
    """Block Public Access is on; ``egress``: nothing needs to be opened from outside."""
    return cure(ExcludeFromBlock(subject, "allow-egress" if egress else "allow-bidirectional"))
