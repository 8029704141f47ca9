"""A spec beside the world: what is wanted, what there is, what would change.

Everything is computed when it is first asked for, and once. Never here: doing it (running.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from fargate_net.app.wire import connect
from fargate_net.blueprint import names
from fargate_net.blueprint.draw import draw
from fargate_net.blueprint.facts import Facts
from fargate_net.engine.claims import claims
from fargate_net.engine.foresee import foresee
from fargate_net.engine.observe import observe
from fargate_net.engine.plan import plan
from fargate_net.errors import Denied, NotAsked, UsageError
from fargate_net.kinds.base import Aws, Scope, load_all
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.record_set import RecordSet
from fargate_net.kinds.task import Task
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding
from fargate_net.model.resource import Graph, Ref, Resource
from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, ReachChange
from fargate_net.spec.load import load

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.spec.models import Stack

DEFAULT_REGION = "us-east-1"
"""Where an offline plan is drawn when neither the spec nor the environment names a Region."""


@dataclass(frozen=True)
class PlanView:
    """A plan and what it means: connections it opens and closes, monthly cost in USD before and after, notes.

    ``findings`` are what a look ahead says about it; with an error among them a run does not begin. ``answers`` judge
    the spec's expectations on the network after it.
    """

    stack: Stack
    plan: Plan
    opens: tuple[ReachChange, ...] = ()
    closes: tuple[ReachChange, ...] = ()
    cost_before: float | None = None
    cost_after: float | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()


class Wish:
    """One spec and the world it meets. ``offline`` asks AWS nothing unless the spec builds on what exists there."""

    def __init__(self, paths: Sequence[Path], wire: Wire, *, offline: bool = False) -> None:
        load_all()
        loaded = load(paths)
        self.stack = loaded.stack
        self.warnings = loaded.warnings
        self._wire = wire
        self._offline = offline and wire.snapshot is None and not self.borrows

    @property
    def name(self) -> str:
        """The stack's name. Raises UsageError for a file that holds expectations only."""
        if self.stack.stack is None:
            raise UsageError(
                "The file holds expectations only; there is no stack in it.",
                hint="Check them with: fargatenet reach-check FILE --cluster C",
            )
        return self.stack.stack

    @property
    def borrows(self) -> bool:
        """Whether the stack is put into somebody else's network or cluster."""
        return self.stack.network.is_existing or self.stack.cluster.existing is not None

    def service_names(self) -> tuple[str, ...]:
        """The services of the spec, in file order."""
        return tuple(self.stack.services)

    @cached_property
    def aws(self) -> Aws:
        """The wire, in the spec's Region."""
        return connect(self._wire, self.stack.region)

    @cached_property
    def scope(self) -> Scope:
        """What of the account this stack concerns."""
        existing = self.stack.cluster.existing
        vpc = self.stack.network.vpc
        return Scope(
            stack=self.name,
            vpcs=frozenset({vpc}) if vpc else None,
            clusters=frozenset({existing or self.name}),
            names={
                "hosted_zone": frozenset(_zone_names(self.stack)),
                "namespace": frozenset(_existing_namespaces(self.stack)),
            },
        )

    @cached_property
    def live(self) -> Snapshot:
        """What there is; when offline nothing but what AWS has everywhere."""
        if self._offline:
            region = self._wire.region or self.stack.region or region_of_environment() or DEFAULT_REGION
            return Snapshot(Facts.without_aws(region).assumed(), region=region)
        return observe(self.aws, self.scope)

    @cached_property
    def facts(self) -> Facts:
        """What the drawing must know of the Region."""
        if self._offline:
            return Facts.without_aws(self.live.region)
        return Facts.of(self.live, _zones(self.aws))

    @cached_property
    def graph(self) -> Graph:
        """Everything wanted."""
        self.name  # noqa: B018 - says why there is nothing to draw
        return with_task_addresses(draw(self.stack, self.facts), self.live, self.name)

    @cached_property
    def foreseen(self) -> Snapshot:
        """The world after `up`."""
        return foresee(self.graph, self.live, self.plan())

    def look_again(self) -> None:
        """Forget what was seen; the next question reads AWS anew."""
        for seen in ("live", "facts", "graph", "foreseen"):
            self.__dict__.pop(seen, None)

    def cost_of_live(self) -> float:
        """USD a month of what carries the stack's tags now."""
        from fargate_net.blueprint.cost import monthly

        return sum(line.usd for line in monthly(claims(self.live, self.name).current.values()))

    def plan(self, *, prune: bool = False) -> Plan:
        """What has to change."""
        return plan(self.graph, self.live, self.name, prune=prune, tags=partial(names.tags, self.stack))

    def view(self, *, prune: bool = False) -> PlanView:
        """The plan with what it means for packets and for the bill."""
        from fargate_net.blueprint.cost import monthly

        planned = self.plan(prune=prune)
        opens: tuple[ReachChange, ...] = ()
        closes: tuple[ReachChange, ...] = ()
        if not planned.is_empty:
            opens, closes = reach_of(self.live, foresee(self.graph, self.live, planned))
        return PlanView(
            stack=self.stack,
            plan=planned,
            opens=opens,
            closes=closes,
            cost_before=self.cost_of_live(),
            cost_after=sum(line.usd for line in monthly(self.graph)),
            notes=tuple(str(warning) for warning in self.warnings),
        )


def reach_of(before: Snapshot, after: Snapshot) -> tuple[tuple[ReachChange, ...], tuple[ReachChange, ...]]:
    """What opens and what closes between two worlds."""
    from fargate_net.reach.delta import changes
    from fargate_net.reach.network import Network

    rows = changes(Network(before), Network(after))
    opens = tuple(replace(row, closed=()) for row in rows if row.opened)
    closes = tuple(replace(row, opened=()) for row in rows if row.closed)
    return opens, closes


def with_task_addresses(graph: Graph, live: Snapshot, stack: str) -> Graph:
    """The graph with every static record holding the public addresses its service's tasks have now.

    While its service has no such task, a record stays as it is, and one that is not there yet is left out: it is made
    when the tasks are there.
    """
    records = {item.key: item.props for item in live.of(RecordSet).values() if item.stack == stack}
    resources = []
    for resource in graph:
        props = resource.props
        if isinstance(props, RecordSet) and props.of_service:
            values = tuple(sorted(task_addresses(live, resource)))
            if not values and (resource.key not in records or not _wants_tasks(graph, props)):
                continue
            resource = replace(resource, props=replace(props, values=values or records[resource.key].values))
        resources.append(resource)
    return Graph(resources)


def _wants_tasks(graph: Graph, record: RecordSet) -> bool:
    """Whether the service of a static record is to run tasks; without them the record would point at strangers."""
    service = record.of_service
    return not isinstance(service, Ref) or graph[service.key].props.desired > 0


def task_addresses(live: Snapshot, record: Resource) -> Iterator[str]:
    """The public IPv4 addresses of the running tasks of a static record's service."""
    service = record.props.of_service
    key = service.key if isinstance(service, Ref) else str(service)
    name = key.rpartition("/")[2]
    for task in live.of(Task).values():
        if task.props.service != name or task.props.state != "RUNNING" or task.props.desired_state != "RUNNING":
            continue
        eni = live.get(NetworkInterface, task.props.interface)
        for _, public in eni.props.public_ips if eni else ():
            yield public


def _zones(aws: Aws) -> tuple[str, ...]:
    """The zones of the Region a subnet can be made in; saved responses may not hold them."""
    try:
        answer = aws.read("ec2.describe_availability_zones")
    except (NotAsked, Denied):
        return Facts.without_aws(aws.region).zones
    return tuple(
        zone["ZoneName"]
        for zone in answer.get("AvailabilityZones", ())
        if zone.get("State", "available") == "available"
        and zone.get("ZoneType", "availability-zone") == "availability-zone"
    )


def _existing_namespaces(stack: Stack) -> Iterator[str]:
    """The ids of the namespaces that somebody else made and services of the spec are found in."""
    for service in stack.services.values():
        for way in service.discovery:
            for found in (way.cloud_map, way.service_connect):
                if found is not None and found.is_existing:
                    yield found.namespace.rpartition("/")[2]


def _zone_names(stack: Stack) -> Iterator[str]:
    """The hosted zones the spec writes records into."""
    for service in stack.services.values():
        for expose in service.expose:
            if expose.dns is not None:
                yield expose.dns.zone
            for balancer in (expose.alb, expose.nlb):
                if balancer is not None and balancer.dns is not None:
                    yield balancer.dns.zone


def region_of_environment() -> str | None:
    """The Region that the environment names for every AWS tool."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
