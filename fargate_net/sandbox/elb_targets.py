"""Targets and their health: registered by address and port, checked over the sandbox's own network rules.

Authority: Elastic Load Balancing User Guide, "Health checks for Application Load Balancer target groups"
(states, reason codes and their descriptions); API reference, TargetHealth.

Never here: what a target runs; `applications` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from . import applications, interfaces, packets
from .calls import AwsError, Call, Proceed, repair, tick
from .clock import CLOCK
from .elb_balancers import interfaces_of
from .elb_listeners import balancers_for
from .stores import all_kept, ec2, elb, kept_by

Health = tuple[str, str | None, str | None]

HEALTHY: Health = ("healthy", None, None)
NOT_REGISTERED: Health = (
    "unused",
    "Target.NotRegistered",
    "Target is not registered to the target group",
)


@dataclass
class Target:
    """One address and port in a target group; times are sandbox seconds."""

    address: str
    port: int
    since: float
    zone: str | None = None
    draining_since: float | None = None


class Targets:
    """The targets of a region: target group ARN -> (address, port) -> target."""

    def __init__(self) -> None:
        self.of: dict[str, dict[tuple[str, int], Target]] = {}


def register(
    account: str, region: str, target_group_arn: str, address: str, port: int, zone: str | None = None
) -> None:
    """Add a target; one that was draining comes back as new."""
    held = kept_by(ec2(account, region), Targets).of.setdefault(target_group_arn, {})
    present = held.get((address, port))
    if present is None or present.draining_since is not None:
        held[address, port] = Target(address, port, CLOCK.now(), zone)


def deregister(account: str, region: str, target_group_arn: str, address: str, port: int) -> bool:
    """Let a target drain; False when it is not registered."""
    target = kept_by(ec2(account, region), Targets).of.get(target_group_arn, {}).get((address, port))
    if target is None:
        return False
    if target.draining_since is None:
        target.draining_since = CLOCK.now()
    return True


def health_of(account: str, region: str, target_group_arn: str, address: str, port: int) -> Health:
    """The present health of a target: state, reason code, description."""
    backend, balancing = ec2(account, region), elb(account, region)
    target = kept_by(backend, Targets).of.get(target_group_arn, {}).get((address, port))
    group = balancing.target_groups.get(target_group_arn)
    if target is None or group is None:
        return NOT_REGISTERED
    return _health(backend, balancing, group, target)


def _health(backend: Any, balancing: Any, group: Any, target: Target) -> Health:
    if target.draining_since is not None:
        return "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
    balancers = balancers_for(balancing, group.arn)
    if not balancers:
        return (
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        )
    balancer = balancers[0]
    interface = interfaces.by_address(backend, group.vpc_id, target.address)
    zone = interface.availability_zone if interface is not None else target.zone
    zones = {subnet.availability_zone for subnet in balancer.subnets}
    if zone and zone != "all" and zone not in zones:
        return (
            "unused",
            "Target.NotInUse",
            "Target is in an Availability Zone that is not enabled for the load balancer",
        )
    age = CLOCK.now() - target.since
    registering = CLOCK.duration("target.registering")
    if balancer.state == "provisioning" or age < registering:
        return "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
    if age < registering + CLOCK.scaled(float(group.health_check_interval_seconds), 0.1):
        return "initial", "Elb.InitialHealthChecking", "Initial health checks in progress"
    return _checked(backend, group, target, interface, interfaces_of(backend, balancer))


def _checked(backend: Any, group: Any, target: Target, interface: Any, nodes: list[Any]) -> Health:
    given = str(group.health_check_port or "traffic-port")
    port = target.port if given == "traffic-port" else int(given)
    if interface is None or not all(packets.can_connect(node, interface, port) for node in nodes):
        return "unhealthy", "Target.Timeout", "Request timed out"
    application = applications.behind(backend, interface.id)
    if application is None:
        return HEALTHY
    if port not in application.ports:
        return "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    if not application.healthy:
        if group.health_check_protocol in ("HTTP", "HTTPS"):
            return "unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"
        return "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    return HEALTHY


def _group(call: Call) -> Any:
    group = elb(call.account, call.region).target_groups.get(call.params["TargetGroupArn"])
    if group is None:
        raise AwsError("TargetGroupNotFound", f"Target groups '{call.params['TargetGroupArn']}' not found")
    return group


@repair("elbv2", "RegisterTargets")
def register_targets(call: Call, proceed: Proceed) -> Any:
    """An address outside of the VPC needs a zone; a public address is never a target."""
    group, backend = _group(call), ec2(call.account, call.region)
    vpc = backend.get_vpc(group.vpc_id)
    blocks = [b["cidr_block"] for b in vpc.get_cidr_block_association_set(ipv6=False)]
    for asked in call.params.get("Targets", []):
        inside = any(ip_address(asked["Id"]) in ip_network(block) for block in blocks)
        if not inside and "AvailabilityZone" not in asked:
            raise AwsError(
                "ValidationError",
                f"You must specify an Availability Zone for the IP address '{asked['Id']}' outside of the VPC",
            )
        port = int(asked.get("Port", group.port))
        register(call.account, call.region, group.arn, asked["Id"], port, asked.get("AvailabilityZone"))
    return {}


@repair("elbv2", "DeregisterTargets")
def deregister_targets(call: Call, proceed: Proceed) -> Any:
    """A target without a port stands for every port of its address."""
    group = _group(call)
    held = kept_by(ec2(call.account, call.region), Targets).of.get(group.arn, {})
    for asked in call.params.get("Targets", []):
        ports = [int(asked["Port"])] if "Port" in asked else [port for address, port in held if address == asked["Id"]]
        if not ports or not all(deregister(call.account, call.region, group.arn, asked["Id"], p) for p in ports):
            raise AwsError("InvalidTarget", f"The following targets are not registered: '{asked['Id']}'")
    return {}


@repair("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call, proceed: Proceed) -> Any:
    """Registered and draining targets, or those that are asked for."""
    group, backend = _group(call), ec2(call.account, call.region)
    held = kept_by(backend, Targets).of.get(group.arn, {})
    asked = [(a["Id"], int(a.get("Port", group.port))) for a in call.params.get("Targets", [])] or list(held)
    given = str(group.health_check_port or "traffic-port")
    shown = []
    for address, port in asked:
        state, reason, description = health_of(call.account, call.region, group.arn, address, port)
        interface = interfaces.by_address(backend, group.vpc_id, address)
        target: dict[str, Any] = {"Id": address, "Port": port}
        if interface is not None:
            target["AvailabilityZone"] = interface.availability_zone
        health = {"State": state, "Reason": reason, "Description": description}
        shown.append(
            {
                "Target": target,
                "HealthCheckPort": str(port) if given == "traffic-port" else given,
                "TargetHealth": {name: value for name, value in health.items() if value is not None},
            }
        )
    return {"TargetHealthDescriptions": shown}


@tick
def drained_targets_go() -> None:
    """A target is gone after the deregistration delay of its group, or with its group."""
    from moto.elbv2.models import elbv2_backends

    for backend, targets in all_kept(Targets):
        groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
        for arn, held in list(targets.of.items()):
            if arn not in groups:
                del targets.of[arn]
                continue
            delay = CLOCK.scaled(float(str(groups[arn].attributes["deregistration_delay.timeout_seconds"])), 0.1)
            for key, target in list(held.items()):
                if target.draining_since is not None and CLOCK.now() - target.draining_since >= delay:
                    del held[key]
