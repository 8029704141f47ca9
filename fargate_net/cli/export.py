"""``fargatenet export``: the stack in the form of another tool. Never here: making the template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, specs


@click.group()
def export() -> None:
    """The same stack for another tool, for those who move on."""


@export.command()
@specs
@aws_options(saved=True)
def cloudformation(door: Door, spec: tuple[Path, ...]) -> int:
    """Print the stack of SPEC as a CloudFormation template: YAML, or JSON with --output json.

    AWS is asked only where SPEC builds on what exists there. What only AWS knows becomes a parameter of the template.
    Tags of fargatenet are not in it: what CloudFormation makes is not found by up, plan or down.
    """
    from fargate_net import app

    made = app.cloudformation(spec, door.wire())
    (door if door.is_data else replace(door, output="yaml")).data(made.template)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    return 0
