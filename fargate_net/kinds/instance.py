"""An EC2 instance, as far as packets care. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.kinds.base import Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.reading import filters, kept, nothing_in, parsed
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class Instance:
    """``state`` is AWS's word (``running``, ``stopped``, …); ``system`` too (``Linux/UNIX``, ``Windows``, …).

    An instance of which nobody told the system has the empty text. (EC2 User Guide, AMI billing information fields.)
    """

    kind: ClassVar[str] = "instance"
    vpc: Id
    subnet: Id
    interfaces: tuple[str, ...]
    state: str = observed(default="running")
    system: str = observed(default="")


@register
class InstanceKind(Kind):
    """DescribeInstances (Amazon EC2 API Reference)."""

    name = "instance"
    props = Instance

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Instances of the VPCs in scope. A terminated one has no VPC any more and is left out."""
        if nothing_in(scope):
            return
        operation, where = "ec2.describe_instances", Scope(vpcs=scope.vpcs)
        response = aws.read(operation, **filters(aws, where, page=1000))
        for reservation in items(response, "Reservations"):
            running = [raw for raw in reservation.raw.get("Instances") or () if _lives(raw)]
            answer = {**reservation.raw, "Instances": running}
            yield from kept(where, parsed(self.name, operation, answer, "Instances", "InstanceId", _parse))


def _lives(raw: Any) -> bool:
    state = raw.get("State") if isinstance(raw, dict) else None
    return not (isinstance(state, dict) and state.get("Name") == "terminated")


def _parse(item: Item) -> Found[Any]:
    props = Instance(
        vpc=item.text("VpcId"),
        subnet=item.text("SubnetId"),
        interfaces=tuple(face.text("NetworkInterfaceId") for face in item.many("NetworkInterfaces")),
        state=item.within("State").text("Name", "running"),
        system=item.text("PlatformDetails", "") or item.text("Platform", ""),
    )
    return found(item.text("InstanceId"), props, item.tags())
