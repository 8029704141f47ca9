"""A Cloud Map service: a name that answers with the addresses of tasks. Never here: namespaces, who registers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, Denied, InUse, NotAsked, NotFound, OperationFailed
from fargate_net.kinds.asking import ask, listed, refuse_foreign
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.namespace import namespaces_in, tags_of_arn
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing

_HEALTH = "servicediscovery.get_instances_health_status"
_OF_ECS = "ECS_SERVICE_NAME"  # an attribute of the instances that ECS registers


@dataclass(frozen=True, order=True)
class DiscoveredInstance:
    """A registered address; ``port`` is None for A records alone."""

    id: str
    ip: str
    port: int | None = None
    healthy: bool | None = None
    ipv6: str = ""


@dataclass(frozen=True)
class DiscoveryService:
    """``records`` pairs (type, TTL). ``instances`` is None when they could not be listed. Its id is ``srv-…``."""

    kind: ClassVar[str] = "discovery_service"
    name: str
    namespace: Id
    records: frozenset[tuple[str, int]]
    routing: str = "MULTIVALUE"
    custom_health: bool = True
    instances: tuple[DiscoveredInstance, ...] | None = observed(default=())
    arn: str = observed(default="")


@register
class DiscoveryServiceKind(Kind):
    """The services of the namespaces in scope."""

    name = "discovery_service"
    props = DiscoveryService
    immutable = frozenset({"name", "namespace", "routing", "custom_health"})
    exclusive = frozenset({"name", "namespace"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One list a namespace (a listed service does not name its own), then each service and its instances."""
        for entry in _services_in(aws, scope):
            if isinstance(entry, Missing):
                yield entry
                continue
            item, namespace = entry
            id = item.text("Id")  # noqa: A001 - the word of Cloud Map
            tags: dict[str, str] = {}
            if scope.stack is not None or aws.saved:
                try:
                    tags = tags_of_arn(aws, item.text("Arn", ""))
                except Denied as error:
                    yield lacking(self.name, id, error)
                except NotAsked:
                    tags = {}
            answer = ask(aws, self.name, id, "servicediscovery.list_instances", ServiceId=id)
            if isinstance(answer, Missing):
                yield answer
            instances = None if isinstance(answer, Missing) else tuple(_instances(aws, item, answer))
            yield _read(item, namespace, instances, tags)

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """Clients find nobody by a name that is gone."""
        if way == "gone":
            return f"{want.name} is not found in its namespace any more"
        if way == "first":
            return f"{want.name} is not found for about 1 minute, while it is made anew"
        if way == "in place":
            return ""
        return f"clients that ask for {have.props.name} as before find nobody any more"

    def forbids(self, have: Found[Any], want: Any) -> str:
        """Record types are chosen once (Cloud Map API reference, DnsRecord)."""
        was, wish = ({word for word, _ in props.records} for props in (have.props, want))
        if was == wish:
            return ""
        return (
            f"Cloud Map cannot change the record types of {want.name} from {_words(was)} to {_words(wish)}. Give the "
            f"discovery another `name`, or take it out of the spec, run `up --prune`, and put it back in."
        )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """The name is unique in its namespace, which makes a repeat safe."""
        if (have := _by_name(aws, props, tags)) is not None:
            return have
        params: dict[str, Any] = {"HealthCheckCustomConfig": {}} if props.custom_health else {}
        if props.records:
            params["DnsConfig"] = {"RoutingPolicy": props.routing, "DnsRecords": _written(props)}
        try:
            answer = aws.write(
                "servicediscovery.create_service",
                Name=props.name,
                NamespaceId=props.namespace,
                Tags=listed(tags),
                **params,
            )
        except AlreadyExists:
            if (have := _by_name(aws, props, tags)) is None:
                raise
            return have
        return Item(answer, "the response").within("Service").text("Id")

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """The TTLs are all that can change."""
        if "records" in fields:
            aws.write(
                "servicediscovery.update_service",
                Id=have.id,
                Service={"DnsConfig": {"DnsRecords": _written(want)}},
            )
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """InUse while instances are registered; ECS deregisters its own as the tasks stop.

        Raises OperationFailed for instances that somebody else registered: nobody takes those away by waiting.
        """
        try:
            aws.write("servicediscovery.delete_service", Id=have.id)
        except NotFound:
            return
        except InUse:
            answer = aws.read("servicediscovery.list_instances", ServiceId=have.id)
            theirs = [
                item.text("Id") for item in items(answer, "Instances", "Id") if _OF_ECS not in item.within("Attributes")
            ]
            if not theirs:
                raise
            raise OperationFailed(
                f"Somebody registered {', '.join(sorted(theirs))} in the Cloud Map service {have.name} ({have.id}).",
                hint="If nobody needs them: "
                + "; ".join(
                    f"aws servicediscovery deregister-instance --service-id {have.id} --instance-id {instance}"
                    for instance in sorted(theirs)
                ),
            ) from None


def _services_in(aws: Aws, scope: Scope) -> Iterator[tuple[Item, str] | Missing]:
    """Each service with the id of its namespace. In a saved folder the service's own response alone tells it."""
    if aws.saved:
        for summary in items(aws.read("servicediscovery.list_services"), "Services", "Id"):
            yield _in_full(aws, summary.text("Id"))
        return
    for namespace in namespaces_in(aws, scope):
        if isinstance(namespace, Missing):
            continue
        filters = [{"Name": "NAMESPACE_ID", "Values": [namespace.id], "Condition": "EQ"}]
        answer = ask(aws, "discovery_service", namespace.id, "servicediscovery.list_services", Filters=filters)
        if isinstance(answer, Missing):
            yield answer
            continue
        for item in items(answer, "Services", "Id"):
            # A plan knows the namespace already; whoever looks around may be recording for a snapshot.
            yield (item, namespace.id) if scope.stack is not None else _in_full(aws, item.text("Id"))


def _in_full(aws: Aws, service: str) -> tuple[Item, str] | Missing:
    answer = ask(aws, "discovery_service", service, "servicediscovery.get_service", Id=service)
    if isinstance(answer, Missing):
        return answer
    item = Item(answer, "the response").within("Service")
    return item, item.text("NamespaceId", "")


def _read(
    item: Item, namespace: str, instances: tuple[DiscoveredInstance, ...] | None, tags: Mapping[str, str]
) -> Found[DiscoveryService]:
    dns = item.within("DnsConfig")
    props = DiscoveryService(
        name=item.text("Name", ""),
        namespace=namespace,
        records=frozenset((record.text("Type"), record.whole("TTL", 0)) for record in dns.many("DnsRecords")),
        routing=dns.text("RoutingPolicy", "MULTIVALUE"),
        custom_health=item.raw.get("HealthCheckCustomConfig") is not None,
        instances=instances,
        arn=item.text("Arn", ""),
    )
    return found(item.text("Id"), props, tags, name=props.name, arn=props.arn)


def _instances(aws: Aws, item: Item, answer: dict[str, Any]) -> Iterator[DiscoveredInstance]:
    """The registered addresses, sorted by id; health is what ECS last told Cloud Map, None when nobody says."""
    listed_instances = sorted(items(answer, "Instances", "Id"), key=lambda instance: instance.text("Id"))
    health = Item({}, "Status")
    if listed_instances and item.raw.get("HealthCheckCustomConfig") is not None:
        told = ask(aws, "discovery_service", item.text("Id"), _HEALTH, ServiceId=item.text("Id"))
        if not isinstance(told, Missing):
            health = Item(told, "the response").within("Status")
    words = {"HEALTHY": True, "UNHEALTHY": False}
    for instance in listed_instances:
        attributes = instance.within("Attributes")
        port = attributes.text("AWS_INSTANCE_PORT", "")
        yield DiscoveredInstance(
            id=instance.text("Id"),
            ip=attributes.address("AWS_INSTANCE_IPV4", ""),
            port=int(port) if port.isdecimal() else None,
            healthy=words.get(health.text(instance.text("Id"), "")),
            ipv6=attributes.address("AWS_INSTANCE_IPV6", "", family=6),
        )


def _words(types: Iterable[str]) -> str:
    return " and ".join(sorted(types)) or "none"


def _written(props: DiscoveryService) -> list[dict[str, Any]]:
    return [{"Type": word, "TTL": ttl} for word, ttl in sorted(props.records)]


def _by_name(aws: Aws, props: DiscoveryService, tags: Mapping[str, str]) -> str | None:
    """The id of our service of that name, None when the name is free; Refused when it is not ours."""
    filters = [{"Name": "NAMESPACE_ID", "Values": [props.namespace], "Condition": "EQ"}]
    for item in items(aws.read("servicediscovery.list_services", Filters=filters), "Services", "Id"):
        # Cloud Map takes names that differ in case alone for the same.
        if item.text("Name", "").lower() == props.name.lower():
            refuse_foreign(f"A Cloud Map service {props.name}", tags_of_arn(aws, item.text("Arn", "")), tags)
            return item.text("Id")
    return None
