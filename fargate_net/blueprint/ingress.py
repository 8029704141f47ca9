"""Load balancers, target groups, listeners and rules. Never here: security groups, names in DNS."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint import names
from fargate_net.blueprint.balancers import Balancer, Entry, entries, redirects
from fargate_net.blueprint.priorities import priorities
from fargate_net.blueprint.site import Site
from fargate_net.blueprint.targets import target_group
from fargate_net.kinds.elastic_ip import ElasticIp
from fargate_net.kinds.listener import Action, Listener
from fargate_net.kinds.listener_rule import ListenerRule
from fargate_net.kinds.load_balancer import LoadBalancer
from fargate_net.model.resource import Id, Ref, Resource
from fargate_net.spec.models import AlbExpose, NlbExpose

_NOBODY = Action("fixed-response", detail="404 text/plain Nothing here.")
"""What a listener answers when no entry takes the request."""


def ingress(site: Site) -> Iterator[Resource]:
    """Everything between clients and tasks."""
    drawn: set[str] = set()
    for entry in entries(site.stack):
        if entry.target not in drawn:
            drawn.add(entry.target)
            yield target_group(site, entry)
        if not entry.balancer and isinstance(entry.expose, AlbExpose):
            yield _foreign_rule(entry, entry.expose)
    for balancer in site.balancers:
        yield from _load_balancer(site, balancer)
        for port in balancer.listens:
            yield from _listener(balancer, port)
        for port, target in redirects(balancer).items():
            action = Action("redirect", detail=f"HTTPS:{target} 301")
            yield Resource("listener", f"{balancer.name}.{port}", Listener(Ref(balancer.key), port, "HTTP", (action,)))


def routes_to(site: Site, service: str) -> list[str]:
    """The keys of the listeners and rules that send to a service."""
    keys = []
    for entry in entries(site.stack):
        if entry.service == service:
            keys.append(_rule_key(entry) if _is_conditional(entry) else f"listener/{_listener_name(entry)}")
    return keys


def _load_balancer(site: Site, balancer: Balancer) -> Iterator[Resource]:
    subnets = site.subnets(site.balancer_role(balancer.internal))
    scheme = "internal" if balancer.internal else "internet-facing"
    addresses: set[tuple[Id, Id]] = set()
    if balancer.is_static:
        for number, subnet in enumerate(subnets):
            place = site.letter(site.zones[number]) if site.is_ours else str(subnet)
            yield Resource("elastic_ip", f"{balancer.name}.{place}", ElasticIp())
            addresses.add((subnet, Ref(f"elastic_ip/{balancer.name}.{place}")))
    dual = site.ipv6 and not balancer.needs_ipv4
    made = LoadBalancer(
        name=names.versioned(
            site.name, balancer.name.replace(".", "-"), fixed=(balancer.type, scheme, site.vpc, *balancer.fixed)
        ),
        type=balancer.type,
        scheme=scheme,
        vpc=site.vpc,
        subnets=frozenset(subnets),
        # A network balancer can have groups only when it is born with one (NLB User Guide, Security groups).
        security_groups=frozenset({balancer.group}),
        ip_address_type="dualstack" if dual else "ipv4",
        attributes=frozenset(_attributes(balancer).items()),
        addresses=frozenset(addresses),
    )
    # AWS refuses a balancer that faces the internet in a VPC whose internet gateway is not attached.
    door = ("internet_gateway/main",) if site.is_ours and not balancer.internal else ()
    yield Resource("load_balancer", balancer.name, made, after=door)


def _attributes(balancer: Balancer) -> dict[str, str]:
    """ELB API Reference, LoadBalancerAttribute. Where entries of one balancer differ, the most generous holds."""
    exposed = [entry.expose for entry in balancer.entries]
    if balancer.type == "network":
        cross = any(isinstance(expose, NlbExpose) and expose.cross_zone for expose in exposed)
        return {"load_balancing.cross_zone.enabled": _word(cross)}
    albs = [expose for expose in exposed if isinstance(expose, AlbExpose)]
    attributes = {
        "idle_timeout.timeout_seconds": str(max(expose.idle_timeout for expose in albs)),
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http2.enabled": "true",
    }
    logs = next((expose.access_logs for expose in albs if expose.access_logs), None)
    attributes["access_logs.s3.enabled"] = _word(logs is not None)
    if logs is not None:
        attributes |= {"access_logs.s3.bucket": logs.bucket, "access_logs.s3.prefix": logs.prefix}
    return attributes


def _listener(balancer: Balancer, port: int) -> Iterator[Resource]:
    """A listener and, on an application balancer, a rule for each entry with conditions."""
    behind = balancer.on(port)
    default = next((entry for entry in behind if not _is_conditional(entry)), None)
    action = Action("forward", ((default.target_group, 1),)) if default else _NOBODY
    first = behind[0].expose
    attributes: dict[str, str] = {}
    if isinstance(first, NlbExpose) and first.protocol == "tcp":
        attributes["tcp.idle_timeout.seconds"] = str(first.idle_timeout)
    certificate = next((entry.expose.certificate for entry in behind if entry.expose.certificate), None)
    made = Listener(
        load_balancer=Ref(balancer.key),
        port=port,
        protocol=first.protocol.upper(),
        actions=(action,),
        certificate=certificate or "",
        policy=first.tls_policy if certificate else "",
        attributes=frozenset(attributes.items()),
    )
    yield Resource("listener", f"{balancer.name}.{port}", made)
    conditional = [(entry, _conditions(entry)) for entry in behind if _is_conditional(entry)]
    order = priorities([conditions for _, conditions in conditional])
    for (entry, conditions), priority in zip(conditional, order, strict=True):
        rule = ListenerRule(
            listener=Ref(f"listener/{balancer.name}.{port}"),
            priority=priority,
            conditions=conditions,
            actions=(Action("forward", ((entry.target_group, 1),)),),
        )
        yield Resource("listener_rule", _rule_key(entry).partition("/")[2], rule)


def _foreign_rule(entry: Entry, exposed: AlbExpose) -> Resource:
    """A rule in a listener that somebody else made: the user says which and with what priority."""
    rule = ListenerRule(
        listener=exposed.listener or "",
        priority=exposed.priority or 1,
        conditions=_conditions(entry),
        actions=(Action("forward", ((entry.target_group, 1),)),),
    )
    return Resource("listener_rule", _rule_key(entry).partition("/")[2], rule)


def _is_conditional(entry: Entry) -> bool:
    """Whether the entry takes only some requests of its listener."""
    return isinstance(entry.expose, AlbExpose) and bool(entry.expose.hosts or entry.expose.paths)


def _conditions(entry: Entry) -> frozenset[tuple[str, tuple[str, ...]]]:
    if not isinstance(entry.expose, AlbExpose):
        return frozenset()
    given = (("host-header", entry.expose.hosts), ("path-pattern", entry.expose.paths))
    return frozenset((field, tuple(sorted(values))) for field, values in given if values)


def _listener_name(entry: Entry) -> str:
    return f"{entry.balancer}.{entry.expose.listen}"


def _rule_key(entry: Entry) -> str:
    """A rule is known by what it asks for, so that others come and go beside it."""
    if not entry.balancer:
        return f"listener_rule/{entry.target}"
    mark = names.digest(*sorted(_conditions(entry)), length=6)
    return f"listener_rule/{entry.service}.{_listener_name(entry)}.{mark}"


def _word(value: bool) -> str:
    return "true" if value else "false"
