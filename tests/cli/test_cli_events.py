"""Events of a run: as lines, as JSON lines, and as a region that redraws itself."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from cli_nouns import EVENTS, view
from rich.console import Console

from fargate_net.cli.progress import follow, patient
from fargate_net.cli.views.jsonl import JsonLines
from fargate_net.cli.views.live import LINES, LiveView
from fargate_net.cli.views.plain import Plain
from fargate_net.model.event import Done, Event, Failed, Finished, Started, Waiting

DOCS = Path(__file__).parents[2] / "docs" / "events.md"


def test_plain_tells_each_event_once(console: Console, text: Callable[[], str]) -> None:
    with Plain(console, "eu-west-1") as plain:
        for event in EVENTS:
            plain.show(event)
    assert text() == (
        "[    0.0 s] VPC: creating\n"
        "[    0.5 s] VPC: created in 0.5 s (vpc-1)\n"
        "[    0.6 s] NAT gateway in eu-west-1a: creating\n"
        "[    1.0 s] NAT gateway in eu-west-1a: waiting, pending (0.4 s, usually 100 s)\n"
        "[   40.0 s] NAT gateway in eu-west-1a: waiting, pending (39 s, usually 100 s)\n"
        "[   41.0 s] ECS service web: trying again in 2.0 s, the role is not usable yet\n"
        "[   42.0 s] The lock of bob@host was stale and is taken over. Ask bob.\n"
        "[   50.0 s] NAT gateway in eu-west-1a: FAILED: The limit is reached. Raise the limit.\n"
        "[   50.0 s] Private route table in eu-west-1a: skipped, because it needs NAT gateway in eu-west-1a\n"
        "[   51.0 s] Failed after 51 s: 1 done, 1 failed, 1 skipped."
    )


def test_json_lines_are_pinned() -> None:
    file = io.StringIO()
    with JsonLines(file) as lines:
        for event in EVENTS:
            lines.show(event)
    written = [json.loads(line) for line in file.getvalue().splitlines()]
    assert written[0] == {"v": 1, "type": "started", "at": 0.0, "key": "vpc/main", "action": "create"}
    assert written[1] == {
        "v": 1, "type": "done", "at": 0.5, "key": "vpc/main", "action": "create", "id": "vpc-1", "took": 0.5,
    }  # fmt: skip
    assert written[3] == {
        "v": 1, "type": "waiting", "at": 1.0, "key": "nat_gateway/a", "reason": "pending",
        "elapsed": 0.4, "usual": 100.0,
    }  # fmt: skip
    assert written[6] == {
        "v": 1, "type": "retrying", "at": 41.0, "key": "service/web",
        "reason": "the role is not usable yet", "delay": 2.0,
    }  # fmt: skip
    assert [line["type"] for line in written[7:]] == ["notice", "failed", "skipped", "finished"]
    assert written[7] == {
        "v": 1, "type": "notice", "at": 42.0, "text": "The lock of bob@host was stale and is taken over.",
        "hint": "Ask bob.",
    }  # fmt: skip
    assert written[8] == {
        "v": 1, "type": "failed", "at": 50.0, "key": "nat_gateway/a", "action": "create",
        "what": "The limit is reached.", "hint": "Raise the limit.",
    }  # fmt: skip
    assert written[9] == {
        "v": 1, "type": "skipped", "at": 50.0, "key": "route_table/private-a", "because": "nat_gateway/a",
    }  # fmt: skip
    assert written[10] == {
        "v": 1, "type": "finished", "at": 51.0, "counts": {"done": 1, "failed": 1, "skipped": 1}, "interrupted": False,
    }  # fmt: skip


def test_the_plan_line_holds_every_change() -> None:
    file = io.StringIO()
    JsonLines(file).plan(view())
    line = json.loads(file.getvalue())
    assert (line["v"], line["type"], line["stack"]) == (1, "plan", "shop")
    assert line["notes"] == ["shop.yaml:3:1: a warning"]
    update = line["changes"][2]
    assert update["key"] == "security_group/web"
    assert update["fields"][1] == {
        "name": "task", "before": "web:1", "after": "task_definition/web (known after up)", "known": False,
    }  # fmt: skip


@pytest.mark.parametrize("event", get_args(Event), ids=lambda event: event.type)
def test_every_event_and_field_is_documented(event: type) -> None:
    page = DOCS.read_text(encoding="utf-8")
    section = page.partition(f"## {event.type}\n")[2].partition("\n## ")[0]  # type: ignore[attr-defined]
    assert section, f"docs/events.md has no section {event.type}"  # type: ignore[attr-defined]
    for field in fields(event):
        assert f"`{field.name}`" in section


class Clock:
    """Time that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def screen(height: int = 40) -> tuple[Console, Clock]:
    clock = Clock()
    console = Console(
        width=100, height=height, file=io.StringIO(), color_system=None, force_terminal=True, get_time=clock
    )
    return console, clock


def drawn(live: LiveView, console: Console) -> list[str]:
    plain = Console(width=100, height=40, file=io.StringIO(), color_system=None)
    plain.print(live.render())
    assert isinstance(plain.file, io.StringIO)
    return [line.rstrip() for line in plain.file.getvalue().splitlines()]


def test_the_region_shows_every_resource_with_state_and_seconds() -> None:
    console, clock = screen()
    live = LiveView(console, ["vpc/main", "nat_gateway/a", "service/web"], "eu-west-1")
    live.show(Started(0.0, "vpc/main", "create"))
    live.show(Done(2.5, "vpc/main", "create", "vpc-1", 2.5))
    live.show(Started(2.5, "nat_gateway/a", "create"))
    live.show(Waiting(10.0, "nat_gateway/a", "pending", 7.5, 100.0))
    clock.now += 5
    lines = drawn(live, console)
    assert [" ".join(line.split()) for line in lines] == [
        "✓ VPC created 2.5 s",
        "- NAT gateway in eu-west-1a pending 12.5 s of usually 100 s",
        "· ECS service web not started",
        "1 of 3 done, 1 in progress, 15 s",
    ]


@pytest.mark.parametrize("height", [50, 12])
def test_the_region_is_never_taller_than_24_lines_or_the_terminal(height: int) -> None:
    console, _ = screen(height)
    live = LiveView(console, [f"subnet/s{number}" for number in range(60)])
    live.show(Started(0.0, "subnet/s59", "create"))
    live.show(Failed(1.0, "subnet/s58", "create", "No."))
    lines = drawn(live, console)
    assert len(lines) <= min(LINES, height - 1)
    assert any("Subnet s59" in line for line in lines), "what runs is shown before what waits"
    assert any("Subnet s58" in line for line in lines), "what failed is shown before what waits"
    assert "not shown" in lines[-1]


def test_signs_stay_on_a_narrow_terminal() -> None:
    console, _ = screen()
    live = LiveView(console, ["nat_gateway/a"], "ap-southeast-1")
    live.show(Waiting(1.0, "nat_gateway/a", "a long story about what AWS is doing right now", 1.0, 100.0))
    console.width = 40
    with console.capture() as captured:
        console.print(live.render())
    assert captured.get().startswith("- NAT gat")


def test_what_failed_stays_above_the_region() -> None:
    console, _ = screen()
    with LiveView(console, ["nat_gateway/a"]) as live:
        for event in EVENTS:
            live.show(event)
    assert isinstance(console.file, io.StringIO)
    written = console.file.getvalue()
    assert "NAT gateway in zone a: FAILED: The limit is reached. Raise the limit." in written
    assert "Failed after 51 s: 1 done, 1 failed, 1 skipped." in written


def test_ctrl_c_while_drawing_is_handed_to_the_run() -> None:
    told: list[str] = []

    def work() -> Iterator[Event]:
        try:
            yield Started(0.0, "vpc/main", "create")
            yield Started(1.0, "vpc/other", "create")
        except KeyboardInterrupt:
            told.append("stop")
            yield Finished(1.0, {"done": 0}, interrupted=True)

    def show(event: Event) -> None:
        if isinstance(event, Started):
            raise KeyboardInterrupt

    seen = list(patient(work(), show))
    assert told == ["stop"]
    assert seen[-1] == Finished(1.0, {"done": 0}, interrupted=True)


def test_to_be_told_to_terminate_is_ctrl_c_while_a_run_is_followed() -> None:
    told: list[str] = []

    def work() -> Iterator[Event]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            yield Started(0.0, "vpc/main", "create")
        except KeyboardInterrupt:
            told.append("stop")
            yield Finished(1.0, {"done": 0}, interrupted=True)

    before = signal.getsignal(signal.SIGTERM)
    run = SimpleNamespace(plan_view=view(), events=work)
    door = SimpleNamespace(is_data=False, err=lambda: Console(file=io.StringIO()))
    last = follow(door, run)  # type: ignore[arg-type]
    assert told == ["stop"]
    assert last is not None
    assert last.interrupted
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_long_name_leaves_room_for_what_aws_says_and_for_the_time() -> None:
    console, _ = screen()
    key = "security_group_rules/balancer.alb-administration.internal"
    live = LiveView(console, [key])
    live.show(Started(0.0, key, "create"))
    live.show(Waiting(5.0, key, "AWS is provisioning", 5.0, 176.0))
    (line, _) = drawn(live, console)
    assert "AWS is provisioning" in line
    assert line.endswith("s of usually 176 s")


def test_events_come_in_order_and_once() -> None:
    shown: list[Event] = []
    assert tuple(patient(iter(EVENTS), shown.append)) == EVENTS
    assert tuple(shown) == EVENTS
