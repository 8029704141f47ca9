"""Every example, told from beginning to end: nothing is there, it comes up as foreseen, and nothing is left."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fargate_net.app import Wire
from fargate_net.app.wishes import Wish
from fargate_net.kinds.network_interface import NetworkInterface
from fargate_net.kinds.task import Task
from fargate_net.model.snapshot import Snapshot
from tests.story.conftest import EXAMPLES, Teller
from tests.story.guard import Guard, documents
from tests.story.named import named


def tasks(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for service in described["services"]:
        yield from service["tasks"]


def verdicts(checked: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((answer["from"], answer["to"], answer["verdict"]) for answer in checked["answers"])


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda path: path.stem)
def test_story(tell: Teller, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard().watch(monkeypatch)
    assert tell("validate", spec, at=False).exit_code == 0
    planned = tell.data("reach-check", spec, "--planned", at=False)
    assert all(answer["met"] for answer in planned["answers"]), planned
    assert tell("plan", spec, "--check").exit_code == 3

    wish = Wish([spec], Wire(endpoint_url=tell.served.endpoint))
    foreseen = wish.foreseen
    up = tell("up", spec, "--yes")
    assert up.exit_code == 0, up.stderr

    wish.look_again()
    assert wish.plan().is_empty
    was, now = named(foreseen, wish.name), named(wish.live, wish.name)
    assert not (was - now) | (now - was), "\n".join(["foreseen:", *(was - now), "came:", *(now - was)])

    tell.forget_calls()
    again = tell("up", spec, "--yes")
    assert again.exit_code == 0, again.stderr
    assert not tell.writes()
    assert tell("plan", spec, "--check").exit_code == 0

    described = tell.data("describe", spec)
    for task in tasks(described):
        assert task["status"] == "RUNNING"
        assert ipaddress.ip_address(task["private_ip"]) in ipaddress.ip_network(task["subnet"]["cidr"])
        assert all(target["state"] == "healthy" for target in task["targets"])
    assert sum(service["desired"] for service in described["services"]) == len(list(tasks(described)))

    live = tell("reach-check", spec, "--output", "json")
    assert live.exit_code == 0, live.stdout
    asked = {(source, target) for source, target, _ in verdicts(planned)}
    same = [row for row in verdicts(json.loads(live.stdout)) if row[:2] in asked]
    assert same == verdicts(planned)

    down = tell("down", spec, "--yes")
    assert down.exit_code == 0, down.stderr
    wish.look_again()
    assert not [item for item in wish.live if item.stack == wish.name]
    assert not left_behind(wish.live)
    assert len(guard.asked) > 100
    refused = guard.refused(documents(tell, spec))
    assert not refused, "\n".join(["called, and not allowed by the policy that iam-policy prints:", *refused])


def left_behind(live: Snapshot) -> list[str]:
    """Interfaces and running tasks that outlived their stack."""
    running = [task.id for task in live.of(Task).values() if task.props.state != "STOPPED"]
    return running + list(live.of(NetworkInterface))
