"""A load balancer: Application, Network or Gateway. Never here: listeners, rules and target groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.asking import ask, elb_tags, listed, whole, worth_tags
from fargate_net.kinds.balancer_interfaces import foreseen_interfaces, live_interfaces
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, Way, broken, found, pending, register
from fargate_net.kinds.elb_calls import LOAD_BALANCER, by_name, set_attributes
from fargate_net.kinds.fields import Item, items
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class LoadBalancer:
    """``type`` is ``application``, ``network`` or ``gateway``; ``scheme`` ``internet-facing`` or ``internal``.

    ``attributes`` are (name, value) pairs, None when they could not be read; of what we want only those stated here are
    compared. ``addresses`` pairs (subnet, Elastic IP allocation) for a balancer with static addresses.
    Status: ``dns_name``, ``zone_id`` (hosted zone), ``arn``, ``state``, ``reason``.
    """

    kind: ClassVar[str] = "load_balancer"
    name: str
    type: str
    scheme: str
    vpc: Id
    subnets: frozenset[Id]
    security_groups: frozenset[Id]
    ip_address_type: str = "ipv4"
    attributes: frozenset[tuple[str, str]] | None = frozenset()
    addresses: frozenset[tuple[Id, Id]] = frozenset()
    zones: tuple[tuple[str, str], ...] = observed(default=())
    dns_name: str = observed(default="")
    state: str = observed(default="active")

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, or None when it is not stated."""
        return dict(self.attributes or ()).get(name)


def read_attributes(answer: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """Balancer, target group or listener attributes as (name, value) pairs."""
    return frozenset((item.text("Key"), item.text("Value", "")) for item in items(answer, "Attributes"))


def balancers_in(aws: Aws, scope: Scope) -> list[tuple[Item, dict[str, str]]]:
    """The load balancers in scope with their tags.

    AWS filters neither by VPC nor by tag, so all are described and tags are asked only where they can matter: in the
    VPCs looked at, and for names that begin as ours do.
    """
    every = items(aws.read("elbv2.describe_load_balancers"), "LoadBalancers", "LoadBalancerArn")
    near = [item for item in every if worth_tags(scope, item.text("VpcId", ""), item.text("LoadBalancerName", ""))]
    tags = elb_tags(aws, [item.text("LoadBalancerArn") for item in near])
    tagged = [(item, tags.get(item.text("LoadBalancerArn"), {})) for item in near]
    return [(item, own) for item, own in tagged if scope.keeps(item.text("VpcId", ""), own)]


@register
class LoadBalancerKind(Kind):
    """Balancers of the VPCs in scope, and ours."""

    name = "load_balancer"
    props = LoadBalancer
    immutable = frozenset({"name", "type", "scheme", "vpc"})
    usual = 176.0
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Describe all, then the attributes of each one in scope."""
        for item, tags in balancers_in(aws, scope):
            arn = item.text("LoadBalancerArn")
            operation = "elbv2.describe_load_balancer_attributes"
            answer = ask(aws, self.name, arn, operation, LoadBalancerArn=arn)
            if isinstance(answer, Missing):
                yield answer
            attributes = None if isinstance(answer, Missing) else read_attributes(answer)
            yield whole(
                self.name,
                arn,
                "elbv2.describe_load_balancers",
                partial(_read, item, attributes, tags),
            )

    def ready(self, found: Found[Any]) -> Readiness:
        """``active_impaired`` routes traffic but cannot scale (API reference, LoadBalancerState); 176 s is usual."""
        state, reason = found.props.state, found.status.get("reason", "")
        if state == "provisioning":
            return pending("AWS is provisioning the load balancer", self.usual)
        if state == "failed":
            return broken(reason or "AWS could not set up the load balancer")
        return READY

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """What depends on its addresses: connections through a subnet that it leaves, and clients of its old name."""
        if way in ("beside", "first", "handed over", "hurried"):
            return "it gets another DNS name and other addresses; clients that come by the old ones are not answered"
        if way == "gone":
            return "clients that come by its name are not answered any more"
        words = []
        if have.props.subnets - want.subnets:
            words.append("open connections through the subnets that it leaves break")
        if "ip_address_type" in fields and want.ip_address_type == "ipv4":
            words.append("it is not reached over IPv6 any more")
        return "; ".join(words)

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its interfaces, one a subnet."""
        return foreseen_interfaces(found, world)

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The interfaces it has now."""
        return live_interfaces(found, world)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """A Network Load Balancer can carry security groups only when it is born with them, so they are always sent."""
        have = by_name(aws, LOAD_BALANCER, props.name, tags)
        if have is None:
            params: dict[str, Any] = {
                "Name": props.name,
                "Type": props.type,
                "Scheme": props.scheme,
                "IpAddressType": props.ip_address_type,
                "Tags": listed(tags),
                **_places(props),
            }
            if props.security_groups:
                params["SecurityGroups"] = sorted(props.security_groups)
            try:
                answer = aws.write("elbv2.create_load_balancer", **params)
                have = next(items(answer, "LoadBalancers", "LoadBalancerArn")).text("LoadBalancerArn")
            except AlreadyExists:
                have = by_name(aws, LOAD_BALANCER, props.name, tags)
                if have is None:
                    raise
        if props.attributes:
            set_attributes(aws, LOAD_BALANCER, have, props.attributes)
        return have

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Each field has its own call; all of them set what shall be, so that a repeat changes nothing."""
        if fields & {"subnets", "addresses"}:
            aws.write("elbv2.set_subnets", LoadBalancerArn=have.id, **_places(want))
        if "security_groups" in fields:
            groups = sorted(want.security_groups)
            aws.write("elbv2.set_security_groups", LoadBalancerArn=have.id, SecurityGroups=groups)
        if "ip_address_type" in fields:
            aws.write("elbv2.set_ip_address_type", LoadBalancerArn=have.id, IpAddressType=want.ip_address_type)
        if "attributes" in fields and want.attributes:
            set_attributes(aws, LOAD_BALANCER, have.id, want.attributes)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Succeeds for one that is gone (DeleteLoadBalancer is idempotent). Deletion protection is AWS's refusal."""
        try:
            aws.write("elbv2.delete_load_balancer", LoadBalancerArn=have.id)
        except NotFound:
            return


def _read(item: Item, attributes: frozenset[tuple[str, str]] | None, tags: Mapping[str, str]) -> Found[LoadBalancer]:
    zones = list(item.many("AvailabilityZones"))
    addresses = {
        (zone.text("SubnetId"), allocation)
        for zone in zones
        for address in zone.many("LoadBalancerAddresses")
        if (allocation := address.text("AllocationId", ""))
    }
    state = item.within("State")
    props = LoadBalancer(
        name=item.text("LoadBalancerName"),
        type=item.text("Type"),
        scheme=item.text("Scheme", "internal"),
        vpc=item.text("VpcId"),
        subnets=frozenset(zone.text("SubnetId") for zone in zones),
        security_groups=frozenset(item.texts("SecurityGroups")),
        ip_address_type=item.text("IpAddressType", "ipv4"),
        attributes=attributes,
        addresses=frozenset(addresses),
        zones=tuple(sorted((zone.text("ZoneName", ""), zone.text("SubnetId")) for zone in zones)),
        dns_name=item.text("DNSName", ""),
        state=state.text("Code", "active"),
    )
    return found(
        item.text("LoadBalancerArn"),
        props,
        tags,
        name=props.name,
        arn=item.text("LoadBalancerArn"),
        dns_name=props.dns_name,
        zone_id=item.text("CanonicalHostedZoneId", ""),
        state=props.state,
        reason=state.text("Reason", ""),
    )


def _places(props: LoadBalancer) -> dict[str, Any]:
    if not props.addresses:
        return {"Subnets": sorted(str(subnet) for subnet in props.subnets)}
    fixed = {str(subnet): str(allocation) for subnet, allocation in props.addresses}
    mappings: list[dict[str, str]] = []
    for subnet in sorted(str(subnet) for subnet in props.subnets):
        mappings.append({"SubnetId": subnet} | ({"AllocationId": fixed[subnet]} if subnet in fixed else {}))
    return {"SubnetMappings": mappings}
