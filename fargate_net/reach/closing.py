"""Which rules to take out or narrow so that a path closes. Never here: rules that are missing.

The first rule that lets the client in is the one to change: at a load balancer that is the balancer's own rule, so the
balancer goes on serving everybody else its rules name.
"""

from __future__ import annotations

from dataclasses import replace

from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.model.verdict import Answer, Disposition, Hop, Question
from fargate_net.reach.ask import ask
from fargate_net.reach.edits.filters import NarrowRule
from fargate_net.reach.fixes import sockets
from fargate_net.reach.intervals import ALL_PORTS, Intervals
from fargate_net.reach.network import Network

ROUNDS = 32
"""How many rules may let the same client in, one after the other, before the search gives up."""

OPEN = (Disposition.REACHABLE, Disposition.PARTIAL)


def search(network: Network, question: Question) -> tuple[list[NarrowRule], bool]:
    """The rules to narrow, and whether nothing of the question is open after that."""
    edits: list[NarrowRule] = []
    for protocol in (question.protocol,) if question.protocol else ("tcp", "udp", "icmp"):
        asked = replace(question, protocol=protocol)
        if protocol == "icmp" and question.ports is not None:
            continue
        for _ in range(ROUNDS):
            answer = ask(network, asked)
            if answer.verdict not in OPEN:
                break
            edit = _first(network, answer, protocol)
            if edit is None:
                return edits, False
            edits.append(edit)
            network = Network(edit.applied(network.snapshot))
    return edits, ask(network, question).verdict is Disposition.BLOCKED


def _first(network: Network, answer: Answer, protocol: str) -> NarrowRule | None:
    """The first ingress rule of the open path; where nobody filters what comes in, what lets the sender out."""
    for direction in ("ingress", "egress"):
        for path in answer.paths[:1]:
            for place, hop in enumerate(path.forward):
                if hop.kind == "security_group" and hop.rule.startswith(direction):
                    edit = _narrowed(network, hop, protocol, _ports(path.forward[place:], answer.question))
                    if edit is not None:
                        return edit
    return None


def _ports(ahead: tuple[Hop, ...], question: Question) -> Intervals:
    """The ports this hop sees: the listener's when a balancer is still ahead, else the asked ones."""
    listeners = [hop.rule.rpartition(" ")[2] for hop in ahead if hop.kind == "load_balancer"]
    if listeners and listeners[0].isdigit():
        return Intervals([(int(listeners[0]), int(listeners[0]))])
    return Intervals([question.ports]) if question.ports else ALL_PORTS


def _narrowed(network: Network, hop: Hop, protocol: str, ports: Intervals) -> NarrowRule | None:
    for group in hop.component.split(","):
        held = network.snapshot.get(SecurityGroup, group)
        for rule in held.props.rules if held else ():
            if str(rule) == hop.rule:
                return NarrowRule(group, rule, left_of(rule, protocol, ports), sockets(protocol, ports))
    return None


def left_of(rule: Rule, protocol: str, ports: Intervals) -> tuple[Rule, ...]:
    """What stays of a rule without these ports of a protocol. Beside tcp, udp and icmp a rule for all loses all."""
    if rule.protocol != "-1":
        held = Intervals([(max(rule.from_port, 0), 65535 if rule.to_port == -1 else rule.to_port)])
        if protocol not in ("tcp", "udp"):
            return ()
        return tuple(_part(rule, rule.protocol, low, high) for low, high in held - ports)
    six = ":" in str(rule.peer)
    left = [
        _part(rule, name, low, high)
        for name in ("tcp", "udp")
        for low, high in (ALL_PORTS - ports if name == protocol else ALL_PORTS)
    ]
    if protocol != "icmp":
        left.append(_part(rule, "icmpv6" if six else "icmp", -1, -1))
    return tuple(left)


def _part(rule: Rule, protocol: str, low: int, high: int) -> Rule:
    return Rule(rule.direction, protocol, low, high, rule.peer, rule.description)
