"""One writer a stack, and what a run does when it is told to stop, cannot succeed, or takes too long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from fargate_net import app
from fargate_net.errors import Refused
from fargate_net.model.event import Done, Event, Finished, Notice, Skipped, Started
from tests.chaos.inventory import account, counted
from tests.chaos.telling import Story, example, story


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path, example("static-dns")) as told:
        yield told


def started(events: list[Event]) -> list[str]:
    return [event.key for event in events if isinstance(event, Started)]


def test_two_runs_started_together_end_with_one_stack_and_one_refusal(tell: Story) -> None:
    wire = app.Wire()
    first, second = (app.up([tell.path], wire) for _ in range(2))  # both plan the whole stack
    assert first.plan_view.plan == second.plan_view.plan
    going = first.events()
    seen = list(itertools.islice(going, 5))
    with pytest.raises(Refused, match="holds the lock of stack demo") as refusal:
        next(second.events())
    assert refusal.value.exit_code == 4
    assert "pid" in refusal.value.what
    seen += list(going)
    assert first.ok
    assert all(count == 1 for name, count in counted(account()).items() if "vpc/" in name or "subnet/" in name)
    assert tell.checked() == 0
    assert not any(item.type == "parameter" for item in account()), "the lock was given back"


def test_a_plan_that_is_no_longer_true_is_not_carried_out(tell: Story) -> None:
    late = app.up([tell.path], app.Wire())
    tell.up()
    with pytest.raises(Refused, match="changed after this plan was made"):
        next(late.events())
    assert not any(item.type == "parameter" for item in account())


def test_ctrl_c_ends_what_is_in_flight_says_where_it_stands_and_gives_the_lock_back(tell: Story) -> None:
    run = app.up([tell.path], app.Wire())
    going = run.events()
    before = [next(going) for _ in range(12)]
    after = [going.throw(KeyboardInterrupt()), *going]
    assert not started(after), "nothing is begun after Ctrl-C"
    assert isinstance(after[-1], Finished)
    assert after[-1].interrupted
    assert any(isinstance(event, Notice) and event.text.startswith("Interrupted.") for event in after)
    assert any(isinstance(event, Skipped) and event.because == "interrupted" for event in after)
    left = set(started(before)) - {event.key for event in (*before, *after) if isinstance(event, Done)}
    notice = next(event.text for event in after if isinstance(event, Notice))
    skipped = {event.key for event in after if isinstance(event, Skipped)}
    assert all(key in notice or key in skipped for key in left), (left, notice, skipped)
    assert not run.ok
    assert not any(item.type == "parameter" for item in account())
    tell.up()
    assert tell.checked() == 0


def test_a_second_ctrl_c_leaves_at_once(tell: Story) -> None:
    going = app.up([tell.path], app.Wire()).events()
    for _ in range(12):
        next(going)
    going.throw(KeyboardInterrupt())
    began = tell.stage.writes
    with pytest.raises((KeyboardInterrupt, StopIteration)):
        going.throw(KeyboardInterrupt())
    assert tell.stage.writes - began <= 1, "at most the lock is given back"


def shut(tell: Story, *services: str) -> str:
    """Somebody's VPC with a private subnet, and endpoints for these services only; the spec of a stack in it."""
    ec2 = tell.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpc)["GroupId"]
    inside = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[inside])
    for service in services:
        name = f"com.amazonaws.eu-west-1.{service}"
        if service == "s3":
            table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]
            ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=name, RouteTableIds=[table["RouteTableId"]])
            continue
        ec2.create_vpc_endpoint(
            VpcEndpointType="Interface", VpcId=vpc, ServiceName=name, SubnetIds=[subnet], SecurityGroupIds=[group],
            PrivateDnsEnabled=True,
        )  # fmt: skip
    tell.stage.clock.sleep(300)
    container = {"name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1", "ports": [80]}
    tell.write(
        {
            "stack": "shut",
            "region": "eu-west-1",
            "network": {"vpc": vpc, "subnets": {"private": [subnet]}},
            "services": {"web": {"count": 1, "containers": [container]}},
        }
    )
    return str(vpc)


NEEDED = ("ecr.api", "ecr.dkr", "logs", "s3")


@pytest.mark.parametrize("lost", NEEDED)
def test_an_image_that_cannot_be_pulled_ends_the_run_early_with_the_missing_piece(tell: Story, lost: str) -> None:
    shut(tell, *(service for service in NEEDED if service != lost))
    began = tell.stage.clock.now()
    told = tell("up", "--yes", "--output", "json")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 300, "ECS itself would try for hours"
    failed = {event["key"]: event for event in told.events("failed")}
    assert lost in failed["service/web"]["what"] + failed["service/web"]["hint"], failed
    assert "endpoint" in failed["service/web"]["hint"], failed


def test_a_stack_with_all_it_needs_in_a_vpc_of_somebody_else_comes_up_and_goes(tell: Story) -> None:
    shut(tell, *NEEDED)
    before = counted(account())
    tell.up()
    assert tell.checked() == 0
    assert tell("down", "--yes").code == 0
    tell.stage.clock.sleep(3600)
    assert counted(account()) == before, "down removed what is ours and nothing else"


@pytest.mark.parametrize("image", ["shop/web:sandbox-crash", "shop/web:sandbox-missing"])
def test_a_container_that_keeps_failing_ends_the_run_early(tell: Story, image: str) -> None:
    spec = example("static-dns")
    spec["services"]["web"]["containers"][0]["image"] = image
    tell.write(spec)
    began = tell.stage.clock.now()
    told = tell("up", "--yes", "--output", "json")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 600
    assert [event["key"] for event in told.events("failed")] == ["service/web"]
    if image.endswith("crash"):
        assert "aws logs tail /ecs/demo/web" in told.err


def test_a_target_that_stays_unhealthy_ends_the_run_early(tell: Story) -> None:
    spec = example("public")
    spec["services"]["blog"]["containers"][0]["image"] = "shop/web:sandbox-unhealthy"
    tell.write(spec)
    began = tell.stage.clock.now()
    told = tell("up", "--yes", "--output", "json")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 1200
    assert [event["key"] for event in told.events("failed")] == ["service/blog"]
    said = " ".join(event["text"] + event["hint"] for event in told.events("notice"))
    said += " ".join(event["what"] + event["hint"] for event in told.events("failed"))
    assert "health check of" in said, said
    assert "HTTP GET /" in said, said
    assert "although the network is open" in said, said
    assert "answers the health path" in said, said


def test_the_timeout_bounds_everything(tell: Story) -> None:
    tell.write(example("alb"))
    began = tell.stage.clock.now()
    told = tell("up", "--yes", "--output", "json", "--timeout", "100s")
    assert told.code == 1
    assert tell.stage.clock.now() - began < 130
    failed = {event["key"] for event in told.events("failed")}
    assert "nat_gateway/a" in failed or "load_balancer/alb" in failed, failed
    tell.up()
    assert tell.checked() == 0


def test_two_claimants_are_refused_with_both_ids(tell: Story) -> None:
    tell.up()
    ec2 = tell.client("ec2")
    mine = next(vpc for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.0.0.0/16")
    tags = [{"ResourceType": "vpc", "Tags": mine["Tags"]}]
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    told = tell("up", "--yes")
    assert told.code == 4
    assert mine["VpcId"] in told.err
    assert other in told.err
