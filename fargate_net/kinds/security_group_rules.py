"""The rules of one of our security groups, as one resource beside the group.

A balancer's group names the task's group and the task's group names the balancer's: as properties of the groups that
would be a cycle. Never here: groups of others; the group itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotAsked, NotFound
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Aws, Kind, Scope, register
from fargate_net.kinds.fields import Absent, Item, items, parts
from fargate_net.kinds.reading import FILTER_VALUES, filters, nothing_in
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.security_group_rule import Rule, permission_of, rules_of, told
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing, Snapshot


@dataclass(frozen=True)
class SecurityGroupRules:
    """Every rule the group should have, and no other. Its id is the group's id. Never drawn without a rule."""

    kind: ClassVar[str] = "security_group_rules"
    group: Id
    rules: frozenset[Rule] = frozenset()


@register
class SecurityGroupRulesKind(Kind):
    """Found wherever a group of ours has a rule, so a group emptied by hand is planned and filled again."""

    name = "security_group_rules"
    props = SecurityGroupRules
    immutable = frozenset({"group"})
    grows_first = True
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """The rules of the stack's groups, one by one where AWS tells whose they are."""
        if scope.stack is None or nothing_in(scope):
            return
        # The same request as the groups' own scan makes, so that one answer can serve both.
        response = aws.read("ec2.describe_security_groups", **filters(aws, scope, page=1000))
        groups = list(items(response, "SecurityGroups", "GroupId"))
        ours = {g.text("GroupId"): g for g in groups if g.tags().get(STACK_TAG) == scope.stack}
        listed = self._listed(aws, sorted(ours)) if ours else {}
        for group_id, group in ours.items():
            try:
                rules = told(rules_of(group), listed.get(group_id, ()), scope.stack)
            except Absent as absent:
                yield Missing(self.name, group_id, "ec2:DescribeSecurityGroups", str(absent))
                continue
            tags = group.tags()
            if rules and tags.get(KEY_TAG, "").startswith("security_group/"):
                key = f"{self.name}/{tags[KEY_TAG].partition('/')[2]}"
                yield Found(
                    id=group_id,
                    props=SecurityGroupRules(group_id, rules),
                    stack=scope.stack,
                    key=key,
                    name=tags.get("Name", group.text("GroupName", "")),
                    tags=tags | {KEY_TAG: key},
                )

    def implied(self, found: Found[Any], world: Snapshot) -> Iterable[Found[Any]]:
        """The group as it will be with these rules."""
        group = world.get(SecurityGroup, str(found.props.group))
        if group is not None:
            yield replace(group, props=replace(group.props, rules=found.props.rules))

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Bring the new group's rules into shape: AWS has already written one that lets everything out."""
        group, stack = str(props.group), tags.get(STACK_TAG, "")
        groups = items(aws.read("ec2.describe_security_groups", GroupIds=[group]), "SecurityGroups", "GroupId")
        rules = {rule for item in groups if item.text("GroupId") == group for rule in rules_of(item)}
        have = told(rules, self._listed(aws, [group]).get(group, ()), stack)
        self._shape(aws, group, have, props.rules, tags)
        return group

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Authorise what is missing, then revoke what ``have`` lists and ``want`` does not.

        To leave somebody else's rule alone, list it in ``want`` too.
        """
        tags = {name: have.tags[name] for name in (STACK_TAG, KEY_TAG) if name in have.tags}
        self._shape(aws, have.id, have.props.rules, want.rules, tags)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Revoke every rule, so that groups that name each other can be deleted."""
        try:
            self._revoke(aws, have.id, have.props.rules)
        except NotFound:
            return

    def _listed(self, aws: Aws, groups: list[str]) -> dict[str, list[Item]]:
        """Items of DescribeSecurityGroupRules by group; nothing when a saved snapshot does not hold them."""
        listed: dict[str, list[Item]] = {}
        try:
            for some in parts(groups, FILTER_VALUES):
                wanted = [{"Name": "group-id", "Values": some}]
                answer = aws.read("ec2.describe_security_group_rules", Filters=wanted)
                for item in items(answer, "SecurityGroupRules", "SecurityGroupRuleId"):
                    listed.setdefault(item.text("GroupId"), []).append(item)
        except NotAsked:
            return {}
        return listed

    def _shape(
        self, aws: Aws, group: str, have: frozenset[Rule], want: frozenset[Rule], tags: Mapping[str, str]
    ) -> None:
        there = {rule.identity: rule for rule in have}
        wanted = {rule.identity: rule for rule in want}
        self._authorize(aws, group, [rule for key, rule in wanted.items() if key not in there], tags)
        for key, rule in sorted(wanted.items(), key=str):
            if key in there and there[key].description != rule.description:
                if there[key].id and tags:
                    # AWS's own first rule becomes ours when we describe it: nobody else's tag is on it.
                    aws.write("ec2.create_tags", Resources=[there[key].id], Tags=_listed_tags(tags))
                call = f"ec2.update_security_group_rule_descriptions_{rule.direction}"
                _ignoring(NotFound, aws.write, call, GroupId=group, IpPermissions=[permission_of(rule)])
        self._revoke(aws, group, [rule for key, rule in there.items() if key not in wanted])

    def _authorize(self, aws: Aws, group: str, rules: Iterable[Rule], tags: Mapping[str, str]) -> None:
        spec = [{"ResourceType": "security-group-rule", "Tags": _listed_tags(tags)}] if tags else []
        for direction, some in _by_direction(rules):
            call = f"ec2.authorize_security_group_{direction}"
            try:
                aws.write(call, GroupId=group, IpPermissions=[*map(permission_of, some)], TagSpecifications=spec)
            except AlreadyExists:
                # One duplicate makes AWS refuse the whole call, so the others must be tried alone.
                for rule in some:
                    alone = {"GroupId": group, "IpPermissions": [permission_of(rule)], "TagSpecifications": spec}
                    _ignoring(AlreadyExists, aws.write, call, **alone)

    def _revoke(self, aws: Aws, group: str, rules: Iterable[Rule]) -> None:
        for direction, some in _by_direction(rules):
            call = f"ec2.revoke_security_group_{direction}"
            for rule in some:
                # One by one: a rule that is gone already makes AWS refuse the whole call.
                which: dict[str, Any] = {"SecurityGroupRuleIds": [rule.id]}
                if not rule.id:
                    which = {"IpPermissions": [permission_of(replace(rule, description=""))]}
                _ignoring(NotFound, aws.write, call, GroupId=group, **which)


def _by_direction(rules: Iterable[Rule]) -> Iterable[tuple[str, list[Rule]]]:
    ordered = sorted(rules, key=lambda rule: str(rule.identity))
    for direction in ("ingress", "egress"):
        if some := [rule for rule in ordered if rule.direction == direction]:
            yield direction, some


def _listed_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in sorted(tags.items())]


def _ignoring(error: type[Exception], call: Callable[..., Any], *args: Any, **params: Any) -> None:
    try:
        call(*args, **params)
    except error:
        return
