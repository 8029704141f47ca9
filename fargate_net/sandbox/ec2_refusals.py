"""What EC2 refuses to delete because something still uses it.

Authority: the API reference of each delete operation, VPC User Guide, "Delete your VPC", "Delete your
security groups", "Internet gateways" (mapped public addresses).

Never here: deletes of network interfaces (interfaces) and of what other services own.
"""

from __future__ import annotations

from typing import Any

from .calls import AwsError, Call, Proceed, repair
from .stores import ec2


def _in_use(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


@repair("ec2", "DeleteSubnet")
def delete_subnet(call: Call, proceed: Proceed) -> Any:
    """A subnet stays while an interface is in it."""
    subnet_id = call.params["SubnetId"]
    if any(interface.subnet.id == subnet_id for interface in ec2(call.account, call.region).enis.values()):
        raise _in_use(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    backend = ec2(call.account, call.region)
    answer = proceed()
    # moto leaves the links to the subnet behind, which would block its route table and ACL for ever.
    for table in backend.route_tables.values():
        table._associations = {k: v for k, v in table._associations.items() if v != subnet_id}
    for acl in backend.network_acls.values():
        acl._associations = {k: v for k, v in acl._associations.items() if v.subnet_id != subnet_id}
    return answer


@repair("ec2", "DeleteSecurityGroup")
def delete_security_group(call: Call, proceed: Proceed) -> Any:
    """A group stays while an interface wears it or a rule of another group names it."""
    backend, group_id = ec2(call.account, call.region), call.params.get("GroupId")
    group = backend.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return proceed()
    if group.name == "default":
        raise AwsError("CannotDelete", f'the specified group: "{group_id}" name: "default" cannot be deleted by a user')
    worn = any(group_id in [g.id for g in eni.group_set] for eni in backend.enis.values())
    named = any(
        (rule.source_group or {}).get("GroupId") == group_id
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group_id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
    if worn or named:
        raise _in_use(f"resource {group_id} has a dependent object")
    return proceed()


@repair("ec2", "DetachInternetGateway")
def detach_internet_gateway(call: Call, proceed: Proceed) -> Any:
    """A gateway stays attached while its VPC has public addresses in use."""
    backend, vpc_id = ec2(call.account, call.region), call.params["VpcId"]
    mapped = any(eni.vpc_id == vpc_id and eni.public_ip for eni in backend.enis.values())
    regional = any(
        gateway.vpc_id == vpc_id and gateway.subnet_id is None and gateway.state in ("pending", "available", "deleting")
        for gateway in backend.nat_gateways.values()
    )
    if mapped or regional:
        raise _in_use(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )
    return proceed()


@repair("ec2", "ReleaseAddress")
def release_address(call: Call, proceed: Proceed) -> Any:
    """An address that is associated with an interface is not released."""
    for address in ec2(call.account, call.region).addresses:
        if address.allocation_id == call.params.get("AllocationId") and address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return proceed()


@repair("ec2", "DeleteRouteTable")
def delete_route_table(call: Call, proceed: Proceed) -> Any:
    """The main route table of a VPC is not deleted."""
    table = ec2(call.account, call.region).route_tables.get(call.params["RouteTableId"])
    if table is not None and table.main_association_id:
        raise _in_use(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")
    return proceed()


@repair("ec2", "DeleteVpc")
def delete_vpc(call: Call, proceed: Proceed) -> Any:
    """A VPC goes only with its main route table, default group and default ACL; anything else keeps it."""
    backend, vpc_id = ec2(call.account, call.region), call.params["VpcId"]
    backend.get_vpc(vpc_id)
    if any(_contents(backend, vpc_id)):
        raise _in_use(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    answer = proceed()
    for acl_id in [acl.id for acl in backend.network_acls.values() if acl.vpc_id == vpc_id]:
        del backend.network_acls[acl_id]
    return answer


def _contents(backend: Any, vpc_id: str) -> list[Any]:
    """What a VPC still holds besides the things that go with it."""
    return [
        *(s for zone in backend.subnets.values() for s in zone.values() if s.vpc_id == vpc_id),
        *(g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id),
        *(g for g in backend.groups[vpc_id].values() if g.name != "default"),
        *(t for t in backend.route_tables.values() if t.vpc_id == vpc_id and not t.main_association_id),
        *(a for a in backend.network_acls.values() if a.vpc_id == vpc_id and not a.default),
        *(e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id and e.state != "deleted"),
        *(
            n
            for n in backend.nat_gateways.values()
            if n.vpc_id == vpc_id and n.state in ("pending", "available", "deleting")
        ),
    ]
