"""Which VPCs an observation is about, when nobody said: those of the stack, or those the services run in.

Never here: facts about what is found there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.base import REGISTRY, STACK_TAG, Aws, Scope
from fargate_net.kinds.fields import items, parts
from fargate_net.kinds.once import AskedOnce
from fargate_net.kinds.reading import FILTER_VALUES, filters
from fargate_net.model.snapshot import Found, Missing


def vpcs_of(aws: AskedOnce, scope: Scope) -> Scope:
    """The scope with its VPCs named: a stack's VPCs carry its tag, services run in the VPCs of their subnets.

    Without a stack, clusters and services, or when AWS does not tell, the scope stays as wide as it was.
    """
    try:
        if scope.stack is not None:
            return replace(scope, vpcs=_tagged(aws, scope.stack))
        if scope.clusters is not None or scope.services is not None:
            return replace(scope, vpcs=_of_subnets(aws, sorted(_subnets_of_services(aws, scope))))
    except (Denied, NotAsked):
        return scope
    return scope


def neighbours(aws: Aws, scope: Scope) -> Scope:
    """The scope with the VPCs of this account and Region added that are peered or share a transit gateway with it."""
    vpcs = scope.vpcs or frozenset()
    return replace(scope, vpcs=vpcs | frozenset(_peered(aws, vpcs)) | frozenset(_on_same_gateway(aws, vpcs)))


def _tagged(aws: AskedOnce, stack: str) -> frozenset[str]:
    response = aws.read("ec2.describe_vpcs", **filters(aws, Scope(stack=stack)))
    ours = [vpc for vpc in items(response, "Vpcs", "VpcId") if vpc.tags().get(STACK_TAG) == stack]
    vpcs = frozenset(vpc.text("VpcId") for vpc in ours)
    # The scan of the VPCs will ask for them by id and be told the same.
    answer = {"Vpcs": [vpc.raw for vpc in ours]}
    aws.know(answer, "ec2.describe_vpcs", **filters(aws, Scope(stack=stack, vpcs=vpcs)))
    return vpcs


def _subnets_of_services(aws: Aws, scope: Scope) -> set[str]:
    things: list[Found[Any] | Missing] = [
        thing for name in ("service", "task") for thing in REGISTRY[name].scan(aws, scope)
    ]
    subnets: set[str] = set()
    for thing in things:
        if isinstance(thing, Found) and thing.kind == "service":
            subnets |= set(thing.props.subnets)
        elif isinstance(thing, Found) and thing.kind == "task" and thing.props.subnet:
            subnets.add(thing.props.subnet)
    return subnets


def _of_subnets(aws: Aws, subnets: Iterable[str]) -> frozenset[str]:
    vpcs: set[str] = set()
    for some in parts(subnets, FILTER_VALUES):
        # A filter, not SubnetIds: a subnet that is gone since would make AWS refuse the whole call.
        wanted = [{"Name": "subnet-id", "Values": some}]
        for item in items(aws.read("ec2.describe_subnets", Filters=wanted), "Subnets", "SubnetId"):
            vpcs.add(item.text("VpcId"))
    return frozenset(vpcs)


def _peered(aws: Aws, vpcs: frozenset[str]) -> Iterable[str]:
    try:
        peerings = items(aws.read("ec2.describe_vpc_peering_connections"), "VpcPeeringConnections")
    except (Denied, NotAsked):
        return
    for peering in peerings:
        sides = [peering.within("RequesterVpcInfo"), peering.within("AccepterVpcInfo")]
        if not vpcs & {side.text("VpcId", "") for side in sides}:
            continue
        for side in sides:
            here = side.text("Region", aws.region) == aws.region and side.text("OwnerId", aws.account) == aws.account
            if here and "VpcId" in side:
                yield side.text("VpcId")


def _on_same_gateway(aws: Aws, vpcs: frozenset[str]) -> Iterable[str]:
    try:
        listed = list(items(aws.read("ec2.describe_transit_gateway_vpc_attachments"), "TransitGatewayVpcAttachments"))
    except (Denied, NotAsked):
        return
    gateways = {item.text("TransitGatewayId", "") for item in listed if item.text("VpcId", "") in vpcs}
    for item in listed:
        if item.text("TransitGatewayId", "") in gateways and item.text("VpcOwnerId", aws.account) == aws.account:
            yield item.text("VpcId")
