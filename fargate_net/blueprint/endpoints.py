"""VPC endpoints, derived from what the tasks need to start. Never here: security group rules."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint.site import Site
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.resource import Ref, Resource
from fargate_net.spec.models import Service
from fargate_net.spec.needs import GATEWAY_ENDPOINTS, aws_services

GROUP = Ref("security_group/network.endpoints")


def wanted(site: Site) -> tuple[str, ...]:
    """The short names of the services that get an endpoint, sorted."""
    if not site.is_ours:
        return ()
    network = site.stack.network
    named = set(network.endpoints)
    for service in site.stack.services.values():
        needed = _needed(site, service)
        if network.has_endpoints:
            named |= needed
        elif site.nat:
            # Image layers come from S3: past the NAT gateway they are free, and the endpoint is free as well.
            named |= needed & {"s3"}
    return tuple(sorted(named))


def interfaces(site: Site) -> tuple[str, ...]:
    """Those of them that are interfaces in subnets, with a security group and a price."""
    return tuple(name for name in wanted(site) if name not in GATEWAY_ENDPOINTS)


def gateways(site: Site) -> tuple[str, ...]:
    """Those of them that are routes."""
    return tuple(name for name in wanted(site) if name in GATEWAY_ENDPOINTS)


def interface_keys(site: Site) -> tuple[str, ...]:
    """The keys of the interface endpoints."""
    return tuple(f"vpc_endpoint/{name}" for name in interfaces(site))


def keys(site: Site) -> tuple[str, ...]:
    """The keys of all endpoints."""
    return tuple(f"vpc_endpoint/{name}" for name in wanted(site))


def uses_interfaces(site: Site, service: Service) -> bool:
    """Whether tasks of the service speak to an interface endpoint: to start, or to one the user asked for.

    Private DNS holds for the whole VPC, so tasks with another way out use the endpoint as well.
    """
    names = set(interfaces(site))
    return bool(names & (_needed(site, service) | set(site.stack.network.endpoints)))


def used_gateways(site: Site, service: Service) -> tuple[str, ...]:
    """The gateway endpoints that tasks of the service use."""
    used = _needed(site, service) | set(site.stack.network.endpoints)
    return tuple(name for name in gateways(site) if name in used)


def endpoints(site: Site) -> Iterator[Resource]:
    """The endpoints. Policies stay AWS's default: who may do what is said by the roles of the tasks."""
    role = "private" if "private" in site.roles else "public"
    for name in wanted(site):
        full = site.facts.endpoint_service(name)
        if name in GATEWAY_ENDPOINTS:
            tables = frozenset(Ref(key) for used in _task_roles(site) for key in site.tables(used))
            yield Resource("vpc_endpoint", name, VpcEndpoint(site.vpc, full, "Gateway", route_tables=tables))
        else:
            endpoint = VpcEndpoint(
                site.vpc,
                full,
                "Interface",
                subnets=frozenset(site.subnets(role)),
                security_groups=frozenset({GROUP}),
                private_dns=True,
            )
            # From the moment private DNS answers, every task of the VPC comes here: the door must be open by then.
            yield Resource("vpc_endpoint", name, endpoint, after=("security_group_rules/network.endpoints",))


def _needed(site: Site, service: Service) -> set[str]:
    return set(aws_services(service, site.facts.region))


def _task_roles(site: Site) -> list[str]:
    return sorted({service.subnets for service in site.stack.services.values()})
