"""Why a task stopped: AWS's message read, and a network cause confirmed or refuted by the start-up questions.

The same first words stand before very different causes, so a message is split on its tail: no path, no permission, no
such image, the application's own end (Amazon ECS Developer Guide, "Stopped task error messages"). Platform version 1.4
cuts long messages, so only pieces are matched. Never here: describe calls.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from fargate_net.kinds.service import Service
from fargate_net.kinds.task import Task
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Found
from fargate_net.model.verdict import Disposition
from fargate_net.reach.network import Network
from fargate_net.reach.startup import Need, bare, check_needs, needs


@dataclass(frozen=True)
class Cause:
    """What stopped a task: a code, one sentence, and what to do. ``network`` says whether packets are to blame."""

    code: str
    text: str
    fix: str
    network: bool = False


NETWORK_SIGNS = re.compile(
    r"dial tcp|dial udp|i/o timeout|TLS handshake timeout|connection timed out|Client\.Timeout exceeded|"
    r"request canceled while waiting for connection|context deadline exceeded|signal: killed|"
    r"connection issue between|Check your (?:task )?network configuration|Context canceled|"
    r"invalid memory address or nil pointer dereference|httpReadSeeker: failed open|httpReaderSeeker: failed open",
    re.IGNORECASE,
)

_PERMISSION = re.compile(r"AccessDenied|not authorized to perform|insufficient_scope|403 Forbidden|pull access denied")
_NO_IMAGE = re.compile(
    r"manifest unknown|: not found|no such manifest|repository .* not found|not found: name unknown", re.I
)
_DIALLED = re.compile(r"dial tcp \[?([0-9a-fA-F.:]+?)\]?:(\d+)")

# Which need a message is about, most telling first: the words AWS uses, and the endpoint they mean.
_ABOUT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"retrieve secrets? from ssm|Systems Manager Parameter Store|//ssm\.", re.I), "aws:ssm"),
    (re.compile(r"retrieve secrets? from asm|Secrets Manager|//secretsmanager\.", re.I), "aws:secretsmanager"),
    (re.compile(r"environment (?:variable )?files?", re.I), "aws:s3"),
    (re.compile(r"log ?group|log ?stream|logger args|logging driver|CloudWatch", re.I), "aws:logs"),
    (re.compile(r"failed to copy|httpRead(?:er)?Seeker|starport-layer-bucket|nil pointer dereference", re.I), "aws:s3"),
    (re.compile(r"registry auth|//api\.ecr\.|registry authentication from Amazon ECR", re.I), "aws:ecr.api"),
    (re.compile(r"\.dkr\.ecr\.", re.I), "aws:ecr.dkr"),
    (re.compile(r"CannotPullContainer|failed to resolve ref|pull image manifest", re.I), "internet"),
)


def cause(network: Network, task: Found[Task]) -> Cause:
    """Why this stopped task stopped, as well as message and network together tell."""
    props = task.props
    message = " ".join(part for part in (props.stopped_reason, *(c.reason for c in props.containers)) if part)
    return (
        _balancer(message)
        or _not_network(message, props)
        or _network(network, task, message)
        or _application(message, props)
        or Cause("CAUSE_UNKNOWN", message or "AWS gave no reason.", "Read the task's last log lines.")
    )


def _balancer(message: str) -> Cause | None:
    if "failed ELB health checks" in message or ("is unhealthy in" in message and "target-group" in message):
        return Cause(
            "HEALTH_CHECK_FAILED",
            "The load balancer's health check failed, so ECS replaced the task.",
            "Ask `fargatenet reach-check` for the balancer's path to the health-check port; if it is open, check that "
            "the application listens on 0.0.0.0, answers the health path with an accepted code, and starts within the "
            "grace period.",
        )
    return None


def _not_network(message: str, task: Task) -> Cause | None:
    if re.search(r"toomanyrequests|pull rate limit", message, re.I):
        return Cause(
            "RATE_LIMITED",
            "The registry limits anonymous pulls and this address has used its share.",
            "Copy the image to Amazon ECR, or give `repository_credentials` for the registry.",
        )
    if re.search(
        r"free (?:private )?(?:IP )?address|InsufficientFreeAddresses|public IP assignment enabled in subnet",
        message,
        re.I,
    ):
        return Cause(
            "SUBNET_FULL",
            f"Subnet {task.subnet or 'of the task'} had no free address for the task's interface.",
            "Add a larger subnet to the service, or remove what holds addresses there.",
            network=True,
        )
    if NETWORK_SIGNS.search(message) and not _PERMISSION.search(message):
        return None
    if _PERMISSION.search(message):
        return Cause(
            "PERMISSION_DENIED",
            "A permission is missing; the network let the call through.",
            "Give the execution role the action named in the message (ecr:GetAuthorizationToken, ecr:BatchGetImage, "
            "logs:CreateLogStream, secretsmanager:GetSecretValue or ssm:GetParameters).",
        )
    if re.search(r"ResourceNotFoundException", message) and re.search(r"log", message, re.I):
        return Cause(
            "LOG_GROUP_MISSING", "The log group of the task definition does not exist.", "Create the log group."
        )
    if "CannotPullContainer" in message and _NO_IMAGE.search(message):
        return Cause(
            "IMAGE_NOT_FOUND",
            "The registry answered, but it has no such image or tag.",
            "Correct the image in the spec, or push that tag.",
        )
    if re.search(r"Capacity is unavailable", message, re.I):
        return Cause(
            "NO_CAPACITY", "Fargate had no capacity in that zone.", "Add subnets in other zones and try again."
        )
    if re.search(r"unused device index|RESOURCE:ENI|attachment points", message):
        return Cause(
            "NOT_FARGATE", "The message is about an EC2 container instance, not Fargate.", "Look at the instance."
        )
    return None


def _network(network: Network, task: Found[Task], message: str) -> Cause | None:
    if not NETWORK_SIGNS.search(message):
        return None
    endpoint = next((endpoint for sign, endpoint in _ABOUT if sign.search(message)), None)
    where = task.props.subnet or "its subnet"
    if endpoint is None:
        return Cause(
            "NO_PATH", f"The task in {where} could not reach something it needs.", "Check its routes and rules.", True
        )
    service = _service_of(network, task)
    definition = network.snapshot.get(TaskDefinition, task.props.definition)
    if service is None or definition is None:
        return Cause("NO_PATH", f"no path to {endpoint} from {where}", _hint(endpoint), True)
    wanted = [need for need in needs(definition.props, service.props) if need.endpoint == endpoint]
    judged = check_needs(network, service, tuple(wanted) or (Need(endpoint, "start"),))
    for one in judged:
        answer = one.answer
        if answer.verdict in (Disposition.BLOCKED, Disposition.PARTIAL) and answer.blockers:
            first = answer.blockers[0]
            return Cause(first.code, f"no path to {endpoint} from {where}: {first.detail}", first.fix, True)
        if answer.verdict is Disposition.REACHABLE:
            return Cause(
                "PATH_NOW_OPEN",
                f"The task could not reach {endpoint} from {where}, but it is open now{_dialled(network, message)}.",
                "Start the service again; if it fails the same way, look at what changed since the task stopped.",
                True,
            )
    return Cause("NO_PATH", f"no path to {endpoint} from {where}{_dialled(network, message)}", _hint(endpoint), True)


def _dialled(network: Network, message: str) -> str:
    """What the dialled address tells: inside the VPC an endpoint answered to DNS, outside none did."""
    if (match := _DIALLED.search(message)) is None:
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


def _application(message: str, task: Task) -> Cause | None:
    codes = {container.exit_code for container in task.containers if container.exit_code is not None}
    if task.stop_code == "EssentialContainerExited" or "Essential container in task exited" in message:
        if 137 in codes:
            return Cause(
                "OUT_OF_MEMORY",
                "A container was killed (exit code 137), usually for want of memory.",
                "Raise `memory`.",
            )
        shown = ", ".join(str(code) for code in sorted(codes)) or "unknown"
        return Cause(
            "APPLICATION_EXITED",
            f"An essential container ended by itself (exit code {shown}); the network is not to blame.",
            "Read the container's log.",
        )
    if task.stop_code in ("UserInitiated", "ServiceSchedulerInitiated") or message.startswith("Scaling activity"):
        return Cause("STOPPED_ON_PURPOSE", "Stopped by a person, a deployment or scaling.", "Nothing to do.")
    if task.stop_code in ("SpotInterruption", "TerminationNotice"):
        return Cause("SPOT_INTERRUPTION", "AWS took the Spot capacity back.", "ECS starts another task by itself.")
    return None
