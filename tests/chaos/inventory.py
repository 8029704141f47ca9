"""Everything in the account, asked with plain boto3: a second pair of eyes that shares no code with the tool.

A thing is known by its type and a label without ids: the tag of its key, else its own name, else what it is. So two
accounts that were built differently compare, and a thing that is there twice counts twice.

Never here: what ought to be there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-west-1"
STACK_TAG, KEY_TAG = "fargatenet:stack", "fargatenet:key"

_DEAD = {"deleted", "deleting", "DELETED", "INACTIVE"}


@dataclass(frozen=True, order=True)
class Item:
    """One thing: its type, its label, the stack it is tagged with, and all AWS says of it as text."""

    type: str
    label: str
    stack: str
    detail: str

    def __str__(self) -> str:
        return f"{self.type} {self.label}"


@cache
def hands(endpoint: str | None = None) -> Callable[[str], Any]:
    """Clients by service name; ``endpoint`` is that of a sandbox in another process (None: the one in this process).

    To make all of them takes longer than a whole run, so they are made once.
    """
    options = {"aws_access_key_id": "else", "aws_secret_access_key": "else"} if endpoint else {}
    # Cloud Map puts "data-" before the host name, which no sandbox answers to.
    config = Config(inject_host_prefix=endpoint is None, proxies={} if endpoint else None)
    made = partial(boto3.client, region_name=REGION, endpoint_url=endpoint, config=config, **options)
    return cache(lambda service: made(service))


def account(client: Callable[[str], Any] | None = None) -> list[Item]:
    """Everything there is, in a stable order."""
    client = client or hands()
    return sorted(item for part in (_ec2, _balancers, _ecs, _names, _others) for item in part(client))


def counted(items: list[Item]) -> Counter[str]:
    """How often each label is there."""
    return Counter(str(item) for item in items)


def _item(type: str, thing: Mapping[str, Any], tags: Mapping[str, str], natural: str) -> Item:
    key = tags.get(KEY_TAG, "")
    # ECS gives the tags of a service to its tasks and their interfaces, under the key of the service.
    label = key or tags.get("Name", "") or natural
    return Item(type, label, tags.get(STACK_TAG, ""), json.dumps(thing, default=str, sort_keys=True))


def _tags(listed: Any) -> dict[str, str]:
    return {tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", "")) for tag in listed or ()}


def _ec2(client: Callable[[str], Any]) -> Iterator[Item]:
    ec2 = client("ec2")
    for sort, call, list_name, natural in (
        ("vpc", ec2.describe_vpcs, "Vpcs", "CidrBlock"),
        ("subnet", ec2.describe_subnets, "Subnets", "CidrBlock"),
        ("internet gateway", ec2.describe_internet_gateways, "InternetGateways", ""),
        ("egress-only gateway", ec2.describe_egress_only_internet_gateways, "EgressOnlyInternetGateways", ""),
        ("nat gateway", ec2.describe_nat_gateways, "NatGateways", ""),
        ("elastic ip", ec2.describe_addresses, "Addresses", ""),
        ("route table", ec2.describe_route_tables, "RouteTables", ""),
        ("security group", ec2.describe_security_groups, "SecurityGroups", "GroupName"),
        ("endpoint", ec2.describe_vpc_endpoints, "VpcEndpoints", "ServiceName"),
        ("flow log", ec2.describe_flow_logs, "FlowLogs", ""),
        ("network acl", ec2.describe_network_acls, "NetworkAcls", ""),
        ("interface", ec2.describe_network_interfaces, "NetworkInterfaces", "InterfaceType"),
    ):
        for thing in call()[list_name]:
            if thing.get("State", thing.get("state")) not in _DEAD:
                yield _item(sort, thing, _tags(thing.get("Tags", thing.get("TagSet"))), str(thing.get(natural, "")))


def _balancers(client: Callable[[str], Any]) -> Iterator[Item]:
    elb = client("elbv2")

    def tags(arn: str) -> dict[str, str]:
        return _tags(elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])

    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        arn = balancer["LoadBalancerArn"]
        yield _item("balancer", balancer, tags(arn), balancer["LoadBalancerName"])
        for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
            yield _item("listener", listener, tags(listener["ListenerArn"]), str(listener["Port"]))
            for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                if not rule["IsDefault"]:
                    yield _item("rule", rule, tags(rule["RuleArn"]), rule["Priority"])
    for group in elb.describe_target_groups()["TargetGroups"]:
        yield _item("target group", group, tags(group["TargetGroupArn"]), group["TargetGroupName"])


def _ecs(client: Callable[[str], Any]) -> Iterator[Item]:
    ecs = client("ecs")
    for arn in ecs.list_clusters()["clusterArns"]:
        cluster = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"][0]
        if cluster["status"] in _DEAD:
            continue
        kept = {name: cluster[name] for name in ("clusterName", "status", "tags")}
        yield _item("cluster", kept, _tags(cluster["tags"]), cluster["clusterName"])
        services = ecs.list_services(cluster=arn, maxResults=100)["serviceArns"]
        for service in (
            ecs.describe_services(cluster=arn, services=services[:10], include=["TAGS"])["services"] if services else ()
        ):
            if service["status"] not in _DEAD:
                kept = {name: service[name] for name in ("serviceName", "status", "taskDefinition", "desiredCount")}
                yield _item("service", kept, _tags(service["tags"]), service["serviceName"])
        running = ecs.list_tasks(cluster=arn, desiredStatus="RUNNING")["taskArns"]
        for task in ecs.describe_tasks(cluster=arn, tasks=running)["tasks"] if running else ():
            yield Item("task", task["group"], "", "")
    for arn in ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]:
        answer = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        family = answer["taskDefinition"]["family"]
        yield _item("task definition", {"family": family}, _tags(answer.get("tags")), family)


def _names(client: Callable[[str], Any]) -> Iterator[Item]:
    names, dns = client("servicediscovery"), client("route53")
    for namespace in names.list_namespaces()["Namespaces"]:
        tags = _tags(names.list_tags_for_resource(ResourceARN=namespace["Arn"])["Tags"])
        yield _item("namespace", {"name": namespace["Name"]}, tags, namespace["Name"])
    for service in names.list_services()["Services"]:
        tags = _tags(names.list_tags_for_resource(ResourceARN=service["Arn"])["Tags"])
        yield _item("discovery service", {"name": service["Name"]}, tags, service["Name"])
    for zone in dns.list_hosted_zones()["HostedZones"]:
        yield Item("zone", zone["Name"], "", "")
        if zone["Config"].get("PrivateZone"):
            continue  # Cloud Map fills the zones of its namespaces
        for record in dns.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if record["Type"] not in ("NS", "SOA"):
                yield Item("record", f"{record['Name']} {record['Type']}", "", json.dumps(record, sort_keys=True))


def _others(client: Callable[[str], Any]) -> Iterator[Item]:
    iam, logs, scaling, ssm = (client(name) for name in ("iam", "logs", "application-autoscaling", "ssm"))
    for role in iam.list_roles()["Roles"]:
        if "/aws-service-role/" not in role["Path"]:
            tags = _tags(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])
            kept = {name: role[name] for name in ("RoleName", "Path", "AssumeRolePolicyDocument")}
            yield _item("role", kept, tags, role["RoleName"])
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        kept = {"name": name, "days": group.get("retentionInDays")}
        yield _item("log group", kept, logs.list_tags_log_group(logGroupName=name)["tags"], name)
    for target in scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        yield Item("scaling target", target["ResourceId"], "", "")
    for parameter in ssm.describe_parameters()["Parameters"]:
        yield Item("parameter", parameter["Name"], "", "")
