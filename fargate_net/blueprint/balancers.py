"""Who is behind which balancer: the entries of `expose`, gathered over all services.

Never here: listeners, rules, security groups; those are drawn from what is gathered here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from fargate_net.model.resource import Ref
from fargate_net.spec.models import AlbExpose, NlbExpose, Stack

Exposed: TypeAlias = AlbExpose | NlbExpose


@dataclass(frozen=True)
class Entry:
    """One way into one service. ``balancer`` is the name of ours, ``""`` behind a listener that somebody else made.

    ``target`` is the name of its target group. Entries of one listener that send to the same place in the same way
    share a group; a changed port keeps it, so that the group need not be replaced.
    """

    service: str
    expose: Exposed
    balancer: str
    target: str

    @property
    def target_group(self) -> Ref:
        """The group that the tasks are registered in."""
        return Ref(f"target_group/{self.target}")

    @property
    def protocol(self) -> str:
        """Transport protocol between the balancer and the task."""
        return "udp" if isinstance(self.expose, NlbExpose) and self.expose.protocol == "udp" else "tcp"

    @property
    def ports(self) -> tuple[tuple[str, int], ...]:
        """The (protocol, port) pairs the balancer needs at the task: for traffic and, if another, for health checks.

        Health checks are never UDP (NLB User Guide, Health checks for target groups).
        """
        traffic = (self.protocol, self.expose.to.port)
        health = ("tcp", self.expose.health.port or self.expose.to.port)
        return (traffic,) if health == traffic else (traffic, health)


@dataclass(frozen=True)
class Balancer:
    """A balancer that the stack makes. ``type`` is ``application`` or ``network``."""

    name: str
    type: str
    internal: bool
    entries: tuple[Entry, ...]

    @property
    def key(self) -> str:
        """The key of its resource."""
        return f"load_balancer/{self.name}"

    @property
    def group(self) -> Ref:
        """Its security group."""
        return Ref(f"security_group/balancer.{self.name}")

    @property
    def is_static(self) -> bool:
        """Whether it has Elastic IPs: chosen for each subnet when the balancer enters it, and not changed later."""
        return any(isinstance(entry.expose, NlbExpose) and entry.expose.static_ips for entry in self.entries)

    @property
    def fixed(self) -> tuple[str, ...]:
        """What AWS cannot change about it, beside its type, scheme and VPC; part of the names that hang on it."""
        return ("static",) if self.is_static else ()

    @property
    def listens(self) -> tuple[int, ...]:
        """The ports of its listeners that entries ask for."""
        return tuple(sorted({entry.expose.listen for entry in self.entries}))

    @property
    def needs_ipv4(self) -> bool:
        """Whether it must stay without IPv6: UDP listeners do not go with dual-stack as we draw target groups."""
        return any(entry.protocol == "udp" for entry in self.entries)

    def on(self, port: int) -> tuple[Entry, ...]:
        """The entries of one listener."""
        return tuple(entry for entry in self.entries if entry.expose.listen == port)


def entries(stack: Stack) -> tuple[Entry, ...]:
    """Every entry of every service, in the order of the spec."""
    return tuple(entry for name in stack.services for entry in _of_service(stack, name))


def balancers(stack: Stack) -> tuple[Balancer, ...]:
    """The balancers that the stack makes, by name."""
    gathered: dict[str, list[Entry]] = {}
    for entry in entries(stack):
        if entry.balancer:
            gathered.setdefault(entry.balancer, []).append(entry)
    return tuple(
        Balancer(name, _type(behind[0].expose), behind[0].expose.internal, tuple(behind))
        for name, behind in sorted(gathered.items())
    )


def redirects(balancer: Balancer) -> dict[int, int]:
    """The port that only sends clients on, and the HTTPS port it sends them to.

    That is port 80, where an HTTPS entry wants it and no entry listens there; to 443, or the lowest port there is.
    """
    ports = {
        entry.expose.listen
        for entry in balancer.entries
        if isinstance(entry.expose, AlbExpose) and entry.expose.certificate and entry.expose.redirect
    }
    if not ports or 80 in balancer.listens:
        return {}
    return {80: min(ports, key=lambda port: (port != 443, port))}


def _of_service(stack: Stack, service: str) -> Iterator[Entry]:
    seen: dict[str, list[Hashable]] = {}
    for expose in stack.services[service].expose:
        for exposed in (expose.alb, expose.nlb):
            if exposed is None:
                continue
            balancer = _balancer(exposed)
            place = f"{service}.{balancer}.{exposed.listen}" if balancer else f"{service}.{_foreign(exposed)}"
            known = seen.setdefault(place, [])
            if (way := _way(exposed)) not in known:
                known.append(way)
            number = known.index(way) + 1
            yield Entry(service, exposed, balancer, place if number == 1 else f"{place}-{number}")


def _balancer(exposed: Exposed) -> str:
    """``alb``, ``nlb.internal``, ``alb-admin``: a dot cannot be part of a given name, so no two are alike."""
    if isinstance(exposed, AlbExpose) and exposed.listener:
        return ""
    word = "alb" if isinstance(exposed, AlbExpose) else "nlb"
    return word + (f"-{exposed.name}" if exposed.name else "") + (".internal" if exposed.internal else "")


def _foreign(exposed: Exposed) -> str:
    """A rule's place in a listener that somebody else made: its priority is unique there."""
    return f"rule-{exposed.priority}" if isinstance(exposed, AlbExpose) else ""


def _type(exposed: Exposed) -> str:
    return "application" if isinstance(exposed, AlbExpose) else "network"


def _way(exposed: Exposed) -> Hashable:
    """All that decides the target group."""
    shared = (exposed.to.container, exposed.to.port, exposed.health.model_dump_json(), exposed.deregistration_delay)
    if isinstance(exposed, AlbExpose):
        return (*shared, exposed.target_protocol, exposed.protocol_version, exposed.stickiness)
    return (*shared, exposed.protocol, exposed.preserve_client_ip)
