"""Clusters, services, tasks and task definitions: from AWS's answers to the normal form."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from scripted_aws import ScriptedAws

from fargate_net.errors import NotAsked, NotFound
from fargate_net.kinds import cluster as _cluster  # noqa: F401
from fargate_net.kinds import task_definition as _task_definition  # noqa: F401
from fargate_net.kinds.base import REGISTRY, Scope
from fargate_net.kinds.containers import ContainerDefinition, PortMapping, read_container, written_container
from fargate_net.kinds.fields import Item
from fargate_net.kinds.service import Deployment, Service, ServiceConnect, ServiceRegistry, ServiceTarget
from fargate_net.kinds.target_group import TargetGroup, TargetHealthCheck, TargetState
from fargate_net.kinds.task import Task, TaskContainer
from fargate_net.model.snapshot import Found, Missing, Snapshot

ECS = "arn:aws:ecs:eu-west-1:111122223333"
TG = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web/3"


def service(name: str = "web", **changed: Any) -> dict[str, Any]:
    return {
        "serviceArn": f"{ECS}:service/shop/{name}",
        "serviceName": name,
        "clusterArn": f"{ECS}:cluster/shop",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "taskDefinition": f"{ECS}:task-definition/shop-web:3",
        "loadBalancers": [{"targetGroupArn": TG, "containerName": "nginx", "containerPort": 80}],
        "serviceRegistries": [
            {
                "registryArn": "arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1",
                "containerName": "nginx",
                "containerPort": 80,
            }
        ],
        "deploymentConfiguration": {
            "maximumPercent": 200,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": {"enable": True, "rollback": False},
        },
        "deployments": [deployment()],
        "events": [{"id": "1", "createdAt": datetime(2026, 1, 2, tzinfo=UTC), "message": "(service web) is fine."}],
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-2", "subnet-1"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "ENABLED",
            }
        },
        "healthCheckGracePeriodSeconds": 60,
        "enableExecuteCommand": True,
        "availabilityZoneRebalancing": "ENABLED",
        "propagateTags": "SERVICE",
        "tags": [{"key": "fargatenet:stack", "value": "shop"}, {"key": "fargatenet:key", "value": f"service/{name}"}],
        **changed,
    }


def deployment(**changed: Any) -> dict[str, Any]:
    return {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": f"{ECS}:task-definition/shop-web:3",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment ecs-svc/1 completed.",
        **changed,
    }


def task(id: str = "t1", **changed: Any) -> dict[str, Any]:
    return {
        "taskArn": f"{ECS}:task/shop/{id}",
        "clusterArn": f"{ECS}:cluster/shop",
        "group": "service:web",
        "taskDefinitionArn": f"{ECS}:task-definition/shop-web:3",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "launchType": "FARGATE",
        "availabilityZone": "eu-west-1a",
        "attachments": [
            {
                "type": "ElasticNetworkInterface",
                "details": [
                    {"name": "subnetId", "value": "subnet-1"},
                    {"name": "networkInterfaceId", "value": "eni-1"},
                    {"name": "privateIPv4Address", "value": "10.0.1.9"},
                ],
            }
        ],
        "containers": [{"name": "nginx", "lastStatus": "RUNNING", "healthStatus": "HEALTHY"}],
        **changed,
    }


def definition(revision: int = 3, *, stack: str | None = "shop", **changed: Any) -> dict[str, Any]:
    tags = [{"key": "fargatenet:stack", "value": stack}, {"key": "fargatenet:key", "value": "task_definition/web"}]
    return {
        "taskDefinition": {
            "taskDefinitionArn": f"{ECS}:task-definition/shop-web:{revision}",
            "family": "shop-web",
            "revision": revision,
            "status": "ACTIVE",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"name": "nginx", "image": "nginx:1", "portMappings": [{"containerPort": 80}]}],
            **changed,
        },
        "tags": tags if stack else [],
    }


def described(taskDefinition: str, include: list[str]) -> dict[str, Any]:  # noqa: N803
    revision = int(taskDefinition.rsplit(":", 1)[1])
    return definition(revision, stack=None if revision == 4 else "shop")


def scan(kind: str, aws: ScriptedAws, **scope: Any) -> list[Any]:
    return list(REGISTRY[kind].scan(aws, Scope(**scope)))


def live(services: list[dict[str, Any]] | None = None, tasks: list[dict[str, Any]] | None = None) -> ScriptedAws:
    """A live cluster: names are listed, and only what is asked for is described."""
    services, tasks = services or [service()], tasks or [task()]

    def describe_services(cluster: str, services: list[str], include: list[str]) -> dict[str, Any]:
        assert len(services) <= 10
        return {"services": [raw for raw in all_services if raw["serviceName"] in services]}

    def list_tasks(cluster: str, desiredStatus: str) -> dict[str, Any]:  # noqa: N803
        return {"taskArns": [raw["taskArn"] for raw in tasks if raw["desiredStatus"] == desiredStatus]}

    def describe_tasks(cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert len(tasks) <= 100
        return {"tasks": [raw for raw in all_tasks if raw["taskArn"] in tasks]}

    all_services, all_tasks = services, tasks
    return ScriptedAws(
        {
            "ecs.list_clusters": {"clusterArns": [f"{ECS}:cluster/shop"]},
            "ecs.list_services": {"serviceArns": [raw["serviceArn"] for raw in services]},
            "ecs.describe_services": describe_services,
            "ecs.list_tasks": list_tasks,
            "ecs.describe_tasks": describe_tasks,
            "ecs.describe_task_definition": described,
            "ecs.list_task_definition_families": {"families": ["shop-web"]},
            "ecs.list_task_definitions": {
                "taskDefinitionArns": [f"{ECS}:task-definition/shop-web:{revision}" for revision in (4, 3, 2)]
            },
        }
    )


def test_a_service_in_normal_form() -> None:
    (found,) = scan("service", live())
    assert found.props == Service(
        name="web",
        cluster="shop",
        task_definition=f"{ECS}:task-definition/shop-web:3",
        desired=2,
        subnets=("subnet-1", "subnet-2"),
        security_groups=frozenset({"sg-1"}),
        public_ip=True,
        targets=frozenset({ServiceTarget(TG, "nginx", 80)}),
        registries=frozenset({ServiceRegistry("srv-1", "nginx", 80)}),
        min_percent=50,
        circuit_breaker=(True, False),
        grace=60,
        exec=True,
    )
    assert found.key == "service/web"
    assert found.status["deployments"][0] == Deployment(
        "ecs-svc/1",
        "PRIMARY",
        f"{ECS}:task-definition/shop-web:3",
        2,
        2,
        0,
        0,
        "COMPLETED",
        "ECS deployment ecs-svc/1 completed.",
    )
    assert found.status["events"][0].at == "2026-01-02T00:00:00+00:00"


def test_a_capacity_provider_strategy_and_service_connect() -> None:
    config = {
        "enabled": True,
        "namespace": "shop.local",
        "services": [{"portName": "http", "clientAliases": [{"port": 80, "dnsName": "web"}]}],
    }
    raw = service(
        launchType=None,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}],
        deployments=[deployment(status="ACTIVE"), deployment(serviceConnectConfiguration=config)],
    )
    (found,) = scan("service", live([raw]))
    assert found.props.providers == (("FARGATE_SPOT", 1, 0),)
    assert found.props.connect == ServiceConnect("shop.local", (("http", "http", "web", 80),))
    assert [d.status for d in found.status["deployments"]] == ["PRIMARY", "ACTIVE"]


def test_services_are_described_by_ten_and_tasks_by_a_hundred() -> None:
    aws = live([service(f"s{n}") for n in range(23)], [task(f"t{n:03}") for n in range(250)])
    assert len(scan("service", aws)) == 23
    assert [len(call["services"]) for call in aws.asked("ecs.describe_services")] == [10, 10, 3]
    assert len(scan("task", aws)) == 250
    assert [len(call["tasks"]) for call in aws.asked("ecs.describe_tasks")] == [100, 100, 50]


def test_services_asked_for_by_name_are_not_listed() -> None:
    aws = live([service("web"), service("api")])
    (found,) = scan("service", aws, clusters=frozenset({"shop"}), services=frozenset({"api"}))
    assert found.name == "api"
    assert not aws.asked("ecs.list_services")
    assert not aws.asked("ecs.list_clusters")


def test_a_cluster_that_is_not_there_has_no_services_and_no_tasks() -> None:
    gone = NotFound("There is no cluster nope.", operation="ecs.list_services", code="ClusterNotFoundException")
    aws = ScriptedAws({"ecs.list_services": gone, "ecs.describe_services": gone, "ecs.list_tasks": gone})
    for services in (None, frozenset({"web"})):
        assert scan("service", aws, clusters=frozenset({"nope"}), services=services) == []
        assert scan("task", aws, clusters=frozenset({"nope"}), services=services) == []


def test_a_task_joins_its_interface_and_its_service_by_group() -> None:
    (found,) = scan("task", live())
    assert found.id == "t1"
    assert found.props == Task(
        "shop",
        "web",
        f"{ECS}:task-definition/shop-web:3",
        "eni-1",
        "subnet-1",
        "10.0.1.9",
        "eu-west-1a",
        "service:web",
        containers=(TaskContainer("nginx", "RUNNING", "HEALTHY"),),
    )


def test_stopped_tasks_stay_with_their_reason() -> None:
    stopped = task(
        "t2",
        lastStatus="STOPPED",
        desiredStatus="STOPPED",
        stopCode="EssentialContainerExited",
        stoppedReason="Essential container in task exited",
        stoppedAt=datetime(2026, 1, 2, tzinfo=UTC),
        containers=[{"name": "nginx", "lastStatus": "STOPPED", "exitCode": 0, "reason": "bye"}],
    )
    by_id = {found.id: found.props for found in scan("task", live(tasks=[task(), stopped]))}
    assert by_id["t2"].state == "STOPPED"
    assert by_id["t2"].stopped_at.startswith("2026-01-02")
    assert by_id["t2"].containers == (TaskContainer("nginx", "STOPPED", reason="bye", exit_code=0),)
    assert by_id["t2"].containers[0].exit_code == 0
    assert by_id["t2"].private_ip == "10.0.1.9"


def test_tasks_of_other_services_and_tasks_by_hand_are_told_apart() -> None:
    aws = live(tasks=[task("t1"), task("t2", group="service:web-admin"), task("t3", group="family:shop-web")])
    assert {f.id: f.props.service for f in scan("task", aws)} == {"t1": "web", "t2": "web-admin", "t3": ""}
    assert [f.id for f in scan("task", aws, services=frozenset({"web"}))] == ["t1"]


def test_a_saved_folder_answers_without_lists_and_is_filtered_all_the_same() -> None:
    other = f"{ECS}:cluster/other"
    aws = ScriptedAws(
        {
            "ecs.describe_services": {"services": [service(), service("x", clusterArn=other)]},
            "ecs.describe_tasks": {"tasks": [task(), task("t9", clusterArn=other)]},
            "ecs.describe_clusters": {"clusters": [{"clusterName": "shop"}, {"clusterName": "other"}]},
        },
        saved=True,
    )
    assert len(scan("service", aws)) == len(scan("task", aws)) == len(scan("cluster", aws)) == 2
    shop = frozenset({"shop"})
    assert [f.name for f in scan("service", aws, clusters=shop)] == ["web"]
    assert [f.id for f in scan("task", aws, clusters=shop)] == ["t1"]
    assert [f.id for f in scan("cluster", aws, clusters=shop)] == ["shop"]


def test_a_saved_task_without_its_definition_is_missing_and_named() -> None:
    aws = ScriptedAws({"ecs.describe_tasks": {"tasks": [{"taskArn": f"{ECS}:task/shop/t1"}]}}, saved=True)
    (missing,) = scan("task", aws)
    assert missing == Missing(
        "task", "t1", "ecs:DescribeTasks", "tasks[" + f"{ECS}:task/shop/t1] has no taskDefinitionArn."
    )


def test_the_newest_revision_of_ours_stands_for_its_key_and_history_has_none() -> None:
    aws = live(tasks=[task(taskDefinitionArn=f"{ECS}:task-definition/shop-web:2")])
    found = {f.props.revision: f for f in scan("task_definition", aws, stack="shop")}
    assert {revision: f.key for revision, f in found.items()} == {3: "task_definition/web", 2: None}


def test_definitions_in_use_are_read_without_a_stack() -> None:
    (found,) = scan("task_definition", live())
    assert found.props.containers == (ContainerDefinition("nginx", "nginx:1", (PortMapping(80),)),)
    assert (found.props.cpu, found.props.memory, found.props.fargate) == (256, 512, True)


def test_a_definition_that_was_not_saved_is_missing_and_one_half_of_the_users_is_enough() -> None:
    arn = f"{ECS}:task-definition/shop-web:3"
    answers: dict[str, Any] = {
        "ecs.describe_services": NotAsked("ecs.describe_services"),
        "ecs.describe_tasks": {"tasks": [task()]},
        "ecs.describe_task_definition": NotAsked("ecs.describe_task_definition", arn),
    }
    (missing,) = scan("task_definition", ScriptedAws(answers, saved=True))
    assert (missing.kind, missing.subject, missing.call) == ("task_definition", arn, "ecs:DescribeTaskDefinition")
    answers["ecs.describe_tasks"] = NotAsked("ecs.describe_tasks")
    with pytest.raises(NotAsked):
        scan("task_definition", ScriptedAws(answers, saved=True))


@pytest.mark.parametrize(("text", "units"), [("256", 256), ("1 vCPU", 1024), (".5 vCPU", 512), ("2 GB", 2048), ("", 0)])
def test_units_of_a_definition(text: str, units: int) -> None:
    aws = ScriptedAws(
        {
            "ecs.describe_services": {"services": [service()]},
            "ecs.describe_tasks": {"tasks": []},
            "ecs.describe_task_definition": definition(cpu=text),
        },
        saved=True,
    )
    (found,) = scan("task_definition", aws)
    assert found.props.cpu == units


def test_what_ecs_fills_in_is_no_difference() -> None:
    want = ContainerDefinition(
        "nginx",
        "nginx:1",
        (PortMapping(80), PortMapping(9000, to_port=9010)),
        environment=(("B", "2"), ("A", "1")),
        secrets=(("DB", "arn:aws:ssm:::parameter/db"),),
        environment_files=("arn:aws:s3:::b/e.env",),
        repository_credentials="arn:aws:secretsmanager:::secret:r",
        health='{"command": ["CMD-SHELL", "true"]}',
        log=("/shop/web", "eu-west-1", "nginx"),
        options=(("stopTimeout", "30"), ("logOptions", '{"mode": "non-blocking"}'), ("command", "[]")),
    )
    answered = written_container(want) | {"cpu": 0, "mountPoints": [], "volumesFrom": [], "systemControls": []}
    answered["environment"] = answered["environment"][::-1]
    answered["healthCheck"] |= {"interval": 30, "timeout": 5, "retries": 3}
    for mapping in answered["portMappings"]:
        if "containerPort" in mapping:
            mapping["hostPort"] = mapping["containerPort"]
    assert read_container(Item(answered, "container")) == want


@pytest.mark.parametrize(
    "setting", [{"privileged": True}, {"user": "root"}, {"linuxParameters": {"initProcessEnabled": True}}]
)
def test_a_setting_nobody_asked_for_is_a_difference(setting: dict[str, Any]) -> None:
    want = ContainerDefinition("nginx", "nginx:1")
    assert read_container(Item(written_container(want) | setting, "container")) != want


FOUND: Found[Service] = scan("service", live())[0]


def progress(**status: Any) -> Any:
    return REGISTRY["service"].ready(replace(FOUND, status={**FOUND.status, **status}))


def test_a_service_is_ready_when_one_completed_deployment_runs_all_its_tasks() -> None:
    (done,) = FOUND.status["deployments"]
    assert progress().state == "ready"
    waiting = progress(deployments=(replace(done, running=1, failed=3, rollout="IN_PROGRESS"),))
    assert (waiting.state, waiting.reason) == ("pending", "1 of 2 tasks running, 3 failed to start")
    old = replace(done, id="ecs-svc/0", status="ACTIVE", running=2)
    assert progress(deployments=(done, old)).reason == "2 of 2 tasks running, 2 old still running"
    failed = replace(old, rollout="FAILED", reason="ECS deployment circuit breaker: tasks failed to start.")
    assert (progress(deployments=(done, failed)).state) == "broken"
    assert progress(status="DRAINING").state == "pending"
    assert progress(deployments=()).state == "pending"
    assert REGISTRY["service"].gone(replace(FOUND, status={"status": "INACTIVE"}))


@pytest.mark.parametrize(
    ("targets", "state", "reason"),
    [
        (("healthy", "healthy"), "ready", ""),
        (("healthy", "unhealthy"), "pending", "1 of 2 targets healthy in shop-web: Request timed out"),
        (("healthy", "draining"), "pending", "1 of 2 targets healthy in shop-web"),
        (None, "ready", ""),
    ],
)
def test_a_service_is_settled_when_its_balancers_see_it(
    targets: tuple[str, ...] | None, state: str, reason: str
) -> None:
    words = {"unhealthy": "Request timed out"}
    states = targets and tuple(
        TargetState(f"10.0.0.{n}", 80, state=word, description=words.get(word, "")) for n, word in enumerate(targets)
    )
    group = TargetGroup("shop-web", "HTTP", 80, "vpc-1", TargetHealthCheck("HTTP"), targets=states)
    settled = REGISTRY["service"].settled(FOUND, Snapshot([FOUND, Found(TG, group)]))
    assert (settled.state, settled.reason) == (state, reason)


def test_a_scaled_service_concedes_its_count() -> None:
    want = replace(FOUND.props, desired=1, scaled=(1, 9))
    assert REGISTRY["service"].concede(FOUND, want) == FOUND.props
    assert REGISTRY["service"].concede(FOUND, replace(want, scaled=None)).desired == 1
    assert REGISTRY["service"].concede(FOUND, replace(want, scaled=(7, 9))).desired == 7
    assert REGISTRY["service"].concede(FOUND, replace(want, scaled=(1, 1))).desired == 1
