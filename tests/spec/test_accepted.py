"""What must not be complained of: rules that cry wolf are worse than none."""

from __future__ import annotations

import pytest

from tests.spec.marked import ECR, loaded, problems, stack
from tests.spec.rows_network import CERTIFICATE, LISTENER, both, two

ENVIRONMENT = [
    "{PASSWORD_FILE: /run/secret}",
    "{TOKEN_URL: https://login.example.com/token}",
    "{SECRET_ARN: arn:aws:secretsmanager:eu-west-1:123456789012:secret:a}",
    "{KEY_ID: 1234-abcd}",
    "{JWT_PUBLIC_KEY: abcdef}",
    "{MONKEY: banana}",
    "{KEYBOARD: qwerty}",
    "{PASSWORD_REQUIRED: true, TOKEN_TTL: 3600, CSRF_TOKEN: false}",
    "{DATABASE: postgres://db.shop.local/shop}",
    "{EMAIL: me@example.com, PROXY: http://proxy:8080/@x}",
    "{API_KEY: ''}",
]

SOUND = [
    *(stack(container=f"environment: {text}") for text in ENVIRONMENT),
    stack(container="environment: {TEST_TOKEN: x}\nplain_environment: [TEST_TOKEN]"),
    stack(container="secrets: {A: /shop/a, B: plain-name, C: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/c}"),
    stack(container="secrets: {A: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-Ab12:password::'}"),
    stack(container=f"image: {ECR.replace('eu-west-1', 'us-east-1')}", network="egress: nat"),
    stack(container="image: nginx", network="egress: endpoints+nat"),
    stack(container="image: nginx", network="egress: public"),
    stack(container="image: nginx", network="vpc: vpc-0abc\nsubnets: {private: [subnet-1111]}"),
    stack(container="image: nginx", network="vpc: vpc-0abc\nipv6: true\nsubnets: {private: {tag: tier=private}}"),
    stack(network="egress: none\nendpoints: [ecr.api, ecr.dkr, s3, logs]"),
    stack(network="cidr: 100.64.0.0/16\negress: endpoints"),
    stack(network="cidr: 10.0.0.0/26\negress: endpoints", service="count: 4"),
    stack(service="count: 0"),
    stack(service="count: 1\ndeployment: {min_percent: 0, max_percent: 100}"),
    stack(service="count: 4\ndeployment: {min_percent: 75, max_percent: 100}"),
    stack(service="scaling: {min: 0, max: 3}\ncount: 0"),
    stack(service="exec: true\nallow_from: [web, 10.0.0.0/8, sg-0123, pl-0123]"),
    stack(service="cpu: 32768\nmemory: 249856"),
    stack(service="cpu: 16384\nmemory: 122880"),
    stack(service="ephemeral_storage: 21", container="stop_timeout: 2"),
    both("alb: {}", "alb: {paths: [/a]}"),
    both("alb: {}", "alb: {internal: true}"),
    both("alb: {}", "alb: {name: admin}"),
    both("alb: {}", "nlb: {listen: 80}"),
    both("nlb: {listen: 5}", "nlb: {listen: 5, internal: true}"),
    both(f"alb: {{certificate: {CERTIFICATE}}}", "alb: {listen: 80}"),
    both("alb: {hosts: ['*.app.io'], dns: {zone: app.io, name: '*'}}", "alb: {paths: ['/*'], dns: {zone: app.io}}"),
    two("expose: [alb: {hosts: [a.io]}]", "expose: [alb: {hosts: [b.io]}]"),
    two(
        "discovery: [cloud_map: {namespace: a.b, name: x}]",
        "discovery: [cloud_map: {namespace: c.d, name: x}]",
    ),
    stack(service=f"allow_from: [sg-0123]\nexpose: [alb: {{listener: {LISTENER}, priority: 9, paths: [/a]}}]"),
    stack(service="expose: [nlb: {listen: 5, health: {path: /ok, codes: 200-399}}]"),
    stack(service="discovery: [cloud_map: {namespace: ns-abc123, records: [A]}]"),
    stack(
        network="egress: endpoints\nipv6: true", service="discovery: [cloud_map: {namespace: a.b, records: [AAAA, A]}]"
    ),
]

ENDPOINTS = [
    "internet", "web", "web/app", "task/0123abcd", "lb/shop-alb", "eni-0abc", "i-0abc", "10.0.0.1", "10.0.0.0/8",
    "2001:db8::1", "2001:db8::/32", "db.shop.local", "aws:ecr.api", "aws:s3",
]  # fmt: skip

DESTINATIONS = [
    "web:80", "web:80/tcp", "web/app:80", "web:1-1024", "web:80-80/tcp", "web/icmp", "internet:443", "10.0.0.1:22/tcp",
    "10.0.0.0/8:443", "[2001:db8::1]:443", "[2001:db8::/32]:443/tcp", "lb/shop-alb:443", "db.shop.local:5432",
    "10.0.0.0/8/udp",
]  # fmt: skip


@pytest.mark.parametrize("text", SOUND, ids=range(len(SOUND)))
def test_this_is_sound(text: str) -> None:
    assert [str(problem) for problem in problems(text)] == []
    assert [str(warning) for warning in loaded(text).warnings] == []


@pytest.mark.parametrize("end", [*ENDPOINTS, *DESTINATIONS])
def test_this_can_be_asked_for(end: str) -> None:
    text = stack(more=f'reach: [{{from: internet, to: "{end}"}}]')
    assert [str(problem) for problem in problems(text)] == []
    if end in ENDPOINTS:
        assert problems(stack(more=f'reach: [{{from: "{end}", to: "web:80"}}]')) == ()


def test_ports_that_nothing_listens_on_may_be_expected_to_be_closed() -> None:
    assert problems(stack(more="reach: [{from: internet, to: web:22, expect: blocked}]")) == ()


@pytest.mark.parametrize(
    "text", ["environment: {A: [hunter2]}", "secrets: {A: {b: hunter2}}", "secrets: {A: 5hunter2!}"]
)
def test_values_of_variables_are_never_repeated(text: str) -> None:
    found = problems(stack(container=text))
    assert len(found) == 1
    assert "hunter2" not in str(found[0])


def test_a_number_for_a_secret_is_not_repeated_either() -> None:
    (found,) = problems(stack(container="secrets: {A: 4711}"))
    assert "The value is not text" in found.message
    assert "4711" not in str(found)
