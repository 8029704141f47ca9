"""Engines broken on purpose: packets must find each mistake. A comparison that misses them proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fargate_net.reach import (
    acls,
    crossing,
    filters,
    gateways,
    internet,
    nat,
    network,
    peering,
    routes,
    trace,
    walk,
)
from tests.kernel.attempts import probes
from tests.kernel.lab import Lab
from tests.kernel.networks import world
from tests.kernel.trials import Trial, differences, run

SEEDS = range(5000, 5040)

Break = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def trials(lab: Lab) -> list[Trial]:
    """What the kernel did, found out once for all the broken engines."""
    made = []
    for seed in SEEDS:
        drawn = world(seed)
        made.append(run(lab, drawn.snapshot(), probes(drawn, seed)))
    return made


def _nothing(*_: Any, **__: Any) -> None:
    """Does not happen."""


def _replies_pass_every_acl(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(crossing, "_acl_reply", _nothing)


def _acls_stand_between_neighbours(patch: pytest.MonkeyPatch) -> None:
    depart = trace._depart

    def broken(walk: walk.Walk, packet: walk.Packet, nic: Any) -> None:
        target = packet.target.nic
        if target is not None and target.subnet == nic.subnet and target.holds(4, packet.to):
            crossing.leave_subnet(walk, nic.subnet, nic.vpc, packet)
            crossing.enter_subnet(walk, nic.subnet, nic.vpc, packet)
        depart(walk, packet, nic)

    patch.setattr(trace, "_depart", broken)


def _acl_entries_are_tried_backwards(patch: pytest.MonkeyPatch) -> None:
    build = acls.AclFilter.__init__

    def broken(self: acls.AclFilter, *arguments: Any) -> None:
        build(self, *arguments)
        self._entries = {way: entries[::-1] for way, entries in self._entries.items()}

    patch.setattr(acls.AclFilter, "__init__", broken)


def _blackholes_are_skipped(patch: pytest.MonkeyPatch) -> None:
    add = routes.Table._add

    def broken(self: routes.Table, route: Any, *rest: Any) -> None:
        if route.state == "active":
            add(self, route, *rest)

    patch.setattr(routes.Table, "_add", broken)


def _the_shortest_prefix_wins(patch: pytest.MonkeyPatch) -> None:
    build = routes.Table.__init__

    def broken(self: routes.Table, *arguments: Any) -> None:
        build(self, *arguments)
        self._lengths = {family: sorted(lengths) for family, lengths in self._lengths.items()}

    patch.setattr(routes.Table, "__init__", broken)


def _every_subnet_uses_the_main_table(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network.Network, "_table_by_subnet", {})


def _replies_need_no_route(patch: pytest.MonkeyPatch) -> None:
    for module in (trace, internet, nat, peering, gateways):
        patch.setattr(module, "reply_route", _nothing)


def _references_outlive_translation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(walk.Packet, "forget", _nothing)


def _one_group_speaks_for_all(patch: pytest.MonkeyPatch) -> None:
    build = filters.GroupFilter.__init__

    def broken(self: filters.GroupFilter, groups: Any, *rest: Any) -> None:
        build(self, {key: groups[key] for key in sorted(groups)[:1]}, *rest)

    patch.setattr(filters.GroupFilter, "__init__", broken)


def _udp_rules_are_tcp_rules(patch: pytest.MonkeyPatch) -> None:
    number = filters.number
    patch.setattr(filters, "number", lambda protocol, family: "6" if protocol == "udp" else number(protocol, family))


def _private_addresses_pass_the_internet_gateway(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(internet, "_translate_source", lambda *_: True)


def _nat_gateways_stand_outside_their_subnet(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(nat, "enter_subnet", _nothing)
    patch.setattr(nat, "leave_subnet", _nothing)


def _nat_gateways_keep_the_source(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(nat, "_translate", _nothing)


def _peerings_lead_to_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(peering, "_member", lambda *_: False)


def _icmp_rules_cover_both_families(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(filters, "number", lambda protocol, family: filters.NUMBERS.get(protocol, protocol))


BROKEN = [
    _replies_pass_every_acl,
    _acls_stand_between_neighbours,
    _acl_entries_are_tried_backwards,
    _blackholes_are_skipped,
    _the_shortest_prefix_wins,
    _every_subnet_uses_the_main_table,
    _replies_need_no_route,
    _references_outlive_translation,
    _one_group_speaks_for_all,
    _udp_rules_are_tcp_rules,
    _private_addresses_pass_the_internet_gateway,
    _nat_gateways_stand_outside_their_subnet,
    _nat_gateways_keep_the_source,
    _peerings_lead_to_nobody,
    _icmp_rules_cover_both_families,
]


@pytest.mark.kernel
def test_the_engine_as_it_is_agrees(trials: list[Trial]) -> None:
    assert not [text for trial in trials for text in differences(trial)]


@pytest.mark.kernel
@pytest.mark.parametrize("mistake", BROKEN, ids=lambda mistake: mistake.__name__.strip("_"))
def test_packets_find_the_mistake(trials: list[Trial], mistake: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake(monkeypatch)
    assert any(True for trial in trials for _ in differences(trial)), "no packet noticed"
