"""``fargatenet describe``: services, tasks, addresses, health. Never here: reading AWS, columns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fargate_net.cli.options import Door, aws_options, maybe_specs

if TYPE_CHECKING:
    from fargate_net.model.report import Report

EVERY = 5.0
"""Seconds between two looks of ``--watch``."""


@click.command()
@maybe_specs
@click.option("--cluster", metavar="NAME", help="Only this ECS cluster, whoever built it.")
@click.option("--service", metavar="NAME", help="Only this service.")
@click.option("--watch", is_flag=True, help="Look again every 5 seconds until Ctrl-C.")
@aws_options(saved=True)
def describe(door: Door, spec: tuple[Path, ...], cluster: str | None, service: str | None, watch: bool) -> int:
    """Show the services of SPEC, or of any ECS cluster, whoever built it.

    Each task with its interface, addresses, ports, health and who reaches it; stopped tasks with cause and fix.
    """
    from fargate_net import app

    wire = door.wire()

    def look() -> Report:
        return app.describe(spec, wire, cluster=cluster, service=service)

    if watch:
        _watch(door, look, threading.Event().wait)
    else:
        _show(door, look())
    return 0


def _show(door: Door, report: Report) -> None:
    from fargate_net.cli.views import documents, tables

    if door.is_data:
        door.data(documents.report_document(report))
    else:
        tables.show(door.out(), report)


def _watch(door: Door, look: Callable[[], Report], pause: Callable[[float], object]) -> None:
    """Show every report that differs from the one before; on a terminal in place of it."""
    last: Report | None = None
    while True:
        report = look()
        if report != last:
            if not door.is_data and door.out().is_terminal:
                click.clear()
            elif door.output == "yaml" and last is not None:
                click.echo("---")
            _show(door, report)
            last = report
        pause(EVERY)
