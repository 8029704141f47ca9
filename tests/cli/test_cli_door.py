"""The door itself: help, start time, generated pages, init, sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fargate_net import __version__
from fargate_net.cli import docs
from fargate_net.cli.main import COMMANDS, cli
from fargate_net.cli.views.yaml import dump
from fargate_net.sandbox import process
from fargate_net.sandbox.errors import SandboxNotInstalledError

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{context.command_path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, click.Context(command, info_name=name, parent=context))


ALL = dict(commands(cli, click.Context(cli, info_name="fargatenet", **cli.context_settings)))


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_has_help(path: str) -> None:
    command = ALL[path]
    assert command.help
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{path} {param.opts}"


def test_options_of_every_command_that_talks_to_aws() -> None:
    wanted = {"--profile", "--region", "--endpoint-url", "--sandbox", "--output", "--no-color", "--verbose"}
    reads = {"plan", "describe", "reach-check"}
    for name in reads | {"up", "down", "snapshot"}:
        given = {option for param in ALL[f"fargatenet {name}"].params for option in param.opts}
        assert wanted <= given, name
        assert ("--snapshot" in given) is (name in reads), name


def test_commands_md_is_what_the_help_says() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == docs.markdown(), "stale: make docs"


def test_the_short_help_of_the_table_names_real_commands(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    for name, (_, short) in COMMANDS.items():
        assert f"{name} " in done.out
        assert short.split()[0] in done.out


def test_version(run: Run) -> None:
    assert run("--version").out == f"fargatenet {__version__}\n"


def imported(*args: str) -> set[str]:
    """The packages that a command line imports, from a fresh interpreter."""
    program = (
        "import sys; from fargate_net.cli.main import main\n"
        f"main({list(args)!r})\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


HEAVY = {"boto3", "botocore", "moto", "pydantic", "yaml", "rich", "flask"}


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("reach-check", "--help"), ("sandbox", "--help")])
def test_help_imports_click_alone(args: tuple[str, ...]) -> None:
    loaded = imported(*args)
    assert "click" in loaded
    assert not loaded & HEAVY


def test_validate_needs_no_aws(tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text("stack: shop\nservices: {}\n")
    loaded = imported("validate", str(spec))
    assert "pydantic" in loaded
    assert not loaded & {"boto3", "botocore", "moto", "flask", "rich"}


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fargate_net", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == f"fargatenet {__version__}\n"


def test_init_writes_a_spec_and_never_over_another(run: Run, tmp_path: Path) -> None:
    done = run("init", "shop")
    assert done.code == 0
    assert done.err == "Wrote shop.yaml.\nNext: fargatenet validate shop.yaml\n"
    assert "\nstack: shop " in (tmp_path / "shop.yaml").read_text()
    again = run("init", "shop")
    assert again.code == 4
    assert "shop.yaml is already there." in again.err
    assert run("init", "shop", "--force").code == 0


def test_init_takes_the_name_of_the_folder(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "My Shop 2"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert run("init").err.startswith("Wrote my-shop-2.yaml.")


def test_init_on_stdout(run: Run, tmp_path: Path) -> None:
    done = run("init", "shop", "--file", "-")
    assert yaml.safe_load(done.out)["stack"] == "shop"
    assert list(tmp_path.glob("*.yaml")) == []


def test_init_refuses_a_name_no_stack_can_have(run: Run) -> None:
    done = run("init", "My_Shop")
    assert done.code == 2
    assert "fargatenet init my-shop" in done.err


def test_init_from_compose(run: Run, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {build: ., ports: ['8080:80']}}\n")
    done = run("init", "shop", "--from", "compose.yaml")
    assert done.code == 0
    assert "  look: web: build the image of web, push it to a registry, and name it in `image`" in done.err
    assert run("validate", "shop.yaml").code == 0


def test_init_from_something_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("hello: world\n")
    done = run("init", "shop", "--from", "compose.yaml")
    assert done.code == 2
    assert "This is no Compose file: it has no `services:`." in done.err


RUNNING = SimpleNamespace(
    endpoint="http://127.0.0.1:4566", pid=7, started="2026-01-01T00:00:00+00:00", settings={"throttle": 0.1, "lag": 0}
)


def test_sandbox_start_passes_its_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(process, "start", lambda **how: asked.append(how) or RUNNING)
    done = run("sandbox", "start", "--port", "4566", "--pace", "50", "--faults", "throttle=0.1,lag=2s")
    assert done.code == 0
    assert asked == [{"port": 4566, "pace": 50.0, "faults": {"throttle": "0.1", "lag": "2s"}}]
    assert done.out.startswith("The sandbox runs at http://127.0.0.1:4566 (process 7, since 2026-01-01T00:00:00).")
    assert "Settings: throttle=0.1\n" in done.out
    assert "Next: fargatenet up SPEC --sandbox" in done.err


def test_sandbox_faults_are_pairs(run: Run) -> None:
    done = run("sandbox", "start", "--fault", "throttle")
    assert done.code == 2
    assert "'throttle' is not NAME=VALUE." in done.err


def test_sandbox_that_is_not_installed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(**_: Any) -> None:
        raise SandboxNotInstalledError("moto")

    monkeypatch.setattr(process, "start", start)
    done = run("sandbox", "start")
    assert done.code == 1
    assert "pip install 'fargatenet[sandbox]'" in done.err


def test_sandbox_status_and_stop_when_none_runs(run: Run) -> None:
    assert run("sandbox", "status").out == "No sandbox runs.\n"
    assert json.loads(run("sandbox", "status", "--output", "json").out) == {"version": 1, "running": False}
    assert run("sandbox", "stop").out == "No sandbox runs.\n"
    reset = run("sandbox", "reset")
    assert reset.code == 1
    assert reset.err.startswith("Error: No sandbox runs.\n")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(DOCUMENTS)
def test_yaml_is_read_back_as_it_was(document: Any) -> None:
    assert json.dumps(yaml.safe_load(dump(document))) == json.dumps(document)
