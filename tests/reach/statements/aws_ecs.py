"""ECS clusters, services, tasks and Cloud Map names as the AWS CLI prints them. Never here: EC2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.reach.statements.aws_json import OWNER, Account, Raw, arn

CLUSTER = "shop"
ECR_IMAGE = f"{OWNER}.dkr.ecr.eu-west-1.amazonaws.com/web:1"


def container(name: str, *ports: int, image: str = ECR_IMAGE, protocol: str = "tcp", **more: Any) -> Raw:
    """One container definition, without logs, secrets or environment files unless given."""
    return {
        "name": name,
        "image": image,
        "cpu": 0,
        "essential": True,
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": protocol} for port in ports],
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
    } | more


def logs() -> Raw:
    """The log configuration that sends a container's output to CloudWatch."""
    options = {"awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}
    return {"logConfiguration": {"logDriver": "awslogs", "options": options}}


def service(
    account: Account,
    name: str,
    tasks: Sequence[Mapping[str, str]],
    *containers: Raw,
    group: str,
    subnets: Sequence[str] = (),
    public: bool = False,
    targets: Sequence[tuple[str, str, int]] = (),
    platform: str = "1.4.0",
    exec: bool = False,
    **more: Any,
) -> list[str]:
    """A Fargate service with its running tasks, each ``{"eni", "subnet", "ip"}`` and perhaps ``public``, ``ipv6``.

    Their ids. Interfaces are added as ECS makes them.
    """
    definition = arn("ecs", f"task-definition/{name}:7")
    cluster = arn("ecs", f"cluster/{CLUSTER}")
    if cluster not in account.items:
        account.add("clusters", cluster, {"clusterArn": cluster, "clusterName": CLUSTER, "status": "ACTIVE"})
    account.answer(
        taskDefinition={
            "taskDefinitionArn": definition,
            "containerDefinitions": list(containers),
            "family": name,
            "revision": 7,
            "networkMode": "awsvpc",
            "volumes": [],
            "status": "ACTIVE",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": f"arn:aws:iam::{OWNER}:role/ecsTaskExecutionRole",
        },
        tags=[],
    )
    where = list(subnets) or list(dict.fromkeys(task["subnet"] for task in tasks))
    account.add(
        "services",
        name,
        {
            "serviceArn": arn("ecs", f"service/{CLUSTER}/{name}"),
            "serviceName": name,
            "clusterArn": cluster,
            "status": "ACTIVE",
            "desiredCount": max(1, len(tasks)),
            "runningCount": len(tasks),
            "pendingCount": 0,
            "launchType": "FARGATE",
            "platformVersion": platform,
            "taskDefinition": definition,
            "loadBalancers": [
                {"targetGroupArn": target, "containerName": who, "containerPort": port} for target, who, port in targets
            ],
            "serviceRegistries": [],
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "deployments": [],
            "events": [],
            "createdAt": "2026-01-15T09:30:00.123000+00:00",
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": where,
                    "securityGroups": [group],
                    "assignPublicIp": "ENABLED" if public else "DISABLED",
                }
            },
            "enableExecuteCommand": exec,
            "schedulingStrategy": "REPLICA",
        }
        | more,
    )
    return [
        _task(account, name, number, task, definition, containers, group, platform) for number, task in enumerate(tasks)
    ]


def _task(
    account: Account,
    name: str,
    number: int,
    task: Mapping[str, str],
    definition: str,
    containers: Sequence[Raw],
    group: str,
    platform: str,
) -> str:
    task_id, uuid = f"{number:08x}{name.encode().hex():0>24}"[:32], f"0b0c0d0e-1111-4222-8333-{number:012d}"
    account.interface(
        task["eni"],
        task["subnet"],
        task["ip"],
        group,
        public=task.get("public", ""),
        ipv6=task.get("ipv6", ""),
        description=arn("ecs", f"attachment/{uuid}"),
    )
    details = {
        "subnetId": task["subnet"],
        "networkInterfaceId": task["eni"],
        "macAddress": "0a:1b:2c:3d:4e:5f",
        "privateIPv4Address": task["ip"],
    }
    if task.get("ipv6"):
        details["ipv6Address"] = task["ipv6"]
    account.add(
        "tasks",
        task_id,
        {
            "attachments": [
                {
                    "id": uuid,
                    "type": "ElasticNetworkInterface",
                    "status": "ATTACHED",
                    "details": [{"name": key, "value": value} for key, value in details.items()],
                }
            ],
            "availabilityZone": account.items[task["subnet"]]["AvailabilityZone"],
            "clusterArn": arn("ecs", f"cluster/{CLUSTER}"),
            "connectivity": "CONNECTED",
            "containers": [
                {"name": held["name"], "lastStatus": "RUNNING", "healthStatus": "UNKNOWN"} for held in containers
            ],
            "desiredStatus": "RUNNING",
            "group": f"service:{name}",
            "lastStatus": "RUNNING",
            "launchType": "FARGATE",
            "platformVersion": platform,
            "taskArn": arn("ecs", f"task/{CLUSTER}/{task_id}"),
            "taskDefinitionArn": definition,
        },
    )
    return task_id


def cloud_map(
    account: Account, vpc: str, domain: str, name: str, ips: Sequence[str], *, type: str = "DNS_PRIVATE"
) -> None:
    """A namespace with one service of these instances; its hosted zone is Route 53's."""
    zone, namespace, srv = "Z0123456789ABCDEFGHIJ", "ns-0123456789abcdef", "srv-0123456789abcdef"
    account.add(
        "Namespaces",
        namespace,
        {
            "Id": namespace,
            "Arn": arn("servicediscovery", f"namespace/{namespace}"),
            "Name": domain,
            "Type": type,
            "Properties": {"DnsProperties": {"HostedZoneId": zone, "SOA": {}}, "HttpProperties": {"HttpName": domain}},
            "CreateDate": "2026-01-15T09:30:00+00:00",
        },
    )
    private = type == "DNS_PRIVATE"
    held = {
        "Id": f"/hostedzone/{zone}",
        "Name": f"{domain}.",
        "CallerReference": "x",
        "Config": {"PrivateZone": private},
        "ResourceRecordSetCount": 3,
    }
    account.add("HostedZones", zone, held)
    account.answer(HostedZone=held, VPCs=[{"VPCRegion": "eu-west-1", "VPCId": vpc}] if private else [])
    account.answer(
        HostedZoneId=zone,
        ResourceRecordSets=[
            {
                "Name": f"{name}.{domain}.",
                "Type": "A",
                "TTL": 10,
                "MultiValueAnswer": True,
                "ResourceRecords": [{"Value": ip}],
            }
            for ip in ips
        ],
    )
    dns = {"NamespaceId": namespace, "RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 10}]}
    item = {
        "Id": srv,
        "Arn": arn("servicediscovery", f"service/{srv}"),
        "Name": name,
        "NamespaceId": namespace,
        "Type": "DNS_HTTP",
        "DnsConfig": dns,
        "CreateDate": "2026-01-15T09:30:00+00:00",
    }
    account.add("Services", srv, {key: value for key, value in item.items() if key != "NamespaceId"})
    account.answer(Service=item)
    account.answer(
        ServiceId=srv,
        Instances=[{"Id": f"i{n}", "Attributes": {"AWS_INSTANCE_IPV4": ip}} for n, ip in enumerate(ips)],
    )
