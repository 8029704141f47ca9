"""What opens and what closes between two networks, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fargate_net.cli.views.words import sockets
from fargate_net.kinds.network_acl import AclEntry
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.route_table import RouteTable
from fargate_net.kinds.task import Task
from fargate_net.model.verdict import Open, ReachChange
from fargate_net.reach.connections import ANYWHERE, Block, Whole, beyond, blocks
from fargate_net.reach.delta import changes
from fargate_net.reach.intervals import Intervals
from tests.reach.world import ALL, OPEN, World, allow, two_subnets

ANY_CLIENT = ("1024-65535",)
Edit = Callable[[World], object]
ALL_THERE_IS = Whole().with_those_in(())


def between(before: World, after: World) -> dict[tuple[str, str], ReachChange]:
    return {(row.source, row.target): row for row in changes(before.network(), after.network())}


def test_nothing_differs_from_itself() -> None:
    assert changes(two_subnets().network(), two_subnets().network()) == ()


def test_an_opened_and_a_closed_port_of_interfaces() -> None:
    rows = between(two_subnets([allow("tcp 80", "sg-a")]), two_subnets([allow("tcp 81", "sg-a")]))
    assert rows.keys() == {("eni-a", "eni-b"), ("eni-a", "eni-c")}
    assert rows["eni-a", "eni-b"].opened == (Open("tcp", ("81",), ANY_CLIENT),)
    assert rows["eni-a", "eni-b"].closed == (Open("tcp", ("80",), ANY_CLIENT),)


def test_an_interface_that_is_gone_closes_what_it_had() -> None:
    after = two_subnets()
    del after.found["network_interface", "eni-b"]
    assert between(two_subnets(), after).keys() == {("eni-a", "eni-b")}
    assert between(after, two_subnets())["eni-a", "eni-b"].closed == ()


def test_a_wider_source_opens_only_the_rest_of_the_internet() -> None:
    def world(source: str) -> World:
        made = two_subnets([allow("tcp 443", source)])
        made.route("rtb-main-vpc-1", ALL, "igw-1")
        made.eni("eni-d", "subnet-b", "sg-b", public="54.0.0.7")
        return made

    row = between(world("203.0.113.0/24"), world("203.0.112.0/23"))["internet", "eni-d"]
    assert row.opened == (Open("tcp", ("443",), ANY_CLIENT, clients=("203.0.112.0/24",)),)
    assert row.closed == ()


def test_what_is_not_known_on_one_side_is_said_and_not_guessed() -> None:
    after = two_subnets([allow("tcp 80", "pl-1")])
    after.prefix_list("pl-1", known=False)
    row = between(two_subnets([]), after)["eni-a", "eni-b"]
    assert row.note == "not known after: ec2:GetManagedPrefixListEntries: the ranges of prefix list pl-1 are not known"
    assert not row.opened


def test_many_interfaces_are_named_together() -> None:
    def world(port: int) -> World:
        made = two_subnets([allow(f"tcp {port}", "sg-a")])
        for number in range(60):
            made.eni(f"eni-a{number}", "subnet-a", "sg-a")
            made.eni(f"eni-b{number}", "subnet-b", "sg-b")
        return made

    rows = between(world(80), world(81))
    assert rows.keys() == {
        ("eni-a and 60 more like it", "eni-b and 60 more like it"),
        ("eni-a and 60 more like it", "eni-c"),
    }


def test_services_are_compared_by_name_whatever_their_tasks_are_called() -> None:
    def world(port: int, eni: str) -> World:
        made = two_subnets([allow(f"tcp {port}", "sg-a")])
        made.service("api", ["eni-a"])
        made.eni(eni, "subnet-b", "sg-b")
        made.service("web", [eni], cluster="shop")
        return made

    rows = between(world(80, "eni-x"), world(90, "eni-y"))
    assert rows.keys() == {("api", "web"), ("api", "eni-b"), ("api", "eni-c")}, "eni-x and eni-y are web"
    assert rows["api", "web"].opened == (Open("tcp", ("90",), ANY_CLIENT),)


def test_a_new_endpoint_opens_the_service_behind_it() -> None:
    before, after = two_subnets(), two_subnets()
    for world in (before, after):
        world.service("api", ["eni-a"])
    after.sg("sg-e", ingress=[allow("tcp 443", "sg-a")])
    after.interface_endpoint("vpce-1", "ecr.api", ["subnet-b"], "sg-e")
    assert between(before, after)["api", "aws:ecr.api"].opened == (Open("tcp", ("443",), ANY_CLIENT),)


def shop() -> World:
    """``api`` (three tasks) asks ``web`` (one task, behind lb/front); eni-o is an instance nobody calls a service."""
    world = two_subnets([allow("tcp 80", "sg-a"), allow("tcp 80", "sg-lb")])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.eni("eni-a2", "subnet-a", "sg-a")
    world.eni("eni-a3", "subnet-b", "sg-a")
    world.sg("sg-o", ingress=[allow("tcp 22", "sg-a")])
    world.eni("eni-o", "subnet-b", "sg-o", public="54.0.0.7")
    world.drop(NetworkInterface, "eni-c")
    world.service("api", ["eni-a", "eni-a2", "eni-a3"])
    world.service("web", ["eni-b"], cluster="shop")
    world.sg("sg-lb", ingress=[allow("tcp 80", ALL)])
    lb = world.lb("front", "application", ["subnet-a", "subnet-b"], "sg-lb")
    world.listener(lb, 80, world.target_group("web", 80, "eni-b"))
    return world


def refusing(egress: bool, cidr: str, low: int, high: int) -> Edit:
    entry = AclEntry(egress, 1, False, "6", cidr, low, high)
    return lambda world: world.acl("acl-b", entries=[entry, *OPEN], subnets=["subnet-b"])


def scaled(world: World) -> None:
    """Other tasks instead of the old ones, and one more."""
    for number in range(3):
        world.drop(Task, f"api-task-{number}")
    for eni in ("eni-a", "eni-a2", "eni-a3"):
        world.drop(NetworkInterface, eni)
    for number in range(4):
        world.eni(f"eni-n{number}", "subnet-a" if number < 2 else "subnet-b", "sg-a")
        world.put(f"task-{number}", Task("shop", "api", "", f"eni-n{number}", "subnet-a", "", "a"))


def moved(world: World) -> None:
    """A subnet that has none of the tasks any more."""
    world.subnet("subnet-n", "10.0.9.0/24", "b")
    scaled(world)
    for number in range(4):
        held = world.found["network_interface", f"eni-n{number}"].props
        ip = held.private_ips[0].replace("10.0.2.", "10.0.9.").replace("10.0.1.", "10.0.9.1")
        world.change(NetworkInterface, f"eni-n{number}", subnet="subnet-n", private_ips=(ip,))


def without_routes(world: World) -> None:
    world.change(RouteTable, "rtb-main-vpc-1", routes=frozenset())


CHANGES: dict[str, tuple[Edit, dict[str, str]]] = {
    "nothing": (lambda world: None, {}),
    "a group of another name": (
        lambda world: (
            world.sg("sg-new", ingress=[allow("tcp 80", "sg-a"), allow("tcp 80", "sg-lb")]),
            world.change(NetworkInterface, "eni-b", security_groups=frozenset({"sg-new"})),
        ),
        {},
    ),
    "other tasks, and more of them": (scaled, {}),
    "tasks in another subnet": (moved, {}),
    "a rule added": (
        lambda world: world.sg("sg-o", ingress=[allow("tcp 22", "sg-a"), allow("tcp 443", ALL)]),
        {
            "api > eni-o": "+ tcp 443",
            "internet > eni-o": "+ tcp 443",
            "web > eni-o": "+ tcp 443",
        },
    ),
    "an entry of a network ACL added": (
        refusing(False, "10.0.1.0/24", 80, 80),
        {
            "api > web": "- tcp 80 (from tasks in subnet-a)",
            "eni-o > lb/front": "- tcp 80 (in eu-west-1a)",
            "internet > lb/front": "- tcp 80 (in eu-west-1a)",
        },
    ),
    "one host refused": (
        refusing(False, "203.0.113.7/32", 80, 80),
        {"internet > lb/front": "- tcp 80 (in eu-west-1b; from 203.0.113.7/32)"},
    ),
    "a route removed": (
        without_routes,
        {
            "eni-o > internet": "- tcp 0-65535; udp 0-65535; icmp",
            "eni-o > lb/front": "- tcp 80",
            "internet > lb/front": "- tcp 80",
        },
    ),
    "an interface added": (
        lambda world: world.eni("eni-o2", "subnet-a", "sg-o"),
        {"api > eni-o2": "+ tcp 22"},
    ),
    "an interface detached": (
        lambda world: world.change(NetworkInterface, "eni-o", state="available"),
        {
            "api > eni-o": "- tcp 22",
            "eni-o > internet": "- tcp 0-65535; udp 0-65535; icmp",
            "eni-o > lb/front": "- tcp 80",
        },
    ),
}


def told(rows: Iterable[ReachChange]) -> dict[str, str]:
    said = {}
    for row in rows:
        parts = [f"{sign} {sockets(held)}" for sign, held in (("+", row.opened), ("-", row.closed)) if held]
        said[f"{row.source} > {row.target}"] = " ".join([*parts, *([row.note] if row.note else [])])
    return said


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_told_once_and_nothing_else(change: str) -> None:
    edit, expected = CHANGES[change]
    after = shop()
    edit(after)
    assert told(changes(shop().network(), after.network())) == expected
    back = told(changes(after.network(), shop().network()))
    turned = {"+": "-", "-": "+"}
    assert back == {pair: turned[said[0]] + said[1:] for pair, said in expected.items()}


def test_an_accepted_peering_opens_what_its_routes_and_rules_wait_for() -> None:
    def world(state: str) -> World:
        made = shop()
        made.vpc("vpc-2", "10.9.0.0/16")
        made.subnet("subnet-9", "10.9.0.0/24", vpc="vpc-2")
        made.sg("sg-9", "vpc-2", ingress=[allow("tcp 5432", "10.0.2.0/24")], egress=[])
        made.eni("eni-9", "subnet-9", "sg-9")
        made.eni("eni-99", "subnet-9", "sg-9")
        made.peering("pcx-1", "vpc-1", "vpc-2", state)
        made.route("rtb-main-vpc-1", "10.9.0.0/16", "pcx-1")
        made.route("rtb-main-vpc-2", "10.0.0.0/16", "pcx-1")
        return made

    rows = told(changes(world("pending-acceptance").network(), world("active").network()))
    assert rows == {
        f"{source} > {target}": "+ tcp 5432" + limit
        for source, limit in (("api", " (from tasks in subnet-b)"), ("eni-o", ""), ("web", ""))
        for target in ("eni-9", "eni-99")
    }


def intervals(most: int) -> st.SearchStrategy[Intervals]:
    spans = st.tuples(st.integers(0, most), st.integers(0, most)).map(lambda pair: (min(pair), max(pair)))
    return st.lists(spans, min_size=1, max_size=2).map(Intervals)


@given(
    st.lists(st.tuples(intervals(4), intervals(4)), max_size=3),
    st.lists(st.tuples(intervals(4), intervals(4)), max_size=3),
)
def test_a_difference_of_blocks_is_the_difference_of_their_connections(
    more: list[tuple[Intervals, Intervals]], less: list[tuple[Intervals, Intervals]]
) -> None:
    def members(rows: list[tuple[Intervals, Intervals]]) -> set[tuple[int, int]]:
        return {pair for one, two in rows for pair in product(range(5), repeat=2) if pair[0] in one and pair[1] in two}

    def row(ports: Intervals, clients: Intervals) -> Open:
        return Block("tcp", ports, clients, ANYWHERE, ANYWHERE).row(ALL_THERE_IS)

    left = blocks(beyond([row(*pair) for pair in more], [row(*pair) for pair in less]), ALL_THERE_IS)
    assert members([(block.ports, block.client_ports) for block in left]) == members(more) - members(less)
