"""Failures as words: what happened, why, what to do, and the next command to type.

Never here: exit codes of particular errors (each error knows its own), recovery.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from fargate_net.cli.options import Door
from fargate_net.cli.state import state_dir
from fargate_net.errors import AwsError, FargateNetError, NotAsked, Refused, SpecError, UsageError

INTERRUPTED = 130


def explain(failure: FargateNetError, door: Door, command: str, specs: Sequence[Path]) -> None:
    """Tell a person on stderr, with the AWS details when ``-v`` was given.

    Where stderr is JSON lines (``up`` and ``down`` with ``--output json``), an ``error`` line tells it to a program.
    """
    if door.is_data and command.endswith((" up", " down")):
        _error_line(failure)
        return
    if isinstance(failure, SpecError):
        for problem in failure.problems:
            click.echo(str(problem), err=True)
    _line("Error", failure.what, door, color="red")
    _line("Why", failure.why, door)
    if door.verbose and isinstance(failure, AwsError):
        request = f", request id {failure.request_id}" if failure.request_id else ""
        _line("AWS", f"{failure.operation} answered {failure.code}{request}", door)
    if door.verbose and isinstance(failure, NotAsked):
        _line("AWS", f"{failure.operation} is not among the saved responses", door)
    _line("Hint", failure.hint, door)
    _line("Next", next_command(failure, door, command, specs), door, color="cyan")


def next_command(failure: FargateNetError, door: Door, command: str, specs: Sequence[Path]) -> str:
    """The command that most likely brings the reader on. A hint that names one is not said twice."""
    if "fargatenet " in failure.hint:
        return ""
    files = shlex.join(str(path) for path in specs)
    if isinstance(failure, SpecError):
        return "" if command.endswith(" validate") else f"fargatenet validate {files}"
    if isinstance(failure, UsageError):
        return f"{command} --help"
    again = " ".join(part for part in (command, files) if part) + door.place
    if isinstance(failure, Refused):
        return (
            f"fargatenet plan {files}{door.place}" if files and not command.endswith(" plan") else f"{command} --help"
        )
    if isinstance(failure, AwsError) and not door.verbose:
        return f"{again} -v    (adds the AWS operation, code and request id)"
    return again


def report(failure: BaseException, argv: Sequence[str]) -> int:
    """The exit code of whatever ended the run outside of a command, after saying it on stderr."""
    if isinstance(failure, SystemExit):
        return failure.code if isinstance(failure.code, int) else int(failure.code is not None)
    if isinstance(failure, (KeyboardInterrupt, EOFError, click.Abort)):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    if isinstance(failure, click.ClickException):
        failure.show()
        return failure.exit_code
    where = save_traceback(failure, argv)
    told = f"the details are in {where}" if where else "the details could not be saved"
    click.echo(f"fargatenet met a fault of its own ({type(failure).__name__}); {told}.", err=True)
    return 1


def save_traceback(failure: BaseException, argv: Sequence[str]) -> Path | None:
    """Write the traceback into a file that only the user can read; None when no file can be written."""
    text = f"fargatenet {shlex.join(argv)}\n" + "".join(traceback.format_exception(failure))
    folder = state_dir() / "faults"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path
    return None


def _error_line(failure: FargateNetError) -> None:
    from fargate_net.cli.views.jsonl import JsonLines

    said: dict[str, object] = {"what": failure.what, "why": failure.why, "hint": failure.hint}
    if isinstance(failure, SpecError):
        said["why"] = "\n".join(str(problem) for problem in failure.problems)
    if isinstance(failure, AwsError):
        said |= {"operation": failure.operation, "code": failure.code, "request_id": failure.request_id}
    JsonLines(sys.stderr).write("error", {**said, "exit_code": failure.exit_code})


def _line(label: str, text: str, door: Door, color: str = "") -> None:
    if not text:
        return
    plain = not door.color or bool(os.environ.get("NO_COLOR"))
    head = label + ":"
    styled = head if plain or not color else click.style(head, fg=color, bold=True)
    click.echo(f"{styled} {text}", err=True, color=False if plain else None)
