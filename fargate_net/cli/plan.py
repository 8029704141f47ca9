"""``fargatenet plan``: what ``up`` would do. Never here: computing it."""

from __future__ import annotations

from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, specs


@click.command()
@specs
@click.option(
    "--check",
    is_flag=True,
    help="Exit with 3 when anything would change or an expectation is not met: for CI.",
)
@click.option("--prune", is_flag=True, help="Also show what `up --prune` would delete.")
@aws_options(saved=True)
def plan(door: Door, spec: tuple[Path, ...], check: bool, prune: bool) -> int:
    """Show what up would do to the stack of SPEC: resources, reachability that opens and closes, monthly cost.

    Nothing is changed. With -v the properties of new resources are listed too.
    """
    from fargate_net import app
    from fargate_net.cli.views import plan as view
    from fargate_net.cli.views.plan_document import document

    planned = app.plan(spec, door.wire(), prune=prune)
    if door.is_data:
        door.data(document(planned))
    else:
        view.show(door.out(), planned, every_field=door.verbose > 0)
    met = all(answer.met for answer in planned.answers)
    return 3 if check and not (planned.plan.is_empty and met) else 0
