"""``fargatenet init``: writes a first spec into a file. Never here: its text."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from fargate_net.cli.options import Door, look_options
from fargate_net.errors import Refused, UsageError


@click.command()
@click.argument("name", required=False)
@click.option(
    "--from",
    "compose",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="COMPOSE",
    help="Convert this Compose file.",
)
@click.option("--file", type=click.Path(path_type=Path, allow_dash=True), help="Where to write; - is stdout.")
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@look_options
def init(door: Door, name: str | None, compose: Path | None, file: Path | None, force: bool) -> int:
    """Write a commented spec for the stack NAME into NAME.yaml, from nothing or from a Compose file.

    NAME is the name of this folder when not given. What a Compose file cannot say is marked with "# look:".
    """
    from fargate_net import app

    stack = app.stack_name(name or Path.cwd().name)
    if name and stack != name:
        hint = f"Use lower-case letters, digits and hyphens, at most 40: fargatenet init {stack}"
        raise UsageError(f"{name} is not a name for a stack.", hint=hint)
    path = file or Path(f"{stack}.yaml")
    if str(path) != "-" and path.exists() and not force:
        hint = f"Add --force to overwrite it, or validate it: fargatenet validate {shlex.quote(str(path))}"
        raise Refused(f"{path} is already there.", hint=hint)
    text, notes = app.starter(stack, compose)
    if str(path) == "-":
        click.echo(text, nl=False)
    else:
        _write(path, text)
        click.echo(f"Wrote {path}.", err=True)
        for note in notes:
            click.echo(f"  look: {note}", err=True)
        click.echo(f"Next: fargatenet validate {shlex.quote(str(path))}", err=True)
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise UsageError(
            f"{path} cannot be written: {failure.strerror}.", hint="Name another with --file."
        ) from failure
