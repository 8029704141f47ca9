"""The options that commands share, and the ``Door`` that carries their values into a command.

Never here: defaults that need AWS (profile, region and endpoint are looked up by botocore when not given).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fargate_net.cli.state import state_dir
from fargate_net.errors import FargateNetError

if TYPE_CHECKING:
    from fargate_net.app import Wire
    from fargate_net.cli.terminal import Screen

Command = Callable[..., "int | None"]
FORMS = ("table", "json", "yaml")
"""How most commands can print their data."""


@dataclass(frozen=True)
class Door:
    """How to speak (``output``, ``color``, ``verbose``) and where AWS is (the rest)."""

    output: str = "table"
    color: bool = True
    verbose: int = 0
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    sandbox: bool = False
    snapshot: Path | None = None

    @property
    def is_data(self) -> bool:
        """True when stdout is for programs: JSON or YAML."""
        return self.output in ("json", "yaml")

    @property
    def place(self) -> str:
        """The options that say where AWS is, with a space before each: for commands to type next."""
        given = (("--profile", self.profile), ("--region", self.region), ("--endpoint-url", self.endpoint_url))
        named = "".join(f" {name} {value}" for name, value in given if value)
        saved = f" --snapshot {self.snapshot}" if self.snapshot else ""
        return named + saved + (" --sandbox" if self.sandbox else "")

    def out(self) -> Screen:
        """The console of data."""
        from fargate_net.cli import terminal

        return terminal.out(self.color)

    def err(self) -> Screen:
        """The console of progress."""
        from fargate_net.cli import terminal

        return terminal.err(self.color)

    def data(self, document: Any) -> None:
        """Print a document of plain lists, dicts and scalars on stdout in the form asked for."""
        if self.output == "yaml":
            from fargate_net.cli.views.yaml import dump

            click.echo(dump(document), nl=False)
        else:
            import json

            click.echo(json.dumps(document, indent=2, ensure_ascii=False))

    def wire(self) -> Wire:
        """Where reads and writes go. With ``--sandbox`` an embedded AWS is found or started first."""
        from fargate_net.app import Wire

        endpoint, sandbox_region = self.endpoint_url, ""
        if self.sandbox:
            from fargate_net.cli.embedded import sandbox_to_use

            endpoint, sandbox_region = sandbox_to_use()
        return Wire(
            profile=self.profile,
            region=self.region,
            endpoint_url=endpoint,
            sandbox_region=sandbox_region,
            snapshot=self.snapshot,
            state=state_dir(),
        )


specs = click.argument("spec", nargs=-1, required=True, type=click.Path(path_type=Path))
"""One or more spec files; services merge."""

maybe_specs = click.argument("spec", nargs=-1, type=click.Path(path_type=Path))
"""Spec files, or none: then any cluster, whoever built it."""


def yes_option(command: Command) -> Command:
    """``--yes``: do not ask."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask before anything is changed.")(command)


def lock_option(command: Command) -> Command:
    """``--no-lock``: work without the lock of the stack."""
    text = "Do not take the stack's lock, where the account forbids the SSM parameter that holds it."
    return click.option("--no-lock", is_flag=True, help=text)(command)


def timeout_option(command: Command) -> Command:
    """``--timeout``: bounds the whole run."""
    from fargate_net.cli.values import Duration

    text = "Give up waiting after this time: 90, 90s, 15m, 1h."
    return click.option("--timeout", type=Duration(), metavar="T", help=text)(command)


def look_options(command: Command) -> Command:
    """``--output``, ``--no-color`` and ``-v``; the command gets them as a ``Door`` in its first argument."""
    return _look(_through_door(command))


def aws_options(*, saved: bool, forms: tuple[str, ...] = FORMS) -> Callable[[Command], Command]:
    """The options of every command that talks to AWS; ``--snapshot`` for those that only read (``saved``).

    ``forms`` are those that the command can print; the first is the usual one.
    """

    def decorate(command: Command) -> Command:
        wrapped = _look(_through_door(command), forms)
        if saved:
            wrapped = click.option(
                "--snapshot",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                metavar="DIR",
                help="Answer every read from the responses saved in this folder.",
            )(wrapped)
        for option in reversed(_WHERE):
            wrapped = option(wrapped)
        return wrapped

    return decorate


_WHERE = (
    click.option("--profile", metavar="NAME", help="Profile of the AWS configuration files. [env: AWS_PROFILE]"),
    click.option("--region", metavar="NAME", help="AWS region. [env: AWS_REGION, AWS_DEFAULT_REGION]"),
    click.option("--endpoint-url", metavar="URL", help="Send all calls to this address. [env: AWS_ENDPOINT_URL]"),
    click.option("--sandbox", is_flag=True, help="Use the embedded AWS on loopback; start it if none runs."),
)


def _look(command: Command, forms: tuple[str, ...] = FORMS) -> Command:
    for option in (
        click.option("-v", "--verbose", count=True, help="Say more: every hop, AWS error codes; -vv: every call."),
        click.option("--no-color", is_flag=True, help="Plain text. [env: NO_COLOR]"),
        click.option(
            "--output",
            type=click.Choice(forms),
            default=forms[0],
            show_default=True,
            help="Form of the data on stdout.",
        ),
    ):
        command = option(command)
    return command


def _through_door(command: Command) -> Command:
    """Gather the shared values into a ``Door``, and turn failures of the run into words and an exit code."""

    @functools.wraps(command)
    def entered(**given: Any) -> int | None:
        door = Door(
            output=given.pop("output"),
            color=not given.pop("no_color"),
            verbose=given.pop("verbose"),
            profile=given.pop("profile", None),
            region=given.pop("region", None),
            endpoint_url=given.pop("endpoint_url", None),
            sandbox=given.pop("sandbox", False),
            snapshot=given.pop("snapshot", None),
        )
        _check(door)
        if door.verbose > 1:
            _log_calls()
        try:
            return command(door, **given)
        except FargateNetError as failure:
            from fargate_net.cli.failures import explain

            context = click.get_current_context()
            explain(failure, door, context.command_path, given.get("spec", ()))
            return failure.exit_code

    return entered


def _check(door: Door) -> None:
    places = [
        name
        for name, value in (
            ("--sandbox", door.sandbox),
            ("--endpoint-url", door.endpoint_url),
            ("--snapshot", door.snapshot),
        )
        if value
    ]
    if len(places) > 1:
        raise click.UsageError(f"{' and '.join(places)} exclude each other: AWS can only be in one place.")


def _log_calls() -> None:
    """Show every AWS call on stderr."""
    import logging

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("fargatenet").setLevel(logging.DEBUG)
