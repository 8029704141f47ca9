"""Permissions of Elastic Load Balancing (Service Authorization Reference, AWS Elastic Load Balancing V2).

Never here: the security groups of balancers.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.access.ground import Ground, Statement, allow, literal

_NEW = {
    "elasticloadbalancing:CreateLoadBalancer": ("loadbalancer/app/*", "loadbalancer/net/*"),
    "elasticloadbalancing:CreateTargetGroup": ("targetgroup/*",),
}
_MAKING = (*_NEW, "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateRule")
_TAGS = "elasticloadbalancing:AddTags"
_ORDER = "elasticloadbalancing:SetRulePriorities"
_RULE = "elasticloadbalancing:CreateRule"


def balancing(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """New balancers and groups, what hangs on ours, and rules in a listener of somebody else."""
    shapes = (shape for action, shapes in _NEW.items() if action in wanted for shape in shapes)
    new = (ground.arn("elasticloadbalancing", shape) for shape in shapes)
    yield from allow("MakeBalancers", wanted, _NEW, new, ground.asked_for_us)
    everything = (ground.arn("elasticloadbalancing", "*/*"),)
    made = tuple(sorted(action.partition(":")[2] for action in _MAKING if action in wanted))
    if made:
        while_making = ("StringEquals", "elasticloadbalancing:CreateAction", made)
        yield from allow("TagBalancersMade", wanted, [_TAGS], everything, ground.asked_for_us, while_making)
    ours = {action for action in wanted if action.startswith("elasticloadbalancing:")} - {*_NEW, _ORDER}
    yield from allow("ChangeOurBalancers", wanted, ours, everything, ground.is_ours)
    # SetRulePriorities knows no tags; names of our balancers, and listeners that the spec names, bound it.
    yield from allow("OrderRules", wanted, [_ORDER], _rules(ground))
    listeners = (arn for resource in ground.of("listener_rule") for arn in literal(resource.props.listener, "arn:"))
    yield from allow("AddRulesToTheListenersOfOthers", wanted, [_RULE], listeners)


def _rules(ground: Ground) -> Iterator[str]:
    for resource in ground.of("load_balancer"):
        if resource.props.type == "application":
            yield ground.arn("elasticloadbalancing", f"listener-rule/app/{resource.props.name}/*")
    for resource in ground.of("listener_rule"):
        for arn in literal(resource.props.listener, "arn:"):
            yield f"{arn.replace(':listener/', ':listener-rule/')}/*"
