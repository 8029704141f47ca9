"""The ways through load balancers to a service, as questions nobody has to ask. Never here: how they are judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.service import Service
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Answer, Disposition, Question
from fargate_net.reach.approaches import unfolded
from fargate_net.reach.ask import ask
from fargate_net.reach.balancers import Lane, balancers_of, unread
from fargate_net.reach.interfaces import Lack
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import remedied


def balancer_paths(network: Network, service: Found[Service]) -> Iterator[Answer]:
    """One answer for each container port and each balancer that forwards to it.

    An internet-facing balancer is asked about from the internet, an internal one from its own nodes, unless the targets
    see its clients, whom nobody names. A balancer that takes some clients only is as somebody wanted it. Unknown when
    none is found and not all of them could be read.
    """
    made = balancers_of(network)
    for entry in sorted(service.props.targets, key=lambda entry: (entry.port, str(entry.target_group))):
        missing = [f"{lost.call}: {lost.why}" for lost in unread(network, LoadBalancer)]
        found = False
        for balancer in network.snapshot.of(LoadBalancer).values():
            lanes = list(unfolded(made, made.lanes(balancer)))
            missing += [lane.text for lane in lanes if isinstance(lane, Lack)]
            mine = [lane for lane in lanes if isinstance(lane, Lane) and lane.group.id == str(entry.target_group)]
            found = found or bool(mine)
            facing = balancer.props.scheme == "internet-facing"
            if mine and (facing or not any(made.keeps_client(lane.front or lane) for lane in mine)):
                yield _judged(network, balancer, service.props.name, entry.port, facing=facing)
        if missing and not found:
            ports = (entry.port, entry.port)
            whole = Question("internet", service.props.name, "tcp", ports, expect=Disposition.REACHABLE)
            yield Answer(whole, Disposition.UNKNOWN, missing=tuple(dict.fromkeys(missing)))


def _judged(network: Network, balancer: Found[LoadBalancer], service: str, port: int, *, facing: bool) -> Answer:
    name = balancer.props.name
    wanted = Question("internet", service, None, (port, port), name, Disposition.REACHABLE)
    if not facing:
        wanted = replace(wanted, source=f"lb/{name}", via="direct")
    answer = ask(network, wanted)
    if answer.verdict is Disposition.PARTIAL and all(row.clients for row in answer.open):
        return replace(answer, question=replace(answer.question, expect=Disposition.PARTIAL))
    return remedied(network, answer)
