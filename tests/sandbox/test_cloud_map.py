from __future__ import annotations

from typing import Any

import pytest


def namespace(aws: Any, vpc: str, name: str = "shop.local", token: str = "t") -> str:
    made = aws.sd.create_private_dns_namespace(Name=name, Vpc=vpc, CreatorRequestId=token)["OperationId"]
    aws.advance()
    operation = aws.sd.get_operation(OperationId=made)["Operation"]
    assert operation["Status"] == "SUCCESS"
    return str(operation["Targets"]["NAMESPACE"])


def service(aws: Any, namespace_id: str, *kinds: str, name: str = "web") -> dict[str, Any]:
    made: dict[str, Any] = aws.sd.create_service(
        Name=name,
        NamespaceId=namespace_id,
        DnsConfig={"DnsRecords": [{"Type": kind, "TTL": 10} for kind in kinds]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
    )["Service"]
    return made


def records(aws: Any, vpc: str) -> dict[tuple[str, str], list[str]]:
    (zone,) = aws.route53.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion="eu-west-1")["HostedZoneSummaries"]
    found: dict[tuple[str, str], list[str]] = {}
    for record in aws.route53.list_resource_record_sets(HostedZoneId=zone["HostedZoneId"])["ResourceRecordSets"]:
        values = [value["Value"] for value in record["ResourceRecords"]]
        found.setdefault((record["Type"], record["Name"]), []).extend(values)
    return found


def private_zones(aws: Any) -> list[dict[str, Any]]:
    return [zone for zone in aws.route53.list_hosted_zones()["HostedZones"] if zone["Config"]["PrivateZone"]]


def test_a_namespace_takes_time_and_has_a_private_zone(aws: Any) -> None:
    estate = aws.network()
    asked = {"Name": "shop.local", "Vpc": estate.vpc, "CreatorRequestId": "t"}
    operation = aws.sd.create_private_dns_namespace(**asked)["OperationId"]
    assert aws.sd.get_operation(OperationId=operation)["Operation"]["Status"] == "PENDING"
    assert aws.sd.create_private_dns_namespace(**asked)["OperationId"] == operation
    aws.advance()
    assert aws.sd.get_operation(OperationId=operation)["Operation"]["Status"] == "SUCCESS"
    (zone,) = private_zones(aws)
    assert (zone["Name"], zone["Config"]["PrivateZone"]) == ("shop.local.", True)
    shown = aws.route53.get_hosted_zone(Id=zone["Id"])
    assert shown["VPCs"] == [{"VPCRegion": "eu-west-1", "VPCId": estate.vpc}]
    (listed,) = aws.sd.list_namespaces()["Namespaces"]
    assert listed["Properties"]["DnsProperties"]["HostedZoneId"] in zone["Id"]
    assert aws.refused(aws.route53.delete_hosted_zone, Id=zone["Id"])[0] == "AccessDenied"
    assert "10.0.0.0" not in str(records(aws, estate.vpc))
    assert records(aws, estate.vpc)["SOA", "shop.local."][0].startswith("ns-")


def test_one_vpc_may_have_several_namespaces_of_different_names(aws: Any) -> None:
    estate = aws.network()
    first = namespace(aws, estate.vpc)
    second = namespace(aws, estate.vpc, "other.local", "u")
    assert first != second
    again = {"Name": "shop.local", "Vpc": estate.vpc, "CreatorRequestId": "v"}
    assert aws.refused(aws.sd.create_private_dns_namespace, **again)[0] == "NamespaceAlreadyExists"
    by_name = [{"Name": "NAME", "Values": ["other.local"]}]
    assert [n["Id"] for n in aws.sd.list_namespaces(Filters=by_name)["Namespaces"]] == [second]
    by_type = [{"Name": "TYPE", "Values": ["HTTP"]}]
    assert aws.sd.list_namespaces(Filters=by_type)["Namespaces"] == []


def test_a_namespace_that_overlaps_a_zone_fails(aws: Any) -> None:
    estate = aws.network()
    aws.route53.create_hosted_zone(
        Name="shop.local",
        CallerReference="r",
        VPC={"VPCId": estate.vpc, "VPCRegion": "eu-west-1"},
        HostedZoneConfig={"PrivateZone": True},
    )
    operation = aws.sd.create_private_dns_namespace(Name="shop.local", Vpc=estate.vpc)["OperationId"]
    aws.advance()
    shown = aws.sd.get_operation(OperationId=operation)["Operation"]
    assert (shown["Status"], shown["ErrorCode"]) == ("FAIL", "CANNOT_CREATE_HOSTED_ZONE")
    assert "ConflictingDomainExists" in shown["ErrorMessage"]
    assert aws.sd.list_namespaces()["Namespaces"] == []


@pytest.mark.parametrize("kinds", [("A",), ("SRV",), ("A", "SRV")])
def test_tasks_become_instances_with_records_and_leave_none_behind(aws: Any, kinds: tuple[str, ...]) -> None:
    estate = aws.network()
    made = service(aws, namespace(aws, estate.vpc), *kinds)
    aws.define()
    registry = {"registryArn": made["Arn"]}
    if "SRV" in kinds:
        registry |= {"containerName": "app", "containerPort": 80}  # type: ignore[dict-item]
    estate.service(serviceRegistries=[registry])
    aws.advance(times=2)
    tasks = estate.tasks()
    addresses = {t["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for t in tasks}
    instances = aws.sd.list_instances(ServiceId=made["Id"])["Instances"]
    assert {i["Id"] for i in instances} == {t["taskArn"].split("/")[-1] for t in tasks}
    assert {i["Attributes"]["AWS_INSTANCE_IPV4"] for i in instances} == addresses
    found = records(aws, estate.vpc)
    if "A" in kinds:
        assert set(found["A", "web.shop.local."]) == addresses
    if "SRV" in kinds:
        for value in found["SRV", "web.shop.local."]:
            priority, weight, port, target = value.split()
            assert (priority, weight, port) == ("1", "1", "80")
            assert set(found["A", target]) <= addresses
    found_by_name = aws.sd.discover_instances(NamespaceName="shop.local", ServiceName="web")["Instances"]
    assert {i["Attributes"]["AWS_INSTANCE_IPV4"] for i in found_by_name} == addresses
    assert aws.refused(aws.sd.delete_service, Id=made["Id"])[0] == "ResourceInUse"
    aws.ecs.delete_service(cluster="shop", service="web", force=True)
    aws.advance()
    assert {kind for kind, _ in records(aws, estate.vpc)} == {"NS", "SOA"}
    aws.sd.delete_service(Id=made["Id"])


def test_a_namespace_stays_while_it_has_services_and_takes_its_zone_along(aws: Any) -> None:
    estate = aws.network()
    home = namespace(aws, estate.vpc)
    made = service(aws, home, "A")
    assert aws.refused(aws.sd.delete_namespace, Id=home)[0] == "ResourceInUse"
    aws.sd.delete_service(Id=made["Id"])
    operation = aws.sd.delete_namespace(Id=home)["OperationId"]
    aws.advance()
    assert aws.sd.get_operation(OperationId=operation)["Operation"]["Status"] == "SUCCESS"
    assert private_zones(aws) == []


def test_services_and_instances(aws: Any) -> None:
    estate = aws.network()
    home, other = namespace(aws, estate.vpc), namespace(aws, estate.vpc, "other.local", "u")
    made = service(aws, home, "A", "SRV")
    service(aws, other, "A")
    assert made["DnsConfig"]["RoutingPolicy"] == "MULTIVALUE"
    duplicate = {"Name": "WEB", "NamespaceId": home}
    assert aws.refused(aws.sd.create_service, **duplicate)[0] == "ServiceAlreadyExists"
    by_namespace = [{"Name": "NAMESPACE_ID", "Values": [home]}]
    (listed,) = aws.sd.list_services(Filters=by_namespace)["Services"]
    assert listed["Id"] == made["Id"]
    assert "NamespaceId" not in listed
    register = {"ServiceId": made["Id"], "InstanceId": "i1"}
    without_port = {"Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.9"}}
    assert aws.refused(aws.sd.register_instance, **register, **without_port)[0] == "InvalidInput"
    for address in ("10.0.0.9", "10.0.0.10"):
        attributes = {"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": "80"}
        aws.sd.register_instance(**register, Attributes=attributes)
    (instance,) = aws.sd.list_instances(ServiceId=made["Id"])["Instances"]
    assert instance["Attributes"]["AWS_INSTANCE_IPV4"] == "10.0.0.10"
    assert aws.sd.get_service(Id=made["Id"])["Service"]["InstanceCount"] == 1
    aws.sd.deregister_instance(ServiceId=made["Id"], InstanceId="i1")
    assert aws.refused(aws.sd.deregister_instance, **register)[0] == "InstanceNotFound"


def test_record_sets_are_created_once_and_deleted_once(aws: Any) -> None:
    made = aws.route53.create_hosted_zone(Name="app.io", CallerReference="r")
    zone = made["HostedZone"]["Id"]
    again = {"Name": "b.io", "CallerReference": "r"}
    assert aws.refused(aws.route53.create_hosted_zone, **again)[0] == "HostedZoneAlreadyExists"

    def batch(action: str) -> dict[str, Any]:
        record = {"Name": "www.app.io", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        return {"HostedZoneId": zone, "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}}

    assert aws.refused(aws.route53.change_resource_record_sets, **batch("DELETE"))[0] == "InvalidChangeBatch"
    aws.route53.change_resource_record_sets(**batch("CREATE"))
    assert aws.refused(aws.route53.change_resource_record_sets, **batch("CREATE"))[0] == "InvalidChangeBatch"
    aws.route53.change_resource_record_sets(**batch("UPSERT"))
    aws.route53.change_resource_record_sets(**batch("DELETE"))


def test_the_account_owns_two_domains_and_any_certificate(aws: Any) -> None:
    def public() -> dict[str, str]:
        return {zone["Name"]: zone["Id"] for zone in aws.route53.list_hosted_zones()["HostedZones"]}

    given = public()
    assert set(given) == {"app.io.", "example.com."}
    own = aws.route53.create_hosted_zone(Name="app.io", CallerReference="own")["HostedZone"]["Id"]
    assert public() == {"app.io.": own, "example.com.": given["example.com."]}
    estate = aws.network()
    aws.elbv2.create_listener(
        LoadBalancerArn=estate.balancer(),
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/any"}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": estate.targets()}],
    )
