"""Where balancers and tasks stand: zones, and how many subnets AWS takes.

Sources: Elastic Load Balancing guides, Subnets for your load balancer and Target groups (a target in a zone that is
not enabled for the balancer is ``unused``); Amazon ECS API Reference, AwsVpcConfiguration. Never here: free addresses
(room.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.preflight.case import Case, Place, listed
from fargate_net.blueprint.balancers import entries
from fargate_net.kinds.listener import Listener
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.finding import Finding, error
from fargate_net.spec.models import AlbExpose

MOST_SUBNETS = 16
"""Subnets that ECS takes for one service (Amazon ECS API Reference, AwsVpcConfiguration)."""


def balancers(case: Case) -> Iterator[Finding]:
    """One subnet a zone; two zones for an application balancer; every zone of the tasks among the balancer's."""
    for balancer in case.site.balancers:
        places = case.places(case.site.subnets(case.site.balancer_role(balancer.internal)))
        by_zone: dict[str, list[str]] = {}
        for place in places:
            by_zone.setdefault(place.zone, []).append(place.id)
        for zone, subnets in sorted(by_zone.items()):
            if len(subnets) > 1:
                what = f"The load balancer {balancer.name} would stand in {listed(subnets)}, which are all in {zone}."
                yield error("SUBNETS_SHARE_ZONE", what, "A balancer takes one subnet in each zone: choose one.")
        if balancer.type == "application" and len(by_zone) == 1:
            zone, subnets = next(iter(by_zone.items()))
            what = f"The load balancer {balancer.name} needs subnets in two zones; {listed(subnets)} is in {zone} only."
            yield error("ONE_ZONE", what, "Add a subnet in another zone to `network.subnets`.")
        for service in sorted({entry.service for entry in balancer.entries}):
            yield from _uncovered(case, service, f"load balancer {balancer.name}", frozenset(by_zone))


def services(case: Case) -> Iterator[Finding]:
    """Not more subnets than ECS takes; and behind somebody else's balancer, only zones that it serves."""
    for name, service in case.stack.services.items():
        count = len(case.site.subnets(service.subnets))
        if count > MOST_SUBNETS:
            what = f"Service {name} would run in {count} {service.subnets} subnets; ECS takes {MOST_SUBNETS}."
            yield error("TOO_MANY_SUBNETS", what, "Choose fewer in `network.subnets`.")
    for entry in entries(case.stack):
        arn = entry.expose.listener if isinstance(entry.expose, AlbExpose) else None
        found = case.live.get(Listener, arn) if arn else None
        balancer = case.live.get(LoadBalancer, str(found.props.load_balancer)) if found else None
        if balancer is not None and balancer.props.zones:
            zones = frozenset(zone for zone, _ in balancer.props.zones)
            yield from _uncovered(case, entry.service, f"load balancer {balancer.props.name}", zones)


def _uncovered(case: Case, service: str, balancer: str, zones: frozenset[str]) -> Iterator[Finding]:
    """Tasks in a zone that the balancer does not serve never become healthy, and are replaced for ever."""
    outside = [place for place in tasks_in(case, service) if place.zone not in zones]
    if outside and zones:
        named, served = listed(f"{place.id} ({place.zone})" for place in outside), listed(sorted(zones))
        what = f"Tasks of {service} in {named} would get nothing from {balancer}, which stands in {served}."
        yield error("ZONE_NOT_SERVED", what, "Give the balancer a subnet in every zone of the tasks, or leave it out.")


def tasks_in(case: Case, service: str) -> tuple[Place, ...]:
    """The subnets of a service's tasks."""
    return case.places(case.site.subnets(case.stack.services[service].subnets))
