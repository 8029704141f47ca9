"""The plan as data: what differs, what is refused, what is left alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from fargate_net.engine.claims import REPLACES_TAG, claims
from fargate_net.engine.plan import plan, plan_down
from fargate_net.errors import Refused
from fargate_net.kinds.base import KEY_TAG, REGISTRY, STACK_TAG
from fargate_net.model.change import Change, FieldChange
from fargate_net.model.resource import Graph, Ref, Resource
from fargate_net.model.snapshot import Found, Missing, Snapshot
from tests.engine.fake_cloud import FakeCloud
from tests.engine.running import STACK, observe, up
from tests.engine.toys import Crew, Face, Line, Net, Place, Recipe, Table, article


def mine(id: str, key: str, props: Any, stack: str = STACK, **tags: str) -> Found[Any]:
    ours = {STACK_TAG: stack, KEY_TAG: key, **tags}
    return Found(id, props, {"state": "ready"}, stack, key, getattr(props, "name", ""), ours)


def actions(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.action, change.key) for change in changes]


def test_everything_is_created_in_an_order_in_which_it_can_be() -> None:
    todo = plan(article(), Snapshot(), STACK)
    keys = [change.key for change in todo.changes]
    assert todo.counts == {"create": 8}
    for key in article().order:
        assert all(keys.index(need) < keys.index(key) for need in article().needs(key))


def test_a_port_change_touches_what_it_must_and_nothing_else(cloud: FakeCloud) -> None:
    up(cloud, article())
    todo = plan(article(text="nginx:2"), observe(cloud), STACK)
    assert actions(todo.changes) == [("update", "toy_recipe/web"), ("update", "toy_crew/web")]
    assert todo.changes[0].fields == (FieldChange("text", "nginx", "nginx:2"),)
    (field,) = todo.changes[1].fields
    assert (field.name, field.after) == ("recipe", Ref("toy_recipe/web")), "the new revision is known after up"


def test_an_immutable_field_replaces_and_everything_that_names_it_follows(cloud: FakeCloud) -> None:
    up(cloud, article())
    todo = plan(article(face="front2", scheme="internal"), observe(cloud), STACK)
    assert actions(todo.changes) == [("replace", "toy_face/front"), ("update", "toy_crew/web")]
    assert todo.changes[0].interrupts == ""
    assert {field.name for field in todo.changes[0].fields} == {"name", "scheme"}


def test_a_replacement_that_keeps_its_unique_name_interrupts() -> None:
    live = Snapshot([mine("toy_face-1", "toy_face/f", Face("f", frozenset(), "public"))])
    todo = plan(Graph([Resource("toy_face", "f", Face("f", frozenset(), "internal"))]), live, STACK)
    assert actions(todo.changes) == [("replace", "toy_face/f")]
    assert "until then there is none" in todo.changes[0].interrupts


def test_a_replacement_that_must_delete_first_is_refused_while_others_need_it() -> None:
    net = mine("toy_net-1", "toy_net/n", Net("10.0.0.0/16"))
    place = mine("toy_place-1", "toy_place/p", Place("toy_net-1", "10.0.0.0/24"))
    crew = mine("toy_crew-1", "toy_crew/c", Crew("c", "r", frozenset({"toy_place-1"})))
    REGISTRY["toy_place"].immutable = frozenset({"net", "cidr", "open"})  # type: ignore[misc]
    graph = Graph(
        [
            Resource("toy_net", "n", Net("10.0.0.0/16")),
            Resource("toy_place", "p", Place(Ref("toy_net/n"), "10.0.0.0/24", open=True)),
            Resource("toy_crew", "c", Crew("c", "r", frozenset({Ref("toy_place/p")}))),
        ]
    )
    todo = plan(graph, Snapshot([net, place, crew]), STACK)
    (refused,) = todo.of("refuse")
    assert refused.key == "toy_place/p"
    assert "toy_crew-1" in refused.note
    without = Graph([graph["toy_net/n"], graph["toy_place/p"]])
    assert plan(without, Snapshot([net, place, crew]), STACK, prune=True).of("refuse") == ()


def test_what_is_not_wanted_any_more_is_an_orphan_and_pruning_deletes_it(cloud: FakeCloud) -> None:
    up(cloud, article())
    graph, live = article(without=("toy_crew/web", "toy_face/front")), observe(cloud)
    todo = plan(graph, live, STACK)
    assert actions(todo.changes) == [("orphan", "toy_crew/web"), ("orphan", "toy_face/front")]
    assert todo.is_empty
    pruned = plan(graph, live, STACK, prune=True)
    assert set(actions(pruned.changes)) == {("delete", "toy_crew/web"), ("delete", "toy_face/front")}


def test_removal_takes_users_before_what_they_use(cloud: FakeCloud) -> None:
    up(cloud, article())
    keys = [change.key for change in plan_down(observe(cloud), STACK).changes]
    assert len(keys) == 8
    assert keys.index("toy_crew/web") < keys.index("toy_place/a") < keys.index("toy_net/main")
    assert keys.index("toy_table/main") < keys.index("toy_gate/out") < keys.index("toy_place/a")


def test_circles_of_live_things_can_be_removed() -> None:
    one = mine("toy_table-1", "toy_table/1", Table("toy_net-1", frozenset({Line("x", "toy_table-2")})))
    two = mine("toy_table-2", "toy_table/2", Table("toy_net-1", frozenset({Line("x", "toy_table-1")})))
    net = mine("toy_net-1", "toy_net/n", Net("10.0.0.0/16"))
    assert [c.key for c in plan_down(Snapshot([one, two, net]), STACK).changes][-1] == "toy_net/n"


def test_entries_of_others_inside_our_things_are_named_and_left_alone() -> None:
    lines = frozenset({Line("0/0", "gate"), Line("9/8", "peer", ours=False)})
    live = Snapshot([mine("toy_table-1", "toy_table/t", Table("toy_net-1", lines))])
    same = Graph([Resource("toy_table", "t", Table("toy_net-1", frozenset({Line("0/0", "gate")})))])
    todo = plan(same, live, STACK)
    assert todo.is_empty
    assert "left alone: 9/8 via peer" in todo.changes[0].note
    more = Graph([Resource("toy_table", "t", Table("toy_net-1", frozenset({Line("0/0", "gate2")})))])
    (change,) = plan(more, live, STACK).changes
    assert change.fields[0].after == frozenset({Line("0/0", "gate2"), Line("9/8", "peer")})
    (change,) = plan(same, live, STACK, prune=True).changes
    assert change.action == "update"
    assert change.fields[0].after == frozenset({Line("0/0", "gate")})


def test_a_name_that_is_taken_is_refused_with_its_id_and_whose_it_is() -> None:
    graph = Graph([Resource("toy_face", "f", Face("f", frozenset()))])
    stranger = Found("toy_face-9", Face("f", frozenset()), name="f")
    (change,) = plan(graph, Snapshot([stranger]), STACK).changes
    assert (change.action, change.id) == ("refuse", "toy_face-9")
    assert "does not carry our tags" in change.note
    other = mine("toy_face-8", "toy_face/f", Face("f", frozenset()), stack="blog")
    (change,) = plan(graph, Snapshot([other]), STACK).changes
    assert "belongs to stack blog" in change.note


def test_two_claimants_are_refused_with_both_ids_and_removal_takes_both() -> None:
    twins = Snapshot([mine("toy_net-1", "toy_net/n", Net("a")), mine("toy_net-2", "toy_net/n", Net("a"))])
    with pytest.raises(Refused, match="toy_net-1 and toy_net-2"):
        plan(Graph(), twins, STACK)
    assert {change.id for change in plan_down(twins, STACK).changes} == {"toy_net-1", "toy_net-2"}


def test_a_replacement_says_whom_it_replaces_and_is_the_current_one() -> None:
    first = mine("toy_net-1", "toy_net/n", Net("a"))
    second = mine("toy_net-2", "toy_net/n", Net("b"), **{REPLACES_TAG: "toy_net-1"})
    third = mine("toy_net-3", "toy_net/n", Net("c"), **{REPLACES_TAG: "toy_net-2"})
    told = claims(Snapshot([third, first, second]), STACK)
    assert told.current["toy_net/n"].id == "toy_net-3"
    assert [item.id for item in told.replaced] == ["toy_net-1", "toy_net-2"]
    graph = Graph([Resource("toy_net", "n", Net("c"))])
    todo = plan(graph, Snapshot([first, second, third]), STACK)
    assert [(c.action, c.id) for c in todo.changes] == [("delete", "toy_net-1"), ("delete", "toy_net-2")]
    rival = replace(third, id="toy_net-4")
    with pytest.raises(Refused, match="toy_net-3 and toy_net-4"):
        claims(Snapshot([first, second, third, rival]), STACK)


def test_the_newest_revision_is_current_and_older_ones_stay() -> None:
    old = mine("toy_recipe-1", "toy_recipe/r", Recipe("a", 1))
    new = mine("toy_recipe-2", "toy_recipe/r", Recipe("b", 2))
    live = Snapshot([new, old])
    assert plan(Graph([Resource("toy_recipe", "r", Recipe("b"))]), live, STACK).changes == ()
    assert [change.id for change in plan_down(live, STACK).changes] == ["toy_recipe-2"]


def test_tags_copied_to_things_of_another_kind_do_not_make_them_ours(cloud: FakeCloud) -> None:
    up(cloud, article())
    workers = observe(cloud).kind("toy_worker")
    assert len(workers) == 2
    assert all(worker.key == "toy_crew/web" for worker in workers.values())
    assert not any(change.id in workers for change in plan_down(observe(cloud), STACK).changes)


def test_what_cannot_be_seen_is_not_made() -> None:
    blind = Snapshot(missing=[Missing("toy_net", "", "toy:DescribeNets", "you may not")])
    (change,) = plan(Graph([Resource("toy_net", "n", Net("a"))]), blind, STACK).changes
    assert change.action == "refuse"
    assert "toy:DescribeNets" in change.note


def test_a_field_that_cannot_be_read_is_not_compared_and_said_so() -> None:
    live = mine("toy_net-1", "toy_net/n", Net("a", dns=None))  # type: ignore[arg-type]
    blind = Snapshot([live], [Missing("toy_net", "toy_net-1", "toy:DescribeDns", "you may not")])
    (change,) = plan(Graph([Resource("toy_net", "n", Net("a"))]), blind, STACK).changes
    assert change.action == "keep"
    assert "dns was not compared: you may not" in change.note


def test_the_plan_is_the_same_in_every_process_and_for_every_order_of_what_was_found(cloud: FakeCloud) -> None:
    up(cloud, article())
    found = list(observe(cloud))
    graph = article(face="front2", scheme="internal", text="x", gate_in="toy_place/b")
    assert plan(graph, Snapshot(found), STACK) == plan(graph, Snapshot(found[::-1]), STACK)
    code = (
        "from tests.engine.toys import TOYS, article\n"
        "from fargate_net.kinds.base import REGISTRY\n"
        "from fargate_net.engine.plan import plan\n"
        "from fargate_net.model.snapshot import Snapshot\n"
        "REGISTRY.update({toy.name: toy() for toy in TOYS})\n"
        "print([c.key for c in plan(article(), Snapshot(), 'shop').changes])\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
