"""What would stop a removal halfway: balancers that somebody protects. Never here: deciding that one may go."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.kinds.base import Aws
from fargate_net.kinds.elb_calls import LOAD_BALANCER, set_attributes
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding, error, warning
from fargate_net.model.snapshot import Found, Snapshot

_NAME = "deletion_protection.enabled"


def protected(live: Snapshot, plan: Plan, *, force: bool = False) -> Iterator[Finding]:
    """Load balancers that the plan removes and AWS would refuse to delete; with ``force``, that they go all the same.

    Source: Application Load Balancers guide, Deletion protection.
    """
    for balancer in _kept(live, plan):
        what = f"The load balancer {balancer.props.name} is protected against deletion: somebody wants it kept."
        if force:
            yield warning("PROTECTED", what, "--force switches the protection off.")
            continue
        hint = (
            "If it may go, add --force, or: aws elbv2 modify-load-balancer-attributes "
            f"--load-balancer-arn {balancer.id} --attributes Key={_NAME},Value=false"
        )
        yield error("PROTECTED", what, hint)


def unprotect(aws: Aws, live: Snapshot, plan: Plan) -> None:
    """Switch the protection of these balancers off."""
    for balancer in _kept(live, plan):
        set_attributes(aws, LOAD_BALANCER, balancer.id, [(_NAME, "false")])


def _kept(live: Snapshot, plan: Plan) -> Iterator[Found[LoadBalancer]]:
    doomed = {change.id for change in plan.of("delete", "replace")}
    for balancer in live.of(LoadBalancer).values():
        if balancer.id in doomed and (_NAME, "true") in (balancer.props.attributes or ()):
            yield balancer
