from __future__ import annotations

from typing import Any

import pytest

BASE: dict[str, Any] = {
    "family": "web",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "app", "image": "nginx"}],
}


def containers(*port_mappings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "containerDefinitions": [
            {"name": f"c{n}", "image": "nginx", "portMappings": mappings} for n, mappings in enumerate(port_mappings)
        ]
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cpu": "256", "memory": "3072"}, "No Fargate configuration exists for given values"),
        ({"cpu": "300"}, "Invalid 'cpu' setting for task"),
        ({"networkMode": "bridge"}, "Fargate only supports network mode 'awsvpc'"),
        ({"family": "a b"}, "Family contains invalid characters"),
        ({"containerDefinitions": []}, "Container definitions should not be null or empty"),
        ({"ephemeralStorage": {"sizeInGiB": 10}}, "between 21 and 200"),
        (
            containers([{"containerPort": 80, "hostPort": 8080}]),
            "the host ports and container ports in port mappings must match",
        ),
        (containers([{"containerPort": 0}]), "Invalid 'containerPort' setting for container 'c0'"),
        (
            containers([{"containerPort": 3000}], [{"containerPort": 3000}]),
            "TCP host port '3000' is mapped multiple times in task.",
        ),
        (
            containers([{"containerPort": 53}, {"containerPort": 53, "protocol": "udp"}]),
            "Container port 53 is used in more than one port mapping for container c0",
        ),
        (
            {"containerDefinitions": [{"name": "app", "image": "nginx", "essential": False}]},
            "At least one container in the task definition must be essential",
        ),
        (
            {"containerDefinitions": [{"name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1"}]},
            "execution role ARN to support ECR images",
        ),
    ],
)
def test_task_definitions_that_ecs_refuses(aws: Any, change: dict[str, Any], words: str) -> None:
    assert words in aws.refused(aws.ecs.register_task_definition, **(BASE | change))[1]
    assert aws.ecs.list_task_definitions()["taskDefinitionArns"] == []


@pytest.mark.parametrize(("cpu", "memory", "stored"), [("1 vCPU", "2 GB", ("1024", "2048")), ("32768", "249856", None)])
def test_sizes_are_stored_in_units(aws: Any, cpu: str, memory: str, stored: tuple[str, str] | None) -> None:
    made = aws.ecs.register_task_definition(**(BASE | {"cpu": cpu, "memory": memory}))["taskDefinition"]
    assert (made["cpu"], made["memory"]) == (stored or (cpu, memory))


def test_revisions_families_and_deregistration(aws: Any) -> None:
    first = aws.ecs.register_task_definition(**BASE, tags=[{"key": "a", "value": "b"}])["taskDefinition"]
    second = aws.ecs.register_task_definition(**BASE)["taskDefinition"]
    aws.ecs.register_task_definition(**(BASE | {"family": "web-2"}))
    assert [first["revision"], second["revision"]] == [1, 2]
    assert aws.ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"] == [
        first["taskDefinitionArn"],
        second["taskDefinitionArn"],
    ]
    assert aws.ecs.list_task_definition_families(familyPrefix="web")["families"] == ["web", "web-2"]
    shown = aws.ecs.describe_task_definition(taskDefinition="web:1", include=["TAGS"])
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    aws.ecs.deregister_task_definition(taskDefinition="web:2")
    assert aws.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["revision"] == 1
    assert aws.ecs.describe_task_definition(taskDefinition="web:2")["taskDefinition"]["status"] == "INACTIVE"
    assert aws.ecs.delete_task_definitions(taskDefinitions=["web:1"])["failures"]
    aws.ecs.delete_task_definitions(taskDefinitions=["web:2"])
    assert aws.refused(aws.ecs.describe_task_definition, taskDefinition="web:2")[0] == "ClientException"


def network(estate: Any, **change: Any) -> dict[str, Any]:
    placed = estate.placed()
    placed["awsvpcConfiguration"] |= change
    return {"networkConfiguration": placed}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda e: {"networkConfiguration": {}}, "Network Configuration must be provided"),
        (lambda e: network(e, subnets=["subnet-0"]), "The subnet ID 'subnet-0' does not exist"),
        (lambda e: network(e, subnets=e.subnets * 9), "subnets can have at most 16 items"),
        (lambda e: network(e, securityGroups=["sg-1"] * 6), "securityGroups can have at most 5 items"),
        (lambda e: network(e, securityGroups=["sg-1"]), "The security group 'sg-1' does not exist"),
        (lambda e: network(e, subnets=[*e.subnets, *e.aws.network().subnets]), "must belong to the same VPC"),
        (lambda e: {"definition": "nothing"}, "Unable to describe task definition"),
        (
            lambda e: {"loadBalancers": [{"targetGroupArn": e.targets(), "containerName": "app", "containerPort": 80}]},
            "does not have an associated load balancer",
        ),
        (
            lambda e: {"loadBalancers": [{"targetGroupArn": e.targets(), "containerName": "no", "containerPort": 80}]},
            "The container no does not exist in the task definition",
        ),
        (
            lambda e: {"loadBalancers": [{"targetGroupArn": e.targets(), "containerName": "app", "containerPort": 81}]},
            "The container app did not have a container port 81 defined",
        ),
        (
            lambda e: {"deploymentConfiguration": {"maximumPercent": 100}, "availabilityZoneRebalancing": "ENABLED"},
            "Availability Zone rebalancing",
        ),
        (
            lambda e: {"serviceRegistries": [{"registryArn": "arn:x", "containerName": "app", "port": 80}]},
            "Only one of port and containerPort",
        ),
        (
            lambda e: {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
            "both a launch type and capacity provider strategy",
        ),
    ],
)
def test_services_that_ecs_refuses(aws: Any, wrong: Any, words: str) -> None:
    estate = aws.network()
    aws.define()
    assert words in aws.refused(estate.service, **wrong(estate))[1]
    assert aws.ecs.list_services(cluster="shop")["serviceArns"] == []
    assert estate.interfaces(interface_type="interface", status="in-use") == []


def test_clusters(aws: Any) -> None:
    first = aws.ecs.create_cluster(clusterName="shop", tags=[{"key": "a", "value": "b"}])["cluster"]
    assert aws.ecs.create_cluster(clusterName="shop")["cluster"]["clusterArn"] == first["clusterArn"]
    (shown,) = aws.ecs.describe_clusters(clusters=["shop"], include=["TAGS", "SETTINGS"])["clusters"]
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    assert shown["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert aws.ecs.describe_clusters(clusters=["none"])["failures"][0]["reason"] == "MISSING"
    aws.ecs.tag_resource(resourceArn=first["clusterArn"], tags=[{"key": "c", "value": "d"}])
    aws.ecs.untag_resource(resourceArn=first["clusterArn"], tagKeys=["a"])
    assert aws.ecs.list_tags_for_resource(resourceArn=first["clusterArn"])["tags"] == [{"key": "c", "value": "d"}]
    aws.ecs.delete_cluster(cluster="shop")
    assert aws.ecs.list_clusters()["clusterArns"] == []
    assert aws.ecs.describe_clusters(clusters=["shop"])["clusters"][0]["status"] == "INACTIVE"
    assert aws.refused(aws.ecs.list_services, cluster="shop")[0] == "ClusterNotFoundException"


def test_scaling_asks_the_simulated_service(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    estate.service(count=1)
    target = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/shop/web",
    }
    aws.scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
    assert aws.scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]["MaxCapacity"] == 4
    missing = target | {"ResourceId": "service/shop/none"}
    assert aws.refused(aws.scaling.register_scalable_target, **missing, MinCapacity=1, MaxCapacity=4)[0] == (
        "ValidationException"
    )


def test_a_parameter_is_written_once(aws: Any) -> None:
    aws.ssm.put_parameter(Name="/lock", Value="me", Type="String", Overwrite=False)
    refused = aws.refused(aws.ssm.put_parameter, Name="/lock", Value="you", Type="String", Overwrite=False)
    assert refused[0] == "ParameterAlreadyExists"


def test_the_execution_policy_of_aws_can_be_attached(aws: Any) -> None:
    aws.role()
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    aws.iam.attach_role_policy(RoleName="execution", PolicyArn=policy)
    (attached,) = aws.iam.list_attached_role_policies(RoleName="execution")["AttachedPolicies"]
    assert attached["PolicyArn"] == policy


def test_the_tagging_api_lists_the_simulated_ecs(aws: Any) -> None:
    estate = aws.network()
    aws.define()
    aws.ecs.create_cluster(clusterName="shop", tags=[{"key": "stack", "value": "shop"}])
    made = estate.service(tags=[{"key": "stack", "value": "shop"}])
    wanted = [{"Key": "stack", "Values": ["shop"]}]
    found = aws.resourcegroupstaggingapi.get_resources(TagFilters=wanted)["ResourceTagMappingList"]
    assert {item["ResourceARN"] for item in found} == {made["serviceArn"], made["clusterArn"]}


def test_fargate_has_two_capacity_providers(aws: Any) -> None:
    shown = aws.ecs.describe_capacity_providers()["capacityProviders"]
    assert [provider["name"] for provider in shown] == ["FARGATE", "FARGATE_SPOT"]
