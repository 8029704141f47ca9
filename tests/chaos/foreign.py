"""Other people's things beside a stack: similar names, no tags of ours. Nothing of them may ever change.

Never here: the tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.chaos.inventory import Item, hands

MARK = "someone-else"
"""In the name of everything made here."""


def neighbour(stack: str, client: Callable[[str], Any] | None = None) -> None:
    """A network, a cluster, roles and log groups named like the stack's, in a VPC of their own."""
    client = client or hands()
    ec2 = client("ec2")

    def tags(type: str, name: str) -> Any:
        tag = {"Key": "Name", "Value": f"{stack}-{name}-{MARK}"}
        return [{"ResourceType": type, "Tags": [tag]}]

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc", "main"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20", TagSpecifications=tags("subnet", "public-a"))[
        "Subnet"
    ]["SubnetId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=tags("internet-gateway", "main"))["InternetGateway"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    group = ec2.create_security_group(
        GroupName=f"{stack}-web-{MARK}", Description="not ours", VpcId=vpc,
        TagSpecifications=tags("security-group", "web"),
    )["GroupId"]  # fmt: skip
    ec2.create_network_interface(SubnetId=subnet, Groups=[group], TagSpecifications=tags("network-interface", "web"))
    ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip", "nat"))
    client("ecs").create_cluster(clusterName=f"{stack}-{MARK}")
    client("logs").create_log_group(logGroupName=f"/ecs/{stack}/web-{MARK}")
    client("iam").create_role(
        RoleName=f"{stack}-web-{MARK}", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    client("elbv2").create_target_group(
        Name=f"{stack}-{MARK}"[:32], Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
    )
    client("servicediscovery").create_http_namespace(Name=f"{stack}-{MARK}")


def untouched(things: Iterable[Item]) -> list[Item]:
    """Other people's things among these as they are now; compare with an earlier answer."""
    return [item for item in things if MARK in item.detail or MARK in item.label]
