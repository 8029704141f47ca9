"""Each fault by itself, stronger than it comes: a run takes longer, and ends as if nothing had been."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.foreign import neighbour, untouched
from tests.chaos.inventory import account, counted
from tests.chaos.telling import Story, example, story

FAULTS = {
    "a wall of throttling": {"throttle": 0.5},
    "token buckets": {"buckets": True},
    "server errors": {"error": 0.2},
    "answers that are lost after the effect": {"timeout": 0.15},
    "describes that lag behind writes": {"lag": 6},
    "roles that are not usable yet": {"roles": 20},
}


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Story]:
    with story(tmp_path, example("static-dns")) as told:
        yield told


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_slows_and_does_not_fail(tell: Story, name: str) -> None:
    empty = counted(account())
    tell.stage.faults(**FAULTS[name], seed=11)
    told = tell.up()
    tell.stage.calm()
    assert tell.checked() == 0
    keys = [label for label, number in counted(account()).items() if "/" in label and number > 1 and "." not in label]
    assert not keys, "nothing is there twice"
    assert not told.events("failed")
    tell.stage.faults(**FAULTS[name], seed=12)
    down = tell("down", "--yes")
    tell.stage.calm()
    assert down.code == 0, down.err[-2000:]
    tell.stage.clock.sleep(3600)
    assert counted(account()) == empty


def test_a_service_whose_name_is_still_draining_is_waited_for(tell: Story) -> None:
    tell.up()
    tell.client("ecs").delete_service(cluster="demo", service="web", force=True)
    told = tell.up()
    assert "create service/web" in told.order("service/web")
    assert tell.checked() == 0


def test_the_service_linked_role_may_be_late(tell: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon ECS Developer Guide, Using service-linked roles: the first cluster of an account makes the role."""
    from fargate_net.errors import NotReady
    from tests.chaos.stage import Probed

    refusals = iter(range(3))
    write = Probed.write

    def late(wire: Probed, operation: str, **params: object) -> dict[str, object]:
        if operation in ("ecs.create_cluster", "ecs.create_service") and next(refusals, None) is not None:
            raise NotReady("Unable to assume the service linked role.", operation=operation, code="InvalidParameter")
        return write(wire, operation, **params)

    monkeypatch.setattr(Probed, "write", late)
    told = tell.up()
    assert len(told.events("retrying")) >= 3
    assert tell.checked() == 0


def test_other_peoples_things_are_untouched_by_prune_and_down(tell: Story) -> None:
    tell.up()
    neighbour("demo")
    ec2 = tell.client("ec2")
    mine = next(v for v in ec2.describe_vpcs()["Vpcs"] if {"Key": "fargatenet:stack", "Value": "demo"} in v["Tags"])
    tag = [{"Key": "Name", "Value": "demo-web-someone-else"}]
    group = ec2.create_security_group(
        GroupName="demo-web-someone-else", Description="not ours", VpcId=mine["VpcId"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tag}],
    )["GroupId"]  # fmt: skip
    before = untouched(account())
    assert len(before) >= 10
    tell.up("--prune")
    assert untouched(account()) == before
    down = tell("down", "--yes")
    assert down.code == 1, "somebody's group is in our VPC"
    assert group in down.err
    assert "delete it" in down.err
    assert untouched(account()) == before
    ec2.delete_security_group(GroupId=group)
    again = tell("down", "--yes")
    assert again.code == 0, again.err[-2000:]
    left = [item for item in account() if item.stack == "demo"]
    assert not left
