"""Network interfaces as AWS makes them: a free address inside the subnet, an owner, a public address.

moto draws addresses at random, some of them outside of the subnet or reserved, and marks no interface as
managed by a service. Authority: VPC User Guide, "Subnet CIDR blocks" (first four and last address are
reserved), EC2 User Guide, "Requester-managed network interfaces".

Never here: which service wants an interface, and when it goes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from moto.ec2.models import EC2Backend, elastic_ip_addresses, elastic_network_interfaces
from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from .calls import AwsError, Call, Proceed, repair
from .clock import CLOCK

_moto_create = EC2Backend.create_network_interface
_moto_attachment = NetworkInterface.attachment
_moto_filter_value = NetworkInterface.get_filter_value
_public = itertools.count(7)
_attachments = itertools.count(1)


@dataclass
class Attachment:
    """How an interface hangs on a service's own host: DescribeNetworkInterfaces shows it, with no instance."""

    attachment_id: str
    attach_time: datetime
    instance_owner_id: str
    device_index: int = 1
    network_card_index: int = 0
    delete_on_termination: bool = False
    instance_id: str | None = None
    status: str = "attached"


def public_address() -> str:
    """A fresh address from ranges that Amazon uses, never one that reads as private or loopback."""
    number = next(_public)
    low, high = number % 250 + 2, number // 250 % 250
    return f"{(3, 18, 52, 54)[number % 4]}.{(120, 184, 16, 72)[number % 4]}.{high}.{low}"


def public_dns_name(region: str, address: str) -> str:
    """The name that AWS gives a public address."""
    domain = "compute-1" if region == "us-east-1" else f"{region}.compute"
    return f"ec2-{address.replace('.', '-')}.{domain}.amazonaws.com"


def private_dns_name(region: str, address: str) -> str:
    """The name that AWS gives a private address."""
    domain = "ec2" if region == "us-east-1" else f"{region}.compute"
    return f"ip-{address.replace('.', '-')}.{domain}.internal"


def free_address(backend: Any, subnet: Any) -> str:
    """The lowest free address of a subnet. AwsError InsufficientFreeAddressesInSubnet when it is full."""
    taken = {
        held["PrivateIpAddress"]
        for interface in backend.enis.values()
        if interface.subnet.id == subnet.id
        for held in interface.private_ip_addresses
    }
    network = ip_network(subnet.cidr_block)
    for offset in range(4, network.num_addresses - 1):
        address = str(network[offset])
        if address not in taken:
            return address
    raise AwsError(
        "InsufficientFreeAddressesInSubnet",
        f"The specified subnet does not have enough free addresses to satisfy the request: {subnet.id}",
    )


def _free_ipv6_address(backend: Any, subnet: Any) -> str:
    block = next(iter(subnet.ipv6_cidr_block_associations.values()))["ipv6CidrBlock"]
    taken = {address for eni in backend.enis.values() for address in eni.ipv6_addresses}
    network = ip_network(block)
    return next(str(network[n]) for n in itertools.count(4) if str(network[n]) not in taken)


def _create(self: Any, subnet: Any, private_ip_address: Any = None, *rest: Any, **named: Any) -> Any:
    """Moto's create_network_interface, with an address of ours unless a proper one is asked for."""
    if isinstance(subnet, str):
        subnet = self.get_subnet(subnet)
    asked = private_ip_address[0] if isinstance(private_ip_address, list) and private_ip_address else private_ip_address
    network = ip_network(subnet.cidr_block)
    # For its own NAT gateways and endpoints moto asks for an address that is not in the subnet at all.
    if not asked or ip_address(asked) not in network:
        asked = free_address(self, subnet)
    interface: Any = _moto_create(self, subnet, asked, *rest, **named)
    vpc = self.get_vpc(subnet.vpc_id)
    if vpc.enable_dns_hostnames in (True, "true"):
        interface.private_dns_name = private_dns_name(self.region_name, interface.private_ip_address)
        for held in interface.private_ip_addresses:
            held["PrivateDnsName"] = private_dns_name(self.region_name, held["PrivateIpAddress"])
    else:
        interface.private_dns_name = None
    return interface


def make(
    backend: Any,
    subnet: Any,
    groups: list[str],
    *,
    kind: str,
    description: str,
    requester: str,
    owner: str,
    public: bool = False,
    ipv6: bool = False,
) -> Any:
    """An interface that a service makes for itself in a customer's subnet.

    `groups` empty means none at all (NAT gateways, load balancers without groups). `public` maps a public
    address at once; whether the subnet's route makes it useful is another question.
    """
    for group in groups:
        if backend.get_security_group_from_id(group) is None:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    interface = backend.create_network_interface(subnet, None, None, groups or None, description)
    manage(interface, groups, kind=kind, description=description, requester=requester, owner=owner)
    if public:
        interface.public_ip = public_address()
    if ipv6 and subnet.ipv6_cidr_block_associations:
        interface.ipv6_addresses.append(_free_ipv6_address(backend, subnet))
    return interface


def manage(interface: Any, groups: list[str], *, kind: str, description: str, requester: str, owner: str) -> None:
    """Mark an interface as one that a service made for itself and uses."""
    backend = interface.ec2_backend
    interface._group_set = [backend.get_security_group_from_id(group) for group in groups]
    interface.description = description
    interface.requester_managed = True
    interface.requester_id = requester
    interface.interface_type = kind
    interface.status = "in-use"
    interface.sandbox_attachment = Attachment(
        attachment_id=f"ela-attach-{next(_attachments):017x}", attach_time=CLOCK.wall(), instance_owner_id=owner
    )


def remove(backend: Any, interface_id: str) -> None:
    """Take away an interface of a service, with its public address. Nothing happens when it is gone."""
    interface = backend.enis.pop(interface_id, None)
    for address in backend.addresses if interface is not None else ():
        if address.eni is interface:
            address.eni = None
            address.association_id = None


def by_address(backend: Any, vpc_id: str, address: str) -> Any:
    """The interface of a VPC that holds a private address, or None."""
    return next(
        (eni for eni in backend.enis.values() if eni.vpc_id == vpc_id and eni.private_ip_address == address), None
    )


def _attachment(self: Any) -> Any:
    own = getattr(self, "sandbox_attachment", None)
    return own if own is not None else _moto_attachment.fget(self)  # type: ignore[attr-defined]


def _association(self: Any) -> dict[str, Any]:
    if not self.public_ip:
        return {}
    elastic = next((a for a in self.ec2_backend.addresses if a.public_ip == self.public_ip), None)
    shown = {
        "PublicIp": self.public_ip,
        "PublicDnsName": public_dns_name(self.ec2_backend.region_name, self.public_ip),
        "IpOwnerId": self.ec2_backend.account_id if elastic else _owner_of_public_address(self),
    }
    if elastic:
        shown |= {"AllocationId": elastic.allocation_id, "AssociationId": elastic.association_id}
    return shown


def _owner_of_public_address(interface: Any) -> str:
    """A public address that is not elastic belongs to the service that mapped it."""
    attachment = getattr(interface, "sandbox_attachment", None)
    return "amazon-elb" if attachment and attachment.instance_owner_id == "amazon-elb" else "amazon"


_FILTERS: dict[str, Any] = {
    "association.public-ip": lambda eni: eni.public_ip,
    "association.allocation-id": lambda eni: _association(eni).get("AllocationId"),
    "association.association-id": lambda eni: _association(eni).get("AssociationId"),
    "association.ip-owner-id": lambda eni: _association(eni).get("IpOwnerId"),
    "ipv6-addresses.ipv6-address": lambda eni: list(eni.ipv6_addresses),
    "private-dns-name": lambda eni: eni.private_dns_name,
    "attachment.status": lambda eni: eni.attachment.status if eni.attachment else None,
    "attachment.instance-owner-id": lambda eni: eni.attachment.instance_owner_id if eni.attachment else None,
    "attachment.attachment-id": lambda eni: eni.attachment.attachment_id if eni.attachment else None,
    "requester-managed": lambda eni: str(eni.requester_managed).lower(),
    "group-name": lambda eni: [group.name for group in eni.group_set],
    "owner-id": lambda eni: eni.owner_id,
    "addresses.association.public-ip": lambda eni: eni.public_ip,
}


def _filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
    if filter_name in _FILTERS:
        value = _FILTERS[filter_name](self)
        return value if value is not None else ""
    return _moto_filter_value(self, filter_name, method_name)


@repair("ec2", "DeleteNetworkInterface")
def delete_network_interface(call: Call, proceed: Proceed) -> Any:
    """An interface that is in use is not deleted (API reference, DeleteNetworkInterface)."""
    from moto.ec2.models import ec2_backends

    interface = ec2_backends[call.account][call.region].enis.get(call.params["NetworkInterfaceId"])
    if interface is not None and interface.status == "in-use":
        raise AwsError("InvalidNetworkInterface.InUse", f"Interface: [{interface.id}] in use.")
    return proceed()


def install() -> None:
    """Replace moto's choice of addresses and what it shows of an interface."""
    EC2Backend.create_network_interface = _create  # type: ignore[method-assign]
    NetworkInterface.attachment = property(_attachment)  # type: ignore[method-assign, assignment]
    NetworkInterface.association = property(_association)  # type: ignore[method-assign, assignment]
    NetworkInterface.get_filter_value = _filter_value  # type: ignore[method-assign]
    for module, name in ((elastic_ip_addresses, "random_ip"), (elastic_network_interfaces, "random_public_ip")):
        setattr(module, name, public_address)
