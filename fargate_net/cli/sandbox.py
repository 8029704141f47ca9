"""``fargatenet sandbox``: the embedded AWS, started and stopped from here.

Knows the sandbox room inside functions only, so that ``--help`` stays fast. Never here: moto, what a fault does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from fargate_net.cli.embedded import in_our_words
from fargate_net.cli.options import Door, look_options


@click.group()
def sandbox() -> None:
    """The embedded AWS on loopback: try everything without an account. Nothing leaves this machine.

    --sandbox on any other command starts it by itself.
    """


@sandbox.command()
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Port on 127.0.0.1; default: a free one.")
@click.option("--pace", type=click.FloatRange(min=0, min_open=True), metavar="N", help=(
    "Play AWS's own waits N times faster. Without it every wait is a fraction of a second."
))  # fmt: skip
@click.option("--faults", "--fault", "faults", multiple=True, metavar="NAME=VALUE,...", help=(
    "Play faults: throttle=0.1, error=0.05, timeout=0.02, lag=2s, roles=10s, buckets=1, seed=7. May be repeated."
))  # fmt: skip
@look_options
def start(door: Door, port: int | None, pace: float | None, faults: tuple[str, ...]) -> int:
    """Start it, or change the settings of the one that runs."""
    from fargate_net.sandbox import process

    with in_our_words():
        running = process.start(port=port, pace=pace, faults=dict(_pairs(faults)))
    _tell(door, running)
    if not door.is_data:
        click.echo("Next: fargatenet up SPEC --sandbox", err=True)
        click.echo(f"Other tools find it with: export AWS_ENDPOINT_URL={running.endpoint}", err=True)
    return 0


@sandbox.command()
@look_options
def stop(door: Door) -> int:
    """Stop it; everything in it is gone."""
    from fargate_net.sandbox import process

    with in_our_words():
        ran = process.stop()
    if door.is_data:
        door.data({"version": 1, "running": False, "stopped": ran})
    else:
        click.echo("The sandbox is stopped." if ran else "No sandbox runs.")
    return 0


@sandbox.command()
@look_options
def status(door: Door) -> int:
    """Say whether it runs, where, and with which settings."""
    from fargate_net.sandbox import process

    running = process.status()
    if running is not None:
        _tell(door, running)
    elif door.is_data:
        door.data({"version": 1, "running": False})
    else:
        click.echo("No sandbox runs.")
        click.echo("Next: fargatenet sandbox start", err=True)
    return 0


@sandbox.command()
@look_options
def reset(door: Door) -> int:
    """Empty it: all resources, counters and settings."""
    from fargate_net.sandbox import process

    with in_our_words():
        process.reset()
    if door.is_data:
        door.data({"version": 1, "running": True, "reset": True})
    else:
        click.echo("The sandbox is empty.")
    return 0


def _tell(door: Door, running: Any) -> None:
    if door.is_data:
        known = {"endpoint": running.endpoint, "pid": running.pid, "started": running.started}
        door.data({"version": 1, "running": True, **known, "settings": dict(running.settings)})
        return
    click.echo(f"The sandbox runs at {running.endpoint} (process {running.pid}, since {running.started[:19]}).")
    played = ", ".join(f"{name}={value}" for name, value in running.settings.items() if value)
    if played:
        click.echo(f"Settings: {played}")


def _pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in (part.strip() for given in texts for part in given.split(",")):
        name, equals, value = text.partition("=")
        if not name or not equals or not value:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--faults")
        yield name, value
