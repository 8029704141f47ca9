"""Security groups and their rules: who named in the spec may open which connection, and nobody else.

A group is drawn without rules and its rules as a resource beside it, because a balancer's group and a task's group
name each other. DNS needs no rule: security groups do not filter the Route 53 Resolver (VPC User Guide, Security
groups). Never here: routes, endpoints themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint import endpoints
from fargate_net.blueprint.addresses import resolver
from fargate_net.blueprint.balancers import Balancer, Entry, Exposed, entries, redirects
from fargate_net.blueprint.site import EVERYONE, Site
from fargate_net.kinds.security_group import Rule, SecurityGroup
from fargate_net.kinds.security_group_rules import SecurityGroupRules
from fargate_net.model.resource import Id, Ref, Resource
from fargate_net.spec.models import AllowFrom, NlbExpose, Service

HTTPS = ("tcp", 443)
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""What stands for the range of a VPC that is not known (RFC 1918)."""


class _Rules:
    """The rules of one group while they are gathered: each identity once, with its first description."""

    def __init__(self) -> None:
        self._rules: dict[object, Rule] = {}

    def let_in(self, port: tuple[str, int], peer: Id, description: str) -> None:
        """Allow connections from the peer to the (protocol, port)."""
        self._add(Rule("ingress", port[0], port[1], port[1], peer, description))

    def let_out(self, port: tuple[str, int], peer: Id, description: str) -> None:
        """Allow connections to the peer's (protocol, port)."""
        self._add(Rule("egress", port[0], port[1], port[1], peer, description))

    def let_all_out(self, peer: str, description: str) -> None:
        """Allow every connection to the range."""
        self._add(Rule("egress", "-1", 0, 65535, peer, description))

    def _add(self, rule: Rule) -> None:
        self._rules.setdefault(rule.identity, rule)

    @property
    def lets_nobody_out(self) -> bool:
        return not any(rule.direction == "egress" for rule in self._rules.values())

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def all(self) -> frozenset[Rule]:
        return frozenset(self._rules.values())


def group_of(service: str) -> Ref:
    """The security group that the stack makes for a service."""
    return Ref(f"security_group/{service}")


def rules_key(group: Ref) -> str:
    """The key of the rules of a group."""
    return f"security_group_rules/{group.key.partition('/')[2]}"


def security(site: Site) -> Iterator[Resource]:
    """Every group and its rules."""
    behind = entries(site.stack)
    # With endpoints in place of a NAT gateway the wide rule goes only after the endpoints work.
    ready = endpoints.keys(site)
    for name, service in site.stack.services.items():
        rules = _of_service(site, name, service, [entry for entry in behind if entry.service == name])
        yield from _group(site, group_of(name), f"Tasks of service {name}", rules, ready)
    for balancer in site.balancers:
        yield from _group(site, balancer.group, f"Load balancer {balancer.name}", _of_balancer(site, balancer))
    if endpoints.interfaces(site):
        yield from _group(site, endpoints.GROUP, "VPC endpoints", _of_endpoints(site))


def _group(site: Site, group: Ref, what: str, rules: _Rules, after: tuple[str, ...] = ()) -> Iterator[Resource]:
    name = group.key.partition("/")[2]
    yield Resource("security_group", name, SecurityGroup(site.vpc, f"{site.name}-{name}", f"{what} of {site.name}"))
    yield Resource("security_group_rules", name, SecurityGroupRules(group, rules.all), after)


def _of_service(site: Site, name: str, service: Service, behind: list[Entry]) -> _Rules:
    rules = _Rules()
    for allowed in service.allow_from:
        peer, who = _source(site, allowed)
        for port in _declared(service, allowed):
            rules.let_in(port, peer, f"Port {port[1]} from {who}")
    for entry in behind:
        balancer = next((made for made in site.balancers if made.name == entry.balancer), None)
        if balancer is not None:
            for port in entry.ports:
                purpose = "Requests" if port == entry.ports[0] else "Health checks"
                rules.let_in(port, balancer.group, f"{purpose} from load balancer {balancer.name}")
    _let_out(site, name, service, rules)
    return rules


def _let_out(site: Site, name: str, service: Service, rules: _Rules) -> None:
    """Everything where the tasks have a way out: whom an application calls is not in the spec. Else what is named."""
    for everyone in site.way_out(service):
        rules.let_all_out(everyone, "Any destination: the spec does not say whom the application calls")
    if EVERYONE in site.way_out(service):
        return
    if endpoints.uses_interfaces(site, service):
        rules.let_out(HTTPS, endpoints.GROUP, "AWS services through VPC endpoints")
    for gateway in endpoints.used_gateways(site, service):
        rules.let_out(HTTPS, site.facts.prefix_list(gateway), f"{gateway} through its gateway endpoint")
    for other, called in site.stack.services.items():
        for allowed in called.allow_from:
            if allowed.source == name:
                for port in _declared(called, allowed):
                    rules.let_out(port, group_of(other), f"Port {port[1]} of service {other}")
    if rules.lets_nobody_out and not rules:
        # AWS gives every new group a rule that lets all out, and takes it back only for another. This one opens
        # nothing: no security group can close the resolver.
        rules.let_out(("udp", 53), resolver(site.stack.network.cidr), "Name resolution, and nothing else")


def _source(site: Site, allowed: AllowFrom) -> tuple[Id, str]:
    """The peer of a rule, and how its description calls it."""
    if allowed.source in site.stack.services:
        return group_of(allowed.source), f"service {allowed.source}"
    return allowed.source, allowed.source


def _declared(service: Service, allowed: AllowFrom) -> list[tuple[str, int]]:
    """The (protocol, port) pairs that are meant: those listed, or every declared one."""
    ports = {(port.protocol, port.port) for container in service.containers for port in container.ports}
    return sorted(port for port in ports if not allowed.ports or port[1] in allowed.ports)


def _of_balancer(site: Site, balancer: Balancer) -> _Rules:
    rules = _Rules()
    for entry in balancer.entries:
        exposed = entry.expose
        protocol = "udp" if isinstance(exposed, NlbExpose) and exposed.protocol == "udp" else "tcp"
        for source in sources(site, exposed):
            rules.let_in((protocol, exposed.listen), source, f"Clients on port {exposed.listen}")
    for listen, target in redirects(balancer).items():
        for entry in balancer.on(target):
            for source in sources(site, entry.expose):
                rules.let_in(("tcp", listen), source, f"Clients on port {listen}, who are sent on to HTTPS")
    for entry in balancer.entries:
        for port in entry.ports:
            purpose = "Requests" if port == entry.ports[0] else "Health checks"
            rules.let_out(port, group_of(entry.service), f"{purpose} to service {entry.service}")
    return rules


def sources(site: Site, exposed: Exposed) -> tuple[str, ...]:
    """Who may connect to a balancer: those named; else the VPC behind an internal one, everyone behind another."""
    if not exposed.internal or "sources" in exposed.model_fields_set:
        return exposed.sources
    vpc = site.stack.network.vpc
    return site.facts.vpcs.get(vpc or "", PRIVATE)


def _of_endpoints(site: Site) -> _Rules:
    rules = _Rules()
    for name, service in site.stack.services.items():
        if endpoints.uses_interfaces(site, service):
            rules.let_in(HTTPS, group_of(name), f"HTTPS from service {name}")
    if not rules:
        rules.let_in(HTTPS, site.stack.network.cidr, "HTTPS from the VPC: no service of the stack is named")
    return rules
