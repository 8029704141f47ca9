"""A security group: who may open connections to and from the interfaces that carry it.

Its rules are a resource of their own (``security_group_rules``): two groups may name each other, and groups must exist
before a rule can. Never here: authorising rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound, Refused
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws, Kind, Scope, found, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.reading import in_vpcs
from fargate_net.kinds.security_group_rule import PERMISSIONS, permission_of, rules_of
from fargate_net.kinds.security_group_rule import Rule as Rule
from fargate_net.kinds.writing import tagged, write_unless
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class SecurityGroup:
    """``name`` is the group name; the default group of a VPC is called ``default`` and cannot be deleted.

    ``rules`` are what AWS lists, whoever wrote them: reachability reads them here. What the rules should be is compared
    on the resource ``security_group_rules/NAME``. ``untold`` are directions of which the answer says nothing.
    """

    kind: ClassVar[str] = "security_group"
    vpc: Id
    name: str
    description: str
    rules: frozenset[Rule] = observed(default=frozenset())
    owner: str = observed(default="")
    untold: tuple[str, ...] = observed(default=())


@register
class SecurityGroupKind(Kind):
    """DescribeSecurityGroups (Amazon EC2 API Reference)."""

    name = "security_group"
    props = SecurityGroup
    immutable = frozenset({"vpc", "name", "description"})
    exclusive = frozenset({"vpc", "name"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Groups of the VPCs in scope with all their rules."""
        operation = "ec2.describe_security_groups"
        yield from in_vpcs(aws, scope, self.name, operation, "SecurityGroups", "GroupId", _parse, page=1000)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it; a group of that name is taken over only when it carries the same stack and key."""
        try:
            response = aws.write(
                "ec2.create_security_group",
                VpcId=props.vpc,
                GroupName=props.name,
                Description=props.description,
                **tagged("security-group", tags),
            )
        except AlreadyExists:
            return _ours_of_that_name(aws, props, tags)
        return str(response["GroupId"])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing about a group can change; its rules are ``security_group_rules``."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Revoke its rules, so that groups which name each other can go, then delete it."""
        for direction in ("ingress", "egress"):
            rules = [rule for rule in have.props.rules if rule.direction == direction]
            for rule in sorted(rules, key=str):
                which = {"GroupId": have.id, "IpPermissions": [permission_of(rule)]}
                write_unless(NotFound, aws, f"ec2.revoke_security_group_{direction}", **which)
        write_unless(NotFound, aws, "ec2.delete_security_group", GroupId=have.id)


def _parse(item: Item) -> Found[Any]:
    owner = item.text("OwnerId", "")
    props = SecurityGroup(
        vpc=item.text("VpcId"),
        name=item.text("GroupName", ""),
        description=item.text("Description", ""),
        rules=rules_of(item),
        untold=tuple(
            direction for direction, key in PERMISSIONS.items() if key not in item or any(map(_nobody, item.many(key)))
        ),
        owner=owner,
    )
    return found(item.text("GroupId"), props, item.tags(), name=props.name)


def _nobody(permission: Item) -> bool:
    """Whether a permission names no peer because a list of peers, which AWS always fills, is not there."""
    present = [key for key in _PEERS if key in permission]
    return len(present) < len(_PEERS) and not any(permission.raw[key] for key in present)


_PEERS = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")


def _ours_of_that_name(aws: Aws, props: SecurityGroup, tags: Mapping[str, str]) -> str:
    wanted = [{"Name": "vpc-id", "Values": [props.vpc]}, {"Name": "group-name", "Values": [props.name]}]
    for item in items(aws.read("ec2.describe_security_groups", Filters=wanted), "SecurityGroups", "GroupId"):
        if item.text("VpcId", "") != props.vpc or item.text("GroupName", "").lower() != props.name.lower():
            continue
        have = item.tags()
        if all(have.get(tag) == tags.get(tag) for tag in (STACK_TAG, KEY_TAG)):
            return item.text("GroupId")
        raise Refused(
            f"The security group {item.text('GroupId')} in {props.vpc} is called {props.name} but is not ours.",
            hint="Rename the service or delete that group, then run again.",
        )
    # The name is taken by a group that is not visible yet.
    raise AlreadyExists(
        f"A security group {props.name} exists in {props.vpc} but is not listed yet.",
        operation="ec2.create_security_group",
        code="InvalidGroup.Duplicate",
    )
