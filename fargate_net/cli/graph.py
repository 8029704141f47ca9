"""``fargatenet graph``: a picture of a network. Never here: what is in it, how it is drawn."""

from __future__ import annotations

from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, maybe_specs
from fargate_net.errors import UsageError


@click.command()
@maybe_specs
@click.option("--planned", is_flag=True, help="Draw the network that SPEC would make, before anything exists.")
@click.option("--cluster", metavar="NAME", help="Draw this ECS cluster, whoever built it.")
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write into this file instead of stdout.",
)
@aws_options(saved=True, forms=("svg", "mermaid", "html"))
def graph(door: Door, spec: tuple[Path, ...], planned: bool, cluster: str | None, file: Path | None) -> int:
    """Draw zones, subnets, gateways, balancers, tasks and endpoints, and who can open connections to whom.

    Of SPEC as it is or as it would be, of any cluster, or of saved responses. Solid lines are open paths; red dashed
    ones are paths that SPEC expects to be blocked. In the picture, point at a line to see the rules that decide.
    """
    from fargate_net import app
    from fargate_net.cli.views.picture.mermaid import mermaid
    from fargate_net.cli.views.picture.page import page
    from fargate_net.cli.views.picture.svg import svg

    picture = app.graph(spec, door.wire(), planned=planned, cluster=cluster)
    text = {"svg": svg, "mermaid": mermaid, "html": page}[door.output](picture)
    if file is None:
        click.echo(text, nl=False)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{file} cannot be written: {error.strerror}.", hint="Name another file.") from error
        click.echo(f"Wrote {file}.", err=True)
    for note in picture.notes:
        click.echo(note, err=True)
    return 0
