"""A security group: who may open connections to and from the interfaces that carry it.

Its rules are a resource of their own (``security_group_rules``): two groups may name each other, and groups must exist
before a rule can. Never here: authorising rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fargate_net.kinds.security_group_rule import Rule as Rule
from fargate_net.model.resource import Id, observed


@dataclass(frozen=True)
class SecurityGroup:
    """``name`` is the group name; the default group of a VPC is called ``default`` and cannot be deleted.

    ``rules`` are what AWS lists, whoever wrote them: reachability reads them here. What the rules should be is compared
    on the resource ``security_group_rules/NAME``.
    """

    kind: ClassVar[str] = "security_group"
    vpc: Id
    name: str
    description: str
    rules: frozenset[Rule] = observed(default=frozenset())
    owner: str = observed(default="")
