"""Toy kinds in the registry for the length of one test, and a cloud of them."""

from __future__ import annotations

import pytest

from fargate_net.kinds.base import REGISTRY
from tests.engine.fake_cloud import FakeCloud
from tests.engine.toys import TOYS


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(REGISTRY, "network_interface", raising=False)
    for toy in TOYS:
        monkeypatch.setitem(REGISTRY, toy.name, toy())


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud(lag=3.0, slow={"toy_gate": 115.0, "toy_face": 176.0, "toy_crew": 60.0})
