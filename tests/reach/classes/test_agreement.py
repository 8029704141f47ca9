"""The engine and the oracle agree about random networks, connection by connection.

``FARGATENET_ORACLE=5000`` tries that many networks, and every port that can make a difference instead of a few.
"""

from __future__ import annotations

import os
from itertools import permutations
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fargate_net.kinds.network_acl import AclEntry
from fargate_net.reach.addresses import is_cidr
from fargate_net.reach.ask import ask, question
from tests.reach.agreement import OUTSIDE, Compared
from tests.reach.strategies import worlds
from tests.reach.world import ALL, OPEN, World, allow, two_subnets

EXAMPLES = int(os.environ.get("FARGATENET_ORACLE", "0"))
PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller network takes minutes to find

many = settings(
    max_examples=EXAMPLES or 200, deadline=None, suppress_health_check=PATIENT, phases=NO_SHRINKING, database=None
)
some = settings(many, max_examples=EXAMPLES or 60)


def compared(world: World, seed: Random) -> Compared:
    """The comparison, about some ports and hosts at a time."""
    if EXAMPLES:
        return Compared(world.snapshot())
    return Compared(world.snapshot(), lambda ports: seed.sample(ports, min(2, len(ports))), seed.sample(OUTSIDE, 3))


@many
@given(worlds(), st.randoms(use_true_random=False))
def test_the_matrix_agrees_with_the_oracle(world: World, seed: Random) -> None:
    assert list(compared(world, seed).matrix()) == []


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_single_questions_agree_with_the_oracle(world: World, seed: Random) -> None:
    both = compared(world, seed)
    pairs = list(permutations((*both.enis, "internet"), 2))
    assert list(both.questions(seed.sample(pairs, min(8, len(pairs))))) == []


def test_a_range_with_one_hole_is_told_in_full() -> None:
    world = two_subnets([allow("tcp 80", ALL)])
    world.route("rtb-main-vpc-1", ALL, "igw-1")
    world.eni("eni-d", "subnet-b", "sg-b", public="54.0.0.7")
    world.acl("acl-b", entries=[AclEntry(False, 1, False, "-1", "203.0.113.1/32"), *OPEN], subnets=["subnet-b"])
    (row,) = ask(world.network(), question("internet", "eni-d:80")).open
    assert len(row.clients) > 16
    assert all(map(is_cidr, row.clients))
    both = Compared(world.snapshot())
    assert list(both.questions([("internet", "eni-d")])) == []
    assert both.checked > 0
