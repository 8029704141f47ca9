"""VPC Block Public Access: the account's mode and the VPCs and subnets that are excluded from it.

Authority: VPC User Guide, "Block public access to VPCs and subnets"; API reference,
ModifyVpcBlockPublicAccessOptions, CreateVpcBlockPublicAccessExclusion.

Never here: other reasons why a packet does not pass.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from .calls import AwsError, Call, Proceed, repair
from .clock import CLOCK
from .stores import kept_by, store

_numbers = itertools.count(1)


class Access:
    """The mode (off, block-bidirectional, block-ingress) and the exclusions by id."""

    def __init__(self) -> None:
        self.mode = "off"
        self.changed: datetime | None = None
        self.exclusions: dict[str, dict[str, Any]] = {}


def blocks(backend: Any, subnet: Any, *, gateway: bool) -> bool:
    """Whether traffic that a subnet opens to the internet is blocked.

    `gateway` says that it leaves by the internet gateway itself: then both modes block it. What leaves by a NAT
    gateway passes in the mode block-ingress. An exclusion for egress or for both directions lets it pass.
    """
    access = kept_by(backend, Access)
    if access.mode == "off" or (access.mode == "block-ingress" and not gateway):
        return False
    return not any(
        exclusion["ResourceArn"].rsplit("/", 1)[1] in (subnet.id, subnet.vpc_id)
        for exclusion in access.exclusions.values()
    )


def _shown(call: Call, access: Access) -> dict[str, Any]:
    return {
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": call.account,
            "AwsRegion": call.region,
            "State": "update-complete" if access.changed else "default-state",
            "InternetGatewayBlockMode": access.mode,
            "LastUpdateTimestamp": access.changed,
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
    }


@repair("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe_options(call: Call, proceed: Proceed) -> Any:
    """The mode of the account in this region."""
    return _shown(call, store(call, Access))


@repair("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify_options(call: Call, proceed: Proceed) -> Any:
    """In force at once."""
    access = store(call, Access)
    access.mode, access.changed = call.params["InternetGatewayBlockMode"], CLOCK.wall()
    return _shown(call, access)


@repair("ec2", "CreateVpcBlockPublicAccessExclusion")
def create_exclusion(call: Call, proceed: Proceed) -> Any:
    """For one VPC or one subnet."""
    resource = call.params.get("SubnetId") or call.params.get("VpcId")
    if resource is None:
        raise AwsError("MissingParameter", "The request must contain the parameter SubnetId or VpcId")
    kind = "subnet" if resource.startswith("subnet-") else "vpc"
    exclusion = {
        "ExclusionId": f"vpcbpa-exclude-{next(_numbers):017x}",
        "InternetGatewayExclusionMode": call.params["InternetGatewayExclusionMode"],
        "ResourceArn": f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{resource}",
        "State": "create-complete",
        "CreationTimestamp": CLOCK.wall(),
        "Tags": [tag for spec in call.params.get("TagSpecifications", []) for tag in spec.get("Tags", [])],
    }
    store(call, Access).exclusions[exclusion["ExclusionId"]] = exclusion
    return {"VpcBlockPublicAccessExclusion": exclusion}


@repair("ec2", "DescribeVpcBlockPublicAccessExclusions")
def describe_exclusions(call: Call, proceed: Proceed) -> Any:
    """Those of the account in this region."""
    known, asked = store(call, Access).exclusions, call.params.get("ExclusionIds")
    return {"VpcBlockPublicAccessExclusions": [e for i, e in known.items() if not asked or i in asked]}


@repair("ec2", "DeleteVpcBlockPublicAccessExclusion")
def delete_exclusion(call: Call, proceed: Proceed) -> Any:
    """Gone at once."""
    exclusion = store(call, Access).exclusions.pop(call.params["ExclusionId"], None)
    if exclusion is None:
        raise AwsError(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound",
            f"The exclusion '{call.params['ExclusionId']}' does not exist",
        )
    return {"VpcBlockPublicAccessExclusion": {**exclusion, "State": "delete-complete"}}
