"""The long form: defaults, short forms and what hangs on another field."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from fargate_net.spec.models import AllowFrom, NlbExpose, Port, Service, Stack, To
from tests.spec.marked import ECR, loaded, stack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/abc-1"


def web(text: str) -> Service:
    return loaded(text).stack.services["web"]


def test_the_defaults_of_a_service() -> None:
    service = web(stack())
    assert (service.cpu, service.memory, service.count) == (256, 512, 2)
    assert (service.subnets, service.public_ip, service.spot, service.exec) == ("private", False, False, False)
    assert (service.grace, service.ephemeral_storage, service.log.retention) == (60, 20, 14)
    deployment = service.deployment
    assert (deployment.min_percent, deployment.max_percent) == (100, 200)
    assert (deployment.circuit_breaker, deployment.rollback) == (True, True)


def test_the_defaults_of_a_balancer_and_its_health_check() -> None:
    alb = web(stack(service="expose: [alb: {}]")).expose[0].alb
    assert alb is not None
    assert (alb.to, alb.listen, alb.protocol) == (To(container="app", port=80), 80, "http")
    assert (alb.idle_timeout, alb.deregistration_delay, alb.sources) == (60, 60, ("0.0.0.0/0",))
    check = alb.health
    assert (check.protocol, check.path, check.codes) == ("http", "/", "200-299")
    assert (check.interval, check.timeout, check.healthy, check.unhealthy) == (15, 10, 2, 2)


def test_a_certificate_makes_it_https_on_443() -> None:
    alb = web(stack(service=f"expose: [alb: {{certificate: {CERTIFICATE}}}]")).expose[0].alb
    assert alb is not None
    assert (alb.listen, alb.protocol, alb.redirect) == (443, "https", True)
    assert alb.tls_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"


@pytest.mark.parametrize(
    ("entry", "protocol", "preserved"),
    [
        ("{listen: 5}", "tcp", False),
        ("{listen: 5, health: {interval: 30}}", "tcp", False),
        ("{listen: 5, health: {path: /ok}}", "http", False),
        ("{listen: 5, health: {codes: '200'}}", "http", False),
        ("{listen: 5, health: {protocol: https, path: /ok}}", "https", False),
        ("{listen: 5, protocol: udp}", "tcp", True),
    ],
)
def test_a_network_balancer_checks_by_tcp_unless_http_is_meant(entry: str, protocol: str, preserved: bool) -> None:
    port = "53/udp" if "udp" in entry else "80"
    nlb = web(stack(service=f"expose: [nlb: {entry}]", container=f"ports: [{port}]")).expose[0].nlb
    assert nlb is not None
    assert (nlb.health.protocol, nlb.preserve_client_ip, nlb.cross_zone) == (protocol, preserved, True)


def test_grpc_has_a_health_check_of_its_own() -> None:
    alb = web(stack(service=f"expose: [alb: {{protocol_version: grpc, certificate: {CERTIFICATE}}}]")).expose[0].alb
    assert alb is not None
    assert (alb.health.path, alb.health.codes) == ("/AWS.ALB/healthcheck", "12")


@pytest.mark.parametrize(
    ("network", "service", "subnets", "public_ip"),
    [
        ("egress: public", "", "public", True),
        ("egress: nat", "", "private", False),
        ("egress: nat", "subnets: public", "public", True),
        ("egress: endpoints", "subnets: public", "public", False),
        ("egress: endpoints+nat", "subnets: public", "public", False),
        ("egress: public", "public_ip: true", "public", True),
        ("vpc: vpc-0abc\nsubnets: {public: [subnet-1111]}", "subnets: public", "public", True),
    ],
)
def test_public_addresses_follow_subnet_and_egress(network: str, service: str, subnets: str, public_ip: bool) -> None:
    found = web(stack(network=network, service=service))
    assert (found.subnets, found.public_ip) == (subnets, public_ip)


@pytest.mark.parametrize(
    ("network", "entry", "sources"),
    [
        ("egress: endpoints", "{}", ("0.0.0.0/0",)),
        ("egress: endpoints\nipv6: true", "{}", ("0.0.0.0/0", "::/0")),
        ("egress: endpoints\ncidr: 10.9.0.0/16", "{internal: true}", ("10.9.0.0/16",)),
        ("egress: endpoints", "{sources: [10.0.0.0/8]}", ("10.0.0.0/8",)),
    ],
)
def test_who_may_connect_to_a_balancer_by_default(network: str, entry: str, sources: tuple[str, ...]) -> None:
    alb = web(stack(network=network, service=f"expose: [alb: {entry}]")).expose[0].alb
    assert alb is not None
    assert alb.sources == sources


@pytest.mark.parametrize(
    ("written", "port"),
    [
        ("80", Port(port=80)),
        ('"80"', Port(port=80)),
        ("53/udp", Port(port=53, protocol="udp")),
        ("{port: 80, name: web}", Port(port=80, name="web")),
    ],
)
def test_short_ports(written: str, port: Port) -> None:
    assert web(stack(container=f"ports: [{written}]")).containers[0].ports == (port,)


def test_short_sources() -> None:
    entries = web(stack(service="allow_from: [web, {from: 10.0.0.0/8, ports: [80]}]")).allow_from
    assert entries == (
        AllowFrom.model_validate({"from": "web"}),
        AllowFrom.model_validate({"from": "10.0.0.0/8", "ports": [80]}),
    )


def test_a_port_alone_finds_its_container() -> None:
    more = f'\n  - {{name: php, image: "{ECR}", ports: [9000]}}'
    text = stack(service="expose: [nlb: {listen: 1, to: 9000}]").replace(
        "ports: [80]\n", f"ports: [80]{more}\n".replace("\n  -", "\n      -")
    )
    nlb = web(text).expose[0].nlb
    assert nlb is not None
    assert nlb.to == To(container="php", port=9000)


def test_sizes_with_units_and_commands_as_one_line() -> None:
    service = web(
        stack(
            service='cpu: "0.5 vCPU"\nmemory: 2 GB',
            container='command: sh -c "echo hi"\nhealth: curl localhost\nuser: 1000:1000',
        )
    )
    assert (service.cpu, service.memory) == (512, 2048)
    container = service.containers[0]
    assert container.command == ("sh", "-c", "echo hi")
    assert container.health is not None
    assert container.health.command == ("CMD-SHELL", "curl localhost")
    assert container.health.retries == 3


def test_zones_as_number_and_as_names() -> None:
    assert loaded(stack(network="zones: 3\negress: endpoints")).stack.network.zones.count == 3
    zones = loaded(stack(network="zones: [eu-west-1b, eu-west-1c]\negress: endpoints")).stack.network.zones
    assert (zones.count, zones.names) == (2, ("eu-west-1b", "eu-west-1c"))


def test_scaling_starts_at_its_minimum_and_holds_cpu() -> None:
    service = web(stack(service="scaling: {min: 3, max: 9}"))
    assert service.count == 3
    assert service.scaling is not None
    assert (service.scaling.cpu, service.scaling.cooldown) == (60, 300)
    explicit = web(stack(service="scaling: {min: 3, max: 9, memory: 70}")).scaling
    assert explicit is not None
    assert (explicit.cpu, explicit.memory) == (None, 70)


def test_names_in_discovery_default_to_the_service_and_srv_to_the_only_port() -> None:
    entry = web(stack(service="discovery: [cloud_map: {namespace: shop.local}]")).discovery[0].cloud_map
    assert entry is not None
    assert (entry.name, entry.records, entry.ttl) == ("web", ("A", "SRV"), 10)
    assert entry.to == To(container="app", port=80)
    silent = (
        web(stack(service="discovery: [cloud_map: {namespace: a.b}]", container="ports: []")).discovery[0].cloud_map
    )
    assert silent is not None
    assert (silent.records, silent.to) == (("A",), None)


def test_srv_takes_the_port_that_everything_else_leads_to() -> None:
    text = stack(
        service="expose: [alb: {to: app:81}, nlb: {listen: 5, to: app:81}]\ndiscovery: [cloud_map: {namespace: a.b}]",
        container="ports: [80, 81]",
    )
    entry = web(text).discovery[0].cloud_map
    assert entry is not None
    assert entry.to == To(container="app", port=81)


def test_service_connect_names_the_port_it_needs() -> None:
    service = web(stack(service="cpu: 512\nmemory: 1024\ndiscovery: [service_connect: {namespace: a.b, port: app:80}]"))
    entry = service.discovery[0].service_connect
    assert entry is not None
    assert (entry.name, entry.listen, entry.port) == ("web", 80, To(container="app", port=80))
    assert service.containers[0].ports[0].name == "app-80"


def test_the_models_do_not_change() -> None:
    service = web(stack())
    with pytest.raises(ValidationError):
        service.count = 5  # type: ignore[misc]


def test_models_can_be_made_by_hand() -> None:
    assert NlbExpose(listen=5, to=To(container="a", port=1)).health.protocol == "tcp"
    assert Stack(stack="a").network.egress == "nat"
