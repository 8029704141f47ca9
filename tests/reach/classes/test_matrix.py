"""Classes and cells of small networks, and how the work grows."""

from __future__ import annotations

import pytest

from fargate_net.kinds.instance import Instance
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.verdict import Disposition, Matrix, Open
from fargate_net.reach import passages
from fargate_net.reach.ask import ask, question
from fargate_net.reach.classes import matrix
from tests.reach.world import ALL, World, allow, two_subnets

TCP_80 = (Open("tcp", ("80",), ("1024-65535",)),)


def members(made: Matrix) -> set[tuple[str, ...]]:
    return {item.members for item in made.classes}


def cells(made: Matrix) -> dict[tuple[str, str], tuple[Open, ...]]:
    """What is open, by the first member of each class."""
    names = {item.id: item.members[0] if item.members else item.id for item in made.classes}
    return {(names[cell.source], names[cell.target]): cell.open for cell in made.cells}


def test_a_pair_that_is_closed_has_no_cell() -> None:
    assert cells(matrix(two_subnets().network())) == {("eni-a", "eni-b"): TCP_80, ("eni-a", "eni-c"): TCP_80}


def test_interfaces_alike_are_one_class_with_a_row_of_its_own() -> None:
    world = two_subnets([allow("tcp 80", "sg-b")])
    world.eni("eni-d", "subnet-b", "sg-b")
    made = matrix(world.network())
    assert members(made) == {(), ("eni-a",), ("eni-b", "eni-d"), ("eni-c",)}
    assert cells(made)["eni-b", "eni-b"] == TCP_80
    assert ("eni-c", "eni-c") not in cells(made)


@pytest.mark.parametrize(
    "tell",
    [
        lambda world: world.sg("sg-a", egress=[allow("all", "10.0.2.10/32")]),
        lambda world: world.prefix_list("pl-1", "10.0.2.10/31") and world.sg("sg-a", ingress=[allow("udp 53", "pl-1")]),
        lambda world: world.eni("eni-b", "subnet-b", "sg-b", public="54.0.0.1"),
        lambda world: world.eni("eni-b", "subnet-b", "sg-b", type="vpc_endpoint"),
        lambda world: world.sg("sg-x") and world.eni("eni-b", "subnet-b", "sg-b", "sg-x"),
        lambda world: world.route("rtb-main-vpc-1", "10.0.2.10/32", "pcx-9"),
    ],
    ids=["address in a rule", "address in a list", "public address", "type", "groups", "address in a route"],
)
def test_what_a_rule_can_see_tells_interfaces_apart(tell: object) -> None:
    world = two_subnets()
    world.eni("eni-d", "subnet-b", "sg-b", ip="10.0.2.77")
    assert ("eni-b", "eni-d") in members(matrix(world.network()))
    tell(world)  # type: ignore[operator]
    assert {("eni-b",), ("eni-d",)} <= members(matrix(world.network()))


def test_a_service_of_several_tasks_names_its_class() -> None:
    world = two_subnets()
    world.eni("eni-d", "subnet-b", "sg-b")
    world.service("web", ["eni-b", "eni-d"])
    (held,) = (item for item in matrix(world.network()).classes if item.services)
    assert (held.id, held.services, held.members) == ("c1", ("web",), ("eni-b", "eni-d"))
    assert (held.subnet, held.security_groups) == ("subnet-b", ("sg-b",))


def test_a_fact_that_is_missing_makes_the_pair_unknown_and_no_other() -> None:
    world = two_subnets([allow("tcp 80", "pl-1"), allow("tcp 81", "sg-a")])
    world.prefix_list("pl-1", known=False)
    (cell,) = (cell for cell in matrix(world.network()).cells if cell.source == "c1" and cell.target == "c3")
    assert cell.unknown == "ec2:GetManagedPrefixListEntries: the ranges of prefix list pl-1 are not known"
    assert cell.open == (Open("tcp", ("81",), ("1024-65535",)),)
    world.missing("route_table", why="no permission")
    assert all("no permission" in cell.unknown for cell in matrix(world.network()).cells if cell.target == "c3")


@pytest.mark.parametrize("stopped", [False, True])
def test_where_nothing_runs_nothing_is_open(stopped: bool) -> None:
    world = two_subnets([allow("tcp 80", "sg-a"), allow("tcp 81", "sg-b")])
    world.eni("eni-d", "subnet-b", "sg-b")
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    if stopped:
        world.change(NetworkInterface, "eni-d", instance="i-1")
        world.instance("i-1", "eni-d")
        world.change(Instance, "i-1", state="stopped")
    else:
        world.change(NetworkInterface, "eni-d", state="available")
    made = matrix(world.network())
    (held,) = (item for item in made.classes if "eni-d" in item.members)
    assert held.members == ("eni-d",)
    assert held.names == ("i-1 is stopped" if stopped else "attached to nothing",)
    assert not any("eni-d" in pair for pair in cells(made))
    assert ("eni-c", "eni-b") in cells(made)
    both = ask(world.network(), question("10.0.2.0/24", "eni-c:81"))
    assert both.verdict is Disposition.REACHABLE, "whoever runs there, and nobody else, is meant"
    assert ask(world.network(), question("10.0.2.11/32", "eni-c:81")).verdict is Disposition.BLOCKED


def test_a_node_of_a_balancer_is_open_where_the_balancer_listens() -> None:
    world = two_subnets()
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.sg("sg-lb", ingress=[allow("all", ALL)])
    lb = world.lb("shop", "application", ["subnet-a", "subnet-b"], "sg-lb")
    world.listener(lb, 443, world.target_group("shop", 80, "eni-b"), protocol="HTTPS")
    made = matrix(world.network())
    assert made.assumptions[-1] == "a target answers behind lb/shop: ask about lb/shop to know"
    found = cells(made)["internet", "eni-shop-0"]
    assert [row for row in found if row.protocol != "icmp"] == [Open("tcp", ("443",), ("1024-65535",))]


def test_part_of_the_internet_is_named() -> None:
    world = two_subnets([allow("tcp 80", "203.0.113.0/24")])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.eni("eni-d", "subnet-b", "sg-b", public="54.0.0.7")
    found = cells(matrix(world.network()))
    assert found["internet", "eni-d"] == (Open("tcp", ("80",), ("1024-65535",), clients=("203.0.113.0/24",)),)
    assert ("internet", "eni-b") not in found


def test_addresses_of_a_listed_service_are_not_the_internet() -> None:
    world = two_subnets()
    world.prefix_list("pl-s3", "52.218.0.0/17", name="com.amazonaws.eu-west-1.s3")
    world.gateway_endpoint("vpce-1", "s3", "pl-s3", "rtb-main-vpc-1")
    assert not any("internet" in pair for pair in cells(matrix(world.network())))


def grown(tasks: int) -> World:
    """Two services behind one group each, in two subnets; the number of tasks is all that varies."""
    world = two_subnets()
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    for number in range(tasks):
        for subnet in ("subnet-a", "subnet-b"):
            for group in ("sg-a", "sg-b"):
                world.eni(f"eni-{subnet}-{group}-{number}", subnet, group)
    return world


def test_the_work_grows_with_classes_and_not_with_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[int] = []

    def counted(tasks: int) -> tuple[int, int, int]:
        followed.clear()
        made = matrix(grown(tasks).network())
        return len(followed), len(made.classes), len(made.cells)

    flow = passages.flow
    monkeypatch.setattr(passages, "flow", lambda *args, **more: followed.append(1) or flow(*args, **more))
    few = counted(3)
    assert few[0] > 0
    assert counted(60) == few


def test_a_reply_that_may_come_back_through_the_internet_is_not_called_lost() -> None:
    world = two_subnets()
    world.vpc("vpc-1", ipv6="2001:db8:1::/56")
    world.subnet("subnet-6", "10.0.3.0/24", ipv6="2001:db8:1:3::/64")
    world.sg("sg-6", ingress=[allow("tcp 80", "::/0")])
    world.eni("eni-6", "subnet-6", "sg-6", ipv6="2001:db8:1:3::9")
    world.route("rtb-main-vpc-1", "::/0", "igw-1")
    world.vpc("vpc-2", "10.9.0.0/16", ipv6="2001:db8:9::/56")
    world.igw("igw-2", "vpc-2")
    world.subnet("subnet-9", "10.9.0.0/24", vpc="vpc-2", ipv6="2001:db8:9:1::/64")
    world.sg("sg-9", "vpc-2")
    world.eni("eni-9", "subnet-9", "sg-9", ipv6="2001:db8:9:1::9")
    world.peering("pcx-1", "vpc-1", "vpc-2")
    world.route("rtb-main-vpc-2", "::/0", "pcx-1")
    made = matrix(world.network())
    of = {member: item.id for item in made.classes for member in item.members}
    (cell,) = (cell for cell in made.cells if (cell.source, cell.target) == (of["eni-9"], of["eni-6"]))
    assert not cell.open
    assert "that way is not modelled" in cell.unknown
