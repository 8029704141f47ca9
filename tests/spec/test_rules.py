"""Every rule: one row with the place, the message and the way out."""

from __future__ import annotations

import pytest

from tests.spec import rows_network, rows_task
from tests.spec.marked import place, problems, stack, warnings

ROWS = [*rows_task.ROWS, *rows_network.ROWS]

WARNINGS = [
    (stack(network="cidr: »172.17.0.0/16"), "Docker"),
    (stack(network="cidr: »52.0.0.0/16"), "belongs to others"),
    (stack(network="ipv6: true\negress: endpoints", container="image: »nginx"), "cannot be pulled"),
    (stack(service="expose:\n  - nlb: {listen: »3306}"), "Port 3306 of the balancer is open to everyone"),
    (stack(service="allow_from: [»0.0.0.0/0]", container="ports: [22]"), "Port 22 of tasks is open to everyone"),
    (stack(service="allow_from: [»2001:db8::/32]"), "the network has no IPv6"),
    (stack(service="»grace: 5"), "has no effect"),
    (stack(service="expose:\n  - alb: {health: {port: »9}}"), "No container declares port 9"),
    (stack(service="discovery:\n  - »service_connect: {namespace: a.local}"), "wants 256 CPU units"),
    (stack(container='environment: {A: »"x ${HOME} y"}'), "${HOME} is not replaced by anything"),
    ("»stack: shop", "no services"),
]


@pytest.mark.parametrize(("marked", "message", "hint"), ROWS, ids=[row[1][:40] for row in ROWS])
def test_a_broken_rule_is_reported_at_its_place(marked: str, message: str, hint: str) -> None:
    text, line, column = place(marked)
    found = problems(text)
    assert [(p.line, p.column) for p in found] == [(line, column)], [str(p) for p in found]
    assert message in found[0].message
    assert hint in found[0].hint
    assert "hunter2" not in str(found[0]).lower()


@pytest.mark.parametrize(("marked", "message"), WARNINGS, ids=[row[1][:40] for row in WARNINGS])
def test_what_is_legal_but_unwise_is_a_warning(marked: str, message: str) -> None:
    text, line, column = place(marked)
    found = warnings(text)
    assert [(p.line, p.column) for p in found] == [(line, column)], [str(p) for p in found]
    assert message in found[0].message


def test_the_plain_stack_of_these_rows_is_sound() -> None:
    assert warnings(stack()) == ()


def test_all_problems_come_at_once_in_file_order() -> None:
    text = stack(
        network="cidr: 10.0.0.1/16",
        service="cpu: 300\nmemory: x\ncount: -1\nallow_from: [wbe]",
        container="ports: [70000, 80, 80]\nimagee: x",
    )
    found = problems(text)
    assert [p.path for p in found] == [
        "network.cidr",
        "services.web.containers[0].ports[0]",
        "services.web.containers[0].ports[2]",
        "services.web.containers[0].imagee",
        "services.web.memory",
        "services.web.count",
        "services.web.allow_from[0]",
    ]


def test_what_was_left_out_makes_no_second_problem() -> None:
    text = stack(service="expose:\n  - alb: {to: app:80}", container="ports: [»800000]")
    assert [p.path for p in problems(place(text)[0])] == ["services.web.containers[0].ports[0]"]
