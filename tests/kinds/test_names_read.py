"""Cloud Map, Route 53, roles and scaling: from AWS's answers to the normal form, and asynchronous making."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from scripted_aws import ScriptedAws

from fargate_net.errors import Denied, NotAsked, NotFound, NotReady, OperationFailed, Refused
from fargate_net.kinds.base import KEY_TAG, STACK_TAG, Scope
from fargate_net.kinds.discovery_service import DiscoveredInstance, DiscoveryService, DiscoveryServiceKind
from fargate_net.kinds.hosted_zone import HostedZone, HostedZoneKind
from fargate_net.kinds.namespace import Namespace, NamespaceKind
from fargate_net.kinds.record_set import RecordSet, RecordSetKind
from fargate_net.kinds.role import Role, RoleKind
from fargate_net.kinds.scaling_target import ScalingTarget
from fargate_net.model.snapshot import Found, Missing

SD = "arn:aws:servicediscovery:eu-west-1:111122223333"
SPACE = {
    "Id": "ns-1",
    "Arn": f"{SD}:namespace/ns-1",
    "Name": "shop.local",
    "Type": "DNS_PRIVATE",
    "Properties": {"DnsProperties": {"HostedZoneId": "Z1"}},
}
PLAIN = {"Id": "ns-2", "Arn": f"{SD}:namespace/ns-2", "Name": "mesh", "Type": "HTTP", "Properties": {}}
NAME = {
    "Id": "srv-1",
    "Arn": f"{SD}:service/srv-1",
    "Name": "web",
    "NamespaceId": "ns-1",
    "DnsConfig": {
        "RoutingPolicy": "MULTIVALUE",
        "DnsRecords": [{"Type": "A", "TTL": 10}, {"Type": "SRV", "TTL": 10}],
    },
    "HealthCheckCustomConfig": {"FailureThreshold": 1},
}
OURS = {STACK_TAG: "shop", KEY_TAG: "namespace/shop.local"}


def of_vpc(*vpcs: str) -> dict[str, Any]:
    return {"HostedZone": {"Id": "/hostedzone/Z1"}, "VPCs": [{"VPCId": vpc} for vpc in vpcs]}


def cloud_map(**changed: Any) -> ScriptedAws:
    return ScriptedAws(
        {
            "servicediscovery.list_namespaces": {"Namespaces": [SPACE, PLAIN]},
            "servicediscovery.list_tags_for_resource": {"Tags": []},
            "route53.get_hosted_zone": of_vpc("vpc-0", "vpc-1"),
            "servicediscovery.list_services": {"Services": [{k: v for k, v in NAME.items() if k != "NamespaceId"}]},
            "servicediscovery.get_service": {"Service": NAME},
            "servicediscovery.list_instances": {
                "Instances": [
                    {"Id": "t2", "Attributes": {"AWS_INSTANCE_IPV4": "10.0.1.9", "AWS_INSTANCE_PORT": "80"}},
                    {"Id": "t1", "Attributes": {"AWS_INSTANCE_IPV4": "10.0.1.8"}},
                ]
            },
            "servicediscovery.get_instances_health_status": {"Status": {"t1": "UNHEALTHY", "t2": "HEALTHY"}},
            **{name.replace("__", "."): answer for name, answer in changed.items()},
        }
    )


def test_a_private_namespace_belongs_to_the_vpc_of_its_zone() -> None:
    (found, plain) = NamespaceKind().scan(cloud_map(), Scope(vpcs=frozenset({"vpc-1"})))
    assert isinstance(found, Found)
    assert found.props == Namespace("shop.local", "DNS_PRIVATE", "vpc-1")
    assert (found.id, found.props.zone) == ("ns-1", "Z1")
    assert isinstance(plain, Found)
    assert plain.props.vpc is None
    assert [f.id for f in NamespaceKind().scan(cloud_map(), Scope(vpcs=frozenset({"vpc-9"})))] == ["ns-2"]  # type: ignore[union-attr]


def test_a_zone_that_may_not_be_read_leaves_the_vpc_unknown() -> None:
    no = Denied("You may not.", operation="route53.get_hosted_zone", code="AccessDenied")
    missing, found, _ = NamespaceKind().scan(cloud_map(route53__get_hosted_zone=no), Scope())
    assert missing == Missing("namespace", "ns-1", "route53:GetHostedZone", "You may not.")
    assert isinstance(found, Found)
    assert found.props.vpc is None


def test_a_discovery_service_with_its_instances_and_their_health() -> None:
    tags = [{"Key": name, "Value": value} for name, value in OURS.items()]
    aws = cloud_map(
        servicediscovery__list_namespaces={"Namespaces": [SPACE]},
        servicediscovery__list_tags_for_resource={"Tags": tags},
    )
    (found,) = DiscoveryServiceKind().scan(aws, Scope(stack="shop"))
    assert isinstance(found, Found)
    assert found.props == DiscoveryService("web", "ns-1", frozenset({("A", 10), ("SRV", 10)}))
    assert found.props.instances == (
        DiscoveredInstance("t1", "10.0.1.8", None, False),
        DiscoveredInstance("t2", "10.0.1.9", 80, True),
    )
    (asked,) = aws.asked("servicediscovery.list_services")
    assert asked["Filters"][0]["Values"] == ["ns-1"]
    assert not aws.asked("servicediscovery.get_service"), "the list of a namespace says enough for a plan"


def test_whoever_looks_around_asks_for_the_response_that_names_the_namespace() -> None:
    aws = cloud_map(servicediscovery__list_namespaces={"Namespaces": [SPACE]})
    (found,) = DiscoveryServiceKind().scan(aws, Scope())
    assert isinstance(found, Found)
    assert found.props.namespace == "ns-1"
    assert aws.asked("servicediscovery.get_service") == [{"Id": "srv-1"}]


def test_a_saved_service_names_its_namespace_in_its_own_response_only() -> None:
    aws = cloud_map(servicediscovery__get_service={"Service": NAME})
    aws.saved = True
    (found,) = DiscoveryServiceKind().scan(aws, Scope())
    assert isinstance(found, Found)
    assert found.props.namespace == "ns-1"
    aws.answers["servicediscovery.get_service"] = NotAsked("servicediscovery.get_service", "srv-1")
    (missing,) = DiscoveryServiceKind().scan(aws, Scope())
    assert isinstance(missing, Missing)
    assert missing.subject == "srv-1"


def test_instances_that_were_not_saved_are_unknown_not_none_at_all() -> None:
    aws = cloud_map(
        servicediscovery__get_service={"Service": NAME},
        servicediscovery__list_instances=NotAsked("servicediscovery.list_instances", "srv-1"),
    )
    aws.saved = True
    missing, found = DiscoveryServiceKind().scan(aws, Scope())
    assert isinstance(missing, Missing)
    assert isinstance(found, Found)
    assert found.props.instances is None


class Making:
    """Cloud Map's side of making a namespace: an operation that ends as told."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"Status": "PENDING"}
        self.aws = cloud_map(
            servicediscovery__list_namespaces={"Namespaces": []},
            servicediscovery__list_operations={"Operations": []},
            servicediscovery__create_private_dns_namespace={"OperationId": "op-1"},
            servicediscovery__get_operation=lambda OperationId: {"Operation": self.state},  # noqa: N803
        )
        self.kind = NamespaceKind()

    def go(self) -> str:
        return self.kind.create(self.aws, "namespace/shop.local", Namespace("shop.local", "DNS_PRIVATE", "vpc-1"), OURS)

    @property
    def begun(self) -> int:
        return len(self.aws.told("servicediscovery.create_private_dns_namespace"))


def test_a_namespace_is_begun_once_and_found_when_aws_is_done() -> None:
    making = Making()
    for _ in range(3):
        with pytest.raises(NotReady):
            making.go()
    making.state = {"Status": "SUCCESS", "Targets": {"NAMESPACE": "ns-7"}}
    assert making.go() == "ns-7"
    assert making.begun == 1
    (call,) = making.aws.told("servicediscovery.create_private_dns_namespace")
    assert {"Key": KEY_TAG, "Value": "namespace/shop.local"} in call["Tags"]


def test_a_lost_answer_is_asked_for_again_with_the_same_request() -> None:
    making = Making()
    making.aws.answers["servicediscovery.create_private_dns_namespace"] = TimeoutError()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            making.go()
    first, second = making.aws.told("servicediscovery.create_private_dns_namespace")
    assert first["CreatorRequestId"] == second["CreatorRequestId"]


def test_a_failed_operation_says_why_and_a_new_try_begins_anew() -> None:
    making = Making()
    with pytest.raises(NotReady):
        making.go()
    making.state = {"Status": "FAIL", "ErrorCode": "CANNOT_CREATE_HOSTED_ZONE", "ErrorMessage": "It overlaps."}
    with pytest.raises(OperationFailed, match=r"shop.local: It overlaps\."):
        making.go()
    making.state = {"Status": "PENDING"}
    with pytest.raises(NotReady):
        making.go()
    first, second = making.aws.told("servicediscovery.create_private_dns_namespace")
    assert first["CreatorRequestId"] != second["CreatorRequestId"]


def test_what_a_crashed_run_began_is_waited_for_and_then_found() -> None:
    making = Making()
    making.aws.answers["servicediscovery.list_operations"] = {"Operations": [{"Id": "op-0", "Status": "PENDING"}]}
    with pytest.raises(NotReady, match="earlier run"):
        making.go()
    making.aws.answers["servicediscovery.list_operations"] = {"Operations": []}
    making.aws.answers["servicediscovery.list_namespaces"] = {"Namespaces": [SPACE]}
    tags = [{"Key": name, "Value": value} for name, value in OURS.items()]
    making.aws.answers["servicediscovery.list_tags_for_resource"] = {"Tags": tags}
    assert making.go() == "ns-1"
    assert making.begun == 0


def test_a_namespace_of_that_name_in_the_vpc_that_is_not_ours_is_refused() -> None:
    making = Making()
    making.aws.answers["servicediscovery.list_namespaces"] = {"Namespaces": [SPACE]}
    with pytest.raises(Refused, match=r"A namespace shop\.local exists"):
        making.go()
    assert making.begun == 0


def test_record_types_of_a_discovery_name_cannot_change() -> None:
    have = Found("srv-1", DiscoveryService("web", "ns-1", frozenset({("A", 10)})))
    want = DiscoveryService("web", "ns-1", frozenset({("SRV", 10)}))
    assert "from A to SRV" in DiscoveryServiceKind().forbids(have, want)
    slower = DiscoveryService("web", "ns-1", frozenset({("A", 60)}))
    assert DiscoveryServiceKind().forbids(have, slower) == "", "a TTL can"


ZONES = {
    "HostedZones": [
        {"Id": "/hostedzone/Z1", "Name": "shop.local.", "Config": {"PrivateZone": True}},
        {"Id": "/hostedzone/Z2", "Name": "app.io.", "Config": {"PrivateZone": False}},
        {"Id": "/hostedzone/Z3", "Name": "other.io.", "Config": {"PrivateZone": False}},
    ]
}


def record(name: str, type: str, *values: str, **more: Any) -> dict[str, Any]:
    rest = {"TTL": 60, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    return {"Name": name, "Type": type, **rest, **more}


RECORDS = [
    record("\\052.app.io.", "A", "203.0.113.2", "203.0.113.1"),
    record("_fargatenet-a.\\052.app.io.", "TXT", '"stack=shop,key=record_set/all"'),
    record("app.io.", "NS", "ns-1.awsdns.com."),
    record(
        "www.app.io.",
        "A",
        AliasTarget={
            "HostedZoneId": "Z9",
            "DNSName": "dualstack.Shop-1.elb.amazonaws.com.",
            "EvaluateTargetHealth": True,
        },
    ),
]


def route53(**changed: Any) -> ScriptedAws:
    return ScriptedAws(
        {
            "route53.list_hosted_zones": ZONES,
            "route53.get_hosted_zone": of_vpc("vpc-1"),
            "route53.list_hosted_zones_by_vpc": {"HostedZoneSummaries": [{"HostedZoneId": "Z1"}]},
            "route53.list_resource_record_sets": lambda HostedZoneId: {  # noqa: N803
                "ResourceRecordSets": RECORDS if HostedZoneId == "Z2" else []
            },
            **{name.replace("__", "."): answer for name, answer in changed.items()},
        }
    )


@pytest.mark.parametrize(
    ("scope", "ids"),
    [
        (Scope(), ["Z1", "Z2", "Z3"]),
        (Scope(vpcs=frozenset({"vpc-1"})), ["Z1"]),
        (Scope(vpcs=frozenset(), names={"hosted_zone": frozenset({"App.io."})}), ["Z2"]),
        (Scope(vpcs=frozenset(), names={"record_set": frozenset({"www.app.io", "app.iowa"})}), ["Z2"]),
        (Scope(vpcs=frozenset(), names={}), []),
    ],
)
def test_zones_in_scope(scope: Scope, ids: list[str]) -> None:
    assert [found.id for found in HostedZoneKind().scan(route53(), scope)] == ids  # type: ignore[union-attr]


def test_a_private_zone_whose_vpcs_were_not_saved() -> None:
    aws = route53(route53__get_hosted_zone=NotAsked("route53.get_hosted_zone", "Z1"))
    aws.saved = True
    missing, found, *_ = HostedZoneKind().scan(aws, Scope())
    assert missing == Missing("hosted_zone", "Z1", "route53:GetHostedZone", missing.why)  # type: ignore[union-attr]
    assert isinstance(found, Found)
    assert found.props == HostedZone("shop.local", True, None)


def test_records_in_one_spelling_and_ours_by_their_mark() -> None:
    found = {f.id: f for f in RecordSetKind().scan(route53(), Scope()) if isinstance(f, Found)}
    ours = found["Z2/*.app.io/A"]
    assert (ours.stack, ours.key) == ("shop", "record_set/all")
    assert ours.props == RecordSet("Z2", "*.app.io", "A", 60, ("203.0.113.1", "203.0.113.2"))
    alias = found["Z2/www.app.io/A"]
    assert alias.props.alias == "shop-1.elb.amazonaws.com"
    assert alias.key is None


def test_a_record_without_our_mark_is_not_deleted() -> None:
    have = Found("Z2/www.app.io/A", RecordSet("Z2", "www.app.io", "A"), stack="shop", key="record_set/www")
    aws = route53()
    with pytest.raises(Refused):
        RecordSetKind().delete(aws, have)
    assert not aws.writes


def test_a_record_and_its_mark_go_in_one_batch() -> None:
    have = next(f for f in RecordSetKind().scan(route53(), Scope()) if isinstance(f, Found) and f.key)
    aws = route53()
    RecordSetKind().delete(aws, have)
    (call,) = aws.told("route53.change_resource_record_sets")
    assert [change["Action"] for change in call["ChangeBatch"]["Changes"]] == ["DELETE", "DELETE"]
    assert [change["ResourceRecordSet"] for change in call["ChangeBatch"]["Changes"]] == RECORDS[:2]


SERVICE = "arn:aws:ecs:eu-west-1:111122223333:service/shop/web"


def test_a_record_of_tasks_is_renewed_with_the_addresses_they_have_now() -> None:
    marked = record("_fargatenet-a.d.app.io.", "TXT", f'"stack=shop,key=record_set/d,of={SERVICE}"')
    details = [{"name": "networkInterfaceId", "value": "eni-1"}]
    task = {
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/t1",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
        "group": "service:web",
        "lastStatus": "RUNNING",
        "attachments": [{"details": details}],
    }
    faces = [
        {"NetworkInterfaceId": "eni-1", "Association": {"PublicIp": "198.51.100.7"}},
        {"NetworkInterfaceId": "eni-2", "Association": {"PublicIp": "198.51.100.8"}},
    ]
    aws = route53(
        route53__list_hosted_zones={"HostedZones": [ZONES["HostedZones"][1]]},
        route53__list_resource_record_sets={"ResourceRecordSets": [record("d.app.io.", "A", "198.51.100.1"), marked]},
        ecs__list_tasks={"taskArns": [task["taskArn"]]},
        ecs__describe_tasks={"tasks": [task]},
        ec2__describe_network_interfaces={"NetworkInterfaces": faces},
    )
    kind = RecordSetKind()
    have = next(f for f in kind.scan(aws, Scope(stack="shop")) if isinstance(f, Found) and f.key)
    assert have.status["addresses"] == ("198.51.100.7",)
    want = RecordSet("Z2", "d.app.io", "A", 60, of_service=SERVICE)
    assert kind.concede(have, want).values == ("198.51.100.7",)
    assert kind.create(aws, "record_set/d", want, {STACK_TAG: "shop", KEY_TAG: "record_set/d"}) == "Z2/d.app.io/A"
    (call,) = aws.told("route53.change_resource_record_sets")
    made, mark = (change["ResourceRecordSet"] for change in call["ChangeBatch"]["Changes"])
    assert made["ResourceRecords"] == [{"Value": "198.51.100.7"}]
    assert mark["ResourceRecords"] == marked["ResourceRecords"]


def test_a_record_of_tasks_without_public_addresses_cannot_be_made() -> None:
    aws = route53(ecs__list_tasks={"taskArns": []})
    want = RecordSet("Z2", "d.app.io", "A", 60, of_service=SERVICE)
    with pytest.raises(OperationFailed, match="none of them has one"):
        RecordSetKind().create(aws, "record_set/d", want, {STACK_TAG: "shop", KEY_TAG: "record_set/d"})


TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}


@pytest.mark.parametrize("document", [TRUST, json.dumps(TRUST, indent=2), quote(json.dumps(TRUST))])
def test_policies_are_compared_in_one_spelling(document: Any) -> None:
    described = {"RoleName": "shop-web", "Arn": "arn:aws:iam::1:role/shop-web", "AssumeRolePolicyDocument": document}
    aws = ScriptedAws(
        {
            "iam.list_roles": {"Roles": []},
            "iam.get_role": {"Role": described},
            "iam.list_attached_role_policies": {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/X"}]},
            "iam.list_role_policies": {"PolicyNames": ["p"]},
            "iam.get_role_policy": {"PolicyDocument": document},
        }
    )
    (found,) = RoleKind().scan(aws, Scope(stack="shop", names={"role": frozenset({"shop-web"})}))
    assert isinstance(found, Found)
    text = '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow"}],"Version":"2012-10-17"}'
    assert found.props == Role("shop-web", text, frozenset({"arn:aws:iam::aws:policy/X"}), (("p", text),))


def test_a_role_that_is_not_there_is_no_error_and_none_is_asked_for_without_a_name() -> None:
    gone = NotFound("No such role.", operation="iam.get_role", code="NoSuchEntity")
    assert list(RoleKind().scan(ScriptedAws({"iam.get_role": gone}), Scope(names={"role": frozenset({"x"})}))) == []
    assert list(RoleKind().scan(ScriptedAws({}), Scope())) == []


def test_scaling_speaks_of_the_last_parts_of_arns() -> None:
    elb = "arn:aws:elasticloadbalancing:eu-west-1:1"
    target = ScalingTarget(
        SERVICE, 1, 2, balancer=f"{elb}:loadbalancer/app/shop/1", target_group=f"{elb}:targetgroup/web/2"
    )
    assert target == ScalingTarget("service/shop/web", 1, 2, balancer="app/shop/1", target_group="targetgroup/web/2")
