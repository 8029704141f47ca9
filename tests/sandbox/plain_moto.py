"""Asks plain moto, without any repair, whether it still differs from AWS. Run in its own process.

Writes one JSON object to standard output: key of the repair -> true while moto differs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ |= {
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

PROBES: dict[str, Callable[[], bool]] = {}


def probe(key: str) -> Callable[[Callable[[], bool]], Callable[[], bool]]:
    def register(function: Callable[[], bool]) -> Callable[[], bool]:
        PROBES[key] = function
        return function

    return register


class Aws:
    def __getattr__(self, name: str) -> Any:
        made = boto3.client({"sd": "servicediscovery"}.get(name, name))
        setattr(self, name, made)
        return made


aws = Aws()


def works(call: Any, **params: Any) -> bool:
    try:
        call(**params)
    except (ClientError, NotImplementedError):
        return False
    return True


def vpc() -> tuple[str, list[str]]:
    made = aws.ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    aws.ec2.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
    subnets = [
        aws.ec2.create_subnet(VpcId=made, CidrBlock=f"192.168.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")
        for n, zone in enumerate("ab")
    ]
    return made, [subnet["Subnet"]["SubnetId"] for subnet in subnets]


def nat(subnet: str, **params: Any) -> dict[str, Any]:
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made: dict[str, Any] = aws.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **params)["NatGateway"]
    return made


def endpoint(home: str, subnets: list[str], service: str = "kms", **params: Any) -> dict[str, Any]:
    made: dict[str, Any] = aws.ec2.create_vpc_endpoint(
        VpcId=home,
        ServiceName=f"com.amazonaws.eu-west-1.{service}",
        VpcEndpointType="Interface",
        SubnetIds=subnets,
        **params,
    )["VpcEndpoint"]
    return made


def balancer(subnets: list[str], **params: Any) -> dict[str, Any]:
    given = {"Name": "front", "Subnets": subnets, "Scheme": "internal", **params}
    made: dict[str, Any] = aws.elbv2.create_load_balancer(**given)["LoadBalancers"][0]
    return made


def group(home: str, name: str = "web") -> str:
    made = aws.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=home, TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def definition(**change: Any) -> dict[str, Any]:
    given = {
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{"name": "app", "image": "nginx", "memory": 128}],
    }
    return given | change


def service(subnets: list[str], **change: Any) -> dict[str, Any]:
    aws.ecs.create_cluster(clusterName="shop")
    aws.ecs.register_task_definition(**definition())
    home = aws.ec2.describe_subnets(SubnetIds=subnets[:1])["Subnets"][0]["VpcId"]
    named = [{"Name": "vpc-id", "Values": [home]}]
    groups = [g["GroupId"] for g in aws.ec2.describe_security_groups(Filters=named)["SecurityGroups"]]
    placed = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups}}
    given = {
        "cluster": "shop",
        "serviceName": "web",
        "taskDefinition": "web",
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": placed,
    }
    made: dict[str, Any] = aws.ecs.create_service(**(given | change))["service"]
    return made


def task(subnets: list[str]) -> dict[str, Any]:
    placed = service(subnets)["networkConfiguration"]
    run = aws.ecs.run_task(cluster="shop", taskDefinition="web", launchType="FARGATE", networkConfiguration=placed)
    made: dict[str, Any] = run["tasks"][0]
    return made


def namespace(home: str, name: str = "shop.local") -> str:
    made = aws.sd.create_private_dns_namespace(Name=name, Vpc=home)["OperationId"]
    return str(aws.sd.get_operation(OperationId=made)["Operation"]["Targets"]["NAMESPACE"])


def registered(home: str) -> str:
    made = aws.sd.create_service(
        Name="web", NamespaceId=namespace(home), DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}]}
    )["Service"]["Id"]
    aws.sd.register_instance(ServiceId=made, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "192.168.0.9"})
    return str(made)


@probe("ec2.dry_run")
def _() -> bool:
    return works(aws.ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)


@probe("ec2.client_token")
def _() -> bool:
    home, _ = vpc()
    made = {aws.ec2.create_route_table(VpcId=home, ClientToken="t")["RouteTable"]["RouteTableId"] for _ in range(2)}
    return len(made) == 2


@probe("ec2.pages")
def _() -> bool:
    for _ in range(4):
        vpc()
    return len(aws.ec2.describe_subnets(MaxResults=5)["Subnets"]) > 5


@probe("ec2.elastic_address")
def _() -> bool:
    return str(aws.ec2.allocate_address(Domain="vpc")["PublicIp"]).startswith("127.")


@probe("ec2.default_group")
def _() -> bool:
    home, _ = vpc()
    named = [{"Name": "vpc-id", "Values": [home]}]
    return aws.ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["IpPermissions"] == []


@probe("ec2.group_tags")
def _() -> bool:
    home, _ = vpc()
    spec = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = aws.ec2.create_security_group(GroupName="g", Description="d", VpcId=home, TagSpecifications=spec)
    return "Tags" not in made


@probe("ec2.group_name")
def _() -> bool:
    home, _ = vpc()
    aws.ec2.create_security_group(GroupName="web", Description="d", VpcId=home)
    return works(aws.ec2.create_security_group, GroupName="WEB", Description="d", VpcId=home)


@probe("ec2.modify_rules")
def _() -> bool:
    home, _ = vpc()
    made = aws.ec2.create_security_group(GroupName="web", Description="d", VpcId=home)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    added = aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    change = {"SecurityGroupRuleId": added, "SecurityGroupRule": {**rule, "ReferencedGroupId": made}}
    aws.ec2.modify_security_group_rules(GroupId=made, SecurityGroupRules=[change])
    shown = aws.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]["IpPermissions"][0]
    return shown["UserIdGroupPairs"] == []


@probe("ec2.rule_descriptions")
def _() -> bool:
    home, _ = vpc()
    made = aws.ec2.create_security_group(GroupName="web", Description="d", VpcId=home)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}

    def about(text: str) -> dict[str, Any]:
        peer = {"GroupId": made, "Description": text}
        return {"GroupId": made, "IpPermissions": [{**rule, "UserIdGroupPairs": [peer]}]}

    aws.ec2.authorize_security_group_ingress(**about("old"))
    aws.ec2.update_security_group_rule_descriptions_ingress(**about("new"))
    shown = aws.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]["IpPermissions"][0]
    return bool(shown["UserIdGroupPairs"][0]["Description"] == "old")


@probe("ec2.acl_last_rule")
def _() -> bool:
    return aws.ec2.create_network_acl(VpcId=vpc()[0])["NetworkAcl"]["Entries"] == []


@probe("ec2.nat_pending")
def _() -> bool:
    return bool(nat(vpc()[1][0])["State"] == "available")


@probe("ec2.nat_needs_gateway")
def _() -> bool:
    nat(vpc()[1][0])
    return bool(aws.ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "available")


@probe("ec2.nat_address")
def _() -> bool:
    return str(nat(vpc()[1][0])["NatGatewayAddresses"][0]["PrivateIp"]).startswith("10.")


@probe("ec2.nat_interface")
def _() -> bool:
    made = nat(vpc()[1][0])
    interface = made["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    (shown,) = aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
    aws.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    stays = works(aws.ec2.describe_network_interfaces, NetworkInterfaceIds=[interface])
    return not shown["RequesterManaged"] and stays


@probe("ec2.nat_filter")
def _() -> bool:
    nat(vpc()[1][0])
    return len(aws.ec2.describe_nat_gateways(Filter=[{"Name": "tag:a", "Values": ["b"]}])["NatGateways"]) == 1


@probe("ec2.nat_regional")
def _() -> bool:
    return not works(aws.ec2.create_nat_gateway, VpcId=vpc()[0], AvailabilityMode="regional")


@probe("ec2.blackhole")
def _() -> bool:
    home, subnets = vpc()
    made = nat(subnets[0])["NatGatewayId"]
    table = aws.ec2.create_route_table(VpcId=home)["RouteTable"]["RouteTableId"]
    aws.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made)
    aws.ec2.delete_nat_gateway(NatGatewayId=made)
    routes = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return {route["State"] for route in routes} == {"active"}


@probe("ec2.endpoint_pending")
def _() -> bool:
    return bool(endpoint(*vpc())["State"] == "available")


@probe("ec2.endpoint_groups")
def _() -> bool:
    home, subnets = vpc()
    wanted = aws.ec2.create_security_group(GroupName="e", Description="d", VpcId=home)["GroupId"]
    made = endpoint(home, subnets, SecurityGroupIds=[wanted])["NetworkInterfaceIds"]
    shown = aws.ec2.describe_network_interfaces(NetworkInterfaceIds=made)["NetworkInterfaces"]
    return wanted not in {g["GroupId"] for interface in shown for g in interface["Groups"]}


@probe("ec2.endpoint_service")
def _() -> bool:
    return bool(endpoint(*vpc(), service="nothing"))


@probe("ec2.endpoint_private_dns")
def _() -> bool:
    home, subnets = vpc()
    endpoint(home, subnets)
    return bool(endpoint(home, subnets))


@probe("ec2.subnet_in_use")
def _() -> bool:
    subnet = vpc()[1][0]
    aws.ec2.create_network_interface(SubnetId=subnet)
    return works(aws.ec2.delete_subnet, SubnetId=subnet)


@probe("ec2.group_in_use")
def _() -> bool:
    home, subnets = vpc()
    made = aws.ec2.create_security_group(GroupName="e", Description="d", VpcId=home)["GroupId"]
    aws.ec2.create_network_interface(SubnetId=subnets[0], Groups=[made])
    return works(aws.ec2.delete_security_group, GroupId=made)


def attached(home: str) -> str:
    made = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=home)
    return str(made)


@probe("ec2.gateway_in_use")
def _() -> bool:
    home, subnets = vpc()
    gateway = attached(home)
    nat(subnets[0])
    return works(aws.ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=home)


@probe("ec2.address_in_use")
def _() -> bool:
    made = nat(vpc()[1][0])["NatGatewayAddresses"][0]["AllocationId"]
    return works(aws.ec2.release_address, AllocationId=made)


@probe("ec2.vpc_in_use")
def _() -> bool:
    made = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    attached(made)
    return works(aws.ec2.delete_vpc, VpcId=made)


@probe("ec2.eigw_filter")
def _() -> bool:
    aws.ec2.create_egress_only_internet_gateway(VpcId=vpc()[0])
    wanted = [{"Name": "tag:a", "Values": ["b"]}]
    return aws.ec2.describe_egress_only_internet_gateways(Filters=wanted)["EgressOnlyInternetGateways"] != []


@probe("ec2.pcx_filter")
def _() -> bool:
    aws.ec2.create_vpc_peering_connection(VpcId=vpc()[0], PeerVpcId=vpc()[0])
    wanted = [{"Name": "tag:a", "Values": ["b"]}]
    return aws.ec2.describe_vpc_peering_connections(Filters=wanted)["VpcPeeringConnections"] != []


@probe("ec2.eni_filter")
def _() -> bool:
    aws.ec2.create_network_interface(SubnetId=vpc()[1][0])
    wanted = [{"Name": "association.public-ip", "Values": ["192.0.2.1"]}]
    return not works(aws.ec2.describe_network_interfaces, Filters=wanted)


@probe("ec2.prefix_cidrs")
def _() -> bool:
    return not any(listed.get("Cidrs") for listed in aws.ec2.describe_prefix_lists()["PrefixLists"])


@probe("ec2.public_access")
def _() -> bool:
    return not works(aws.ec2.describe_vpc_block_public_access_options)


@probe("elb.interfaces")
def _() -> bool:
    home, subnets = vpc()
    balancer(subnets)
    named = [{"Name": "vpc-id", "Values": [home]}]
    return aws.ec2.describe_network_interfaces(Filters=named)["NetworkInterfaces"] == []


@probe("elb.two_zones")
def _() -> bool:
    return bool(balancer(vpc()[1][:1]))


@probe("elb.idempotent")
def _() -> bool:
    subnets = vpc()[1]
    return balancer(subnets)["LoadBalancerArn"] != balancer(subnets)["LoadBalancerArn"]


@probe("elb.network_arn")
def _() -> bool:
    return "loadbalancer/app/" in balancer(vpc()[1], Type="network")["LoadBalancerArn"]


@probe("elb.listener_port")
def _() -> bool:
    home, subnets = vpc()
    forward = [{"Type": "forward", "TargetGroupArn": group(home)}]
    given = {"LoadBalancerArn": balancer(subnets)["LoadBalancerArn"], "Port": 80, "Protocol": "HTTP"}
    aws.elbv2.create_listener(**given, DefaultActions=forward)
    return works(aws.elbv2.create_listener, **given, DefaultActions=forward)


@probe("elb.modify_udp")
def _() -> bool:
    home, subnets = vpc()
    made = aws.elbv2.create_target_group(Name="udp", Protocol="UDP", Port=53, VpcId=home, TargetType="ip")
    forward = [{"Type": "forward", "TargetGroupArn": made["TargetGroups"][0]["TargetGroupArn"]}]
    front = balancer(subnets, Type="network")["LoadBalancerArn"]
    given = {"LoadBalancerArn": front, "Port": 53, "Protocol": "UDP", "DefaultActions": forward}
    arn = aws.elbv2.create_listener(**given)["Listeners"][0]["ListenerArn"]
    return not works(aws.elbv2.modify_listener, ListenerArn=arn, Port=54, Protocol="UDP", DefaultActions=forward)


@probe("elb.target_group_again")
def _() -> bool:
    home, _ = vpc()
    group(home)
    return not works(group, home=home)


@probe("elb.target_ports")
def _() -> bool:
    made = group(vpc()[0])
    targets = [{"Id": "192.168.0.9", "Port": 80}, {"Id": "192.168.0.9", "Port": 81}]
    aws.elbv2.register_targets(TargetGroupArn=made, Targets=targets)
    return len(aws.elbv2.describe_target_health(TargetGroupArn=made)["TargetHealthDescriptions"]) == 1


def first_health(target_group: str) -> str:
    aws.elbv2.register_targets(TargetGroupArn=target_group, Targets=[{"Id": "192.168.0.9"}])
    shown = aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return str(shown[0]["TargetHealth"]["State"])


@probe("elb.target_unused")
def _() -> bool:
    return first_health(group(vpc()[0])) == "healthy"


@probe("elb.target_health")
def _() -> bool:
    home, subnets = vpc()
    made = group(home)
    forward = [{"Type": "forward", "TargetGroupArn": made}]
    arn = balancer(subnets)["LoadBalancerArn"]
    aws.elbv2.create_listener(LoadBalancerArn=arn, Port=80, Protocol="HTTP", DefaultActions=forward)
    return first_health(made) == "healthy"


@probe("ecs.tasks")
def _() -> bool:
    service(vpc()[1])
    return aws.ecs.list_tasks(cluster="shop")["taskArns"] == []


@probe("ecs.list_by_service")
def _() -> bool:
    task(vpc()[1])
    return aws.ecs.list_tasks(cluster="shop", serviceName="web")["taskArns"] != []


@probe("ecs.task_address")
def _() -> bool:
    details = task(vpc()[1])["attachments"][0]["details"]
    return any(d["name"] == "privateIPv4Address" and not d["value"].startswith("192.168.") for d in details)


@probe("ecs.describe_is_harmless")
def _() -> bool:
    made = task(vpc()[1])["taskArn"]
    for _ in range(6):
        shown = aws.ecs.describe_tasks(cluster="shop", tasks=[made])["tasks"][0]
    return bool(shown["lastStatus"] == "STOPPED")


@probe("ecs.name_taken")
def _() -> bool:
    subnets = vpc()[1]
    service(subnets)
    return works(service, subnets=subnets, desiredCount=4)


@probe("ecs.settings_kept")
def _() -> bool:
    return "healthCheckGracePeriodSeconds" not in service(vpc()[1], healthCheckGracePeriodSeconds=60)


@probe("ecs.sizes")
def _() -> bool:
    return works(aws.ecs.register_task_definition, **definition(cpu="256", memory="4096"))


@probe("ecs.cluster_in_use")
def _() -> bool:
    service(vpc()[1])
    return works(aws.ecs.delete_cluster, cluster="shop")


@probe("ecs.by_namespace")
def _() -> bool:
    return not works(aws.ecs.list_services_by_namespace, namespace="shop.local")


@probe("map.two_namespaces")
def _() -> bool:
    home, _ = vpc()
    namespace(home)
    return not works(namespace, home=home, name="other.local")


@probe("map.zone")
def _() -> bool:
    namespace(vpc()[0])
    return bool(aws.route53.list_hosted_zones()["HostedZones"][0]["Name"].rstrip(".") != "shop.local")


@probe("map.operation")
def _() -> bool:
    made = aws.sd.create_private_dns_namespace(Name="shop.local", Vpc=vpc()[0])["OperationId"]
    return bool(aws.sd.get_operation(OperationId=made)["Operation"]["Status"] == "SUCCESS")


@probe("map.records")
def _() -> bool:
    registered(vpc()[0])
    zone = aws.route53.list_hosted_zones()["HostedZones"][0]["Id"]
    found = aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return "A" not in {record["Type"] for record in found}


@probe("map.in_use")
def _() -> bool:
    return works(aws.sd.delete_service, Id=registered(vpc()[0]))


@probe("map.filters")
def _() -> bool:
    namespace(vpc()[0])
    return aws.sd.list_namespaces(Filters=[{"Name": "NAME", "Values": ["other"]}])["Namespaces"] != []


def record(zone: str, ttl: int) -> dict[str, Any]:
    wanted = {"Name": "www.app.io", "Type": "A", "TTL": ttl, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": wanted}]
    return {"HostedZoneId": zone, "ChangeBatch": {"Changes": changes}}


@probe("dns.create_twice")
def _() -> bool:
    zone = aws.route53.create_hosted_zone(Name="app.io", CallerReference="r")["HostedZone"]["Id"]
    aws.route53.change_resource_record_sets(**record(zone, 60))
    return works(aws.route53.change_resource_record_sets, **record(zone, 90))


@probe("dns.caller_reference")
def _() -> bool:
    aws.route53.create_hosted_zone(Name="app.io", CallerReference="r")
    return works(aws.route53.create_hosted_zone, Name="b.io", CallerReference="r")


@probe("iam.managed_policy")
def _() -> bool:
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    return not works(aws.iam.get_policy, PolicyArn=arn)


def main() -> None:
    answers: dict[str, Any] = {}
    for key, function in PROBES.items():
        with mock_aws():
            answers[key] = function()
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
