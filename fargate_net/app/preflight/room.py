"""Free addresses in subnets that exist: for the tasks of a rollout beside those that run, and for new balancers.

Sources: Elastic Load Balancing guides, Subnets for your load balancer (/27 and eight free addresses); Amazon ECS
Developer Guide, Fargate task networking (one address a task). Never here: subnets that the plan makes, whose room the
spec's own rules have counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from fargate_net.app.preflight.case import Case, Place, listed
from fargate_net.app.preflight.placing import tasks_in
from fargate_net.kinds.service import Service
from fargate_net.model.finding import Finding, error, warning
from fargate_net.spec.rules.capacity import peak

BALANCER = 8
"""Free addresses that a new balancer wants in each of its subnets."""

_SMALLEST = 27


def room(case: Case) -> Iterator[Finding]:
    """First the balancers, then what is left for tasks."""
    taken: dict[str, int] = {}
    for balancer in case.site.balancers:
        if balancer.key not in {resource.key for resource in case.made}:
            continue
        for place in case.places(case.site.subnets(case.site.balancer_role(balancer.internal))):
            taken[place.id] = taken.get(place.id, 0) + BALANCER
            yield from _for_balancer(place, balancer.name, balancer.type == "application", taken[place.id])
    yield from _for_tasks(case, taken)


def _for_balancer(place: Place, name: str, is_application: bool, wanted: int) -> Iterator[Finding]:
    if place.free is not None and place.free < wanted:
        what = f"The subnet {place.id} has {place.free} free addresses; load balancer {name} needs {BALANCER}"
        more = "." if wanted == BALANCER else f", beside {wanted - BALANCER} for another one."
        # A network balancer takes one address; eight are asked for, but one that is there is enough to stand.
        make = error if is_application or place.free == 0 else warning
        yield make("NO_ROOM_FOR_BALANCER", what + more, "Free some, or choose another subnet.")
    elif is_application and place.cidr and IPv4Network(place.cidr).prefixlen > _SMALLEST:
        what = f"The subnet {place.id} is {place.cidr}; load balancer {name} wants /{_SMALLEST} or larger to grow."
        yield warning("SUBNET_TOO_SMALL", what, "Choose a larger subnet.")


def _for_tasks(case: Case, taken: dict[str, int]) -> Iterator[Finding]:
    """All tasks that start beside the running ones, by the set of subnets that they share."""
    wanted: dict[tuple[Place, ...], dict[str, int]] = {}
    for name, service in case.stack.services.items():
        places = tasks_in(case, name)
        more = peak(service) - _running(case, name)
        if {f"service/{name}", f"task_definition/{name}"} & case.touched and more > 0 and places:
            wanted.setdefault(places, {})[name] = more
    for places, services in wanted.items():
        if any(place.free is None for place in places):
            continue
        free = sum(max(0, (place.free or 0) - taken.get(place.id, 0)) for place in places)
        total = sum(services.values())
        named = listed(f"{more} for {name}" for name, more in services.items())
        where = listed(f"{place.id} ({place.free})" for place in places)
        if total > free:
            what = f"A rollout needs {total} free addresses ({named}); {free} are left in {where}."
            hint = "Free some, add subnets, or lower `count`, `scaling.max` or `deployment.max_percent`."
            yield error("NO_ROOM_FOR_TASKS", what, hint)


def _running(case: Case, name: str) -> int:
    """Tasks of the service that run now and have their addresses already."""
    for found in case.live.of(Service).values():
        if found.stack == case.name and found.key == f"service/{name}":
            return int(found.status.get("running", 0))
    return 0
