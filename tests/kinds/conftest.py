"""One sandbox per test worker, emptied before each test, with a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from staging import REGION, Stage

from fargate_net.aws.connect import connect
from fargate_net.sandbox.server import Threaded
from tests.nearby import nearby


@pytest.fixture(scope="session")
def served() -> Iterator[Threaded]:
    with nearby() as sandbox:
        yield sandbox


@pytest.fixture
def stage(served: Threaded) -> Stage:
    """A fresh sandbox, the live wire to it, and short ways to make things."""
    served.control.reset()
    served.control.apply({"frozen": True})
    return Stage(connect(region=REGION, endpoint_url=served.endpoint), served.control)
