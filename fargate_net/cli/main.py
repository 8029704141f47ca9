"""The group of all commands, and the way in: ``main``.

Commands are loaded from a static table when they are called, so ``--help`` and ``--version`` import click alone.
Never here: AWS or plan logic, options of a command, wording of a failure (failures.py).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from fargate_net import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("fargate_net.cli.init:init", "Write a commented spec, from nothing or from a Compose file."),
    "validate": ("fargate_net.cli.validate:validate", "Check a spec without AWS: all errors at once."),
    "plan": ("fargate_net.cli.plan:plan", "Show what up would do: resources, reachability, cost."),
    "up": ("fargate_net.cli.up:up", "Make the stack as the spec says and wait until it works."),
    "down": ("fargate_net.cli.down:down", "Remove what carries the stack's tags, and nothing else."),
    "describe": ("fargate_net.cli.describe:describe", "Show services, tasks, addresses, health and reachability."),
    "reach-check": ("fargate_net.cli.reach_check:reach_check", "Say who can reach what, and what blocks."),
    "graph": ("fargate_net.cli.graph:graph", "Draw the network and its open paths: SVG, HTML or Mermaid."),
    "snapshot": ("fargate_net.cli.snapshot:snapshot", "Save raw describe responses into a folder."),
    "export": ("fargate_net.cli.export:export", "Print the stack as a CloudFormation template."),
    "iam-policy": ("fargate_net.cli.iam_policy:iam_policy", "Print the least IAM policy that a spec needs."),
    "schema": ("fargate_net.cli.schema:schema", "Print the JSON Schema of the spec, for editors."),
    "sandbox": ("fargate_net.cli.sandbox:sandbox", "Start and stop the embedded AWS on loopback."),
}
"""Name of a command: where it is, and its short help. In the order of a first day with the tool."""


class Commands(click.Group):
    """A group that imports a command when it is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list below ``--help``, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name when there is none of that name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"There is no command {name!r}." + (f" Did you mean {near[0]}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands,
    name="fargatenet",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="A first day without an account: fargatenet init shop, then fargatenet up shop.yaml --sandbox",
)
@click.version_option(__version__, "-V", "--version", prog_name="fargatenet", message="%(prog)s %(version)s")
def cli() -> None:
    """Build, inspect and explain the network of AWS Fargate services.

    Exit codes: 0 done, or every expectation met. 1 an operation failed. 2 usage or spec error. 3 an expectation is not
    met. 4 refused: not ours, two claimants, locked. 130 interrupted.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; every failure has become words by then."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a sign must not end the run; the words beside the sign stay.
            stream.reconfigure(errors="backslashreplace")
    argv = list(sys.argv[1:] if args is None else args)
    try:
        _complete()
        with cli.make_context("fargatenet", argv) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except BrokenPipeError:
        return _reader_left()
    except BaseException as failure:  # noqa: BLE001 - the last place where a failure can become a sentence
        from fargate_net.cli.failures import report

        try:
            return report(failure, argv)
        except BrokenPipeError:
            return _reader_left()


def _complete() -> None:
    """Answer a shell that asks for completions (click documentation, Shell Completion), and end."""
    if instruction := os.environ.get("_FARGATENET_COMPLETE"):
        from click.shell_completion import shell_complete

        raise SystemExit(shell_complete(cli, {}, "fargatenet", "_FARGATENET_COMPLETE", instruction))


def _reader_left() -> int:
    """Whoever read our output (``| head``) has left: say nothing, and end as programs that SIGPIPE ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
    return 141
