"""Edits of a stack of ours as lines of its spec: a key and what to put there. Never here: the spec itself.

What carries a stack's tags was drawn from its spec, so its key tells which part of the spec draws it. A list in a line
holds entries to add. What is not ours has no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fargate_net.kinds.listener import Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.service import Service
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Answer, Question
from fargate_net.reach.addresses import is_cidr
from fargate_net.reach.edits import Change
from fargate_net.reach.edits.balancers import AddListener
from fargate_net.reach.edits.filters import AddRule, NarrowRule
from fargate_net.reach.edits.services import AddInterfaceEndpoint, AssociateGatewayEndpoint
from fargate_net.reach.edits.tasks import StartWithPublicAddress
from fargate_net.reach.edits.ways import AddRoute, AttachGateway, ReplaceRoute
from fargate_net.reach.network import Network

MOST_PORTS = 16
"""A spec names declared ports one by one; a wider rule has no line."""

ENDPOINTS = "network.endpoints"
"""The name of the security group of a stack's interface endpoints."""


def lines(snapshot: Snapshot, question: Question, edits: Iterable[Change]) -> tuple[str, ...]:
    """The lines for these edits, each once. Empty when the spec cannot say all of them."""
    held = list(edits)
    said: list[str] = []
    moved = {edit.service for edit in held if isinstance(edit, StartWithPublicAddress)}
    for edit in held:
        more = _covered(snapshot, edit, moved) or list(_of(snapshot, question, edit, moved))
        if not more:
            return ()
        said.extend(more)
    return tuple(dict.fromkeys(line for line in said if line))


def _covered(snapshot: Snapshot, edit: Change, moved: set[str]) -> list[str]:
    """An empty line for what another line brings about: routes and gateways of tasks that become public."""
    if not moved or not all(_ours(snapshot, service) for service in moved):
        return []
    if isinstance(edit, AddRoute | ReplaceRoute):
        table = snapshot.get(RouteTable, edit.table)
        return [""] if table is not None and table.stack else []
    if isinstance(edit, AttachGateway):
        vpc = snapshot.get(Vpc, edit.vpc)
        return [""] if vpc is not None and vpc.stack else []
    return []


def _ours(snapshot: Snapshot, service: str) -> bool:
    held = snapshot.get(Service, service)
    return held is not None and held.stack is not None


def _of(snapshot: Snapshot, question: Question, edit: Change, moved: set[str]) -> Iterator[str]:
    if isinstance(edit, AddRule):
        yield from _of_rule(snapshot, question, edit, moved)
    elif isinstance(edit, StartWithPublicAddress):
        service = snapshot.get(Service, edit.service)
        if service is not None and service.stack:
            yield f"services.{_name(service)}.subnets: public"
            yield f"services.{_name(service)}.public_ip: true"
    elif isinstance(edit, AddInterfaceEndpoint | AssociateGatewayEndpoint):
        yield from _endpoint(snapshot, edit.vpc, question)
    elif isinstance(edit, AddListener):
        yield from _listener(snapshot, edit)


def _name(found: Found[Service]) -> str:
    return (found.key or "").partition("/")[2]


def _service(snapshot: Snapshot, stack: str | None, name: str) -> Found[Service] | None:
    if stack is None:
        return None
    every = snapshot.of(Service).values()
    return next((one for one in every if one.stack == stack and _name(one) == name), None)


def _of_rule(snapshot: Snapshot, question: Question, edit: AddRule, moved: set[str]) -> Iterator[str]:
    group = snapshot.get(SecurityGroup, edit.group)
    if group is None or group.stack is None or group.key is None:
        return
    name = group.key.partition("/")[2]
    service = _service(snapshot, group.stack, name)
    ingress = edit.rules[0].direction == "ingress"
    if name == ENDPOINTS or _group_name(snapshot, edit) == ENDPOINTS:
        yield from _endpoint(snapshot, str(group.props.vpc), question)
    elif name.startswith("balancer.") and ingress:
        yield from _sources(snapshot, group, edit)
    elif service is not None and ingress:
        yield from _allow(snapshot, service, _peer(snapshot, edit, group.stack), edit)
    elif service is not None:
        called = _service(snapshot, group.stack, _group_name(snapshot, edit))
        if called is not None:
            yield from _allow(snapshot, called, name, edit)
        elif question.target.startswith("aws:"):
            yield from _endpoint(snapshot, str(group.props.vpc), question)
        elif service.id in moved:
            yield ""


def _group_name(snapshot: Snapshot, edit: AddRule) -> str:
    """The name in the spec of the group a rule names; empty when it names a range, or a group of others."""
    peer = snapshot.get(SecurityGroup, str(edit.rules[0].peer))
    return (peer.key or "").partition("/")[2] if peer is not None else ""


def _peer(snapshot: Snapshot, edit: AddRule, stack: str) -> str:
    """Who is let in, as ``allow_from`` says it: a service of the stack, a range, an id that stays."""
    name, peer = _group_name(snapshot, edit), str(edit.rules[0].peer)
    if _service(snapshot, stack, name) is not None:
        return name
    return peer if is_cidr(peer) or peer.startswith(("sg-", "pl-")) else ""


def _allow(snapshot: Snapshot, service: Found[Service], peer: str, edit: AddRule) -> Iterator[str]:
    ports = sorted({port for rule in edit.rules for port in range(rule.from_port, rule.to_port + 1)[: MOST_PORTS + 1]})
    if not peer or not ports or len(ports) > MOST_PORTS or edit.rules[0].protocol not in ("tcp", "udp"):
        return
    yield f"services.{_name(service)}.allow_from: [{{from: {_quoted(peer)}, ports: {ports}}}]"
    yield from _declared(snapshot, service, ports, edit.rules[0].protocol)


def _quoted(peer: str) -> str:
    """IPv6 ranges hold colons, which YAML reads otherwise."""
    return f'"{peer}"' if ":" in peer else peer


def _declared(snapshot: Snapshot, service: Found[Service], ports: list[int], protocol: str) -> Iterator[str]:
    """``allow_from`` is about declared ports: one that is not declared has to be."""
    definition = snapshot.get(TaskDefinition, str(service.props.task_definition))
    if definition is None:
        return
    containers = definition.props.containers
    known = {mapping.port for container in containers for mapping in container.ports}
    missing = [f'"{port}/udp"' if protocol == "udp" else str(port) for port in ports if port not in known]
    if missing:
        yield f"services.{_name(service)}.containers.{containers[0].name}.ports: [{', '.join(missing)}]"


def _endpoint(snapshot: Snapshot, vpc: str, question: Question) -> Iterator[str]:
    held = snapshot.get(Vpc, vpc)
    if held is not None and held.stack and question.target.startswith("aws:"):
        yield f"network.endpoints: [{question.target.removeprefix('aws:')}]"


def _sources(snapshot: Snapshot, group: Found[SecurityGroup], edit: AddRule) -> Iterator[str]:
    """Who may connect to a balancer, at every service behind the listeners on the rule's ports.

    An internal balancer without sources takes the whole VPC, so those that are let in already are told again.
    """
    peer = _peer(snapshot, edit, group.stack or "")
    ports = {rule.from_port for rule in edit.rules}
    for balancer in snapshot.of(LoadBalancer).values():
        if group.id not in map(str, balancer.props.security_groups):
            continue
        for listener in snapshot.of(Listener).values():
            if str(listener.props.load_balancer) != balancer.id or listener.props.port not in ports:
                continue
            served = {rule for rule in group.props.rules if rule.from_port == listener.props.port}
            old = sorted(str(r.peer) for r in served if r.direction == "ingress" and is_cidr(str(r.peer)))
            kept = old if balancer.props.scheme == "internal" else []
            entries = ", ".join(map(_quoted, dict.fromkeys((*kept, peer))))
            for name in sorted(_behind(snapshot, listener)):
                if is_cidr(peer) or peer.startswith(("sg-", "pl-")):
                    yield f"services.{name}.expose.{_word(balancer)}.{listener.props.port}.sources: [{entries}]"


def _behind(snapshot: Snapshot, listener: Found[Listener]) -> set[str]:
    groups = [str(group) for action in listener.props.actions for group, _ in action.target_groups]
    held = [snapshot.get(TargetGroup, group) for group in groups]
    return {(one.key or "").partition("/")[2].partition(".")[0] for one in held if one is not None and one.stack}


def _word(balancer: Found[LoadBalancer]) -> str:
    return "nlb" if balancer.props.type == "network" else "alb"


def _listener(snapshot: Snapshot, edit: AddListener) -> Iterator[str]:
    balancer, group = snapshot.get(LoadBalancer, edit.balancer), snapshot.get(TargetGroup, edit.group)
    if balancer is None or group is None or not balancer.stack or not group.stack:
        return
    service = _service(snapshot, group.stack, (group.key or "").partition("/")[2].partition(".")[0])
    if service is None:
        return
    for wanted in service.props.targets:
        if str(wanted.target_group) == group.id:
            to = f"{wanted.container}:{wanted.port}"
            protocol = ", protocol: udp" if edit.protocol == "UDP" else ""
            what = f'{{{_word(balancer)}: {{listen: {edit.port}, to: "{to}"{protocol}}}}}'
            yield f"services.{_name(service)}.expose: [{what}]"


def exposing(network: Network, question: Question, answer: Answer) -> tuple[str, ...]:
    """The line that puts a balancer in front of a service, when the question wants one and there is none."""
    snapshot = network.snapshot
    wanted = next((one for one in snapshot.of(Service).values() if question.target in (one.props.name, one.id)), None)
    if wanted is None or not wanted.stack or question.via not in ("alb", "nlb") or question.ports is None:
        return ()
    if not any(b.code == "TARGET_NOT_REGISTERED" and b.component == question.target for b in answer.blockers):
        return ()
    definition = snapshot.get(TaskDefinition, str(wanted.props.task_definition))
    port = question.ports[0]
    for container in definition.props.containers if definition else ():
        if any(mapping.port == port for mapping in container.ports):
            to = f'to: "{container.name}:{port}"'
            inside = "" if question.source == "internet" else ", internal: true"
            return (f"services.{_name(wanted)}.expose: [{{{question.via}: {{listen: {port}, {to}{inside}}}}}]",)
    return ()


def closing_lines(snapshot: Snapshot, edits: Iterable[NarrowRule]) -> tuple[str, ...]:
    """What to take out of the spec, in words: a key, and the source that loses which ports."""
    said = []
    for edit in edits:
        group = snapshot.get(SecurityGroup, edit.group)
        if group is None or group.stack is None or edit.rule.direction != "ingress":
            return ()
        name = (group.key or "").partition("/")[2]
        added = AddRule(edit.group, (edit.rule,), edit.what)
        peer = _peer(snapshot, added, group.stack)
        if _service(snapshot, group.stack, name) is not None and peer:
            said.append(f"services.{name}.allow_from: take {edit.what} away from {peer}")
        elif name.startswith("balancer.") and peer:
            said.extend(f"{line.partition(':')[0]}: take {peer} out" for line in _sources(snapshot, group, added))
        else:
            return ()
    return tuple(dict.fromkeys(said))
