"""A partial answer names exactly who gets through: no more clients, tasks or zones, and no fewer."""

from __future__ import annotations

from fargate_net.kinds.instance import Instance
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.verdict import Disposition
from tests.reach.core.questions import answer, shop
from tests.reach.world import OPEN, World, allow


def test_a_client_who_is_refused_in_one_zone_only_is_said_to_be() -> None:
    world = shop()
    refused = [AclEntry(False, 1, False, "6", "203.0.113.7/32", 80, 80), *OPEN]
    world.acl("acl-b", entries=refused, subnets=["public-b"])
    held = answer(world, "internet", "lb/front:80")
    assert held.verdict is Disposition.PARTIAL
    here, there = sorted(held.open, key=lambda row: row.zones)
    assert (here.zones, here.clients) == (("eu-west-1a",), ())
    assert there.zones == ("eu-west-1b",)
    assert "203.0.113.6/32" in there.clients
    assert "203.0.113.7/32" not in there.clients


def test_each_task_is_said_to_reach_only_whom_it_reaches() -> None:
    world = World()
    world.vpc()
    for zone, number in (("a", 1), ("b", 2)):
        world.subnet(f"subnet-{zone}", f"10.0.{number}.0/24", zone)
    world.sg("sg-c")
    world.sg("sg-s", ingress=[allow("tcp 80", "sg-c")])
    for zone in "ab":
        world.eni(f"eni-c{zone}", f"subnet-{zone}", "sg-c")
        world.eni(f"eni-s{zone}", f"subnet-{zone}", "sg-s")
        # Nothing crosses from one subnet to the other.
        world.acl(f"acl-{zone}", entries=[AclEntry(False, 1, False, "-1", "10.0.0.0/16")], subnets=[f"subnet-{zone}"])
    world.service("client", ["eni-ca", "eni-cb"])
    world.service("server", ["eni-sa", "eni-sb"])
    held = answer(world, "client", "server:80")
    assert held.verdict is Disposition.PARTIAL
    assert {(row.clients, row.tasks) for row in held.open} == {
        (("client-task-0",), ("server-task-0",)),
        (("client-task-1",), ("server-task-1",)),
    }
    assert answer(world, "eni-ca", "server:80").open[0].tasks == ("server-task-0",)
    world.acl("acl-a", entries=OPEN, subnets=["subnet-a", "subnet-b"])
    world.drop(type(world.found["network_acl", "acl-b"].props), "acl-b")
    (row,) = answer(world, "client", "server:80").open
    assert (row.clients, row.tasks) == ((), ())


def test_a_target_that_does_not_run_is_nobody() -> None:
    world = shop()
    world.change(NetworkInterface, "eni-w0", instance="i-1")
    world.instance("i-1", "eni-w0")
    assert answer(world, "internet", "lb/front:80").verdict is Disposition.REACHABLE
    world.change(Instance, "i-1", state="stopped")
    assert answer(world, "internet", "lb/front:80").verdict is Disposition.REACHABLE, "the other target answers"
    world.change(NetworkInterface, "eni-w1", state="available")
    held = answer(world, "internet", "lb/front:80")
    assert held.verdict is Disposition.BLOCKED
    assert [(b.code, b.component) for b in held.blockers] == [("BAD_STATE", "i-1")]
