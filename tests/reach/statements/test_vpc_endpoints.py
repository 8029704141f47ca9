"""Statements 64-76: VPC endpoints and the names of AWS services."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import ask, blocked, codes, met, reachable, rule_at, unknown
from tests.reach.statements.aws_json import ANY4, REGION, Account, route
from tests.reach.statements.aws_links import PCX as PEERING
from tests.reach.statements.aws_links import peering
from tests.reach.statements.aws_nat import (
    NAT,
    S3_LIST,
    gateway_endpoint,
    interface_endpoint,
    nat_gateway,
    prefix_list,
)
from tests.reach.statements.aws_rules import entry, everything, out, tcp, udp
from tests.reach.statements.scenes import (
    ACL,
    CLIENT,
    CLIENT_IP,
    CLIENT_SG,
    IGW,
    MAIN,
    NET_A,
    NET_B,
    VPC,
    gateway,
)

ENDPOINT, DOOR_SG, S3 = "vpce-0d1d1d1d1d1d1d1d1", "sg-0d1d1d1d1d1d1d1d1", "vpce-05353535353535353"
PUBLIC_TABLE = "rtb-0b1b1b1b1b1b1b1b1"


def world_with(
    service: str | None = "ecr.api",
    *,
    ingress: list[dict[str, Any]] | None = None,
    egress: list[dict[str, Any]] | None = None,
    dns: tuple[bool, bool] = (True, True),
    **endpoint: Any,
) -> Account:
    """A client in A without a way out, and an interface endpoint in B whose group takes 443 from the VPC."""
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", dns=dns)
    world.subnet(NET_A, VPC, "10.0.1.0/24", "a")
    world.subnet(NET_B, VPC, "10.0.2.0/24", "b")
    world.group(CLIENT_SG, VPC, egress=egress)
    world.group(DOOR_SG, VPC, [tcp(443, "10.0.0.0/16")] if ingress is None else ingress)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG)
    if service is not None:
        interface_endpoint(world, service, [(NET_B, "10.0.2.50")], DOOR_SG, **endpoint)
    return world


def with_nat(world: Account) -> Account:
    """The same with a NAT gateway in B."""
    gateway(world)
    world.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_B])
    world.routes(MAIN, route(ANY4, nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")))
    return world


def test_s064_an_interface_endpoint_is_an_interface_with_groups():
    answer = reachable(ask(world_with(), CLIENT, "aws:ecr.api"))
    assert rule_at(answer, DOOR_SG) == "ingress tcp 443 from 10.0.0.0/16"


@pytest.mark.parametrize(
    ("broken", "expected", "component"),
    [
        ("its group", "ENI_SG_RULES_MISMATCH", DOOR_SG),
        ("the client's group", "ENI_SG_RULES_MISMATCH", CLIENT_SG),
        ("the client's nacl", "SUBNET_ACL_RESTRICTION", "acl-0aaaaaaaaaaaaaaa1"),
        ("its nacl", "SUBNET_ACL_RESTRICTION", "acl-0aaaaaaaaaaaaaaa1"),
    ],
)
def test_s064_each_filter_on_the_way_can_close_it(broken: str, expected: str, component: str):
    world = world_with(
        ingress=[tcp(443, "10.0.9.0/24")] if broken == "its group" else None,
        egress=[tcp(80, ANY4)] if broken == "the client's group" else None,
    )
    if "nacl" in broken:
        rules = [entry(100, "allow", "6", ANY4, (1024, 65535)), out(100, "allow", "6", ANY4, (1024, 65535))]
        world.acl(component, VPC, rules, [NET_A if "client" in broken else NET_B])
    blocked(ask(world, CLIENT, "aws:ecr.api"), expected, component=component, fix=component)


def test_s065_every_zone_of_the_vpc_reaches_it():
    world = world_with()
    world.subnet("subnet-0a1a1a1a1a1a1a1ac", VPC, "10.0.3.0/24", "c")
    world.interface("eni-0c1c1c1c1c1c1c1c3", "subnet-0a1a1a1a1a1a1a1ac", "10.0.3.10", CLIENT_SG)
    reachable(ask(world, "eni-0c1c1c1c1c1c1c1c3", "aws:ecr.api"))


def test_s065_not_from_a_vpc_without_a_way_to_it():
    world = world_with()
    world.vpc("vpc-0b2b2b2b2b2b2b2b2", "10.9.0.0/16")
    world.subnet("subnet-0b2b2b2b2b2b2b2b2", "vpc-0b2b2b2b2b2b2b2b2", "10.9.1.0/24")
    world.group("sg-0b2b2b2b2b2b2b2b2", "vpc-0b2b2b2b2b2b2b2b2")
    world.interface("eni-0b2b2b2b2b2b2b2b2", "subnet-0b2b2b2b2b2b2b2b2", "10.9.1.9", "sg-0b2b2b2b2b2b2b2b2")
    answer = ask(world, "eni-0b2b2b2b2b2b2b2b2", "aws:ecr.api")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == "ENDPOINT_MISSING"


PEER, PEER_CLIENT, PEER_TABLE = "vpc-0e2e2e2e2e2e2e2e2", "eni-0e2e2e2e2e2e2e2e2", "rtb-main-0e2e2e2e2e2e2e2e2"


def shared(record: str = "api.ecr.eu-west-1.amazonaws.com.", *, dns: tuple[bool, bool] = (True, True)) -> Account:
    """A VPC peered with that of an endpoint, and a private zone of it that names the endpoint: how VPCs share one."""
    world = world_with(private_dns=False)
    world.vpc(PEER, "10.9.0.0/16", dns=dns)
    world.subnet("subnet-0e2e2e2e2e2e2e2e2", PEER, "10.9.1.0/24", "a")
    world.group("sg-0e2e2e2e2e2e2e2e2", PEER)
    world.interface(PEER_CLIENT, "subnet-0e2e2e2e2e2e2e2e2", "10.9.1.10", "sg-0e2e2e2e2e2e2e2e2")
    world.routes(PEER_TABLE, route("10.0.0.0/16", PEERING))
    world.routes(MAIN, route("10.9.0.0/16", PEERING))
    peering(world, (VPC, "10.0.0.0/16"), (PEER, "10.9.0.0/16"))
    world.items[DOOR_SG]["IpPermissions"] = [tcp(443, "10.0.0.0/8")]
    held = {"Id": "/hostedzone/Z1", "Name": "api.ecr.eu-west-1.amazonaws.com.", "Config": {"PrivateZone": True}}
    world.add("HostedZones", "Z1", held)
    world.answer(HostedZone=held, VPCs=[{"VPCRegion": REGION, "VPCId": PEER}])
    (name,) = (entry["DnsName"] for entry in world.items[ENDPOINT]["DnsEntries"])
    alias = {"HostedZoneId": "Z38", "DNSName": f"{name}.", "EvaluateTargetHealth": False}
    world.answer(HostedZoneId="Z1", ResourceRecordSets=[{"Name": record, "Type": "A", "AliasTarget": alias}])
    return world


@pytest.mark.parametrize("target", ["aws:ecr.api", "api.ecr.eu-west-1.amazonaws.com:443"])
def test_s065_a_private_zone_leads_to_the_endpoint_of_another_vpc(target: str):
    assert met(reachable(ask(shared(), PEER_CLIENT, target)), PEERING)


def test_s065_a_private_zone_without_the_record_hides_the_public_name():
    answer = ask(shared("other.ecr.eu-west-1.amazonaws.com."), PEER_CLIENT, "aws:ecr.api")
    assert codes(answer) == ["NO_SUCH_NAME"]


def test_s065_no_private_zone_answers_without_both_dns_attributes():
    assert "ENDPOINT_MISSING" in codes(ask(shared(dns=(True, False)), PEER_CLIENT, "aws:ecr.api"))


def test_s065_that_no_private_zone_answers_is_an_assumption_when_nobody_listed_them():
    world = world_with(None)
    world.forget("HostedZones")
    assert "no private hosted zone" in ask(world, CLIENT, "aws:ecr.api")["assumptions"][0]


@pytest.mark.parametrize("target", [ENDPOINT, f"{ENDPOINT}-abcd.ecr.api.eu-west-1.vpce.amazonaws.com"])
def test_s065_an_endpoint_is_reached_by_its_id_and_its_own_name(target: str):
    reachable(ask(world_with(private_dns=False), CLIENT, f"{target}:443"))
    blocked(ask(world_with(state="failed"), CLIENT, f"{target}:443"), "BAD_STATE", fix=f"Replace {ENDPOINT}")


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("api.ecr.eu-west-1.amazonaws.com", "ecr.api"),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", "ecr.dkr"),
        ("secretsmanager.eu-west-1.amazonaws.com", "secretsmanager"),
        ("photos.s3.eu-west-1.amazonaws.com", "s3"),
    ],
)
def test_s066_the_usual_name_of_a_service_means_the_service(name: str, service: str):
    answer = ask(with_nat(world_with(service)), CLIENT, f"{name}:443")
    assert answer["to"] == f"aws:{service}:443/tcp"
    reachable(answer)


@pytest.mark.parametrize(
    ("private", "dns", "code"),
    [
        (False, (True, True), "ENDPOINT_PRIVATE_DNS_OFF"),
        (True, (True, False), "VPC_DNS_ATTRIBUTE_OFF"),
        (True, (False, True), "VPC_DNS_ATTRIBUTE_OFF"),
    ],
)
def test_s066_without_private_dns_the_name_stays_public(private: bool, dns: tuple[bool, bool], code: str):
    answer = ask(world_with(dns=dns, private_dns=private), CLIENT, "aws:ecr.api")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == code
    assert answer["blockers"][0]["component"] in (ENDPOINT, VPC)
    assert answer["blockers"][0]["component"] in answer["blockers"][0]["fix"]


@pytest.mark.parametrize(("private", "dns"), [(False, (True, True)), (True, (True, False))])
def test_s066_then_the_public_way_serves(private: bool, dns: tuple[bool, bool]):
    answer = reachable(ask(with_nat(world_with(dns=dns, private_dns=private)), CLIENT, "aws:ecr.api"))
    assert met(answer, NAT)


def test_s066_attributes_that_nobody_saved_are_unknown():
    world = world_with()
    world.forget("EnableDnsHostnames")
    unknown(ask(world, CLIENT, "aws:ecr.api"), "ec2:DescribeVpcAttribute")


def test_s066_endpoints_that_nobody_described_are_unknown():
    world = world_with()
    world.forget("VpcEndpoints")
    unknown(ask(world, CLIENT, "aws:ecr.api"), "ec2:DescribeVpcEndpoints")


def test_s067_a_closed_endpoint_breaks_even_those_with_a_nat():
    answer = blocked(
        ask(with_nat(world_with(ingress=[tcp(443, "10.0.9.0/24")])), CLIENT, "aws:ecr.api"),
        "ENI_SG_RULES_MISMATCH",
        component=DOOR_SG,
    )
    assert not met(answer, NAT)


def test_s067_without_the_endpoint_the_nat_serves():
    assert met(reachable(ask(with_nat(world_with(None)), CLIENT, "aws:ecr.api")), NAT)


def test_s068_ecr_dkr_needs_private_dns():
    reachable(ask(world_with("ecr.dkr"), CLIENT, "aws:ecr.dkr"))
    answer = ask(world_with("ecr.dkr", private_dns=False), CLIENT, "aws:ecr.dkr")
    assert codes(answer)[0] == "ENDPOINT_PRIVATE_DNS_OFF"


def with_s3(tables: list[str] | None = None, **more: Any) -> Account:
    """The client's world with a gateway endpoint for S3 on the main table."""
    endpoint = {key: more.pop(key) for key in ("state", "policy", "known") if key in more}
    world = world_with(None, **more)
    world.table("rtb-0e1e1e1e1e1e1e1e1", VPC)
    gateway_endpoint(world, VPC, [MAIN] if tables is None else tables, **endpoint)
    return world


def test_s069_a_gateway_endpoint_serves_the_tables_that_hold_its_route():
    answer = reachable(ask(with_s3(), CLIENT, "aws:s3"))
    assert met(answer, S3)


def test_s069_and_no_other():
    answer = ask(with_s3(["rtb-0e1e1e1e1e1e1e1e1"]), CLIENT, "aws:s3")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["ENDPOINT_NOT_ON_ROUTE_TABLE", "NO_ROUTE_TO_DESTINATION"]
    assert S3 in answer["blockers"][0]["fix"]
    assert answer["blockers"][1]["component"] == MAIN


def test_s069_its_route_is_longer_than_the_one_to_a_nat():
    answer = reachable(ask(with_nat(with_s3()), CLIENT, "aws:s3"))
    assert met(answer, S3)
    assert not met(answer, NAT)


def test_s069_the_route_names_the_list_when_nobody_described_it():
    world = with_s3(egress=[tcp(443, S3_LIST)])
    world.forget("PrefixLists")
    assert met(reachable(ask(world, CLIENT, "aws:s3")), S3)


@pytest.mark.parametrize("inbound_only", [True, False])
def test_s069_private_dns_of_an_interface_endpoint_may_leave_the_vpc_to_the_gateway_endpoint(inbound_only: bool):
    world = with_s3()
    interface_endpoint(world, "s3", [(NET_B, "10.0.2.60")], DOOR_SG, id="vpce-0f3f3f3f3f3f3f3f3")
    held = world.items["vpce-0f3f3f3f3f3f3f3f3"]
    held["DnsOptions"] = {"DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": inbound_only}
    answer = reachable(ask(world, CLIENT, "aws:s3"))
    assert met(answer, S3) is inbound_only


def test_s069_a_list_without_ranges_still_leads_the_service_there():
    assert met(reachable(ask(with_s3(known=False), CLIENT, "aws:s3")), S3)


@pytest.mark.parametrize(
    ("egress", "verdict"),
    [
        ([tcp(443, S3_LIST)], "reachable"),
        ([tcp(443, ANY4)], "reachable"),
        ([tcp(443, "10.0.0.0/16")], "blocked"),
        ([tcp(80, S3_LIST)], "blocked"),
    ],
)
def test_s070_the_clients_group_must_allow_the_prefix_list(egress: list[dict[str, Any]], verdict: str):
    answer = ask(with_s3(egress=egress), CLIENT, "aws:s3")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert codes(answer) == ["ENI_SG_RULES_MISMATCH"]
        assert S3_LIST in answer["blockers"][0]["fix"]


def test_s070_nacls_need_the_ranges_of_s3():
    world = with_s3()
    world.entries(ACL, out(100, "allow", "-1", "10.0.0.0/16"), entry(100, "allow", "-1", ANY4))
    blocked(ask(world, CLIENT, "aws:s3"), "SUBNET_ACL_RESTRICTION", component=ACL)
    world.entries(ACL, out(100, "allow", "-1", ANY4), entry(100, "allow", "-1", "10.0.0.0/16"))
    blocked(ask(world, CLIENT, "aws:s3"), "<NACL_REPLY_RESTRICTION", component=ACL)


def test_s070_no_group_stands_at_a_gateway_endpoint():
    answer = reachable(ask(with_s3(), CLIENT, "aws:s3"))
    held = [hop["component"] for hop in answer["paths"][0]["forward"] if hop["kind"] == "security_group"]
    assert held == [CLIENT_SG]


def test_s070_it_carries_tcp_and_echoes_only():
    answer = ask(with_s3(egress=[udp((1, 65535), ANY4), everything()]), CLIENT, "3.5.64.9:443/udp")
    assert "VPCE_GATEWAY_PROTOCOL_RESTRICTION" in codes(answer)
    reachable(ask(with_s3(), CLIENT, "3.5.64.9:443"))


FAR_VPC, FAR_NET, FAR, PCX = (
    "vpc-0b2b2b2b2b2b2b2b2",
    "subnet-0b2b2b2b2b2b2b2b2",
    "eni-0b2b2b2b2b2b2b2b2",
    "pcx-0b2b2b2b2b2b2b2b2",
)


def test_s071_a_gateway_endpoint_serves_nobody_beyond_the_vpc():
    world = with_s3()
    world.vpc(FAR_VPC, "10.9.0.0/16")
    world.subnet(FAR_NET, FAR_VPC, "10.9.1.0/24")
    world.group("sg-0b2b2b2b2b2b2b2b2", FAR_VPC)
    world.interface(FAR, FAR_NET, "10.9.1.9", "sg-0b2b2b2b2b2b2b2b2")
    world.routes("rtb-main-0b2b2b2b2b2b2b2b2", route("3.5.64.0/21", PCX), route("52.218.0.0/17", PCX))
    world.add(
        "VpcPeeringConnections",
        PCX,
        {
            "VpcPeeringConnectionId": PCX,
            "Status": {"Code": "active", "Message": "Active"},
            "RequesterVpcInfo": {"VpcId": FAR_VPC, "CidrBlock": "10.9.0.0/16", "Region": REGION},
            "AccepterVpcInfo": {"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "Region": REGION},
        },
    )
    answer = ask(world, FAR, "3.5.64.9:443")
    assert answer["verdict"] == "blocked"
    assert not met(answer, S3)
    assert met(reachable(ask(world, CLIENT, "3.5.64.9:443")), S3)


def test_s072_an_endpoint_for_another_region_does_not_serve():
    answer = ask(world_with(region="us-east-1"), CLIENT, "aws:ecr.api")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == "ENDPOINT_MISSING"


def test_s072_nor_a_gateway_endpoint_for_another_region():
    world = with_s3()
    world.items[S3]["ServiceName"] = "com.amazonaws.us-east-1.s3"
    world.items[MAIN]["Routes"].pop()
    answer = ask(world, CLIENT, "aws:s3")
    assert answer["verdict"] == "blocked"
    assert codes(answer)[0] == "ENDPOINT_MISSING"


def test_s073_a_gateway_endpoint_needs_dns_resolution():
    reachable(ask(with_s3(dns=(True, False)), CLIENT, "aws:s3"))
    answer = ask(with_s3(dns=(False, False)), CLIENT, "aws:s3")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["VPC_DNS_ATTRIBUTE_OFF"]
    assert answer["blockers"][0]["component"] == VPC


STARPORT = f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*"


def _allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    held = {"Sid": "one", "Effect": "Allow", "Principal": "*", "Action": [action], "Resource": [resource]}
    return {"Version": "2012-10-17", "Statement": [held | more]}


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (None, "reachable"),
        (_allow("s3:GetObject", STARPORT), "reachable"),
        (_allow("s3:*", "*"), "reachable"),
        (_allow("s3:GetObject", "arn:aws:s3:::my-bucket/*"), "blocked"),
        (_allow("s3:PutObject", "*"), "blocked"),
        (_allow("s3:GetObject", STARPORT, Effect="Deny"), "blocked"),
    ],
)
def test_s074_the_policy_must_allow_the_layers_of_ecr(policy: dict[str, Any] | None, verdict: str):
    answer = ask(with_s3(policy=policy), CLIENT, "aws:s3")
    assert answer["verdict"] == verdict
    if verdict == "blocked":
        assert codes(answer) == ["ENDPOINT_POLICY_DENIES"]
        assert answer["blockers"][0]["component"] == S3
        assert "s3:GetObject" in answer["blockers"][0]["fix"]
        assert STARPORT in answer["blockers"][0]["fix"]


def test_s074_a_statement_that_denies_has_to_go():
    policy = _allow("*", "*")
    policy["Statement"] = [
        *policy["Statement"],
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"},
    ]
    answer = blocked(ask(with_s3(policy=policy), CLIENT, "aws:s3"), "ENDPOINT_POLICY_DENIES", component=S3)
    assert answer["blockers"][0]["fix"].startswith(f"Take out of the policy of {S3} the statement that denies")


def test_s074_a_policy_with_conditions_is_an_assumption():
    policy = _allow("s3:GetObject", STARPORT, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    answer = reachable(ask(with_s3(policy=policy), CLIENT, "aws:s3"))
    assert any(S3 in text for text in answer["assumptions"])


def test_s075_an_endpoint_opens_no_connection():
    world = world_with()
    world.items[CLIENT_SG]["IpPermissions"] = [everything()]
    (door,) = world.items[ENDPOINT]["NetworkInterfaceIds"]
    answer = ask(world, door, f"{CLIENT}:443")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["VPCE_INTRA_VPC_TRAFFIC"]
    reachable(ask(world, CLIENT, f"{door}:443"))


@pytest.mark.parametrize("state", ["pendingAcceptance", "pending", "deleting", "rejected", "failed"])
def test_s076_an_interface_endpoint_must_be_available(state: str):
    answer = ask(world_with(state=state), CLIENT, "aws:ecr.api")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE"]
    assert answer["blockers"][0]["component"] == ENDPOINT


@pytest.mark.parametrize("state", ["Available", "available"])
def test_s076_whatever_the_case_of_the_word(state: str):
    reachable(ask(world_with(state=state), CLIENT, "aws:ecr.api"))


def test_s076_a_gateway_endpoint_too():
    answer = ask(with_s3(state="pending"), CLIENT, "aws:s3")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["BAD_STATE"]


def _name_servers(world: Account, *servers: str) -> Account:
    world.add(
        "DhcpOptions",
        "dopt-0d0d0d0d0d0d0d0d0",
        {
            "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": server} for server in servers]}],
            "DhcpOptionsId": "dopt-0d0d0d0d0d0d0d0d0",
            "OwnerId": "111122223333",
            "Tags": [],
        },
    )
    return world


def test_s076_ones_own_name_servers_must_forward():
    answer = reachable(ask(_name_servers(world_with(), "10.0.0.53"), CLIENT, "aws:ecr.api"))
    assert any("10.0.0.53" in text for text in answer["assumptions"])
    answer = reachable(ask(_name_servers(world_with(), "AmazonProvidedDNS"), CLIENT, "aws:ecr.api"))
    assert not any("DNS" in text for text in answer["assumptions"])


def test_s069_the_prefix_list_alone_leads_nowhere():
    world = world_with(None)
    prefix_list(world)
    answer = ask(world, CLIENT, "aws:s3")
    assert answer["verdict"] == "blocked"
    assert codes(answer) == ["ENDPOINT_MISSING", "NO_ROUTE_TO_DESTINATION"]
