"""What ``describe`` tells about services: tasks, addresses, ports, health, names, and who can reach them.

Pure: a snapshot and its network in, a Report out. Never here: rich, describe calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fargate_net.kinds.discovery_service import DiscoveryService
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.model.report import (
    ContainerRow,
    DiscoveryRow,
    EndpointRow,
    Report,
    ServiceRow,
    StoppedRow,
    SubnetRow,
    TargetRow,
    TaskRow,
)
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Answer, Disposition, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.network import Network
from fargate_net.reach.startup import bare
from fargate_net.reach.stopped import cause

SHORT = {"application": "alb", "network": "nlb", "gateway": "gwlb"}


def report(network: Network, services: Iterable[Found[Service]]) -> Report:
    """The rows of these services, in name order."""
    chosen = sorted(services, key=lambda service: (str(service.props.cluster), service.props.name))
    reach = _Reach(network, [service.props.name for service in chosen])
    rows = tuple(_service(network, service, reach) for service in chosen)
    missing = tuple(sorted({f"{fact.call}: {fact.why}" for fact in network.snapshot.missing}))
    return Report(rows, missing)


def _service(network: Network, service: Found[Service], reach: _Reach) -> ServiceRow:
    snapshot = network.snapshot
    cluster = cluster_name(service)
    mine = [
        task
        for task in snapshot.of(Task).values()
        if task.props.service == service.props.name and bare(task.props.cluster) == cluster
    ]
    running = sorted((task for task in mine if task.props.state != "STOPPED"), key=lambda task: task.id)
    stopped = sorted(
        (task for task in mine if task.props.state == "STOPPED"), key=lambda task: task.props.stopped_at, reverse=True
    )
    status = service.status
    return ServiceRow(
        name=service.props.name,
        cluster=cluster,
        status=str(status.get("status", "PLANNED" if service.planned else "ACTIVE")),
        desired=service.props.desired,
        running=int(status.get("running", 0)),
        pending=int(status.get("pending", 0)),
        endpoints=tuple(endpoints(snapshot, service, running)),
        tasks=tuple(_task(network, service, task, reach) for task in running),
        stopped=tuple(_stopped(network, task) for task in stopped),
        events=tuple(f"{event.at} {event.text}" for event in status.get("events", ())),
    )


def cluster_name(service: Found[Service]) -> str:
    """The name of the service's cluster."""
    return bare(service.props.cluster)


def _task(network: Network, service: Found[Service], task: Found[Task], reach: _Reach) -> TaskRow:
    snapshot, props = network.snapshot, task.props
    eni = snapshot.get(NetworkInterface, props.interface)
    groups = sorted(str(group) for group in eni.props.security_groups) if eni else ()
    public = dict(eni.props.public_ips).get(props.private_ip) if eni else None
    return TaskRow(
        id=task.id,
        status=props.state,
        zone=props.zone or (eni.props.zone if eni else ""),
        subnet=_subnet(network, props.subnet),
        eni=props.interface,
        private_ip=props.private_ip,
        public_ip=public,
        ipv6=next(iter(eni.props.ipv6_ips), None) if eni else None,
        security_groups=tuple((group, _group_name(snapshot, group)) for group in groups),
        containers=tuple(_containers(snapshot, task)),
        targets=tuple(_targets(snapshot, service, props.private_ip)),
        discovery=tuple(_names(snapshot, service, task)),
        reach=reach.of(service, task, eni),
    )


def _subnet(network: Network, id: str) -> SubnetRow | None:
    subnet = network.snapshot.get(Subnet, id)
    if subnet is None:
        return None
    free = subnet.status.get("free_ips")
    return SubnetRow(id, subnet.props.cidr, network.is_public(id), int(free) if free is not None else None)


def _group_name(snapshot: Snapshot, id: str) -> str:
    group = snapshot.get(SecurityGroup, id)
    return group.props.name if group else ""


def _containers(snapshot: Snapshot, task: Found[Task]) -> Iterator[ContainerRow]:
    definition = snapshot.get(TaskDefinition, task.props.definition)
    health = {container.name: container.health for container in task.props.containers}
    if definition is None:
        for name, state in health.items():
            yield ContainerRow(name, (), state)
        return
    for container in definition.props.containers:
        ports = tuple((port.port, port.protocol) for port in container.ports)
        yield ContainerRow(container.name, ports, health.get(container.name, "UNKNOWN"))


def _targets(snapshot: Snapshot, service: Found[Service], address: str) -> Iterator[TargetRow]:
    for entry in sorted(
        service.props.targets, key=lambda entry: (entry.container, entry.port, str(entry.target_group))
    ):
        group = snapshot.get(TargetGroup, str(entry.target_group))
        for target in (group.props.targets or ()) if group else ():
            if target.id == address:
                yield TargetRow(group.props.name if group else "", target.port, target.state, target.reason or None)


def _names(snapshot: Snapshot, service: Found[Service], task: Found[Task]) -> Iterator[DiscoveryRow]:
    for registry in service.props.registries:
        discovery = snapshot.get(DiscoveryService, str(registry.service))
        if discovery is None:
            continue
        for instance in discovery.props.instances or ():
            if instance.ip == task.props.private_ip:
                yield DiscoveryRow(full_name(snapshot, discovery), instance.ip, instance.port)


def full_name(snapshot: Snapshot, discovery: Found[DiscoveryService]) -> str:
    """The DNS name of a Cloud Map service: its own name inside its namespace."""
    namespace = snapshot.get(Namespace, str(discovery.props.namespace))
    return f"{discovery.props.name}.{namespace.props.name}" if namespace else discovery.props.name


def _stopped(network: Network, task: Found[Task]) -> StoppedRow:
    props = task.props
    said = [props.stopped_reason, *(container.reason for container in props.containers if container.reason)]
    why = cause(network, task)
    return StoppedRow(task.id, " ".join(dict.fromkeys(part for part in said if part)), why.text, why.code, why.fix)


def endpoints(snapshot: Snapshot, service: Found[Service], running: list[Found[Task]]) -> Iterator[EndpointRow]:
    """How clients find the service: balancers in front of it, Cloud Map and Service Connect names, DNS records."""
    groups = {str(entry.target_group) for entry in service.props.targets}
    for listener in sorted(snapshot.of(Listener).values(), key=lambda listener: listener.props.port):
        hosts = list(_hosts_forwarding(snapshot, listener, groups))
        balancer = snapshot.get(LoadBalancer, str(listener.props.load_balancer))
        if hosts and balancer is not None:
            yield from _balancer_rows(snapshot, balancer, listener, hosts)
    for registry in service.props.registries:
        discovery = snapshot.get(DiscoveryService, str(registry.service))
        if discovery is not None:
            name = full_name(snapshot, discovery)
            yield EndpointRow("cloud_map", f"{name}:{registry.port}" if registry.port else name, name, "private")
    if service.props.connect is not None:
        for _, _, dns_name, port in service.props.connect.endpoints:
            yield EndpointRow("service_connect", f"{dns_name}:{port}", dns_name, "private")
    yield from _static_records(snapshot, service, running)


def _hosts_forwarding(snapshot: Snapshot, listener: Found[Listener], groups: set[str]) -> Iterator[str]:
    """The host of every rule of this listener that forwards to one of the groups; ``""`` for any host."""
    if _forwards(listener.props.actions, groups):
        yield ""
    for rule in snapshot.of(ListenerRule).values():
        if str(rule.props.listener) == listener.id and _forwards(rule.props.actions, groups):
            yield from dict(rule.props.conditions).get("host-header", ("",))


def _forwards(actions: tuple[Action, ...], groups: set[str]) -> bool:
    return any(str(group) in groups for action in actions for group, _ in action.target_groups)


def _balancer_rows(
    snapshot: Snapshot, balancer: Found[LoadBalancer], listener: Found[Listener], hosts: list[str]
) -> Iterator[EndpointRow]:
    props, port, protocol = balancer.props, listener.props.port, listener.props.protocol
    aliases = [
        record.props.name
        for record in snapshot.of(RecordSet).values()
        if record.props.type == "A" and str(record.props.alias).removeprefix("dualstack.").rstrip(".") == props.dns_name
    ]
    for host in dict.fromkeys(hosts):
        name = host or next(iter(aliases), props.dns_name)
        scheme = protocol.lower()
        usual = {"http": 80, "https": 443}.get(scheme)
        url = f"{scheme}://{name}/" if port == usual else f"{scheme}://{name}:{port}" + ("/" if usual else "")
        yield EndpointRow(SHORT.get(props.type, props.type), url, props.dns_name, props.scheme)


def _static_records(snapshot: Snapshot, service: Found[Service], running: list[Found[Task]]) -> Iterator[EndpointRow]:
    for record in snapshot.of(RecordSet).values():
        if str(record.props.of_service) not in (service.id, service.props.name):
            continue
        want = {address for task in running for address in _public_addresses(snapshot, task)}
        have = set(record.props.values)
        stale = ""
        if have != want:
            lost, new = sorted(have - want), sorted(want - have)
            parts = [
                f"{', '.join(lost)} belongs to no task" if lost else "",
                f"{', '.join(new)} is not in it" if new else "",
            ]
            stale = "; ".join(part for part in parts if part)
        zone = snapshot.get(HostedZone, str(record.props.zone))
        scheme = "private" if zone is not None and zone.props.private else "internet-facing"
        yield EndpointRow("dns", record.props.name, record.props.name, scheme, stale)


def _public_addresses(snapshot: Snapshot, task: Found[Task]) -> Iterator[str]:
    eni = snapshot.get(NetworkInterface, task.props.interface)
    for _, public in eni.props.public_ips if eni else ():
        yield public


class _Reach:
    """Who reaches a task, in a phrase; tasks no rule can tell apart share one answer."""

    def __init__(self, network: Network, services: list[str]) -> None:
        self._network = network
        self._services = services
        self._known: dict[tuple[object, ...], dict[str, str]] = {}

    def of(self, service: Found[Service], task: Found[Task], eni: Found[NetworkInterface] | None) -> dict[str, str]:
        """Sources and phrases; empty when the interface is not known."""
        if eni is None:
            return {}
        alike = (service.id, eni.props.subnet, eni.props.security_groups, bool(eni.props.public_ips))
        if alike not in self._known:
            self._known[alike] = self._phrases(service, task)
        return self._known[alike]

    def _phrases(self, service: Found[Service], task: Found[Task]) -> dict[str, str]:
        target = f"task/{task.id}"
        phrases = {"internet": self._from_internet(service, target)}
        for name in self._services:
            if name != service.props.name:
                phrases[name] = self._phrase(name, target, "direct")
        return phrases

    def _from_internet(self, service: Found[Service], target: str) -> str:
        parts = []
        groups = {str(entry.target_group) for entry in service.props.targets}
        for balancer in self._network.snapshot.of(LoadBalancer).values():
            ports = [
                str(listener.props.port)
                for listener in self._network.snapshot.of(Listener).values()
                if str(listener.props.load_balancer) == balancer.id
                and any(True for _ in _hosts_forwarding(self._network.snapshot, listener, groups))
            ]
            if ports and balancer.props.scheme == "internet-facing":
                parts.append(self._through(balancer, target, sorted(ports, key=int)))
        direct = self._phrase("internet", target, "direct")
        if direct != "blocked" or not parts:
            parts.append(direct)
        return "; ".join(dict.fromkeys(parts))

    def _through(self, balancer: Found[LoadBalancer], target: str, ports: list[str]) -> str:
        word = SHORT.get(balancer.props.type, balancer.props.type)
        verdict = self._ask("internet", target, balancer.props.name).verdict
        if verdict in (Disposition.REACHABLE, Disposition.PARTIAL):
            return f"via {word}: {', '.join(ports)}"
        return f"{verdict.value} via {word}"

    def _phrase(self, source: str, target: str, via: str) -> str:
        answer = self._ask(source, target, via)
        if answer.verdict in (Disposition.BLOCKED, Disposition.UNKNOWN):
            return answer.verdict.value
        ports = [port for opened in answer.open for port in (opened.ports or (opened.protocol,))]
        return "direct: " + ", ".join(dict.fromkeys(ports))

    def _ask(self, source: str, target: str, via: str) -> Answer:
        return ask(self._network, Question(source=source, target=target, via=via))
