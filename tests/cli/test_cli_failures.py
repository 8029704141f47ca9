"""Failures as words, exit codes, and the next command to type."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_nouns import REPORT, view

from fargate_net import app
from fargate_net.cli.main import main
from fargate_net.errors import (
    Denied,
    FargateNetError,
    NotAsked,
    OperationFailed,
    Problem,
    Refused,
    SpecError,
    UsageError,
)

Run = Callable[..., Any]
Fake = Callable[..., list[Any]]

DENIED = Denied("Not allowed.", operation="ec2.describe_vpcs", code="UnauthorizedOperation", request_id="r-1")


@pytest.mark.parametrize(
    ("failure", "code", "lines"),
    [
        (
            OperationFailed("It broke.", "AWS said no.", "Try later."),
            1,
            ["Error: It broke.", "Why: AWS said no.", "Hint: Try later.", "Next: fargatenet plan a.yaml"],
        ),
        (UsageError("No."), 2, ["Error: No.", "Next: fargatenet plan --help"]),
        (Refused("Not ours."), 4, ["Error: Not ours.", "Next: fargatenet plan --help"]),
        (
            SpecError([Problem("a.yaml", 2, 3, "x", "Bad.", "Fix."), Problem("a.yaml", 1, 1, "", "Worse.")]),
            2,
            [
                "a.yaml:1:1: Worse.",
                "a.yaml:2:3: x: Bad. Fix.",
                "Error: 2 problems in the spec.",
                "Next: fargatenet validate a.yaml",
            ],
        ),
        (
            DENIED,
            1,
            [
                "Error: Not allowed.",
                "Next: fargatenet plan a.yaml -v    (adds the AWS operation, code and request id)",
            ],
        ),
        (FargateNetError("No.", hint="Run fargatenet init."), 1, ["Error: No.", "Hint: Run fargatenet init."]),
    ],
)
def test_failures_are_words_and_an_exit_code(
    run: Run, fake: Fake, failure: FargateNetError, code: int, lines: list[str]
) -> None:
    fake("plan", failure)
    done = run("plan", "a.yaml")
    assert done.code == code
    assert done.err.splitlines() == lines
    assert done.out == ""


def test_verbose_adds_what_aws_support_asks_for(run: Run, fake: Fake) -> None:
    fake("plan", DENIED)
    assert "AWS: ec2.describe_vpcs answered UnauthorizedOperation, request id r-1" in run("plan", "a.yaml", "-v").err


def test_verbose_names_the_response_a_snapshot_lacks(run: Run, fake: Fake) -> None:
    fake("plan", NotAsked("ec2:DescribeVpcs"))
    assert "AWS: ec2:DescribeVpcs is not among the saved responses" in run("plan", "a.yaml", "-v").err


def test_the_next_command_can_be_typed_as_it_is(run: Run, fake: Fake) -> None:
    fake("plan", OperationFailed("No."))
    assert "Next: fargatenet plan 'my spec.yaml'" in run("plan", "my spec.yaml").err


def test_a_fault_of_our_own_is_one_line_and_a_file(run: Run, fake: Fake, state: Path) -> None:
    fake("plan", ZeroDivisionError("oops"))
    done = run("plan", "a.yaml")
    assert done.code == 1
    found = re.fullmatch(
        r"fargatenet met a fault of its own \(ZeroDivisionError\); the details are in (.+)\.\n", done.err
    )
    assert found
    path = Path(found[1])
    assert path.is_relative_to(state)
    assert "ZeroDivisionError: oops" in path.read_text()
    assert path.read_text().startswith("fargatenet plan a.yaml\n")
    assert path.stat().st_mode & 0o077 == 0


def test_a_fault_without_a_place_to_save_it(run: Run, fake: Fake, state: Path) -> None:
    state.write_text("a file where the folder should be")
    fake("plan", ZeroDivisionError("oops"))
    done = run("plan", "a.yaml")
    assert done.code == 1
    assert "the details could not be saved" in done.err


def test_ctrl_c_is_130(run: Run, fake: Fake) -> None:
    fake("plan", KeyboardInterrupt())
    done = run("plan", "a.yaml")
    assert done.code == 130
    assert done.err.strip() == "Interrupted."


@pytest.mark.parametrize("args", [("plan",), ("plan", "a.yaml", "--nonsense"), ("plan", "a.yaml", "--output", "xml")])
def test_usage_errors_are_2(run: Run, args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.code == 2
    assert re.search("Try 'fargatenet plan (-h|--help)' for help.", done.err)


def test_a_slip_of_the_pen_gets_a_suggestion(run: Run) -> None:
    done = run("descibe")
    assert done.code == 2
    assert "There is no command 'descibe'. Did you mean describe?" in done.err


@pytest.mark.parametrize("how", ["--no-color", "NO_COLOR"])
def test_plain_text_when_asked(how: str, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, which is where colour would be."""
    written = _on_a_terminal(fake, monkeypatch, [how] if how.startswith("-") else [], {how: "1"})
    assert "\x1b[" not in written


def test_colour_on_a_terminal(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in _on_a_terminal(fake, monkeypatch, [], {"TERM": "xterm-256color"})


def test_a_narrow_terminal_cuts_nothing_off(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    written = _on_a_terminal(fake, monkeypatch, ["--no-color"], {"COLUMNS": "50"}, ["describe"])
    assert "eni-0123456789abcdef0  subnet-0123456789abcdef0  sg-0123456789abcdef0" in written


def test_all_calls_are_told_with_vv(run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("fargatenet")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    fake("plan", view())
    run("plan", "a.yaml", "-v")
    assert not logger.isEnabledFor(logging.DEBUG)
    run("plan", "a.yaml", "-vv")
    assert logger.isEnabledFor(logging.DEBUG)
    logger.setLevel(logging.NOTSET)


def _on_a_terminal(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, args: list[str], env: dict[str, str], command: list[str] | None = None
) -> str:
    leader, follower = os.openpty()
    for name, value in env.items():
        if not name.startswith("-"):
            monkeypatch.setenv(name, value)
    with os.fdopen(follower, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        fake("plan", view())
        fake("describe", REPORT)
        main([*(command or ["plan", "a.yaml"]), *args])
        stdout.flush()
        written = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "shop" in written
    return written


def test_a_reader_that_leaves_is_no_failure() -> None:
    program = (
        "import sys; from fargate_net import app; from fargate_net.cli.main import main\n"
        "app.schema = lambda: {'reader left': sys.stdin.read()}\n"
        "sys.exit(main(['schema']))"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        child.stdin.close()
        assert child.stderr.read() == b""
        assert child.wait() == 141


def test_signs_never_end_a_run_on_a_poor_terminal() -> None:
    program = (
        "import sys; from cli_nouns import FakeChecked, REACHABLE, returning; from fargate_net import app\n"
        "from fargate_net.cli.main import main\n"
        "app.reach_check = returning(FakeChecked({'': (REACHABLE,)}))\n"
        "sys.exit(main(['reach-check']))"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True)
    assert done.stdout.startswith(rb"\u2713 reachable internet -> web:80/tcp")


def test_app_has_every_use_case_the_door_calls() -> None:
    for name in ("validate", "schema", "plan", "up", "down", "describe", "reach_check", "snapshot", "starter"):
        assert callable(getattr(app, name))
