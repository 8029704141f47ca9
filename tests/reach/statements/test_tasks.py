"""Statements 77-99: Fargate tasks and ECS services."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reach.statements.asking import ask, blocked, codes, hops, kinds, met, needs, reachable, rule_at, unknown
from tests.reach.statements.aws_ecs import cloud_map, container, logs, service
from tests.reach.statements.aws_json import ANY4, Account, Raw, route
from tests.reach.statements.aws_nat import NAT, gateway_endpoint, interface_endpoint, nat_gateway
from tests.reach.statements.aws_rules import ANY6, entry, everything, out, tcp
from tests.reach.statements.scenes import (
    ACL,
    CLIENT,
    CLIENT_IP,
    CLIENT_SG,
    IGW,
    MAIN,
    NET_A,
    NET_B,
    PUBLIC_TABLE,
    VPC,
    gateway,
)

TASK_SG, DOOR_SG = "sg-0ecececececececec", "sg-0d1d1d1d1d1d1d1d1"
WEB0, WEB1 = "eni-0ec0ec0ec0ec0ec00", "eni-0ec0ec0ec0ec0ec01"
ZERO = {"eni": WEB0, "subnet": NET_A, "ip": "10.0.1.100"}
ONE = {"eni": WEB1, "subnet": NET_A, "ip": "10.0.1.101"}


def base(ingress: list[Raw] | None = None, egress: list[Raw] | None = None) -> Account:
    """Two subnets, a client, and the group that tasks will carry: TCP 80 from the client's group."""
    world = Account()
    world.vpc(VPC, "10.0.0.0/16")
    world.subnet(NET_A, VPC, "10.0.1.0/24", "a")
    world.subnet(NET_B, VPC, "10.0.2.0/24", "b")
    world.group(CLIENT_SG, VPC)
    world.group(TASK_SG, VPC, [tcp(80, CLIENT_SG)] if ingress is None else ingress, egress)
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG)
    return world


def shop(*containers: Raw, tasks: tuple[dict[str, str], ...] = (ZERO,), **more: Any) -> Account:
    """The base with the service ``web``."""
    world = base(more.pop("ingress", None), more.pop("egress", None))
    service(world, "web", tasks, *(containers or (container("nginx", 80),)), group=TASK_SG, **more)
    return world


def endpoints(world: Account, *names: str, s3: tuple[str, ...] = (MAIN,)) -> Account:
    """Interface endpoints in B, and the gateway endpoint for S3 on these tables."""
    world.group(DOOR_SG, VPC, [tcp(443, "10.0.0.0/16")])
    for number, name in enumerate(names):
        spot = [(NET_B, f"10.0.2.{50 + number}")]
        interface_endpoint(world, name, spot, DOOR_SG, id=f"vpce-{number}d1d1d1d1d1d1d1d1")
    if s3:
        gateway_endpoint(world, VPC, s3)
    return world


def test_s077_the_groups_of_the_interface_are_those_of_the_task():
    reachable(ask(shop(), CLIENT, "web:80"))
    world = shop()
    world.group("sg-0ecececececececee", VPC, [tcp(443, ANY4)])
    world.items[WEB0]["Groups"] = [{"GroupName": "x", "GroupId": "sg-0ecececececececee"}]
    blocked(ask(world, CLIENT, "web:80"), "ENI_SG_RULES_MISMATCH", component="sg-0ecececececececee")


def test_s077_each_task_is_an_interface_of_its_own():
    world = shop(tasks=(ZERO, ONE))
    world.items[WEB1]["Groups"] = []
    world.group("sg-0ecececececececee", VPC)
    world.items[WEB1]["Groups"] = [{"GroupName": "x", "GroupId": "sg-0ecececececececee"}]
    answer = ask(world, CLIENT, "web:80")
    assert answer["verdict"] == "partial"
    assert [entry["tasks"] for entry in answer["open"]] == [[next(t for t in world.items if t.startswith("00000000"))]]


def test_s078_pull_logs_and_secrets_leave_through_the_tasks_interface():
    web = container("nginx", 80, **logs(), secrets=[{"name": "A", "valueFrom": "arn:aws:secretsmanager:x:1:secret:a"}])
    found = needs(endpoints(shop(web), "ecr.api", "ecr.dkr", "logs", "secretsmanager"), "web")
    assert set(found) == {"aws:ecr.api", "aws:ecr.dkr", "aws:s3", "aws:logs", "aws:secretsmanager"}
    for answer in found.values():
        reachable(answer)
        assert hops(answer)[0] == (TASK_SG, "security_group")


@pytest.mark.parametrize("platform", ["1.0.0", "1.3.0"])
def test_s078_before_platform_1_4_some_of_it_used_an_interface_nobody_sees(platform: str):
    found = needs(shop(platform=platform, egress=[tcp(80, ANY4)]), "web")
    for answer in found.values():
        assert answer["verdict"] == "unknown"
        assert any(platform in text for text in answer["missing"])


def test_s079_without_egress_to_443_a_task_cannot_start():
    found = needs(endpoints(shop(egress=[tcp(80, ANY4)]), "ecr.api", "ecr.dkr"), "web")
    for answer in found.values():
        assert answer["verdict"] == "blocked"
        assert codes(answer) == ["ENI_SG_RULES_MISMATCH"]
        assert answer["blockers"][0]["component"] == TASK_SG
        assert "443" in answer["blockers"][0]["fix"]


def test_s079_with_it_the_task_starts():
    for answer in needs(endpoints(shop(egress=[tcp(443, ANY4)]), "ecr.api", "ecr.dkr"), "web").values():
        reachable(answer)


def _in_public(world: Account) -> Account:
    gateway(world)
    world.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_A])
    return world


def test_s080_in_a_public_subnet_a_task_needs_a_public_address():
    for answer in needs(_in_public(shop()), "web").values():
        assert answer["verdict"] == "blocked"
        assert "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" in codes(answer)
        assert any("assignPublicIp" in b["fix"] for b in answer["blockers"])
    for answer in needs(_in_public(shop(tasks=(ZERO | {"public": "198.51.100.30"},), public=True)), "web").values():
        reachable(answer)


def test_s080_in_a_private_subnet_it_needs_a_nat_or_endpoints():
    world = shop()
    for answer in needs(world, "web").values():
        assert codes(answer)[0] == "ENDPOINT_MISSING"
        assert "NO_ROUTE_TO_DESTINATION" in codes(answer)
    gateway(world)
    world.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_B])
    world.routes(MAIN, route(ANY4, nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")))
    for answer in needs(world, "web").values():
        assert met(reachable(answer), NAT)


def test_s081_a_public_address_comes_with_a_new_task_only():
    (fix,) = [b["fix"] for b in ask(_in_public(shop(ingress=[tcp(80, ANY4)])), "internet", "web:80")["blockers"]]
    assert fix.startswith("Start")
    assert "assignPublicIp" in fix
    assert "Elastic IP" not in fix


def test_s081_an_interface_of_ones_own_takes_an_elastic_ip():
    world = _in_public(base())
    world.items[CLIENT_SG]["IpPermissions"] = [tcp(80, ANY4)]
    answer = blocked(ask(world, "internet", f"{CLIENT}:80"), "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")
    assert "Elastic IP" in answer["blockers"][0]["fix"]


def test_s082_a_pull_needs_two_interface_endpoints_and_the_gateway_endpoint():
    for answer in needs(endpoints(shop(), "ecr.api", "ecr.dkr"), "web").values():
        reachable(answer)


@pytest.mark.parametrize("left_out", ["ecr.api", "ecr.dkr"])
def test_s082_each_of_them_is_needed(left_out: str):
    found = needs(endpoints(shop(), *({"ecr.api", "ecr.dkr"} - {left_out})), "web")
    answer = found.pop(f"aws:{left_out}")
    assert codes(answer)[0] == "ENDPOINT_MISSING"
    assert f"com.amazonaws.eu-west-1.{left_out}" in answer["blockers"][0]["fix"]
    for other in found.values():
        reachable(other)


def test_s082_an_interface_endpoint_for_s3_does_not_carry_layers():
    world = endpoints(shop(), "ecr.api", "ecr.dkr", s3=())
    spot = [(NET_B, "10.0.2.70")]
    interface_endpoint(world, "s3", spot, DOOR_SG, id="vpce-0353535353535353a", private_dns=False)
    found = needs(world, "web")
    assert found["aws:s3"]["verdict"] == "blocked"
    assert codes(found["aws:s3"])[0] == "ENDPOINT_PRIVATE_DNS_OFF"


def test_s083_open_registries_and_a_closed_s3_hang_after_the_manifest():
    found = needs(endpoints(shop(), "ecr.api", "ecr.dkr", s3=()), "web")
    reachable(found["aws:ecr.api"])
    reachable(found["aws:ecr.dkr"])
    answer = found["aws:s3"]
    assert codes(answer) == ["ENDPOINT_MISSING", "NO_ROUTE_TO_DESTINATION"]
    assert "gateway endpoint" in answer["blockers"][0]["fix"]
    assert MAIN in answer["blockers"][0]["fix"]


def test_s083_the_gateway_endpoint_must_be_on_the_tasks_own_table():
    world = shop()
    world.table(PUBLIC_TABLE, VPC, subnets=[NET_B])
    answer = needs(endpoints(world, "ecr.api", "ecr.dkr", s3=(PUBLIC_TABLE,)), "web")["aws:s3"]
    assert codes(answer)[0] == "ENDPOINT_NOT_ON_ROUTE_TABLE"
    assert answer["blockers"][0]["component"] == "vpce-05353535353535353"
    assert MAIN in answer["blockers"][0]["fix"]


def test_s083_a_subnet_where_no_task_runs_yet_counts_too():
    world = endpoints(shop(subnets=[NET_A, NET_B]), "ecr.api", "ecr.dkr")
    reachable(needs(world, "web")["aws:s3"])
    world.table(PUBLIC_TABLE, VPC, subnets=[NET_B])
    answer = needs(world, "web")["aws:s3"]
    assert answer["verdict"] == "partial"
    assert [(blocker["code"], blocker["component"]) for blocker in answer["blockers"]] == [
        ("ENDPOINT_NOT_ON_ROUTE_TABLE", "vpce-05353535353535353"),
        ("NO_ROUTE_TO_DESTINATION", PUBLIC_TABLE),
    ]
    assert f"no task of web runs in {NET_B}; judged by one task in each" in answer["assumptions"]
    assert PUBLIC_TABLE in answer["blockers"][0]["fix"]
    assert MAIN not in answer["blockers"][0]["fix"]


SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a"


@pytest.mark.parametrize(
    ("more", "needed"),
    [
        ({}, set()),
        (logs(), {"aws:logs"}),
        (
            {"secrets": [{"name": "A", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:a"}]},
            {"aws:secretsmanager"},
        ),
        ({"secrets": [{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/a"}]}, {"aws:ssm"}),
        ({"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/x.env"}]}, {"aws:s3"}),
        ({"logConfiguration": {"logDriver": "awsfirelens"}}, set()),
    ],
)
def test_s084_logs_secrets_and_files_are_needed_when_used(more: Raw, needed: set[str]):
    found = set(needs(shop(container("nginx", 80, image="docker.io/library/nginx:1", **more)), "web"))
    assert found == needed | {"internet"}


@pytest.mark.parametrize("on", [True, False])
def test_s085_exec_needs_ssmmessages(on: bool):
    assert ("aws:ssmmessages" in needs(shop(exec=on), "web")) == on


def test_s086_tasks_need_no_endpoint_of_ecs_itself():
    web = container("nginx", 80, **logs())
    found = needs(endpoints(shop(web, exec=True), "ecr.api", "ecr.dkr", "logs", "ssmmessages"), "web")
    assert not {"aws:ecs", "aws:ecs-agent", "aws:ecs-telemetry"} & set(found)
    for answer in found.values():
        reachable(answer)


def test_s086_whoever_asks_for_one_of_them_hears_that_it_is_not_there():
    world = endpoints(shop(), "ecr.api", "ecr.dkr")
    answer = ask(world, "web", "aws:ecs")
    assert codes(answer)[0] == "ENDPOINT_MISSING"


@pytest.mark.parametrize(
    "image", ["public.ecr.aws/nginx/nginx:1", "docker.io/library/nginx:1", "nginx:1", "quay.io/a/b"]
)
def test_s087_other_registries_need_the_internet(image: str):
    world = endpoints(shop(container("nginx", 80, image=image)), "ecr.api", "ecr.dkr", s3=())
    found = needs(world, "web")
    assert set(found) == {"internet"}
    assert found["internet"]["verdict"] == "blocked"
    gateway(world)
    world.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_B])
    world.routes(MAIN, route(ANY4, nat_gateway(world, NET_B, "10.0.2.99", "198.51.100.99")))
    reachable(needs(world, "web")["internet"])


@pytest.mark.parametrize(
    ("port", "verdict"), [(80, "reachable"), (9000, "reachable"), (9001, "reachable"), (22, "blocked")]
)
def test_s089_groups_and_not_mappings_protect_a_port(port: int, verdict: str):
    world = shop(
        container("nginx", 80), container("php", 9000), container("debug", 22), ingress=[tcp((80, 10000), CLIENT_SG)]
    )
    answer = ask(world, CLIENT, f"web:{port}")
    assert answer["verdict"] == verdict
    assert any("declares" in text for text in answer["assumptions"]) == (port == 9001)


def test_s091_that_the_process_listens_on_all_addresses_is_an_assumption():
    answer = reachable(ask(shop(), CLIENT, "web:80"))
    assert "the process listens on 0.0.0.0" in answer["assumptions"]
    inside = reachable(ask(shop(container("nginx", 80), container("php", 9000)), "web/nginx", "web/php:9000"))
    assert "the process listens on 127.0.0.1 or 0.0.0.0" in inside["assumptions"]


def test_s092_containers_of_a_task_meet_no_filter():
    world = shop(container("nginx", 80), container("php", 9000), ingress=[], egress=[])
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    answer = reachable(ask(world, "web/nginx", "web/php:9000"))
    assert kinds(answer) == ["loopback"]


@pytest.mark.parametrize("same", [True, False])
def test_s092_tasks_of_one_subnet_pass_their_groups_only(same: bool):
    other = ONE if same else {"eni": WEB1, "subnet": NET_B, "ip": "10.0.2.101"}
    world = shop(tasks=(ZERO,), ingress=[tcp(80, TASK_SG)])
    service(world, "api", [other], container("api", 80), group=TASK_SG)
    world.entries(ACL, entry(100, "deny", "-1", ANY4), out(100, "deny", "-1", ANY4))
    answer = ask(world, "web", "api:80")
    assert answer["verdict"] == ("reachable" if same else "blocked")
    world.items[TASK_SG]["IpPermissions"] = []
    assert "SG_HAS_NO_RULES" in codes(ask(world, "web", "api:80"))


def test_s094_a_task_without_ipv6_is_not_reached_because_another_has_it():
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2001:db8:1::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", "a", ipv6="2001:db8:1:1::/64")
    world.group(CLIENT_SG, VPC, egress=[everything(ANY4, ANY6)])
    world.group(TASK_SG, VPC, [tcp(80, "2001:db8:1::/56")])
    world.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, ipv6="2001:db8:1:1::10")
    service(world, "web", (ZERO | {"ipv6": "2001:db8:1:1::20"}, ONE), container("nginx", 80), group=TASK_SG)
    answer = ask(world, CLIENT, "web:80")
    assert answer["verdict"] == "partial"
    assert [len(row["tasks"]) for row in answer["open"]] == [1]
    world.items[TASK_SG]["IpPermissions"].append(tcp(80, "10.0.0.0/16"))
    reachable(ask(world, CLIENT, "web:80"))


@pytest.mark.parametrize("six", [True, False])
def test_s094_a_task_has_ipv6_when_its_interface_has(six: bool):
    world = Account()
    world.vpc(VPC, "10.0.0.0/16", ipv6="2a05:d018:aa:bb00::/56")
    world.subnet(NET_A, VPC, "10.0.1.0/24", ipv6="2a05:d018:aa:bb01::/64")
    gateway(world)
    world.routes(MAIN, route(ANY6, IGW))
    world.group(TASK_SG, VPC, [tcp(80, ANY4, ANY6)], [everything(ANY4, ANY6)])
    task = ZERO | ({"ipv6": "2a05:d018:aa:bb01::e"} if six else {})
    service(world, "web", [task], container("nginx", 80), group=TASK_SG)
    answer = ask(world, "2001:4860:4860::8888", "web:80")
    assert answer["verdict"] == ("reachable" if six else "blocked")
    if not six:
        assert codes(answer) == ["UNASSOCIATED_COMPONENT"]


@pytest.mark.parametrize("type", ["DNS_PRIVATE", "DNS_PUBLIC"])
def test_s095_cloud_map_always_means_the_private_address(type: str):
    world = _in_public(shop(tasks=(ZERO | {"public": "198.51.100.30"},)))
    cloud_map(world, VPC, "shop.local", "web", ["10.0.1.100"], type=type)
    answer = reachable(ask(world, CLIENT, "web.shop.local:80"))
    assert not met(answer, IGW)


def test_s095_instances_may_have_an_ipv6_address_or_none():
    world = shop()
    cloud_map(world, VPC, "shop.local", "web", ["10.0.1.100", "10.0.1.101"])
    held = next(other for other in world.others if "Instances" in other)["Instances"]
    del held[1]["Attributes"]["AWS_INSTANCE_IPV4"]
    reachable(ask(world, CLIENT, "web.shop.local:80"))
    held[0]["Attributes"] = {"AWS_INSTANCE_IPV6": "2001:db8::7"}
    assert ask(world, CLIENT, "web.shop.local:80")["verdict"] == "blocked"
    held[0]["Attributes"] = {"AWS_INSTANCE_CNAME": "db.example.com"}
    unknown(ask(world, CLIENT, "web.shop.local:80"), "web.shop.local")


def test_s095_from_the_internet_a_public_namespace_leads_nowhere():
    world = _in_public(shop(tasks=(ZERO | {"public": "198.51.100.30"},), ingress=[tcp(80, ANY4)]))
    cloud_map(world, VPC, "shop.example.com", "web", ["10.0.1.100"], type="DNS_PUBLIC")
    reachable(ask(world, "internet", "198.51.100.30:80"))
    assert ask(world, "internet", "web.shop.example.com:80")["verdict"] == "blocked"


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_s095_a_private_namespace_needs_both_dns_attributes(attribute: str):
    world = shop()
    cloud_map(world, VPC, "shop.local", "web", ["10.0.1.100"])
    reachable(ask(world, CLIENT, "web.shop.local:80"))
    next(other for other in world.others if attribute in other)[attribute] = {"Value": False}
    blocked(ask(world, CLIENT, "web.shop.local:80"), "VPC_DNS_ATTRIBUTE_OFF", component=VPC, fix=attribute[1:])


@pytest.mark.parametrize(("port", "verdict"), [(8080, "reachable"), (80, "blocked")])
def test_s096_service_connect_needs_the_target_port_in_the_tasks_group(port: int, verdict: str):
    world = shop(ingress=[tcp(port, TASK_SG)])
    spec = {"enabled": True, "namespace": "shop.local", "services": [{"portName": "http", "discoveryName": "api"}]}
    service(
        world,
        "api",
        [{"eni": WEB1, "subnet": NET_B, "ip": "10.0.2.101"}],
        container("api", 8080),
        group=TASK_SG,
        deployments=[{"id": "ecs-svc/1", "status": "PRIMARY", "serviceConnectConfiguration": spec}],
    )
    assert ask(world, "web", "api:8080")["verdict"] == verdict


@pytest.mark.parametrize(("key", "call"), [("Subnets", "ec2:DescribeSubnets"), ("taskDefinition", "ecs:DescribeTask")])
def test_s123_what_a_start_needs_is_unknown_without_its_facts(key: str, call: str):
    world = endpoints(shop(container("nginx", 80), subnets=(NET_A,)), "ecr.api", "ecr.dkr")
    for task in list(world.lists["tasks"]):
        world.lists["tasks"].remove(task)
    world.forget(key)
    found = needs(world, "web")
    assert found
    for answer in found.values():
        unknown(answer, call)


def test_s097_a_task_is_joined_to_its_interface_by_the_attachment():
    world = shop()
    assert WEB0 in [component for component, _ in hops(reachable(ask(world, CLIENT, "web:80")))]
    world.items[next(t for t in world.items if t.startswith("00000000"))]["attachments"] = []
    answer = blocked(ask(world, CLIENT, "web:80"), "NO_RUNNING_TASK")
    assert "interface" in answer["blockers"][0]["detail"]


def test_s097_a_stopped_task_keeps_its_details_while_its_interface_is_gone():
    world = shop()
    world.items[next(t for t in world.items if t.startswith("00000000"))]["lastStatus"] = "STOPPED"
    world.remove("NetworkInterfaces", WEB0)
    blocked(ask(world, CLIENT, "web:80"), "NO_RUNNING_TASK", fix="web")


def test_s098_rules_count_at_once_and_a_services_new_groups_with_new_tasks():
    world = shop()
    world.group("sg-0ecececececececee", VPC)
    config = world.items["web"]["networkConfiguration"]["awsvpcConfiguration"]
    config["securityGroups"] = ["sg-0ecececececececee"]
    answer = reachable(ask(world, CLIENT, "web:80"))
    assert rule_at(answer, TASK_SG) == f"ingress tcp 80 from {CLIENT_SG}"
    world.items[TASK_SG]["IpPermissions"] = []
    blocked(ask(world, CLIENT, "web:80"), "SG_HAS_NO_RULES", component=TASK_SG)
