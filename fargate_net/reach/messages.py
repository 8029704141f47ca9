"""What the words of a stopped task's message mean: no path, no permission, no such image, the application's own end.

The same first words stand before very different causes, so a message is split on its tail (Amazon ECS Developer Guide,
"Stopped task error messages"). Platform version 1.4 cuts long messages, so only pieces are matched. Never here: the
network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fargate_net.kinds.task import Task


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
    r"connection issue between|Check your (?:task )?network|Context canceled|"
    r"invalid memory address or nil pointer dereference|httpReadSeeker: failed open|httpReaderSeeker: failed open",
    re.IGNORECASE,
)
"""Words that AWS lists for a connection that did not come about."""

FILE_SYSTEM = re.compile(r"EFS utils|mount\.nfs|EFS volumes", re.I)

PULL = "pull"
"""Stands for everything an image pull takes, where a message does not say which part failed."""

# Which need a message is about, most telling first: the words AWS uses, and the endpoint they mean.
_ABOUT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"retrieve secrets? from ssm|Systems Manager|//ssm\.", re.I), "aws:ssm"),
    (re.compile(r"retrieve secrets? from asm|Secrets Manager|//secretsmanager\.", re.I), "aws:secretsmanager"),
    (re.compile(r"environment (?:variable )?files?", re.I), "aws:s3"),
    (re.compile(r"log ?group|log ?stream|logger args|logging driver|CloudWatch", re.I), "aws:logs"),
    (re.compile(r"registry-1\.docker\.io|docker\.io/|public\.ecr\.aws|ghcr\.io|quay\.io", re.I), "internet"),
    (re.compile(r"failed to copy|httpRead(?:er)?Seeker|starport-layer-bucket|nil pointer dereference", re.I), "aws:s3"),
    (re.compile(r"registry auth|//api\.ecr\.|registry authentication from Amazon ECR", re.I), "aws:ecr.api"),
    (re.compile(r"\.dkr\.ecr\.", re.I), "aws:ecr.dkr"),
    (re.compile(r"CannotPullContainer|failed to resolve ref|pull image manifest", re.I), PULL),
)

_PERMISSION = re.compile(r"AccessDenied|not authorized to perform|403 Forbidden|unable to assume the role")
_REFUSED_PULL = re.compile(r"pull access denied|insufficient_scope|403 Forbidden")
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?")
_NO_IMAGE = re.compile(
    r"manifest unknown|: not found|no such manifest|repository .* not found|not found: name unknown", re.I
)
_NO_SECRET = re.compile(r"can't find the specified secret|invalid ssm parameters", re.I)


def endpoint(message: str) -> str | None:
    """The endpoint that a message of the network is about, as in a question; ``PULL`` for an image pull at large."""
    return next((endpoint for sign, endpoint in _ABOUT if sign.search(message)), None)


def health_check(message: str) -> Cause | None:
    """A health check of a load balancer that failed, whatever the reason."""
    if "failed ELB health checks" in message or ("is unhealthy in" in message and "target-group" in message):
        return Cause(
            "HEALTH_CHECK_FAILED",
            "The load balancer's health check failed, so ECS replaced the task.",
            "Check that the application listens on 0.0.0.0, answers the health path with an accepted code, and starts "
            "within the grace period.",
        )
    return None


def refused_by_endpoint(message: str) -> str:
    """The action that a VPC endpoint's policy refuses; ``""`` when the message is not about one."""
    action = _ACTION.search(message)
    return action[1] if action and "VPC endpoint policy" in message else ""


def plain(message: str, task: Task) -> Cause | None:
    """The cause of a message that says it by itself; None when it may be the network or the application."""
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
    if _REFUSED_PULL.search(message):
        return Cause(
            "PERMISSION_DENIED",
            "The registry answered and refused: it has no such repository, or the pull lacks credentials.",
            "Correct the image's name. For a private registry give `repository_credentials`; for Amazon ECR let the "
            "execution role and the repository's policy allow ecr:BatchGetImage.",
        )
    if _PERMISSION.search(message):
        return _permission(message)
    if NETWORK_SIGNS.search(message):
        return None
    if _NO_SECRET.search(message):
        return Cause(
            "SECRET_MISSING",
            "The secret or parameter of the task definition does not exist.",
            "Create it, or correct its ARN or name in the task definition.",
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
    if re.search(r"network interface provisioning", message, re.I):
        return Cause("CAUSE_UNKNOWN", "AWS did not provide the task's network interface in time.", "Start it again.")
    return None


def _permission(message: str) -> Cause:
    """The network let the call through; a role may not do what the message names."""
    if role := re.search(r"unable to assume the role '?([^'\s]+)", message):
        return Cause(
            "PERMISSION_DENIED",
            f"ECS may not assume the role {role[1]}; the network is not to blame.",
            "Let ecs-tasks.amazonaws.com assume the role in its trust policy.",
        )
    action = _ACTION.search(message)
    what = f"{action[1]}{f' on {action[2]}' if action[2] else ''}" if action else ""
    fix = "Give the execution role the action named in the message (ecr:GetAuthorizationToken, ecr:BatchGetImage, "
    fix += "logs:CreateLogStream, secretsmanager:GetSecretValue, ssm:GetParameters or kms:Decrypt)."
    return Cause(
        "PERMISSION_DENIED",
        f"A permission is missing{f': {what}' if what else ''}; the network let the call through.",
        f"Allow {what} in the policy of the execution role." if what else fix,
    )


def end(message: str, task: Task) -> Cause | None:
    """The application's own end, or somebody's wish."""
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
