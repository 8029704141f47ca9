"""Where the sandbox keeps what moto has no place for: beside moto's own state, so that a reset clears both.

Never here: what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from .calls import Call

Kept = TypeVar("Kept")
_ATTRIBUTE = "_sandbox_stores"


def kept_by(backend: Any, make: Callable[[], Kept]) -> Kept:
    """The one `make()` of a moto backend; made at first use, gone when moto resets the backend."""
    stores: dict[Any, Any] = backend.__dict__.setdefault(_ATTRIBUTE, {})
    if make not in stores:
        stores[make] = make()
    found: Kept = stores[make]
    return found


def store(call: Call, make: Callable[[], Kept]) -> Kept:
    """The one `make()` for the call's account and region."""
    return kept_by(ec2(call.account, call.region), make)


def all_kept(make: Callable[[], Kept]) -> Iterator[tuple[Any, Kept]]:
    """Every existing `make()` of every account and region, each with the EC2 backend that carries it."""
    for backend in ec2_in_use():
        stores = backend.__dict__.get(_ATTRIBUTE, {})
        if make in stores:
            yield backend, stores[make]


def ec2(account: str, region: str) -> Any:
    """Moto's EC2 of an account and region."""
    from moto.ec2.models import ec2_backends

    return ec2_backends[account][region]


def elb(account: str, region: str) -> Any:
    """Moto's load balancers of an account and region."""
    from moto.elbv2.models import elbv2_backends

    return elbv2_backends[account][region]


def ec2_in_use() -> list[Any]:
    """The EC2 backends that exist."""
    from moto.ec2.models import ec2_backends

    return [backend for regions in list(ec2_backends.values()) for backend in list(regions.values())]
