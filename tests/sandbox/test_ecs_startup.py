"""Which missing piece of network keeps a task from starting, and how AWS words it."""

from __future__ import annotations

from typing import Any

import pytest

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1"
AUTH = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused "
    'by: Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp {address}:443: i/o timeout. Please check your task '
    "network configuration."
)
HUB = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
    'docker.io/library/nginx:latest: failed to do request: Head "https://registry-1.docker.io/v2/library/nginx/'
    'manifests/latest": dial tcp '
)


def endpoint(estate: Any, service: str, group: str | None = None, **params: Any) -> str:
    made = estate.aws.ec2.create_vpc_endpoint(
        VpcId=estate.vpc,
        ServiceName=f"com.amazonaws.eu-west-1.{service}",
        **({"SecurityGroupIds": [group]} if group else {}),
        **params,
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def interface_endpoint(estate: Any, service: str, group: str) -> str:
    return endpoint(estate, service, group, VpcEndpointType="Interface", SubnetIds=estate.subnets)


def s3_endpoint(estate: Any) -> str:
    return endpoint(estate, "s3", VpcEndpointType="Gateway", RouteTableIds=[estate.table])


def outcome(estate: Any, *groups: str, public_ip: bool = False) -> dict[str, Any]:
    """Run one task and show it when all is over."""
    estate.aws.advance()
    estate.aws.ecs.create_cluster(clusterName="shop")
    run = estate.aws.ecs.run_task(
        cluster="shop", taskDefinition="web", networkConfiguration=estate.placed(*groups, public_ip=public_ip)
    )
    estate.aws.advance(times=2)
    task = run["tasks"][0]["taskArn"]
    shown: dict[str, Any] = estate.aws.ecs.describe_tasks(cluster="shop", tasks=[task])["tasks"][0]
    return shown


def test_a_private_subnet_without_endpoints_cannot_authenticate_with_ecr(aws: Any) -> None:
    estate = aws.network(public=False)
    aws.define(image=ECR)
    task = outcome(estate)
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert task["stoppedReason"] == AUTH.format(address="52.95.0.1")
    assert "startedAt" not in task


def test_the_three_endpoints_are_enough_for_ecr(aws: Any) -> None:
    estate = aws.network(public=False)
    task_group = estate.group("task")
    inner = estate.group("endpoints", task_group, port=443)
    interface_endpoint(estate, "ecr.api", inner)
    interface_endpoint(estate, "ecr.dkr", inner)
    s3_endpoint(estate)
    aws.define(image=ECR)
    assert outcome(estate, task_group)["lastStatus"] == "RUNNING"


def test_an_endpoint_whose_group_does_not_admit_the_task_times_out_on_a_private_address(aws: Any) -> None:
    estate = aws.network()
    closed = estate.group("closed", "192.168.0.0/16", port=443)
    interface_endpoint(estate, "ecr.api", closed)
    aws.define(image=ECR)
    task = outcome(estate, estate.group("task"), public_ip=True)
    (node,) = estate.interfaces(interface_type="vpc_endpoint", availability_zone=task["availabilityZone"])
    assert task["stoppedReason"] == AUTH.format(address=node["PrivateIpAddress"])


@pytest.mark.parametrize("missing", ["ecr.dkr", "s3"])
def test_one_endpoint_too_few_fails_at_its_own_step(aws: Any, missing: str) -> None:
    estate = aws.network(public=False)
    task_group = estate.group("task")
    inner = estate.group("endpoints", task_group, port=443)
    interface_endpoint(estate, "ecr.api", inner)
    if missing != "ecr.dkr":
        interface_endpoint(estate, "ecr.dkr", inner)
    if missing != "s3":
        s3_endpoint(estate)
    aws.define(image=ECR)
    task = outcome(estate, task_group)
    reason = task["containers"][0]["reason"]
    assert reason == task["stoppedReason"]
    if missing == "s3":
        assert reason.startswith(f"CannotPullContainerError: The task cannot pull {ECR} from the registry ")
        assert reason.endswith("dial tcp 52.219.41.3:443: i/o timeout")
    else:
        assert "failed to do request: Head" in reason
        assert "/v2/web/manifests/1" in reason


def test_a_gateway_endpoint_on_another_route_table_does_not_help(aws: Any) -> None:
    estate = aws.network(public=False)
    task_group = estate.group("task")
    inner = estate.group("endpoints", task_group, port=443)
    interface_endpoint(estate, "ecr.api", inner)
    interface_endpoint(estate, "ecr.dkr", inner)
    other = aws.ec2.create_route_table(VpcId=estate.vpc)["RouteTable"]["RouteTableId"]
    endpoint(estate, "s3", VpcEndpointType="Gateway", RouteTableIds=[other])
    aws.define(image=ECR)
    assert "starport-layer-bucket" in outcome(estate, task_group)["stoppedReason"]


def egress(aws: Any, group: str, *permissions: dict[str, Any]) -> None:
    every = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    aws.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[every])
    for permission in permissions:
        aws.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])


@pytest.mark.parametrize("with_prefix_list", [True, False])
def test_narrow_egress_needs_the_prefix_list_of_s3(aws: Any, with_prefix_list: bool) -> None:
    estate = aws.network(public=False)
    task_group = estate.group("task")
    inner = estate.group("endpoints", task_group, port=443)
    interface_endpoint(estate, "ecr.api", inner)
    interface_endpoint(estate, "ecr.dkr", inner)
    s3_endpoint(estate)
    name = [{"Name": "prefix-list-name", "Values": ["com.amazonaws.eu-west-1.s3"]}]
    listed = aws.ec2.describe_managed_prefix_lists(Filters=name)["PrefixLists"][0]["PrefixListId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    permissions = [{**https, "UserIdGroupPairs": [{"GroupId": inner}]}]
    if with_prefix_list:
        permissions.append({**https, "PrefixListIds": [{"PrefixListId": listed}]})
    egress(aws, task_group, *permissions)
    aws.define(image=ECR)
    assert outcome(estate, task_group)["lastStatus"] == ("RUNNING" if with_prefix_list else "STOPPED")


@pytest.mark.parametrize(
    ("public", "public_ip", "starts"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_public_registry_needs_a_route_and_a_public_address(
    aws: Any, public: bool, public_ip: bool, starts: bool
) -> None:
    estate = aws.network(public=public)
    aws.define(image="nginx")
    task = outcome(estate, public_ip=public_ip)
    assert task["lastStatus"] == ("RUNNING" if starts else "STOPPED")
    assert starts or task["stoppedReason"].startswith(HUB)


def nat(estate: Any) -> tuple[str, str]:
    """A NAT gateway in the first subnet, and a route table of the second one that leads to it."""
    ec2 = estate.aws.ec2
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=estate.subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=estate.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=estate.subnets[1])
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    estate.subnets = estate.subnets[1:]
    return gateway, address


def test_a_nat_gateway_serves_a_private_subnet_until_it_is_deleted(aws: Any) -> None:
    estate = aws.network()
    gateway, _ = nat(estate)
    aws.define(image="nginx")
    assert outcome(estate)["lastStatus"] == "RUNNING"
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert outcome(estate)["stoppedReason"].startswith(HUB)


@pytest.mark.parametrize("egress_side", [True, False])
def test_a_stateless_acl_must_pass_both_ways(aws: Any, egress_side: bool) -> None:
    estate = aws.network()
    ports = {"From": 443, "To": 443} if egress_side else {"From": 1024, "To": 65535}
    aws.ec2.create_network_acl_entry(
        NetworkAclId=estate.acl,
        RuleNumber=50,
        Protocol="6",
        RuleAction="deny",
        Egress=egress_side,
        CidrBlock="0.0.0.0/0",
        PortRange=ports,
    )
    aws.define(image="nginx")
    assert outcome(estate, public_ip=True)["stoppedReason"].startswith(HUB)


def test_private_dns_takes_the_name_over_only_with_both_dns_settings(aws: Any) -> None:
    estate = aws.network(public=False)
    group = estate.group("task", "10.0.0.0/16", port=443)
    interface_endpoint(estate, "ecr.api", group)
    aws.define(image=ECR)
    assert "Head" in outcome(estate, group)["stoppedReason"]
    aws.ec2.modify_vpc_attribute(VpcId=estate.vpc, EnableDnsHostnames={"Value": False})
    assert outcome(estate, group)["stoppedReason"] == AUTH.format(address="52.95.0.1")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
            "unable to retrieve secret from asm: service call has been retried 5 time(s): ",
        ),
        (
            "arn:aws:ssm:eu-west-1:123456789012:parameter/db",
            "unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request "
            "context canceled caused by: context deadline exceeded",
        ),
    ],
)
def test_secrets_need_a_way_to_their_service(aws: Any, source: str, expected: str) -> None:
    estate = aws.network(public=False)
    aws.define(image="nginx", secrets=[{"name": "DB", "valueFrom": source}])
    assert expected in outcome(estate)["stoppedReason"]
    service = "secretsmanager" if "secretsmanager" in source else "ssm"
    interface_endpoint(estate, service, estate.group("open", "10.0.0.0/16", port=443))
    assert expected not in outcome(estate)["stoppedReason"]


LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "/shop", "awslogs-region": "eu-west-1"}}


def test_logs_need_a_way_and_a_group(aws: Any) -> None:
    estate = aws.network()
    aws.define(image="nginx", logConfiguration=LOGS)
    assert (
        "ResourceNotFoundException: The specified log group does not exist"
        in (outcome(estate, public_ip=True)["stoppedReason"])
    )
    aws.logs.create_log_group(logGroupName="/shop")
    assert outcome(estate, public_ip=True)["lastStatus"] == "RUNNING"
    closed = estate.group("closed", "192.168.0.0/16", port=443)
    interface_endpoint(estate, "logs", closed)
    assert (
        "There is a connection issue between the task and Amazon CloudWatch"
        in (outcome(estate, public_ip=True)["stoppedReason"])
    )


def test_a_missing_image_is_not_a_network_failure(aws: Any) -> None:
    estate = aws.network()
    aws.define(image="ghcr.io/shop/web:sandbox-missing")
    reason = outcome(estate, public_ip=True)["stoppedReason"]
    assert reason.endswith("ghcr.io/shop/web:sandbox-missing: not found")
    assert "dial tcp" not in reason


def test_a_regional_nat_gateway_serves_every_zone(aws: Any) -> None:
    estate = aws.network()
    gateway = aws.ec2.create_nat_gateway(VpcId=estate.vpc, AvailabilityMode="regional")["NatGateway"]
    assert gateway["AvailabilityMode"] == "regional"
    assert len(gateway["NatGatewayAddresses"]) == 2
    aws.ec2.replace_route(
        RouteTableId=estate.table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway["NatGatewayId"]
    )
    aws.define(image="nginx")
    assert outcome(estate)["lastStatus"] == "RUNNING"


@pytest.mark.parametrize(("mode", "direct", "translated"), [("block-bidirectional", 0, 0), ("block-ingress", 0, 1)])
def test_block_public_access_keeps_tasks_from_the_internet(aws: Any, mode: str, direct: int, translated: int) -> None:
    estate = aws.network()
    aws.define(image="nginx")
    aws.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode=mode)
    assert (outcome(estate, public_ip=True)["lastStatus"] == "RUNNING") is bool(direct)
    nat(estate)
    assert (outcome(estate)["lastStatus"] == "RUNNING") is bool(translated)
    allowed = {"VpcId": estate.vpc, "InternetGatewayExclusionMode": "allow-bidirectional"}
    made = aws.ec2.create_vpc_block_public_access_exclusion(**allowed)["VpcBlockPublicAccessExclusion"]
    assert outcome(estate)["lastStatus"] == "RUNNING"
    aws.ec2.delete_vpc_block_public_access_exclusion(ExclusionId=made["ExclusionId"])
    assert (outcome(estate)["lastStatus"] == "RUNNING") is bool(translated)
