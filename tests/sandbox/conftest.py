"""One sandbox per test worker, emptied before each test, with a clock that only the test moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fargate_net.sandbox.server import Threaded, threaded

REGION = "eu-west-1"


class Aws:
    """Clients of the sandbox by service name, and the builders that most tests need."""

    def __init__(self, served: Threaded) -> None:
        self.control = served.control
        self.endpoint = served.endpoint
        self._clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        name = {"sd": "servicediscovery", "scaling": "application-autoscaling"}.get(service, service)
        if name not in self._clients:
            self._clients[name] = self.client(name)
        return self._clients[name]

    def client(self, name: str, retries: int = 1) -> Any:
        """A client of its own; one attempt a call unless told otherwise."""
        return boto3.client(
            name,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
            config=Config(
                retries={"total_max_attempts": retries, "mode": "standard"},
                inject_host_prefix=False,
                proxies={},
            ),
        )

    def advance(self, seconds: float = 1.0, times: int = 1) -> None:
        """Let sandbox time pass, in steps when things must happen one after the other."""
        for _ in range(times):
            self.control.advance(seconds)

    def refused(self, call: Any, **params: Any) -> tuple[str, str]:
        """Code and message of the error that a call must raise."""
        with pytest.raises(ClientError) as caught:
            call(**params)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    def network(self, *, public: bool = True, zones: str = "ab", dns: bool = True) -> Estate:
        """A VPC with one /24 per zone; `public` gives its main route table an internet gateway."""
        return Estate(self, public=public, zones=zones, dns=dns)

    def role(self, name: str = "execution") -> str:
        """An execution role."""
        trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        return str(self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])

    def define(self, family: str = "web", image: str = "nginx:1", **container: Any) -> str:
        """A task definition with one container on port 80; returns its ARN."""
        role = (
            {}
            if "dkr.ecr" not in image and "logConfiguration" not in container
            else {"executionRoleArn": "arn:aws:iam::123456789012:role/execution"}
        )
        definition = {"name": "app", "image": image, "portMappings": [{"containerPort": 80}], **container}
        registered = self.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[definition],
            **role,
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])


class Estate:
    """A small network in the sandbox and short ways to use it."""

    def __init__(self, aws: Aws, *, public: bool, zones: str, dns: bool) -> None:
        self.aws = aws
        ec2 = aws.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        if dns:
            ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate(zones)
        ]
        here = [{"Name": "vpc-id", "Values": [self.vpc]}]
        self.table = ec2.describe_route_tables(Filters=here)["RouteTables"][0]["RouteTableId"]
        self.acl = ec2.describe_network_acls(Filters=here)["NetworkAcls"][0]["NetworkAclId"]
        if public:
            self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
            ec2.create_route(RouteTableId=self.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=self.gateway)

    def group(self, name: str, *sources: str, port: int = 80) -> str:
        """A security group that admits groups or CIDRs on one TCP port."""
        made = self.aws.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        for source in sources:
            peer = (
                {"UserIdGroupPairs": [{"GroupId": source}]}
                if source.startswith("sg-")
                else {"IpRanges": [{"CidrIp": source}]}
            )
            permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}
            self.aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        return str(made)

    def balancer(self, name: str = "front", group: str | None = None, **params: Any) -> str:
        """An Application Load Balancer in all subnets; returns its ARN."""
        groups = {"SecurityGroups": [group]} if group else {}
        made = self.aws.elbv2.create_load_balancer(**({"Name": name, "Subnets": self.subnets, **groups} | params))
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def targets(self, name: str = "web", balancer: str | None = None, port: int = 80) -> str:
        """A target group of addresses, behind a listener of the balancer when one is given; returns its ARN."""
        made = self.aws.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip", HealthCheckIntervalSeconds=30
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        if balancer:
            self.aws.elbv2.create_listener(
                LoadBalancerArn=balancer,
                Port=port,
                Protocol="HTTP",
                DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
            )
        return arn

    def placed(self, *groups: str, public_ip: bool = True) -> dict[str, Any]:
        """A network configuration in all subnets."""
        return {
            "awsvpcConfiguration": {
                "subnets": self.subnets,
                "securityGroups": list(groups),
                "assignPublicIp": "ENABLED" if public_ip else "DISABLED",
            }
        }

    def service(self, name: str = "web", definition: str = "web", count: int = 2, **params: Any) -> dict[str, Any]:
        """A service in the cluster `shop`, which is made when it is not there."""
        self.aws.ecs.create_cluster(clusterName="shop")
        given = {
            "cluster": "shop",
            "serviceName": name,
            "taskDefinition": definition,
            "desiredCount": count,
            "launchType": "FARGATE",
            "networkConfiguration": self.placed(),
        }
        made: dict[str, Any] = self.aws.ecs.create_service(**(given | params))["service"]
        return made

    def shown(self, name: str = "web") -> dict[str, Any]:
        """The service as DescribeServices shows it."""
        found: dict[str, Any] = self.aws.ecs.describe_services(cluster="shop", services=[name])["services"][0]
        return found

    def tasks(self, name: str | None = "web", status: str = "RUNNING") -> list[dict[str, Any]]:
        """The tasks of a service by wanted status."""
        of = {"serviceName": name} if name else {}
        arns = self.aws.ecs.list_tasks(cluster="shop", desiredStatus=status, **of)["taskArns"]
        found: list[dict[str, Any]] = self.aws.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []
        return found

    def interfaces(self, **filters: str) -> list[dict[str, Any]]:
        """The network interfaces of the VPC that pass filters, given with _ for -."""
        wanted = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        wanted.append({"Name": "vpc-id", "Values": [self.vpc]})
        found: list[dict[str, Any]] = self.aws.ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
        return found

    def healths(self, target_group: str) -> list[tuple[str, str | None]]:
        """State and reason of each target."""
        shown = self.aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return [(t["TargetHealth"]["State"], t["TargetHealth"].get("Reason")) for t in shown]


@pytest.fixture(scope="session")
def served() -> Iterator[Aws]:
    with threaded() as sandbox:
        yield Aws(sandbox)


@pytest.fixture
def aws(served: Aws) -> Aws:
    served.control.reset()
    served.control.apply({"frozen": True})
    return served
