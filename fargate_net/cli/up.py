"""``fargatenet up``: plan, ask, apply, wait, describe. Never here: doing any of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, lock_option, specs, timeout_option, yes_option


@click.command()
@specs
@yes_option
@click.option("--prune", is_flag=True, help="Also delete what the stack has and the spec no longer names.")
@timeout_option
@lock_option
@aws_options(saved=False)
def up(door: Door, spec: tuple[Path, ...], yes: bool, prune: bool, timeout: float | None, no_lock: bool) -> int:
    """Make the stack as SPEC says: plan, ask, apply, and wait until tasks run and targets are healthy.

    Then print what describe prints. Safe to run again after any failure: what is done is not done twice.
    """
    from fargate_net import app
    from fargate_net.cli import outcome, progress

    run = app.up(spec, door.wire(), prune=prune, timeout=timeout, lock=not no_lock)
    plan = run.plan_view.plan
    progress.present(door, run.plan_view)
    if not plan.is_empty and not progress.consent(f"Make these changes to stack {plan.stack}?", yes=yes):
        click.echo("Nothing was changed.", err=True)
        return 1
    last = progress.follow(door, run)
    files = shlex.join(str(path) for path in spec)
    return outcome.of_up(door, run, last, files)
