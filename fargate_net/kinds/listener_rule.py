"""A rule of an application listener: conditions that choose a target group. Never here: default actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, NotFound
from fargate_net.kinds.asking import ask, elb_tags, listed, refuse_foreign, whole
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, register
from fargate_net.kinds.elb_actions import Action, led_to, read_actions, with_heirs, written_actions
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.listener import listeners_in
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing

_RULES = "elbv2.describe_rules"
_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "source-ip": "SourceIpConfig",
    "http-header": "HttpHeaderConfig",
    "query-string": "QueryStringConfig",
}


@dataclass(frozen=True)
class ListenerRule:
    """``conditions`` pairs (field, values), as in ``("host-header", ("www.app.io",))``.

    The rule of the lowest priority that matches decides.
    A header condition reads ``http-header:X-Name``, a query condition has values ``key=value``; a field that ends in
    ``~`` holds regular expressions. Any one of the values is enough, so they are kept sorted.
    """

    kind: ClassVar[str] = "listener_rule"
    listener: Id
    priority: int
    conditions: frozenset[tuple[str, tuple[str, ...]]]
    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        """The order of values has no meaning."""
        conditions = frozenset((field, tuple(sorted(values))) for field, values in self.conditions)
        object.__setattr__(self, "conditions", conditions)


@register
class ListenerRuleKind(Kind):
    """Rules of the application balancers in scope. A rule cannot move to another listener."""

    name = "listener_rule"
    props = ListenerRule
    immutable = frozenset({"listener"})
    exclusive = frozenset({"listener", "priority"})
    handover = "leads"
    write_side = True

    def leads_to(self, props: Any) -> frozenset[str]:
        """Its target groups with a weight."""
        return led_to(props.actions)

    def between(self, have: Any, want: Any, heirs: Mapping[str, Id]) -> Any | None:
        """Led to the old group, with the new one beside it."""
        return replace(have, actions=with_heirs(have.actions, heirs, sticky=True))

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """A rule whose priority is taken has to go before its successor comes."""
        if way == "first":
            return f"requests that rule {want.priority} takes go to other rules for some seconds, while it is made anew"
        return "requests that this rule takes go to other rules from then on" if way == "gone" else ""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One call a listener: DescribeRules wants one. The default rule is the listener's own actions."""
        rules: list[tuple[str, Item]] = []
        for entry in listeners_in(aws, scope, self.name):
            if isinstance(entry, Missing):
                yield entry
                continue
            listener, family = entry
            if family != "application":
                continue
            arn = listener.text("ListenerArn")
            answer = ask(aws, self.name, arn, _RULES, ListenerArn=arn)
            if isinstance(answer, Missing):
                yield answer
            else:
                rules += [
                    (arn, rule) for rule in items(answer, "Rules", "RuleArn") if not rule.flag("IsDefault", False)
                ]
        tags = elb_tags(aws, [rule.text("RuleArn") for _, rule in rules])
        for listener_arn, rule in rules:
            arn = rule.text("RuleArn")
            own = tags.get(arn, {})
            yield whole(
                self.name,
                arn,
                _RULES,
                partial(_read, rule, listener_arn, own),
            )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """A listener has one rule a priority, which makes a repeat safe."""
        have = _by_priority(aws, props, tags)
        if have is not None:
            aws.write("elbv2.modify_rule", RuleArn=have, **_shape(props))
            return have
        try:
            answer = aws.write(
                "elbv2.create_rule",
                ListenerArn=props.listener,
                Priority=props.priority,
                Tags=listed(tags),
                **_shape(props),
            )
        except AlreadyExists:
            if (have := _by_priority(aws, props, tags)) is None:
                raise
            return have
        return next(items(answer, "Rules", "RuleArn")).text("RuleArn")

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Conditions and actions in one call, the priority in another."""
        if fields & {"conditions", "actions"}:
            aws.write("elbv2.modify_rule", RuleArn=have.id, **_shape(want))
        if "priority" in fields:
            priorities = [{"RuleArn": have.id, "Priority": want.priority}]
            try:
                aws.write("elbv2.set_rule_priorities", RulePriorities=priorities)
            except AlreadyExists:
                # A repeat meets the rule itself at its new place.
                if _by_priority(aws, want, have.tags) != have.id:
                    raise
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """It may have gone with its listener."""
        try:
            aws.write("elbv2.delete_rule", RuleArn=have.id)
        except NotFound:
            return


def _read(rule: Item, listener: str, tags: Mapping[str, str]) -> Found[ListenerRule]:
    priority = rule.text("Priority")
    props = ListenerRule(
        listener=listener,
        priority=int(priority) if priority.isdecimal() else 0,
        conditions=frozenset(_condition(condition) for condition in rule.many("Conditions")),
        actions=read_actions(rule, "Actions"),
    )
    return found(rule.text("RuleArn"), props, tags, arn=rule.text("RuleArn"))


def _condition(condition: Item) -> tuple[str, tuple[str, ...]]:
    field = condition.text("Field")
    config = condition.within(_CONFIGS.get(field, "Values")) if field in _CONFIGS else condition
    if field == "query-string":
        pairs = [(pair.text("Key", ""), pair.text("Value", "")) for pair in config.many("Values")]
        return field, tuple(f"{name}={value}" if name else value for name, value in pairs)
    name = f"{field}:{config.text('HttpHeaderName', '')}" if field == "http-header" else field
    expressions = config.texts("RegexValues") or condition.texts("RegexValues")
    if expressions:
        return f"{name}~", expressions
    return name, config.texts("Values") or condition.texts("Values")


def _shape(props: ListenerRule) -> dict[str, Any]:
    conditions = [_written(field, values) for field, values in sorted(props.conditions)]
    return {"Conditions": conditions, "Actions": written_actions(props.actions)}


def _written(field: str, values: tuple[str, ...]) -> dict[str, Any]:
    name, _, header = field.removesuffix("~").partition(":")
    if name == "query-string":
        pairs = [value.partition("=") for value in values]
        listed_pairs = [{"Key": key, "Value": value} if sign else {"Value": key} for key, sign, value in pairs]
        return {"Field": name, _CONFIGS[name]: {"Values": listed_pairs}}
    config: dict[str, Any] = {"RegexValues" if field.endswith("~") else "Values": list(values)}
    if header:
        config["HttpHeaderName"] = header
    return {"Field": name, _CONFIGS[name]: config}


def _by_priority(aws: Aws, props: ListenerRule, tags: Mapping[str, str]) -> str | None:
    """The ARN of our rule of that priority, None when it is free; Refused when it is not ours."""
    try:
        answer = aws.read(_RULES, ListenerArn=props.listener)
    except NotFound:
        return None
    for rule in items(answer, "Rules", "RuleArn"):
        if rule.text("Priority", "") == str(props.priority):
            arn = rule.text("RuleArn")
            what = f"A rule of priority {props.priority} on listener {props.listener}"
            refuse_foreign(what, elb_tags(aws, [arn]).get(arn, {}), tags)
            return arn
    return None
