"""A stack with a bit of everything, brought up, changed by its owner and by somebody else, and removed.

Its policy allows every call of it, and reading alone needs no more than the reading policy.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.story.conftest import Teller
from tests.story.guard import Guard, documents

WHOLE = Path(__file__).parent.parent / "access" / "whole.yaml"


def test_a_change_is_allowed_by_the_policy_of_the_new_spec(
    tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell.client("route53").create_hosted_zone(Name="app.io", CallerReference="1")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    tell.client("iam").create_role(RoleName="runs-tasks", Path="/somebody/", AssumeRolePolicyDocument=trust)
    spec = tmp_path / "whole.yaml"
    text = WHOLE.read_text()
    spec.write_text(text)
    guard = Guard().watch(monkeypatch)
    assert tell("plan", spec).exit_code == 0
    assert not guard.refused(documents(tell, spec, "--read-only"))
    up = tell("up", spec, "--yes")
    assert up.exit_code == 0, up.stderr

    begin = len(guard.asked)
    assert tell("describe", spec).exit_code == 0
    assert tell("reach-check", spec, "--all").exit_code == 0
    assert tell("snapshot", tmp_path / "saved", "--cluster", "whole", "--region", "eu-west-1").exit_code == 0
    looks = Guard(guard.asked[begin:]).refused(documents(tell, spec, "--read-only"))
    assert not looks, looks

    _spoil(tell)
    changes = (
        ("cpu: 60", "cpu: 70"),
        ("ports: [80]", "ports: [8081]"),
        ("nginx:80", "nginx:8081"),
        ("ttl: 10", "ttl: 20"),
    )
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    spec.write_text(text.replace("stack: whole\n", "stack: whole\ntags: {team: shop}\n"))
    changed = tell("up", spec, "--yes")
    assert changed.exit_code == 0, changed.stderr
    assert tell("plan", spec, "--check").exit_code == 0
    down = tell("down", spec, "--yes")
    assert down.exit_code == 0, down.stderr
    refused = guard.refused(documents(tell, spec))
    assert not refused, "\n".join(["called, and not allowed by the policy that iam-policy prints:", *refused])
    changing = {one.action for one in guard.asked}
    assert {"ecs:UpdateService", "application-autoscaling:PutScalingPolicy", "ec2:CreateTags"} <= changing


def _spoil(tell: Teller) -> None:
    """Somebody else changes what is ours."""
    ec2 = tell.client("ec2")
    ours = [{"Name": "tag:fargatenet:stack", "Values": ["whole"]}]
    for group in ec2.describe_security_groups(Filters=ours)["SecurityGroups"]:
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    logs = tell.client("logs")
    logs.put_retention_policy(logGroupName="/ecs/whole/web", retentionInDays=3)
    (vpc,) = ec2.describe_vpcs(Filters=ours)["Vpcs"]
    ec2.modify_vpc_attribute(VpcId=vpc["VpcId"], EnableDnsHostnames={"Value": False})
