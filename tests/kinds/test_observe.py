"""One observation: the right VPCs, few calls, gaps instead of crashes, the same answer every time."""

from __future__ import annotations

from typing import Any

import pytest
from cases_ec2 import nat
from staging import REGION, STACK, Stage

from fargate_net.engine.observe import kinds_to_plan, observe
from fargate_net.errors import AwsError, Denied, NotFound
from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.once import AskedOnce
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.kinds.vpc import Vpc

OURS = Scope(stack=STACK)
PER_SUBJECT = {"ec2.describe_vpc_attribute", "ec2.get_managed_prefix_list_entries"}


class Refusing:
    """A wire that raises an error for some operations."""

    saved = False

    def __init__(self, aws: Aws, error: type[AwsError], *operations: str) -> None:
        self.region, self.account = aws.region, aws.account
        self._aws, self._error, self._operations = aws, error, operations

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        if operation in self._operations:
            raise self._error("no", operation=operation, code="X")
        return self._aws.read(operation, **params)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        raise AssertionError("an observation does not write")


def foreign_vpc(stage: Stage, cidr: str = "10.99.0.0/16") -> str:
    return str(stage.aws.write("ec2.create_vpc", CidrBlock=cidr)["Vpc"]["VpcId"])


def test_a_stack_is_its_vpc_and_everything_in_it(stage: Stage) -> None:
    vpc, other = stage.vpc(), foreign_vpc(stage)
    stage.put("web", SecurityGroup(vpc, "shop-web", "web"))
    guest = stage.aws.write("ec2.create_security_group", VpcId=vpc, GroupName="guest", Description="d")["GroupId"]
    snapshot = observe(stage.aws, OURS, kinds_to_plan())
    assert set(snapshot.kind("vpc")) == {vpc}
    assert guest in snapshot.kind("security_group")
    assert other not in {group.props.vpc for group in snapshot.kind("security_group").values()}
    assert set(snapshot.mine(STACK)) >= {"vpc/main", "security_group/web"}
    assert (snapshot.region, snapshot.account) == (REGION, "123456789012")


def test_an_observation_of_nothing_new_asks_each_question_once(stage: Stage) -> None:
    nat(stage)
    for kinds in (kinds_to_plan(), None):
        stage.aws.calls.clear()
        observe(stage.aws, OURS, kinds)
        assert {name for name, count in stage.aws.calls.items() if count > 1 and name.startswith("ec2.")} <= PER_SUBJECT


def test_a_plan_does_not_ask_about_what_no_stack_touches(stage: Stage) -> None:
    stage.vpc()
    stage.aws.calls.clear()
    observe(stage.aws, OURS, kinds_to_plan())
    asked = " ".join(stage.aws.calls)
    assert not [word for word in ("transit", "vpn", "instances", "dhcp", "peering") if word in asked]


def test_before_the_first_up_nothing_is_found_and_nothing_is_missing(stage: Stage) -> None:
    snapshot = observe(stage.aws, OURS, kinds_to_plan())
    assert snapshot.mine(STACK) == {}
    assert snapshot.kind("vpc") == {}
    assert not snapshot.missing


def test_a_dead_gateway_is_seen_and_no_longer_stands_for_its_key(stage: Stage) -> None:
    props = nat(stage)
    dead = stage.put("it", props)
    stage.aws.write("ec2.delete_nat_gateway", NatGatewayId=dead)
    stage.later()
    alive = stage.put("it", props)
    snapshot = observe(stage.aws, OURS, {"nat_gateway"})
    assert set(snapshot.kind("nat_gateway")) == {dead, alive}
    assert snapshot.mine(STACK)["nat_gateway/it"].id == alive


def test_a_refused_kind_is_a_gap_and_the_others_stay(stage: Stage) -> None:
    stage.subnet(stage.vpc())
    snapshot = observe(Refusing(stage.aws, Denied, "ec2.describe_network_acls"), OURS, kinds_to_plan())
    gap = snapshot.unknown("network_acl", "acl-1")
    assert gap is not None
    assert gap.call == "ec2:DescribeNetworkAcls"
    assert len(snapshot.kind("subnet")) == 1


def test_when_vpcs_may_not_be_read_what_carries_our_tags_is_still_found(stage: Stage) -> None:
    subnet = stage.subnet(stage.vpc())
    snapshot = observe(Refusing(stage.aws, Denied, "ec2.describe_vpcs"), OURS, kinds_to_plan())
    assert snapshot.unknown("vpc") is not None
    assert set(snapshot.kind("subnet")) == {subnet}


def test_any_other_error_ends_the_observation(stage: Stage) -> None:
    stage.vpc()
    with pytest.raises(AwsError):
        observe(Refusing(stage.aws, AwsError, "ec2.describe_subnets"), OURS, kinds_to_plan())


def test_every_kind_looks_across_a_peering(stage: Stage) -> None:
    vpc, other = stage.vpc(), foreign_vpc(stage)
    far = foreign_vpc(stage, "10.98.0.0/16")
    peering = stage.aws.write("ec2.create_vpc_peering_connection", VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
    stage.aws.write("ec2.accept_vpc_peering_connection", VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    assert set(observe(stage.aws, OURS).kind("vpc")) == {vpc, other}
    assert set(observe(stage.aws, OURS, kinds_to_plan()).kind("vpc")) == {vpc}
    assert far in observe(stage.aws, Scope()).kind("vpc")


def test_every_kind_looks_across_a_transit_gateway(stage: Stage) -> None:
    vpc, other = stage.vpc(), foreign_vpc(stage)
    gateway = stage.aws.write("ec2.create_transit_gateway")["TransitGateway"]["TransitGatewayId"]
    for each, cidr in ((vpc, "10.0.7.0/24"), (other, "10.99.7.0/24")):
        subnet = stage.aws.write("ec2.create_subnet", VpcId=each, CidrBlock=cidr)["Subnet"]["SubnetId"]
        call = {"TransitGatewayId": gateway, "VpcId": each, "SubnetIds": [subnet]}
        stage.aws.write("ec2.create_transit_gateway_vpc_attachment", **call)
    assert set(observe(stage.aws, OURS).kind("vpc")) == {vpc, other}


def test_services_lead_to_their_vpc(stage: Stage) -> None:
    vpc = stage.put("main", Vpc(("10.0.0.0/16",)))
    foreign_vpc(stage)
    subnet = stage.subnet(vpc)
    group = stage.put("web", SecurityGroup(vpc, "shop-web", "web"))
    aws = stage.aws
    aws.write("ecs.create_cluster", clusterName="shop")
    aws.write(
        "ecs.register_task_definition",
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "nginx"}],
    )
    place = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}
    aws.write(
        "ecs.create_service",
        cluster="shop",
        serviceName="web",
        taskDefinition="web",
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration=place,
    )
    snapshot = observe(aws, Scope(clusters=frozenset({"shop"})))
    assert set(snapshot.kind("vpc")) == {vpc}
    assert len(snapshot.kind("service")) == 1


def test_two_observations_of_one_world_are_equal(stage: Stage) -> None:
    nat(stage)
    wide, narrow = (observe(stage.aws, OURS, workers=workers) for workers in (8, 1))
    assert list(wide) == list(narrow)
    assert wide.missing == narrow.missing


def test_a_question_is_asked_once_and_a_refusal_is_remembered(stage: Stage) -> None:
    memo = AskedOnce(stage.aws)
    memo.know({"Vpcs": []}, "ec2.describe_vpcs", VpcIds=["vpc-1"])
    stage.aws.calls.clear()
    assert memo.read("ec2.describe_vpcs", VpcIds=["vpc-1"]) == {"Vpcs": []}
    for _ in range(2):
        with pytest.raises(NotFound):
            memo.read("ec2.describe_vpcs", VpcIds=["vpc-404"])
    assert sum(stage.aws.calls.values()) == 1
