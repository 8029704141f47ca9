"""A NAT gateway: the way out for private subnets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import NotFound
from fargate_net.kinds.base import READY, Aws, Kind, Readiness, Scope, Way, broken, found, pending, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.implied import interface, public_address
from fargate_net.kinds.reading import filters, kept, nothing_in, parsed
from fargate_net.kinds.writing import tagged, write_unless
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class NatGateway:
    """A zonal gateway lives in ``subnet``; a ``regional`` one has none and spans ``zones`` of ``vpc``.

    ``public`` is False for private NAT. ``allocation`` is its Elastic IP, None when AWS chooses the addresses.
    ``zonal_ips`` pairs a zone with each public address a regional one has there. Status: state, failure.
    """

    kind: ClassVar[str] = "nat_gateway"
    vpc: Id
    subnet: Id | None
    allocation: Id | None
    public: bool = True
    regional: bool = False
    state: str = observed(default="available")
    public_ips: tuple[str, ...] = observed(default=())
    private_ips: tuple[str, ...] = observed(default=())
    interfaces: tuple[str, ...] = observed(default=())
    zones: tuple[str, ...] = observed(default=())
    zonal_ips: tuple[tuple[str, str], ...] = observed(default=())
    route_table: str = observed(default="")


@register
class NatGatewayKind(Kind):
    """DescribeNatGateways (Amazon EC2 API Reference)."""

    name = "nat_gateway"
    props = NatGateway
    immutable = frozenset({"vpc", "subnet", "allocation", "public", "regional"})
    exclusive = frozenset({"allocation"})
    write_side = True
    usual = 115.0

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Gateways of the VPCs in scope, dead ones too: AWS lists those for about an hour."""
        if nothing_in(scope):
            return
        operation, params = "ec2.describe_nat_gateways", filters(aws, scope, page=1000)
        if "Filters" in params:
            params["Filter"] = params.pop("Filters")
        response = aws.read(operation, **params)
        yield from kept(scope, parsed(self.name, operation, response, "NatGateways", "NatGatewayId", _parse))

    def ready(self, found: Found[Any]) -> Readiness:
        """Available, or failed for good with AWS's reason."""
        state = found.status.get("state", "available")
        if state == "pending":
            return pending("AWS is making the NAT gateway", self.usual)
        if state != "available":
            return broken(str(found.status.get("failure") or f"the NAT gateway is {state}"))
        return READY

    def gone(self, found: Found[Any]) -> bool:
        """Deleted, or failed: AWS removes a failed one by itself (VPC User Guide, Troubleshoot NAT gateways)."""
        return found.status.get("state") in ("deleted", "failed")

    def leaving(self, found: Found[Any]) -> bool:
        """Gone, or about to be; its address and interface are free only when it is gone."""
        return self.gone(found) or found.status.get("state") == "deleting"

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """Beside the old one it is made without a gap; routes tell what happens to open connections."""
        return "tasks behind it have no way out for about 3 minutes, while it is made anew" if way == "first" else ""

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its interface, at an address of its subnet, with its Elastic IP. A regional one shows none."""
        props = found.props
        if props.subnet is None:
            return
        address = _public_ip(props, world)
        for face in interface(
            found,
            world,
            props.subnet,
            0,
            type="nat_gateway",
            description=f"Interface for NAT Gateway {found.id}",
            source_dest_check=False,
        ):
            inside = face.props.private_ips[0]
            public = ((inside, address),) if address else ()
            yield replace(face, props=replace(face.props, public_ips=public))
            yield replace(
                found,
                props=replace(
                    props,
                    interfaces=(face.id,),
                    private_ips=(inside,),
                    public_ips=(address,) if address else (),
                ),
            )

    def made(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """Its interfaces."""
        faces = world.kind("network_interface")
        return [faces[face] for face in found.props.interfaces if face in faces]

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it; AWS needs the internet gateway attached for a public one."""
        if props.regional:
            where = {"VpcId": props.vpc, "AvailabilityMode": "regional"}
        else:
            where = {"SubnetId": props.subnet}
        if props.allocation is not None:
            where["AllocationId"] = props.allocation
        response = aws.write(
            "ec2.create_nat_gateway",
            ConnectivityType="public" if props.public else "private",
            **where,
            **tagged("natgateway", tags),
        )
        return str(response["NatGateway"]["NatGatewayId"])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing about it can change."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Begin its deletion, which takes AWS about a minute."""
        if have.status.get("state") not in ("deleting", "deleted"):
            write_unless(NotFound, aws, "ec2.delete_nat_gateway", NatGatewayId=have.id)


def _parse(item: Item) -> Found[Any]:
    addresses = list(item.many("NatGatewayAddresses"))
    addresses.sort(key=lambda address: not address.flag("IsPrimary", False))
    regional = item.text("AvailabilityMode", "zonal") == "regional"
    zones = {address.text("AvailabilityZone") for address in addresses if "AvailabilityZone" in address}
    state = item.text("State", "available")
    # AWS chooses the addresses of a regional gateway: they are not what anybody asked for.
    allocations = [] if regional else _texts(addresses, "AllocationId")
    props = NatGateway(
        vpc=item.text("VpcId"),
        subnet=None if regional else item.text("SubnetId"),
        allocation=allocations[0] if allocations else None,
        public=item.text("ConnectivityType", "public") == "public",
        regional=regional,
        state=state,
        public_ips=tuple(address.address("PublicIp") for address in addresses if "PublicIp" in address),
        private_ips=tuple(address.address("PrivateIp") for address in addresses if "PrivateIp" in address),
        interfaces=_texts(addresses, "NetworkInterfaceId"),
        zones=tuple(sorted(zones)),
        zonal_ips=tuple(
            (address.text("AvailabilityZone"), address.address("PublicIp"))
            for address in addresses
            if "AvailabilityZone" in address and "PublicIp" in address
        ),
        route_table=item.text("RouteTableId", ""),
    )
    status = {"state": state, "failure": item.text("FailureMessage", "")}
    return found(item.text("NatGatewayId"), props, item.tags(), **status)


def _texts(addresses: Iterable[Item], key: str) -> tuple[str, ...]:
    return tuple(address.text(key) for address in addresses if key in address)


def _public_ip(props: NatGateway, world: Snapshot) -> str:
    if not props.public or props.allocation is None:
        return ""
    allocation = world.kind("elastic_ip").get(str(props.allocation))
    return (
        allocation.props.public_ip
        if allocation and allocation.props.public_ip
        else public_address(str(props.allocation))
    )
