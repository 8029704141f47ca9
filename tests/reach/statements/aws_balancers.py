"""Load balancers, listeners, target groups and registered targets as the AWS CLI prints them. Never here: EC2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reach.statements.aws_json import Account, Raw, arn


def balancer(
    account: Account,
    name: str,
    nodes: Sequence[tuple[str, str, str]],
    *groups: str,
    kind: str = "application",
    internal: bool = False,
    attributes: Mapping[str, str] | None = None,
    known: bool = True,
) -> str:
    """A balancer with one node for each (subnet, address, public address); ``known``: with its interfaces. Its ARN."""
    short = {"application": "app", "network": "net"}[kind]
    tail = f"{len(account.items):016x}"
    own = arn("elasticloadbalancing", f"loadbalancer/{short}/{name}/{tail}")
    if known:
        for number, (subnet, ip, public) in enumerate(nodes):
            account.interface(
                f"eni-{name.encode().hex()[:8]:0<16}{number}",
                subnet,
                ip,
                *groups,
                public=public,
                description=f"ELB {short}/{name}/{tail}",
                type="interface" if kind == "application" else "network_load_balancer",
                check=kind == "application",
            )
    account.add(
        "LoadBalancers",
        name,
        {
            "LoadBalancerArn": own,
            "DNSName": f"{'internal-' if internal else ''}{name}-1234567890.eu-west-1.elb.amazonaws.com",
            "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "CreatedTime": "2026-01-15T09:30:00.120000+00:00",
            "LoadBalancerName": name,
            "Scheme": "internal" if internal else "internet-facing",
            "VpcId": account.items[nodes[0][0]]["VpcId"],
            "State": {"Code": "active"},
            "Type": kind,
            "AvailabilityZones": [
                {
                    "ZoneName": account.items[subnet]["AvailabilityZone"],
                    "SubnetId": subnet,
                    "LoadBalancerAddresses": [],
                }
                for subnet, _, _ in nodes
            ],
            "IpAddressType": "ipv4",
        }
        | ({"SecurityGroups": list(groups)} if groups else {}),
    )
    held = {"deletion_protection.enabled": "false"} | dict(attributes or {})
    account.answer(LoadBalancerArn=own, Attributes=[{"Key": key, "Value": value} for key, value in held.items()])
    return own


def node_ids(name: str, count: int) -> list[str]:
    """The ids of a balancer's interfaces."""
    return [f"eni-{name.encode().hex()[:8]:0<16}{number}" for number in range(count)]


def target_group(
    account: Account,
    name: str,
    vpc: str,
    port: int,
    targets: Sequence[tuple[str, int, str, str]],
    *,
    protocol: str = "HTTP",
    kind: str = "ip",
    attributes: Mapping[str, str] | None = None,
    health_port: str = "traffic-port",
    balancers: Sequence[str] = (),
) -> str:
    """A target group with (address or instance, port, zone name, health state) registered. Its ARN."""
    own = arn("elasticloadbalancing", f"targetgroup/{name}/{len(account.items):016x}")
    account.add(
        "TargetGroups",
        name,
        {
            "TargetGroupArn": own,
            "TargetGroupName": name,
            "Protocol": protocol,
            "Port": port,
            "VpcId": vpc,
            "HealthCheckProtocol": "HTTP" if protocol in ("HTTP", "HTTPS") else "TCP",
            "HealthCheckPort": health_port,
            "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": 30,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5,
            "UnhealthyThresholdCount": 2,
            "HealthCheckPath": "/",
            "Matcher": {"HttpCode": "200"},
            "LoadBalancerArns": list(balancers),
            "TargetType": kind,
            "IpAddressType": "ipv4",
        },
    )
    held = {"deregistration_delay.timeout_seconds": "300"} | dict(attributes or {})
    account.answer(TargetGroupArn=own, Attributes=[{"Key": key, "Value": value} for key, value in held.items()])
    account.answer(
        TargetGroupArn=own,
        TargetHealthDescriptions=[
            {
                "Target": {"Id": target, "Port": where, "AvailabilityZone": zone},
                "HealthCheckPort": str(where),
                "TargetHealth": {"State": state},
            }
            for target, where, zone, state in targets
        ],
    )
    return own


def listener(account: Account, own: str, port: int, protocol: str, *groups: str, actions: Sequence[Raw] = ()) -> str:
    """A listener of the balancer ``own`` that forwards to these groups; its default rule too. Its ARN."""
    named = own.replace(":loadbalancer/", ":listener/") + f"/{port:016x}"
    forward: Raw = {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1} for group in groups]},
    }
    if len(groups) == 1:
        forward["TargetGroupArn"] = groups[0]
    held = list(actions) or [forward]
    account.answer(
        LoadBalancerArn=own,
        Listeners=[
            {"ListenerArn": named, "LoadBalancerArn": own, "Port": port, "Protocol": protocol, "DefaultActions": held}
        ],
    )
    account.answer(
        ListenerArn=named,
        Rules=[
            {
                "RuleArn": named.replace(":listener/", ":listener-rule/") + "/0",
                "Priority": "default",
                "Conditions": [],
                "Actions": held,
                "IsDefault": True,
            }
        ],
    )
    return named
