"""Quotas that a plan would exceed.

Counts are compared with AWS's defaults first; only a count above the default is worth asking Service Quotas what the
account really has. Security groups per interface need no check: the spec's own rules keep a task within the five that
ECS takes. Source: VPC User Guide, Amazon VPC quotas. Never here: quotas of things the plan does not make.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fargate_net.app.preflight.case import Case
from fargate_net.errors import NotFound
from fargate_net.kinds.fields import Item, items
from fargate_net.kinds.prefix_list import PrefixList
from fargate_net.kinds.security_group import Rule
from fargate_net.kinds.vpc_endpoint import VpcEndpoint
from fargate_net.model.finding import Finding, error, warning


@dataclass(frozen=True)
class Quota:
    """A quota of Service Quotas: its service, code, AWS's default, and what it counts in words."""

    service: str
    code: str
    default: int
    what: str


VPCS = Quota("vpc", "L-F678F1CE", 5, "VPCs in the Region")
RULES = Quota("vpc", "L-0EA8095F", 60, "rules of one direction in a security group")
INTERFACE_ENDPOINTS = Quota("vpc", "L-29B6F2EB", 50, "interface endpoints in a VPC")
GATEWAY_ENDPOINTS = Quota("vpc", "L-1B52E74A", 20, "gateway endpoints in the Region")
ADDRESSES = Quota("ec2", "L-0263D0A3", 5, "Elastic IP addresses in the Region")

WEIGHTS = {"cloudfront.origin-facing": 55, "route53-healthchecks": 25, "vpc-lattice": 10, "groundstation": 5}
"""Rules that a list of AWS's own counts for, by the end of its name (VPC User Guide, AWS-managed prefix lists)."""


def quotas(case: Case) -> Iterator[Finding]:
    """Every quota that something the plan makes counts towards."""
    for subject, quota, count in _counts(case):
        if count > quota.default:
            yield from _exceeded(case, subject, quota, count)


def _counts(case: Case) -> Iterator[tuple[str, Quota, int]]:
    """Subject, quota, and what it would come to."""
    yield from _rules(case)
    if any(case.making("vpc")):
        yield from _in_region(case, "vpc", VPCS, "ec2.describe_vpcs", "Vpcs")
    if any(case.making("elastic_ip")):
        yield from _in_region(case, "elastic_ip", ADDRESSES, "ec2.describe_addresses", "Addresses")
    new = Counter(resource.props.type for resource in case.making("vpc_endpoint"))
    if new["Interface"]:
        there = [item.props for item in case.live.of(VpcEndpoint).values() if item.props.vpc == case.vpc]
        count = sum(props.type in ("Interface", "GatewayLoadBalancer") for props in there)
        yield "the VPC", INTERFACE_ENDPOINTS, count + new["Interface"]
    if new["Gateway"]:
        wanted = [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]
        answer = case.read(f"the number of {GATEWAY_ENDPOINTS.what}", "ec2.describe_vpc_endpoints", Filters=wanted)
        listed = items(answer or {}, "VpcEndpoints")
        count = sum(item.text("VpcEndpointType", "") == "Gateway" for item in listed)
        yield "the account", GATEWAY_ENDPOINTS, count + new["Gateway"]


def _in_region(case: Case, kind: str, quota: Quota, operation: str, key: str) -> Iterator[tuple[str, Quota, int]]:
    answer = case.read(f"the number of {quota.what}", operation)
    if answer is not None:
        yield "the account", quota, len(answer.get(key, ())) + sum(1 for _ in case.making(kind))


def _rules(case: Case) -> Iterator[tuple[str, Quota, int]]:
    """The fullest side of each group that the plan fills, IPv4 and IPv6 apart."""
    for resource in case.graph:
        if resource.kind == "security_group_rules" and resource.key in case.touched:
            sides: Counter[tuple[str, int]] = Counter()
            for rule in resource.props.rules:
                for family in _families(rule):
                    sides[rule.direction, family] += _weight(case, rule)
            yield f"the security group of {resource.name}", RULES, max(sides.values(), default=0)


def _families(rule: Rule) -> tuple[int, ...]:
    """The IP versions that a rule counts for: a group or a list stands for both."""
    peer = str(rule.peer)
    if "/" in peer and not peer.startswith("security_group/"):
        return (6,) if ":" in peer else (4,)
    return 4, 6


def _weight(case: Case, rule: Rule) -> int:
    """A list counts with the most entries it may have; one of AWS's own with a weight that AWS states."""
    found = case.live.get(PrefixList, str(rule.peer))
    if found is None:
        return 1
    known = next((weight for end, weight in WEIGHTS.items() if found.props.name.endswith(end)), 1)
    return max(1, found.props.max_entries, known)


def _exceeded(case: Case, subject: str, quota: Quota, count: int) -> Iterator[Finding]:
    asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = case.read(f"the quota of {quota.what}", "service-quotas.get_service_quota", **asked)
    except NotFound:
        answer = None
    applied = Item(answer or {}, "the response").within("Quota").raw.get("Value")
    hint = f"Raise it: Service Quotas, {quota.service}, {quota.code}."
    what = f"With this plan {subject} would have {count} {quota.what}; "
    if applied is None:
        yield warning("QUOTA", f"{what}AWS allows {quota.default} unless more was asked for.", hint)
    elif count > float(applied):
        yield error("QUOTA", f"{what}the quota is {float(applied):.0f}.", hint)
