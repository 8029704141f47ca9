"""What all EC2 operations have in common: DryRun, client tokens, pages, filters, and late visibility.

Authority: EC2 API reference, "Making API requests" ("Idempotency", "Query requests: dry run", "Eventual
consistency", "Pagination").

Never here: one resource type.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from moto.core.responses import ActionResult

from .calls import AwsError, Call, Proceed, around_every_call, result_of
from .clock import CLOCK
from .faults import SETTINGS
from .stores import store

#: Singular id prefix -> the error code of an id that is not (yet) known.
_NOT_FOUND = {
    "vpc": "InvalidVpcID.NotFound",
    "subnet": "InvalidSubnetID.NotFound",
    "igw": "InvalidInternetGatewayID.NotFound",
    "rtb": "InvalidRouteTableID.NotFound",
    "nat": "NatGatewayNotFound",
    "sg": "InvalidGroup.NotFound",
    "vpce": "InvalidVpcEndpointId.NotFound",
    "eipalloc": "InvalidAllocationID.NotFound",
    "eni": "InvalidNetworkInterfaceID.NotFound",
    "acl": "InvalidNetworkAclID.NotFound",
    "eigw": "InvalidEgressOnlyInternetGatewayId.NotFound",
    "pcx": "InvalidVpcPeeringConnectionID.NotFound",
}
_ID = re.compile(r"^(vpc|subnet|igw|rtb|nat|sg|vpce|eipalloc|eni|acl|eigw|pcx)-[0-9a-f]+$")
_NO_PAGES = ("DescribeVpcEndpointServices", "DescribeInstanceTypes", "DescribeImages")


class _Memory:
    """What this module remembers for one account and region."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}
        self.born: dict[str, float] = {}


def _ids(value: Any) -> list[str]:
    """All resource ids in request parameters."""
    if isinstance(value, str):
        return [value] if _ID.match(value) else []
    if isinstance(value, dict):
        return [found for item in value.values() for found in _ids(item)]
    if isinstance(value, list):
        return [found for item in value for found in _ids(item)]
    return []


def _identity(item: Any) -> str | None:
    """The id of one resource in a result: an object of moto's or a mapping of ours."""
    if isinstance(item, dict):
        return next((v for k, v in item.items() if k.endswith("Id") and isinstance(v, str) and _ID.match(v)), None)
    for name in ("allocation_id", "id"):
        found = getattr(item, name, None)
        if isinstance(found, str):
            return found
    return None


@around_every_call
def dry_run_and_token(call: Call, proceed: Proceed) -> Any:
    """Refuse a dry run as AWS does when it would have worked; answer a repeated token with the first answer."""
    if call.service != "ec2":
        return proceed()
    if call.params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
    token = call.params.get("ClientToken")
    if call.is_read or not token:
        return proceed()
    memory = store(call, _Memory)
    asked = {name: value for name, value in call.params.items() if name != "ClientToken"}
    known = memory.tokens.get((call.operation, token))
    if known is not None:
        if known[0] != asked:
            raise AwsError(
                "IdempotentParameterMismatch",
                "The request uses the same client token as a previous, but non-identical request.",
            )
        return ActionResult(known[1])
    answer = proceed()
    memory.tokens[call.operation, token] = (asked, result_of(answer))
    return answer


@around_every_call
def late_visibility(call: Call, proceed: Proceed) -> Any:
    """Play EC2's eventual consistency: what was created less than `lag` ago is not there yet."""
    lag = SETTINGS.now.lag
    if call.service != "ec2" or not lag:
        return proceed()
    memory = store(call, _Memory)
    now = CLOCK.now()
    young = {name for name, born in memory.born.items() if now - born < lag}
    named = [name for name in _ids({k: v for k, v in call.params.items() if k != "Filters"}) if name in young]
    if named:
        code = _NOT_FOUND[named[0].split("-")[0]]
        raise AwsError(code, f"The ID '{named[0]}' does not exist")
    answer = proceed()
    result = result_of(answer)
    if not isinstance(result, dict):
        return answer
    if call.operation.startswith(("Create", "Allocate")):
        for item in result.values():
            identity = item if isinstance(item, str) else _identity(item)
            if identity and _ID.match(identity):
                memory.born[identity] = now
        return answer
    if call.operation.startswith("Describe"):
        for key, value in result.items():
            if isinstance(value, list):
                result[key] = [item for item in value if _identity(item) not in young]
    return answer


@around_every_call
def pages(call: Call, proceed: Proceed) -> Any:
    """Cut a describe answer into pages of MaxResults, which moto ignores."""
    size, token = call.params.get("MaxResults"), call.params.get("NextToken")
    answer = proceed()
    result = result_of(answer)
    paged = call.service == "ec2" and call.operation.startswith("Describe") and (size or token)
    if not paged or call.operation in _NO_PAGES or not isinstance(result, dict):
        return answer
    keys = [key for key, value in result.items() if isinstance(value, list)]
    if len(keys) != 1:
        return answer
    shown, following = page(result[keys[0]], size, token, default=1000)
    return ActionResult({**result, keys[0]: shown, "NextToken": following})


def page(items: list[Any], size: Any, token: str | None, *, default: int) -> tuple[list[Any], str | None]:
    """One page of a list and the token of the next; a token is opaque, and ours holds the offset."""
    first = 0
    if token:
        try:
            first = int(json.loads(base64.urlsafe_b64decode(token.encode()))["from"])
        except (ValueError, KeyError, TypeError):
            raise AwsError("InvalidNextToken", f"The token '{token}' is invalid.") from None
    last = first + int(size or default)
    more = base64.urlsafe_b64encode(json.dumps({"from": last}).encode()).decode() if last < len(items) else None
    return items[first:last], more
