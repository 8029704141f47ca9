from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest


def ask(aws: Any, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{aws.endpoint}/sandbox/{path}", method=method, data=data)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        parsed: dict[str, Any] = json.loads(answer.read())
    return parsed


def test_calls_are_counted_by_operation_and_by_read_and_write(aws: Any) -> None:
    aws.ec2.describe_vpcs()
    aws.ec2.describe_vpcs()
    aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")
    aws.sts.get_caller_identity()
    seen = ask(aws, "GET", "calls")
    assert seen["counts"] == {"ec2:DescribeVpcs": 2, "ec2:CreateVpc": 1, "sts:GetCallerIdentity": 1}
    assert (seen["reads"], seen["writes"]) == (3, 1)
    ask(aws, "POST", "calls/clear")
    assert ask(aws, "GET", "calls")["counts"] == {}


def test_reset_empties_everything(aws: Any) -> None:
    aws.network()
    aws.ecs.create_cluster(clusterName="shop")
    ask(aws, "POST", "settings", {"throttle": 0.5})
    ask(aws, "POST", "reset")
    assert [vpc["IsDefault"] for vpc in aws.ec2.describe_vpcs()["Vpcs"]] == [True]
    assert aws.ecs.list_clusters()["clusterArns"] == []
    assert ask(aws, "GET", "status")["settings"]["throttle"] == 0


def test_status_tells_where_something_was_built_last(aws: Any) -> None:
    assert ask(aws, "GET", "status")["region"] == ""
    aws.ec2.describe_vpcs()
    aws.iam.create_user(UserName="someone")
    assert ask(aws, "GET", "status")["region"] == ""
    aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")
    ask(aws, "POST", "calls/clear")
    assert ask(aws, "GET", "status")["region"] == aws.ec2.meta.region_name
    ask(aws, "POST", "reset")
    assert ask(aws, "GET", "status")["region"] == ""


def test_advance_moves_states_without_waiting(aws: Any) -> None:
    estate = aws.network()
    gateway = aws.ec2.create_nat_gateway(SubnetId=estate.subnets[0], ConnectivityType="private")["NatGateway"]
    assert gateway["State"] == "pending"
    ask(aws, "POST", "advance?seconds=1")
    assert aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "available"


@pytest.mark.parametrize("settings", [{"colour": 1}, {"throttle": 2}, {"error": -1}, {"seed": "x"}])
def test_settings_that_make_no_sense_change_nothing(aws: Any, settings: dict[str, Any]) -> None:
    before = ask(aws, "GET", "status")["settings"]
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(aws, "POST", "settings", {"pace": 3, **settings})
    with caught.value as error:
        assert error.code == 400
    assert ask(aws, "GET", "status")["settings"] == before


def test_other_paths_are_not_there(aws: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(aws, "GET", "nothing")
    with caught.value as error:
        assert error.code == 404


def test_an_operation_that_moto_lacks_is_a_clean_error(aws: Any) -> None:
    code, message = aws.refused(aws.ec2.describe_stale_security_groups, VpcId="vpc-1")
    assert code == "NotImplemented"
    assert "DescribeStaleSecurityGroups" in message


def test_the_repairs_also_serve_mock_aws_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from moto import mock_aws

    from fargate_net.sandbox import world

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    world.install()
    with mock_aws():
        world.reset()
        ec2 = boto3.client("ec2", region_name="eu-west-1")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")
        (gateway,) = ec2.describe_nat_gateways()["NatGateways"]
        assert (gateway["State"], gateway["NatGatewayAddresses"][0]["PrivateIp"]) == ("pending", "10.0.0.4")
        world.advance(1)
        assert ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "available"
