"""Random networks, built of namespaces: the engine must say of every packet what the kernel did with it."""

from __future__ import annotations

import pytest

from tests.kernel.attempts import probes
from tests.kernel.lab import Lab
from tests.kernel.networks import world
from tests.kernel.trials import Tally, differences, dump, run

CHUNK, CHUNKS = 20, 16
"""Networks in one test, and tests: 320 networks. A seed is one network, always the same."""


@pytest.mark.kernel
@pytest.mark.parametrize("first", range(0, CHUNK * CHUNKS, CHUNK))
def test_engine_and_kernel_agree(lab: Lab, first: int) -> None:
    tally, wrong = Tally(), []
    for seed in range(first, first + CHUNK):
        drawn = world(seed)
        snapshot = drawn.snapshot()
        found = list(differences(run(lab, snapshot, probes(drawn, seed)), tally))
        if found:
            wrong.append("\n".join([f"seed {seed}", *found, dump(snapshot)]))
    assert not wrong, "\n\n".join(wrong)
    assert tally.tried > 40 * CHUNK
    assert 0.15 < tally.open / tally.tried < 0.8, "the networks are too open or too closed to show anything"
    assert tally.open_6 > CHUNK, "too little IPv6"
    assert tally.undecided < 0.05 * tally.tried, "the engine knows everything about these networks"
    assert len(tally.reasons) >= 8, "too few kinds of refusal came up"
