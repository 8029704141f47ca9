"""In random networks every remedy holds: the verdict flips, and nothing opens that the edits do not speak of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fargate_net.model.verdict import Cure, Disposition, Question
from fargate_net.reach import crossing, fixes
from fargate_net.reach.edits.filters import AddRule
from tests.reach.remedy.scope import holds
from tests.reach.strategies import PORTS, worlds
from tests.reach.world import ALL, World, two_subnets

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
sockets = st.sampled_from([*(("tcp", port) for port in PORTS), ("udp", 53), ("icmp", None)])


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, Question]:
    world = draw(worlds())
    ends = [*(key for kind, key in world.found if kind == "network_interface"), "internet"]
    source, target = draw(st.sampled_from(ends)), draw(st.sampled_from(ends))
    protocol, port = draw(sockets)
    ports = (port, port) if port is not None else None
    return world, Question(source, target, protocol, ports, "direct")


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(questions())
def test_what_is_closed_opens_and_little_else(asked: tuple[World, Question]) -> None:
    world, question = asked
    if question.source != question.target:
        holds(world.snapshot(), question)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(questions())
def test_what_should_be_closed_closes_and_nothing_opens(asked: tuple[World, Question]) -> None:
    world, question = asked
    if question.source != question.target:
        holds(world.snapshot(), replace(question, expect=Disposition.BLOCKED))


def test_a_remedy_that_names_everybody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = two_subnets()
    question = Question("eni-a", "eni-b", "tcp", (81, 81))
    assert holds(world.snapshot(), question).remedy

    def widened(*given: Any) -> Cure:
        made = fixes.security_group(*given)
        assert isinstance(made, Cure)
        (edit,) = made.edits
        assert isinstance(edit, AddRule)
        rules = tuple(replace(rule, peer=ALL) for rule in edit.rules)
        return Cure(made, (replace(edit, rules=rules),))

    monkeypatch.setattr(crossing, "fixes", _Patched(widened))
    with pytest.raises(AssertionError, match=r"0\.0\.0\.0/0"):
        holds(world.snapshot(), question)


class _Patched:
    """The fixes with another sentence for security groups."""

    def __init__(self, security_group: Any) -> None:
        self.security_group = security_group

    def __getattr__(self, name: str) -> object:
        return getattr(fixes, name)
