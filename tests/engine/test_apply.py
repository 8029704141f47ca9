"""The run: convergence, order, isolation, time."""

from __future__ import annotations

from fargate_net.engine.plan import plan
from fargate_net.model.event import Done, Finished
from tests.engine.fake_cloud import FakeCloud
from tests.engine.running import STACK, down, failures, named, observe, start, up
from tests.engine.toys import article


def test_up_makes_everything_then_plans_nothing_and_foresaw_what_is_there(cloud: FakeCloud) -> None:
    _, foreseen, events = start(cloud, article())
    happened = list(events)
    assert failures(happened) == []
    assert isinstance(happened[-1], Finished)
    assert happened[-1].counts == {"done": 8, "failed": 0, "skipped": 0}
    live = observe(cloud)
    assert plan(article(), live, STACK).is_empty
    assert named(foreseen) == named(live)
    assert len([e for e in happened if isinstance(e, Done)]) == 8


def test_down_leaves_nothing(cloud: FakeCloud) -> None:
    up(cloud, article())
    cloud.slow_delete = {"toy_gate": 55.0, "toy_worker": 40.0}
    happened = down(cloud)
    assert failures(happened) == []
    assert len(observe(cloud)) == 0
