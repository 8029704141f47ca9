"""What a drawing costs in a month, as far as it can be known before any traffic flows.

List prices of one Region at one day, kept beside this file (``prices.json``). Never here: a look-up on the internet,
estimates of traffic.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.service import Service
from fargate_net.kinds.subnet import Subnet
from fargate_net.kinds.task_definition import TaskDefinition
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.resource import Ref

FREE_STORAGE = 20
"""GiB of a task's disk that cost nothing (AWS Fargate pricing)."""


class Priced(Protocol):
    """A resource that is wanted, or a thing that was found: both have a key and properties."""

    @property
    def key(self) -> str | None:
        """``kind/name``."""

    @property
    def props(self) -> Any:
        """The properties in normal form."""


@dataclass(frozen=True)
class CostLine:
    """What one resource costs in a month of 730 hours, in USD. ``what`` says how it is counted."""

    key: str
    what: str
    usd: float


def monthly(things: Iterable[Priced]) -> tuple[CostLine, ...]:
    """A line for everything that costs by the hour or month, dearest first."""
    every = list(things)
    lines = [line for thing in every for line in _lines(thing, every)]
    return tuple(sorted(lines, key=lambda line: (-line.usd, line.key, line.what)))


def notes() -> tuple[str, ...]:
    """What must be said beside the numbers."""
    table = _table()
    return (
        f"List prices of {table['region']} in USD, {table['date']}; other Regions differ.",
        "Not included: traffic, data processing, balancer capacity units, logs, metrics, DNS queries.",
    )


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files("fargate_net.blueprint").joinpath("prices.json").read_text())
    return table


def _hourly(name: str, count: float = 1) -> float:
    table = _table()
    return float(table["per_hour"][name]) * int(table["hours"]) * count


def _lines(thing: Priced, every: list[Priced]) -> Iterator[CostLine]:
    key, props = thing.key or "", thing.props
    if isinstance(props, NatGateway):
        yield from _nat(key, props, every)
    elif props.kind == "elastic_ip":
        yield CostLine(key, "public IPv4 address", _hourly("public_ipv4"))
    elif isinstance(props, LoadBalancer):
        yield CostLine(key, f"{props.type} load balancer", _hourly(f"{props.type}_load_balancer"))
        free = len(props.subnets) - len(props.addresses)
        if props.scheme == "internet-facing" and free:
            # Elastic IPs of a balancer have lines of their own.
            yield CostLine(key, f"{free} public IPv4 addresses", _hourly("public_ipv4", free))
    elif isinstance(props, VpcEndpoint) and props.type == "Interface":
        zones = len(props.subnets)
        yield CostLine(key, f"interface endpoint in {zones} zones", _hourly("interface_endpoint_zone", zones))
    elif isinstance(props, Service):
        yield from _tasks(key, props, every)
    elif isinstance(props, Namespace) and props.type != "HTTP":
        yield CostLine(key, "hosted zone of the namespace", float(_table()["per_month"]["hosted_zone"]))


def _nat(key: str, props: NatGateway, every: list[Priced]) -> Iterator[CostLine]:
    """A regional gateway is counted in each zone that has subnets, with one address there."""
    if not props.regional:
        yield CostLine(key, "NAT gateway", _hourly("nat_gateway"))
        return
    zones = len({thing.props.zone for thing in every if isinstance(thing.props, Subnet)}) or 1
    yield CostLine(key, f"regional NAT gateway in {zones} zones", _hourly("nat_gateway", zones))
    yield CostLine(key, f"{zones} public IPv4 addresses", _hourly("public_ipv4", zones))


def _tasks(key: str, props: Service, every: list[Priced]) -> Iterator[CostLine]:
    definition = _definition(props, every)
    if definition is not None:
        arch = definition.architecture.lower()
        usd = definition.cpu / 1024 * _hourly(f"vcpu_{arch}") + definition.memory / 1024 * _hourly(f"gb_{arch}")
        usd += max(0, definition.ephemeral_storage - FREE_STORAGE) * _hourly("storage_gb")
        spot = ", at the price without Spot" if any(name == "FARGATE_SPOT" for name, _, _ in props.providers) else ""
        yield CostLine(key, f"{props.desired} tasks{spot}", usd * props.desired)
    if props.public_ip and props.desired:
        yield CostLine(key, f"{props.desired} public IPv4 addresses", _hourly("public_ipv4", props.desired))


def _definition(props: Service, every: list[Priced]) -> TaskDefinition | None:
    """The task definition that the service points at, by key while it is wished for, by id once it exists."""
    wanted = props.task_definition
    for thing in every:
        if isinstance(thing.props, TaskDefinition):
            named = thing.key == wanted.key if isinstance(wanted, Ref) else getattr(thing, "id", None) == wanted
            if named:
                return thing.props
    return None
