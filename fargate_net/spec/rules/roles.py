"""Roles, policies and security groups that exist already.

Sources: IAM User Guide, IAM identifiers; ECS API Reference, AwsVpcConfiguration.
Never here: the roles that the stack makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.spec.fault import Draft, Fault
from fargate_net.spec.patterns import arn_region, is_security_group


def role_arns(draft: Draft) -> Iterator[Fault]:
    """Roles are given by ARN, and a role of someone else gets no policies from here."""
    for _, service, path in draft.services():
        for key, role in (("task_role", service.task_role), ("execution_role", service.execution_role)):
            if role is not None and arn_region(role, "iam", r"role/.+$") is None:
                message = f'"{role[:80]}" is not the ARN of an IAM role.'
                yield Fault((*path, key), message, "Write arn:aws:iam::123456789012:role/NAME.")
        for index, policy in enumerate(service.policies):
            if arn_region(policy, "iam", r"policy/.+$") is None:
                message = f'"{policy[:80]}" is not the ARN of a managed policy.'
                yield Fault((*path, "policies", index), message, "Write arn:aws:iam::aws:policy/NAME.")
        if service.policies and service.task_role is not None:
            message = "`policies` is for the task role that the stack makes; here `task_role` names an existing one."
            yield Fault((*path, "policies"), message, "Keep one of the two.", "key")


def group_ids(draft: Draft) -> Iterator[Fault]:
    """Existing security groups are given by id, each once."""
    for _, service, path in draft.services():
        for index, group in enumerate(service.security_groups):
            where = (*path, "security_groups", index)
            if not is_security_group(group):
                yield Fault(where, f'"{group[:60]}" is not the id of a security group.', "Write it as in sg-0abc123.")
            elif group in service.security_groups[:index]:
                yield Fault(where, f"{group} is given twice.", "Remove one.")


RULES = (role_arns, group_ids)
