"""Names and ranges that can be had once, and are in other hands.

What an observation sees is refused by the plan itself; here is what lies outside of it. Sources: Elastic Load
Balancing API Reference, CreateLoadBalancer and CreateTargetGroup (names are unique in a Region); Amazon ECS API
Reference, RegisterTaskDefinition; Route 53 Developer Guide, Considerations when working with a private hosted zone;
VPC Peering Guide, Unsupported configurations; IAM User Guide, IAM identifiers.
Never here: names of things the plan already has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from fargate_net.app.preflight.case import Case, listed
from fargate_net.errors import NotFound
from fargate_net.kinds.base import KEY_TAG, STACK_TAG
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.transit_gateway import TransitGatewayAttachment
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.model.finding import Finding, error, warning

_BALANCING = (
    ("load_balancer", "load balancer", "elbv2.describe_load_balancers", "LoadBalancers", "LoadBalancer"),
    ("target_group", "target group", "elbv2.describe_target_groups", "TargetGroups", "TargetGroup"),
)


def lost(case: Case) -> Iterator[Finding]:
    """A VPC that holds subnets of ours and does not carry our tags: the plan would make a second network beside it."""
    if not any(case.making("vpc")):
        return
    ours = [{"Name": f"tag:{STACK_TAG}", "Values": [case.name]}]
    answer = case.read("whether a VPC of ours lost its tags", "ec2.describe_subnets", Filters=ours)
    holders: dict[str, list[str]] = {}
    for item in items(answer or {}, "Subnets", "SubnetId"):
        if item.tags().get(STACK_TAG) == case.name and item.text("VpcId") not in case.live.of(Vpc):
            holders.setdefault(item.text("VpcId"), []).append(item.text("SubnetId"))
    for vpc, subnets in sorted(holders.items()):
        what = f"{listed(sorted(subnets))} of this stack is in {vpc}, which does not carry the stack's tags."
        if len(subnets) > 1:
            what = what.replace(" is in ", " are in ")
        tags = f"Key={STACK_TAG},Value={case.name} Key={KEY_TAG},Value=vpc/main"
        yield error("VPC_LOST", what, f"Give them back: aws ec2 create-tags --resources {vpc} --tags {tags}")


def balancing(case: Case) -> Iterator[Finding]:
    """Load balancers and target groups of other VPCs that have a name we need."""
    for kind, word, operation, key, prefix in _BALANCING:
        wanted = {resource.props.name for resource in case.making(kind)}
        answer = case.read(f"whether {word} names are free", operation) if wanted else None
        for item in items(answer or {}, key, f"{prefix}Arn"):
            name, arn = item.text(f"{prefix}Name", ""), item.text(f"{prefix}Arn")
            if name in wanted and arn not in case.live.kind(kind):
                where = item.text("VpcId", "") or "no VPC"
                what = f"A {word} named {name} exists in {where} and is not ours ({arn})."
                yield error("NAME_TAKEN", what, "Choose another stack name, or delete that one if nobody needs it.")


def families(case: Case) -> Iterator[Finding]:
    """Families of task definitions in which somebody else registered revisions."""
    wanted = {resource.props.family for resource in case.making("task_definition")}
    if not wanted:
        return
    operation = "ecs.list_task_definition_families"
    answer = case.read("whether task definition families are free", operation, familyPrefix=case.name, status="ACTIVE")
    ours = {item.props.family for item in case.live.kind("task_definition").values() if item.stack == case.name}
    for family in sorted(wanted & set((answer or {}).get("families", ())) - ours):
        what = f"The task definition family {family} holds revisions that are not ours."
        yield error("NAME_TAKEN", what, "Choose another stack name, or deregister those revisions.")


def roles(case: Case) -> Iterator[Finding]:
    """IAM roles of somebody else with a name we need: names are unique in an account, whatever the path."""
    for resource in case.making("role"):
        try:
            answer = case.read("whether role names are free", "iam.get_role", RoleName=resource.props.name)
        except NotFound:
            continue
        if answer is None:
            return
        role = Item(answer, "the response").within("Role")
        if role.tags().get(STACK_TAG) != case.name:
            what = f"An IAM role named {resource.props.name} exists and is not ours ({role.text('Arn')})."
            yield error("NAME_TAKEN", what, "Choose another stack name, or delete that one if nobody needs it.")


def zones(case: Case) -> Iterator[Finding]:
    """Private hosted zones of the VPC that have the name of a new namespace, or hide a part of it."""
    if case.vpc is None:
        return
    wanted = {r.props.name for r in case.making("namespace") if r.props.type == "DNS_PRIVATE"}
    own = {item.props.zone for item in case.live.of(Namespace).values() if item.stack == case.name}
    for zone in case.live.of(HostedZone).values():
        if not zone.props.private or case.vpc not in (zone.props.vpcs or ()) or zone.id in own:
            continue
        there = zone.props.name
        for name in sorted(wanted):
            if there == name:
                what = f"The private hosted zone {zone.id} is called {there} and answers in {case.vpc} already."
                hint = "Choose another `namespace`, or give the id of the namespace that the zone belongs to."
                yield error("ZONE_TAKEN", what, hint)
            elif there.endswith(f".{name}") or name.endswith(f".{there}"):
                inner, outer = (there, name) if there.endswith(f".{name}") else (name, there)
                what = f"In {case.vpc} names that end in {inner} will be looked up in that zone alone, not in {outer}"
                yield warning("ZONES_OVERLAP", f"{what} ({zone.id} overlaps the namespace {name}).")


def ranges(case: Case) -> Iterator[Finding]:
    """Networks beside ours whose addresses ours hides.

    For a VPC that the plan makes these are the other VPCs of the Region, which can then never be peered with it.
    """
    for resource in case.making("vpc"):
        answer = case.read("whether other VPCs have the range", "ec2.describe_vpcs") or {}
        clashing = [
            item.text("VpcId")
            for item in items(answer, "Vpcs", "VpcId")
            if item.text("VpcId") != case.vpc and _overlap([item.text("CidrBlock", "")], resource.props.cidrs)
        ]
        if clashing:
            what = f"The range {listed(resource.props.cidrs)} overlaps {listed(sorted(clashing))}; such VPCs cannot be "
            yield warning("RANGES_OVERLAP", f"{what}peered.", "Choose another `network.cidr` if they ever shall.")
    ours = case.live.get(Vpc, case.vpc) if case.vpc else None
    if ours is None:
        return
    for other, way, cidrs in _beside(case, ours.id):
        if other != ours.id and _overlap(cidrs, ours.props.cidrs):
            what = f"{other} is connected to {ours.id} by {way} and overlaps it ({listed(cidrs)} and "
            hint = "Addresses in both ranges are reached in the own VPC only."
            yield warning("RANGES_OVERLAP", f"{what}{listed(ours.props.cidrs)}).", hint)


def _beside(case: Case, vpc: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """VPC, connection and ranges of each active peer and of each VPC on a transit gateway of ours."""
    for peering in case.live.of(VpcPeering).values():
        sides = (peering.props.requester, peering.props.accepter)
        if peering.props.state == "active" and vpc in {side.vpc for side in sides}:
            yield from ((side.vpc, peering.id, side.cidrs) for side in sides)
    attached = [item.props for item in case.live.of(TransitGatewayAttachment).values() if item.props.type == "vpc"]
    gateways = {item.gateway for item in attached if item.resource == vpc}
    for item in attached:
        other = case.live.get(Vpc, item.resource)
        if item.gateway in gateways and other is not None:
            yield other.id, item.gateway, other.props.cidrs


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(ip_network(a).overlaps(ip_network(b)) for a in some if a for b in others)
