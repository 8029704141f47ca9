"""VPC Block Public Access: the account's switch over every internet gateway of a Region. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import Denied, NotAsked
from fargate_net.kinds.base import Aws, Kind, Scope, found, lacking, register
from fargate_net.kinds.fields import Absent, Item, call_name, items
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class Exclusion:
    """``resource`` is a VPC or subnet id; ``mode`` is ``allow-bidirectional`` or ``allow-egress``."""

    id: str
    resource: str
    mode: str


@dataclass(frozen=True)
class BlockPublicAccess:
    """``mode`` is ``off``, ``block-bidirectional`` or ``block-ingress``.

    ``assumed`` is True when a saved snapshot says nothing and ``off`` is taken for granted.
    """

    kind: ClassVar[str] = "block_public_access"
    mode: str
    exclusions: tuple[Exclusion, ...] = ()
    assumed: bool = False


@register
class BlockPublicAccessKind(Kind):
    """DescribeVpcBlockPublicAccessOptions and …Exclusions (VPC User Guide, Block public access to VPCs and subnets)."""

    name = "block_public_access"
    props = BlockPublicAccess

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One thing, with the id ``block_public_access``.

        Most saved folders lack the options; they are then assumed to be off. Exclusions that are not known are a
        Missing with the subject ``exclusions``, unless nothing is blocked anyway.
        """
        operation = "ec2.describe_vpc_block_public_access_options"
        try:
            options = Item(aws.read(operation), "the response").within("VpcBlockPublicAccessOptions")
            mode = options.text("InternetGatewayBlockMode")
        except NotAsked:
            yield found(self.name, BlockPublicAccess("off", assumed=True))
            return
        except Absent as absent:
            yield Missing(self.name, "", call_name(operation), str(absent))
            return
        exclusions: tuple[Exclusion, ...] = ()
        if mode != "off":
            try:
                exclusions = tuple(_exclusions(aws))
            except (Denied, NotAsked) as error:
                yield lacking(self.name, "exclusions", error)
        yield found(self.name, BlockPublicAccess(mode, exclusions), state=options.text("State", ""))


def _exclusions(aws: Aws) -> Iterable[Exclusion]:
    operation, key = "ec2.describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions"
    for item in items(aws.read(operation), key, "ExclusionId"):
        if item.text("State", "create-complete") in ("create-complete", "update-complete", "update-in-progress"):
            resource = item.text("ResourceArn", "").rpartition("/")[2]
            yield Exclusion(item.text("ExclusionId"), resource, item.text("InternetGatewayExclusionMode", ""))
