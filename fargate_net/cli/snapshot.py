"""``fargatenet snapshot``: saves raw responses. Never here: calls, file formats."""

from __future__ import annotations

from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--cluster", metavar="NAME", help="Only this ECS cluster and the networks of its tasks.")
@click.option("--vpc", metavar="ID", help="Only this VPC.")
@aws_options(saved=False)
def snapshot(door: Door, folder: Path, cluster: str | None, vpc: str | None) -> int:
    """Save the raw describe responses of the network into DIR, for describe and reach-check with --snapshot DIR.

    The files hold what AWS answered, account numbers and addresses included: look before you share them.
    """
    from fargate_net import app

    files = app.snapshot(folder, door.wire(), cluster=cluster, vpc=vpc)
    if door.is_data:
        door.data({"version": 1, "folder": str(folder), "files": [str(path) for path in files]})
    else:
        click.echo(f"{len(files)} responses saved in {folder}.")
        click.echo(f"Next: fargatenet reach-check --all --snapshot {folder}", err=True)
    return 0
