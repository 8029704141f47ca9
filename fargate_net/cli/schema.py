"""``fargatenet schema``: the JSON Schema of the spec. Never here: the schema itself."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the spec, so that an editor completes and checks it.

    Save it and name it in the first line of a spec: # yaml-language-server: $schema=schema.json
    """
    from fargate_net import app

    click.echo(json.dumps(app.schema(), indent=2, ensure_ascii=False))
