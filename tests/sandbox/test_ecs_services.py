from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest


def behind_balancer(aws: Any, image: str = "nginx:1", sources: tuple[str, ...] | None = None, **params: Any) -> Any:
    estate = aws.network()
    front = estate.group("front", "0.0.0.0/0")
    back = estate.group("back", *(sources if sources is not None else (front,)))
    estate.group_id = target_group = estate.targets(balancer=estate.balancer(group=front))
    aws.define(image=image)
    wired = [{"targetGroupArn": target_group, "containerName": "app", "containerPort": 80}]
    estate.service(networkConfiguration=estate.placed(back), loadBalancers=wired, **params)
    return estate


def test_a_service_starts_tasks_with_an_interface_inside_their_subnet(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    made = estate.service(tags=[{"key": "stack", "value": "shop"}], propagateTags="SERVICE")
    assert (made["status"], made["runningCount"], made["desiredCount"]) == ("ACTIVE", 0, 2)
    tasks = estate.tasks()
    assert {task["lastStatus"] for task in tasks} == {"PROVISIONING"}
    aws.advance(times=2)
    tasks = estate.tasks()
    assert {task["lastStatus"] for task in tasks} == {"RUNNING"}
    assert {task["availabilityZone"] for task in tasks} == {"eu-west-1a", "eu-west-1b"}
    assert {task["group"] for task in tasks} == {"service:web"}
    for task in tasks:
        details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
        (interface,) = [i for i in estate.interfaces() if i["NetworkInterfaceId"] == details["networkInterfaceId"]]
        assert (
            interface["Description"] == f"arn:aws:ecs:eu-west-1:123456789012:attachment/{task['attachments'][0]['id']}"
        )
        assert interface["PrivateIpAddress"] == details["privateIPv4Address"]
        assert int(interface["PrivateIpAddress"].rsplit(".")[-1]) >= 4
        assert ip_address(interface["Association"]["PublicIp"]).is_global
        assert interface["Status"] == "in-use"
        assert "InstanceId" not in interface["Attachment"]
        assert interface["PrivateDnsName"].startswith("ip-10-0-")
    shown = estate.shown()
    assert (shown["runningCount"], shown["deployments"][0]["rolloutState"]) == (2, "COMPLETED")
    assert shown["events"][0]["message"] == "(service web) has reached a steady state."
    tagged = aws.ecs.describe_tasks(cluster="shop", tasks=[tasks[0]["taskArn"]], include=["TAGS"])["tasks"][0]
    assert tagged["tags"] == [{"key": "stack", "value": "shop"}]


def test_a_private_subnet_gives_no_public_address_even_when_asked(aws: Any) -> None:
    estate = aws.network(public=False)
    aws.define()
    estate.service(count=1)
    (interface,) = estate.interfaces(interface_type="interface")
    assert "Association" not in interface


def test_targets_are_initial_then_healthy_and_drain_when_their_task_stops(aws: Any) -> None:
    estate = behind_balancer(aws)
    aws.advance(0.26)
    assert estate.healths(estate.group_id) == [("initial", "Elb.RegistrationInProgress")] * 2
    aws.advance(times=2)
    assert estate.healths(estate.group_id) == [("healthy", None)] * 2
    assert estate.shown()["deployments"][0]["rolloutState"] == "COMPLETED"
    aws.ecs.stop_task(cluster="shop", task=estate.tasks()[0]["taskArn"], reason="a test")
    assert ("draining", "Target.DeregistrationInProgress") in estate.healths(estate.group_id)
    (stopped,) = estate.tasks(status="STOPPED")
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "a test")
    aws.advance(times=3)
    assert estate.healths(estate.group_id) == [("healthy", None)] * 2
    assert len(estate.tasks()) == 2


def test_a_stopped_task_keeps_its_attachment_and_loses_its_interface(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    estate.service(count=1)
    aws.advance(times=2)
    (task,) = estate.tasks()
    aws.ecs.stop_task(cluster="shop", task=task["taskArn"])
    aws.advance()
    (stopped,) = estate.tasks(status="STOPPED")
    assert stopped["lastStatus"] == "STOPPED"
    assert stopped["stoppedAt"] >= stopped["createdAt"]
    assert stopped["attachments"][0]["status"] == "DELETED"
    interface = next(d["value"] for d in stopped["attachments"][0]["details"] if d["name"] == "networkInterfaceId")
    assert interface not in [i["NetworkInterfaceId"] for i in estate.interfaces()]
    aws.advance(4000)
    assert estate.tasks(name=None, status="STOPPED") == []


def test_a_group_that_keeps_the_balancer_out_makes_targets_time_out_and_tasks_be_replaced(aws: Any) -> None:
    estate = behind_balancer(aws, sources=("10.99.0.0/16",))
    aws.advance(0.3)
    aws.advance(0.3)
    reasons = {task["stoppedReason"] for task in estate.tasks(status="STOPPED")}
    assert reasons == {f"Task failed ELB health checks in (target-group {estate.group_id})"}
    assert any("is unhealthy in (target-group" in event["message"] for event in estate.shown()["events"])
    assert estate.shown()["deployments"][0]["rolloutState"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("image", "reason"),
    [("web:sandbox-unhealthy", "Health checks failed with these codes: [503]"), ("web:1", None)],
)
def test_an_unhealthy_application_fails_its_health_check(aws: Any, image: str, reason: str | None) -> None:
    estate = behind_balancer(aws, image=image)
    aws.advance(0.3)
    aws.advance(0.3)
    messages = " ".join(event["message"] for event in estate.shown()["events"])
    assert (reason is not None and reason in messages) or (reason is None and "unhealthy" not in messages)


def test_an_acl_between_balancer_and_task_makes_the_target_time_out(aws: Any) -> None:
    estate = behind_balancer(aws, healthCheckGracePeriodSeconds=2)
    aws.advance(times=2)
    assert estate.healths(estate.group_id) == [("healthy", None)] * 2
    aws.ec2.create_network_acl_entry(
        NetworkAclId=estate.acl,
        RuleNumber=90,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="10.0.0.0/16",
        PortRange={"From": 80, "To": 80},
    )
    states = estate.healths(estate.group_id)
    assert ("unhealthy", "Target.Timeout") in states or ("draining", "Target.DeregistrationInProgress") in states


def test_a_rolling_deployment_keeps_the_old_tasks_until_the_new_ones_are_healthy(aws: Any) -> None:
    estate = behind_balancer(aws)
    aws.advance(times=2)
    aws.define(image="nginx:2")
    aws.ecs.update_service(cluster="shop", service="web", taskDefinition="web")
    first, second = estate.shown()["deployments"]
    assert (first["status"], first["pendingCount"], first["rolloutState"]) == ("PRIMARY", 2, "IN_PROGRESS")
    assert (second["status"], second["runningCount"], second["desiredCount"]) == ("ACTIVE", 2, 0)
    assert (first["taskDefinition"][-2:], second["taskDefinition"][-2:]) == (":2", ":1")
    aws.advance(0.1, times=3)
    assert sum(d["runningCount"] for d in estate.shown()["deployments"]) >= 2
    aws.advance(times=3)
    (only,) = estate.shown()["deployments"]
    assert (only["taskDefinition"][-2:], only["rolloutState"]) == (":2", "COMPLETED")
    assert len(estate.tasks()) == 2


@pytest.mark.parametrize(("least", "most", "together"), [(100, 200, 4), (50, 100, 2), (0, 100, 2), (100, 150, 3)])
def test_the_percentages_limit_how_many_tasks_run_at_once(aws: Any, least: int, most: int, together: int) -> None:
    estate = aws.network()
    aws.define()
    limits = {"minimumHealthyPercent": least, "maximumPercent": most}
    estate.service(deploymentConfiguration=limits, availabilityZoneRebalancing="DISABLED")
    aws.advance(times=2)
    aws.define(image="nginx:2")
    aws.ecs.update_service(cluster="shop", service="web", taskDefinition="web")
    seen = []
    for _ in range(12):
        seen.append(len(estate.tasks()))
        running = sum(task["lastStatus"] == "RUNNING" for task in estate.tasks())
        assert running >= 2 * least // 100
        aws.advance(0.15)
    assert max(seen) == together
    assert [d["rolloutState"] for d in estate.shown()["deployments"]] == ["COMPLETED"]


def test_no_room_to_move_leaves_a_deployment_where_it_is(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    estate.service(deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100})
    aws.advance(times=2)
    aws.ecs.update_service(cluster="shop", service="web", forceNewDeployment=True)
    aws.advance(times=5)
    assert [d["runningCount"] for d in estate.shown()["deployments"]] == [0, 2]


def test_the_circuit_breaker_rolls_back_to_the_last_good_deployment(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    estate.service(deploymentConfiguration=breaker)
    aws.advance(times=2)
    aws.define(image="nginx:sandbox-crash")
    aws.ecs.update_service(cluster="shop", service="web", taskDefinition="web")
    failed: dict[str, Any] = {}
    for _ in range(20):
        aws.advance(0.3)
        failed |= {d["id"]: d for d in estate.shown()["deployments"] if d["rolloutState"] == "FAILED"}
    (broken,) = failed.values()
    assert broken["failedTasks"] >= 3
    assert broken["rolloutStateReason"].startswith("ECS deployment circuit breaker: tasks failed to start.")
    shown = estate.shown()
    assert (shown["taskDefinition"][-2:], shown["runningCount"]) == (":1", 2)
    assert f"rolling back to deploymentId {shown['deployments'][0]['id']}" in broken["rolloutStateReason"]
    assert [d["rolloutState"] for d in shown["deployments"]] == ["COMPLETED"]
    stopped = estate.tasks(status="STOPPED")
    assert {t["taskDefinitionArn"][-2:] for t in stopped} == {":2"}
    assert {t["stopCode"] for t in stopped} == {"EssentialContainerExited"}
    assert {t["containers"][0]["exitCode"] for t in stopped} == {1}


def test_a_first_deployment_that_fails_stalls(aws: Any) -> None:
    estate = aws.network()
    aws.define(image="nginx:sandbox-missing")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    estate.service(deploymentConfiguration=breaker)
    aws.advance(0.5, times=20)
    (only,) = estate.shown()["deployments"]
    assert (only["rolloutState"], only["status"], only["runningCount"]) == ("FAILED", "PRIMARY", 0)
    assert only["failedTasks"] == 4
    assert estate.tasks() == []


def test_without_a_breaker_failures_are_retried_ever_more_slowly(aws: Any) -> None:
    estate = aws.network()
    aws.define(image="nginx:sandbox-missing")
    estate.service(count=1)
    aws.advance(0.2, times=60)
    failures = estate.shown()["deployments"][0]["failedTasks"]
    assert 5 <= failures <= 20
    assert any("unable to consistently start tasks" in e["message"] for e in estate.shown()["events"])


def test_scaling_starts_and_stops_tasks_without_a_deployment(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    estate.service(count=1)
    aws.advance(times=2)
    (before,) = estate.shown()["deployments"]
    aws.ecs.update_service(cluster="shop", service="web", desiredCount=3)
    aws.advance(times=2)
    assert estate.shown()["runningCount"] == 3
    aws.ecs.update_service(cluster="shop", service="web", desiredCount=0)
    aws.advance(times=2)
    shown = estate.shown()
    assert (shown["runningCount"], shown["desiredCount"], shown["deployments"][0]["id"]) == (0, 0, before["id"])


def test_a_deleted_service_drains_and_then_frees_its_name(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    estate.service()
    aws.advance(times=2)
    assert aws.refused(aws.ecs.delete_service, cluster="shop", service="web")[1] == (
        "The service cannot be stopped while it is scaled above 0."
    )
    assert aws.refused(aws.ecs.delete_cluster, cluster="shop")[0] == "ClusterContainsServicesException"
    assert aws.ecs.delete_service(cluster="shop", service="web", force=True)["service"]["status"] == "DRAINING"
    assert aws.refused(estate.service)[1] == "Unable to Start a service that is still Draining."
    aws.advance(times=2)
    assert estate.shown()["status"] == "INACTIVE"
    assert aws.ecs.list_services(cluster="shop")["serviceArns"] == []
    assert [i for i in estate.interfaces() if "attachment" in i["Description"]] == []
    estate.service()
    assert aws.refused(estate.service, desiredCount=5)[1] == "Creation of service was not idempotent."


def test_services_keep_what_the_request_says(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    connect = {"enabled": True, "namespace": "shop.local"}
    made = estate.service(
        healthCheckGracePeriodSeconds=60,
        enableExecuteCommand=True,
        serviceConnectConfiguration=connect,
        deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50},
        enableECSManagedTags=True,
        propagateTags="SERVICE",
        platformVersion="LATEST",
    )
    assert made["healthCheckGracePeriodSeconds"] == 60
    assert made["enableExecuteCommand"] is True
    assert made["deployments"][0]["serviceConnectConfiguration"] == connect
    assert made["deploymentConfiguration"]["maximumPercent"] == 150
    assert made["deployments"][0]["platformVersion"] == "1.4.0"
    assert made["availabilityZoneRebalancing"] == "ENABLED"
    listed = aws.ecs.list_services_by_namespace(namespace="shop.local")["serviceArns"]
    assert listed == [made["serviceArn"]]


def test_spot_comes_by_strategy_and_shows_its_provider(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    aws.ecs.create_cluster(clusterName="shop")
    aws.ecs.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition="web",
        desiredCount=1,
        capacityProviderStrategy=strategy,
        networkConfiguration=estate.placed(),
    )
    (task,) = estate.tasks()
    assert task["capacityProviderName"] == "FARGATE_SPOT"
    assert estate.shown()["capacityProviderStrategy"] == strategy


def test_pages_of_services_and_tasks(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    for number in range(12):
        estate.service(f"s{number}", count=1)
    assert len(aws.ecs.list_services(cluster="shop")["serviceArns"]) == 10
    pages = aws.ecs.get_paginator("list_services").paginate(cluster="shop")
    assert [len(page["serviceArns"]) for page in pages] == [10, 2]
    tasks = aws.ecs.get_paginator("list_tasks").paginate(cluster="shop", PaginationConfig={"PageSize": 5})
    assert [len(page["taskArns"]) for page in tasks] == [5, 5, 2]
    assert len(aws.ecs.list_tasks(cluster="shop", serviceName="s3")["taskArns"]) == 1


def test_a_full_subnet_fails_the_task_and_not_the_service(aws: Any) -> None:
    estate = aws.network(zones="")
    tiny = aws.ec2.create_subnet(VpcId=estate.vpc, CidrBlock="10.0.9.0/28")["Subnet"]["SubnetId"]
    estate.subnets = [tiny]
    aws.define()
    estate.service(count=12)
    (stopped,) = estate.tasks(status="STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith(
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet "
        f"'{tiny}'"
    )
    addresses = {i["PrivateIpAddress"] for i in estate.interfaces()}
    assert len(addresses) == 11
    assert all(ip_address(a) in ip_network("10.0.9.0/28") for a in addresses)


def test_run_task_and_its_token(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    aws.ecs.create_cluster(clusterName="shop")
    asked = {"cluster": "shop", "taskDefinition": "web", "networkConfiguration": estate.placed(), "clientToken": "t1"}
    first = aws.ecs.run_task(count=2, **asked)["tasks"]
    again = aws.ecs.run_task(count=2, **asked)["tasks"]
    assert [t["taskArn"] for t in first] == [t["taskArn"] for t in again]
    assert aws.refused(aws.ecs.run_task, count=1, **asked)[0] == "ConflictException"
    assert {t["group"] for t in first} == {"family:web"}
    aws.advance()
    assert {t["lastStatus"] for t in estate.tasks(name=None)} == {"RUNNING"}
    assert aws.ecs.describe_clusters(clusters=["shop"])["clusters"][0]["runningTasksCount"] == 2
    assert aws.refused(aws.ecs.delete_cluster, cluster="shop")[0] == "ClusterContainsTasksException"


def test_a_network_that_is_taken_away_stops_new_tasks_and_not_the_sandbox(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    group = estate.group("web")
    estate.service(count=0, networkConfiguration=estate.placed(group))
    aws.ec2.delete_security_group(GroupId=group)
    aws.ecs.update_service(cluster="shop", service="web", desiredCount=1)
    (stopped,) = estate.tasks(status="STOPPED")
    assert "InvalidGroup.NotFound" in stopped["stoppedReason"]
    aws.ecs.update_service(cluster="shop", service="web", desiredCount=0)
    aws.advance()
    aws.ec2.delete_subnet(SubnetId=estate.subnets[0])
    aws.ecs.update_service(cluster="shop", service="web", desiredCount=1)
    aws.advance(2)
    assert estate.tasks() == []
    assert (
        f"unable to place a task. Reason: The subnet ID '{estate.subnets[0]}' does not exist"
        in (estate.shown()["events"][0]["message"])
    )
