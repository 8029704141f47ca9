"""How runs end early: Ctrl-C, closing, things in the way, diagnoses, replacements in a careful order."""

from __future__ import annotations

from typing import Any

import pytest

from fargate_net.engine.apply import apply, interrupt
from fargate_net.engine.calls import Diagnosis
from fargate_net.engine.plan import plan, plan_down
from fargate_net.errors import AwsError, NotFound, NotReady, Refused
from fargate_net.kinds.base import REGISTRY, Aws, Kind, Scope
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.model.change import Change, Plan
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Retrying, Skipped, Started, Waiting
from fargate_net.model.resource import Graph, Resource
from fargate_net.model.snapshot import Found, Snapshot
from tests.engine.fake_cloud import FakeCloud, Trouble
from tests.engine.running import STACK, down, failures, named, observe, patience, start, up
from tests.engine.toys import Crew, Face, Net, article


def test_ctrl_c_finishes_what_is_on_its_way_and_says_where_it_stands(cloud: FakeCloud) -> None:
    _, _, events = start(cloud, article())
    seen: list[Event] = []
    for event in events:
        seen.append(event)
        if isinstance(event, Waiting) and event.key == "toy_gate/out":
            seen += interrupt(events)
    assert isinstance(seen[-1], Finished)
    assert seen[-1].interrupted
    told = next(e for e in seen if isinstance(e, Notice))
    assert "toy_gate/out" in told.text, "the gate exists and is not known to be ready"
    assert {e.key for e in seen if isinstance(e, Skipped)} >= {"toy_table/main", "toy_crew/web"}
    assert {e.because for e in seen if isinstance(e, Skipped)} == {"interrupted"}
    writes = cloud.writes
    cloud.clock.sleep(1000)
    assert cloud.writes == writes
    _, foreseen, again = start(cloud, article())
    assert failures(list(again)) == []
    assert named(foreseen) == named(observe(cloud))


def test_ctrl_c_while_the_engine_itself_waits(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, events = start(cloud, article())
    sleep = cloud.clock.sleep

    def interrupted(seconds: float) -> None:
        if cloud.clock.now() > 1050:
            raise KeyboardInterrupt
        sleep(seconds)

    monkeypatch.setattr(cloud.clock, "sleep", interrupted)
    happened = list(events)
    assert isinstance(happened[-1], Finished)
    assert happened[-1].interrupted


def test_a_second_ctrl_c_leaves(cloud: FakeCloud) -> None:
    _, _, events = start(cloud, article())
    next(events)
    events.throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt)


def interrupt_at_write(
    cloud: FakeCloud, number: int, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> list[str]:
    """Raise once, while calls are out, as soon as so many writes were made. What happened on the inbox is returned."""
    receive = cloud.clock.receive
    happened: list[str] = []

    def receiving(inbox: Any, seconds: float | None) -> Any:
        if cloud.writes >= number and "raised" not in happened:
            happened.append("raised")
            raise error
        happened.append("heard")
        return receive(inbox, seconds)

    monkeypatch.setattr(cloud.clock, "receive", receiving)
    return happened


@pytest.mark.parametrize("number", range(1, 8))
def test_calls_on_their_way_are_heard_out(cloud: FakeCloud, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_at_write(cloud, number, monkeypatch, KeyboardInterrupt)
    events = up(cloud, article())
    assert isinstance(events[-1], Finished)
    assert events[-1].interrupted
    (notice,) = [e for e in events if isinstance(e, Notice)]
    told = {e.key for e in events if isinstance(e, Done)}
    for thing in cloud.things.values():
        key = thing.tags["fargatenet:key"]
        assert key in told or key in notice.text, f"{key} was made and the run does not say so"


def test_closing_hears_out_calls_on_their_way(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    happened = interrupt_at_write(cloud, 4, monkeypatch, GeneratorExit)
    with pytest.raises(GeneratorExit):
        up(cloud, article())
    assert happened[-1] == "heard", "the call that was out when it was closed"


def test_what_an_earlier_run_left_unready_is_waited_for(cloud: FakeCloud) -> None:
    cloud.slow["toy_net"] = 50.0
    cloud.write("toy.create_toy_net", kind="toy_net", props=Net("10.0.0.0/16"), tags=tags("toy_net/main"))
    cloud.clock.sleep(5)
    events = up(cloud, article())
    assert failures(events) == []
    done = next(e for e in events if isinstance(e, Done) and e.key == "toy_net/main")
    place = next(e for e in events if isinstance(e, Started) and e.key == "toy_place/a")
    assert done.action == "wait"
    assert place.at >= done.at >= 40


def tags(key: str) -> dict[str, str]:
    return {"fargatenet:stack": STACK, "fargatenet:key": key}


def test_a_plan_with_a_refusal_does_nothing(cloud: FakeCloud) -> None:
    refused = Plan(STACK, (Change("refuse", "toy_net/n", "toy_net-9", note="is not ours"),))
    graph = Graph([Resource("toy_net", "n", Net("a"))])
    with pytest.raises(Refused, match="toy_net/n: is not ours"):
        next(apply(cloud, graph, refused, Snapshot(), patience(cloud)))
    assert cloud.writes == 0


def test_a_bug_in_a_kind_is_raised_after_other_calls_ended(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*_: Any) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(REGISTRY["toy_gate"], "create", create)
    with pytest.raises(ZeroDivisionError):
        up(cloud, article())


# ---------------------------------------------------------------- replacements


def test_the_new_one_is_made_and_named_before_the_old_one_goes(cloud: FakeCloud) -> None:
    up(cloud, article())
    begin = len(cloud.log)
    events = up(cloud, article(face="front2", scheme="internal"))
    assert failures(events) == []
    told = [operation for _, operation, _ in cloud.log[begin:]]
    assert told == ["toy.create_toy_face", "toy.shape_toy_crew", "toy.delete_toy_face"]
    made, shaped, gone = (at for at, _, _ in cloud.log[begin:])
    assert shaped - made >= 176, "the crew is re-pointed when the new face is ready"
    assert gone - shaped >= 60, "the old face goes when the crew has moved"
    assert [(e.action, e.key) for e in events if isinstance(e, Done)] == [
        ("replace", "toy_face/front"),
        ("update", "toy_crew/web"),
        ("delete", "toy_face/front"),
    ]


def test_a_replacement_of_the_same_name_deletes_first(cloud: FakeCloud) -> None:
    up(cloud, article(without=("toy_crew/web",)))
    begin = len(cloud.log)
    _, foreseen, events = start(cloud, article(scheme="internal", without=("toy_crew/web",)))
    happened = list(events)
    assert failures(happened) == []
    assert [operation for _, operation, _ in cloud.log[begin:]] == ["toy.delete_toy_face", "toy.create_toy_face"]
    told = [(e.type, e.action) for e in happened if isinstance(e, (Started, Done)) and e.key == "toy_face/front"]
    assert told == [("started", "delete"), ("done", "delete"), ("started", "replace"), ("done", "replace")]
    assert named(foreseen) == named(observe(cloud))


def test_an_unwanted_thing_goes_only_after_its_users_let_go(cloud: FakeCloud) -> None:
    up(cloud, article())
    begin = len(cloud.log)
    graph = article(gate_in="toy_place/a")
    without_b = Graph(
        [
            r
            if r.kind not in ("toy_face", "toy_crew")
            else Resource(r.kind, r.name, _without(r.props, "toy_place/b"), r.after)
            for r in graph
            if r.key != "toy_place/b"
        ]
    )
    events = up(cloud, without_b, prune=True)
    assert failures(events) == []
    assert not any(isinstance(e, Retrying) for e in events), "nobody ran into a thing still in use"
    told = [operation for _, operation, _ in cloud.log[begin:]]
    assert told[-1] == "toy.delete_toy_place"
    assert set(told[:-1]) == {"toy.shape_toy_face", "toy.shape_toy_crew"}


def _without(props: Any, key: str) -> Any:
    from dataclasses import replace

    return replace(props, places=frozenset(ref for ref in props.places if ref.key != key))


# ---------------------------------------------------------------- in the way


class Interfaces(Kind):
    name, props = "network_interface", NetworkInterface
    there: tuple[Found[Any], ...] = ()

    def scan(self, aws: Aws, scope: Scope) -> Any:
        return self.there


def interface(place: str, **facts: Any) -> Found[Any]:
    known = {"description": "", "requester": "", "owner": "111122223333", **facts}
    return Found("eni-7", NetworkInterface("net", place, "z", ("10.0.0.9",), frozenset(), **known))


def blocked_down(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> tuple[list[Event], str]:
    up(cloud, article())
    place = next(name for name, t in cloud.things.items() if t.tags.get("fargatenet:key") == "toy_place/a")
    kind = Interfaces()
    kind.there = (interface(place, **facts),)
    monkeypatch.setitem(REGISTRY, "network_interface", kind)
    cloud.write("toy.create_toy_crew", kind="toy_crew", props=Crew("theirs", "r", frozenset({place})), tags={})
    return down(cloud), place


def test_something_foreign_in_the_way_is_named_and_not_waited_out(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, place = blocked_down(cloud, monkeypatch, instance="i-5", description="db")
    (failed,) = failures(events)
    assert failed.key == "toy_place/a"
    assert place in failed.what
    for word in ("eni-7", '"db"', "owner 111122223333", "instance i-5", "terminate i-5"):
        assert word in failed.what
    assert {e.because for e in events if isinstance(e, Skipped)} == {"toy_place/a"}
    assert events[-1].at < 120, "it will not go by itself, so nobody waits twenty minutes"
    assert [t.kind for t in cloud._there() if t.tags.get("fargatenet:stack")] == ["toy_net", "toy_place"]


def test_what_aws_takes_away_by_itself_is_waited_for_and_named_meanwhile(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(cloud, article())
    cloud.slow_delete = {"toy_worker": 150.0}
    place = next(name for name, t in cloud.things.items() if t.tags.get("fargatenet:key") == "toy_place/a")
    kind = Interfaces()
    kind.there = (interface(place, requester="amazon-elb", description="ELB app/shop/1"),)
    monkeypatch.setitem(REGISTRY, "network_interface", kind)
    events = down(cloud)
    assert failures(events) == []
    (notice,) = [e for e in events if isinstance(e, Notice) and "eni-7" in e.text]
    assert "AWS removes it some minutes after its service is gone" in notice.text
    assert len(observe(cloud)) == 0


# ---------------------------------------------------------------- diagnoses


def test_a_fatal_diagnosis_ends_the_wait_early(cloud: FakeCloud) -> None:
    cloud.slow["toy_crew"] = 10**6

    def diagnose(found: Found[Any]) -> Diagnosis | None:
        if isinstance(found.props, Crew):
            return Diagnosis("tasks cannot reach the registry", "add an endpoint", fatal=True)
        return None

    events = up(cloud, article(), diagnose=diagnose)
    (failed,) = failures(events)
    assert (failed.key, failed.what, failed.hint) == (
        "toy_crew/web",
        "tasks cannot reach the registry",
        "add an endpoint",
    )
    assert events[-1].at < 300


def test_a_diagnosis_that_may_pass_is_told_once(cloud: FakeCloud) -> None:
    cloud.slow["toy_crew"] = 200.0
    events = up(cloud, article(), diagnose=lambda found: Diagnosis("slow today"))
    assert failures(events) == []
    assert [e.text for e in events if isinstance(e, Notice) and "crew" in e.text] == ["toy_crew/web: slow today"]


# ---------------------------------------------------------------- refusals of AWS


def test_not_found_is_retried_for_what_this_run_made_only(cloud: FakeCloud) -> None:
    cloud.troubles.append(
        Trouble(
            lambda op, _: op == "toy.create_toy_place",
            lambda op: NotFound("the net 'toy_net-0001' does not exist", operation=op, code="NotFound"),
            times=5,
        )
    )
    assert failures(up(cloud, article())) == []
    graph = Graph([Resource("toy_place", "p", article()["toy_place/a"].props.__class__("toy_net-typo", "10.0.0.0/24"))])
    events = up(FakeCloud(), graph)
    (failed,) = failures(events)
    assert "toy_net-typo" in failed.what
    assert events[-1].at < 1


def test_a_name_held_by_our_own_invisible_thing_is_found_in_the_end(cloud: FakeCloud) -> None:
    """An earlier run died right after it made the face; this one starts before the cloud shows it."""
    cloud.lag = 8.0
    cloud.write("toy.create_toy_face", kind="toy_face", props=Face("f", frozenset()), tags=tags("toy_face/f"))
    events = up(cloud, Graph([Resource("toy_face", "f", Face("f", frozenset()))]))
    assert any(isinstance(e, Retrying) for e in events)
    assert failures(events) == []
    assert len(cloud.things) == 1


def test_failures_carry_the_words_of_aws_and_the_next_run_mends(cloud: FakeCloud) -> None:
    cloud.troubles.append(
        Trouble(
            lambda op, _: op == "toy.create_toy_face",
            lambda op: AwsError("quota is full", operation=op, code="Limit", hint="raise it"),
        )
    )
    (failed,) = failures(up(cloud, article()))
    assert isinstance(failed, Failed)
    assert (failed.what, failed.hint) == ("quota is full", "raise it")
    assert failures(up(cloud, article())) == []
    assert plan(article(), observe(cloud), STACK).is_empty
    assert plan_down(observe(cloud), STACK).counts == {"delete": 8}


def test_up_after_a_removal_that_was_cut_short_makes_anew_what_is_leaving(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The face is on its way out: it is not taken for ours any more, and its name is free when it is gone."""
    up(cloud, article())
    cloud.slow_delete = {"toy_face": 90.0}
    for thing in [t for t in cloud.things.values() if t.kind in ("toy_crew", "toy_face")]:
        cloud.write("toy.delete", id=thing.id)
    leaving = next(t.id for t in cloud.things.values() if t.kind == "toy_face")
    monkeypatch.setattr(REGISTRY["toy_face"], "leaving", lambda found: found.id == leaving)
    cloud.troubles.append(
        Trouble(
            lambda op, _: op == "toy.create_toy_face" and cloud.clock.now() < cloud.things[leaving].gone_at,
            lambda op: NotReady("still draining", operation=op, code="Draining"),
            times=1000,
        )
    )
    todo, foreseen, events = start(cloud, article())
    assert foreseen.mine(STACK)["toy_face/front"].planned
    assert ("create", "toy_face/front") in [(c.action, c.key) for c in todo.changes]
    assert failures(list(events)) == []
    assert plan(article(), observe(cloud), STACK).is_empty
    assert named(foreseen) == named(observe(cloud))
    assert len([t for t in cloud._there() if t.kind == "toy_face"]) == 1


def test_a_removal_waits_for_what_an_earlier_one_began_to_remove(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(cloud, article())
    cloud.slow_delete = {"toy_crew": 90.0}
    cloud.write("toy.delete", id=next(t.id for t in cloud.things.values() if t.kind == "toy_crew"))
    monkeypatch.setattr(REGISTRY["toy_crew"], "leaving", lambda found: True)
    events = down(cloud)
    assert failures(events) == []
    assert next(e for e in events if isinstance(e, Done) and e.key == "toy_crew/web").at >= 80
