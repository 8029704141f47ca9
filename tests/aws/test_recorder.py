"""What was recorded answers the same questions in the same way, without the secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fargate_net.aws.connect import connect
from fargate_net.aws.recorder import Recorder
from fargate_net.aws.saved import Saved
from fargate_net.engine.observe import observe
from fargate_net.errors import Denied, NotAsked, UsageError
from fargate_net.kinds.base import Scope
from fargate_net.sandbox.server import threaded

REGION = "eu-west-1"


class Scripted:
    """A wire that answers from a dict."""

    region, account, saved = REGION, "111122223333", False

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        answer = self.answers[operation.partition(".")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer(**params) if callable(answer) else answer  # type: ignore[no-any-return]

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        return {"written": operation}


def test_the_subject_is_added_and_times_are_text(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    entries = {"Entries": [{"Cidr": "10.0.0.0/8"}]}
    recorder = Recorder(
        Scripted(
            get_managed_prefix_list_entries=entries, describe_tasks={"tasks": [{"taskArn": "t", "startedAt": moment}]}
        ),
        tmp_path / "new" / "folder",
    )
    assert recorder.read("ec2.get_managed_prefix_list_entries", PrefixListId="pl-1") == entries
    recorder.read("ecs.describe_tasks", tasks=["t"])
    saved = Saved(tmp_path)
    assert saved.read("ec2.get_managed_prefix_list_entries", PrefixListId="pl-1")["Entries"] == entries["Entries"]
    assert saved.read("ecs.describe_tasks")["tasks"] == [{"taskArn": "t", "startedAt": "2026-01-02T00:00:00+00:00"}]


def test_a_refusal_is_passed_on_and_leaves_the_question_open(tmp_path: Path) -> None:
    denied = Denied("no", operation="ec2.describe_vpcs", code="UnauthorizedOperation")
    recorder = Recorder(Scripted(describe_vpcs=denied, describe_subnets={"Subnets": []}), tmp_path)
    recorder.read("ec2.describe_subnets")
    with pytest.raises(Denied):
        recorder.read("ec2.describe_vpcs")
    with pytest.raises(NotAsked):
        Saved(tmp_path).read("ec2.describe_vpcs")


def test_an_item_told_twice_keeps_its_first_words(tmp_path: Path) -> None:
    def describe_subnets(**params: Any) -> dict[str, Any]:
        return {"Subnets": [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 7 if params else 8}]}

    recorder = Recorder(Scripted(describe_subnets=describe_subnets), tmp_path)
    for params in ({}, {"SubnetIds": ["subnet-1"]}, {}):
        recorder.read("ec2.describe_subnets", **params)
    subnets = Saved(tmp_path).read("ec2.describe_subnets")["Subnets"]
    assert subnets == [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 8}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("API_KEY", "x"),
        ("GITHUB_TOKEN", "x"),
        ("DB", "postgres://user:pass@host/db"),
        ("KEY", "AKIAABCDEFGHIJKLMNOP"),
        ("BLOB", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"),
        ("CERT", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_secrets_in_plain_variables_are_not_written(tmp_path: Path, name: str, value: str) -> None:
    variables = [
        {"name": name, "value": value},
        {"name": "LOG", "value": "info"},
        {"name": "URL", "value": "http://api:80/"},
    ]
    definition = {"taskDefinitionArn": "arn:x", "containerDefinitions": [{"name": "web", "environment": variables}]}
    recorder = Recorder(Scripted(describe_task_definition={"taskDefinition": definition}), tmp_path)
    answer = recorder.read("ecs.describe_task_definition", taskDefinition="arn:x")
    assert answer["taskDefinition"] is definition  # the caller sees everything
    [file] = tmp_path.glob("*.json")
    written = json.loads(file.read_text())["taskDefinition"]["containerDefinitions"][0]["environment"]
    assert written == [{"name": name, "value": "REDACTED"}, *variables[1:]]


def test_a_folder_with_a_snapshot_is_not_mixed_with_another(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    with pytest.raises(UsageError, match=r"already holds \.json files"):
        Recorder(Scripted(), tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        Recorder(Scripted(), tmp_path / "file" / "below")


def test_a_write_passes_unrecorded(tmp_path: Path) -> None:
    assert Recorder(Scripted(), tmp_path).write("ec2.create_vpc") == {"written": "ec2.create_vpc"}
    assert not list(tmp_path.iterdir())


def test_a_recorded_network_reads_back_as_the_same_snapshot(tmp_path: Path) -> None:
    with threaded() as sandbox:
        sandbox.control.reset()
        aws = connect(region=REGION, endpoint_url=sandbox.endpoint)
        vpc = aws.write("ec2.create_vpc", CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
        subnet = aws.write("ec2.create_subnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        gateway = aws.write("ec2.create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        aws.write("ec2.attach_internet_gateway", VpcId=vpc, InternetGatewayId=gateway)
        aws.write("ec2.create_network_interface", SubnetId=subnet)
        aws.write("ec2.create_vpc_endpoint", VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
        aws.write("ec2.create_transit_gateway")
        live = observe(Recorder(aws, tmp_path), Scope())
    again = observe(Saved(tmp_path), Scope())
    known = {(thing.kind, thing.id): thing for thing in live if thing.kind != "block_public_access"}
    assert {(thing.kind, thing.id): thing for thing in again if thing.kind != "block_public_access"} == known
    assert {"vpc", "subnet", "internet_gateway", "network_interface", "vpc_endpoint", "prefix_list"} <= {
        k for k, _ in known
    }
    assert {(gap.kind, gap.subject) for gap in again.missing} == {(gap.kind, gap.subject) for gap in live.missing}
