"""Records in hosted zones of the account. Never here: the private zones of Cloud Map, which ECS fills."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint.site import Site
from fargate_net.kinds.record_set import RecordSet
from fargate_net.model.resource import Ref, Resource


def dns(site: Site) -> Iterator[Resource]:
    """Aliases of balancers, and the records that hold the public addresses of tasks."""
    aliases = {
        (entry.expose.dns.zone, entry.expose.dns.fqdn): balancer
        for balancer in site.balancers
        for entry in balancer.entries
        if entry.expose.dns is not None
    }
    for (zone, name), balancer in sorted(aliases.items(), key=lambda pair: pair[0]):
        for record_type in ("A", "AAAA") if site.ipv6 and not balancer.needs_ipv4 else ("A",):
            record = RecordSet(site.facts.hosted_zone(zone), name, record_type, alias=Ref(balancer.key, "dns_name"))
            yield Resource("record_set", f"{name}.{record_type}", record)
    for service, wanted in site.stack.services.items():
        for expose in wanted.expose:
            if expose.dns is not None:
                # The addresses are known when tasks run: `up` fills them in.
                record = RecordSet(
                    site.facts.hosted_zone(expose.dns.zone),
                    expose.dns.fqdn,
                    "A",
                    ttl=expose.dns.ttl,
                    of_service=Ref(f"service/{service}"),
                )
                yield Resource("record_set", f"{expose.dns.fqdn}.A", record)
