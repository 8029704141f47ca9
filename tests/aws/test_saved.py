"""Saved responses answer as the live calls did, and tell what was not asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fargate_net.aws.saved import Saved
from fargate_net.errors import NotAsked, UsageError

VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    """Writes documents as files of one folder, and reads the folder."""

    def write(*documents: Any, names: tuple[str, ...] = ()) -> Saved:
        for number, document in enumerate(documents):
            path = tmp_path / (names[number] if number < len(names) else f"{number}.json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document))
        return Saved(tmp_path)

    return write


def test_lists_of_one_key_are_merged_over_files_at_any_depth(folder: Any) -> None:
    other = {"VpcId": "vpc-2"}
    saved = folder({"Vpcs": [VPC]}, {"Vpcs": [other], "Subnets": []}, names=("a.json", "deep/er/b.json"))
    assert saved.read("ec2.describe_vpcs", Filters=[{"Name": "vpc-id", "Values": ["vpc-9"]}]) == {"Vpcs": [VPC, other]}


def test_empty_is_asked_and_absent_is_not(folder: Any) -> None:
    saved = folder({"Vpcs": []})
    assert saved.read("ec2.describe_vpcs") == {"Vpcs": []}
    with pytest.raises(NotAsked) as caught:
        saved.read("ec2.describe_subnets")
    assert caught.value.operation == "ec2.describe_subnets"


def test_the_same_item_twice_counts_once(folder: Any) -> None:
    assert folder({"Vpcs": [VPC]}, {"Vpcs": [VPC]}).read("ec2.describe_vpcs") == {"Vpcs": [VPC]}


def test_an_id_that_means_two_things_is_an_error_that_names_both_files(folder: Any) -> None:
    with pytest.raises(UsageError, match=r"1\.json:1:2: Vpcs\[vpc-1\] differs .*0\.json"):
        folder({"Vpcs": [VPC]}, {"Vpcs": [{**VPC, "CidrBlock": "10.1.0.0/16"}]})


@pytest.mark.parametrize(
    ("document", "operation", "subject", "answer"),
    [
        (
            {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": True}},
            "ec2.describe_vpc_attribute",
            {"VpcId": "vpc-1", "Attribute": "enableDnsSupport"},
            {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": True}},
        ),
        (
            {"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/8"}]},
            "ec2.get_managed_prefix_list_entries",
            {"PrefixListId": "pl-1"},
            {"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/8"}]},
        ),
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [], "AdditionalRoutesAvailable": True},
            "ec2.search_transit_gateway_routes",
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "Filters": []},
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [], "AdditionalRoutesAvailable": True},
        ),
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "Associations": []},
            "ec2.get_transit_gateway_route_table_associations",
            {"TransitGatewayRouteTableId": "tgw-rtb-1"},
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "Associations": []},
        ),
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayRouteTablePropagations": []},
            "ec2.get_transit_gateway_route_table_propagations",
            {"TransitGatewayRouteTableId": "tgw-rtb-1"},
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayRouteTablePropagations": []},
        ),
        (
            {"LoadBalancerArn": "arn:lb", "Attributes": [{"Key": "a", "Value": "b"}]},
            "elbv2.describe_load_balancer_attributes",
            {"LoadBalancerArn": "arn:lb"},
            {"LoadBalancerArn": "arn:lb", "Attributes": [{"Key": "a", "Value": "b"}]},
        ),
        (
            {"TargetGroupArn": "arn:tg", "Attributes": []},
            "elbv2.describe_target_group_attributes",
            {"TargetGroupArn": "arn:tg"},
            {"TargetGroupArn": "arn:tg", "Attributes": []},
        ),
        (
            {"TargetGroupArn": "arn:tg", "TargetHealthDescriptions": []},
            "elbv2.describe_target_health",
            {"TargetGroupArn": "arn:tg"},
            {"TargetGroupArn": "arn:tg", "TargetHealthDescriptions": []},
        ),
        (
            {"Listeners": [{"ListenerArn": "arn:l", "LoadBalancerArn": "arn:lb"}]},
            "elbv2.describe_listeners",
            {"LoadBalancerArn": "arn:lb"},
            {"LoadBalancerArn": "arn:lb", "Listeners": [{"ListenerArn": "arn:l", "LoadBalancerArn": "arn:lb"}]},
        ),
        (
            {"ListenerArn": "arn:l", "Rules": []},
            "elbv2.describe_rules",
            {"ListenerArn": "arn:l"},
            {"ListenerArn": "arn:l", "Rules": []},
        ),
        (
            {"ServiceId": "srv-1", "Instances": []},
            "servicediscovery.list_instances",
            {"ServiceId": "srv-1"},
            {"ServiceId": "srv-1", "Instances": []},
        ),
        (
            {"HostedZoneId": "/hostedzone/Z1", "ResourceRecordSets": []},
            "route53.list_resource_record_sets",
            {"HostedZoneId": "Z1"},
            {"HostedZoneId": "Z1", "ResourceRecordSets": []},
        ),
        (
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
            "ec2.describe_vpc_block_public_access_options",
            {},
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
        ),
        (
            {"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:r:1:task-definition/web:3"}, "tags": []},
            "ecs.describe_task_definition",
            {"taskDefinition": "web:3"},
            {"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:r:1:task-definition/web:3"}, "tags": []},
        ),
        (
            {"Service": {"Id": "srv-1", "NamespaceId": "ns-1"}},
            "servicediscovery.get_service",
            {"Id": "srv-1"},
            {"Service": {"Id": "srv-1", "NamespaceId": "ns-1"}},
        ),
        (
            {"HostedZone": {"Id": "/hostedzone/Z1"}, "VPCs": [{"VPCId": "vpc-1"}]},
            "route53.get_hosted_zone",
            {"Id": "Z1"},
            {"HostedZone": {"Id": "/hostedzone/Z1"}, "VPCs": [{"VPCId": "vpc-1"}]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_belongs_to_its_subject_alone(
    folder: Any, document: Any, operation: str, subject: Any, answer: Any
) -> None:
    saved = folder(document)
    assert saved.read(operation, **subject) == answer
    for name, value in subject.items():
        if name.endswith(("Id", "Arn", "taskDefinition")) and isinstance(value, str):
            with pytest.raises(NotAsked, match="other"):
                saved.read(operation, **{**subject, name: f"{value}-other"})


def test_the_two_calls_about_prefix_lists_are_told_apart(folder: Any) -> None:
    ranges = {"PrefixListId": "pl-1", "PrefixListName": "s3", "Cidrs": ["52.0.0.0/8"]}
    managed = {"PrefixListId": "pl-1", "PrefixListName": "s3", "OwnerId": "AWS"}
    saved = folder({"PrefixLists": [ranges]}, {"PrefixLists": [managed]})
    assert saved.read("ec2.describe_prefix_lists") == {"PrefixLists": [ranges]}
    assert saved.read("ec2.describe_managed_prefix_lists") == {"PrefixLists": [managed]}


def test_services_of_two_aws_services_do_not_mix(folder: Any) -> None:
    saved = folder({"services": [{"serviceArn": "arn:e"}], "Services": [{"Id": "srv-1"}]})
    assert saved.read("ecs.describe_services") == {"services": [{"serviceArn": "arn:e"}]}
    assert saved.read("servicediscovery.list_services") == {"Services": [{"Id": "srv-1"}]}


def test_members_known_from_their_get_calls_are_listed(folder: Any) -> None:
    saved = folder({"Services": [{"Id": "srv-1"}]}, {"Service": {"Id": "srv-1"}}, {"Service": {"Id": "srv-2"}})
    assert [s["Id"] for s in saved.read("servicediscovery.list_services")["Services"]] == ["srv-1", "srv-2"]


@pytest.mark.parametrize("token", [{"NextToken": "x"}, {"nextToken": "x"}, {"NextMarker": "x"}, {"IsTruncated": True}])
def test_a_response_that_was_cut_is_not_an_answer(folder: Any, token: dict[str, Any]) -> None:
    saved = folder({"Vpcs": [VPC], **token}, {"Subnets": [], "NextToken": ""})
    with pytest.raises(NotAsked, match=f"was cut.*{next(iter(token))}"):
        saved.read("ec2.describe_vpcs")
    assert saved.read("ec2.describe_subnets") == {"Subnets": []}


def test_unknown_keys_and_files_are_ignored(folder: Any) -> None:
    saved = folder({"Vpcs": [VPC], "ResponseMetadata": {}}, {"resolution": "unrelated"})
    assert saved.read("ec2.describe_vpcs")["Vpcs"] == [VPC]


def test_region_and_account_are_those_all_agree_on(folder: Any) -> None:
    subnet = {"SubnetId": "subnet-1", "AvailabilityZone": "eu-west-1b", "OwnerId": "111122223333"}
    saved = folder({"Vpcs": [VPC], "Subnets": [subnet]})
    assert (saved.region, saved.account) == ("eu-west-1", "111122223333")


def test_region_is_empty_when_two_are_told(folder: Any) -> None:
    zones = ("eu-west-1b", "us-east-1a")
    saved = folder({"Subnets": [{"SubnetId": zone, "AvailabilityZone": zone} for zone in zones]})
    assert (saved.region, saved.account) == ("", "")


def test_a_snapshot_cannot_be_written_to(folder: Any) -> None:
    with pytest.raises(UsageError, match="cannot be changed"):
        folder({"Vpcs": []}).write("ec2.create_vpc")


def test_what_a_windows_shell_redirects_is_read(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_bytes(json.dumps({"Vpcs": [VPC]}).encode("utf-16"))
    assert Saved(tmp_path).read("ec2.describe_vpcs")["Vpcs"] == [VPC]
