"""A DNS record of a hosted zone. One without our mark (``record_marks.py``) is never touched. Never here: zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fargate_net.errors import AwsError, Denied, NotAsked, NotFound, OperationFailed, Refused
from fargate_net.kinds.asking import ask, refuse_foreign
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.hosted_zone import zones_in
from fargate_net.kinds.record_marks import mark, mark_name, marks, plain_name, tags_of_mark
from fargate_net.kinds.task_addresses import public_addresses
from fargate_net.model.resource import Id, observed
from fargate_net.model.snapshot import Found, Missing

_RECORDS = "route53.list_resource_record_sets"
_ALIAS_TTL = 60.0


@dataclass(frozen=True)
class RecordSet:
    """``alias`` is the DNS name of an alias target, ``""`` for plain ``values``. Its id is ``ZONE/NAME/TYPE[/set id]``.

    ``of_service`` names the service whose public task addresses the record should hold (static DNS); the values are
    then judged by ``describe`` and renewed by ``up``. Status: ``addresses``, what the tasks of such a service have now.
    """

    kind: ClassVar[str] = "record_set"
    zone: Id
    name: str
    type: str
    ttl: int = 0
    values: tuple[str, ...] = ()
    alias: Id = ""
    of_service: Id = observed(default="")
    set_identifier: str = observed(default="")

    def __post_init__(self) -> None:
        """One spelling of names, values sorted; ``dualstack.`` before a balancer's name is another way to say it."""
        object.__setattr__(self, "name", plain_name(self.name))
        object.__setattr__(self, "values", tuple(sorted(self.values)))
        if isinstance(self.alias, str):
            object.__setattr__(self, "alias", plain_name(self.alias).removeprefix("dualstack."))


@register
class RecordSetKind(Kind):
    """The records of the zones in scope."""

    name = "record_set"
    props = RecordSet
    immutable = frozenset({"zone", "name", "type"})
    exclusive = frozenset({"zone", "name", "type"})
    entrance = True
    write_side = True

    def remembered(self, have: Any) -> float:
        """Resolvers keep an answer for its TTL; an alias of a balancer has 60 s (Route 53 guide, Alias records)."""
        return float(have.ttl) if have.values else _ALIAS_TTL

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """A name that is gone, or not there yet, is answered with "no such name", which resolvers remember too."""
        if way == "first":
            return f"{have.props.name} is not answered for some seconds, while the record is made anew"
        return f"{want.name} {want.type} is not answered any more" if way == "gone" else ""

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """One list a zone, which Route 53 answers in full."""
        for zone in zones_in(aws, scope):
            if isinstance(zone, Missing):
                continue
            answer = ask(aws, self.name, zone.id, _RECORDS, HostedZoneId=zone.id)
            if isinstance(answer, Missing):
                yield answer
                continue
            known = marks(answer)
            for item in items(answer, "ResourceRecordSets"):
                record = _read(zone.id, item, known)
                if record.props.of_service and record.stack == scope.stack and not aws.saved:
                    try:
                        now = public_addresses(aws, str(record.props.of_service))
                        record = replace(record, status={"addresses": now})
                    except (Denied, NotAsked) as error:
                        yield lacking(self.name, record.id, error)
                yield record

    def concede(self, have: Found[Any], want: Any) -> Any:
        """A record of a service's tasks should hold the addresses they have now; without any it stays as it is."""
        if not want.of_service or want.values:
            return want
        return replace(want, values=have.status.get("addresses") or have.props.values)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """CREATE refuses a name that is there; its mark then says whether it is ours to renew."""
        wanted = _with_addresses(aws, props)
        changed = (_written(aws, wanted), mark(wanted.name, wanted.type, tags, str(wanted.of_service)))
        try:
            _change(aws, wanted.zone, "CREATE", *changed)
        except AwsError as error:
            if error.code != "InvalidChangeBatch":
                raise
            answer = aws.read(_RECORDS, HostedZoneId=wanted.zone)
            words = marks(answer).get(mark_name(wanted.name, wanted.type))
            if words is None and not _at(answer, str(wanted.zone), _id(wanted)):
                raise
            refuse_foreign(f"A record {wanted.name} {wanted.type}", tags_of_mark(words or {}), tags)
            _change(aws, wanted.zone, "UPSERT", *changed)
        return _id(wanted)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """UPSERT states the whole record, and its mark with it."""
        if not fields:
            return None
        wanted = _with_addresses(aws, want)
        marked = mark(wanted.name, wanted.type, have.tags, str(wanted.of_service))
        _change(aws, wanted.zone, "UPSERT", _written(aws, wanted), marked)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """DELETE wants the record word by word, so it is read before; one that lost our mark is left alone."""
        zone = str(have.props.zone)
        try:
            answer = aws.read(_RECORDS, HostedZoneId=zone)
        except NotFound:
            return
        words = marks(answer).get(mark_name(have.props.name, have.props.type))
        doomed = _at(answer, zone, have.id)
        if doomed and tags_of_mark(words or {}) != tags_of_mark({"stack": have.stack or "", "key": have.key or ""}):
            raise Refused(
                f"The record {have.props.name} {have.props.type} no longer carries our mark.",
                hint="Remove it yourself if nobody needs it.",
            )
        if words is not None:
            doomed += _at(answer, zone, f"{zone}/{mark_name(have.props.name, have.props.type)}/TXT")
        if doomed:
            _change(aws, zone, "DELETE", *doomed)


def _value(item: Item, type: str) -> str:
    families = {"A": 4, "AAAA": 6}
    return item.address("Value", family=families[type]) if type in families else item.text("Value", "")


def _read(zone: str, item: Item, known: Mapping[str, Mapping[str, str]]) -> Found[RecordSet]:
    name, type = plain_name(item.text("Name")), item.text("Type")  # noqa: A001 - the word of DNS
    words = known.get(mark_name(name, type), {})
    props = RecordSet(
        zone=zone,
        name=name,
        type=type,
        ttl=item.whole("TTL", 0),
        values=tuple(_value(value, type) for value in item.many("ResourceRecords")),
        alias=item.within("AliasTarget").text("DNSName", ""),
        of_service=words.get("of", ""),
        set_identifier=item.text("SetIdentifier", ""),
    )
    return found(_id(props), props, tags_of_mark(words), name=name)


def _id(props: RecordSet) -> str:
    return "/".join(part for part in (str(props.zone), props.name, props.type, props.set_identifier) if part)


def _at(answer: Mapping[str, Any], zone: str, id: str) -> list[dict[str, Any]]:
    """The record of that id as Route 53 answered it; an empty list when there is none."""
    return [item.raw for item in items(answer, "ResourceRecordSets") if _read(zone, item, {}).id == id]


def _with_addresses(aws: Aws, props: RecordSet) -> RecordSet:
    if not props.of_service or props.values:
        return props
    addresses = public_addresses(aws, str(props.of_service))
    if not addresses:
        raise OperationFailed(
            f"The record {props.name} should hold the public addresses of the tasks of {props.of_service},",
            "but none of them has one.",
            "Let the service run at least one task in a public subnet with a public address.",
        )
    return replace(props, values=addresses)


def _written(aws: Aws, props: RecordSet) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": props.name, "Type": props.type}
    if props.alias:
        zone = _zone_of_balancer(aws, str(props.alias))
        record["AliasTarget"] = {"HostedZoneId": zone, "DNSName": props.alias, "EvaluateTargetHealth": False}
    else:
        record |= {"TTL": props.ttl, "ResourceRecords": [{"Value": value} for value in props.values]}
    return record


def _zone_of_balancer(aws: Aws, dns_name: str) -> str:
    """The hosted zone of a balancer's own name, which an alias has to state beside the name."""
    for item in items(aws.read("elbv2.describe_load_balancers"), "LoadBalancers", "LoadBalancerArn"):
        if plain_name(item.text("DNSName", "")) == dns_name:
            return item.text("CanonicalHostedZoneId")
    raise NotFound(
        f"No load balancer has the name {dns_name}, which an alias record should point at.",
        operation="elbv2.describe_load_balancers",
        code="LoadBalancerNotFound",
    )


def _change(aws: Aws, zone: Any, action: str, *records: dict[str, Any]) -> None:
    changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
    batch = {"Comment": "fargatenet", "Changes": changes}
    aws.write("route53.change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)
