"""Rules between values of the spec, by subject. Each rule takes a draft and yields faults.

Never here: shapes and single ranges (the models have those), AWS calls.
"""

from __future__ import annotations

from itertools import islice

from fargate_net.spec.fault import MOST_FAULTS, Draft, Fault, Rule
from fargate_net.spec.rules import (
    balancers,
    capacity,
    containers,
    deployment,
    discovery,
    egress,
    expose,
    names,
    network,
    plain_secrets,
    ports,
    reach,
    roles,
    sizes,
    sources,
    target_health,
    unexpanded,
)

RULES: tuple[Rule, ...] = (
    *names.RULES,
    *network.RULES,
    *capacity.RULES,
    *sizes.RULES,
    *containers.RULES,
    *ports.RULES,
    *plain_secrets.RULES,
    *roles.RULES,
    *egress.RULES,
    *deployment.RULES,
    *expose.RULES,
    *target_health.RULES,
    *balancers.RULES,
    *discovery.RULES,
    *sources.RULES,
    *reach.RULES,
    *unexpanded.RULES,
)
"""All rules; the order does not matter."""


def check(draft: Draft) -> list[Fault]:
    """What the rules have to say about a draft: errors and warnings, ``MOST_FAULTS`` of each rule at the most."""
    return [fault for rule in RULES for fault in islice(rule(draft), MOST_FAULTS)]
