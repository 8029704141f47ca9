"""A VPC endpoint: an AWS service reached without leaving the VPC."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import AwsError, NotFound, UsageError
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, broken, found, pending, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.implied import interface
from fargate_net.kinds.reading import in_vpcs
from fargate_net.kinds.route_table import with_implied_routes
from fargate_net.kinds.writing import tagged
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class VpcEndpoint:
    """``service`` is the full name, ``com.amazonaws.eu-west-1.ecr.api``.

    ``type`` is ``Interface``, ``Gateway`` or ``GatewayLoadBalancer``. ``policy`` is canonical JSON, ``""`` for the
    default that allows everything. ``state`` is lower case, ``available`` when it works. ``inbound_only``: private DNS
    is for those who come in through a resolver, the VPC itself keeps to its gateway endpoint. Status: state, failure.
    """

    kind: ClassVar[str] = "vpc_endpoint"
    vpc: Id
    service: str
    type: str
    subnets: frozenset[Id] = frozenset()
    security_groups: frozenset[Id] = frozenset()
    route_tables: frozenset[Id] = frozenset()
    private_dns: bool = False
    policy: str = ""
    state: str = observed(default="available")
    interfaces: tuple[str, ...] = observed(default=())
    dns_names: tuple[str, ...] = observed(default=())
    inbound_only: bool = observed(default=True)


@register
class VpcEndpointKind(Kind):
    """DescribeVpcEndpoints (Amazon EC2 API Reference)."""

    name = "vpc_endpoint"
    props = VpcEndpoint
    immutable = frozenset({"vpc", "service", "type"})
    exclusive = frozenset()
    write_side = True
    usual = 90.0

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Endpoints of the VPCs in scope."""
        operation = "ec2.describe_vpc_endpoints"
        yield from in_vpcs(aws, scope, self.name, operation, "VpcEndpoints", "VpcEndpointId", _parse, page=1000)

    def ready(self, found: Found[Any]) -> Readiness:
        """Available, or failed for good with AWS's reason."""
        state = found.status.get("state", "available")
        if state in ("pending", "pendingacceptance", "partial"):
            return pending("AWS is making the endpoint", self.usual)
        if state != "available":
            return broken(str(found.status.get("failure") or f"the endpoint is {state}"))
        return READY

    def lingers(self, have: Found[Any]) -> str:
        """Private DNS answers for the whole VPC (AWS PrivateLink Guide, Access an AWS service)."""
        if not have.props.private_dns:
            return ""
        return f"Until then its private DNS leads the whole VPC to it for {have.props.service.rpartition('.')[2]}"

    def gone(self, found: Found[Any]) -> bool:
        """Deleted."""
        return found.status.get("state") == "deleted"

    def leaving(self, found: Found[Any]) -> bool:
        """Gone, or about to be; its private DNS name and interfaces are free only when it is gone."""
        return found.status.get("state") in ("deleting", "deleted")

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """An interface in each subnet, or the route in each of its tables."""
        if found.props.type == "Gateway":
            for table in sorted(found.props.route_tables):
                if table in world.kind("route_table"):
                    yield with_implied_routes(world.kind("route_table")[table], world)
            return
        faces = [
            face
            for number, subnet in enumerate(sorted(found.props.subnets))
            for face in interface(
                found,
                world,
                subnet,
                number,
                type="vpc_endpoint",
                description=f"VPC Endpoint Interface {found.id}",
                security_groups=found.props.security_groups,
            )
        ]
        yield from faces
        yield replace(found, props=replace(found.props, interfaces=tuple(face.id for face in faces)))

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its interfaces."""
        faces = world.kind("network_interface")
        return [faces[face] for face in found.props.interfaces if face in faces]

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it in its final form."""
        call: dict[str, Any] = {"VpcId": props.vpc, "ServiceName": props.service, "VpcEndpointType": props.type}
        for name, ids in (
            ("SubnetIds", props.subnets),
            ("SecurityGroupIds", props.security_groups),
            ("RouteTableIds", props.route_tables),
        ):
            if ids:
                call[name] = sorted(ids)
        if props.type == "Interface":
            call["PrivateDnsEnabled"] = props.private_dns
        if props.policy:
            call["PolicyDocument"] = props.policy
        response = aws.write("ec2.create_vpc_endpoint", **call, **tagged("vpc-endpoint", tags))
        return str(response["VpcEndpoint"]["VpcEndpointId"])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Everything in one ModifyVpcEndpoint, so that an endpoint is never without a subnet or group in between.

        What to add and remove is judged by what is there now: AWS refuses a route table that is there already.
        """
        call: dict[str, Any] = {}
        response = aws.read("ec2.describe_vpc_endpoints", VpcEndpointIds=[have.id]) if fields else {}
        for item in items(response, "VpcEndpoints", "VpcEndpointId"):
            have = _parse(item)
        for field, name in (
            ("subnets", "SubnetIds"),
            ("security_groups", "SecurityGroupIds"),
            ("route_tables", "RouteTableIds"),
        ):
            if field in fields:
                old, new = getattr(have.props, field), getattr(want, field)
                for verb, ids in (("Add", new - old), ("Remove", old - new)):
                    if ids:
                        call[f"{verb}{name}"] = sorted(ids)
        if "private_dns" in fields and want.private_dns != have.props.private_dns:
            call["PrivateDnsEnabled"] = want.private_dns
        if "policy" in fields and want.policy != have.props.policy:
            call["PolicyDocument"] = want.policy or _OPEN
        if call:
            aws.write("ec2.modify_vpc_endpoint", VpcEndpointId=have.id, **call)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Begin its deletion. DeleteVpcEndpoints succeeds as a call and lists what it refused."""
        try:
            response = aws.write("ec2.delete_vpc_endpoints", VpcEndpointIds=[have.id])
        except NotFound:
            return
        for refused in response.get("Unsuccessful") or ():
            error = refused.get("Error") or {}
            code, message = str(error.get("Code", "")), str(error.get("Message", ""))
            if not code.endswith("NotFound"):
                raise AwsError(
                    f"{have.id} cannot be deleted: {message or code}", operation="ec2.delete_vpc_endpoints", code=code
                )


def _parse(item: Item) -> Found[Any]:
    state = item.text("State", "available").lower()
    kind = item.text("VpcEndpointType", "Gateway")
    props = VpcEndpoint(
        vpc=item.text("VpcId"),
        service=item.text("ServiceName", ""),
        type=kind,
        subnets=frozenset(item.texts("SubnetIds")),
        security_groups=frozenset(group.text("GroupId") for group in item.many("Groups")),
        route_tables=frozenset(item.texts("RouteTableIds")),
        private_dns=item.flag("PrivateDnsEnabled") if kind == "Interface" else item.flag("PrivateDnsEnabled", False),
        policy=_canonical(item),
        state=state,
        interfaces=item.texts("NetworkInterfaceIds"),
        dns_names=tuple(entry.text("DnsName") for entry in item.many("DnsEntries") if "DnsName" in entry),
        inbound_only=item.within("DnsOptions").flag("PrivateDnsOnlyForInboundResolverEndpoint", True),
    )
    status = {"state": state, "failure": item.within("LastError").text("Message", "")}
    return found(item.text("VpcEndpointId"), props, item.tags(), **status)


_OPEN = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'
"""The policy of an endpoint made without one (AWS PrivateLink Guide, Control access using endpoint policies)."""


def _canonical(item: Item) -> str:
    """The policy with sorted keys and no spaces; ``""`` for the one AWS writes when none is given."""
    text = item.text("PolicyDocument", "")
    if not text:
        return ""
    try:
        policy = json.loads(text)
    except ValueError:
        raise UsageError(f"{item.place}.PolicyDocument is not JSON.") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if isinstance(statements, list) and len(statements) == 1 and isinstance(statements[0], dict):
        rest = {name: value for name, value in statements[0].items() if name != "Sid"}
        if rest == {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}:
            return ""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"))
