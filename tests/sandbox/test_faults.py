from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def outcomes(call: Any, times: int, **params: Any) -> list[str]:
    seen = []
    for _ in range(times):
        try:
            call(**params)
            seen.append("ok")
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])
    return seen


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("ecs", "list_clusters", "ThrottlingException"),
        ("elbv2", "describe_load_balancers", "ThrottlingException"),
        ("route53", "list_hosted_zones", "Throttling"),
        ("sd", "list_namespaces", "ThrottlingException"),
    ],
)
def test_a_share_of_calls_is_throttled_in_the_words_of_the_service(
    aws: Any, service: str, operation: str, code: str
) -> None:
    aws.control.apply({"throttle": 0.5, "seed": 3})
    first = outcomes(getattr(getattr(aws, service), operation), 40)
    assert set(first) == {"ok", code}
    aws.control.apply({"throttle": 0})
    aws.control.apply({"throttle": 0.5, "seed": 3})
    assert outcomes(getattr(getattr(aws, service), operation), 40) == first


def test_an_error_has_no_effect_and_a_lost_answer_has_one(aws: Any) -> None:
    aws.control.apply({"error": 1})
    assert outcomes(aws.ec2.create_vpc, 1, CidrBlock="10.0.0.0/16") == ["InternalError"]
    aws.control.apply({"error": 0})
    assert len(aws.ec2.describe_vpcs()["Vpcs"]) == 1
    aws.control.apply({"timeout": 1})
    assert outcomes(aws.ec2.create_vpc, 1, CidrBlock="10.0.0.0/16") == ["ServiceUnavailable"]
    aws.control.apply({"timeout": 0})
    assert len(aws.ec2.describe_vpcs()["Vpcs"]) == 2


def test_a_client_that_retries_with_its_token_gets_the_thing_it_made(aws: Any) -> None:
    estate = aws.network()
    aws.control.apply({"timeout": 0.6, "seed": 1})
    made = aws.client("ec2", retries=30).create_route_table(VpcId=estate.vpc)["RouteTable"]["RouteTableId"]
    aws.control.apply({"timeout": 0})
    here = [{"Name": "vpc-id", "Values": [estate.vpc]}]
    tables = [t["RouteTableId"] for t in aws.ec2.describe_route_tables(Filters=here)["RouteTables"]]
    assert sorted(tables) == sorted([estate.table, made])


def test_what_is_new_is_not_visible_until_the_lag_is_over(aws: Any) -> None:
    aws.control.apply({"lag": "2s"})
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert vpc not in [v["VpcId"] for v in aws.ec2.describe_vpcs()["Vpcs"]]
    assert aws.refused(aws.ec2.describe_vpcs, VpcIds=[vpc])[0] == "InvalidVpcID.NotFound"
    assert aws.refused(aws.ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/24")[0] == "InvalidVpcID.NotFound"
    aws.advance(2)
    assert vpc in [v["VpcId"] for v in aws.ec2.describe_vpcs()["Vpcs"]]
    aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")


def test_a_fresh_role_is_refused_until_it_is_ripe(aws: Any) -> None:
    estate = aws.network()
    aws.control.apply({"roles": 10})
    role = aws.role()
    container = {"name": "app", "image": "nginx:1"}
    asked = {
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": role,
        "containerDefinitions": [container],
    }
    assert aws.refused(aws.ecs.register_task_definition, **asked) == ("ClientException", "Role is not valid")
    aws.advance(10)
    aws.ecs.register_task_definition(**asked)
    aws.iam.delete_role(RoleName="execution")
    aws.role()
    assert "unable to assume the role" in aws.refused(estate.service)[1]
    aws.advance(10)
    estate.service()


def test_buckets_run_dry_and_fill_again(aws: Any) -> None:
    estate = aws.network()
    aws.control.apply({"buckets": True})
    asked = {"VpcId": estate.vpc, "ServiceName": "com.amazonaws.eu-west-1.logs", "VpcEndpointType": "Interface"}
    seen = outcomes(aws.ec2.create_vpc_endpoint, 5, PrivateDnsEnabled=False, SubnetIds=estate.subnets, **asked)
    assert seen == ["ok"] * 4 + ["RequestLimitExceeded"]
    aws.advance(3.4)
    assert outcomes(aws.ec2.create_vpc_endpoint, 2, PrivateDnsEnabled=False, SubnetIds=estate.subnets, **asked) == [
        "ok",
        "RequestLimitExceeded",
    ]
    assert outcomes(aws.elbv2.describe_load_balancers, 41) == ["ok"] * 40 + ["ThrottlingException"]


def test_a_pace_plays_the_durations_of_aws(aws: Any) -> None:
    aws.control.apply({"pace": 50, "frozen": True})
    estate = aws.network()
    aws.ec2.create_nat_gateway(SubnetId=estate.subnets[0], ConnectivityType="private")
    aws.advance(100)
    assert aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "pending"
    aws.advance(16)
    assert aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "available"


def test_the_clock_runs_at_its_pace_without_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    from fargate_net.sandbox import clock

    real = [1000.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: real[0])
    one = clock.Clock()
    real[0] += 2
    assert one.now() == 2
    one.set(50)
    real[0] += 2
    assert one.now() == 102
    one.set(None)
    real[0] += 1
    assert one.now() == 103
    assert one.advance(7) == 110
    assert one.duration("nat.pending") < 1
    one.set(10)
    assert one.duration("nat.pending") == 115
