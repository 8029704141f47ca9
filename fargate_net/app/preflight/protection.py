"""What would stop a removal halfway: balancers that somebody protects. Never here: switching a protection off."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding, error
from fargate_net.model.snapshot import Snapshot

_PROTECTION = ("deletion_protection.enabled", "true")


def protected(live: Snapshot, plan: Plan) -> Iterator[Finding]:
    """Load balancers that the plan removes and AWS would refuse to delete.

    Source: Application Load Balancers guide, Deletion protection.
    """
    doomed = {change.id for change in plan.of("delete", "replace")}
    for balancer in live.of(LoadBalancer).values():
        if balancer.id in doomed and _PROTECTION in (balancer.props.attributes or ()):
            what = f"The load balancer {balancer.props.name} is protected against deletion: somebody wants it kept."
            attribute = "Key=deletion_protection.enabled,Value=false"
            hint = (
                "If it may go: aws elbv2 modify-load-balancer-attributes "
                f"--load-balancer-arn {balancer.id} --attributes {attribute}"
            )
            yield error("PROTECTED", what, hint)
