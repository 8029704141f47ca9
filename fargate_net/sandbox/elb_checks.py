"""What Elastic Load Balancing refuses when a load balancer is made or moved, in its words.

Authority: Elastic Load Balancing User Guides, "Subnets for your load balancer" (two zones, eight free addresses);
API reference, CreateLoadBalancer.

Never here: state changes.
"""

from __future__ import annotations

import re
from typing import Any

from .calls import AwsError, Call
from .ec2_gateways import internet_gateway_of
from .stores import ec2

FREE_ADDRESSES_NEEDED = 8
_NAME = re.compile(r"^(?!-)(?!internal-)[A-Za-z0-9-]{1,32}(?<!-)$")


def mappings(call: Call) -> list[dict[str, Any]]:
    """The subnets of a request as SubnetMappings, however it gives them."""
    return call.params.get("SubnetMappings") or [{"SubnetId": s} for s in call.params.get("Subnets", [])]


def checked_subnets(call: Call, kind: str) -> list[Any]:
    """The subnets of a request: known, one a zone, in one VPC, and enough of them for the kind of balancer."""
    backend, zones = ec2(call.account, call.region), set()
    subnets = []
    for mapping in mappings(call):
        subnet = next((s for z in backend.subnets.values() for s in z.values() if s.id == mapping["SubnetId"]), None)
        if subnet is None:
            raise AwsError("SubnetNotFound", f"The subnet ID '{mapping['SubnetId']}' does not exist")
        if subnet.availability_zone in zones:
            raise AwsError(
                "InvalidConfigurationRequest",
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            )
        zones.add(subnet.availability_zone)
        subnets.append(subnet)
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise AwsError("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    if kind == "application" and len(zones) < 2:
        raise AwsError("ValidationError", "At least two subnets in two different Availability Zones must be specified")
    return subnets


def check(call: Call, kind: str) -> None:
    """A CreateLoadBalancer request as a whole."""
    params, backend = call.params, ec2(call.account, call.region)
    if not _NAME.match(params["Name"]):
        raise AwsError("ValidationError", f"The load balancer name '{params['Name']}' is not valid")
    subnets = checked_subnets(call, kind)
    if not subnets:
        raise AwsError("ValidationError", "You must specify at least one subnet")
    vpc_id = subnets[0].vpc_id
    for group_id in params.get("SecurityGroups", []):
        group = backend.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            raise AwsError("InvalidSecurityGroup", f"The security group '{group_id}' does not exist in VPC '{vpc_id}'")
    if params.get("Scheme", "internet-facing") == "internet-facing" and not internet_gateway_of(backend, vpc_id):
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")
    for subnet in subnets:
        if subnet.available_ip_address_count < FREE_ADDRESSES_NEEDED:
            raise AwsError(
                "InvalidSubnet",
                f"Not enough IP space available in {subnet.id}. ELB requires at least {FREE_ADDRESSES_NEEDED} "
                "free IP addresses in each subnet.",
            )
