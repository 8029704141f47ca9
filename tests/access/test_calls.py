"""What kinds/calls.py says of the types is what their code can call, and what botocore knows."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import xform_name

from fargate_net.app.access.policy import LOCK, LOOK_AHEAD
from fargate_net.kinds import tagging
from fargate_net.kinds.base import load_all
from fargate_net.kinds.calls import BY_KIND, Calls
from tests.docs.aws_calls import operations, reads

NO_TAGS: frozenset[str] = frozenset()


def retagging(kind: str) -> frozenset[str]:
    """The call that changes the tags of a type, from what its function mentions."""
    if not tagging.can_retag(kind):
        return NO_TAGS
    mentioned = tagging._BY_KIND[kind].__code__.co_consts
    return frozenset(
        text
        for text in mentioned
        if isinstance(text, str) and text.partition(".")[2].endswith(("_tags", "_resource", "_role"))
    )


@pytest.mark.parametrize("name", sorted(load_all()))
def test_the_table_is_what_the_code_can_call(name: str) -> None:
    kind = load_all()[name]
    looks = operations(kind, ["scan"])
    if not kind.write_side:
        assert BY_KIND[name] == Calls(frozenset(looks))
        return
    called = operations(kind, ["create", "update", "delete"])
    changes = {operation for operation in called if not reads(operation)}
    assert BY_KIND[name].reads == looks
    assert BY_KIND[name].writes == changes | (called - changes - looks) | retagging(name)


def test_every_type_has_a_row_and_every_row_a_type() -> None:
    assert BY_KIND.keys() == load_all().keys()


def test_every_call_is_an_operation_of_aws() -> None:
    session = botocore.session.get_session()
    for operation in sorted(
        {call for calls in BY_KIND.values() for side in calls for call in side} | LOCK | LOOK_AHEAD
    ):
        service, _, word = operation.partition(".")
        model = session.get_service_model(service)
        assert word in {xform_name(name) for name in model.operation_names}, operation
