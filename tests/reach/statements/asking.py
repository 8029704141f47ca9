"""Questions on raw AWS responses, and what to look for in the answers. Never here: AWS facts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fargate_net import app
from fargate_net.cli.views.documents import answers_document
from tests.reach.statements.aws_json import Account

Answer = dict[str, Any]


def ask(account: Account | Path, source: str, target: str, via: str | None = None) -> Answer:
    """The answer's JSON, by way of a folder of responses, as ``reach-check --snapshot`` finds it."""
    with tempfile.TemporaryDirectory() as place:
        folder = account if isinstance(account, Path) else account.write(Path(place))
        checked = app.reach_check((), app.Wire(snapshot=folder), source=source, target=target, via=via)
    document = json.loads(json.dumps(answers_document(checked.answers)))
    (answer,) = document["answers"]
    assert isinstance(answer, dict)
    _sound(answer)
    return answer


def _sound(answer: Answer) -> None:
    """What every answer owes, whatever the statement: a reason, and a cure that names something."""
    verdict = answer["verdict"]
    assert verdict in ("reachable", "partial", "blocked", "unknown")
    assert bool(answer["open"]) == (verdict in ("reachable", "partial")), answer
    if verdict == "reachable":
        assert not answer["blockers"]
    if verdict in ("blocked", "partial"):
        assert answer["blockers"], answer
    if verdict == "unknown":
        assert answer["missing"], answer
    for blocker in answer["blockers"]:
        assert blocker["detail"], blocker
        assert blocker["fix"].endswith("."), blocker


def codes(answer: Answer) -> list[str]:
    """The blockers' codes in path order; those of the reply begin with ``<``."""
    return [("<" if b["direction"] == "return" else "") + b["code"] for b in answer["blockers"]]


def reachable(answer: Answer) -> Answer:
    """The answer, which must be ``reachable``."""
    assert answer["verdict"] == "reachable", (answer["verdict"], answer["blockers"], answer.get("missing"))
    return answer


def blocked(answer: Answer, *expected: str, component: str = "", rule: str | None = None, fix: str = "") -> Answer:
    """The answer, blocked by exactly these codes; the last one by this component and rule, its cure naming ``fix``."""
    assert answer["verdict"] == "blocked", (answer["verdict"], answer["blockers"], answer.get("missing"))
    assert codes(answer) == list(expected), answer["blockers"]
    last = answer["blockers"][-1]
    if component:
        assert last["component"] == component, last
    if rule is not None:
        assert last["rule"] == rule, last
    assert fix in last["fix"], last
    return answer


def unknown(answer: Answer, *words: str) -> Answer:
    """The answer, unknown, with these words in what is missing."""
    assert answer["verdict"] == "unknown", (answer["verdict"], answer["blockers"])
    said = " | ".join(answer["missing"])
    for word in words:
        assert word in said, said
    return answer


def partial(answer: Answer, *expected: str) -> Answer:
    """The answer, partial, with exactly these codes."""
    assert answer["verdict"] == "partial", (answer["verdict"], answer["blockers"], answer.get("missing"))
    assert codes(answer) == list(expected), answer["blockers"]
    return answer


def hops(answer: Answer, direction: str = "forward", path: int = 0) -> list[tuple[str, str]]:
    """(component, kind) of each hop of a path."""
    return [(hop["component"], hop["kind"]) for hop in answer["paths"][path][direction]]


def kinds(answer: Answer, direction: str = "forward") -> list[str]:
    """The kinds of things a path meets."""
    return [kind for _, kind in hops(answer, direction)]


def rule_at(answer: Answer, component: str, direction: str = "forward") -> str:
    """The rule that decided at a component."""
    found = [hop.get("rule", "") for hop in answer["paths"][0][direction] if hop["component"] == component]
    assert found, answer["paths"]
    return str(found[0])


def met(answer: Answer, component: str, direction: str = "forward") -> bool:
    """Whether a path meets the component."""
    return any(hop["component"] == component for path in answer["paths"] for hop in path[direction])


def actions(answer: Answer, direction: str = "forward") -> Iterable[str]:
    """What each hop of the first path does."""
    return [hop["action"] for hop in answer["paths"][0][direction]]


def needs(account: Account, service: str) -> dict[str, Answer]:
    """The start-up needs of a service's tasks, by what they must reach."""
    with tempfile.TemporaryDirectory() as place:
        wire = app.Wire(snapshot=account.write(Path(place)))
        checked = app.reach_check((), wire, cluster="shop", service=service)
    asked = checked.groups[f"start-up of {service}"]
    document = json.loads(json.dumps(answers_document(asked)))
    return {answer["to"].removesuffix(":443/tcp"): answer for answer in document["answers"]}


def health(account: Account, service: str) -> Answer:
    """Whether the health checks of a service's only target group get through."""
    with tempfile.TemporaryDirectory() as place:
        wire = app.Wire(snapshot=account.write(Path(place)))
        checked = app.reach_check((), wire, cluster="shop", service=service)
    document = json.loads(json.dumps(answers_document(checked.groups[f"health checks of {service}"])))
    (answer,) = document["answers"]
    assert isinstance(answer, dict)
    return answer
