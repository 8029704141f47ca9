"""The foreseen network of a stack in somebody else's VPC: whether tasks start, and health checks reach them.

In a VPC of our own the spec's rules and the drawing answer that. Never here: a verdict of its own (reach/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fargate_net.app.preflight.case import Case
from fargate_net.kinds.service import Service
from fargate_net.model.finding import Finding, warning
from fargate_net.model.snapshot import Found, Snapshot
from fargate_net.model.verdict import Blocker, Disposition
from fargate_net.reach.health import health
from fargate_net.reach.network import Network
from fargate_net.reach.startup import check

_PLANNED = re.compile(r"planned:([a-z_]+)/([\w.-]+\w)")


def outlook(case: Case, foreseen: Snapshot) -> Iterator[Finding]:
    """Warnings, not errors: a network may have ways that no describe call shows, as to a private registry."""
    if case.site.is_ours:
        return
    network = Network(foreseen)
    for found in foreseen.of(Service).values():
        if found.stack == case.name and found.key in case.touched:
            yield from _start_up(network, found)
            yield from _health(network, found)


def _start_up(network: Network, service: Found[Service]) -> Iterator[Finding]:
    for need in check(network, service):
        if need.answer.verdict in (Disposition.BLOCKED, Disposition.PARTIAL):
            what = f"Tasks of {service.props.name} will not reach {need.need.endpoint}, needed to {need.need.purpose}"
            yield _told("NO_START", what, need.answer.blockers)


def _health(network: Network, service: Found[Service]) -> Iterator[Finding]:
    for target in sorted(service.props.targets, key=lambda target: str(target.target_group)):
        path = health(network, str(target.target_group))
        if path.verdict in (Disposition.BLOCKED, Disposition.PARTIAL):
            what = f"Health checks will not reach the tasks of {service.props.name} on port {target.port}"
            yield _told("NO_HEALTH", what, path.blockers)


def _told(code: str, what: str, blockers: tuple[Blocker, ...]) -> Finding:
    if not blockers:
        return warning(code, f"{what}.")
    return warning(code, _as_drawn(f"{what}: {blockers[0].detail.rstrip('.')}."), _as_drawn(blockers[0].fix))


def _as_drawn(text: str) -> str:
    """What the plan makes has no id yet: it is called by its kind and name."""
    return _PLANNED.sub(lambda named: f"the new {named[1].replace('_', ' ')} of {named[2]}", text)
