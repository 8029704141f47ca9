"""IAM: the AWS managed policies that ECS needs, and roles that are too fresh to be assumed.

Authority: IAM User Guide, "Troubleshoot IAM" (changes that are not always immediately visible); AWS Managed
Policy Reference Guide.

Never here: evaluation of policies.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from .calls import AwsError, Call, Proceed, repair
from .clock import CLOCK
from .faults import SETTINGS
from .stores import ec2, kept_by

#: Reading all of them takes a second and a half; these few are found one by one in the same text.
_POLICIES = (
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonECSInfrastructureRolePolicyForLoadBalancers",
    "AmazonECSInfrastructureRolePolicyForVpcLattice",
    "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
    "AmazonEC2ContainerServiceRole",
    "AmazonECS_FullAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "AmazonS3ReadOnlyAccess",
    "AdministratorAccess",
    "ReadOnlyAccess",
)


class _Births:
    """When each role was made, in sandbox seconds."""

    def __init__(self) -> None:
        self.of: dict[str, float] = {}


def _births(account: str) -> _Births:
    return kept_by(ec2(account, "us-east-1"), _Births)


@cache  # each partition of each account asks after each reset, and the text is long
def _found(name: str) -> dict[str, Any] | None:
    start = aws_managed_policies_data.find(f'\n "{name}":{{')
    if start < 0:
        return None
    policy: dict[str, Any] = json.JSONDecoder().raw_decode(aws_managed_policies_data, start + len(name) + 5)[0]
    return policy


def _few_policies(self: Any) -> list[Any]:
    return [
        AWSManagedPolicy.from_data(name, self.account_id, self.region_name, data)
        for name in _POLICIES
        if (data := _found(name)) is not None
    ]


@repair("iam", "CreateRole")
def create_role(call: Call, proceed: Proceed) -> Any:
    """Note the time of birth."""
    answer = proceed()
    name = call.params["RoleName"]
    _births(call.account).of[name] = CLOCK.now()
    return answer


def check_role_is_ripe(call: Call, role_arn: str | None, refusal: AwsError) -> None:
    """Raise `refusal` when the role was made less than the setting `roles` ago."""
    born = _births(call.account).of.get((role_arn or "").split("/")[-1])
    if born is not None and CLOCK.now() - born < SETTINGS.now.roles:
        raise refusal


def install() -> None:
    """Let every account know the few managed policies."""
    IAMBackend._init_aws_policies = _few_policies  # type: ignore[method-assign]
