"""Commands from the command line to the exit code, with use cases that answer hand-made nouns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_nouns import (
    BLOCKED_AS_WISHED,
    EMPTY,
    MATRIX,
    NOT_MET,
    PARTIAL,
    REACHABLE,
    REPORT,
    UNKNOWN,
    WEB,
    FakeChecked,
    FakeRun,
    view,
)
from jsonschema import validate
from schemas import ANSWERS
from schemas import MATRIX as MATRIX_SCHEMA
from schemas import REPORT as REPORT_SCHEMA

from fargate_net.cli import describe, terminal
from fargate_net.errors import Problem, SpecError
from fargate_net.model.change import Change, Plan
from fargate_net.model.event import Failed, Finished, Started
from fargate_net.model.probe import TIMED_OUT, Door, Probe, Probed
from fargate_net.model.verdict import Answer, Disposition, Open, Question, ReachChange

Run = Callable[..., Any]
Fake = Callable[..., list[Any]]


def test_plan_prints_data_on_stdout_alone(run: Run, fake: Fake) -> None:
    fake("plan", view())
    done = run("plan", "shop.yaml")
    assert done.code == 0
    assert done.out.startswith("Plan for stack shop in eu-west-1\n")
    assert done.err == ""


def test_plan_as_json(run: Run, fake: Fake) -> None:
    fake("plan", view())
    document = json.loads(run("plan", "shop.yaml", "--output", "json").out)
    assert document["version"] == 1
    assert document["empty"] is False
    assert document["counts"] == {"create": 2, "update": 1, "replace": 1, "delete": 1, "orphan": 1}
    assert document["cost"] == {"currency": "USD", "before": 43.8, "after": 76.65}
    assert document["reach"][1]["closes"] == [{"protocol": "tcp", "ports": ["80"], "client_ports": ["1024-65535"]}]


@pytest.mark.parametrize(("planned", "code"), [(view(), 3), (EMPTY, 0)])
def test_plan_check_is_a_drift_check(run: Run, fake: Fake, planned: Any, code: int) -> None:
    fake("plan", planned)
    assert run("plan", "shop.yaml", "--check").code == code
    assert run("plan", "shop.yaml").code == 0


def test_where_aws_is_reaches_the_use_case(run: Run, fake: Fake, tmp_path: Path, state: Path) -> None:
    calls = fake("plan", view())
    run("plan", "a.yaml", "b.yaml", "--profile", "p", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:5")
    (paths, wire), _ = calls[0]
    assert paths == (Path("a.yaml"), Path("b.yaml"))
    assert (wire.profile, wire.region, wire.endpoint_url, wire.snapshot) == (
        "p",
        "eu-west-1",
        "http://127.0.0.1:5",
        None,
    )
    assert wire.state == state / "fargatenet"
    (tmp_path / "saved").mkdir()
    run("plan", "a.yaml", "--snapshot", "saved")
    assert calls[1][0][1].snapshot == Path("saved")


def test_aws_is_in_one_place(run: Run, fake: Fake) -> None:
    calls = fake("plan", view())
    done = run("plan", "a.yaml", "--sandbox", "--endpoint-url", "http://127.0.0.1:5")
    assert done.code == 2
    assert "--sandbox and --endpoint-url exclude each other" in done.err
    assert calls == []


def test_sandbox_is_started_when_none_runs(run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    from fargate_net.sandbox import process

    running = process.Running("http://127.0.0.1:4566", 1, "2026-01-01T00:00:00", {}, "eu-west-1")
    started: list[Any] = []
    monkeypatch.setattr(process, "status", lambda: started[0] if started else None)
    monkeypatch.setattr(process, "start", lambda **_: started.append(running) or running)
    calls = fake("plan", view())
    first = run("plan", "a.yaml", "--sandbox")
    second = run("plan", "a.yaml", "--sandbox")
    assert first.err == "Started the sandbox at http://127.0.0.1:4566 (fargatenet sandbox stop ends it).\n"
    assert second.err == ""
    assert [call[0][1].endpoint_url for call in calls] == ["http://127.0.0.1:4566"] * 2
    assert [call[0][1].sandbox_region for call in calls] == ["eu-west-1"] * 2


def test_up_applies_describes_and_points_on(run: Run, fake: Fake) -> None:
    calls = fake("up", FakeRun())
    done = run("up", "shop.yaml", "--yes", "--timeout", "15m", "--prune", "--no-lock")
    assert done.code == 0
    assert calls[0][1] == {"prune": True, "timeout": 900.0, "lock": False}
    assert done.out.startswith("web  cluster shop  ACTIVE")
    assert "Plan for stack shop" in done.err
    assert "[    1.0 s] Done after 1.0 s: 3 done." in done.err
    assert "1 expectation: all met." in done.err
    assert done.err.endswith("  fargatenet down shop.yaml\n")


def test_up_with_json_keeps_both_streams_readable(run: Run, fake: Fake) -> None:
    fake("up", FakeRun())
    done = run("up", "shop.yaml", "--yes", "--output", "json")
    validate(json.loads(done.out), REPORT_SCHEMA)
    assert [json.loads(line)["type"] for line in done.err.splitlines()] == ["plan", "finished"]


def test_errors_of_a_json_run_are_json_lines(run: Run, fake: Fake) -> None:
    fake("up", SpecError([Problem("shop.yaml", 3, 1, "services", "No.")]))
    done = run("up", "shop.yaml", "--yes", "--output", "json")
    assert done.code == 2
    assert json.loads(done.err) == {
        "v": 1, "type": "error", "what": "1 problem in the spec.", "why": "shop.yaml:3:1: services: No.", "hint": "",
        "exit_code": 2,
    }  # fmt: skip


def test_without_a_terminal_only_yes_is_consent(run: Run, fake: Fake) -> None:
    fake("up", FakeRun(played=(Started(0.0, "vpc/main", "create"),)))
    done = run("up", "shop.yaml")
    assert done.code == 2
    assert done.err.endswith(
        "Error: There is no terminal to ask on.\n"
        "Hint: Say --yes to go on without being asked: fargatenet up SPEC --yes\n"
    )
    assert "creating" not in done.err
    assert done.out == ""


@pytest.mark.parametrize(("reply", "code", "applied"), [(True, 0, True), (False, 1, False)])
def test_on_a_terminal_it_asks(
    run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch, reply: bool, code: int, applied: bool
) -> None:
    monkeypatch.setattr(terminal, "can_ask", lambda: True)
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda question, **_: asked.append(question) or reply)
    fake("up", FakeRun())
    done = run("up", "shop.yaml")
    assert asked == ["Make these changes to stack shop?"]
    assert done.code == code
    assert ("Done after" in done.err) is applied


def test_up_without_changes_does_not_ask(run: Run, fake: Fake) -> None:
    fake("up", FakeRun(plan_view=EMPTY))
    done = run("up", "shop.yaml")
    assert done.code == 0
    assert "No changes. The stack is as the spec says." in done.err


def test_up_refuses_what_must_not_be_done(run: Run, fake: Fake) -> None:
    refused = Plan("shop", (Change("refuse", "cluster/main", "shop", note="shop exists but is not ours."),))
    fake("up", FakeRun(plan_view=view(refused), played=(Started(0.0, "cluster/main", "create"),)))
    done = run("up", "shop.yaml", "--yes")
    assert done.code == 4
    assert "Why: shop exists but is not ours." in done.err
    assert "creating" not in done.err


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (FakeRun(judged=(NOT_MET,)), 3),
        (FakeRun(judged=(UNKNOWN,)), 3),
        (FakeRun(ok=False, played=(Failed(1.0, "vpc/main", "create", "No."), Finished(1.0, {"failed": 1}))), 1),
        (FakeRun(ok=False, judged=(NOT_MET,)), 1),
        (FakeRun(ok=False, played=(Finished(1.0, {}, interrupted=True),)), 130),
    ],
)
def test_up_ends_with_the_exit_code_of_the_contract(run: Run, fake: Fake, outcome: FakeRun, code: int) -> None:
    fake("up", outcome)
    assert run("up", "shop.yaml", "--yes").code == code


def test_the_next_commands_lead_to_the_same_place(run: Run, fake: Fake) -> None:
    fake("up", FakeRun())
    done = run("up", "shop.yaml", "--yes", "--profile", "p", "--region", "eu-west-1")
    assert done.err.splitlines()[-3:] == [
        "  fargatenet reach-check shop.yaml --profile p --region eu-west-1",
        "  fargatenet describe shop.yaml --watch --profile p --region eu-west-1",
        "  fargatenet down shop.yaml --profile p --region eu-west-1",
    ]


def test_a_failed_up_says_how_to_go_on(run: Run, fake: Fake) -> None:
    fake("up", FakeRun(ok=False))
    assert "Next: fargatenet up shop.yaml    (goes on from what is there)" in run("up", "shop.yaml", "--yes").err


@pytest.mark.parametrize("text", ["0", "-1", "soon", "5 parsecs", "1d"])
def test_a_timeout_is_a_duration(run: Run, fake: Fake, text: str) -> None:
    calls = fake("up", FakeRun())
    done = run("up", "shop.yaml", "--yes", f"--timeout={text}")
    assert done.code == 2
    assert "is not a duration. Write 90, 90s, 15m or 1h." in done.err
    assert calls == []


@pytest.mark.parametrize(("text", "seconds"), [("90", 90.0), ("90s", 90.0), ("15m", 900.0), ("1h", 3600.0)])
def test_durations(run: Run, fake: Fake, text: str, seconds: float) -> None:
    calls = fake("up", FakeRun())
    run("up", "shop.yaml", "--yes", "--timeout", text)
    assert calls[0][1]["timeout"] == seconds


def test_down_deletes_and_says_that_it_is_gone(run: Run, fake: Fake) -> None:
    fake("down", FakeRun(plan_view=view(Plan("shop", (Change("delete", "vpc/main", "vpc-1"),)))))
    done = run("down", "shop.yaml", "--yes", "--output", "json")
    assert done.code == 0
    assert json.loads(done.out) == {"version": 1, "stack": "shop", "gone": True, "counts": {"done": 3}}
    assert run("down", "shop.yaml", "--yes").err.endswith("Stack shop is gone.\n")


def test_down_of_nothing_does_not_ask(run: Run, fake: Fake) -> None:
    fake("down", FakeRun(plan_view=EMPTY))
    done = run("down", "shop.yaml")
    assert done.code == 0
    assert "Nothing carries the tags of stack shop." in done.err


def test_down_that_fails_is_no_success(run: Run, fake: Fake) -> None:
    fake("down", FakeRun(ok=False, plan_view=view(Plan("shop", (Change("delete", "vpc/main", "vpc-1"),)))))
    done = run("down", "shop.yaml", "--yes", "--output", "json")
    assert done.code == 1
    assert json.loads(done.out)["gone"] is False


def test_describe_as_json_is_the_contract(run: Run, fake: Fake) -> None:
    calls = fake("describe", REPORT)
    done = run("describe", "--cluster", "shop", "--service", "web", "--output", "json")
    document = json.loads(done.out)
    validate(document, REPORT_SCHEMA)
    assert calls[0][1] == {"cluster": "shop", "service": "web"}
    task = document["services"][0]["tasks"][0]
    assert task["subnet"] == {
        "id": "subnet-0123456789abcdef0", "cidr": "10.20.128.0/20", "public": False, "free_ips": 4091,
    }  # fmt: skip
    assert task["containers"][0] == {"name": "nginx", "ports": [{"port": 80, "protocol": "tcp"}], "health": "HEALTHY"}
    assert document["services"][0]["tasks"][1]["subnet"] is None
    assert list(document["services"][0]) == [
        "name", "cluster", "status", "desired", "running", "pending", "endpoints", "tasks", "stopped", "events",
    ]  # fmt: skip


def test_yaml_says_what_json_says(run: Run, fake: Fake) -> None:
    fake("describe", REPORT)
    as_json = json.loads(run("describe", "--output", "json").out)
    assert yaml.safe_load(run("describe", "--output", "yaml").out) == as_json


def test_watch_shows_what_changed_until_interrupted(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fargate_net import app
    from fargate_net.model.report import Report

    reports = iter([REPORT, REPORT, Report(())])
    waits: list[float] = []

    class Pause:
        def wait(self, seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(app, "describe", lambda *_, **__: next(reports))
    monkeypatch.setattr(describe.threading, "Event", Pause)
    done = run("describe", "--watch")
    assert done.code == 130
    assert waits == [5.0] * 3
    assert done.out.count("cluster shop") == 1
    assert done.out.endswith("There is no service.\n")


def test_reach_check_as_json_is_the_contract(run: Run, fake: Fake) -> None:
    answers = (REACHABLE, BLOCKED_AS_WISHED, NOT_MET, UNKNOWN, PARTIAL)
    fake("reach_check", FakeChecked({"expectations": answers[:4], "start-up of web": answers[4:]}))
    done = run("reach-check", "shop.yaml", "--output", "json")
    document = json.loads(done.out)
    validate(document, ANSWERS)
    assert done.code == 3
    assert [item["verdict"] for item in document["answers"]] == [
        "reachable", "blocked", "blocked", "unknown", "partial",
    ]  # fmt: skip
    assert [item["met"] for item in document["answers"]] == [True, True, False, False, None]
    assert document["answers"][0] == {
        "from": "internet",
        "to": "web:80/tcp",
        "expect": "reachable",
        "met": True,
        "verdict": "reachable",
        "open": [{"protocol": "tcp", "ports": ["80"], "client_ports": ["1024-65535"]}],
        "blockers": [],
        "paths": [
            {
                "forward": [
                    {
                        "component": "igw-1",
                        "kind": "internet_gateway",
                        "action": "translates 203.0.113.9 to 10.20.0.7",
                    },
                    {
                        "component": "sg-1",
                        "kind": "security_group",
                        "rule": "ingress tcp 80 from 0.0.0.0/0",
                        "action": "allows",
                    },
                ],
                "return": [
                    {"component": "acl-1", "kind": "network_acl", "rule": "egress rule 100", "action": "allows"}
                ],
            }
        ],
        "assumptions": ["the process listens on 0.0.0.0"],
        "via": "alb",
    }


def test_the_matrix_as_json_is_the_contract(run: Run, fake: Fake) -> None:
    calls = fake("reach_check", FakeChecked(matrix=MATRIX, missing=("ec2:DescribeSubnets: denied",)))
    done = run("reach-check", "--all", "--output", "json")
    document = json.loads(done.out)
    validate(document, MATRIX_SCHEMA)
    assert done.code == 0
    assert calls[0][1]["all_pairs"] is True
    assert document["matrix"][1] == {"from": "c1", "to": "internet", "open": [], "unknown": "tgw-1 is not ours"}
    assert document["missing"] == ["ec2:DescribeSubnets: denied"]


def test_changes_against_a_snapshot(run: Run, fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    fake("reach_check", FakeChecked(changes=(ReachChange("internet", "web", opened=(WEB,)),)))
    done = run("reach-check", "--against", "saved", "--output", "json")
    assert done.code == 0
    assert json.loads(done.out)["changes"][0]["opens"][0]["ports"] == ["80"]
    assert "+ opens  internet -> web: tcp 80" in run("reach-check", "--against", "saved").out


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Disposition.REACHABLE, 0),
        (Disposition.BLOCKED, 3),
        (Disposition.PARTIAL, 3),
        (Disposition.UNKNOWN, 3),
    ],
)
def test_one_question_is_done_only_when_reachable(run: Run, fake: Fake, verdict: Disposition, code: int) -> None:
    answer = Answer(Question("internet", "web", "tcp", (80, 80)), verdict, paths=REACHABLE.paths)
    calls = fake("reach_check", FakeChecked({"": (answer,)}))
    done = run("reach-check", "shop.yaml", "--from", "internet", "--to", "web:80", "--via", "alb")
    assert done.code == code
    assert calls[0][1] == {
        "planned": False, "cluster": None, "service": None, "source": "internet", "target": "web:80",
        "all_pairs": False, "against": None, "via": "alb", "probe": False,
    }  # fmt: skip
    assert "1. internet gateway igw-1" in done.out, "the answer to a question shows its hops"


def test_probes_stand_below_their_answer_and_in_its_json(run: Run, fake: Fake) -> None:
    question = Question("internet", "web", "tcp", (80, 80))
    limited = Answer(question, Disposition.PARTIAL, open=(Open("tcp", ("80",), clients=("10.0.0.0/8",)),))
    tried = Probed(
        (
            Probe(Door("203.0.113.9", 80, "task/1"), True, 0.0421),
            Probe(Door("2001:db8::9", 80), False, 2.0, TIMED_OUT),
            Probe(Door("www.app.io", 80), False, 0.1, "permission denied"),
        ),
        ("UDP is not probed.",),
    )
    calls = fake("reach_check", FakeChecked({"": (limited,)}, probed={question: tried}))
    told = run("reach-check", "--from", "internet", "--to", "web:80", "--probe")
    assert calls[0][1]["probe"] is True
    below = told.out[told.out.index("~ partial") :]
    assert "✓ probe 203.0.113.9:80 (task/1) connected, 0.04 s" in below
    assert "✗ probe [2001:db8::9]:80 timed out, 2.00 s" in below
    assert "the connection failed: nothing came back, although the configuration lets it through" in below
    assert "www.app.io:80 permission denied" in below
    assert "it is open to 10.0.0.0/8 only: this machine may not be among them" in below
    assert "not probed: UDP is not probed." in below
    assert "3 connections tried from here: 1 made, 2 failed." in told.err

    told = run("reach-check", "--from", "internet", "--to", "web:80", "--probe", "--output", "json")
    document = json.loads(told.out)
    validate(document, ANSWERS)
    (answer,) = document["answers"]
    assert answer["probes"][0] == {
        "address": "203.0.113.9", "port": 80, "behind": "task/1", "connected": True, "seconds": 0.042, "error": None,
    }  # fmt: skip
    assert answer["probes"][1]["error"] == "timed out"
    assert answer["not_probed"] == ["UDP is not probed."]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--planned",), "--planned judges a spec: name the file."),
        (("--from", "internet"), "--from needs --to: a question has two ends."),
        (("--to", "web"), "--to needs --from: a question has two ends."),
        (("--via", "alb"), "--via belongs to a question: add --from and --to."),
        (("--all", "--from", "a", "--to", "b"), "--all and --from ask different things"),
        (("--all", "--against", "."), "--all and --against ask different things"),
    ],
)
def test_questions_that_make_no_sense(run: Run, fake: Fake, args: tuple[str, ...], sentence: str) -> None:
    calls = fake("reach_check", FakeChecked())
    done = run("reach-check", *args)
    assert done.code == 2
    assert sentence in " ".join(done.err.split())
    assert calls == []


def test_snapshot_says_what_it_saved(run: Run, fake: Fake) -> None:
    calls = fake("snapshot", (Path("s/a.json"), Path("s/b.json")))
    done = run("snapshot", "s", "--vpc", "vpc-1")
    assert done.out == "2 responses saved in s.\n"
    assert calls[0][1] == {"cluster": None, "vpc": "vpc-1"}
    assert json.loads(run("snapshot", "s", "--output", "json").out)["files"] == ["s/a.json", "s/b.json"]


def test_schema_is_json(run: Run, fake: Fake) -> None:
    fake("schema", {"title": "…"})
    assert json.loads(run("schema").out) == {"title": "…"}


def test_validate_tells_every_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("stack: shop\nservices:\n  web: {cpu: 3, containers: []}\nextra: 1\n")
    done = run("validate", "bad.yaml")
    assert done.code == 2
    assert done.out == ""
    assert "bad.yaml:4:1: extra: " in done.err
    as_json = run("validate", "bad.yaml", "--output", "json")
    assert as_json.code == 2
    document = json.loads(as_json.out)
    assert document["valid"] is False
    assert (document["problems"][-1]["line"], document["problems"][-1]["path"]) == (4, "extra")


def test_validate_of_a_good_spec(run: Run) -> None:
    run("init", "shop")
    done = run("validate", "shop.yaml")
    assert (done.code, done.out, done.err) == (0, "shop.yaml: valid; stack shop, 1 service, 2 expectations.\n", "")
    assert json.loads(run("validate", "shop.yaml", "--output", "json").out) == {
        "version": 1, "valid": True, "problems": [], "warnings": [],
    }  # fmt: skip
