"""What stands where: VPCs with their subnets, and a row for each service, balancer, NAT and group of endpoints.

Never here: who can reach whom (lines.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fargate_net.app.picturing.gateways import gateways
from fargate_net.kinds.base import load_all
from fargate_net.kinds.listener import Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.task import Task
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.picture import Chip, Ground, Row, SubnetBox, VpcBox
from fargate_net.model.snapshot import Found
from fargate_net.reach.network import Network

_TYPES = {"application": "Application Load Balancer", "network": "Network Load Balancer"}
_GROUNDS = {True: Ground.PUBLIC, False: Ground.PRIVATE, None: Ground.UNKNOWN}


def vpcs(network: Network, services: Iterable[Found[Service]]) -> tuple[VpcBox, ...]:
    """A box for each VPC in which one of the services, or a balancer of theirs, has an interface."""
    chosen = sorted(services, key=lambda found: found.props.name)
    rows = [*_balancers(network, chosen), *(_service(network, found) for found in chosen)]
    places = {chip.subnet: network.snapshot.get(Subnet, chip.subnet) for row in rows for chip in row.chips}
    # A service without a task yet stands where its tasks will be.
    declared = {str(subnet) for found in chosen for subnet in found.props.subnets}
    places |= {subnet: network.snapshot.get(Subnet, subnet) for subnet in declared - set(places)}
    seen = sorted({str(found.props.vpc) for found in places.values() if found is not None})
    return tuple(_vpc(network, vpc, rows, chosen) for vpc in seen)


def _vpc(network: Network, vpc: str, rows: list[Row], services: list[Found[Service]]) -> VpcBox:
    snapshot = network.snapshot
    subnets = sorted(
        (found for found in snapshot.of(Subnet).values() if str(found.props.vpc) == vpc),
        key=lambda found: (found.props.zone, found.props.cidr),
    )
    inside = {found.id for found in subnets}
    homes = {f"service/{found.props.name}" for found in services if {str(s) for s in found.props.subnets} & inside}
    own = [
        row for row in rows if any(chip.subnet in inside for chip in row.chips) or (not row.chips and row.id in homes)
    ]
    found = snapshot.get(Vpc, vpc)
    name = _name(found) if found is not None else vpc
    cidrs = ", ".join(found.props.cidrs) if found is not None else ""
    return VpcBox(
        id=vpc,
        title=" ".join(filter(None, (f"VPC {name}", cidrs))),
        zones=tuple(sorted({found.props.zone for found in subnets})),
        subnets=tuple(
            SubnetBox(s.id, _name(s), s.props.cidr, s.props.zone, _GROUNDS[network.is_public(s.id)]) for s in subnets
        ),
        rows=(*own, *_nat(network, vpc), *_endpoints(network, vpc)),
        gateways=tuple(gateways(network, vpc)),
    )


def _service(network: Network, service: Found[Service]) -> Row:
    tasks = [
        task
        for task in network.snapshot.of(Task).values()
        if task.props.service == service.props.name
        and task.props.cluster == service.props.cluster
        and task.props.state != "STOPPED"
    ]
    ports = sorted({entry.port for entry in service.props.targets})
    noun = "task" if service.props.desired == 1 else "tasks"
    note = (
        f"{service.props.desired} {noun} planned"
        if service.planned
        else f"{len(tasks)} of {service.props.desired} {noun}"
    )
    if ports:
        note += f", behind a balancer on {', '.join(map(str, ports))}"
    chips = tuple(_task(network, task) for task in sorted(tasks, key=lambda task: (task.props.zone, task.id)))
    return Row(f"service/{service.props.name}", "service", service.props.name, note, chips, hover=service.id)


def _task(network: Network, task: Found[Task]) -> Chip:
    face = network.snapshot.get(NetworkInterface, task.props.interface)
    groups = sorted(map(str, face.props.security_groups)) if face else []
    hover = [f"task {task.id}", f"interface {task.props.interface}", *groups]
    return Chip(str(task.props.subnet), task.props.private_ip or "task", _public(face), "\n".join(hover))


def _balancers(network: Network, services: list[Found[Service]]) -> Iterator[Row]:
    """Those that forward to one of the services."""
    groups = {str(entry.target_group) for found in services for entry in found.props.targets}
    actions: dict[str, set[str]] = {}
    for listener in network.snapshot.of(Listener).values():
        to = [*listener.props.actions]
        for rule in network.snapshot.of(ListenerRule).values():
            to += rule.props.actions if str(rule.props.listener) == listener.id else ()
        if groups & {str(group) for action in to for group, _ in action.target_groups}:
            told = f"{listener.props.protocol.lower()} {listener.props.port}"
            actions.setdefault(str(listener.props.load_balancer), set()).add(told)
    for key, listeners in sorted(actions.items()):
        found = network.snapshot.get(LoadBalancer, key)
        if found is not None:
            what = _TYPES.get(found.props.type, found.props.type)
            note = f"{what}, {found.props.scheme}, {', '.join(sorted(listeners))}"
            faces = load_all()["load_balancer"].made(found, network.snapshot)
            chips = tuple(_face(network, face) for face in sorted(faces, key=lambda face: (face.props.zone, face.id)))
            yield Row(f"lb/{found.props.name}", "balancer", found.props.name, note, chips, hover=found.id)


def _face(network: Network, face: Found[NetworkInterface]) -> Chip:
    groups = sorted(map(str, face.props.security_groups))
    title = face.props.private_ips[0] if face.props.private_ips else face.id
    return Chip(str(face.props.subnet), title, _public(face), "\n".join([f"interface {face.id}", *groups]))


def _nat(network: Network, vpc: str) -> Iterator[Row]:
    gateways = [
        found
        for found in network.snapshot.of(NatGateway).values()
        if str(found.props.vpc) == vpc and found.props.state not in ("deleted", "deleting", "failed")
    ]
    if not gateways:
        return
    chips = [
        Chip(str(found.props.subnet), "NAT gateway", ", ".join(found.props.public_ips), found.id)
        for found in sorted(gateways, key=lambda found: found.id)
        if found.props.subnet
    ]
    regional = any(found.props.regional for found in gateways)
    note = "regional: in every zone that needs it" if regional else "the way out of private subnets"
    title = "NAT gateway" if len(gateways) == 1 else "NAT gateways"
    yield Row(f"nat/{vpc}", "nat", title, note, tuple(chips), "\n".join(found.id for found in gateways))


def _endpoints(network: Network, vpc: str) -> Iterator[Row]:
    """Interface endpoints, those that stand in the same subnets behind the same groups as one row."""
    alike: dict[tuple[frozenset[str], frozenset[str]], list[Found[VpcEndpoint]]] = {}
    for found in network.snapshot.of(VpcEndpoint).values():
        if str(found.props.vpc) == vpc and found.props.type == "Interface":
            places = frozenset(map(str, found.props.subnets)), frozenset(map(str, found.props.security_groups))
            alike.setdefault(places, []).append(found)
    for number, ((subnets, groups), same) in enumerate(sorted(alike.items(), key=lambda item: sorted(item[0][0])), 1):
        names = sorted(endpoint_name(one.props.service) for one in same)
        count = f"{len(same)} interfaces" if len(same) > 1 else "1 interface"
        chips = tuple(Chip(subnet, "endpoints", count, "\n".join(sorted(groups))) for subnet in sorted(subnets))
        hover = "\n".join(f"{one.id} {one.props.service}" for one in same)
        yield Row(f"endpoints/{vpc}/{number}", "endpoints", "VPC endpoints", ", ".join(names), chips, hover)


def endpoint_name(service: str) -> str:
    """``ecr.api`` for ``com.amazonaws.eu-west-1.ecr.api``: what stands after the Region."""
    return ".".join(service.split(".")[3:]) or service


def _public(face: Found[NetworkInterface] | None) -> str:
    if face is None:
        return ""
    return ", ".join([*(public for _, public in face.props.public_ips), *face.props.ipv6_ips])


def _name(found: Found[Subnet] | Found[Vpc]) -> str:
    """The Name tag; else the name inside the stack; else the id."""
    return found.name or (found.key or "").partition("/")[2] or found.id
