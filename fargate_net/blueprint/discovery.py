"""How services find each other: Cloud Map names and Service Connect. Never here: balancers."""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.blueprint.site import Site
from fargate_net.kinds.discovery_service import DiscoveryService
from fargate_net.kinds.namespace import Namespace
from fargate_net.kinds.service import ServiceConnect, ServiceRegistry
from fargate_net.model.resource import Id, Ref, Resource
from fargate_net.spec.models import CloudMapDiscovery, Service, ServiceConnectDiscovery


def discovery(site: Site) -> Iterator[Resource]:
    """The namespaces that the stack makes, and a Cloud Map service for each service that has records."""
    kinds: dict[str, str] = {}
    for service in site.stack.services.values():
        for found in (_cloud_map(service), _connect(service)):
            if found is not None and not found.is_existing:
                # Service Connect is content with any namespace; records need one with a private zone.
                private = isinstance(found, CloudMapDiscovery) or kinds.get(found.namespace) == "DNS_PRIVATE"
                kinds[found.namespace] = "DNS_PRIVATE" if private else "HTTP"
    for name, kind in sorted(kinds.items()):
        yield Resource("namespace", name, Namespace(name, kind, site.vpc if kind == "DNS_PRIVATE" else None))
    for name, service in site.stack.services.items():
        records = _cloud_map(service)
        if records is not None:
            # Several answers, and ECS tells Cloud Map which tasks are well (ECS Developer Guide, Service discovery).
            made = DiscoveryService(
                name=records.name or name,
                namespace=_namespace(records),
                records=frozenset((record, records.ttl) for record in records.records),
            )
            yield Resource("discovery_service", name, made)


def registries(name: str, service: Service) -> frozenset[ServiceRegistry]:
    """Where ECS registers the tasks. SRV records want container and port, A records must not have them."""
    records = _cloud_map(service)
    if records is None:
        return frozenset()
    made = Ref(f"discovery_service/{name}")
    if "SRV" in records.records and records.to is not None:
        return frozenset({ServiceRegistry(made, records.to.container, records.to.port)})
    return frozenset({ServiceRegistry(made)})


def connection(service: Service) -> ServiceConnect | None:
    """The Service Connect part of an ECS service, with the name it offers if it is more than a client."""
    found = _connect(service)
    if found is None:
        return None
    if found.port is None:
        return ServiceConnect(_namespace(found, "arn"))
    mapping = next(
        port.name or ""
        for container in service.containers
        if container.name == found.port.container
        for port in container.ports
        if port.port == found.port.port
    )
    offered = (mapping, found.name, found.name, found.listen or found.port.port)
    return ServiceConnect(_namespace(found, "arn"), (offered,))


def connection_servers(site: Site, name: str) -> tuple[str, ...]:
    """The services that offer a name in the namespace of a service that is a client only."""
    own = _connect(site.stack.services[name])
    if own is None or own.port is not None:
        return ()
    return tuple(
        other
        for other, service in site.stack.services.items()
        if (found := _connect(service)) is not None and found.port is not None and found.namespace == own.namespace
    )


def _cloud_map(service: Service) -> CloudMapDiscovery | None:
    return next((found.cloud_map for found in service.discovery if found.cloud_map), None)


def _connect(service: Service) -> ServiceConnectDiscovery | None:
    return next((found.service_connect for found in service.discovery if found.service_connect), None)


def _namespace(found: CloudMapDiscovery | ServiceConnectDiscovery, attr: str = "id") -> Id:
    if not found.is_existing:
        return Ref(f"namespace/{found.namespace}", attr)
    # Cloud Map speaks of ids, Service Connect of ARNs.
    return found.namespace.rpartition("/")[2] if isinstance(found, CloudMapDiscovery) else found.namespace
