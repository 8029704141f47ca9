"""What is long gives way: times, ARNs and the words of AWS take no more room than a reader needs."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from fargate_net.cli.views import tables, verdicts, words
from fargate_net.cli.views.live import LiveView
from fargate_net.model.event import Done, Retrying, Started
from fargate_net.model.report import Report, ServiceRow
from fargate_net.model.verdict import Answer, Disposition, Hop, Path, Question


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (
            "2026-11-22T14:40:10.413000+02:00 (service web) has reached a steady state.",
            "2026-11-22 12:40:10 UTC  has reached a steady state.",
        ),
        (
            "2026-11-22T14:40:10+00:00 (service api) is elsewhere.",
            "2026-11-22 14:40:10 UTC  (service api) is elsewhere.",
        ),
        ("no time here", "no time here"),
    ],
)
def test_events_are_told_to_the_second(console: Console, text: Callable[[], str], event: str, shown: str) -> None:
    row = ServiceRow("web", "shop", "ACTIVE", 0, 0, 0, endpoints=(), tasks=(), stopped=(), events=(event,))
    tables.show(console, Report((row,)))
    assert text().endswith(f"Events\n  {shown}")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("arn:aws:iam::123456789012:role/fargatenet/shop/web", "role/fargatenet/shop/web"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop:*", "log-group:/ecs/shop:*"),
        ("vpc-0abc", "vpc-0abc"),
        ("arn:old", "arn:old"),
    ],
)
def test_an_arn_is_shown_without_account_and_region(given: str, shown: str) -> None:
    assert words.short(given) == shown


def drawn(live: LiveView) -> list[str]:
    paper = Console(width=100, height=40, file=io.StringIO(), color_system=None)
    with paper.capture() as captured:
        paper.print(live.render())
    return captured.get().splitlines()


def test_words_of_aws_give_way_to_the_name_and_the_time() -> None:
    paper = Console(width=100, height=40, file=io.StringIO(), force_terminal=True, get_time=lambda: 0.0)
    live = LiveView(paper, ["namespace/shop.local"])
    live.show(Started(0.0, "namespace/shop.local", "create"))
    live.show(Retrying(1.0, "namespace/shop.local", "a long story " * 20, 10.0))
    line = drawn(live)[0]
    assert line.startswith("- Cloud Map namespace shop.local  trying again: a long story")
    assert line.rstrip().endswith(" s")


def test_when_room_is_short_the_slowest_are_kept() -> None:
    paper = Console(width=100, height=10, file=io.StringIO(), force_terminal=True, get_time=lambda: 0.0)
    live = LiveView(paper, [f"subnet/s{number}" for number in range(40)])
    for number in range(40):
        live.show(Done(50.0, f"subnet/s{number}", "create", f"subnet-{number}", float(number)))
    names = [line.split()[2] for line in drawn(live)[:-1]]
    assert names == [f"s{number}" for number in range(40 - len(names), 40)]


SHUT = Answer(
    Question("internet", "web", "tcp", (80, 80)),
    Disposition.BLOCKED,
    paths=(
        Path(
            (
                Hop("acl-1", "network_acl", "", "allows"),
                Hop("sg-1", "security_group", "", "blocks"),
                Hop("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/1", "load_balancer"),
                Hop("eni-1", "network_interface", "", "receives"),
            ),
            (Hop("acl-1", "network_acl", "", "allows"),),
        ),
    ),
)


def test_a_shut_path_ends_at_its_last_blocker(console: Console, text: Callable[[], str]) -> None:
    verdicts.show(console, {"question": [SHUT]}, to_the_end=False)
    assert text().splitlines()[1:] == [
        "    request:",
        "       1. network ACL acl-1 allows",
        "       2. security group sg-1 blocks",
        "          2 more hops behind it (-v shows all)",
    ]


def test_verbose_shows_every_hop_of_a_shut_path(console: Console, text: Callable[[], str]) -> None:
    verdicts.show(console, {"question": [SHUT]}, to_the_end=True)
    assert "load balancer loadbalancer/app/a/1" in text()
    assert "       4. network interface eni-1 receives\n    reply:\n       1. network ACL acl-1 allows" in text()


def test_a_path_that_nothing_shuts_is_shown_whole(console: Console, text: Callable[[], str]) -> None:
    way = Path((Hop("acl-1", "network_acl", "", "allows"),), (Hop("acl-2", "network_acl", "", "allows"),))
    answer = Answer(SHUT.question, Disposition.UNKNOWN, paths=(way,))
    verdicts.show(console, {"question": [answer]}, to_the_end=False)
    assert text().endswith("reply:\n       1. network ACL acl-2 allows")


def test_only_the_sign_has_the_colour() -> None:
    paper = Console(width=100, file=io.StringIO(), force_terminal=True, color_system="standard", highlight=False)
    with paper.capture() as captured:
        verdicts.line(paper, SHUT)
    assert captured.get() == "\x1b[31m✗ blocked  \x1b[0m internet -> web:80/tcp\n"
