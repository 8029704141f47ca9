"""What AWS offers where: endpoint services by zone, and the zones that Fargate runs in.

Never here: what we may do there (permissions.py), how much of it (quotas.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from fargate_net.app.preflight.case import Case, listed
from fargate_net.app.preflight.placing import tasks_in
from fargate_net.kinds.fields import items
from fargate_net.model.finding import Finding, error

FARGATE_ZONES = {
    "ap-northeast-1": frozenset({"apne1-az1", "apne1-az2", "apne1-az4"}),
    "cn-north-1": frozenset({"cnn1-az1", "cnn1-az2"}),
    "us-west-1": frozenset({"usw1-az1", "usw1-az3"}),
}
"""Zone ids by Region, where Linux tasks do not run in every zone (Amazon ECS Developer Guide, Supported Regions for
Amazon ECS on AWS Fargate)."""


def endpoints(case: Case) -> Iterator[Finding]:
    """AWS offers each endpoint service of the plan in every zone that it is to stand in (AWS PrivateLink Guide)."""
    wanted = {resource.props.service: resource.props for resource in case.making("vpc_endpoint")}
    if not wanted:
        return
    asked = [{"Name": "service-name", "Values": sorted(wanted)}]
    operation = "ec2.describe_vpc_endpoint_services"
    answer = case.read("which endpoint services the zones offer", operation, Filters=asked)
    if answer is None:
        return
    offered = {item.text("ServiceName"): item for item in items(answer, "ServiceDetails", "ServiceName")}
    for service, props in sorted(wanted.items()):
        if service not in offered:
            what = f"AWS offers no endpoint service {service} in {case.live.region}."
            yield error("ENDPOINT_NOT_OFFERED", what, "Correct `network.endpoints`, or use an egress with `nat`.")
            continue
        zones = {place.zone for place in case.places(tuple(props.subnets))}
        there = set(offered[service].texts("AvailabilityZones"))
        if missing := sorted(zones - there):
            what = f"The endpoint service {service} is not offered in {listed(missing)}."
            hint = f"Name zones that have it: network: {{zones: [{', '.join(sorted(there))}]}}"
            yield error("ENDPOINT_NOT_OFFERED", what, hint)


def fargate(case: Case) -> Iterator[Finding]:
    """No subnet of tasks is in a zone without Fargate: ECS answers there with "Internal error"."""
    served = FARGATE_ZONES.get(case.live.region)
    if served is None:
        return
    places = {place.id: place for name in case.stack.services for place in tasks_in(case, name)}
    ids: dict[str, str] = {}
    if any(not place.zone_id for place in places.values()):
        answer = case.read("which zones have Fargate", "ec2.describe_availability_zones") or {}
        zones = items(answer, "AvailabilityZones")
        ids = {item.text("ZoneName", ""): item.text("ZoneId", "") for item in zones}
    for place in places.values():
        zone_id = place.zone_id or ids.get(place.zone, "")
        if zone_id and zone_id not in served:
            what = f"Fargate does not run in {place.zone} ({zone_id}), where {place.id} is."
            hint = f"Use zones with the ids {listed(sorted(served))}."
            yield error("ZONE_WITHOUT_FARGATE", what, hint)
