"""EC2 reads that moto answers incompletely, or not without packages that the sandbox does not need.

Authority: API reference, DescribePrefixLists, DescribeVpcEndpointServices.

Never here: filters (ec2_filters).
"""

from __future__ import annotations

from typing import Any

from .calls import AwsError, Call, Proceed, repair, result_of
from .ec2_endpoints import GATEWAY_SERVICES, SERVICES, dns_name
from .packets import prefix_cidrs
from .stores import ec2


@repair("ec2", "DescribePrefixLists")
def describe_prefix_lists(call: Call, proceed: Proceed) -> Any:
    """With the CIDRs of each list."""
    backend, shown = ec2(call.account, call.region), []
    for prefix_list in result_of(proceed())["PrefixLists"]:
        identity = prefix_list["PrefixListId"] if isinstance(prefix_list, dict) else prefix_list.id
        held = backend.managed_prefix_lists[identity]
        cidrs = prefix_cidrs(backend, identity)
        shown.append({"PrefixListId": identity, "PrefixListName": held.prefix_list_name, "Cidrs": cidrs})
    return {"PrefixLists": shown}


def _details(call: Call, service: str, kind: str, zones: list[str]) -> dict[str, Any]:
    return {
        "ServiceName": f"com.amazonaws.{call.region}.{service}",
        "ServiceId": f"vpce-svc-{sum(service.encode()):017x}",
        "ServiceType": [{"ServiceType": kind}],
        "AvailabilityZones": zones,
        "Owner": "amazon",
        "BaseEndpointDnsNames": [f"{service}.{call.region}.vpce.amazonaws.com"],
        "PrivateDnsName": dns_name(service, call.region) if kind == "Interface" else None,
        "VpcEndpointPolicySupported": True,
        "AcceptanceRequired": False,
        "ManagesVpcEndpoints": False,
        "Tags": [],
    }


@repair("ec2", "DescribeVpcEndpointServices")
def describe_endpoint_services(call: Call, proceed: Proceed) -> Any:
    """Every service in every zone of the region; InvalidServiceName for others."""
    zones = [zone.name for zone in ec2(call.account, call.region).describe_availability_zones()]
    known = [_details(call, service, "Interface", zones) for service in sorted(SERVICES)]
    known += [_details(call, service, "Gateway", zones) for service in GATEWAY_SERVICES]
    asked = call.params.get("ServiceNames")
    if asked:
        missing = sorted(set(asked) - {details["ServiceName"] for details in known})
        if missing:
            raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{missing[0]}' does not exist")
        known = [details for details in known if details["ServiceName"] in asked]
    for wanted in call.params.get("Filters", []):
        if wanted["Name"] == "service-name":
            known = [details for details in known if details["ServiceName"] in wanted["Values"]]
        elif wanted["Name"] == "service-type":
            known = [details for details in known if details["ServiceType"][0]["ServiceType"] in wanted["Values"]]
    return {"ServiceNames": sorted({details["ServiceName"] for details in known}), "ServiceDetails": known}
