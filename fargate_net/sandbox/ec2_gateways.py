"""NAT gateways and routes: pending and deleting states, failures, and routes that lead nowhere.

Authority: VPC User Guide, "NAT gateway basics", "Troubleshoot NAT gateways", "Work with NAT gateways"
(routes to a deleted gateway become blackholes), API reference, CreateNatGateway.

Never here: who may delete what (ec2_refusals).
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.route_tables import Route
from moto.ec2.utils import random_nat_gateway_id

from . import interfaces
from .calls import AwsError, Call, Proceed, repair, result_of, tick
from .clock import CLOCK
from .ec2_filters import matching
from .stores import ec2, ec2_in_use


class RegionalNatGateway(TaggedEC2Resource):
    """A NAT gateway of a whole VPC: no subnet, no interface of the customer, one address per zone."""

    def __init__(self, backend: Any, vpc_id: str, tags: dict[str, str]) -> None:
        self.id = random_nat_gateway_id()
        self.ec2_backend = backend
        self.vpc_id = vpc_id
        self.subnet_id = None
        self.connectivity_type = "public"
        self.availability_mode = "regional"
        self.auto_provision_zones = "enabled"
        self.auto_scaling_ips = "enabled"
        self.state = "pending"
        self.create_time = CLOCK.wall()
        self._eni = None
        zones = {s.availability_zone for zone in backend.subnets.values() for s in zone.values() if s.vpc_id == vpc_id}
        self.nat_gateway_addresses = [
            {
                "PublicIp": interfaces.public_address(),
                "AvailabilityZone": zone,
                "Status": "succeeded",
                "IsPrimary": True,
            }
            for zone in sorted(zones)
        ]
        self.add_tags(tags)


def internet_gateway_of(backend: Any, vpc_id: str) -> Any:
    """The internet gateway that is attached to a VPC, or None."""
    return next((g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id), None)


def _tags(call: Call) -> dict[str, str]:
    return {t["Key"]: t["Value"] for spec in call.params.get("TagSpecifications", []) for t in spec.get("Tags", [])}


@repair("ec2", "CreateNatGateway")
def create_nat_gateway(call: Call, proceed: Proceed) -> Any:
    """A gateway starts as pending; it fails later when its VPC has no internet gateway attached."""
    backend, params = ec2(call.account, call.region), call.params
    if params.get("AvailabilityMode") == "regional":
        if "VpcId" not in params:
            raise AwsError("MissingParameter", "The request must contain the parameter VpcId")
        backend.get_vpc(params["VpcId"])
        gateway: Any = RegionalNatGateway(backend, params["VpcId"], _tags(call))
        backend.nat_gateways[gateway.id] = gateway
    else:
        if "SubnetId" not in params:
            raise AwsError("MissingParameter", "The request must contain the parameter SubnetId")
        backend.get_subnet(params["SubnetId"])
        public = params.get("ConnectivityType", "public") == "public"
        if public and "AllocationId" not in params:
            raise AwsError("MissingParameter", "The request must contain the parameter AllocationId")
        params.setdefault("ConnectivityType", "public")
        gateway = result_of(proceed())["NatGateway"]
        gateway.connectivity_type = params["ConnectivityType"]
        gateway.availability_mode = "zonal"
        gateway.address_set[0] |= {"IsPrimary": True, "Status": "succeeded"}
        interfaces.manage(
            gateway._eni,
            [],
            kind="nat_gateway",
            description=f"Interface for NAT Gateway {gateway.id}",
            requester="amazon-aws",
            owner="amazon-aws",
        )
        gateway._eni.source_dest_check = False
    gateway.state = "pending"
    gateway.sandbox_since = CLOCK.now()
    return {"NatGateway": gateway, "ClientToken": params.get("ClientToken")}


@repair("ec2", "DeleteNatGateway")
def delete_nat_gateway(call: Call, proceed: Proceed) -> Any:
    """A gateway is deleting for a while; its interface and the association of its address go at the end."""
    gateway = ec2(call.account, call.region).nat_gateways.get(call.params["NatGatewayId"])
    if gateway is None:
        raise _not_found(call.params["NatGatewayId"])
    if gateway.state not in ("deleting", "deleted"):
        gateway.state = "deleting"
        gateway.sandbox_since = CLOCK.now()
    return {"NatGatewayId": gateway.id}


def _not_found(gateway_id: str) -> AwsError:
    return AwsError("NatGatewayNotFound", f"NatGateway {gateway_id} was not found")


@repair("ec2", "DescribeNatGateways")
def describe_nat_gateways(call: Call, proceed: Proceed) -> Any:
    """All filters of the API reference, and an error for an unknown id."""
    known = ec2(call.account, call.region).nat_gateways
    asked = call.params.get("NatGatewayIds") or list(known)
    missing = [gateway_id for gateway_id in asked if gateway_id not in known]
    if missing:
        raise _not_found(missing[0])
    gateways = [known[gateway_id] for gateway_id in asked]
    filters = call.params.get("Filter") or call.params.get("Filters") or []
    return {"NatGateways": matching(gateways, filters, {"nat-gateway-id": lambda gateway: gateway.id})}


@tick
def nat_gateways_grow_old() -> None:
    """Pending -> available or failed; deleting -> deleted."""
    for backend in ec2_in_use():
        for gateway in backend.nat_gateways.values():
            since = getattr(gateway, "sandbox_since", None)
            if since is None:
                continue
            if gateway.state == "pending" and CLOCK.passed(since, "nat.pending"):
                _finish(backend, gateway)
            elif gateway.state == "deleting" and CLOCK.passed(since, "nat.deleting"):
                gateway.state = "deleted"
                _release(backend, gateway)


def _finish(backend: Any, gateway: Any) -> None:
    if gateway.connectivity_type == "private" or internet_gateway_of(backend, gateway.vpc_id):
        gateway.state = "available"
        return
    gateway.state = "failed"
    gateway.failure_code = "Gateway.NotAttached"
    gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
    _release(backend, gateway)


def _release(backend: Any, gateway: Any) -> None:
    if gateway._eni is not None:
        interfaces.remove(backend, gateway._eni.id)


def _route_state(self: Any) -> str:
    return "active" if self.local or _target_lives(self) else "blackhole"


def _target_lives(route: Any) -> bool:
    backend, vpc_id = route.route_table.ec2_backend, route.route_table.vpc_id
    if route.nat_gateway is not None:
        return route.nat_gateway.state in ("pending", "available")
    if route.egress_only_igw is not None:
        return route.egress_only_igw.id in backend.egress_only_internet_gateways
    if route.vpc_pcx is not None:
        return route.vpc_pcx.status["Code"] == "active"
    if route.interface is not None:
        return route.interface.id in backend.enis
    if route.gateway is None:
        return True
    if route.gateway.id.startswith("igw-"):
        vpc = route.gateway.vpc
        return route.gateway.id in backend.internet_gateways and vpc is not None and vpc.id == vpc_id
    return True


def install() -> None:
    """Let a route's state follow its target, which moto always calls active."""
    Route.state = property(_route_state)  # type: ignore[method-assign, assignment]
