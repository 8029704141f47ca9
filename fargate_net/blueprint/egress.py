"""Ways out of private subnets: NAT gateways and, for IPv6, the egress-only gateway. Never here: endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint.site import EVERYONE, EVERYONE_IPV6, Site
from fargate_net.kinds.egress_only_gateway import EgressOnlyGateway
from fargate_net.kinds.elastic_ip import ElasticIp
from fargate_net.kinds.nat_gateway import NatGateway
from fargate_net.kinds.route_table import Route
from fargate_net.model.resource import Ref, Resource


def egress(site: Site) -> Iterator[Resource]:
    """The gateways that private tasks leave through, if any."""
    if not site.nat:
        return
    # AWS refuses a public NAT gateway in a VPC without an attached internet gateway, and no property says so.
    door = ("internet_gateway/main",)
    if site.stack.network.egress == "nat-regional":
        gateway = NatGateway(vpc=site.vpc, subnet=None, allocation=None, regional=True)
        yield Resource("nat_gateway", "regional", gateway, after=door)
    else:
        for zone in _nat_zones(site):
            letter = site.letter(zone)
            yield Resource("elastic_ip", f"nat-{letter}", ElasticIp())
            gateway = NatGateway(site.vpc, Ref(f"subnet/public-{letter}"), Ref(f"elastic_ip/nat-{letter}"))
            yield Resource("nat_gateway", letter, gateway, after=(*door, "route_table/public"))
    if site.ipv6:
        yield Resource("egress_only_gateway", "main", EgressOnlyGateway(site.vpc))


def private_routes(site: Site, zone: str) -> frozenset[Route]:
    """The routes of a private subnet in that zone, beside those AWS keeps by itself."""
    if not site.nat:
        return frozenset()
    routes = {Route(EVERYONE, _nat_of(site, zone))}
    if site.ipv6:
        routes.add(Route(EVERYONE_IPV6, Ref("egress_only_gateway/main")))
    return frozenset(routes)


def _nat_of(site: Site, zone: str) -> Ref:
    if site.stack.network.egress == "nat-regional":
        return Ref("nat_gateway/regional")
    own = zone if site.stack.network.egress == "nat-per-zone" else site.zones[0]
    return Ref(f"nat_gateway/{site.letter(own)}")


def _nat_zones(site: Site) -> tuple[str, ...]:
    return site.zones if site.stack.network.egress == "nat-per-zone" else site.zones[:1]
