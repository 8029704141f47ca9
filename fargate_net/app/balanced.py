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
from fargate_net.reach.balancers import Lane, balancers_of
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import remedied


def balancer_paths(network: Network, service: Found[Service]) -> Iterator[Answer]:
    """One answer for each container port and each balancer that forwards to it.

    An internet-facing balancer is asked about from the internet, an internal one from its own nodes, unless the targets
    see its clients, whom nobody names. A balancer that takes some clients only is as somebody wanted it.
    """
    made = balancers_of(network)
    for entry in sorted(service.props.targets, key=lambda entry: (entry.port, str(entry.target_group))):
        for balancer in network.snapshot.of(LoadBalancer).values():
            lanes = [lane for lane in unfolded(made, made.lanes(balancer)) if isinstance(lane, Lane)]
            mine = [lane for lane in lanes if lane.group.id == str(entry.target_group)]
            facing = balancer.props.scheme == "internet-facing"
            if mine and (facing or not any(made.keeps_client(lane.front or lane) for lane in mine)):
                yield _judged(network, balancer, service.props.name, entry.port, facing=facing)


def _judged(network: Network, balancer: Found[LoadBalancer], service: str, port: int, *, facing: bool) -> Answer:
    name = balancer.props.name
    wanted = Question("internet", service, None, (port, port), name, Disposition.REACHABLE)
    if not facing:
        wanted = replace(wanted, source=f"lb/{name}", via="direct")
    answer = ask(network, wanted)
    if answer.verdict is Disposition.PARTIAL and all(row.clients for row in answer.open):
        return replace(answer, question=replace(answer.question, expect=Disposition.PARTIAL))
    return remedied(network, answer)
