"""Why a task stopped: AWS's message read, and a network cause confirmed or refuted by the start-up questions.

A cause of the network is never told from the message alone: the same questions are asked that decide whether a task of
the service can start, from the subnet the task was in. Never here: what the words of a message mean (messages.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from fargate_net.kinds.service import Service
from fargate_net.kinds.target_group import TargetGroup
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Blocker, Disposition
from fargate_net.reach import messages
from fargate_net.reach.health import health
from fargate_net.reach.messages import Cause as Cause
from fargate_net.reach.network import Network
from fargate_net.reach.startup import Need, NeedAnswer, bare, check_in, needs

_DIALLED = re.compile(r"dial tcp \[?([0-9a-fA-F.:]+?)\]?:(\d+)")


def cause(network: Network, task: Found[Task]) -> Cause:
    """Why this stopped task stopped, as well as message and network together tell."""
    props = task.props
    message = " ".join(part for part in (props.stopped_reason, *(c.reason for c in props.containers)) if part)
    return (
        _health(network, task, message)
        or _endpoint_policy(network, message)
        or messages.plain(message, props)
        or _network(network, task, message)
        or messages.end(message, props)
        or Cause("CAUSE_UNKNOWN", message or "AWS gave no reason.", "Read the task's last log lines.")
    )


def _health(network: Network, task: Found[Task], message: str) -> Cause | None:
    """A failed health check: of the network when the check's own path is closed, of the application otherwise."""
    if (told := messages.health_check(message)) is None:
        return None
    service = _service_of(network, task)
    groups = network.snapshot.of(TargetGroup)
    named = [key for key in groups if key in message]
    mine = [str(entry.target_group) for entry in service.props.targets] if service else []
    for group in named or [key for key in mine if key in groups]:
        path = health(network, group)
        if path.verdict in (Disposition.BLOCKED, Disposition.PARTIAL) and path.blockers:
            first = path.blockers[0]
            return Cause(first.code, f"{told.text} {_sentence(first.detail)}", first.fix, True)
        if path.verdict is Disposition.REACHABLE:
            return Cause(told.code, f"{told.text} The path of the check is open.", told.fix)
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _endpoint_policy(network: Network, message: str) -> Cause | None:
    """A permission that the policy of a VPC endpoint refuses, not the role."""
    action = messages.refused_by_endpoint(message)
    if not action:
        return None
    service = {"ecr": "ecr.api", "ssm": "ssm"}.get(action.partition(":")[0], action.partition(":")[0])
    ids = sorted(
        key for key, found in network.snapshot.of(VpcEndpoint).items() if found.props.service.endswith(f".{service}")
    )
    named = ", ".join(ids) or f"the endpoint for {service}"
    return Cause(
        "ENDPOINT_POLICY_DENIES",
        f"The policy of {named} does not allow {action}.",
        f"Allow {action} in the policy of {named}.",
        True,
    )


def _network(network: Network, task: Found[Task], message: str) -> Cause | None:
    if not messages.NETWORK_SIGNS.search(message):
        return None
    where = task.props.subnet or "its subnet"
    if messages.FILE_SYSTEM.search(message):
        return _file_system(network, task, where)
    endpoint = messages.endpoint(message)
    if endpoint is None:
        return Cause(
            "NO_PATH", f"The task in {where} could not reach something it needs.", "Check its routes and rules.", True
        )
    service = _service_of(network, task)
    definition = network.snapshot.get(TaskDefinition, task.props.definition)
    if service is None or definition is None:
        first = "internet" if endpoint == messages.PULL else endpoint
        return Cause("NO_PATH", f"no path to {first} from {where}", _hint(first), True)
    held = needs(definition.props, service.props, network.snapshot.region)
    wanted = _wanted(held, endpoint)
    judged = list(_until_closed(check_in(network, service, task.props.subnet, wanted)))
    last = judged[-1]
    answer, aim = last.answer, last.need.endpoint
    if answer.verdict in (Disposition.BLOCKED, Disposition.PARTIAL) and answer.blockers:
        decisive = _decisive(answer.blockers)
        return Cause(decisive.code, f"no path to {aim} from {where}: {decisive.detail}", decisive.fix, True)
    if answer.verdict is Disposition.REACHABLE:
        aims = " and ".join(one.need.endpoint for one in judged)
        return Cause(
            "PATH_NOW_OPEN",
            f"The task could not reach {aims} from {where}, but it is open now{_dialled(network, aim, message)}.",
            "Start the service again; if it fails the same way, look at what changed since the task stopped.",
            True,
        )
    return Cause("NO_PATH", f"no path to {aim} from {where}{_dialled(network, aim, message)}", _hint(aim), True)


def _wanted(held: tuple[Need, ...], endpoint: str) -> tuple[Need, ...]:
    """The needs a message is about; all that a pull takes when it only says that the pull failed."""
    pulls = ("aws:ecr.api", "aws:ecr.dkr", "aws:s3", "internet")
    named = [
        need for need in held if need.endpoint == endpoint or (endpoint == messages.PULL and need.endpoint in pulls)
    ]
    abroad = [need for need in held if need.endpoint == "internet"]
    return tuple(named or abroad) or (Need("internet" if endpoint == messages.PULL else endpoint, "start"),)


def _until_closed(judged: Iterator[NeedAnswer]) -> Iterator[NeedAnswer]:
    """Answers up to the first that is not reachable."""
    for one in judged:
        yield one
        if one.answer.verdict is not Disposition.REACHABLE:
            return


def _decisive(blockers: tuple[Blocker, ...]) -> Blocker:
    """In a subnet that leads to an internet gateway a task wants a public address rather than one more endpoint."""
    first = blockers[0]
    public = [blocker for blocker in blockers if blocker.code == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]
    return public[0] if first.code == "ENDPOINT_MISSING" and public else first


def _file_system(network: Network, task: Found[Task], where: str) -> Cause:
    service = _service_of(network, task)
    groups = ", ".join(sorted(map(str, service.props.security_groups))) if service else "the task's group"
    zone = f" in {task.props.zone}" if task.props.zone else ""
    return Cause(
        "NO_PATH",
        f"no path to the EFS file system on tcp 2049 from {where}",
        f"Give the file system a mount target{zone} whose security group allows tcp 2049 from {groups}.",
        True,
    )


def _dialled(network: Network, endpoint: str, message: str) -> str:
    """What the dialled address tells: inside the VPC an endpoint answered to DNS, outside none did."""
    match = _DIALLED.search(message)
    if match is None or not endpoint.startswith("aws:"):
        return ""
    try:
        address = ipaddress.ip_address(match[1])
    except ValueError:
        return ""
    for vpc in network.snapshot.of(Vpc).values():
        if any(address in ipaddress.ip_network(cidr) for cidr in vpc.props.cidrs if address.version == 4):
            return f" (it dialled {address}, a VPC endpoint's address: look at the endpoint's security group)"
    return f" (it dialled the public address {address}: no VPC endpoint answered to the name)"


def _hint(endpoint: str) -> str:
    if endpoint == "internet":
        return "Give the subnet a route through a NAT gateway, or the task a public address in a public subnet."
    name = endpoint.removeprefix("aws:")
    kind = "a gateway endpoint" if name == "s3" else "an interface endpoint with private DNS"
    return f"Add {kind} for {name} that admits the tasks on tcp 443, or a route to a NAT gateway."


def _service_of(network: Network, task: Found[Task]) -> Found[Service] | None:
    for service in network.snapshot.of(Service).values():
        same_cluster = bare(service.props.cluster) == bare(task.props.cluster)
        if service.props.name == task.props.service and same_cluster:
            return service
    return None
