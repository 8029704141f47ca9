"""A name that somebody else has is refused by name, never taken over; ours is taken up again after a crash."""

from __future__ import annotations

import pytest
from cases_other import CASES
from staging import Case, Stage, kind_of, tags

from fargate_net.errors import Refused
from fargate_net.kinds.base import STACK_TAG

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_a_thing_of_another_stack_is_refused_and_left_as_it_is(stage: Stage, case: Case) -> None:
    want = case.props(stage)
    key = f"{case.kind}/{case.name}"
    stage.put(case.name, want, key=key)
    before = stage.mine(case.kind, case.name)
    stage.control.clear_calls()
    with pytest.raises(Refused, match="exists, but"):
        kind_of(case.kind).create(stage.aws, key, want, {**tags(key), STACK_TAG: "other"})
    assert before is not None
    after = stage.mine(case.kind, case.name)
    assert after is not None
    assert (after.id, after.props, after.tags) == (before.id, before.props, before.tags)


@each_case
def test_creating_again_after_a_crash_finds_the_first_one(stage: Stage, case: Case) -> None:
    want = case.props(stage)
    key = f"{case.kind}/{case.name}"
    first = stage.put(case.name, want, key=key)
    assert kind_of(case.kind).create(stage.aws, key, want, tags(key)) == first
    stage.later()
    assert stage.mine(case.kind, case.name) is not None
