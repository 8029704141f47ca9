"""Prices: the sums that a person would do with the price pages open."""

from __future__ import annotations

from typing import Any

import pytest

from fargate_net.blueprint.cost import monthly, notes
from fargate_net.model.resource import Ref, resolve
from fargate_net.model.snapshot import Found
from tests.blueprint.drawings import drawn

HOUR = 730
TASK = (0.25 * 0.04048 + 0.5 * 0.004445) * HOUR


def by_key(**spec: Any) -> dict[str, float]:
    sums: dict[str, float] = {}
    for line in monthly(drawn({"web": {"count": 3}}, **spec)):
        sums[line.key] = sums.get(line.key, 0) + line.usd
    return sums


def test_tasks_cost_by_their_size_and_number() -> None:
    assert by_key()["service/web"] == pytest.approx(3 * TASK)


def test_nat_costs_by_the_hour_and_for_its_address() -> None:
    one, each = by_key(), by_key(network={"egress": "nat-per-zone", "zones": 3})
    assert one["nat_gateway/a"] == pytest.approx(0.045 * HOUR)
    assert one["elastic_ip/nat-a"] == pytest.approx(0.005 * HOUR)
    assert sum(usd for key, usd in each.items() if "nat" in key) == pytest.approx(3 * 0.05 * HOUR)


def test_a_regional_gateway_costs_in_each_zone() -> None:
    assert by_key(network={"egress": "nat-regional", "zones": 3})["nat_gateway/regional"] == pytest.approx(0.15 * HOUR)


def test_interface_endpoints_cost_in_each_zone_and_gateways_nothing() -> None:
    sums = by_key(network={"egress": "endpoints", "zones": 3})
    assert sums["vpc_endpoint/logs"] == pytest.approx(0.03 * HOUR)
    assert "vpc_endpoint/s3" not in sums


def test_public_tasks_pay_for_their_addresses() -> None:
    assert by_key(network={"egress": "public"})["service/web"] == pytest.approx(3 * (TASK + 0.005 * HOUR))


def test_a_balancer_pays_for_each_address_once() -> None:
    public = {"expose": [{"alb": {"to": "app:80"}}]}
    fixed = {"expose": [{"nlb": {"to": "app:80", "listen": 80, "static_ips": True}}]}
    alb = sum(line.usd for line in monthly(drawn({"web": public})) if "alb" in line.key)
    nlb = sum(line.usd for line in monthly(drawn({"web": fixed})) if "nlb" in line.key)
    assert alb == pytest.approx((0.0225 + 2 * 0.005) * HOUR)
    assert nlb == pytest.approx(alb)


def test_what_was_found_is_priced_like_what_is_wished() -> None:
    graph = drawn()
    known = {Ref(resource.key): f"id-of-{resource.key}" for resource in graph}
    found = [Found(id=known[Ref(r.key)], props=resolve(r.props, known), key=r.key) for r in graph]
    assert monthly(found) == monthly(graph)


def test_the_notes_say_where_and_when_the_prices_hold() -> None:
    assert "us-east-1" in notes()[0]
    assert "traffic" in notes()[1]
