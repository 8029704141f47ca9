"""What people change by hand is said by ``plan --check`` and undone by ``up``; what they add beside ours stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chaos.telling import Story, example, story


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The article's stack; each test leaves it whole, so that one stack serves them all."""
    spec = example("article")
    spec["network"]["flow_logs"] = "all"
    spec["services"]["web"]["scaling"] = {"min": 2, "max": 4}
    with story(tmp_path_factory.mktemp("drift"), spec) as told:
        told.up()
        yield told


@pytest.fixture
def tell(stack: Story) -> Iterator[Story]:
    stack.up()
    assert stack.checked() == 0
    return stack


def key(things: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The thing of ours with that key."""
    return next(t for t in things if {"Key": "fargatenet:key", "Value": wanted} in t.get("Tags", ()))


def group(tell: Story, name: str) -> str:
    groups = tell.client("ec2").describe_security_groups()["SecurityGroups"]
    return str(key(groups, f"security_group/{name}")["GroupId"])


def table(tell: Story, name: str) -> dict[str, Any]:
    return key(tell.client("ec2").describe_route_tables()["RouteTables"], f"route_table/{name}")


def vpc(tell: Story) -> str:
    return str(key(tell.client("ec2").describe_vpcs()["Vpcs"], "vpc/main")["VpcId"])


def balancer(tell: Story) -> str:
    return str(tell.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])


def rule_taken_away(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), group(tell, "web")
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [ours]}])["SecurityGroupRules"]
    inward = [rule["SecurityGroupRuleId"] for rule in rules if not rule["IsEgress"]]
    ec2.revoke_security_group_ingress(GroupId=ours, SecurityGroupRuleIds=inward[:1])


def route_taken_away(tell: Story) -> None:
    tell.client("ec2").delete_route(
        RouteTableId=table(tell, "public")["RouteTableId"], DestinationCidrBlock="0.0.0.0/0"
    )


def route_bent(tell: Story) -> None:
    """The way to the world goes into a peering connection."""
    ec2, ours = tell.client("ec2"), vpc(tell)
    other = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=ours, PeerVpcId=other)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    ec2.replace_route(
        RouteTableId=table(tell, "public")["RouteTableId"],
        DestinationCidrBlock="0.0.0.0/0",
        VpcPeeringConnectionId=peering["VpcPeeringConnectionId"],
    )


def table_taken_from_subnet(tell: Story) -> None:
    associations = table(tell, "private-a")["Associations"]
    tell.client("ec2").disassociate_route_table(AssociationId=associations[0]["RouteTableAssociationId"])


def dns_switched_off(tell: Story) -> None:
    tell.client("ec2").modify_vpc_attribute(VpcId=vpc(tell), EnableDnsHostnames={"Value": False})


def gateway_detached(tell: Story) -> None:
    """By force: AWS refuses while addresses are mapped, but a person may have removed those, too."""
    ec2 = tell.client("ec2")
    gateway = key(ec2.describe_internet_gateways()["InternetGateways"], "internet_gateway/main")
    from moto.ec2.models import ec2_backends

    ec2_backends["123456789012"]["eu-west-1"].internet_gateways[gateway["InternetGatewayId"]].vpc = None


def endpoint_deleted(tell: Story) -> None:
    ec2 = tell.client("ec2")
    endpoint = next(e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["ServiceName"].endswith(".logs"))
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    tell.stage.clock.sleep(300)


def balancer_attribute(tell: Story) -> None:
    tell.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer(tell), Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "7"}]
    )


def balancer_groups(tell: Story) -> None:
    tell.client("elbv2").set_security_groups(LoadBalancerArn=balancer(tell), SecurityGroups=[group(tell, "web")])


def health_check(tell: Story) -> None:
    elb = tell.client("elbv2")
    target = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group(TargetGroupArn=target, HealthCheckPath="/nobody-home")


def listener_deleted(tell: Story) -> None:
    elb = tell.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=balancer(tell))["Listeners"][0]["ListenerArn"]
    elb.delete_listener(ListenerArn=listener)


def task_count(tell: Story) -> None:
    tell.client("ecs").update_service(cluster="shop", service="web", desiredCount=1)


def more_tasks_than_scaling_allows(tell: Story) -> None:
    tell.client("ecs").update_service(cluster="shop", service="web", desiredCount=9)


def flow_logs_lost(tell: Story) -> None:
    tell.client("logs").delete_log_group(logGroupName="/vpc/shop/flow-logs")


def namespace_tag(tell: Story) -> None:
    names = tell.client("servicediscovery")
    names.untag_resource(ResourceARN=names.list_namespaces()["Namespaces"][0]["Arn"], TagKeys=["Name"])


def log_retention(tell: Story) -> None:
    tell.client("logs").put_retention_policy(logGroupName="/ecs/shop/web", retentionInDays=365)


def log_group_deleted(tell: Story) -> None:
    tell.client("logs").delete_log_group(logGroupName="/ecs/shop/web")


def role_stripped(tell: Story) -> None:
    iam = tell.client("iam")
    role = next(role["RoleName"] for role in iam.list_roles()["Roles"] if "web-execution" in role["RoleName"])
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def discovery_ttl(tell: Story) -> None:
    names = tell.client("servicediscovery")
    service = names.list_services()["Services"][0]
    config = names.get_service(Id=service["Id"])["Service"]["DnsConfig"]
    records = [{**record, "TTL": 300} for record in config["DnsRecords"]]
    names.update_service(Id=service["Id"], Service={"DnsConfig": {"DnsRecords": records}})


def name_tag(tell: Story) -> None:
    tell.client("ec2").create_tags(Resources=[vpc(tell)], Tags=[{"Key": "Name", "Value": "mine now"}])


def service_tag_removed(tell: Story) -> None:
    ecs = tell.client("ecs")
    service = ecs.describe_services(cluster="shop", services=["web"])["services"][0]["serviceArn"]
    ecs.untag_resource(resourceArn=service, tagKeys=["Name"])


DRIFT: list[tuple[Callable[[Story], None], str, str]] = [
    (rule_taken_away, "update", "security_group_rules/web"),
    (route_taken_away, "update", "route_table/public"),
    (route_bent, "update", "route_table/public"),
    (table_taken_from_subnet, "update", "route_table/private-a"),
    (dns_switched_off, "update", "vpc/main"),
    (gateway_detached, "update", "internet_gateway/main"),
    (endpoint_deleted, "create", "vpc_endpoint/logs"),
    (balancer_attribute, "update", "load_balancer/alb"),
    (balancer_groups, "update", "load_balancer/alb"),
    (health_check, "update", "target_group/"),
    (listener_deleted, "create", "listener/"),
    (task_count, "update", "service/web"),
    (more_tasks_than_scaling_allows, "update", "service/web"),
    (flow_logs_lost, "create", "log_group/network.flow-logs"),
    (namespace_tag, "update", "namespace/shop.local"),
    (log_retention, "update", "log_group/web"),
    (log_group_deleted, "create", "log_group/web"),
    (role_stripped, "update", "role/web.execution"),
    (discovery_ttl, "update", "discovery_service/web"),
    (name_tag, "update", "vpc/main"),
    (service_tag_removed, "update", "service/web"),
]


@pytest.mark.parametrize(("spoil", "action", "where"), DRIFT, ids=[row[0].__name__ for row in DRIFT])
def test_drift_is_told_and_repaired(tell: Story, spoil: Callable[[Story], None], action: str, where: str) -> None:
    spoil(tell)
    checked = tell("plan", "--check", "--output", "json")
    assert checked.code == 3, checked.err
    changes = json.loads(checked.out)["changes"]
    told = [change for change in changes if change["key"].startswith(where)]
    assert [change["action"] for change in told] == [action], changes
    assert told[0]["fields"], "it says what is not as wanted"
    tell.up()
    assert tell.checked() == 0


def test_a_rule_of_somebody_else_in_our_group_is_named_and_left_alone_unless_pruned(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), group(tell, "web")
    theirs = {"IpProtocol": "tcp", "FromPort": 9999, "ToPort": 9999, "IpRanges": [{"CidrIp": "203.0.113.7/32"}]}
    ec2.authorize_security_group_ingress(GroupId=ours, IpPermissions=[theirs])
    assert tell.checked() == 0, "it is no difference"
    notes = [change["note"] for change in tell.plan()["changes"]]
    assert any("203.0.113.7/32" in note and "left alone" in note for note in notes), notes
    tell.up()
    assert rules(tell, ours, 9999)
    pruned = tell.up("--prune")
    pruning = [change["note"] for change in pruned.events("plan")[0]["changes"]]
    assert any("203.0.113.7/32" in note and "removed" in note for note in pruning), pruning
    assert not rules(tell, ours, 9999)


def rules(tell: Story, group_id: str, port: int) -> list[Any]:
    found = tell.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]["IpPermissions"]
    return [rule for rule in found if rule.get("FromPort") == port]


def test_a_route_of_somebody_else_in_our_table_is_named_and_left_alone_unless_pruned(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), table(tell, "private-a")["RouteTableId"]
    gateway = key(ec2.describe_internet_gateways()["InternetGateways"], "internet_gateway/main")["InternetGatewayId"]
    theirs = {"RouteTableId": ours, "DestinationCidrBlock": "198.51.100.0/24"}
    ec2.create_route(**theirs, GatewayId=gateway)
    assert tell.checked() == 0, "it is no difference"
    (change,) = tell.plan()["changes"]
    assert (change["action"], change["key"], change["id"]) == ("keep", "route_table/private-a", ours)
    assert change["note"] == f"routes not ours, left alone: 198.51.100.0/24 by way of {gateway}"
    tell.up("--prune")
    left = table(tell, "private-a")["Routes"]
    assert not [route for route in left if route.get("DestinationCidrBlock") == theirs["DestinationCidrBlock"]]


def test_a_default_route_where_the_spec_wants_no_way_out_is_drift(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), table(tell, "private-a")["RouteTableId"]
    gateway = key(ec2.describe_internet_gateways()["InternetGateways"], "internet_gateway/main")["InternetGatewayId"]
    ec2.create_route(RouteTableId=ours, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    assert tell.checked() == 3
    tell.up()
    assert tell.checked() == 0


def test_an_altered_description_is_shown_before_and_after(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), group(tell, "web")
    listed = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [ours]}])["SecurityGroupRules"]
    rule = next(rule for rule in listed if not rule["IsEgress"])
    same = {"IpProtocol": rule["IpProtocol"], "FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
    same["ReferencedGroupId"] = rule["ReferencedGroupInfo"]["GroupId"]
    altered = {
        "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
        "SecurityGroupRule": {**same, "Description": "by hand"},
    }
    ec2.modify_security_group_rules(GroupId=ours, SecurityGroupRules=[altered])
    ((field,),) = [change["fields"] for change in tell.plan()["changes"]]
    assert "by hand" in field["before"]
    assert "by hand" not in field["after"]
    assert "by hand" in tell("plan").out


def codes(plan: dict[str, Any]) -> dict[str, str]:
    return {finding["code"]: finding["sentence"] for finding in plan["findings"]}


def test_a_changed_acl_is_named_and_an_expectation_it_breaks_fails_the_check(tell: Story) -> None:
    ec2 = tell.client("ec2")
    ours = [{"Name": "vpc-id", "Values": [vpc(tell)]}, {"Name": "default", "Values": ["true"]}]
    acl = ec2.describe_network_acls(Filters=ours)["NetworkAcls"][0]["NetworkAclId"]
    deny = {"NetworkAclId": acl, "RuleNumber": 50, "Egress": False}
    shut = {"Protocol": "6", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 80, "To": 80}}
    ec2.create_network_acl_entry(**deny, **shut)
    plan = tell("plan", "--check", "--output", "json")
    assert plan.code == 3, "an expectation is not met"
    document = json.loads(plan.out)
    assert document["empty"]
    assert f"{acl} of subnet-" in codes(document)["ACL_CHANGED"]
    assert "inbound rule 50 deny tcp 80 from 0.0.0.0/0" in codes(document)["ACL_CHANGED"]
    unmet = [answer for answer in document["expectations"] if not answer["met"]]
    assert ("internet", "web:80/tcp") in {(answer["from"], answer["to"]) for answer in unmet}
    assert "Expectations that would not be met" in tell("plan").out
    ec2.delete_network_acl_entry(**deny)
    assert not codes(tell.plan())


def test_a_rule_and_a_listener_of_somebody_else_on_our_balancer_are_named(tell: Story) -> None:
    elb = tell.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=balancer(tell))["Listeners"][0]["ListenerArn"]
    shut = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"}}]
    every = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}]
    rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=every, Actions=shut)["Rules"][0]["RuleArn"]
    made = elb.create_listener(LoadBalancerArn=balancer(tell), Protocol="HTTP", Port=8081, DefaultActions=shut)
    other = made["Listeners"][0]["ListenerArn"]
    said = codes(tell.plan())
    assert f"priority 1 on our listener listener/alb.80 is not ours ({rule})" in said["RULE_OF_OTHERS"]
    assert "The listener on port 8081" in said["LISTENER_OF_OTHERS"]
    elb.delete_rule(RuleArn=rule)
    elb.delete_listener(ListenerArn=other)
    assert not codes(tell.plan())


def test_a_count_that_scaling_chose_is_no_drift(tell: Story) -> None:
    tell.client("ecs").update_service(cluster="shop", service="web", desiredCount=3)
    tell.stage.clock.sleep(300)  # the third task registers at the balancer
    assert tell.checked() == 0


def test_a_lost_log_group_does_not_replace_the_flow_log_that_writes_there(tell: Story) -> None:
    flow_logs_lost(tell)
    assert [change["key"] for change in tell.plan()["changes"]] == ["log_group/network.flow-logs"]


def test_a_range_that_somebody_added_to_our_vpc_stays(tell: Story) -> None:
    ec2 = tell.client("ec2")
    ec2.associate_vpc_cidr_block(VpcId=vpc(tell), CidrBlock="10.99.0.0/16")
    assert tell.checked() == 0
    tell.up("--prune")
    kept = ec2.describe_vpcs(VpcIds=[vpc(tell)])["Vpcs"][0]["CidrBlockAssociationSet"]
    assert "10.99.0.0/16" in {one["CidrBlock"] for one in kept}


def test_a_thing_that_lost_our_tag_is_refused_with_the_tag_to_give_back(tell: Story) -> None:
    ec2 = tell.client("ec2")
    lost = {"Key": "fargatenet:key", "Value": "subnet/private-a"}
    subnet = key(ec2.describe_subnets()["Subnets"], lost["Value"])["SubnetId"]
    ec2.delete_tags(Resources=[subnet], Tags=[lost])
    refused = tell("up", "--yes")
    assert refused.code == 4
    assert "fargatenet:key=subnet/private-a" in refused.err
    ec2.create_tags(Resources=[subnet], Tags=[lost])
    assert tell.checked() == 0


def test_a_vpc_that_lost_its_tags_is_not_made_again(tell: Story) -> None:
    ec2, ours = tell.client("ec2"), vpc(tell)
    tags = [tag for tag in ec2.describe_vpcs(VpcIds=[ours])["Vpcs"][0]["Tags"] if "fargatenet" in tag["Key"]]
    ec2.delete_tags(Resources=[ours], Tags=tags)
    told = tell("up", "--yes")
    assert told.code in (1, 4), "some stacks can tell by more than this that it cannot be"
    assert f"in {ours}, which does not carry the stack's tags" in told.err
    assert len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.20.0.0/16"]) == 1
    ec2.create_tags(Resources=[ours], Tags=tags)
    assert tell.checked() == 0


def test_a_tag_of_somebody_else_on_our_thing_stays(tell: Story) -> None:
    ec2 = tell.client("ec2")
    ec2.create_tags(Resources=[vpc(tell)], Tags=[{"Key": "cost-centre", "Value": "42"}])
    assert tell.checked() == 0
    tell.up("--prune")
    kept = ec2.describe_vpcs(VpcIds=[vpc(tell)])["Vpcs"][0]["Tags"]
    assert {"Key": "cost-centre", "Value": "42"} in kept
