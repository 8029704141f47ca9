"""docs/commands.md, made from the help of the commands: ``python -m fargate_net.cli.docs`` prints it.

Never here: text that belongs into a help.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from fargate_net.cli.main import COMMANDS, cli

HEAD = """\
# Commands

Made from the help of the program: edit the help, then run `make docs`.

Data goes to stdout, progress and questions to stderr. Exit codes: 0 done, or every expectation met · 1 an operation
failed · 2 usage or spec error · 3 an expectation is not met, a single question is not reachable, or `plan --check` has
changes · 4 refused: not ours, two claimants, locked · 130 interrupted · 141 the reader of the output left.
"""


def markdown() -> str:
    """The whole page."""
    parts = [HEAD, _help(cli, "fargatenet", None)]
    root = click.Context(cli, info_name="fargatenet", **cli.context_settings)
    for name in COMMANDS:
        command = cli.get_command(root, name)
        assert command is not None
        parts += _sections(command, name, root)
    return "\n".join(parts)


def _sections(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    yield _help(command, context.command_path, parent)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            below = command.get_command(context, inner)
            assert below is not None
            yield from _sections(below, inner, context)


def _help(command: click.Command, path: str, parent: click.Context | None) -> str:
    name = path.rpartition(" ")[2]
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=100, **cli.context_settings,
    )  # fmt: skip
    return f"## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


if __name__ == "__main__":
    click.echo(markdown(), nl=False)
