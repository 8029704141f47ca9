"""VPC endpoints: known services, private DNS, interfaces with their groups, pending and deleting states.

Authority: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint", "Gateway endpoints
for Amazon S3", API reference, CreateVpcEndpoint and ModifyVpcEndpoint.

Never here: whether a task reaches an endpoint.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES

from . import interfaces
from .calls import AwsError, Call, Proceed, repair, result_of, tick
from .clock import CLOCK
from .stores import ec2, ec2_in_use

GATEWAY_SERVICES = ("s3", "dynamodb")
_ALSO = {"s3", "dynamodb", "logs", "ssm", "ssmmessages", "secretsmanager", "kms", "sts", "monitoring", "xray", "sqs"}
SERVICES = set(AWS_ENDPOINT_SERVICES) | _ALSO | {"sns", "servicediscovery", "lambda", "rds", "states", "ecs"}
_DNS_NAMES = {"ecr.api": "api.ecr", "ecr.dkr": "*.dkr.ecr"}


def dns_name(service: str, region: str) -> str:
    """The public name of a service that private DNS takes over."""
    return f"{_DNS_NAMES.get(service, service)}.{region}.amazonaws.com"


def _service(call: Call) -> str:
    name = str(call.params["ServiceName"])
    service = name.removeprefix(f"com.amazonaws.{call.region}.")
    if ".vpce-svc-" not in name and (service == name or service not in SERVICES):
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    return service


def _alive(backend: Any, vpc_id: str) -> list[Any]:
    return [e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id and e.state in ("pending", "available")]


def _check_interface(call: Call, backend: Any, service: str) -> None:
    vpc = backend.get_vpc(call.params["VpcId"])
    zones: set[str] = set()
    for subnet_id in call.params.get("SubnetIds", []):
        subnet = backend.get_subnet(subnet_id)
        if subnet.vpc_id != vpc.id:
            raise AwsError("InvalidParameter", f"Subnet {subnet_id} does not belong to VPC {vpc.id}")
        if subnet.availability_zone in zones:
            raise AwsError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}",
            )
        zones.add(subnet.availability_zone)
    if not _private_dns(call):
        return
    if not (_on(vpc.enable_dns_support) and _on(vpc.enable_dns_hostnames)):
        raise AwsError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to "
            f"true for {vpc.id}",
        )
    for other in _alive(backend, vpc.id):
        if other.service_name == call.params["ServiceName"] and other.private_dns_enabled:
            raise AwsError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{dns_name(service, call.region)} in the VPC {vpc.id}",
            )


def _on(flag: Any) -> bool:
    return str(flag).lower() == "true"


def _private_dns(call: Call) -> bool:
    return _on(call.params.get("PrivateDnsEnabled", True))


@repair("ec2", "CreateVpcEndpoint")
def create_vpc_endpoint(call: Call, proceed: Proceed) -> Any:
    """An interface endpoint is pending first; a gateway endpoint works at once and has no interfaces."""
    backend, service = ec2(call.account, call.region), _service(call)
    kind = call.params.setdefault("VpcEndpointType", "Gateway")
    if kind == "Gateway":
        if service not in GATEWAY_SERVICES:
            raise AwsError(
                "InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface])."
            )
        _check_routes(call, backend)
    else:
        _check_interface(call, backend, service)
    endpoint = result_of(proceed())["VpcEndpoint"]
    endpoint.ip_address_type = "ipv4"
    if kind == "Gateway":
        endpoint.private_dns_enabled = False
        return {"VpcEndpoint": endpoint}
    endpoint.private_dns_enabled = _private_dns(call)
    if not endpoint.security_group_ids:
        endpoint.security_group_ids = [backend.get_default_security_group(endpoint.vpc_id).id]
    for interface_id in endpoint.network_interface_ids:
        _manage(backend.enis[interface_id], endpoint)
    endpoint.dns_entries = [
        {"DnsName": f"{endpoint.id}.{service}.{call.region}.vpce.amazonaws.com", "HostedZoneId": "Z7HUB22UULQXV"}
    ]
    if endpoint.private_dns_enabled:
        endpoint.dns_entries.append(
            {"DnsName": dns_name(service, call.region), "HostedZoneId": f"ZONE{endpoint.id[5:18].upper()}"}
        )
    endpoint.state = "pending"
    endpoint.sandbox_since = CLOCK.now()
    return {"VpcEndpoint": endpoint, "ClientToken": call.params.get("ClientToken")}


def _check_routes(call: Call, backend: Any) -> None:
    for table_id in call.params.get("RouteTableIds", []):
        backend.get_route_table(table_id)
        for other in _alive(backend, call.params["VpcId"]):
            if other.service_name == call.params["ServiceName"] and table_id in other.route_table_ids:
                raise AwsError(
                    "RouteAlreadyExists",
                    f"route table {table_id} already has a route with destination-prefix-list-id "
                    f"{other.destination_prefix_list_id}",
                )


def _manage(interface: Any, endpoint: Any) -> None:
    interfaces.manage(
        interface,
        endpoint.security_group_ids,
        kind="vpc_endpoint",
        description=f"VPC Endpoint Interface {endpoint.id}",
        requester="amazon-aws",
        owner="amazon-aws",
    )


@repair("ec2", "ModifyVpcEndpoint")
def modify_vpc_endpoint(call: Call, proceed: Proceed) -> Any:
    """Groups, subnets and route tables take effect, which moto only writes down."""
    backend, params = ec2(call.account, call.region), call.params
    endpoint = backend.vpc_end_points.get(params["VpcEndpointId"])
    answer = proceed()
    if endpoint.vpc_endpoint_type == "Gateway":
        for table_id in params.get("AddRouteTableIds", []):
            backend.create_route(
                table_id, None, gateway_id=endpoint.id, destination_prefix_list_id=endpoint.destination_prefix_list_id
            )
        for table_id in params.get("RemoveRouteTableIds", []):
            backend.delete_route(table_id, endpoint.destination_prefix_list_id)
        return answer
    if "PrivateDnsEnabled" in params:
        endpoint.private_dns_enabled = _on(params["PrivateDnsEnabled"])
    for subnet_id in params.get("RemoveSubnetIds", []):
        gone = [i for i in endpoint.network_interface_ids if backend.enis[i].subnet.id == subnet_id]
        for interface_id in gone:
            interfaces.remove(backend, interface_id)
            endpoint.network_interface_ids.remove(interface_id)
    for subnet_id in params.get("AddSubnetIds", []):
        endpoint.network_interface_ids.append(backend.create_network_interface(subnet_id, None).id)
    for interface_id in endpoint.network_interface_ids:
        _manage(backend.enis[interface_id], endpoint)
    return answer


@repair("ec2", "DeleteVpcEndpoints")
def delete_vpc_endpoints(call: Call, proceed: Proceed) -> Any:
    """Gateway endpoints go at once with their routes; the interfaces of others linger while they are deleting."""
    backend, unknown = ec2(call.account, call.region), []
    for endpoint_id in call.params.get("VpcEndpointIds", []):
        endpoint = backend.vpc_end_points.get(endpoint_id)
        if endpoint is None:
            unknown.append(endpoint_id)
        elif endpoint.vpc_endpoint_type == "Gateway":
            backend.delete_vpc_endpoints([endpoint_id])
            del backend.vpc_end_points[endpoint_id]
        elif endpoint.state != "deleting":
            endpoint.state = "deleting"
            endpoint.sandbox_since = CLOCK.now()
    return {
        "Unsuccessful": [
            {
                "ResourceId": endpoint_id,
                "Error": {
                    "Code": "InvalidVpcEndpoint.NotFound",
                    "Message": f"The Vpc Endpoint Id '{endpoint_id}' does not exist",
                },
            }
            for endpoint_id in unknown
        ]
    }


@tick
def endpoints_grow_old() -> None:
    """Pending -> available; deleting -> gone."""
    for backend in ec2_in_use():
        for endpoint in list(backend.vpc_end_points.values()):
            since = getattr(endpoint, "sandbox_since", None)
            if since is None:
                continue
            if endpoint.state == "pending" and CLOCK.passed(since, "endpoint.pending"):
                endpoint.state = "available"
            elif endpoint.state == "deleting" and CLOCK.passed(since, "endpoint.deleting"):
                for interface_id in endpoint.network_interface_ids:
                    interfaces.remove(backend, interface_id)
                del backend.vpc_end_points[endpoint.id]
