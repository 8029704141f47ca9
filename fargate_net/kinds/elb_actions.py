"""What a listener or a rule does with a request, in normal form and as the API takes it.

Never here: calls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fargate_net.kinds.fields import Item
from fargate_net.model.resource import Id

_CONFIGS = {
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "jwt-validation": "JwtValidationConfig",
}
_KEPT = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
"""What a redirect keeps of the request unless told otherwise (API reference, RedirectActionConfig)."""


@dataclass(frozen=True)
class Action:
    """``type`` is ``forward``, ``redirect``, ``fixed-response`` or an authentication step.

    ``target_groups`` pairs (group, weight); a single group has weight 1. ``detail`` is the rest as canonical text:
    ``HTTPS:443 301`` (then ``Host=…``, ``Path=…``, ``Query=…`` where a redirect changes them), ``404 text/plain`` (then
    the body), ``sticky 3600`` for a forward that holds clients to a group, JSON for other types.
    """

    type: str
    target_groups: tuple[tuple[Id, int], ...] = ()
    detail: str = ""


def led_to(actions: tuple[Action, ...]) -> frozenset[str]:
    """The target groups that get requests: those with a weight."""
    return frozenset(str(group) for action in actions for group, weight in action.target_groups if weight)


def with_heirs(actions: tuple[Action, ...], heirs: Mapping[str, Id], *, sticky: bool) -> tuple[Action, ...]:
    """The same, with the heir of each target group beside it at weight 0, which gets no requests (Forward actions).

    ``sticky`` holds clients to a group for a minute: an application listener wants that of a forward to several groups
    when one of them holds clients to its targets (Application Load Balancer guide, Sticky sessions).
    """
    return tuple(_with_heirs(action, heirs, sticky) for action in actions)


def _with_heirs(action: Action, heirs: Mapping[str, Id], sticky: bool) -> Action:
    named = {group for group, _ in action.target_groups}
    new = sorted({heirs[str(group)] for group in named if str(group) in heirs} - named, key=str)
    if not any(str(group) in heirs for group in named):
        return action
    groups = (*action.target_groups, *((group, 0) for group in new))
    return replace(action, target_groups=groups, detail=action.detail or ("sticky 60" if sticky else ""))


def read_actions(owner: Item, key: str) -> tuple[Action, ...]:
    """The actions of a listener or rule, in the order AWS performs them."""
    return tuple(_read(action) for action in sorted(owner.each(key), key=lambda action: action.whole("Order", 0)))


def _read(action: Item) -> Action:
    word = action.text("Type")
    if word == "forward":
        return _read_forward(action)
    if word == "redirect":
        config = action.within("RedirectConfig")
        words = [
            f"{config.text('Protocol', '#{protocol}')}:{config.text('Port', '#{port}')}",
            config.text("StatusCode", "HTTP_301").removeprefix("HTTP_"),
        ]
        words += [f"{name}={value}" for name, kept in _KEPT.items() if (value := config.text(name, kept)) != kept]
        return Action(word, (), " ".join(words))
    if word == "fixed-response":
        config = action.within("FixedResponseConfig")
        words = [config.text("StatusCode"), config.text("ContentType", ""), config.text("MessageBody", "")]
        return Action(word, (), " ".join(words).rstrip())
    rest = {
        name: value
        for name, value in action.within(_CONFIGS.get(word, "")).raw.items()
        if name not in ("ClientSecret", "UseExistingClientSecret")
    }
    return Action(word, (), json.dumps(rest, sort_keys=True, separators=(",", ":"), default=str))


def _read_forward(action: Item) -> Action:
    config = action.within("ForwardConfig")
    groups = [(group.text("TargetGroupArn"), group.whole("Weight", 1)) for group in config.many("TargetGroups")]
    if not groups:
        groups = [(action.text("TargetGroupArn"), 1)]
    if len(groups) == 1:
        groups = [(groups[0][0], 1)]
    sticky = config.within("TargetGroupStickinessConfig")
    held = sticky.flag("Enabled", False)
    return Action("forward", tuple(groups), f"sticky {sticky.whole('DurationSeconds', 0)}" if held else "")


def written_actions(actions: tuple[Action, ...]) -> list[dict[str, Any]]:
    """The same for a create or modify call."""
    return [_written(action) | {"Order": place} for place, action in enumerate(actions, 1)]


def _written(action: Action) -> dict[str, Any]:
    if action.type == "forward":
        config: dict[str, Any] = {
            "TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in action.target_groups]
        }
        if action.detail:
            seconds = int(action.detail.removeprefix("sticky "))
            config["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": seconds}
        return {"Type": "forward", "ForwardConfig": config}
    if action.type == "redirect":
        target, code, *changes = action.detail.split(" ")
        protocol, _, port = target.partition(":")
        redirect = {"Protocol": protocol, "Port": port, "StatusCode": f"HTTP_{code}"}
        redirect |= dict(change.split("=", 1) for change in changes)
        return {"Type": "redirect", "RedirectConfig": redirect}
    if action.type == "fixed-response":
        code, _, rest = action.detail.partition(" ")
        content, _, body = rest.partition(" ")
        answer = {"StatusCode": code, "ContentType": content or "text/plain", "MessageBody": body}
        return {"Type": "fixed-response", "FixedResponseConfig": {name: text for name, text in answer.items() if text}}
    return {"Type": action.type, _CONFIGS[action.type]: json.loads(action.detail)}
