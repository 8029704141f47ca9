"""``fargatenet down``: removes what is ours. Never here: doing it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, lock_option, specs, timeout_option, yes_option


@click.command()
@specs
@yes_option
@click.option("--force", is_flag=True, help="Remove load balancers that are protected against deletion, too.")
@timeout_option
@lock_option
@aws_options(saved=False)
def down(door: Door, spec: tuple[Path, ...], yes: bool, force: bool, timeout: float | None, no_lock: bool) -> int:
    """Remove all that carries the tags of SPEC's stack, and nothing else, and wait until it is gone.

    Says what still blocks a removal and who owns it.
    """
    from fargate_net import app
    from fargate_net.cli import outcome, progress

    run = app.down(spec, door.wire(), timeout=timeout, lock=not no_lock, force=force)
    plan = run.plan_view.plan
    if plan.is_empty:
        return outcome.of_empty_down(door, plan.stack)
    progress.present(door, run.plan_view)
    if not progress.consent(f"Delete these {len(plan.of('delete'))} resources of stack {plan.stack}?", yes=yes):
        click.echo("Nothing was changed.", err=True)
        return 1
    last = progress.follow(door, run)
    return outcome.of_down(door, run, last, shlex.join(str(path) for path in spec))
