"""The rules of our groups: new ones before old ones go, one by one where AWS takes all or none."""

from __future__ import annotations

from typing import Any

from fargate_net.errors import AlreadyExists, NotAsked, NotFound
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Scope
from fargate_net.kinds.fields import Item
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.security_group_rule import Rule, permission_of, rules_of
from fargate_net.kinds.security_group_rules import SecurityGroupRules, SecurityGroupRulesKind
from fargate_net.model.snapshot import Found, Snapshot

KIND = SecurityGroupRulesKind()
TAGS = {STACK_TAG: "shop", KEY_TAG: "security_group_rules/web"}
FIRST = Rule("egress", "-1", 0, 65535, "0.0.0.0/0")
HTTP = Rule("ingress", "tcp", 80, 80, "0.0.0.0/0", "the world")
FROM_API = Rule("ingress", "tcp", 9000, 9000, "sg-api", "api")


class Ec2:
    """One group, with rules that AWS refuses whole or not at all."""

    region, account, saved = "eu-west-1", "1", False

    def __init__(self, *rules: Rule, tells_rules: bool = True) -> None:
        self.rules = {f"sgr-{number}": rule for number, rule in enumerate(rules)}
        self.tags: dict[str, dict[str, str]] = {}
        self.tells_rules = tells_rules
        self.calls: list[str] = []

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "ec2.describe_security_groups":
            tags = [{"Key": STACK_TAG, "Value": "shop"}, {"Key": KEY_TAG, "Value": "security_group/web"}]
            by_direction = {"IpPermissions": "ingress", "IpPermissionsEgress": "egress"}
            return {
                "SecurityGroups": [
                    {"GroupId": "sg-web", "GroupName": "shop-web", "OwnerId": "1", "Tags": tags}
                    | {
                        key: [permission_of(rule) for rule in self.rules.values() if rule.direction == direction]
                        for key, direction in by_direction.items()
                    },
                    {"GroupId": "sg-other", "Tags": [], "IpPermissions": []},
                ]
            }
        if not self.tells_rules:
            raise NotAsked(operation)
        return {"SecurityGroupRules": [self._item(rule_id, rule) for rule_id, rule in self.rules.items()]}

    def _item(self, rule_id: str, rule: Rule) -> dict[str, Any]:
        peer = str(rule.peer)
        where: dict[str, Any] = (
            {"ReferencedGroupInfo": {"GroupId": peer}} if peer.startswith("sg-") else {"CidrIpv4": peer}
        )
        tags = [{"Key": key, "Value": value} for key, value in self.tags.get(rule_id, {}).items()]
        ports = {"FromPort": rule.from_port, "ToPort": rule.to_port} if rule.protocol != "-1" else {"FromPort": -1}
        return where | ports | {
            "SecurityGroupRuleId": rule_id,
            "GroupId": "sg-web",
            "IsEgress": rule.direction == "egress",
            "IpProtocol": rule.protocol,
            "Tags": tags,
        }  # fmt: skip

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        self.calls.append(operation.removeprefix("ec2."))
        if "authorize" in operation:
            self._authorize(operation, params)
        elif "revoke" in operation:
            for rule_id in params.get("SecurityGroupRuleIds", ()):
                if self.rules.pop(rule_id, None) is None:
                    raise NotFound("gone", operation=operation, code="InvalidSecurityGroupRuleId.NotFound")
        elif operation == "ec2.create_tags":
            for rule_id in params["Resources"]:
                self.tags[rule_id] = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
        else:
            (new,) = self._of(operation, params["IpPermissions"])
            self.rules = {key: new if rule.identity == new.identity else rule for key, rule in self.rules.items()}
        return {}

    def _authorize(self, operation: str, params: dict[str, Any]) -> None:
        new = self._of(operation, params["IpPermissions"])
        if {rule.identity for rule in new} & {rule.identity for rule in self.rules.values()}:
            raise AlreadyExists("there", operation=operation, code="InvalidPermission.Duplicate")
        for rule in new:
            rule_id = f"sgr-new-{len(self.rules)}-{len(self.calls)}"
            self.rules[rule_id] = rule
            self.tags[rule_id] = {tag["Key"]: tag["Value"] for tag in params["TagSpecifications"][0]["Tags"]}

    @staticmethod
    def _of(operation: str, permissions: list[dict[str, Any]]) -> list[Rule]:
        key = "IpPermissionsEgress" if operation.endswith("egress") else "IpPermissions"
        return [rule for permission in permissions for rule in rules_of(Item({key: [permission]}, "group"))]

    @property
    def texts(self) -> set[str]:
        return {f"{rule} {rule.description}".strip() for rule in self.rules.values()}


def scanned(aws: Ec2) -> Found[Any]:
    (found,) = KIND.scan(aws, Scope(stack="shop"))
    assert isinstance(found, Found)
    return found


def wanted(*rules: Rule) -> SecurityGroupRules:
    return SecurityGroupRules("sg-web", frozenset(rules))


def test_a_new_group_loses_the_rule_aws_wrote() -> None:
    aws = Ec2(FIRST)
    assert KIND.create(aws, "security_group_rules/web", wanted(HTTP, FROM_API), TAGS) == "sg-web"
    found = scanned(aws)
    assert found.props == wanted(HTTP, FROM_API)
    assert (found.id, found.key, found.stack) == ("sg-web", "security_group_rules/web", "shop")
    assert all(rule.ours for rule in found.props.rules)


def test_the_rule_aws_wrote_becomes_ours_when_it_is_wanted() -> None:
    aws = Ec2(FIRST)
    out = Rule("egress", "-1", 0, 65535, "0.0.0.0/0", "everywhere")
    KIND.create(aws, "security_group_rules/web", wanted(out), TAGS)
    found = scanned(aws)
    assert found.props == wanted(out)
    assert {rule.ours for rule in found.props.rules} == {True}


def test_new_rules_are_authorised_before_old_ones_are_revoked() -> None:
    aws = Ec2(HTTP)
    KIND.update(aws, scanned(aws), wanted(FROM_API), frozenset({"rules"}))
    assert aws.calls == ["authorize_security_group_ingress", "revoke_security_group_ingress"]
    assert scanned(aws).props == wanted(FROM_API)


def test_an_update_can_be_repeated_from_an_old_look() -> None:
    aws = Ec2(HTTP)
    old = scanned(aws)
    more = Rule("ingress", "tcp", 443, 443, "0.0.0.0/0", "the world")
    for _ in range(2):
        KIND.update(aws, old, wanted(FROM_API, more), frozenset({"rules"}))
    assert scanned(aws).props == wanted(FROM_API, more)


def test_a_rule_that_is_there_already_does_not_keep_the_others_out() -> None:
    aws = Ec2(HTTP)
    old = scanned(aws)
    aws.rules["sgr-late"] = FROM_API
    more = Rule("ingress", "tcp", 443, 443, "0.0.0.0/0", "the world")
    KIND.update(aws, old, wanted(HTTP, FROM_API, more), frozenset({"rules"}))
    assert scanned(aws).props == wanted(HTTP, FROM_API, more)


def test_another_description_keeps_the_connection_open() -> None:
    aws = Ec2(HTTP)
    renamed = Rule("ingress", "tcp", 80, 80, "0.0.0.0/0", "everybody")
    KIND.update(aws, scanned(aws), wanted(renamed), frozenset({"rules"}))
    assert scanned(aws).props == wanted(renamed)
    assert not [call for call in aws.calls if "revoke" in call]


def test_somebody_elses_rule_is_told_apart_and_stays_when_it_is_listed() -> None:
    aws = Ec2(FIRST)
    KIND.create(aws, "security_group_rules/web", wanted(HTTP), TAGS)
    aws.rules["sgr-foreign"] = FROM_API
    found = scanned(aws)
    assert {rule.peer for rule in found.props.rules if not rule.ours} == {"sg-api"}
    KIND.update(aws, found, wanted(*found.props.rules), frozenset({"rules"}))
    assert "sgr-foreign" in aws.rules


def test_delete_empties_the_group_and_can_be_repeated() -> None:
    aws = Ec2(HTTP, FIRST)
    found = scanned(aws)
    KIND.delete(aws, found)
    KIND.delete(aws, found)
    assert not aws.rules
    assert list(KIND.scan(aws, Scope(stack="shop"))) == []


def test_saved_responses_without_rule_ids_are_enough() -> None:
    aws = Ec2(HTTP, tells_rules=False)
    assert scanned(aws).props == wanted(HTTP)


def test_nobodys_scope_finds_nothing() -> None:
    assert list(KIND.scan(Ec2(HTTP), Scope())) == []


def test_a_plan_sees_the_group_with_its_rules() -> None:
    group = Found("sg-web", SecurityGroup("vpc-1", "shop-web", "Tasks of service web"))
    rules = Found("sg-web", wanted(HTTP))
    (implied,) = KIND.implied(rules, Snapshot([group, rules]))
    assert implied.props.rules == {HTTP}
    assert implied.id == "sg-web"


def test_peers_are_written_in_their_own_lists() -> None:
    def written(peer: str) -> dict[str, Any]:
        return permission_of(Rule("ingress", "tcp", 1, 2, peer, "why"))

    assert written("10.0.0.0/8")["IpRanges"] == [{"CidrIp": "10.0.0.0/8", "Description": "why"}]
    assert written("2001:db8::/32")["Ipv6Ranges"] == [{"CidrIpv6": "2001:db8::/32", "Description": "why"}]
    assert written("pl-1")["PrefixListIds"] == [{"PrefixListId": "pl-1", "Description": "why"}]
    assert written("sg-1")["UserIdGroupPairs"] == [{"GroupId": "sg-1", "Description": "why"}]
    assert "FromPort" not in permission_of(FIRST)
