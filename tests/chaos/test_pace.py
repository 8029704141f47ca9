"""How fast and with how few calls, at AWS's pace, in the short form of ``python -m tests.bench``."""

from __future__ import annotations

from collections import Counter

import pytest

from fargate_net.sandbox.calls import READ_PREFIXES
from tests.bench.makespan import ALLOWED, measured
from tests.chaos.stage import staged
from tests.chaos.wishes import ROOT

BY_ITEM = {
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeServices",
    "elbv2:DescribeListeners",
    "elbv2:DescribeListenerAttributes",
    "elbv2:DescribeLoadBalancerAttributes",
    "elbv2:DescribeRules",
    "elbv2:DescribeTags",
    "elbv2:DescribeTargetGroupAttributes",
    "elbv2:DescribeTargetHealth",
    "ec2:DescribeVpcAttribute",
    "logs:DescribeLogGroups",
}
"""Questions that AWS answers for one thing, a few, or one name prefix at a time."""


@pytest.mark.parametrize("example", ["alb", "static-dns"])
def test_a_run_takes_little_longer_than_its_longest_chain(example: str) -> None:
    for row in measured(ROOT / "examples" / f"{example}.yaml"):
        assert 1 <= row.ratio <= ALLOWED, row
        assert row.rounds >= row.critical
        assert row.one_at_a_time >= row.rounds


def test_a_run_with_nothing_to_do_writes_nothing_and_asks_once(capsys: pytest.CaptureFixture[str]) -> None:
    spec = [ROOT / "examples" / "article.yaml"]
    with staged() as stage:
        assert stage.up(spec).ok
        stage.control.clear_calls()
        again = stage.up(spec)
        counts = Counter(stage.control.calls()["counts"])
    assert again.ok
    assert again.plan.is_empty
    assert not [name for name in counts if not name.partition(":")[2].startswith(READ_PREFIXES)]
    described = {name: number for name, number in counts.items() if ":Describe" in name and name not in BY_ITEM}
    assert len(described) > 15
    assert not {name: number for name, number in described.items() if number > 1}
