"""``fargatenet iam-policy``: what the commands must be allowed to do. Never here: making the policy."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from fargate_net.cli.options import Door, aws_options, specs


def _account(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9]{12}", value):
        raise click.BadParameter("an AWS account id has twelve digits.", context, option)
    return value


@click.command("iam-policy")
@specs
@click.option("--read-only", is_flag=True, help="Only what plan, describe, reach-check and snapshot read.")
@click.option("--account", metavar="ID", callback=_account, help="Write this account into the ARNs.")
@click.option(
    "--part", type=click.IntRange(min=1), metavar="N", help="Print one document of a policy that has several."
)
@aws_options(saved=True)
def iam_policy(door: Door, spec: tuple[Path, ...], read_only: bool, account: str | None, part: int | None) -> int:
    """Print the least IAM policy that up, down, plan, describe and reach-check need for SPEC, as JSON or YAML.

    Every action is one that these commands call. Writes are bound to the stack: by its tags where AWS can judge tags,
    else by names of the stack's own. A policy longer than IAM takes is printed as a list of documents.
    AWS is asked only where SPEC builds on what exists there.
    """
    from fargate_net import app

    made = app.iam_policy(spec, door.wire(), read_only=read_only, account=account)
    if part is not None and part > len(made.documents):
        raise click.UsageError(f"The policy has {len(made.documents)} part(s); there is no part {part}.")
    chosen = made.documents if part is None else made.documents[part - 1 : part]
    pen = door if door.is_data else replace(door, output="json")
    pen.data(chosen[0] if len(chosen) == 1 else list(chosen))
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    return 0
