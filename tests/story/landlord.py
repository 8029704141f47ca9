"""Somebody else's network, made with boto3 before the story begins: what a stack may be put into.

Never here: a call through the tool under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fargate_net.app import Wire
from fargate_net.app.wire import connect
from fargate_net.engine.observe import observe
from fargate_net.kinds.base import Scope
from tests.story.conftest import Teller

REGION = "eu-west-1"
ZONES = ("eu-west-1a", "eu-west-1b")
TAG = [{"Key": "owner", "Value": "landlord"}]


@dataclass(frozen=True)
class Estate:
    """The ids of a VPC with a NAT gateway, two public and two private subnets; ``spare`` serves none of them."""

    vpc: str
    public: tuple[str, str]
    private: tuple[str, str]
    public_table: str
    private_table: str
    nat: str
    gateway: str


def estate(tell: Teller, cidr: str = "10.77.0.0/16") -> Estate:
    """A VPC as a landlord keeps it: DNS on, an internet gateway, one NAT gateway for the private subnets."""
    ec2 = tell.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=[{"ResourceType": "vpc", "Tags": TAG}])["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    first, second = cidr.split(".")[:2]
    public = tuple(subnet(tell, vpc, f"{first}.{second}.{n}.0/24", zone, "public") for n, zone in enumerate(ZONES))
    private = tuple(subnet(tell, vpc, f"{first}.{second}.{n + 10}.0/24", z, "private") for n, z in enumerate(ZONES))
    public_table = table(tell, vpc, public, GatewayId=gateway)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    tell.served.control.advance(600)
    private_table = table(tell, vpc, private, NatGatewayId=nat)
    return Estate(vpc, public, private, public_table, private_table, nat, gateway)  # type: ignore[arg-type]


def subnet(tell: Teller, vpc: str, cidr: str, zone: str, tier: str) -> str:
    """One subnet with a tag that says its tier."""
    tags = [*TAG, {"Key": "tier", "Value": tier}]
    made = tell.client("ec2").create_subnet(
        VpcId=vpc,
        CidrBlock=cidr,
        AvailabilityZone=zone,
        TagSpecifications=[{"ResourceType": "subnet", "Tags": tags}],
    )
    return str(made["Subnet"]["SubnetId"])


def table(tell: Teller, vpc: str, subnets: tuple[str, ...], **way: str) -> str:
    """A route table of these subnets, with a default route if a way is given."""
    ec2 = tell.client("ec2")
    made = str(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])
    if way:
        ec2.create_route(RouteTableId=made, DestinationCidrBlock="0.0.0.0/0", **way)
    for one in subnets:
        ec2.associate_route_table(RouteTableId=made, SubnetId=one)
    return made


def group(tell: Teller, vpc: str, name: str, port: int = 80) -> str:
    """A security group that lets everybody in on one port."""
    ec2 = tell.client("ec2")
    made = str(ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"])
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
    return made


def cluster(tell: Teller, name: str, providers: tuple[str, ...] = ("FARGATE", "FARGATE_SPOT")) -> str:
    """An ECS cluster."""
    tell.client("ecs").create_cluster(clusterName=name, capacityProviders=list(providers))
    return name


def listener(tell: Teller, estate: Estate, group: str) -> str:
    """An Application Load Balancer in the public subnets with one HTTP listener that answers 404."""
    elb = tell.client("elbv2")
    balancer = elb.create_load_balancer(Name="landlord", Subnets=list(estate.public), SecurityGroups=[group])
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
    made = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[answer],
    )
    tell.served.control.advance(600)
    return str(made["Listeners"][0]["ListenerArn"])


def namespace(tell: Teller, name: str, vpc: str | None) -> str:
    """A private DNS namespace of the VPC, or without one an HTTP namespace; its id."""
    cloud_map = tell.client("servicediscovery")
    if vpc is None:
        cloud_map.create_http_namespace(Name=name)
    else:
        cloud_map.create_private_dns_namespace(Name=name, Vpc=vpc)
    tell.served.control.advance(600)
    found = [item["Id"] for item in cloud_map.list_namespaces()["Namespaces"] if item["Name"] == name]
    return str(found[0])


def inventory(tell: Teller) -> dict[tuple[str, str], Any]:
    """Everything in the Region, whoever made it: properties, status and tags by kind and id."""
    live = observe(connect(Wire(region=REGION, endpoint_url=tell.served.endpoint)), Scope())
    return {(item.kind, item.id): (item.props, dict(item.status), dict(item.tags)) for item in live}
