"""Where an answer about the internet can be tried: addresses and names that anybody can reach, with their open ports.

Only what should be reachable is tried. Never here: sockets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from fargate_net.kinds.listener import Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.service import Service
from fargate_net.kinds.task import Task
from fargate_net.model.probe import Door
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Answer, Disposition, Open, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.network import Network

OPEN = (Disposition.REACHABLE, Disposition.PARTIAL)
MOST_PORTS = 16
"""Ports of one address that are tried; a rule that opens more is not a list of things to knock at."""

_SHORT = {"alb": "application", "nlb": "network"}
_SPEAKS_TCP = frozenset({"HTTP", "HTTPS", "TCP", "TLS", "TCP_UDP"})


def doors(network: Network, answer: Answer) -> tuple[tuple[Door, ...], tuple[str, ...]]:
    """Where to knock for this answer, each door once, and what is left out and why."""
    if answer.question.source != "internet" or answer.verdict not in OPEN:
        return (), ()
    found: list[Door] = []
    notes: list[str] = []
    for item in _of(network, answer):
        if isinstance(item, str):
            notes.append(item)
        else:
            found.append(item)
    if any(entry.protocol == "udp" for entry in answer.open):
        notes.append("UDP is not probed: a port that takes datagrams need not answer.")
    if not found and not notes:
        notes.append("Nothing to knock at: no public address or name belongs to it.")
    unique = {(door.address, door.port): door for door in reversed(found)}
    return tuple(reversed(unique.values())), tuple(dict.fromkeys(notes))


def _of(network: Network, answer: Answer) -> Iterator[Door | str]:
    target = answer.question.target
    if target.startswith("lb/"):
        yield from _ports(_balancer_address(network, target), answer.open, target)
    elif target.startswith("task/"):
        yield from _task(network, answer.question, target.removeprefix("task/"))
    elif target.startswith("eni-"):
        yield from _interface(network, target, answer.open, target)
    elif _is_address(target) or "." in target:
        yield from _ports([target], answer.open, "")
    else:
        yield from _service(network, answer.question)


def _service(network: Network, question: Question) -> Iterator[Door | str]:
    """Through each balancer that forwards to it, and straight to its tasks, by address and by static name."""
    name = question.target.partition("/")[0]
    for service in network.snapshot.of(Service).values():
        if service.props.name == name:
            yield from _through_balancers(network, question, service)
    if question.via not in (None, "direct"):
        return
    for task in network.snapshot.of(Task).values():
        if task.props.service == name and task.props.state == "RUNNING":
            yield from _task(network, question, task.id)


def _through_balancers(network: Network, question: Question, service: Found[Service]) -> Iterator[Door | str]:
    low, high = question.ports or (0, 65535)
    groups = {str(entry.target_group) for entry in service.props.targets if low <= entry.port <= high}
    for listener in network.snapshot.of(Listener).values():
        balancer = network.snapshot.get(LoadBalancer, str(listener.props.load_balancer))
        if balancer is None or not _is_way(question.via, balancer) or not groups & _forwards(network, listener):
            continue
        if balancer.props.scheme != "internet-facing" or listener.props.protocol not in _SPEAKS_TCP:
            continue
        port, behind = listener.props.port, f"lb/{balancer.props.name}"
        if ask(network, Question("internet", behind, "tcp", (port, port))).verdict in OPEN:
            yield Door(balancer.props.dns_name, port, behind)


def _is_way(via: str | None, balancer: Found[LoadBalancer]) -> bool:
    if via is None:
        return True
    return balancer.props.type == _SHORT.get(via) or balancer.props.name == via.removeprefix("lb/")


def _forwards(network: Network, listener: Found[Listener]) -> set[str]:
    """The target groups that a listener or one of its rules sends to."""
    rules = (rule.props for rule in network.snapshot.of(ListenerRule).values())
    actions = [*listener.props.actions]
    actions += [action for rule in rules if str(rule.listener) == listener.id for action in rule.actions]
    return {str(group) for action in actions for group, _ in action.target_groups}


def _task(network: Network, question: Question, task_id: str) -> Iterator[Door | str]:
    """A task straight, at every public address it has, and at every record that holds one of them."""
    behind = f"task/{task_id}"
    answer = ask(network, Question("internet", behind, "tcp", question.ports, via="direct"))
    task = network.snapshot.get(Task, task_id)
    if answer.verdict in OPEN and task is not None:
        yield from _interface(network, task.props.interface, answer.open, behind)


def _interface(network: Network, interface: str, opened: Iterable[Open], behind: str) -> Iterator[Door | str]:
    found = network.snapshot.get(NetworkInterface, interface)
    if found is None:
        return
    public = [address for _, address in found.props.public_ips]
    names = [
        record.props.name
        for record in network.snapshot.of(RecordSet).values()
        if record.props.type == "A" and set(record.props.values) & set(public)
    ]
    yield from _ports([*public, *found.props.ipv6_ips, *names], opened, behind)


def _balancer_address(network: Network, target: str) -> list[str]:
    balancers = network.snapshot.of(LoadBalancer).values()
    return [found.props.dns_name for found in balancers if f"lb/{found.props.name}" == target and found.props.dns_name]


def _ports(addresses: Iterable[str], opened: Iterable[Open], behind: str) -> Iterator[Door | str]:
    """Each address with each open TCP port that holds for it."""
    entries = [entry for entry in opened if entry.protocol in ("tcp", "all")]
    for address in addresses:
        # An entry that names addresses holds for those alone. A name stands for all of them.
        own = [entry for entry in entries if not entry.addresses or address in entry.addresses or "." in address]
        numbers = sorted({number for entry in own for text in entry.ports for number in _numbers(text)})
        if len(numbers) > MOST_PORTS:
            count = f"{address} has {len(numbers)} open TCP ports, too many to try."
            yield f"{count} Ask for one: --to {behind or address}:PORT"
            continue
        yield from (Door(address, number, behind) for number in numbers)


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
