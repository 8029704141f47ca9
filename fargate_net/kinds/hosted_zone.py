"""A Route 53 hosted zone. Read only: domains are yours. Never here: records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import NotFound
from fargate_net.kinds.asking import ask
from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.record_marks import plain_name
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class HostedZone:
    """``name`` without the final dot; ``vpcs`` are those a private zone answers in (None: not known)."""

    kind: ClassVar[str] = "hosted_zone"
    name: str
    private: bool
    vpcs: tuple[str, ...] | None = ()


def zone_vpcs(aws: Aws, kind: str, zone: str) -> tuple[str, ...] | Missing:
    """The VPCs in which a private zone answers; GetHostedZone alone tells them."""
    answer = ask(aws, kind, zone, "route53.get_hosted_zone", Id=zone)
    if isinstance(answer, Missing):
        return answer
    return tuple(sorted(vpc.text("VPCId", "") for vpc in items(answer, "VPCs")))


def zones_in(aws: Aws, scope: Scope) -> Iterator[Found[HostedZone] | Missing]:
    """Zones named in the scope, zones that hold a record named in it, and private zones of the VPCs in scope.

    Without names and VPCs, and for a saved folder, every zone there is.
    """
    names = scope.names or {}
    wanted = frozenset(plain_name(name) for name in names.get("hosted_zone", ()))
    records = frozenset(plain_name(name) for name in names.get("record_set", ()))
    everything = aws.saved or (scope.names is None and scope.vpcs is None)
    near = set() if everything else _of_vpcs(aws, scope)
    for item in items(aws.read("route53.list_hosted_zones"), "HostedZones", "Id"):
        zone, name = _id(item), plain_name(item.text("Name", ""))
        holds = any(record == name or record.endswith(f".{name}") for record in records)
        if not (everything or zone in near or name in wanted or holds):
            continue
        props = HostedZone(name, item.within("Config").flag("PrivateZone", False))
        if props.private:
            vpcs = zone_vpcs(aws, "hosted_zone", zone)
            if isinstance(vpcs, Missing):
                yield vpcs
            props = replace(props, vpcs=None if isinstance(vpcs, Missing) else vpcs)
        yield found(zone, props, name=name)


def _of_vpcs(aws: Aws, scope: Scope) -> set[str]:
    """Ids of the private zones that answer in the VPCs of the scope."""
    near: set[str] = set()
    for vpc in sorted(scope.vpcs or ()):
        try:
            answer = aws.read("route53.list_hosted_zones_by_vpc", VPCId=vpc, VPCRegion=aws.region)
        except NotFound:
            continue
        near |= {summary.text("HostedZoneId", "") for summary in items(answer, "HostedZoneSummaries")}
    return near


def _id(item: Item) -> str:
    return item.text("Id").removeprefix("/hostedzone/")


@register
class HostedZoneKind(Kind):
    """Hosted zones in scope."""

    name = "hosted_zone"
    props = HostedZone

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One list, then the VPCs of each private zone."""
        yield from zones_in(aws, scope)
