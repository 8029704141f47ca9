"""How large the subnets of a VPC are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fargate_net.spec.addresses import subnet_prefix, usable


@pytest.mark.parametrize(
    ("vpc", "zones", "subnet"), [(16, 2, 20), (16, 6, 20), (22, 3, 26), (25, 2, 27), (26, 2, 28), (26, 3, 29)]
)
def test_the_size_of_a_subnet(vpc: int, zones: int, subnet: int) -> None:
    assert subnet_prefix(vpc, zones) == subnet


@given(st.integers(16, 28), st.integers(1, 6))
def test_two_subnets_in_each_zone_fit(prefix: int, zones: int) -> None:
    assert 2 ** (subnet_prefix(prefix, zones) - prefix) >= 2 * zones


def test_five_addresses_of_a_subnet_are_not_for_interfaces() -> None:
    assert (usable(28), usable(24)) == (11, 251)
