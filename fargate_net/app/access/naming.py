"""Permissions for names: AWS Cloud Map and Amazon Route 53 (Service Authorization Reference).

Never here: the names of balancers, which AWS gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.access.ground import Ground, Statement, allow, literal
from fargate_net.kinds.record_marks import mark_name

_NAMESPACES = (
    "servicediscovery:CreateHttpNamespace",
    "servicediscovery:CreatePrivateDnsNamespace",
)
_SERVICE = "servicediscovery:CreateService"
_RECORDS = "route53:ChangeResourceRecordSets"
_ZONE = ("ec2:DescribeRegions", "route53:CreateHostedZone", "route53:ListHostedZonesByName")
"""What making a private namespace asks of the caller beside reads that are allowed anyway (AWS Cloud Map Developer
Guide, AWS Cloud Map API permissions reference)."""


def discovery(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Cloud Map gives its things ids of its own and has no condition for the tags they carry."""
    kinds = {namespace.props.type for namespace in ground.of("namespace")}
    needed = {action for action, kind in zip(_NAMESPACES, ("HTTP", "DNS_PRIVATE"), strict=True) if kind in kinds}
    yield from allow("MakeNamespaces", wanted, needed, ["*"], *ground.here, ground.asked_for_us)
    anything = ground.arn("servicediscovery", "*/*")
    yield from allow("TagNames", wanted, ["servicediscovery:TagResource"], ["*"], *ground.here, ground.asked_for_us)
    if "DNS_PRIVATE" in kinds:
        yield Statement("MakeTheZoneOfANamespace", _ZONE, ("*",))
    given = [
        f"namespace/{named}" for r in ground.of("discovery_service") for named in literal(r.props.namespace, "ns-")
    ]
    shapes = [*given, "service/*"] if given else ["namespace/*", "service/*"]
    places = [ground.arn("servicediscovery", shape) for shape in shapes]
    yield from allow("MakeDiscoveryServices", wanted, [_SERVICE], places, ground.asked_for_us)
    rest = {action for action in wanted if action.startswith("servicediscovery:Delete")}
    yield from allow("ChangeDiscovery", wanted, rest | {"servicediscovery:UpdateService"}, [anything])


def records(ground: Ground, wanted: frozenset[str]) -> Iterator[Statement]:
    """Only the records of the spec and the marks beside them, in the zones they are in.

    Route 53 Developer Guide, Using IAM policy conditions for fine-grained access control: names are compared in lower
    case, without a final dot, and with octal codes for all but letters, digits, hyphen, underscore and dot.
    """
    drawn = [record.props for record in ground.of("record_set")]
    names = {name for props in drawn for name in (props.name, mark_name(props.name, props.type))}
    zones = {"*" if str(props.zone).startswith("planned:") else str(props.zone) for props in drawn}
    only = (
        "ForAllValues:StringEquals",
        "route53:ChangeResourceRecordSetsNormalizedRecordNames",
        tuple(sorted(name.replace("*", "\\052") for name in names)),
    )
    places = (f"arn:{ground.partition}:route53:::hostedzone/{zone}" for zone in sorted(zones))
    yield from allow("KeepOurRecords", wanted, [_RECORDS], places, only)
