"""What the look ahead finds before the first write, each thing made wrong on purpose in a landlord's network."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fargate_net import app
from fargate_net.app import Wire
from fargate_net.app.preflight import offers
from fargate_net.app.preflight.run import preflight
from fargate_net.app.wishes import PlanView, Wish
from fargate_net.aws.call import Live
from fargate_net.errors import Denied
from fargate_net.model.change import Plan
from fargate_net.model.finding import Finding
from tests.story import landlord
from tests.story.conftest import ROOT, Teller
from tests.story.landlord import Estate
from tests.story.test_bring_your_own import network, service, spec

DRY_RUNS = {"ec2:CreateVpc", "ec2:CreateInternetGateway", "ec2:AllocateAddress", "ec2:CreateSecurityGroup"}
ALB = [{"alb": {"to": "app:80"}}]
CLOUD_MAP = [{"cloud_map": {"namespace": "shop.internal"}}]
NOWHERE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1111111111111111/2222222222222222"

Build = Callable[[Teller, Estate, Path], Path]
CASES: list[tuple[Build, str, str]] = []


def finds(code: str, *words: str) -> Callable[[Build], Build]:
    """The decorated function builds a spec for which the look ahead finds this, in a sentence with these words."""

    def register(build: Build) -> Build:
        CASES.append((build, code, " ".join(words)))
        return build

    return register


@finds("VPC_NOT_FOUND", "vpc-0123")
def no_such_vpc(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service()}, network={**network(estate), "vpc": "vpc-0123"})


@finds("SUBNET_NOT_IN_VPC", "PRIVATE2 is in")
def subnet_of_another_vpc(tell: Teller, estate: Estate, folder: Path) -> Path:
    other = landlord.estate(tell, "10.78.0.0/16")
    chosen = {"private": [estate.private[0], other.private[1]]}
    path = spec(folder, {"web": service()}, network={"vpc": estate.vpc, "subnets": chosen})
    (folder / "PRIVATE2").write_text(other.private[1])
    return path


@finds("SUBNET_NOT_IN_VPC", "There is no subnet subnet-0123")
def no_such_subnet(tell: Teller, estate: Estate, folder: Path) -> Path:
    chosen = {"private": [estate.private[0], "subnet-0123"]}
    return spec(folder, {"web": service()}, network={"vpc": estate.vpc, "subnets": chosen})


@finds("SUBNET_NOT_PUBLIC", "sends 0.0.0.0/0 to NAT, not to an internet gateway")
def public_that_is_private(tell: Teller, estate: Estate, folder: Path) -> Path:
    chosen = {"public": list(estate.private)}
    (folder / "NAT").write_text(estate.nat)
    return spec(folder, {"web": service(subnets="public")}, network={"vpc": estate.vpc, "subnets": chosen})


@finds("SUBNET_NOT_PUBLIC", "has no route to 0.0.0.0/0")
def public_without_a_route(tell: Teller, estate: Estate, folder: Path) -> Path:
    tell.client("ec2").delete_route(RouteTableId=estate.public_table, DestinationCidrBlock="0.0.0.0/0")
    return spec(folder, {"web": service(subnets="public")}, network=network(estate))


@finds("SUBNET_NOT_PRIVATE", "it is public")
def private_that_is_public(tell: Teller, estate: Estate, folder: Path) -> Path:
    chosen = {"private": list(estate.public)}
    return spec(folder, {"web": service()}, network={"vpc": estate.vpc, "subnets": chosen})


@finds("NO_START", "Tasks of web will not reach")
def private_without_a_way_out(tell: Teller, estate: Estate, folder: Path) -> Path:
    tell.client("ec2").delete_route(RouteTableId=estate.private_table, DestinationCidrBlock="0.0.0.0/0")
    return spec(folder, {"web": service()}, network=network(estate))


@finds("ONE_ZONE", "is in eu-west-1b only")
def one_zone_for_an_alb(tell: Teller, estate: Estate, folder: Path) -> Path:
    tag = [{"Key": "tier", "Value": "hidden"}]
    tell.client("ec2").create_tags(Resources=[estate.public[0]], Tags=tag)
    return spec(folder, {"web": service(expose=ALB)}, network=network(estate, tags=True))


@finds("SUBNETS_SHARE_ZONE", "which are all in eu-west-1a")
def two_subnets_of_a_zone(tell: Teller, estate: Estate, folder: Path) -> Path:
    more = landlord.subnet(tell, estate.vpc, "10.77.30.0/24", "eu-west-1a", "public")
    landlord.table(tell, estate.vpc, (more,), GatewayId=estate.gateway)
    return spec(folder, {"web": service(expose=ALB)}, network=network(estate, tags=True))


@finds("ZONE_NOT_SERVED", "(eu-west-1c) would get nothing from load balancer alb")
def tasks_where_no_balancer_is(tell: Teller, estate: Estate, folder: Path) -> Path:
    more = landlord.subnet(tell, estate.vpc, "10.77.30.0/24", "eu-west-1c", "private")
    landlord.table(tell, estate.vpc, (more,), NatGatewayId=estate.nat)
    return spec(folder, {"web": service(expose=ALB)}, network=network(estate, tags=True))


@finds("DNS_OFF", "enableDnsHostnames")
def host_names_off(tell: Teller, estate: Estate, folder: Path) -> Path:
    tell.client("ec2").modify_vpc_attribute(VpcId=estate.vpc, EnableDnsHostnames={"Value": False})
    return spec(folder, {"web": service(discovery=CLOUD_MAP)}, network=network(estate))


@finds("LISTENER_NOT_FOUND", NOWHERE)
def no_such_listener(tell: Teller, estate: Estate, folder: Path) -> Path:
    entry = {"to": "app:80", "listener": NOWHERE, "priority": 1, "paths": ["/*"]}
    web = service(expose=[{"alb": entry}], allow_from=["10.77.0.0/16"])
    return spec(folder, {"web": web}, network=network(estate))


@finds("NO_HEALTH", "Health checks will not reach the tasks of web on port 80")
def listener_that_is_not_let_in(tell: Teller, estate: Estate, folder: Path) -> Path:
    arn = landlord.listener(tell, estate, landlord.group(tell, estate.vpc, "landlord-alb"))
    entry = {"to": "app:80", "listener": arn, "priority": 1, "paths": ["/*"]}
    web = service(expose=[{"alb": entry}], allow_from=["192.0.2.1/32"])
    return spec(folder, {"web": web}, network=network(estate))


@finds("CLUSTER_NOT_FOUND", "no ECS cluster shared")
def no_such_cluster(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service()}, network=network(estate), cluster="shared")


@finds("CLUSTER_WITHOUT_FARGATE", "shared does not have the capacity provider FARGATE_SPOT")
def cluster_without_spot(tell: Teller, estate: Estate, folder: Path) -> Path:
    cluster = landlord.cluster(tell, "shared", ("FARGATE",))
    return spec(folder, {"web": service(spot=True)}, network=network(estate), cluster=cluster)


@finds("SECURITY_GROUP_ELSEWHERE", "cannot wear it")
def group_of_another_vpc(tell: Teller, estate: Estate, folder: Path) -> Path:
    other = tell.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    group = landlord.group(tell, other, "elsewhere")
    return spec(folder, {"web": service(security_groups=[group])}, network=network(estate))


@finds("SECURITY_GROUP_NOT_FOUND", "no security group sg-0123")
def no_such_group(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service(allow_from=["sg-0123"])}, network=network(estate))


@finds("NAMESPACE_NOT_FOUND", "ns-0123456789abcdef")
def no_such_namespace(tell: Teller, estate: Estate, folder: Path) -> Path:
    ways = [{"cloud_map": {"namespace": "ns-0123456789abcdef"}}]
    return spec(folder, {"web": service(discovery=ways)}, network=network(estate))


@finds("NAMESPACE_WITHOUT_DNS", "of type HTTP")
def namespace_without_records(tell: Teller, estate: Estate, folder: Path) -> Path:
    ways = [{"cloud_map": {"namespace": landlord.namespace(tell, "mesh", None)}}]
    return spec(folder, {"web": service(discovery=ways)}, network=network(estate))


@finds("NO_ROOM_FOR_TASKS", "needs 24 free addresses (24 for web); 22 are left")
def full_subnets(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service(count=12)}, network=_small(tell, estate, "private"))


@finds("NO_ROOM_FOR_BALANCER", "needs 8, beside 8 for another one")
def no_room_for_two_balancers(tell: Teller, estate: Estate, folder: Path) -> Path:
    both = [{"alb": {"to": "app:80"}}, {"alb": {"to": "app:80", "name": "two", "listen": 81}}]
    return spec(folder, {"web": service(expose=both, subnets="public")}, network=_small(tell, estate, "public"))


def _small(tell: Teller, estate: Estate, tier: str) -> dict[str, Any]:
    cidrs = (("10.77.40.0/28", "eu-west-1a"), ("10.77.40.16/28", "eu-west-1b"))
    small = tuple(landlord.subnet(tell, estate.vpc, cidr, zone, "small") for cidr, zone in cidrs)
    way = {"NatGatewayId": estate.nat} if tier == "private" else {"GatewayId": estate.gateway}
    landlord.table(tell, estate.vpc, small, **way)
    return {"vpc": estate.vpc, "subnets": {tier: list(small)}}


@finds("ZONE_TAKEN", "is called shop.internal and answers in")
def zone_of_that_name(tell: Teller, estate: Estate, folder: Path) -> Path:
    _zone(tell, estate, "shop.internal")
    return spec(folder, {"web": service(discovery=CLOUD_MAP)}, network=network(estate))


@finds("ZONES_OVERLAP", "names that end in shop.internal will be looked up in that zone alone, not in internal")
def zone_above(tell: Teller, estate: Estate, folder: Path) -> Path:
    _zone(tell, estate, "internal")
    return spec(folder, {"web": service(discovery=CLOUD_MAP)}, network=network(estate))


def _zone(tell: Teller, estate: Estate, name: str) -> None:
    where = {"VPCRegion": landlord.REGION, "VPCId": estate.vpc}
    private = {"PrivateZone": True, "Comment": ""}
    tell.client("route53").create_hosted_zone(Name=name, CallerReference=name, VPC=where, HostedZoneConfig=private)


@finds("NAME_TAKEN", "The task definition family tenant-web holds revisions that are not ours")
def family_of_others(tell: Teller, estate: Estate, folder: Path) -> Path:
    containers = [{"name": "app", "image": "nginx", "memory": 128}]
    tell.client("ecs").register_task_definition(family="tenant-web", containerDefinitions=containers)
    return spec(folder, {"web": service()}, network=network(estate))


@finds("NAME_TAKEN", "exists in", "OTHER and is not ours")
def balancer_of_another_vpc(tell: Teller, estate: Estate, folder: Path) -> Path:
    other = landlord.estate(tell, "10.78.0.0/16")
    path = spec(folder, {"web": service(expose=ALB)}, network=network(estate))
    drawn = Wish([path], Wire(endpoint_url=tell.served.endpoint)).graph["load_balancer/alb"].props.name
    group = landlord.group(tell, other.vpc, "theirs")
    tell.client("elbv2").create_load_balancer(Name=drawn, Subnets=list(other.public), SecurityGroups=[group])
    (folder / "OTHER").write_text(other.vpc)
    return path


@finds("QUOTA", "would have 61 rules of one direction in a security group; the quota is 60")
def too_many_rules(tell: Teller, estate: Estate, folder: Path) -> Path:
    sources = [f"192.0.2.{number}/32" for number in range(61)]
    return spec(folder, {"web": service(allow_from=sources)}, network=network(estate))


@finds("QUOTA", "would have 6 VPCs in the Region; the quota is 5")
def too_many_vpcs(tell: Teller, estate: Estate, folder: Path) -> Path:
    for number in range(3):
        tell.client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
    return spec(folder, {"web": service()}, network={"cidr": "10.9.0.0/16"})


@finds("RANGES_OVERLAP", "The range 10.77.0.0/20 overlaps")
def range_of_others(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service()}, network={"cidr": "10.77.0.0/20"})


@finds("ENDPOINT_NOT_OFFERED", "AWS offers no endpoint service com.amazonaws.eu-west-1.no-such-thing")
def endpoint_of_no_service(tell: Teller, estate: Estate, folder: Path) -> Path:
    own = {"cidr": "10.9.0.0/16", "egress": "endpoints", "endpoints": ["no-such-thing"]}
    return spec(folder, {"web": service()}, network=own)


@finds("OWN_RESOLVER", "gives 10.77.0.53 as resolver")
def resolver_of_their_own(tell: Teller, estate: Estate, folder: Path) -> Path:
    ec2 = tell.client("ec2")
    servers = [{"Key": "domain-name-servers", "Values": ["10.77.0.53"]}]
    options = ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=estate.vpc)
    return spec(folder, {"web": service(discovery=CLOUD_MAP)}, network=network(estate))


@finds("TOO_MANY_SUBNETS", "would run in 17 private subnets; ECS takes 16")
def too_many_subnets(tell: Teller, estate: Estate, folder: Path) -> Path:
    more = tuple(landlord.subnet(tell, estate.vpc, f"10.77.{100 + n}.0/24", "eu-west-1a", "many") for n in range(17))
    landlord.table(tell, estate.vpc, more, NatGatewayId=estate.nat)
    return spec(folder, {"web": service()}, network={"vpc": estate.vpc, "subnets": {"private": {"tag": "tier=many"}}})


@finds("SUBNET_TOO_SMALL", "is 10.77.40.0/28; load balancer alb wants /27 or larger to grow")
def small_subnets_for_an_alb(tell: Teller, estate: Estate, folder: Path) -> Path:
    return spec(folder, {"web": service(expose=ALB, subnets="public")}, network=_small(tell, estate, "public"))


@finds("NAME_TAKEN", "An IAM role named tenant-eu-west-1-web-execution exists and is not ours")
def role_of_others(tell: Teller, estate: Estate, folder: Path) -> Path:
    tell.client("iam").create_role(RoleName="tenant-eu-west-1-web-execution", AssumeRolePolicyDocument="{}")
    return spec(folder, {"web": service()}, network=network(estate))


@finds("QUOTA", "would have 6 Elastic IP addresses in the Region; AWS allows 5 unless more")
def too_many_addresses(tell: Teller, estate: Estate, folder: Path) -> Path:
    for _ in range(4):
        tell.client("ec2").allocate_address(Domain="vpc")
    return spec(folder, {"web": service()}, network={"cidr": "10.9.0.0/16", "egress": "nat"})


@finds("RANGES_OVERLAP", "is connected to")
def range_behind_a_transit_gateway(tell: Teller, estate: Estate, folder: Path) -> Path:
    ec2, other = tell.client("ec2"), landlord.estate(tell, "10.77.0.0/16")
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    for one in (estate, other):
        ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=one.vpc, SubnetIds=list(one.private))
    return spec(folder, {"web": service()}, network=network(estate))


@pytest.mark.parametrize(("build", "code", "words"), CASES, ids=[build.__name__ for build, _, _ in CASES])
def test_it_is_found(tell: Teller, tmp_path: Path, build: Build, code: str, words: str) -> None:
    path = build(tell, landlord.estate(tell), tmp_path)
    for named in tmp_path.iterdir():
        if named.is_file() and named.name.isupper():
            words = words.replace(named.name, named.read_text())
    found = plan(tell, path).findings
    assert [f for f in found if f.code == code and words in f.sentence], found
    assert not [f for f in found if f.code == "NOT_CHECKED"]


def test_just_enough_is_enough(tell: Teller, tmp_path: Path) -> None:
    """As many tasks as there are addresses, and as many rules as a group may have."""
    sources = [f"192.0.2.{number}/32" for number in range(60)]
    small = _small(tell, landlord.estate(tell), "private")
    assert plan(tell, spec(tmp_path, {"web": service(count=11, allow_from=sources)}, network=small)).findings == ()


def plan(tell: Teller, path: Path) -> PlanView:
    return app.plan([path], Wire(endpoint_url=tell.served.endpoint))


def test_a_run_does_not_begin(tell: Teller, tmp_path: Path) -> None:
    path = no_such_cluster(tell, landlord.estate(tell), tmp_path)
    assert tell("plan", path).exit_code == 0
    assert "Error: There is no ECS cluster shared in eu-west-1." in tell("plan", path).stdout
    tell.forget_calls()
    up = tell("up", path, "--yes")
    assert up.exit_code == 1
    assert "Error: One thing stands in the way of this plan; nothing was changed." in up.stderr
    assert set(tell.writes()) <= DRY_RUNS
    groups = tell.client("ec2").describe_security_groups()["SecurityGroups"]
    assert not [group for group in groups if group["GroupName"].startswith("tenant-")]
    assert '"code": "CLUSTER_NOT_FOUND"' in tell("up", path, "--yes", "--output", "json").stderr


def test_nothing_is_foreseen_or_drawn_on_ground_that_is_not_there(tell: Teller, tmp_path: Path) -> None:
    path = no_such_subnet(tell, landlord.estate(tell), tmp_path)
    for words in (("reach-check", path, "--planned"), ("export", "cloudformation", path)):
        told = tell(*words)
        assert told.exit_code == 2
        assert told.stdout == ""
        assert told.stderr.startswith("Error: There is no subnet subnet-0123 in vpc-")


@pytest.mark.parametrize("state", ["active", "deleted"])
def test_a_peer_in_the_same_range(tell: Teller, tmp_path: Path, state: str) -> None:
    """A peering stands as long as the first ranges differ; a range that came later may clash."""
    estate, ec2 = landlord.estate(tell), tell.client("ec2")
    peer = ec2.create_vpc(CidrBlock="10.90.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_vpc_peering_connection(VpcId=estate.vpc, PeerVpcId=peer)["VpcPeeringConnection"]
    peering = made["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    path = spec(tmp_path, {"web": service()}, network=network(estate))
    wish = Wish([path], Wire(endpoint_url=tell.served.endpoint))
    found = wish.live.kind("vpc_peering")[peering]
    sides = {"requester": found.props.requester, "accepter": found.props.accepter}
    sides = {word: replace(side, cidrs=("10.77.8.0/24",)) if side.vpc == peer else side for word, side in sides.items()}
    wish.live = wish.live.with_([replace(found, props=replace(found.props, state=state, **sides))])
    said = [finding.sentence for finding in preflight(wish, wish.plan())]
    expected = f"{peer} is connected to {estate.vpc} by {peering} and overlaps it (10.77.8.0/24 and 10.77.0.0/16)."
    assert said == ([expected] if state == "active" else [])


def test_a_warning_does_not_stop_a_run(tell: Teller, tmp_path: Path) -> None:
    path = spec(tmp_path, {"web": service()}, network={"cidr": "172.31.0.0/20"})
    up = tell("up", path, "--yes")
    assert up.exit_code == 0, up.stderr
    assert "Warning: The range 172.31.0.0/20 overlaps vpc-" in up.stderr


def test_an_empty_plan_reads_nothing() -> None:
    assert preflight(None, Plan("tenant")) == ()  # type: ignore[arg-type]


def refusing(monkeypatch: pytest.MonkeyPatch, *operations: str) -> None:
    """AWS denies these operations."""
    read, write = Live.read, Live.write

    def denied(call: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def answer(self: Live, operation: str, **params: Any) -> dict[str, Any]:
            if operation in operations:
                what = f"{operation} failed: you are not authorized."
                raise Denied(what, operation=operation, code="UnauthorizedOperation")
            return call(self, operation, **params)

        return answer

    monkeypatch.setattr(Live, "read", denied(read))
    monkeypatch.setattr(Live, "write", denied(write))


def test_what_may_not_be_read_is_a_warning(tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spec(tmp_path, {"web": service()}, network={"cidr": "10.9.0.0/16", "egress": "endpoints"})
    refusing(monkeypatch, "ec2.describe_vpc_endpoint_services")
    (found,) = plan(tell, path).findings
    assert (found.severity, found.code) == ("warning", "NOT_CHECKED")
    assert found.hint == "Allow ec2:DescribeVpcEndpointServices to have it checked."
    why = "ec2.describe_vpc_endpoint_services failed: you are not authorized."
    assert found.sentence == f"Could not check which endpoint services the zones offer: {why}"


def test_what_may_not_be_made_is_an_error_of_runs_alone(
    tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spec(tmp_path, {"web": service()}, network=network(landlord.estate(tell)))
    refusing(monkeypatch, "ec2.create_security_group")
    assert plan(tell, path).findings == ()
    wire = Wire(endpoint_url=tell.served.endpoint)
    found = app.up([path], wire).plan_view.findings
    assert [(f.severity, f.code) for f in found] == [("error", "DENIED")]
    assert found[0].sentence.startswith("You may not ec2:CreateSecurityGroup, which security_group/web needs: ")


def test_zones_without_an_endpoint_service_or_fargate(
    tell: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spec(tmp_path, {"web": service()}, network={"cidr": "10.9.0.0/16", "egress": "endpoints"})
    read = Live.read

    def answer(self: Live, operation: str, **params: Any) -> dict[str, Any]:
        answered = read(self, operation, **params)
        for detail in answered.get("ServiceDetails", ()):
            if detail["ServiceName"].endswith(".logs"):
                detail["AvailabilityZones"].remove("eu-west-1b")
        return answered

    monkeypatch.setattr(Live, "read", answer)
    monkeypatch.setattr(offers, "FARGATE_ZONES", {landlord.REGION: frozenset({"euw1-az1", "euw1-az2"})})
    found = {finding.code: finding for finding in plan(tell, path).findings}
    assert sorted(found) == ["ENDPOINT_NOT_OFFERED", "ZONE_WITHOUT_FARGATE"]
    said: Finding = found["ENDPOINT_NOT_OFFERED"]
    assert said.sentence == "The endpoint service com.amazonaws.eu-west-1.logs is not offered in eu-west-1b."
    assert said.hint == "Name zones that have it: network: {zones: [eu-west-1a, eu-west-1c]}"
    assert found["ZONE_WITHOUT_FARGATE"].sentence.startswith("Fargate does not run in eu-west-1a (euw1-az3), where ")


def test_every_finding_is_in_the_docs() -> None:
    folder = Path(offers.__file__).parent
    made = {
        node.args[0].value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and re.fullmatch("[A-Z_]{4,}", str(node.args[0].value))
    }
    page = (ROOT / "docs" / "bring-your-own.md").read_text()
    assert made == set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
