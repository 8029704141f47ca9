"""Time on a clock that only jumps: the makespan, how often AWS is asked, throttling, deadlines."""

from __future__ import annotations

import threading
from collections import Counter
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from fargate_net.engine.patience import Attempt, Patience, SystemClock
from fargate_net.engine.steps import Step
from fargate_net.engine.waits import Waits
from fargate_net.errors import (
    AlreadyExists,
    AwsError,
    Denied,
    InUse,
    LimitReached,
    NotFound,
    NotReady,
    Refused,
    Throttled,
)
from fargate_net.kinds.base import REGISTRY, Aws, Scope
from fargate_net.model.event import Done, Failed, Finished, Retrying, Skipped, Waiting
from fargate_net.model.resource import Graph, Resource
from fargate_net.model.snapshot import Found
from tests.engine.fake_cloud import FakeCloud, Trouble
from tests.engine.running import down, failures, patience, start, up
from tests.engine.toys import Crew, Net, article


def test_the_run_takes_no_more_than_its_critical_path(cloud: FakeCloud) -> None:
    cloud.lag = 0.0
    events = up(cloud, article())
    critical = max(115.0, 176.0) + 60.0  # the gate and the face wait side by side, the crew needs both
    assert critical <= events[-1].at <= 1.05 * critical


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_slow_things_start_first_and_nobody_waits_for_a_worker(cloud: FakeCloud, workers: int) -> None:
    cloud.lag = 0.0
    events = up(cloud, article(), workers=workers)
    assert events[-1].at <= 1.05 * 236.0


def test_removal_takes_no_more_than_its_critical_path(cloud: FakeCloud) -> None:
    up(cloud, article())
    cloud.slow_delete = {"toy_gate": 55.0, "toy_crew": 60.0, "toy_face": 150.0}
    events = down(cloud)
    assert failures(events) == []
    assert 150.0 <= events[-1].at <= 1.05 * 150.0  # the face takes longest; the places wait for it


def looks_for(count: int) -> int:
    cloud = FakeCloud(slow={"toy_net": 100.0})
    graph = Graph([Resource("toy_net", f"n{n}", Net(f"10.{n}.0.0/16")) for n in range(count)])
    assert failures(up(cloud, graph)) == []
    return Counter(kind for _, kind in cloud.reads)["toy_net"]


def test_one_scan_serves_all_who_wait_for_a_kind() -> None:
    assert looks_for(40) <= looks_for(1) + 5


def test_waiting_tells_how_long_it_usually_takes(cloud: FakeCloud) -> None:
    waits = [e for e in up(cloud, article()) if isinstance(e, Waiting) and e.key == "toy_face/front"]
    assert waits[-1].usual == 176.0
    assert waits[-1].reason == "the toy cloud is at it"
    assert [w.elapsed for w in waits] == sorted(w.elapsed for w in waits)


def test_the_longest_chain_starts_first_when_workers_are_few(cloud: FakeCloud) -> None:
    cloud.lag = 0.0
    up(cloud, article(), workers=1)
    made = [operation for _, operation, _ in cloud.log if "create" in operation]
    assert made.index("toy.create_toy_face") < made.index("toy.create_toy_table")
    assert made[0] == "toy.create_toy_net", "the chain of the net is longer than that of the recipe"


def test_throttling_slows_down_and_never_fails(cloud: FakeCloud) -> None:
    cloud.troubles.append(
        Trouble(lambda op, _: True, lambda op: Throttled("Rate exceeded", operation=op, code="Throttling"), times=40)
    )
    live_events = list(start_after(cloud))
    assert failures(live_events) == []
    assert sum(isinstance(e, Retrying) for e in live_events) > 5


def start_after(cloud: FakeCloud) -> list[object]:
    """The trouble must not meet the first observation."""
    troubles, cloud.troubles = cloud.troubles, []
    _, _, events = start(cloud, article())
    cloud.troubles = troubles
    return list(events)


def test_throttling_without_end_stops_at_the_deadline(cloud: FakeCloud) -> None:
    _, _, events = start(cloud, article(), deadline=600.0)
    cloud.troubles.append(
        Trouble(
            lambda op, _: op == "toy.create_toy_net",
            lambda op: Throttled("Rate exceeded", operation=op, code="Throttling"),
            times=10**6,
        )
    )
    happened = list(events)
    (failed,) = failures(happened)
    assert failed.key == "toy_net/main"
    assert "Rate exceeded" in failed.what
    assert "tried" in failed.what
    assert 500 < happened[-1].at <= 600


def test_what_is_not_ready_in_time_fails_with_the_last_words_of_aws(cloud: FakeCloud) -> None:
    cloud.slow["toy_gate"] = 10**6
    events = up(cloud, article(), deadline=400.0)
    (failed,) = failures(events)
    assert (failed.key, failed.action) == ("toy_gate/out", "create")
    assert "the toy cloud is at it" in failed.what
    assert events[-1].at == pytest.approx(400.0, abs=1.0)
    assert {e.key for e in events if isinstance(e, Skipped)} == {"toy_table/main", "toy_crew/web"}


def test_a_thing_that_is_never_shown_counts_as_lost(cloud: FakeCloud) -> None:
    cloud.lag = 10**6
    graph = Graph([Resource("toy_net", "n", Net("10.0.0.0/16", dns=False))])
    (failed,) = failures(up(cloud, graph))
    assert "does not list it" in failed.what


def lost_answer(cloud: FakeCloud, kind: str, *, took_effect: bool, times: int = 1) -> Trouble:
    return Trouble(
        lambda op, _: op == f"toy.create_{kind}",
        lambda op: AwsError("no answer", operation=op, code="InternalError"),
        times=times,
        took_effect=took_effect,
    )


@pytest.mark.parametrize("kind", ["toy_net", "toy_place", "toy_gate", "toy_face", "toy_crew"])
@pytest.mark.parametrize("took_effect", [True, False])
def test_a_lost_answer_never_makes_a_second_thing(cloud: FakeCloud, kind: str, took_effect: bool) -> None:
    cloud.troubles.append(lost_answer(cloud, kind, took_effect=took_effect))
    events = up(cloud, article())
    assert failures(events) == []
    assert sum(t.kind == kind for t in cloud.things.values()) == (2 if kind == "toy_place" else 1)


@pytest.mark.parametrize("operation", ["toy.shape_toy_net", "toy.create_line_of_toy_table"])
@pytest.mark.parametrize("error", [Throttled, NotReady, NotFound])
def test_half_of_a_create_is_finished_not_repeated(cloud: FakeCloud, operation: str, error: type[AwsError]) -> None:
    """The second call of a create is refused: the thing exists, and must not be made again."""
    cloud.troubles.append(
        Trouble(lambda op, _: op == operation, lambda op: error("not now", operation=op, code="x"), times=3)
    )
    assert failures(up(cloud, article())) == []
    assert [t.props.dns for t in cloud.things.values() if t.kind == "toy_net"] == [True]
    assert [len(t.props.lines) for t in cloud.things.values() if t.kind == "toy_table"] == [1]


def test_an_error_that_is_final_is_not_retried(cloud: FakeCloud) -> None:
    cloud.troubles.append(
        Trouble(
            lambda op, _: op == "toy.create_toy_gate",
            lambda op: AwsError("the price is too high", operation=op, code="Invalid"),
            times=9,
        )
    )
    events = up(cloud, article())
    (failed,) = failures(events)
    assert failed.what == "the price is too high"
    assert not any(isinstance(e, Retrying) and e.key == "toy_gate/out" for e in events)
    assert {e.key: e.because for e in events if isinstance(e, Skipped)} == {
        "toy_table/main": "toy_gate/out",
        "toy_crew/web": "toy_gate/out",
    }
    assert "toy_face/front" in {e.key for e in events if isinstance(e, Done)}, "independent work goes on"
    assert isinstance(events[-1], Finished)
    assert events[-1].counts == {"done": 5, "failed": 1, "skipped": 2}
    assert isinstance(failed, Failed)


def test_a_newcomer_is_looked_at_soon_however_long_others_have_waited(cloud: FakeCloud) -> None:
    waits = Waits(patience(cloud))
    waits.add(Step("create", "toy_gate/old"), "g-1", stale=False)
    cloud.clock.sleep(400)
    assert waits.delay("toy_gate") > 5
    waits.add(Step("create", "toy_gate/new"), "g-2", stale=False)
    assert waits.delay("toy_gate") < 1


def test_a_look_that_began_before_an_update_does_not_count(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two crews are updated; what a scan saw before the second update must not pass for the state after it."""
    cloud.slow = {}
    one, two = (Resource("toy_crew", name, Crew(name, "r1", frozenset())) for name in ("one", "two"))
    up(cloud, Graph([one, two]))
    cloud.slow = {"toy_crew": 60.0}
    crews = REGISTRY["toy_crew"]
    looking, updated = threading.Event(), threading.Event()
    scan, update = crews.scan, crews.update

    def slow_scan(aws: Aws, scope: Scope) -> list[Any]:
        seen = list(scan(aws, scope))
        if threading.current_thread().name.startswith("fargatenet-") and not looking.is_set():
            looking.set()
            assert updated.wait(20)
        return seen

    def late_update(aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        if have.key == "toy_crew/two":
            assert looking.wait(20)
        new = update(aws, have, want, fields)
        if have.key == "toy_crew/two":
            updated.set()
        return new

    def receive(inbox: Any, seconds: float | None) -> Any:
        try:
            return inbox.get(timeout=0.05)
        except Empty:
            cloud.clock.sleep(seconds or 0.0)
            return None

    graph = Graph([Resource("toy_crew", name, Crew(name, "r2", frozenset())) for name in ("one", "two")])
    _, _, events = start(cloud, graph)
    monkeypatch.setattr(crews, "scan", slow_scan)
    monkeypatch.setattr(crews, "update", late_update)
    monkeypatch.setattr(cloud.clock, "receive", receive)
    done = {e.key: e for e in events if isinstance(e, Done)}
    assert done["toy_crew/two"].took >= 60


@pytest.mark.parametrize(
    ("what", "retried"),
    [
        ("the net 'net-fresh' does not exist", True),
        ("the subnet 'subnet-typo' does not exist", False),
        ("no such net", True),
    ],
)
def test_not_found_is_final_for_ids_that_were_given_from_outside(cloud: FakeCloud, what: str, retried: bool) -> None:
    attempt = Attempt("create", "toy_place", 0.0, fresh={"net-fresh"}, fixed={"subnet-typo"})
    error = NotFound(what, operation="toy.create_place", code="NotFound")
    assert (patience(cloud).pace(error, attempt) is not None) is retried


@pytest.mark.parametrize(
    ("error", "limit"),
    [
        (NotReady("soon", operation="iam.x", code="c"), 600.0),
        (AlreadyExists("taken", operation="elbv2.create_x", code="c"), 30.0),
        (AwsError("broken pipe", operation="ec2.create_x", code="ConnectionClosedError"), 300.0),
    ],
)
def test_each_sort_of_refusal_has_its_limit(cloud: FakeCloud, error: AwsError, limit: float) -> None:
    calm = patience(cloud)
    attempt = Attempt("create", "toy_place", cloud.clock.now()).after(error, cloud.clock.now())
    begin = cloud.clock.now()
    while (delay := calm.again(error, attempt)) is not None:
        cloud.clock.sleep(delay)
        attempt = attempt.after(error, cloud.clock.now())
    assert limit * 0.6 <= cloud.clock.now() - begin <= limit


def test_denials_quotas_and_refusals_are_final(cloud: FakeCloud) -> None:
    attempt = Attempt("create", "toy_place", cloud.clock.now(), fresh={"net-1"})
    for error in (
        Denied("no", operation="ec2.create_x", code="AccessDenied"),
        LimitReached("full", operation="ec2.create_x", code="VpcLimitExceeded"),
        InUse("used", operation="ec2.create_x", code="DependencyViolation"),
        Refused("not ours"),
    ):
        assert patience(cloud).again(error, attempt) is None


def test_a_deletion_may_be_given_its_own_time_by_kind(cloud: FakeCloud) -> None:
    error = InUse("used", operation="ec2.delete_x", code="DependencyViolation")
    calm = Patience(cloud.clock, 3600.0, blocked={"toy_gate": 60.0})
    for kind, final in (("toy_gate", True), ("toy_net", False)):
        attempt = Attempt("delete", kind, 0.0, refusal=InUse, refused=cloud.clock.now() - 100, row=5)
        assert (calm.again(error, attempt) is None) is final


def test_the_system_clock_is_real() -> None:
    clock, inbox = SystemClock(), SimpleQueue[str]()
    began = clock.now()
    assert clock.receive(inbox, 0.0) is None
    inbox.put("a")
    assert clock.receive(inbox, None) == "a"
    clock.sleep(-1)
    assert clock.now() >= began
    assert clock.wall().tzinfo is not None
