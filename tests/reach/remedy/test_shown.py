"""How a remedy is told: as text under the blockers, as JSON beside them, and as lines only for stacks of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from fargate_net.app import Wire
from fargate_net.app.wishes import Wish
from fargate_net.cli.views.documents import answer as document
from fargate_net.cli.views.verdicts import show
from fargate_net.kinds.security_group import SecurityGroup
from fargate_net.model.snapshot import Snapshot
from fargate_net.model.verdict import Answer, Remedy
from fargate_net.reach.ask import ask, question
from fargate_net.reach.network import Network
from fargate_net.reach.remedy import apply, remedied
from tests.reach.world import World, two_subnets

EXAMPLES = Path(__file__).parents[3] / "examples"


def _foreseen(name: str) -> Snapshot:
    return Wish([EXAMPLES / f"{name}.yaml"], Wire(), offline=True).foreseen


def _answer(snapshot: Snapshot, source: str, target: str, via: str | None = None, expect: str | None = None) -> Answer:
    network = Network(snapshot)
    return remedied(network, ask(network, question(source, target, via=via, expect=expect)))


def _remedy(answer: Answer) -> Remedy:
    assert answer.remedy is not None
    return answer.remedy


def _crowded() -> World:
    world = two_subnets()
    world.eni("eni-x", "subnet-a", "sg-a")
    return world


def test_under_the_blockers() -> None:
    answer = _answer(_crowded().snapshot(), "eni-a", "eni-b:81")
    console = Console(width=200, record=True, color_system=None)
    show(console, {"": [answer]})
    said = console.export_text()
    assert "smallest change: Add to sg-b an ingress rule that allows tcp 81 from sg-a." in said
    assert "also opens: tcp 81 from sg-a (2 interfaces) to sg-b (2 interfaces)" in said
    assert said.index("fix: ") < said.index("smallest change: ") < said.index("request:")


def test_what_has_no_edit_is_not_called_a_change() -> None:
    answer = _answer(_crowded().snapshot(), "eni-a", "10.0.2.99:80")
    console = Console(width=200, record=True, color_system=None)
    show(console, {"": [answer]})
    assert "no single change: Ask for an address" in console.export_text()


def test_as_json() -> None:
    told = document(_answer(_crowded().snapshot(), "eni-a", "eni-b:81"))["remedy"]
    assert told["sentence"] == "Add to sg-b an ingress rule that allows tcp 81 from sg-a."
    assert told["spec"] == []
    assert len(told["opens"]) == 1
    assert "closes" not in told
    assert "remedy" not in document(_answer(_crowded().snapshot(), "eni-a", "eni-b:80"))
    closing = document(_answer(_crowded().snapshot(), "eni-a", "eni-b:80", expect="blocked"))["remedy"]
    assert closing["closes"] == ["tcp 80 from sg-a for sg-b (2 interfaces)"]


def test_the_given_snapshot_stays_as_it_is() -> None:
    snapshot = _crowded().snapshot()
    before = snapshot.of(SecurityGroup)["sg-b"].props.rules
    after = apply(snapshot, _remedy(_answer(snapshot, "eni-a", "eni-b:81")).edits)
    assert snapshot.of(SecurityGroup)["sg-b"].props.rules == before
    assert len(after.of(SecurityGroup)["sg-b"].props.rules) == len(before) + 1


@pytest.mark.parametrize(
    ("name", "source", "target", "via", "lines"),
    [
        ("article", "api", "web:80", None, ("services.web.allow_from: take tcp 80 away from api",)),
        ("article", "internet", "web:80", "alb", ("services.web.expose.alb.80.sources: take 0.0.0.0/0 out",)),
        ("static-dns", "internet", "web:80", None, ("services.web.allow_from: take tcp 80 away from 0.0.0.0/0",)),
    ],
)
def test_what_to_take_out_of_the_spec(
    name: str, source: str, target: str, via: str | None, lines: tuple[str, ...]
) -> None:
    assert _remedy(_answer(_foreseen(name), source, target, via, "blocked")).spec == lines


def test_an_internal_balancer_keeps_the_clients_it_has() -> None:
    snapshot = _foreseen("two-services-one-alb")
    balancers = [found for found in snapshot if found.kind == "load_balancer" and found.props.scheme == "internal"]
    (group,) = balancers[0].props.security_groups
    held = snapshot.of(SecurityGroup)[str(group)]
    kept = sorted(str(rule.peer) for rule in held.props.rules if rule.direction == "ingress")
    assert kept == ["10.0.0.0/16"]
    answer = _answer(snapshot, "internet", f"lb/{balancers[0].props.name}:80")
    assert not _remedy(answer).edits  # it has no public address, and none can be given to it
    assert balancers[0].props.name in _remedy(answer).sentence


def test_what_is_not_ours_has_no_lines() -> None:
    assert _remedy(_answer(_crowded().snapshot(), "eni-a", "eni-b:81")).spec == ()


def test_a_port_that_nobody_declared_is_declared() -> None:
    snapshot = _foreseen("static-dns")
    answer = _answer(snapshot, "203.0.113.9", "web:81")
    assert _remedy(answer).spec == (
        "services.web.allow_from: [{from: 203.0.113.9/32, ports: [81]}]",
        "services.web.containers.nginx.ports: [81]",
    )
