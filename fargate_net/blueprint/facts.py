"""What a drawing must know from AWS, as data. Never here: how it was learned, except from a snapshot at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase

from fargate_net.errors import UsageError
from fargate_net.kinds.hosted_zone import HostedZone
from fargate_net.kinds.internet_gateway import InternetGateway
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.vpc import Vpc
from fargate_net.model.snapshot import Found, Snapshot

_MOST_ZONES = 6


@dataclass(frozen=True)
class ExistingSubnet:
    """A subnet that somebody else made. ``public`` is None when its route table is not known."""

    id: str
    vpc: str
    cidr: str
    zone: str
    public: bool | None = None
    ipv6: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """The Region as the drawing needs it.

    ``zones`` are the names of its Availability Zones, sorted. ``prefix_lists`` gives the id of a list by its name
    (``com.amazonaws.eu-west-1.s3``), ``hosted_zones`` the id by name, ``vpcs`` the IPv4 ranges by id, ``subnets`` what
    is known of existing subnets by id. With ``offline`` nothing was asked: ids that only AWS knows are then
    placeholders that begin with ``planned:``.
    """

    region: str
    zones: tuple[str, ...]
    account: str = ""
    prefix_lists: Mapping[str, str] = field(default_factory=dict)
    hosted_zones: Mapping[str, str] = field(default_factory=dict)
    vpcs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subnets: Mapping[str, ExistingSubnet] = field(default_factory=dict)
    offline: bool = False

    @classmethod
    def without_aws(cls, region: str) -> Facts:
        """A Region of six zones named a to f, of which nothing else is known."""
        return cls(region, tuple(region + letter for letter in ascii_lowercase[:_MOST_ZONES]), offline=True)

    @classmethod
    def of(cls, snapshot: Snapshot, zones: tuple[str, ...]) -> Facts:
        """The facts that a snapshot holds; ``zones`` are not part of one."""
        return cls(
            region=snapshot.region,
            zones=tuple(sorted(zones)),
            account=snapshot.account,
            prefix_lists={item.props.name: item.id for item in snapshot.of(PrefixList).values()},
            hosted_zones={item.props.name: item.id for item in _zones(snapshot)},
            vpcs={item.id: item.props.cidrs for item in snapshot.of(Vpc).values()},
            subnets={item.id: _subnet(snapshot, item) for item in snapshot.of(Subnet).values()},
        )

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``: the second part of every ARN (IAM User Guide, IAM ARNs)."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, service: str, resource: str) -> str:
        """An ARN in this Region and account; any account when ours is not known."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account or '*'}:{resource}"

    def endpoint_service(self, name: str) -> str:
        """The full name of an AWS service in this Region: ``com.amazonaws.eu-west-1.s3``."""
        return f"com.amazonaws.{self.region}.{name}"

    def prefix_list(self, service: str) -> str:
        """The id of AWS's own list of a service's addresses (VPC User Guide, AWS-managed prefix lists)."""
        name = self.endpoint_service(service)
        return self.prefix_lists.get(name, f"planned:prefix_list/{name}")

    def hosted_zone(self, name: str) -> str:
        """The id of the hosted zone; UsageError when the account has none of that name."""
        if name in self.hosted_zones:
            return self.hosted_zones[name]
        if self.offline:
            return f"planned:hosted_zone/{name}"
        raise UsageError(
            f"There is no Route 53 hosted zone {name} in this account.",
            hint="Create the zone, or remove the `dns` that names it.",
        )

    def assumed(self) -> tuple[Found[PrefixList], ...]:
        """What a world without AWS must hold beside the drawing: the prefix lists that rules and routes name by id.

        Their ranges are not known. Reachability does not need them where both rule and route name the list.
        """
        if not self.offline:
            return ()
        return tuple(
            Found(self.prefix_list(name), PrefixList(self.endpoint_service(name), None), planned=True)
            for name in ("dynamodb", "s3")
        )


def _zones(snapshot: Snapshot) -> list[Found[HostedZone]]:
    """Private zones first, so that a public one of the same name wins: the records we write are for clients outside."""
    return sorted(snapshot.of(HostedZone).values(), key=lambda item: (not item.props.private, item.id))


def _subnet(snapshot: Snapshot, item: Found[Subnet]) -> ExistingSubnet:
    props = item.props
    return ExistingSubnet(
        id=item.id,
        vpc=str(props.vpc),
        cidr=props.cidr,
        zone=props.zone,
        public=_is_public(snapshot, item),
        ipv6=bool(props.ipv6_cidr) or props.ipv6_index is not None,
        tags=item.tags,
    )


def _is_public(snapshot: Snapshot, item: Found[Subnet]) -> bool | None:
    """Whether the subnet's own route table, else the main one, has a default route to an internet gateway."""
    tables = [table.props for table in snapshot.of(RouteTable).values() if table.props.vpc == item.props.vpc]
    own = [table for table in tables if item.id in table.subnets] or [table for table in tables if table.main]
    if not own:
        return None
    gateways = snapshot.of(InternetGateway)
    return any(route.destination == "0.0.0.0/0" and route.target in gateways for route in own[0].routes)
