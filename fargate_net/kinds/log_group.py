"""A CloudWatch log group. Never here: streams and what is written to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AlreadyExists, Denied, NotAsked, NotFound
from fargate_net.kinds.asking import refuse_foreign
from fargate_net.kinds.base import Aws, Kind, Scope, found, lacking, register
from fargate_net.kinds.fields import Item, items
from fargate_net.model.snapshot import Found, Missing

_PREFIXES = ("/ecs/{}/", "/vpc/{}/")
"""Where the groups of a stack live."""


@dataclass(frozen=True)
class LogGroup:
    """Its id is its name. ``retention`` in days, 0 for ever."""

    kind: ClassVar[str] = "log_group"
    name: str
    retention: int = 14


@register
class LogGroupKind(Kind):
    """The groups named in the scope and those that are named as a stack's are; without either none is asked for."""

    name = "log_group"
    named_by = "name"
    props = LogGroup
    immutable = frozenset({"name"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Describe by name prefix (DescribeLogGroups has no list of names), then the tags of each group."""
        wanted = frozenset((scope.names or {}).get(self.name, ()))
        ours = tuple(prefix.format(scope.stack) for prefix in _PREFIXES) if scope.stack is not None else ()
        prefixes = [*ours, *sorted(name for name in wanted if not name.startswith(ours or ("\0",)))]
        seen: set[str] = set()
        for prefix in prefixes:
            for item in items(
                aws.read("logs.describe_log_groups", logGroupNamePrefix=prefix), "logGroups", "logGroupName"
            ):
                name = item.text("logGroupName")
                if name in seen or not (name in wanted or name.startswith(ours or ("\0",))):
                    continue
                seen.add(name)
                yield from self._tagged(aws, item)

    def _tagged(self, aws: Aws, item: Item) -> Iterator[Found[Any] | Missing]:
        tags: dict[str, str] = {}
        try:
            tags = _tags(aws, item)
        except (Denied, NotAsked) as error:
            yield lacking(self.name, item.text("logGroupName"), error)
        yield _read(item, tags)

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """The name is unique in the Region, which makes a repeat safe."""
        try:
            aws.write("logs.create_log_group", logGroupName=props.name, tags=dict(tags))
        except AlreadyExists:
            refuse_foreign(f"A log group named {props.name}", _tags_by_name(aws, props.name), tags)
        _set_retention(aws, props)
        return str(props.name)

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """The retention is all that can change."""
        if "retention" in fields:
            _set_retention(aws, want)
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """With everything in it."""
        try:
            aws.write("logs.delete_log_group", logGroupName=have.id)
        except NotFound:
            return


def _read(item: Item, tags: Mapping[str, str]) -> Found[LogGroup]:
    name = item.text("logGroupName")
    return found(name, LogGroup(name, item.whole("retentionInDays", 0)), tags, name=name, arn=_arn(item))


def _arn(item: Item) -> str:
    """DescribeLogGroups answers ARNs that end in ``:*``; the tagging calls want them without."""
    return item.text("logGroupArn", "") or item.text("arn", "").removesuffix(":*")


def _tags(aws: Aws, item: Item) -> dict[str, str]:
    told = aws.read("logs.list_tags_for_resource", resourceArn=_arn(item)).get("tags") or {}
    return {str(name): str(value) for name, value in told.items()}


def _tags_by_name(aws: Aws, name: str) -> dict[str, str]:
    for item in items(aws.read("logs.describe_log_groups", logGroupNamePrefix=name), "logGroups", "logGroupName"):
        if item.text("logGroupName") == name:
            return _tags(aws, item)
    return {}


def _set_retention(aws: Aws, props: LogGroup) -> None:
    if props.retention:
        aws.write("logs.put_retention_policy", logGroupName=props.name, retentionInDays=props.retention)
    else:
        aws.write("logs.delete_retention_policy", logGroupName=props.name)
