"""What holds for every kind we manage: made as wanted, changed as wanted, gone when deleted, and never a crash."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from staging import STACK, Case, Stage, differing, kind_of, tags, wished

from fargate_net.engine.observe import observe
from fargate_net.errors import Denied
from fargate_net.kinds.base import Aws, Scope, load_all
from fargate_net.model.snapshot import Found

CASES: list[Case] = [
    case for path in sorted(Path(__file__).parent.glob("cases_*.py")) for case in import_module(path.stem).CASES
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def made(stage: Stage, case: Case) -> tuple[Found[Any], Any]:
    want = case.props(stage)
    stage.put(case.name, want, key=f"{case.kind}/{case.name}")
    found = stage.mine(case.kind, case.name)
    assert found is not None
    return found, want


@each_case
def test_a_made_thing_is_found_as_wanted(stage: Stage, case: Case) -> None:
    found, want = made(stage, case)
    assert found.props == wished(found, want)
    assert kind_of(case.kind).ready(found).state == "ready"
    assert (found.stack, found.key) == (STACK, f"{case.kind}/{case.name}")


@each_case
def test_each_change_is_found_as_wanted_and_may_be_repeated(stage: Stage, case: Case) -> None:
    found, want = made(stage, case)
    kind = kind_of(case.kind)
    for change in case.changes:
        want = change(stage, want)
        fields = differing(found.props, want)
        assert fields
        assert not fields & kind.immutable
        for _ in range(2):
            kind.update(stage.aws, found, want, fields)
            stage.later()
        after = stage.mine(case.kind, case.name)
        assert after is not None
        assert after.props == wished(after, want)
        found = after


@each_case
def test_an_update_of_nothing_changes_nothing(stage: Stage, case: Case) -> None:
    found, want = made(stage, case)
    stage.control.clear_calls()
    kind_of(case.kind).update(stage.aws, found, want, frozenset())
    assert stage.control.calls()["writes"] == 0


@each_case
def test_deleting_twice_succeeds_and_leaves_nothing(stage: Stage, case: Case) -> None:
    found, _ = made(stage, case)
    kind = kind_of(case.kind)
    kind.delete(stage.aws, found)
    stage.later()
    assert stage.mine(case.kind, case.name) is None
    kind.delete(stage.aws, found)


@each_case
def test_tags_arrive_in_the_call_that_makes(stage: Stage, case: Case) -> None:
    """A crash right after the first write must leave a thing that can be found again."""
    want = case.props(stage)
    key = f"{case.kind}/{case.name}"
    with pytest.raises(Crash):
        kind_of(case.kind).create(CrashAfter(stage.aws, 1), key, want, tags(key))
    if case.kind != "security_group_rules":  # rules are found through the tags of their group
        stage.later()
        assert stage.mine(case.kind, case.name) is not None


@pytest.mark.parametrize("name", sorted(load_all()))
def test_a_kind_that_may_not_be_read_is_missing(stage: Stage, name: str) -> None:
    scope = Scope(stack=STACK, vpcs=frozenset({"vpc-1"}), names={name: frozenset({"it"})})
    snapshot = observe(Forbidden(stage.aws), scope, {name})
    assert len(snapshot) == 0
    assert any(gap.kind == name and "You may not" in gap.why for gap in snapshot.missing)


def test_every_kind_we_manage_has_a_case() -> None:
    assert {name for name, kind in load_all().items() if kind.write_side} == {case.kind for case in CASES}


class Crash(Exception):
    """The process died."""


class CrashAfter:
    """A wire whose user dies after so many writes."""

    saved = False

    def __init__(self, aws: Aws, writes: int) -> None:
        self.region, self.account = aws.region, aws.account
        self._aws, self._left = aws, writes

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        return self._aws.read(operation, **params)

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        response = self._aws.write(operation, **params)
        self._left -= 1
        if not self._left:
            raise Crash
        return response


class Forbidden:
    """A wire that answers no read."""

    saved = False

    def __init__(self, aws: Aws) -> None:
        self.region, self.account = aws.region, aws.account

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        raise Denied("You may not.", operation=operation, code="AccessDenied")

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        raise AssertionError("an observation does not write")
