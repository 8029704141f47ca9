"""What opens and what closes between two networks, exactly."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fargate_net.model.verdict import Open, ReachChange
from fargate_net.reach.connections import ANYWHERE, Block, beyond, blocks
from fargate_net.reach.delta import changes
from fargate_net.reach.intervals import Intervals
from tests.reach.world import ALL, World, allow, two_subnets

ANY_CLIENT = ("1024-65535",)


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
    assert row.note == "not known after: the ranges of prefix list pl-1 are not known"
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
    assert rows.keys() == {("api", "web")}
    assert rows["api", "web"].opened == (Open("tcp", ("90",), ANY_CLIENT),)


def test_a_new_endpoint_opens_the_service_behind_it() -> None:
    before, after = two_subnets(), two_subnets()
    for world in (before, after):
        world.service("api", ["eni-a"])
    after.sg("sg-e", ingress=[allow("tcp 443", "sg-a")])
    after.interface_endpoint("vpce-1", "ecr.api", ["subnet-b"], "sg-e")
    assert between(before, after)["api", "aws:ecr.api"].opened == (Open("tcp", ("443",), ANY_CLIENT),)


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
        return Block("tcp", ports, clients, ANYWHERE, ANYWHERE).row()

    left = blocks(beyond([row(*pair) for pair in more], [row(*pair) for pair in less]))
    assert members([(block.ports, block.client_ports) for block in left]) == members(more) - members(less)
