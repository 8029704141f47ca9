"""What docs/contributing/one-field-through-the-house.md tells: 80 becomes 8080, and only what must change does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fargate_net.app import Wire
from fargate_net.app.wishes import Wish
from tests.docs.write import DOCS
from tests.story.conftest import EXAMPLES, Teller
from tests.story.named import named

PAGE = (DOCS / "contributing" / "one-field-through-the-house.md").read_text()
CHANGED = ("task_definition/web", "security_group_rules/web", "security_group_rules/balancer.alb", "service/web")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "hello.yaml"
    [given] = [path for path in EXAMPLES if path.stem == "alb"]
    path.write_text(given.read_text())
    return path


def test_a_port_changes_four_things_and_closes_nothing(tell: Teller, spec: Path) -> None:
    assert tell("up", spec, "--yes").exit_code == 0
    spec.write_text(spec.read_text().replace("[80]", "[8080]").replace("web:80", "web:8080"))

    wish = Wish([spec], Wire(endpoint_url=tell.served.endpoint))
    assert {change.key: change.action for change in wish.plan().changes} == dict.fromkeys(CHANGED, "update")
    assert all(f"`{key}`" in PAGE for key in CHANGED)
    foreseen = wish.foreseen
    planned = tell("plan", spec)
    assert planned.exit_code == 0
    assert "closes" not in planned.stdout, "the balancer still listens on 80, and its tasks are where it looks"

    assert tell("up", spec, "--yes").exit_code == 0
    wish.look_again()
    assert wish.plan().is_empty
    was, now = named(foreseen, wish.name), named(wish.live, wish.name)
    came = [row for row in now - was if not (row.startswith("task ") and "hello-web:1" in row)]  # stopped: history
    assert not [*(was - now), *came], "\n".join(["foreseen:", *(was - now), "came:", *came])
