"""A tool with a mistake that is easily made: the VPC is created first and tagged in a second call.

``python -m tests.chaos.mutant`` must fail, with a second VPC that nobody owns.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from fargate_net.kinds.base import Aws, load_all
from tests.chaos.__main__ import main


def create_then_tag(aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
    """The mistake: between the two calls the VPC is nobody's."""
    vpc = str(aws.write("ec2.create_vpc", CidrBlock=props.cidrs[0])["Vpc"]["VpcId"])
    listed = [{"Key": name, "Value": value} for name, value in tags.items()]
    aws.write("ec2.create_tags", Resources=[vpc], Tags=listed)
    aws.write("ec2.modify_vpc_attribute", VpcId=vpc, EnableDnsSupport={"Value": True})
    aws.write("ec2.modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    return vpc


OPTIONS = ["--example", "static-dns", "--calm", "--run", "up", "--every", "1", "--until", "3", "--jobs", "1"]

if __name__ == "__main__":
    with patch.object(load_all()["vpc"], "create", create_then_tag):
        sys.exit(main(OPTIONS))
