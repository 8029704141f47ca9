"""Why tasks stopped, from AWS's own messages (Amazon ECS Developer Guide, Stopped task error messages).

Network, permission, missing things and the application are kept apart, and a network cause names what is in the way.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fargate_net.cli.main import main
from tests.reach.statements.asking import needs, reachable
from tests.reach.statements.aws_balancers import balancer, listener, target_group
from tests.reach.statements.aws_ecs import container, logs
from tests.reach.statements.aws_json import ANY4, Account, Raw, route
from tests.reach.statements.aws_rules import tcp
from tests.reach.statements.scenes import CLIENT_SG, IGW, MAIN, NET_A, NET_B, VPC, gateway
from tests.reach.statements.test_tasks import DOOR_SG, TASK_SG, endpoints, shop

RESOURCES, PULL = "ResourceInitializationError: ", "CannotPullContainerError: "
SECRETS = f"{RESOURCES}unable to pull secrets or registry auth: execution resource retrieval failed: "
CONNECTION = "There is a connection issue between the task and it. Check your task network configuration."
AUTH = (
    f"{SECRETS}unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: "
    'send request failed: Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 52.94.1.1:443: i/o timeout'
)
LAYER = (
    f"{PULL}The task cannot pull x from the registry y. {CONNECTION} : failed to copy: httpReadSeeker: failed open: "
    "failed to do request: Get x: dial tcp 52.219.41.3:443: i/o timeout"
)
HUB = (
    f"{PULL}pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/nginx:1: "
    'failed to do request: Head "https://registry-1.docker.io/v2/x": dial tcp 34.1.1.1:443: i/o timeout'
)
ADDRESS = "10.0.1.120"


def stopped(world: Account, reason: str, *, code: str = "TaskFailedToStart", **first: Any) -> Account:
    """The world's tasks stopped for this reason; ``first`` are fields of their first container."""
    for task in world.lists["tasks"]:
        task |= {"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stoppedReason": reason, "stopCode": code}
        task["containers"][0] |= first
        task["attachments"][0]["status"] = "DELETED"
        details = {held["name"]: held["value"] for held in task["attachments"][0]["details"]}
        world.remove("NetworkInterfaces", details["networkInterfaceId"])
    return world


def cause(world: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What ``describe`` says of the first stopped task."""
    folder = world.write(tmp_path / "saved")
    assert main(["describe", "--snapshot", str(folder), "--cluster", "shop", "--output", "json"]) == 0
    (service,) = json.loads(capsys.readouterr().out)["services"]
    told = service["stopped"][0]
    assert isinstance(told, dict)
    return told


def web(**more: Any) -> Raw:
    """A container of an ECR image with logs."""
    return container("nginx", 80, **(logs() | more))


def without(name: str, **more: Any) -> Account:
    """A service whose VPC has every endpoint but one."""
    names = [held for held in ("ecr.api", "ecr.dkr", "logs", "ssm", "secretsmanager") if held != name]
    return endpoints(shop(web(), **more), *names, s3=() if name == "s3" else (MAIN,))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ecr.api", AUTH),
        ("ecr.api", f"{RESOURCES}The task cannot pull registry authentication from Amazon ECR. {CONNECTION}"),
        ("ssm", f"{SECRETS}unable to retrieve secrets from ssm: RequestCanceled: context deadline exceeded"),
        ("ssm", f"{RESOURCES}The task cannot pull secrets from AWS Systems Manager. Check your network connection"),
        ("secretsmanager", f"{SECRETS}unable to retrieve secret from asm: context deadline exceeded"),
        ("logs", f"{RESOURCES}The task cannot find the Amazon CloudWatch log group. {CONNECTION}"),
        ("logs", f"{RESOURCES}failed to validate logger args: signal: killed"),
        ("s3", LAYER),
        ("s3", f"{PULL}panic: runtime error: invalid memory address or nil pointer dereference"),
        ("ecr.dkr", f"{PULL}Get https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/: (Client.Timeout exceeded while x)"),
        ("ecr.api", f"{PULL}context canceled"),
        ("ecr.dkr", f"{PULL}context canceled"),
        ("s3", f"{PULL}context canceled"),
    ],
)
def test_a_missing_endpoint_is_named(name: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    told = cause(stopped(without(name), reason), tmp_path, capsys)
    assert told["code"] == "ENDPOINT_MISSING"
    assert told["cause"].startswith(f"no path to aws:{name} from {NET_A}: {VPC} has no endpoint for ")
    assert VPC in told["fix"]


@pytest.mark.parametrize(("egress", "code"), [([], "SG_HAS_NO_RULES"), ([tcp(80, ANY4)], "ENI_SG_RULES_MISMATCH")])
def test_a_rule_in_the_way_is_named(egress: list[Raw], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    told = cause(stopped(without("", egress=egress), AUTH), tmp_path, capsys)
    assert (told["code"], TASK_SG in told["cause"], TASK_SG in told["fix"]) == (code, True, True)
    assert f"(a task of web in {NET_A})" in told["cause"]


def test_a_route_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    told = cause(stopped(shop(container("nginx", 80, image="nginx:1")), HUB), tmp_path, capsys)
    assert told["code"] == "NO_ROUTE_TO_DESTINATION"
    assert MAIN in told["cause"]


def test_in_a_public_subnet_the_missing_address_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    world = shop(web())
    gateway(world)
    world.routes(MAIN, route(ANY4, IGW))
    told = cause(stopped(world, AUTH), tmp_path, capsys)
    assert told["code"] == "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    assert told["fix"] == "Start the tasks of web with assignPublicIp ENABLED."


def test_the_subnet_of_the_stopped_task_is_judged_and_not_that_of_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    world = without("", subnets=(NET_A, NET_B))
    world.table("rtb-0b0b0b0b0b0b0b0b0", VPC, subnets=[NET_B])
    other = json.loads(json.dumps(world.lists["tasks"][0]))
    other |= {"lastStatus": "STOPPED", "stoppedReason": LAYER, "stopCode": "TaskFailedToStart"}
    other["taskArn"] += "f"
    other["attachments"][0]["details"] = [
        {"name": "subnetId", "value": NET_B},
        {"name": "networkInterfaceId", "value": "eni-0f0f0f0f0f0f0f0f0"},
        {"name": "privateIPv4Address", "value": "10.0.2.9"},
    ]
    world.lists["tasks"].append(other)
    told = cause(world, tmp_path, capsys)
    assert told["code"] == "ENDPOINT_NOT_ON_ROUTE_TABLE"
    assert told["cause"].startswith(f"no path to aws:s3 from {NET_B}")
    assert "rtb-0b0b0b0b0b0b0b0b0" in told["fix"]


@pytest.mark.parametrize("reason", [AUTH, LAYER, f"{PULL}context canceled"])
def test_an_open_path_refutes_the_message(reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert cause(stopped(without(""), reason), tmp_path, capsys)["code"] == "PATH_NOW_OPEN"


MAY_NOT = "User: u is not authorized to perform: "


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        (f"{SECRETS}AccessDeniedException: {MAY_NOT}ecr:GetAuthorizationToken", "PERMISSION_DENIED", "ecr:GetAuth"),
        (
            f"{RESOURCES}failed to validate logger args: {MAY_NOT}logs:CreateLogStream",
            "PERMISSION_DENIED",
            "logs:Create",
        ),
        (
            "ECS was unable to assume the role 'arn:aws:iam::1:role/exec'",
            "PERMISSION_DENIED",
            "arn:aws:iam::1:role/exec",
        ),
        (f"{PULL}pull access denied, repository does not exist: insufficient_scope", "PERMISSION_DENIED", "repository"),
        (
            f"{SECRETS}{MAY_NOT}ecr:GetAuthorizationToken on resource: * because no VPC endpoint policy allows it",
            "ENDPOINT_POLICY_DENIES",
            "vpce-0d1d1d1d1d1d1d1d1",
        ),
        (f"{PULL}failed to resolve ref 1.dkr.ecr.eu-west-1.amazonaws.com/web:1: not found", "IMAGE_NOT_FOUND", "image"),
        (
            f"{RESOURCES}create log stream: ResourceNotFoundException: The log group does not exist.",
            "LOG_GROUP_MISSING",
            "log group",
        ),
        (f"{SECRETS}ResourceNotFoundException: can't find the specified secret.", "SECRET_MISSING", "secret"),
        (f"{SECRETS}unable to retrieve secrets from ssm: invalid ssm parameters: /x", "SECRET_MISSING", "parameter"),
        (f"{PULL}toomanyrequests: You have reached your pull rate limit.", "RATE_LIMITED", "limits"),
        (f"Unexpected EC2 error: public IP assignment enabled in subnet '{NET_A}'", "SUBNET_FULL", NET_A),
        ("Timeout waiting for EC2 network interface provisioning to complete.", "CAUSE_UNKNOWN", "network interface"),
        ("RESOURCE:ENI", "NOT_FARGATE", "EC2"),
        ("Capacity is unavailable at this time.", "NO_CAPACITY", "capacity"),
        ("", "CAUSE_UNKNOWN", "no reason"),
    ],
)
def test_what_is_not_the_network_is_not_blamed_on_it(
    reason: str, code: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    told = cause(stopped(endpoints(shop(web()), "ecr.api"), reason), tmp_path, capsys)
    assert told["code"] == code
    assert said in told["cause"]
    assert told["fix"].endswith(".")


@pytest.mark.parametrize(
    ("exit_code", "code"), [(1, "APPLICATION_EXITED"), (0, "APPLICATION_EXITED"), (137, "OUT_OF_MEMORY")]
)
def test_the_applications_own_end(exit_code: int, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    reason = "Essential container in task exited"
    world = stopped(shop(web()), reason, code="EssentialContainerExited", exitCode=exit_code)
    assert cause(world, tmp_path, capsys)["code"] == code


@pytest.mark.parametrize(("peer", "code"), [(CLIENT_SG, "HEALTH_CHECK_BLOCKED"), (ANY4, "HEALTH_CHECK_FAILED")])
def test_a_failed_health_check_is_the_networks_only_when_its_path_is_closed(
    peer: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    world = shop(web(), ingress=[tcp(80, peer)])
    world.group(DOOR_SG, VPC)
    own = balancer(world, "front", [(NET_B, "10.0.2.5", "")], DOOR_SG, internal=True)
    group = target_group(world, "web", VPC, 80, [(ADDRESS, 80, "all", "unhealthy")])
    listener(world, own, 80, "HTTP", group)
    stopped(world, f"Task failed ELB health checks in (target-group {group})")
    world.interface("eni-0c0c0c0c0c0c0c0c0", NET_A, ADDRESS, TASK_SG)
    told = cause(world, tmp_path, capsys)
    assert told["code"] == code
    assert (TASK_SG in told["fix"]) == (code == "HEALTH_CHECK_BLOCKED")


def test_a_file_system_out_of_reach(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    reason = f"{RESOURCES}failed to invoke EFS utils commands: mount.nfs4: Connection timed out"
    told = cause(stopped(shop(web()), reason), tmp_path, capsys)
    assert "2049" in told["cause"]
    assert TASK_SG in told["fix"]


@pytest.mark.parametrize(
    "more",
    [
        {"image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"},
        {"secrets": [{"name": "A", "valueFrom": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a"}]},
        {"secrets": [{"name": "A", "valueFrom": "arn:aws:ssm:us-east-1:111122223333:parameter/a"}]},
    ],
)
def test_s072_what_is_in_another_region_is_reached_over_the_internet(more: dict[str, Any]):
    world = endpoints(shop(web(**more)), "ecr.api", "ecr.dkr", "logs", "ssm", "secretsmanager")
    found = needs(world, "web")
    assert found["internet"]["verdict"] == "blocked"
    reachable(found["aws:logs"])


def test_s072_what_is_in_the_tasks_own_region_is_not():
    held = web(secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/a"}])
    assert "internet" not in needs(endpoints(shop(held), "ecr.api", "ecr.dkr", "logs", "ssm"), "web")
