"""Nothing a user can type is missing in the docs: commands, options, keys of the spec, examples."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from fargate_net.cli.main import COMMANDS, cli
from fargate_net.spec.schema import json_schema
from tests.docs.write import DOCS, ROOT

COMMANDS_PAGE = (DOCS / "commands.md").read_text()
SPEC_PAGE = (DOCS / "spec.md").read_text()
README = (ROOT / "README.md").read_text()


def options(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from ((path, name) for name in (*parameter.opts, *parameter.secondary_opts))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from options(inner, f"{path} {name}")


def keys() -> Iterator[tuple[str, str]]:
    schema = json_schema()
    for name, part in [("Stack", schema), *schema["$defs"].items()]:
        for shape in (part, *part.get("anyOf", ())):
            yield from ((name, key) for key in shape.get("properties", ()))


def section(page: str, title: str) -> str:
    found = [part for part in page.split("\n## ") if part.partition("\n")[0] == title]
    assert found, f"there is no section {title}"
    return found[0]


@pytest.mark.parametrize(("path", "option"), sorted(set(options(cli, "fargatenet"))))
def test_option_is_told(path: str, option: str) -> None:
    assert option in section(COMMANDS_PAGE, path)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_told(name: str) -> None:
    assert f"Usage: fargatenet {name} " in section(COMMANDS_PAGE, f"fargatenet {name}")


@pytest.mark.parametrize(("model", "key"), sorted(set(keys())))
def test_key_is_told(model: str, key: str) -> None:
    assert f"| `{key}` |" in section(SPEC_PAGE, model)


@pytest.mark.parametrize("example", sorted(path.name for path in (ROOT / "examples").glob("*.yaml")))
def test_example_has_a_place_in_the_readme(example: str) -> None:
    assert f"](examples/{example})" in README
