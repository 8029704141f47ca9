"""``--sandbox`` on any command: the embedded AWS that runs, or one started now. Never here: commands, options."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from fargate_net.errors import FargateNetError, OperationFailed


def sandbox_to_use() -> tuple[str, str]:
    """Endpoint and last Region of the sandbox that runs, or of one started now; says so on stderr when it starts one.

    The Region is where something was built last, ``""`` in an empty sandbox: who names no Region means that one.
    """
    from fargate_net.sandbox import process

    with in_our_words():
        running = process.status()
        if running is None:
            running = process.start()
            click.echo(f"Started the sandbox at {running.endpoint} (fargatenet sandbox stop ends it).", err=True)
    return running.endpoint, running.region


@contextlib.contextmanager
def in_our_words() -> Iterator[None]:
    """Failures of the sandbox room in the words of the door."""
    from fargate_net.sandbox.errors import SandboxError

    try:
        yield
    except SandboxError as failure:
        what = failure.what[:1].upper() + failure.what[1:] + "."
        raise OperationFailed(what, hint=failure.hint) from failure
    except OSError as failure:
        raise FargateNetError(f"The sandbox cannot be reached or started: {failure}.") from failure
