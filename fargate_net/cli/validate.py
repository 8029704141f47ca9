"""``fargatenet validate``: everything that can be known without AWS. Never here: rules of the spec."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fargate_net.cli.options import Door, look_options, specs
from fargate_net.errors import Problem, SpecError


@click.command()
@specs
@look_options
def validate(door: Door, spec: tuple[Path, ...]) -> int:
    """Check SPEC without AWS and report all errors at once, each with file:line:column.

    Exit code 2 when there are errors; warnings do not change it.
    """
    from fargate_net import app

    try:
        loaded = app.validate(spec)
    except SpecError as failure:
        if not door.is_data:
            raise
        door.data(_document(False, failure.problems, ()))
        return failure.exit_code
    if door.is_data:
        door.data(_document(True, (), loaded.warnings))
        return 0
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    stack = loaded.stack
    what = [f"{len(stack.services)} service{'s' if len(stack.services) != 1 else ''}"] if stack.services else []
    what += [f"{len(stack.reach)} expectation{'s' if len(stack.reach) != 1 else ''}"] if stack.reach else []
    name = f"stack {stack.stack}" if stack.stack else "expectations only"
    click.echo(f"{' '.join(loaded.files)}: valid; {', '.join([name, *what])}.")
    return 0


def _document(valid: bool, problems: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "version": 1,
        "valid": valid,
        "problems": [_problem(item) for item in problems],
        "warnings": [_problem(item) for item in warnings],
    }


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "file": item.file,
        "line": item.line,
        "column": item.column,
        "path": item.path,
        "message": item.message,
        "hint": item.hint,
    }
