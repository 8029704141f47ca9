"""A Cloud Map namespace. Never here: the names inside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from os import urandom
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, Denied, NotAsked, NotFound, NotReady, OperationFailed
from fargate_net.kinds.asking import listed, refuse_foreign
from fargate_net.kinds.base import STACK_TAG, Aws, Kind, Scope, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.hosted_zone import zone_vpcs
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing

_CREATES = {
    "DNS_PRIVATE": "servicediscovery.create_private_dns_namespace",
    "DNS_PUBLIC": "servicediscovery.create_public_dns_namespace",
    "HTTP": "servicediscovery.create_http_namespace",
}


@dataclass(frozen=True)
class Namespace:
    """``type`` is ``DNS_PRIVATE``, ``DNS_PUBLIC`` or ``HTTP``. ``zone`` is the hosted zone Cloud Map made for it.

    ``vpc`` is None for a namespace without a private zone, and where the zone may not be read. Its id is ``ns-…``.
    """

    kind: ClassVar[str] = "namespace"
    name: str
    type: str
    vpc: Id | None
    zone: str = observed(default="")
    arn: str = observed(default="")


@dataclass
class _Making:
    """A creation under way in this process: the request that began it and the operation AWS answered."""

    request: str
    operation: str = ""


def namespaces_in(aws: Aws, scope: Scope) -> Iterator[Found[Namespace] | Missing]:
    """Namespaces named in the scope (by name or id), of its VPCs, and ours.

    HTTP ones belong to no VPC and are kept beside any. A response names the zone but not the VPC, which Route 53
    alone tells.
    """
    names = (scope.names or {}).get("namespace", frozenset())
    for item in items(aws.read("servicediscovery.list_namespaces"), "Namespaces", "Id"):
        zone = item.within("Properties").within("DnsProperties").text("HostedZoneId", "")
        vpc: str | None = None
        if item.text("Type", "") == "DNS_PRIVATE":
            vpcs = zone_vpcs(aws, "namespace", zone)
            if isinstance(vpcs, Missing):
                yield Missing("namespace", item.text("Id"), vpcs.call, vpcs.why)
            elif vpcs:
                near = [one for one in vpcs if scope.vpcs is not None and one in scope.vpcs]
                vpc = (near or vpcs)[0]
        tags: dict[str, str] = {}
        if scope.stack is not None or aws.saved:
            try:
                tags = tags_of_arn(aws, item.text("Arn", ""))
            except Denied as error:
                yield lacking("namespace", item.text("Id"), error)
            except NotAsked:
                tags = {}
        http = item.text("Type", "") == "HTTP" and scope.vpcs is not None
        named = item.text("Name", "") in names or item.text("Id") in names
        if http or named or scope.keeps(vpc, tags):
            props = Namespace(item.text("Name", ""), item.text("Type", ""), vpc, zone, item.text("Arn", ""))
            yield found(item.text("Id"), props, tags, name=props.name, arn=props.arn, zone=zone)


def tags_of_arn(aws: Aws, arn: str) -> dict[str, str]:
    """The tags of a namespace or a service; none for one that vanished."""
    try:
        answer = aws.read("servicediscovery.list_tags_for_resource", ResourceARN=arn)
    except NotFound:
        return {}
    return Item(answer, "the response").tags()


@register
class NamespaceKind(Kind):
    """Namespaces in scope. Cloud Map changes none of what we state of one."""

    name = "namespace"
    props = Namespace
    immutable = frozenset({"name", "type", "vpc"})
    exclusive = frozenset({"name", "vpc"})
    usual = 44.0
    write_side = True

    def __init__(self) -> None:
        self._making: dict[tuple[str, str], _Making] = {}

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One list, then the VPC and the tags of each."""
        return namespaces_in(aws, scope)

    def concede(self, have: Found[Any], want: Any) -> Any:
        """Service Connect takes a namespace of any type, so one with a private zone stays as it is."""
        if (have.props.type, want.type) == ("DNS_PRIVATE", "HTTP"):
            return replace(want, type=have.props.type, vpc=have.props.vpc)
        return want

    def forbids(self, have: Found[Any], want: Any) -> str:
        """A namespace without a zone never gets one, and its name is taken while it is there."""
        if have.props.name != want.name or have.props.type == want.type:
            return ""
        return (
            f"The namespace {want.name} was made without a DNS zone, which Cloud Map cannot add. Give `cloud_map` a "
            f"`namespace` of another name, or take all that is in it out of the spec, run `up --prune`, put it back in."
        )

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Begin it, and raise NotReady until AWS is done; a repeat finds the namespace or the operation under way.

        A run that crashed leaves an operation nobody remembers: while one is under way, none is begun.
        """
        about = (tags[STACK_TAG], key)
        making = self._making.get(about)
        if making is None:
            if (have := _by_name(aws, props, tags)) is not None:
                return have
            if _creation_under_way(aws):
                raise _not_ready(props, "Cloud Map is still making a namespace that an earlier run began.")
            making = self._making[about] = _Making(urandom(16).hex())
        if not making.operation:
            try:
                making.operation = _begin(aws, props, tags, making.request)
            except AlreadyExists as error:
                self._making.pop(about, None)
                if (have := _by_name(aws, props, tags)) is not None:
                    return have
                if error.code != "DuplicateRequest":
                    raise
                raise _not_ready(props, "Cloud Map took the request before and is still at work.") from error
        return self._finish(aws, about, making.operation, props)

    def _finish(self, aws: Aws, about: tuple[str, str], operation: str, props: Namespace) -> str:
        try:
            answer = aws.read("servicediscovery.get_operation", OperationId=operation)
        except NotFound:
            self._making.pop(about, None)
            raise _not_ready(props, "Cloud Map no longer knows the operation that made the namespace.") from None
        state = Item(answer, "the response").within("Operation")
        if state.text("Status", "") == "SUCCESS":
            self._making.pop(about, None)
            return state.within("Targets").text("NAMESPACE")
        if state.text("Status", "") == "FAIL":
            self._making.pop(about, None)
            words = state.text("ErrorMessage", "") or state.text("ErrorCode", "no reason given")
            raise OperationFailed(f"Cloud Map could not make the namespace {props.name}: {words}")
        raise _not_ready(props, f"Cloud Map is making the namespace {props.name} and its hosted zone.")

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing of it can change in place."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Begins the deletion, which takes the hosted zone along; InUse while it holds services."""
        try:
            aws.write("servicediscovery.delete_namespace", Id=have.id)
        except NotFound:
            return


def _begin(aws: Aws, props: Namespace, tags: Mapping[str, str], request: str) -> str:
    where = {"Vpc": props.vpc} if props.type == "DNS_PRIVATE" else {}
    answer = aws.write(_CREATES[props.type], Name=props.name, CreatorRequestId=request, Tags=listed(tags), **where)
    return Item(answer, "the response").text("OperationId")


def _by_name(aws: Aws, props: Namespace, tags: Mapping[str, str]) -> str | None:
    """The id of our namespace of that name; Refused when another of that name answers in the same VPC."""
    scope = Scope(stack=tags[STACK_TAG], vpcs=frozenset({str(props.vpc)}) if props.vpc else frozenset())
    for thing in namespaces_in(aws, scope):
        if isinstance(thing, Missing) or (thing.props.name, thing.props.type) != (props.name, props.type):
            continue
        refuse_foreign(f"A namespace {props.name}", thing.tags, tags)
        return thing.id
    return None


def _creation_under_way(aws: Aws) -> bool:
    filters = [
        {"Name": "TYPE", "Values": ["CREATE_NAMESPACE"], "Condition": "EQ"},
        {"Name": "STATUS", "Values": ["SUBMITTED", "PENDING"], "Condition": "IN"},
    ]
    answer = aws.read("servicediscovery.list_operations", Filters=filters)
    return any(item.text("Status", "") in ("SUBMITTED", "PENDING") for item in items(answer, "Operations"))


def _not_ready(props: Namespace, what: str) -> NotReady:
    return NotReady(what, operation=_CREATES[props.type], code="OperationPending")
