"""Where each thing of a snapshot stands in the lab: VPC to router, subnet to bridge, interface to host.

Never here: rules, routes.
"""

from __future__ import annotations

import ipaddress

from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.kinds.vpc_peering import VpcPeering
from fargate_net.model.snapshot import Snapshot

VPCS, BRIDGES, HOSTS = 2, 4, 8
CONNECTED, LOADED = 99, 50
"""Numbers of routing tables: the subnets of a router, and the routes of the network loaded now."""

OUTSIDE = ("203.0.113.7", "203.0.113.130", "192.0.2.40")
OUTSIDE_6 = ("2600::7", "2600:1::7", "2a00::7")
"""Hosts on the internet."""


class Places:
    """The seats of one network. Raises KeyError or ValueError when it is larger than the lab."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.vpcs = sorted(snapshot.of(Vpc))
        self.subnets = {v: sorted(s for s, f in snapshot.of(Subnet).items() if f.props.vpc == v) for v in self.vpcs}
        self.nics = {key: found.props for key, found in snapshot.of(NetworkInterface).items()}
        if len(self.vpcs) > VPCS or any(len(held) > BRIDGES for held in self.subnets.values()):
            raise ValueError("the lab has not enough routers or bridges for this network")
        self.slot: dict[str, tuple[int, int]] = {}
        for number, vpc in enumerate(self.vpcs):
            mine = sorted(key for key, nic in self.nics.items() if nic.vpc == vpc)
            if len(mine) > HOSTS:
                raise ValueError("the lab has not enough hosts for this network")
            self.slot |= {key: (number, host) for host, key in enumerate(mine)}

    def vpc(self, number: int) -> str | None:
        """The VPC on this router, if there is one."""
        return self.vpcs[number] if number < len(self.vpcs) else None

    def bridge(self, subnet: str) -> int:
        """The bridge of a subnet on its router."""
        vpc = str(self.snapshot.of(Subnet)[subnet].props.vpc)
        return self.subnets[vpc].index(subnet)

    def cidr(self, subnet: str) -> ipaddress.IPv4Network:
        """The range of a subnet."""
        return ipaddress.IPv4Network(self.snapshot.of(Subnet)[subnet].props.cidr)

    def cidr_6(self, subnet: str) -> ipaddress.IPv6Network | None:
        """Its IPv6 range, if it has one."""
        held = self.snapshot.of(Subnet)[subnet].props.ipv6_cidr
        return ipaddress.IPv6Network(held) if held else None

    def router_address(self, subnet: str) -> str:
        """The first address of a subnet, where its router is."""
        return str(self.cidr(subnet)[1])

    def cidrs(self, vpc: str, six: bool = False) -> tuple[str, ...]:
        """The ranges of a VPC."""
        props = self.snapshot.of(Vpc)[vpc].props
        return props.ipv6_cidrs if six else props.cidrs

    @property
    def six(self) -> bool:
        """Whether anything here has an IPv6 address."""
        return any(nic.ipv6_ips for nic in self.nics.values())

    def members_6(self, vpc: str) -> list[str]:
        """The IPv6 addresses of a VPC."""
        return [address for nic in self.nics.values() if nic.vpc == vpc for address in nic.ipv6_ips]

    def has_gateway(self, vpc: str) -> bool:
        """Whether an internet gateway is attached to a VPC."""
        return any(found.props.vpc == vpc for found in self.snapshot.of(InternetGateway).values())

    def has_egress_only_gateway(self, vpc: str) -> bool:
        """Whether a VPC has an egress-only internet gateway."""
        return any(found.props.vpc == vpc for found in self.snapshot.of(EgressOnlyGateway).values())

    def translated(self, vpc: str) -> dict[str, str]:
        """Private to public address of whatever the internet gateway of a VPC serves; nothing without a gateway."""
        if not self.has_gateway(vpc):
            return {}
        return {inside: out for nic in self.nics.values() if nic.vpc == vpc for inside, out in nic.public_ips}

    def nat_of(self, nic: str) -> NatGateway | None:
        """The NAT gateway this interface belongs to."""
        return next((f.props for f in self.snapshot.of(NatGateway).values() if nic in f.props.interfaces), None)

    def peering(self, vpc: str) -> VpcPeering | None:
        """The peering of a VPC that works; there is at most one."""
        for found in self.snapshot.of(VpcPeering).values():
            sides = (found.props.requester.vpc, found.props.accepter.vpc)
            if vpc in sides and found.props.state == "active":
                return found.props
        return None

    def peer(self, vpc: str) -> str | None:
        """The VPC at the other side of that peering."""
        held = self.peering(vpc)
        if held is None:
            return None
        return held.accepter.vpc if held.requester.vpc == vpc else held.requester.vpc
