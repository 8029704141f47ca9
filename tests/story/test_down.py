"""What people put in the way of ``down``: it is said by id, with owner and way out, and the next run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.telling import Story, example, story


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path, example("alb")) as told:
        told.up()
        yield told


def ours(tell: Story, kind: str, name: str) -> str:
    """The id of a subnet or group of ours."""
    ec2 = tell.client("ec2")
    listed, word = {
        "subnet": (lambda: ec2.describe_subnets()["Subnets"], "SubnetId"),
        "security_group": (lambda: ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
    }[kind]
    tag = {"Key": "fargatenet:key", "Value": f"{kind}/{name}"}
    return str(next(thing[word] for thing in listed() if tag in thing.get("Tags", ())))


def test_a_protected_balancer_is_said_before_anything_is_removed(tell: Story) -> None:
    elb = tell.client("elbv2")
    arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
    before = tell.stage.writes
    told = tell("down", "--yes")
    assert told.code == 1
    assert "protected against deletion" in told.err
    assert "aws elbv2 modify-load-balancer-attributes" in told.err
    assert tell.stage.writes == before
    forced = tell("down", "--yes", "--force")
    assert forced.code == 0
    assert "--force switches the protection off" in forced.err
    assert not elb.describe_load_balancers()["LoadBalancers"]


def test_an_interface_and_a_group_of_somebody_else_are_named_and_the_next_run_goes_on(tell: Story) -> None:
    ec2, web = tell.client("ec2"), ours(tell, "security_group", "web")
    subnet = ec2.describe_subnets(SubnetIds=[ours(tell, "subnet", "private-a")])["Subnets"][0]
    theirs = ec2.create_network_interface(SubnetId=subnet["SubnetId"], Description="ledger")["NetworkInterface"]
    other = ec2.create_security_group(GroupName="ledger", Description="ledger", VpcId=subnet["VpcId"])["GroupId"]
    from_web = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": web}]}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[from_web])
    began = tell.stage.clock.now()
    told = tell("down", "--yes", "--output", "json")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 900, "what will not go by itself is not waited for"
    failed = {event["key"]: event["what"] for event in told.events("failed")}
    assert theirs["NetworkInterfaceId"] in failed["subnet/private-a"], failed
    assert "detach and delete it" in failed["subnet/private-a"], failed
    assert f"security group {other} (ledger), not ours" in failed["security_group/web"], failed
    ec2.delete_network_interface(NetworkInterfaceId=theirs["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=other)
    assert tell("down", "--yes").code == 0


def test_an_instance_that_somebody_registered_is_named_and_not_waited_for(tmp_path: Path) -> None:
    with story(tmp_path, example("cloud-map")) as told:
        told.up()
        names = told.client("servicediscovery")
        service = names.list_services()["Services"][0]["Id"]
        address = {"AWS_INSTANCE_IPV4": "10.9.9.9", "AWS_INSTANCE_PORT": "6379"}
        names.register_instance(ServiceId=service, InstanceId="by-hand", Attributes=address)
        began = told.stage.clock.now()
        ended = told("down", "--yes", "--output", "json")
        assert ended.code == 1
        assert told.stage.clock.now() - began < 900
        failed = {event["key"]: event for event in ended.events("failed")}["discovery_service/store"]
        assert "by-hand" in failed["what"]
        assert f"deregister-instance --service-id {service} --instance-id by-hand" in failed["hint"]
        names.deregister_instance(ServiceId=service, InstanceId="by-hand")
        assert told("down", "--yes").code == 0
