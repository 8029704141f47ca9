"""Cloud Map services and instances, and the DNS records that instances have in a private zone.

Authority: AWS Cloud Map Developer Guide, "Service discovery DNS records" (A, AAAA and SRV records, MULTIVALUE
routing); API reference, CreateService, RegisterInstance, DeleteService.

Never here: namespaces and operations (cloud_map).
"""

from __future__ import annotations

from typing import Any

from moto.servicediscovery.models import ServiceInstance

from . import dns
from .calls import AwsError, Call, Proceed, repair
from .cloud_map import backend_of, listing, new_operation

_ADDRESS = {"A": "AWS_INSTANCE_IPV4", "AAAA": "AWS_INSTANCE_IPV6", "CNAME": "AWS_INSTANCE_CNAME"}


def _of(call: Call) -> Any:
    return backend_of(call.account, call.region)


def _service(backend: Any, given: str) -> Any:
    service = backend.services.get(given.split("/")[-1])
    if service is None:
        raise AwsError("ServiceNotFound", f"Service not found: {given}")
    return service


@repair("servicediscovery", "CreateService")
def create_service(call: Call, proceed: Proceed) -> Any:
    """The name is unique in its namespace whatever its case; the same request again returns the same service."""
    backend, params = _of(call), call.params
    namespace_id = (params.get("NamespaceId") or params.get("DnsConfig", {}).get("NamespaceId", "")).split("/")[-1]
    namespace = backend.namespaces.get(namespace_id)
    if namespace is None:
        raise AwsError("NamespaceNotFound", f"Namespace not found: {namespace_id}")
    for known in backend.services.values():
        if known.namespace_id == namespace_id and known.name.lower() == params["Name"].lower():
            if params.get("CreatorRequestId") and known.creator_request_id == params["CreatorRequestId"]:
                return {"Service": shape(backend, known)}
            raise AwsError(
                "ServiceAlreadyExists",
                f"Service with name {params['Name']} already exists: {known.id}",
                ServiceId=known.id,
                CreatorRequestId=known.creator_request_id,
            )
    if params.get("HealthCheckConfig") and namespace.type == "DNS_PRIVATE":
        raise AwsError("InvalidInput", "HealthCheckConfig is not supported for services in private DNS namespaces")
    before = set(backend.services)
    proceed()
    made = backend.services[next(iter(set(backend.services) - before))]
    made.namespace_id = namespace_id
    made.service_type = "DNS_HTTP" if made.dns_config else "HTTP"
    if made.dns_config:
        made.dns_config = {"NamespaceId": namespace_id, "RoutingPolicy": "MULTIVALUE", **made.dns_config}
    if made.health_check_custom_config is not None:
        made.health_check_custom_config = {"FailureThreshold": 1}
    return {"Service": shape(backend, made)}


def shape(backend: Any, service: Any) -> dict[str, Any]:
    """A service as GetService shows it."""
    shown = {**service.to_json(), "InstanceCount": len(service.instances)}
    return {name: value for name, value in shown.items() if value is not None}


@repair("servicediscovery", "GetService")
def get_service(call: Call, proceed: Proceed) -> Any:
    """With the number of instances."""
    backend = _of(call)
    return {"Service": shape(backend, _service(backend, call.params["Id"]))}


@repair("servicediscovery", "ListServices")
def list_services(call: Call, proceed: Proceed) -> Any:
    """With filters and pages; a summary does not name the namespace."""
    backend = _of(call)
    found = [shape(backend, service) for service in backend.services.values()]
    answer = listing(call, "Services", found)
    for service in answer["Services"]:
        service.pop("NamespaceId", None)
        service.pop("CreatorRequestId", None)
    return answer


@repair("servicediscovery", "DeleteService")
def delete_service(call: Call, proceed: Proceed) -> Any:
    """Refused while instances are registered."""
    backend = _of(call)
    service = _service(backend, call.params["Id"])
    if service.instances:
        raise AwsError(
            "ResourceInUse",
            "Service contains registered instances; delete the instances before deleting the service",
        )
    del backend.services[service.id]
    return {}


def _zone(backend: Any, service: Any) -> tuple[str | None, str]:
    namespace = backend.namespaces.get(service.namespace_id)
    if namespace is None or not service.dns_config:
        return None, ""
    return (namespace.dns_properties or {}).get("HostedZoneId"), f"{service.name}.{namespace.name}."


def _write_records(account: str, backend: Any, service: Any, instance_id: str, attributes: dict[str, str]) -> None:
    zone, name = _zone(backend, service)
    if zone is None:
        return
    for wanted in service.dns_config.get("DnsRecords", []):
        kind, ttl = wanted["Type"], int(wanted["TTL"])
        common = {"TTL": ttl, "SetIdentifier": instance_id, "MultiValueAnswer": True}
        if kind == "SRV":
            target = f"{instance_id}.{name}"
            value = f"1 1 {attributes['AWS_INSTANCE_PORT']} {target}"
            dns.put_record(account, zone, {"Name": name, "Type": "SRV", "ResourceRecords": [value], **common})
            address = {"Name": target, "Type": "A", "ResourceRecords": [attributes["AWS_INSTANCE_IPV4"]], **common}
            dns.put_record(account, zone, address)
        elif _ADDRESS[kind] in attributes:
            value = attributes[_ADDRESS[kind]]
            dns.put_record(account, zone, {"Name": name, "Type": kind, "ResourceRecords": [value], **common})


def _put(account: str, backend: Any, service: Any, instance_id: str, attributes: dict[str, str]) -> None:
    _take(account, backend, service, instance_id)
    instance = ServiceInstance(service_id=service.id, instance_id=instance_id, attributes=attributes)
    instance.health_status = attributes.get("AWS_INIT_HEALTH_STATUS", "HEALTHY")
    service.instances.append(instance)
    service.instances_revision[instance_id] = service.instances_revision.get(instance_id, 0) + 1
    _write_records(account, backend, service, instance_id, attributes)


def _take(account: str, backend: Any, service: Any, instance_id: str) -> bool:
    known = [instance for instance in service.instances if instance.instance_id == instance_id]
    service.instances = [instance for instance in service.instances if instance.instance_id != instance_id]
    zone, _ = _zone(backend, service)
    if zone is not None:
        dns.remove_records(account, zone, instance_id)
    return bool(known)


def register(account: str, region: str, registry_arn: str, instance_id: str, attributes: dict[str, str]) -> bool:
    """Register an instance for another service of AWS; False when the Cloud Map service is gone."""
    backend = backend_of(account, region)
    service = backend.services.get(registry_arn.split("/")[-1])
    if service is not None:
        _put(account, backend, service, instance_id, attributes)
    return service is not None


def deregister(account: str, region: str, registry_arn: str, instance_id: str) -> None:
    """Take an instance and its records away. Nothing happens when it is gone."""
    backend = backend_of(account, region)
    service = backend.services.get(registry_arn.split("/")[-1])
    if service is not None:
        _take(account, backend, service, instance_id)


@repair("servicediscovery", "RegisterInstance")
def register_instance(call: Call, proceed: Proceed) -> Any:
    """The same id again replaces the instance; an SRV record needs a port, an A record an address."""
    backend, params = _of(call), call.params
    service = _service(backend, params["ServiceId"])
    attributes = dict(params.get("Attributes", {}))
    kinds = {record["Type"] for record in (service.dns_config or {}).get("DnsRecords", [])}
    needed = {_ADDRESS[kind] for kind in kinds if kind in _ADDRESS}
    if "SRV" in kinds:
        needed |= {"AWS_INSTANCE_PORT", "AWS_INSTANCE_IPV4"}
    missing = sorted(name for name in needed if name not in attributes)
    if missing and "AWS_ALIAS_DNS_NAME" not in attributes:
        raise AwsError("InvalidInput", f"Instance attributes must contain {', '.join(missing)}")
    _put(call.account, backend, service, params["InstanceId"], attributes)
    targets = {"INSTANCE": params["InstanceId"], "SERVICE": service.id}
    return {"OperationId": new_operation(backend, "REGISTER_INSTANCE", targets, "instance.registering")}


@repair("servicediscovery", "DeregisterInstance")
def deregister_instance(call: Call, proceed: Proceed) -> Any:
    """Its records go with it."""
    backend, params = _of(call), call.params
    service = _service(backend, params["ServiceId"])
    if not _take(call.account, backend, service, params["InstanceId"]):
        raise AwsError("InstanceNotFound", f"Instance not found: {params['InstanceId']}")
    targets = {"INSTANCE": params["InstanceId"], "SERVICE": service.id}
    return {"OperationId": new_operation(backend, "DEREGISTER_INSTANCE", targets, "instance.registering")}
