"""One lab for each process that tries packets; without namespaces the packet tests are not collected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.lab import Lab
from tests.kernel.namespaces import obstacle

OBSTACLE = obstacle()

collect_ignore = ["test_random_networks.py", "test_drawn_by_hand.py", "test_broken_engines.py"] if OBSTACLE else []


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()
