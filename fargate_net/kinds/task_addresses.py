"""The public addresses that a service's tasks have at this moment. Never here: what they are used for."""

from __future__ import annotations

from fargate_net.kinds.base import Aws, Scope
from fargate_net.kinds.ecs_reads import tasks_in
from fargate_net.kinds.fields import items, parts


def public_addresses(aws: Aws, service_arn: str) -> tuple[str, ...]:
    """Sorted IPv4 addresses of the running tasks of ``arn:…:service/CLUSTER/NAME``; none when none is public.

    The address stands at the interface (EC2 API reference, NetworkInterfaceAssociation): ECS does not tell it.
    """
    cluster, _, service = service_arn.partition(":service/")[2].partition("/")
    scope = Scope(clusters=frozenset({cluster}), services=frozenset({service}))
    interfaces = [
        detail.text("value", "")
        for task in tasks_in(aws, scope)
        if task.text("lastStatus", "") == "RUNNING" and task.text("desiredStatus", "RUNNING") == "RUNNING"
        for attachment in task.many("attachments")
        for detail in attachment.many("details")
        if detail.text("name", "") == "networkInterfaceId"
    ]
    addresses: set[str] = set()
    for batch in parts(sorted(interfaces), 200):
        filters = [{"Name": "network-interface-id", "Values": batch}]
        answer = aws.read("ec2.describe_network_interfaces", Filters=filters)
        for item in items(answer, "NetworkInterfaces", "NetworkInterfaceId"):
            if item.text("NetworkInterfaceId") in batch:
                addresses.add(item.within("Association").text("PublicIp", ""))
    return tuple(sorted(addresses - {""}))
