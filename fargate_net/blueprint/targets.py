"""Target groups. Never here: listeners, who is registered."""

from __future__ import annotations

from fargate_net.blueprint import names
from fargate_net.blueprint.balancers import Entry
from fargate_net.blueprint.site import Site
from fargate_net.kinds.target_group import TargetGroup, TargetHealthCheck
from fargate_net.model.resource import Resource
from fargate_net.spec.models import AlbExpose, NlbExpose, TargetHealth

_VERSIONS = {"http1": "HTTP1", "http2": "HTTP2", "grpc": "GRPC"}
_DEFAULT_PORT = 80
"""ECS registers each task with its own port, so the group's is never used. It cannot be changed: it stays the same."""


def target_group(site: Site, entry: Entry) -> Resource:
    """The group that one or more entries send to. ELB guides, Target groups for your balancers."""
    protocol, version = _protocol(entry)
    # A group belongs to one balancer: another balancer needs another group.
    balancer = next((made.fixed for made in site.balancers if made.name == entry.balancer), ())
    made = TargetGroup(
        name=names.versioned(site.name, entry.service, fixed=(entry.target, protocol, version, site.vpc, *balancer)),
        protocol=protocol,
        port=_DEFAULT_PORT,
        vpc=site.vpc,
        health=_health(entry.expose.health),
        protocol_version=version,
        attributes=frozenset(_attributes(entry).items()),
    )
    return Resource("target_group", entry.target, made)


def _protocol(entry: Entry) -> tuple[str, str]:
    if isinstance(entry.expose, AlbExpose):
        return entry.expose.target_protocol.upper(), _VERSIONS[entry.expose.protocol_version]
    # TLS ends at the balancer: behind it the task speaks plain TCP.
    return ("UDP" if entry.expose.protocol == "udp" else "TCP"), ""


def _health(check: TargetHealth) -> TargetHealthCheck:
    speaks_http = check.protocol != "tcp"
    return TargetHealthCheck(
        protocol=check.protocol.upper(),
        port=str(check.port) if check.port else "traffic-port",
        path=check.path if speaks_http else "",
        codes=check.codes if speaks_http else "",
        interval=check.interval,
        timeout=check.timeout,
        healthy=check.healthy,
        unhealthy=check.unhealthy,
    )


def _attributes(entry: Entry) -> dict[str, str]:
    """ELB API Reference, TargetGroupAttribute."""
    exposed = entry.expose
    attributes = {"deregistration_delay.timeout_seconds": str(exposed.deregistration_delay)}
    if isinstance(exposed, NlbExpose):
        attributes["preserve_client_ip.enabled"] = "true" if exposed.preserve_client_ip else "false"
    elif exposed.stickiness is None:
        attributes["stickiness.enabled"] = "false"
    else:
        attributes["stickiness.enabled"] = "true"
        attributes["stickiness.type"] = "lb_cookie"
        attributes["stickiness.lb_cookie.duration_seconds"] = str(exposed.stickiness)
    return attributes
