"""A VPC flow log: what was let through or rejected, for later reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fargate_net.errors import AwsError, NotFound
from fargate_net.kinds.base import Aws, Kind, Scope, Way, found, register
from fargate_net.kinds.fields import Item
from fargate_net.kinds.reading import filters, kept, nothing_in, parsed
from fargate_net.kinds.writing import tagged, write_unless
from fargate_net.model.resource import Id
from fargate_net.model.snapshot import Found, Missing


@dataclass(frozen=True)
class FlowLog:
    """``traffic`` is ``REJECT``, ``ALL`` or ``ACCEPT``; ``role`` is the ARN of the role that delivers."""

    kind: ClassVar[str] = "flow_log"
    vpc: Id
    traffic: str
    log_group: Id
    role: Id


@register
class FlowLogKind(Kind):
    """DescribeFlowLogs (Amazon EC2 API Reference). Only logs of whole VPCs are looked at."""

    name = "flow_log"
    props = FlowLog
    immutable = frozenset({"vpc", "traffic", "log_group", "role"})
    # AWS refuses a second log of "the same configuration and log destination" and does not say whether the traffic type
    # is part of it. Taking the old one away first is right either way; nothing but a few seconds of log is lost.
    exclusive = frozenset({"vpc", "log_group"})
    write_side = True

    def scan(self, aws: Aws, scope: Scope) -> Iterable[Found[Any] | Missing]:
        """Logs of the VPCs in scope."""
        if nothing_in(scope):
            return
        operation, params = "ec2.describe_flow_logs", filters(aws, scope, "resource-id", page=1000)
        if "Filters" in params:
            params["Filter"] = params.pop("Filters")
        response = aws.read(operation, **params)
        for thing in kept(scope, parsed(self.name, operation, response, "FlowLogs", "FlowLogId", _parse)):
            if isinstance(thing, Missing) or thing.props.vpc.startswith("vpc-"):
                yield thing

    def interrupts(self, have: Found[Any], want: Any, fields: frozenset[str], way: Way) -> str:
        """Traffic flows on, unrecorded."""
        return "traffic is not recorded for some seconds, and flows on" if way == "first" else ""

    def create(self, aws: Aws, key: str, props: Any, tags: Mapping[str, str]) -> str:
        """Make it. CreateFlowLogs succeeds as a call and lists what it refused."""
        response = aws.write(
            "ec2.create_flow_logs",
            ResourceIds=[props.vpc],
            ResourceType="VPC",
            TrafficType=props.traffic,
            LogDestinationType="cloud-watch-logs",
            LogGroupName=props.log_group,
            DeliverLogsPermissionArn=props.role,
            **tagged("vpc-flow-log", tags),
        )
        for refused in response.get("Unsuccessful") or ():
            error = refused.get("Error") or {}
            message, code = str(error.get("Message", "")), str(error.get("Code", ""))
            raise AwsError(f"No flow log for {props.vpc}: {message}", operation="ec2.create_flow_logs", code=code)
        return str(response["FlowLogIds"][0])

    def update(self, aws: Aws, have: Found[Any], want: Any, fields: frozenset[str]) -> str | None:
        """Nothing about it can change."""
        return None

    def delete(self, aws: Aws, have: Found[Any]) -> None:
        """Delete it; what it wrote stays in its log group."""
        write_unless(NotFound, aws, "ec2.delete_flow_logs", FlowLogIds=[have.id])


def _parse(item: Item) -> Found[Any]:
    props = FlowLog(
        vpc=item.text("ResourceId"),
        traffic=item.text("TrafficType", ""),
        log_group=item.text("LogGroupName", ""),
        role=item.text("DeliverLogsPermissionArn", ""),
    )
    return found(item.text("FlowLogId"), props, item.tags(), state=item.text("FlowLogStatus", "ACTIVE"))
