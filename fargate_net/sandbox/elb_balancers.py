"""Load balancers: their network interfaces, and their states by age.

Authority: Elastic Load Balancing User Guides for Application and Network Load Balancers ("Subnets for your
load balancer", "Security groups"), API reference, CreateLoadBalancer, DeleteLoadBalancer, SetSubnets.

Never here: what a request must hold (elb_checks), listeners and target groups (elb_listeners), targets and
their health (elb_targets).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import FakeLoadBalancer

from . import interfaces
from .calls import AwsError, Call, Proceed, repair, result_of, tick
from .clock import CLOCK
from .elb_checks import check, checked_subnets, mappings
from .stores import all_kept, ec2, elb, kept_by

_ZONES = {"application": {"us-east-1": "Z35SXDOTRQ7X7K", "eu-west-1": "Z32O12XQLNTSW2"}}
_ZONES["network"] = {"us-east-1": "Z26RNL4JYFTOTI", "eu-west-1": "Z2IFOLAFXWLO4F"}
_DEFAULTS = {
    "application": {
        "access_logs.s3.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "client_keep_alive.seconds": "3600",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "waf.fail_open.enabled": "false",
    },
    "network": {
        "access_logs.s3.enabled": "false",
        "load_balancing.cross_zone.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
    },
}


class _Leftovers:
    """Interfaces of deleted balancers: interface id -> since when they linger."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}


def short_name(arn: str) -> str:
    """`app/NAME/ID` or `net/NAME/ID`, as descriptions of interfaces carry it."""
    return arn.split(":loadbalancer/", 1)[1]


def interfaces_of(backend: Any, balancer: Any) -> list[Any]:
    """The network interfaces of a balancer, one a subnet."""
    return [backend.enis[i] for i in getattr(balancer, "sandbox_interfaces", {}).values() if i in backend.enis]


@repair("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call, proceed: Proceed) -> Any:
    """The same request again returns the same balancer; another one of the same name is refused."""
    kind = call.params.setdefault("Type", "application")
    call.params.setdefault("Scheme", "internet-facing")
    asked = {name: value for name, value in call.params.items() if name != "Tags"}
    for other in elb(call.account, call.region).load_balancers.values():
        if other.name == call.params["Name"]:
            if getattr(other, "sandbox_asked", None) == asked:
                return {"LoadBalancers": [other]}
            raise AwsError(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{other.name}' exists, but with different settings",
            )
    check(call, kind)
    backend = ec2(call.account, call.region)
    balancer = result_of(proceed())["LoadBalancers"][0]
    balancer.sandbox_asked = asked
    _rename(call, balancer)
    if kind == "application" and not balancer.security_groups:
        balancer.security_groups = [backend.get_default_security_group(balancer.vpc_id).id]
    balancer.attrs |= _DEFAULTS.get(kind, {})
    balancer.sandbox_since = CLOCK.now()
    balancer.sandbox_interfaces = {}
    for mapping in mappings(call):
        _add_interface(backend, balancer, mapping)
    return {"LoadBalancers": [balancer]}


def _rename(call: Call, balancer: Any) -> None:
    """ARN, DNS name and hosted zone as AWS forms them; moto makes every balancer an `app`."""
    balancers = elb(call.account, call.region).load_balancers
    moto_arn, identity = balancer.arn, balancer.arn.rsplit("/", 1)[1]
    scheme = "internal-" if balancer.scheme == "internal" else ""
    if balancer.type == "network":
        balancer.arn = moto_arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
        balancer.dns_name = f"{balancer.name}-{identity}.elb.{call.region}.amazonaws.com"
        elb(call.account, call.region).tagging_service.copy_tags(moto_arn, balancer.arn)
    else:
        number = int(identity, 16) % 10**10
        balancer.dns_name = f"{scheme}{balancer.name}-{number}.{call.region}.elb.amazonaws.com"
    zones = _ZONES.get(balancer.type, {})
    balancer.canonical_hosted_zone_id = zones.get(call.region, balancer.canonical_hosted_zone_id)
    balancers[balancer.arn] = balancers.pop(moto_arn)


def _add_interface(backend: Any, balancer: Any, mapping: dict[str, Any]) -> None:
    subnet = backend.get_subnet(mapping["SubnetId"])
    network = balancer.type == "network"
    elastic = mapping.get("AllocationId")
    interface = interfaces.make(
        backend,
        subnet,
        list(balancer.security_groups or []),
        kind="network_load_balancer" if network else "interface",
        description=f"ELB {short_name(balancer.arn)}",
        requester="amazon-elb",
        owner="amazon-elb",
        public=balancer.scheme != "internal" and not elastic,
        ipv6=balancer.ip_address_type == "dualstack",
    )
    if elastic:
        backend.associate_address(eni=interface, allocation_id=elastic)
    balancer.sandbox_interfaces[subnet.id] = interface.id


@repair("elbv2", "DeleteLoadBalancer")
def delete_load_balancer(call: Call, proceed: Proceed) -> Any:
    """The call ends at once; the interfaces stay a while and keep subnets, groups and gateways from deletion."""
    backend = ec2(call.account, call.region)
    balancer = elb(call.account, call.region).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return proceed()
    if balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled",
        )
    leftovers = kept_by(backend, _Leftovers)
    for interface in interfaces_of(backend, balancer):
        leftovers.since[interface.id] = CLOCK.now()
    return proceed()


@repair("elbv2", "SetSecurityGroups")
def set_security_groups(call: Call, proceed: Proceed) -> Any:
    """The interfaces change their groups too; a Network Load Balancer made without groups stays without."""
    backend = ec2(call.account, call.region)
    balancer = elb(call.account, call.region).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is not None and balancer.type == "network" and not balancer.security_groups:
        raise AwsError(
            "InvalidConfigurationRequest",
            "You cannot set security groups on a Network Load Balancer that was created without them",
        )
    answer = proceed()
    for interface in interfaces_of(backend, balancer):
        interface._group_set = [backend.get_security_group_from_id(g) for g in balancer.security_groups]
    return answer


@repair("elbv2", "SetSubnets")
def set_subnets(call: Call, proceed: Proceed) -> Any:
    """Interfaces come and go with the subnets."""
    backend = ec2(call.account, call.region)
    balancer = elb(call.account, call.region).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return proceed()
    subnets = checked_subnets(call, balancer.type)
    balancer.subnets = subnets
    wanted = {mapping["SubnetId"]: mapping for mapping in mappings(call)}
    leftovers = kept_by(backend, _Leftovers)
    for subnet_id in [s for s in balancer.sandbox_interfaces if s not in wanted]:
        leftovers.since[balancer.sandbox_interfaces.pop(subnet_id)] = CLOCK.now()
    for subnet_id, mapping in wanted.items():
        if subnet_id not in balancer.sandbox_interfaces:
            _add_interface(backend, balancer, mapping)
    return {"AvailabilityZones": balancer.availability_zones}


@repair("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(call: Call, proceed: Proceed) -> Any:
    """Each balancer once, and LoadBalancerNotFound for a name or ARN that is not there."""
    from .ec2_calls import page

    known = list(elb(call.account, call.region).load_balancers.values())
    for key, attribute in (("LoadBalancerArns", "arn"), ("Names", "name")):
        asked = call.params.get(key)
        if asked:
            missing = [a for a in asked if a not in {getattr(b, attribute) for b in known}]
            if missing:
                raise AwsError("LoadBalancerNotFound", f"Load balancers '[{', '.join(missing)}]' not found")
            known = [b for b in known if getattr(b, attribute) in asked]
    shown, following = page(known, call.params.get("PageSize"), call.params.get("Marker"), default=400)
    return {"LoadBalancers": shown, "NextMarker": following}


def balancers_in_use() -> Iterator[tuple[Any, Any]]:
    """Every load balancer with the EC2 backend of its region."""
    from moto.elbv2.models import elbv2_backends

    for account, regions in list(elbv2_backends.items()):
        for region, backend in list(regions.items()):
            for balancer in list(backend.load_balancers.values()):
                yield ec2(account, region), balancer


@tick
def balancers_grow_old() -> None:
    """Provisioning -> active; leftover interfaces go."""
    for _, balancer in balancers_in_use():
        since = getattr(balancer, "sandbox_since", None)
        if since is not None and balancer.state == "provisioning" and CLOCK.passed(since, "balancer.provisioning"):
            balancer.state = "active"
    for backend, leftovers in all_kept(_Leftovers):
        for interface_id, since in list(leftovers.since.items()):
            if CLOCK.passed(since, "balancer.interfaces_linger"):
                interfaces.remove(backend, interface_id)
                del leftovers.since[interface_id]


def _availability_zones(self: Any) -> list[dict[str, Any]]:
    held: dict[str, str] = getattr(self, "sandbox_interfaces", {})
    shown = []
    for subnet in self.subnets:
        interface = subnet.ec2_backend.enis.get(held.get(subnet.id, ""))
        association = interface.association if interface is not None else {}
        addresses = []
        if self.type == "network" and "AllocationId" in association:
            addresses = [{"IpAddress": association["PublicIp"], "AllocationId": association["AllocationId"]}]
        shown.append({"ZoneName": subnet.availability_zone, "SubnetId": subnet.id, "LoadBalancerAddresses": addresses})
    return shown


def install() -> None:
    """Only time makes a balancer active, and zones show elastic addresses."""
    FakeLoadBalancer.activate = lambda self: None  # type: ignore[method-assign]
    FakeLoadBalancer.availability_zones = property(_availability_zones)  # type: ignore[method-assign, assignment]
