"""Killed after any write and run again: the stack is whole, nothing is there twice, nothing is left over."""

from __future__ import annotations

from collections import Counter

import pytest

from fargate_net.engine.plan import plan
from fargate_net.kinds.base import KEY_TAG
from fargate_net.model.resource import Graph
from tests.engine.fake_cloud import FakeCloud, Killed
from tests.engine.running import STACK, down, failures, named, observe, start, up
from tests.engine.toys import Nets, article


def fresh() -> FakeCloud:
    return FakeCloud(lag=3.0, slow={"toy_gate": 115.0, "toy_face": 176.0, "toy_crew": 60.0})


def writes_of(before: Graph | None, graph: Graph, *, prune: bool) -> int:
    cloud = fresh()
    if before is not None:
        up(cloud, before)
    done = cloud.writes
    up(cloud, graph, prune=prune)
    return cloud.writes - done


def converges(before: Graph | None, graph: Graph, after: int, *, prune: bool = False) -> None:
    cloud = fresh()
    if before is not None:
        up(cloud, before)
    cloud.kill_after = cloud.writes + after
    with pytest.raises(Killed):
        up(cloud, graph, prune=prune)
    cloud.dead, cloud.kill_after = False, None
    cloud.clock.sleep(10)
    _, foreseen, events = start(cloud, graph, prune=prune)
    assert failures(list(events)) == []
    live = observe(cloud)
    assert plan(graph, live, STACK, prune=prune).is_empty
    assert named(foreseen) == named(live)
    # Nothing is there twice, nothing lies about without our tags. (Old revisions of recipes stay, and no tag tells.)
    there = [t for t in cloud._there() if t.kind not in ("toy_recipe", "toy_worker")]
    assert Counter(t.tags.get(KEY_TAG) for t in there) == Counter(r.key for r in graph if r.kind not in ("toy_recipe",))


CHANGES = {
    "first": (None, article(), False),
    "update": (article(), article(open=True, text="nginx:2"), False),
    "replace": (article(), article(face="front2", scheme="internal"), False),
    "move the gate": (article(), article(gate_in="toy_place/b"), False),
    "prune": (article(), article(without=("toy_crew/web",)), True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_killed_after_any_write_the_next_run_converges(name: str) -> None:
    before, graph, prune = CHANGES[name]
    for after in range(1, writes_of(before, graph, prune=prune) + 1):
        converges(before, graph, after, prune=prune)


def test_the_mutant_that_tags_after_the_create_call_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Nets, "late_tags", True)
    with pytest.raises(AssertionError, match="None: 1"):
        converges(None, article(), 1)


@pytest.mark.parametrize("after", range(1, 8))
def test_a_removal_killed_after_any_write_is_finished_by_the_next(cloud: FakeCloud, after: int) -> None:
    up(cloud, article())
    cloud.kill_after = cloud.writes + after
    with pytest.raises(Killed):
        down(cloud)
    cloud.dead, cloud.kill_after = False, None
    assert failures(down(cloud)) == []
    assert len(observe(cloud)) == 0


def test_a_stack_is_not_touched_by_the_removal_of_another(cloud: FakeCloud) -> None:
    up(cloud, article())
    other = cloud.write("toy.create_toy_net", kind="toy_net", props=Nets.props("10.9.0.0/16"), tags={})["id"]
    cloud.clock.sleep(5)
    down(cloud)
    assert [item.id for item in observe(cloud)] == [other]
