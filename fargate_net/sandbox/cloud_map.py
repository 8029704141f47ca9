"""AWS Cloud Map: namespaces with real private zones, operations that take time.

Authority: AWS Cloud Map Developer Guide, "Creating namespaces", "DNS records", "Deleting services";
API reference, CreatePrivateDnsNamespace, RegisterInstance, DeleteNamespace, ListServices (filters).

Never here: services and instances (cloud_map_instances).
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time
from moto.servicediscovery.models import (
    Namespace,
    Operation,
    ServiceDiscoveryBackend,
    servicediscovery_backends,
)

from . import dns
from .calls import AwsError, Call, Proceed, repair, tick
from .clock import CLOCK
from .ec2_calls import page
from .stores import ec2


def backend_of(account: str, region: str) -> Any:
    """Moto's Cloud Map of an account and region."""
    return servicediscovery_backends[account][region]


def _of(call: Call) -> Any:
    return backend_of(call.account, call.region)


def new_operation(backend: Any, kind: str, targets: dict[str, str], lasts: str) -> str:
    """A new operation that ends after the phase `lasts`."""
    operation = Operation(operation_type=kind, targets=targets)
    operation.status = "SUBMITTED"
    operation.sandbox_since, operation.sandbox_lasts = CLOCK.now(), lasts  # type: ignore[attr-defined]
    backend.operations[operation.id] = operation
    return str(operation.id)


def _failed(backend: Any, kind: str, targets: dict[str, str], code: str, message: str, lasts: str) -> str:
    """An operation that will fail."""
    identity = new_operation(backend, kind, targets, lasts)
    backend.operations[identity].sandbox_failure = (code, message)
    return identity


def _tags(backend: Any, arn: str, tags: list[dict[str, str]] | None) -> None:
    if tags:
        backend.tagger.tag_resource(arn, tags)


def _known_request(backend: Any, call: Call) -> Any:
    """The namespace that the same CreatorRequestId made before, if any."""
    token = call.params.get("CreatorRequestId")
    return next((n for n in backend.namespaces.values() if token and n.creator_request_id == token), None)


@repair("servicediscovery", "CreatePrivateDnsNamespace")
def create_private_namespace(call: Call, proceed: Proceed) -> Any:
    """Makes a private hosted zone of the VPC; fails later when another one of the same name is there."""
    backend, params = _of(call), call.params
    name, vpc_id = params["Name"], params["Vpc"]
    again = _known_request(backend, call)
    if again is not None:
        return {"OperationId": _operation_of(backend, again.id)}
    for known in backend.namespaces.values():
        if known.name == name and known.vpc == vpc_id:
            raise AwsError(
                "NamespaceAlreadyExists",
                f"Namespace with name {name} already exists: {known.id}",
                NamespaceId=known.id,
                CreatorRequestId=known.creator_request_id,
            )
    ec2(call.account, call.region).get_vpc(vpc_id)
    if dns.private_zone(call.account, name, vpc_id) is not None:
        message = (
            f"The VPC that you chose, {vpc_id} in region {call.region}, is already associated with another private "
            f"hosted zone that has an overlapping name space, {name}.. (Service: AmazonRoute53; Status Code: 400; "
            "Error Code: ConflictingDomainExists)"
        )
        return {
            "OperationId": _failed(
                backend, "CREATE_NAMESPACE", {}, "CANNOT_CREATE_HOSTED_ZONE", message, "namespace.creating"
            )
        }
    zone = dns.make_private_zone(call.account, call.region, name, vpc_id)
    properties = dict(params.get("Properties", {}).get("DnsProperties", {}))
    namespace = Namespace(
        account_id=call.account,
        region=call.region,
        name=name,
        ns_type="DNS_PRIVATE",
        creator_request_id=params.get("CreatorRequestId", ""),
        description=params.get("Description", ""),
        dns_properties={"SOA": {"TTL": 15}, **properties, "HostedZoneId": zone},
        http_properties={"HttpName": name},
        vpc=vpc_id,
    )
    backend.namespaces[namespace.id] = namespace
    _tags(backend, namespace.arn, params.get("Tags"))
    targets = {"NAMESPACE": namespace.id}
    return {"OperationId": new_operation(backend, "CREATE_NAMESPACE", targets, "namespace.creating")}


def _operation_of(backend: Any, namespace_id: str) -> str:
    return next(str(o.id) for o in backend.operations.values() if o.targets.get("NAMESPACE") == namespace_id)


@repair("servicediscovery", "CreateHttpNamespace", "CreatePublicDnsNamespace")
def create_other_namespace(call: Call, proceed: Proceed) -> Any:
    """As moto, but the name is unique and the operation takes time."""
    backend = _of(call)
    again = _known_request(backend, call)
    if again is not None:
        return {"OperationId": _operation_of(backend, again.id)}
    kind = "HTTP" if call.operation == "CreateHttpNamespace" else "DNS_PUBLIC"
    for known in backend.namespaces.values():
        if known.name == call.params["Name"] and known.type == kind:
            raise AwsError("NamespaceAlreadyExists", f"Namespace with name {known.name} already exists: {known.id}")
    before = set(backend.namespaces)
    proceed()
    made = next(iter(set(backend.namespaces) - before))
    return {"OperationId": new_operation(backend, "CREATE_NAMESPACE", {"NAMESPACE": made}, "namespace.creating")}


@repair("servicediscovery", "DeleteNamespace")
def delete_namespace(call: Call, proceed: Proceed) -> Any:
    """Refused while it holds services; takes its hosted zone with it."""
    backend, identity = _of(call), call.params["Id"].split("/")[-1]
    namespace = backend.namespaces.get(identity)
    if namespace is None:
        raise AwsError("NamespaceNotFound", f"Namespace not found: {identity}")
    if any(service.namespace_id == identity for service in backend.services.values()):
        raise AwsError("ResourceInUse", f"Namespace with id: {identity} has associated services")
    del backend.namespaces[identity]
    zone = (namespace.dns_properties or {}).get("HostedZoneId")
    if zone:
        dns.remove_zone(call.account, zone)
    return {"OperationId": new_operation(backend, "DELETE_NAMESPACE", {"NAMESPACE": identity}, "namespace.deleting")}


@repair("servicediscovery", "GetOperation")
def get_operation(call: Call, proceed: Proceed) -> Any:
    """With the reason of a failure."""
    operation = _of(call).operations.get(call.params["OperationId"])
    if operation is None:
        raise AwsError("OperationNotFound", f"Operation not found: {call.params['OperationId']}")
    shown = operation.to_json()
    failure = getattr(operation, "sandbox_failure", None)
    if failure and operation.status == "FAIL":
        shown |= {"ErrorCode": failure[0], "ErrorMessage": failure[1]}
    return {"Operation": shown}


@tick
def operations_end() -> None:
    """SUBMITTED -> PENDING -> SUCCESS or FAIL."""
    for regions in list(servicediscovery_backends.values()):
        for backend in list(regions.values()):
            for operation in list[Any](backend.operations.values()):
                since = getattr(operation, "sandbox_since", None)
                if since is None or operation.status in ("SUCCESS", "FAIL"):
                    continue
                operation.status = "PENDING"
                if CLOCK.passed(since, operation.sandbox_lasts):
                    operation.status = "FAIL" if hasattr(operation, "sandbox_failure") else "SUCCESS"
                    operation.updated = unix_time()


def _matches(item: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    for wanted in filters:
        value = {
            "TYPE": item.get("Type"),
            "NAME": item.get("Name"),
            "HTTP_NAME": item.get("Properties", {}).get("HttpProperties", {}).get("HttpName"),
            "NAMESPACE_ID": item.get("NamespaceId"),
            "RESOURCE_OWNER": "SELF",
        }.get(wanted["Name"])
        if wanted.get("Condition") == "BEGINS_WITH":
            if not any(str(value or "").startswith(prefix) for prefix in wanted["Values"]):
                return False
        elif value not in wanted["Values"]:
            return False
    return True


def listing(call: Call, key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of the items that pass the filters of the call."""
    found = [item for item in items if _matches(item, call.params.get("Filters", []))]
    shown, following = page(found, call.params.get("MaxResults"), call.params.get("NextToken"), default=100)
    return {key: shown, "NextToken": following} if following else {key: shown}


@repair("servicediscovery", "ListNamespaces")
def list_namespaces(call: Call, proceed: Proceed) -> Any:
    """With filters and pages."""
    backend = _of(call)
    return listing(call, "Namespaces", [namespace_shape(backend, n) for n in backend.namespaces.values()])


@repair("servicediscovery", "GetNamespace")
def get_namespace(call: Call, proceed: Proceed) -> Any:
    """With the number of services."""
    backend, identity = _of(call), call.params["Id"].split("/")[-1]
    if identity not in backend.namespaces:
        raise AwsError("NamespaceNotFound", f"Namespace not found: {identity}")
    return {"Namespace": namespace_shape(backend, backend.namespaces[identity])}


def namespace_shape(backend: Any, namespace: Any) -> dict[str, Any]:
    """A namespace as GetNamespace and ListNamespaces show it."""
    count = sum(service.namespace_id == namespace.id for service in backend.services.values())
    shape = {**namespace.to_json(), "ServiceCount": count}
    return {name: value for name, value in shape.items() if value is not None}


def install() -> None:
    """Moto forgets operations whose namespace is gone; AWS keeps them for a while."""
    ServiceDiscoveryBackend.list_operations = lambda self: list(self.operations.values())  # type: ignore[method-assign]
