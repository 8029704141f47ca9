"""Permissions of Amazon EC2: what a network is made of.

A create call is judged on every thing it touches, each with its own keys: the new thing by the tags in the request, the
VPC or subnet it goes into by the tags it carries (Amazon EC2 User Guide, Grant permission to tag resources during
creation; Service Authorization Reference, Amazon EC2). So each of them needs a statement of its own. New things are
allowed in three layers, so that no statement about new things names the type of a thing that its actions put to use:
a tag in the request must never open a subnet of somebody else.

Never here: balancers and endpoints of other services.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.access.ground import Ground, Statement, allow, literal
from fargate_net.kinds.base import STACK_TAG

LAYERS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "MakeWhatStandsAlone",
        {
            "ec2:CreateVpc": "vpc",
            "ec2:CreateInternetGateway": "internet-gateway",
            "ec2:AllocateAddress": "elastic-ip",
        },
    ),
    (
        "MakeWhatStandsInAVpc",
        {
            "ec2:CreateSubnet": "subnet",
            "ec2:CreateRouteTable": "route-table",
            "ec2:CreateSecurityGroup": "security-group",
            "ec2:CreateEgressOnlyInternetGateway": "egress-only-internet-gateway",
        },
    ),
    (
        "MakeWhatStandsInSubnets",
        {
            "ec2:CreateNatGateway": "natgateway",
            "ec2:CreateVpcEndpoint": "vpc-endpoint",
            "ec2:CreateFlowLogs": "vpc-flow-log",
            "ec2:AuthorizeSecurityGroupIngress": "security-group-rule",
            "ec2:AuthorizeSecurityGroupEgress": "security-group-rule",
        },
    ),
)
"""What each create call makes, by the type in ARNs (Service Authorization Reference, Amazon EC2)."""

_ALONE = frozenset(LAYERS[0][1])
_BORROWING = {
    "security_group": ("ec2:CreateSecurityGroup",),
    "vpc_endpoint": ("ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"),
    "flow_log": ("ec2:CreateFlowLogs",),
}
"""What is made in somebody else's network, and the calls that then touch it."""
_TYPES = {"vpc": "vpc", "subnet": "subnet", "rtb": "route-table", "sg": "security-group"}
"""Beginnings of ids, and the types they have in ARNs."""


def network(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """New things, then ours, then those of somebody else that the spec names."""
    makes = [action for _, layer in LAYERS for action in layer]
    for sid, layer in LAYERS:
        shapes = sorted({f"{word}/*" for action, word in layer.items() if action in wanted})
        yield from allow(sid, wanted, layer, (ground.arn("ec2", shape) for shape in shapes), ground.asked_for_us)
    made = tuple(sorted(action.removeprefix("ec2:") for action in makes if action in wanted))
    everything = (ground.arn("ec2", "*/*"),)
    while_making = ("StringEquals", "ec2:CreateAction", made)
    if made:
        yield from allow("TagWhatIsMade", wanted, ["ec2:CreateTags"], everything, ground.asked_for_us, while_making)
    ours = {action for action in wanted if action.startswith("ec2:")} - _ALONE
    yield from allow("ChangeOurNetwork", wanted, ours, everything, ground.is_ours)
    if ground.has("security_group_rules"):
        # AWS writes the first outbound rule of a group by itself, without a tag; described by us, it becomes ours.
        untagged = ("Null", f"aws:ResourceTag/{STACK_TAG}", ("true",))
        rules = (ground.arn("ec2", "security-group-rule/*"),)
        yield from allow("AdoptTheFirstRule", wanted, ["ec2:CreateTags"], rules, ground.asked_for_us, untagged)
    yield from _borrowed(ground, wanted)
    if "ec2:CreateVpcEndpoint" in wanted:
        # AWS PrivateLink Guide: the private DNS name of an endpoint is a zone that is associated with the VPC.
        action, zones = "route53:AssociateVPCWithHostedZone", f"arn:{ground.partition}:route53:::hostedzone/*"
        yield Statement("NameEndpoints", (action,), (zones,))


def _borrowed(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    actions: set[str] = set()
    places: set[str] = set()
    for kind, calls in _BORROWING.items():
        for resource in ground.of(kind):
            for field in ("vpc", "subnets", "route_tables", "security_groups"):
                for given in literal(getattr(resource.props, field, ()), *(f"{word}-" for word in _TYPES)):
                    actions |= set(calls)
                    places.add(ground.arn("ec2", f"{_TYPES[given.partition('-')[0]]}/{given}"))
    yield from allow("UseTheNetworkOfOthers", wanted, actions, sorted(places))
