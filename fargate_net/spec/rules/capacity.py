"""Whether the subnets of a new VPC have addresses for all that will stand in them.

Sources: VPC User Guide, Subnet sizing; ELB guides, Subnets for your load balancer (/27 and 8 free addresses in
each zone); ECS Developer Guide, Fargate task networking (one interface a task).
Never here: subnets that exist (only AWS knows what is free there).
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator

from fargate_net.spec.addresses import Tier, subnet_prefix, usable
from fargate_net.spec.fault import Draft, Fault
from fargate_net.spec.models import Expose, Service, Stack
from fargate_net.spec.needs import GATEWAY_ENDPOINTS, endpoint_services
from fargate_net.spec.patterns import cidr_fault

_BALANCER = 8
_LARGEST_FOR_ALB = 27


def room(draft: Draft) -> Iterator[Fault]:
    """Every subnet holds its share of tasks at the peak of a deployment, and balancers, endpoints and NAT."""
    network, path = draft.stack.network, ("network", "cidr")
    if network.is_existing or not draft.sound("network") or cidr_fault(network.cidr):
        return
    block = ipaddress.ip_network(network.cidr)
    if block.version != 4 or not 16 <= block.prefixlen <= 28 or (not draft.names and draft.stack.stack is None):
        return
    zones = network.zones.count
    prefix = subnet_prefix(block.prefixlen, zones)
    if prefix > 28:
        message = f"{network.cidr} is too small for {zones} zones: {2 * zones} subnets of at least /28 do not fit."
        yield Fault(path, message, f"Use /{28 - (2 * zones - 1).bit_length()} or larger, or fewer zones.")
        return
    if prefix > _LARGEST_FOR_ALB and any(item.alb and not item.alb.listener for item in _exposed(draft.stack)):
        message = f"{network.cidr} in {zones} zones makes subnets of /{prefix}, but an `alb` needs /27 or larger."
        yield Fault(path, message, "Use a larger range or fewer zones.")
        return
    tiers: tuple[Tier, ...] = ("public", "private")
    for tier in tiers:
        parts = _needed(draft.stack, tier)
        total = sum(parts.values())
        if total > usable(prefix):
            listed = ", ".join(f"{count} for {what}" for what, count in parts.items() if count)
            message = (
                f"Each {tier} subnet is a /{prefix} with {usable(prefix)} free addresses, but a deployment needs "
                f"{total}: {listed}."
            )
            hint = "Use a larger `cidr`, more `zones`, or a smaller `count`."
            yield Fault(path, message, hint)


def _needed(stack: Stack, tier: Tier) -> dict[str, int]:
    """Addresses in one subnet of the tier, by what takes them."""
    zones = stack.network.zones.count
    tasks = sum(math.ceil(peak(item) / zones) for item in stack.services.values() if item.subnets == tier)
    public = tier == "public"
    balancers = {
        (entry.internal, entry.name, bool(item.alb))
        for item in _exposed(stack)
        if (entry := item.alb or item.nlb) is not None and not (item.alb and item.alb.listener)
        if entry.internal is not public
    }
    # Endpoints stand beside the tasks: in private subnets when something else does.
    inside = any(item.subnets == "private" for item in stack.services.values()) or any(
        entry.internal for item in _exposed(stack) if (entry := item.alb or item.nlb)
    )
    endpoints = len(set(endpoint_services(stack)) - GATEWAY_ENDPOINTS) if public is not inside else 0
    nat = 1 if public and stack.network.egress in ("nat", "nat-per-zone", "endpoints+nat") else 0
    return {"tasks": tasks, "balancers": _BALANCER * len(balancers), "endpoints": endpoints, "NAT": nat}


def peak(service: Service) -> int:
    """Most tasks that run at once: during a deployment, at the upper bound of scaling."""
    count = max(service.count, service.scaling.max if service.scaling else 0)
    return count * service.deployment.max_percent // 100


def _exposed(stack: Stack) -> Iterator[Expose]:
    for service in stack.services.values():
        yield from service.expose


RULES = (room,)
