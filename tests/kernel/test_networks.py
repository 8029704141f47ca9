"""What needs no namespaces: the same seed draws the same network, and every network fits the lab."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

from tests.kernel import conftest, namespaces
from tests.kernel.attempts import probes
from tests.kernel.networks import world
from tests.kernel.places import Places
from tests.kernel.trials import dump


def test_a_seed_is_a_network() -> None:
    assert dump(world(7).snapshot()) == dump(world(7).snapshot())
    assert probes(world(7), 7) == probes(world(7), 7)
    assert dump(world(7).snapshot()) != dump(world(8).snapshot())


def test_every_network_fits_and_all_kinds_of_things_come_up() -> None:
    seen: Counter[str] = Counter()
    for seed in range(100):
        drawn = world(seed)
        snapshot = drawn.snapshot()
        places = Places(snapshot)
        assert 3 <= sum(nic.type == "interface" for nic in places.nics.values()) <= 6
        assert 2 <= sum(map(len, places.subnets.values())) <= 4
        assert len(probes(drawn, seed)) > 60
        seen.update({held.kind for held in snapshot})
        seen.update({route.state for t in snapshot.kind("route_table").values() for route in t.props.routes})
        seen["IPv6"] += places.six
    for kind in ("internet_gateway", "nat_gateway", "egress_only_gateway", "vpc_peering", "prefix_list", "IPv6"):
        assert seen[kind] >= 30, kind
    for state in ("blackhole", "active"):
        assert seen[state] >= 30, state


def test_a_network_larger_than_the_lab_is_refused() -> None:
    drawn = world(1)
    for number in range(3):
        drawn.vpc(f"vpc-more-{number}", f"10.{50 + number}.0.0/16")
    with pytest.raises(ValueError, match="routers"):
        Places(drawn.snapshot())


def test_where_packets_cannot_be_tried_the_run_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: f"/sbin/{program}")
    monkeypatch.setattr(namespaces, "_nft", object())
    monkeypatch.setattr(namespaces, "_call", _refuse)
    assert namespaces.obstacle() == "no network namespace can be made (Operation not permitted)"
    monkeypatch.setattr(namespaces, "_nft", None)
    assert "nftables" in namespaces.obstacle()
    assert bool(conftest.collect_ignore) == bool(conftest.OBSTACLE)


def _refuse(name: str, *_: int) -> None:
    raise PermissionError(1, "Operation not permitted")
