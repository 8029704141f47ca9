"""The import laws and the habits of the house, read from the code itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "fargate_net"
FILES = sorted(ROOT.rglob("*.py"))

OURS = {
    "errors": set(),
    "model": {"errors"},
    "spec": {"model", "errors"},
    "kinds": {"model", "errors"},
    "blueprint": {"spec", "kinds", "model", "errors"},
    "engine": {"kinds", "model", "errors"},
    "reach": {"kinds", "model", "errors"},
    "export": {"blueprint", "kinds", "model", "errors"},
    "aws": {"errors"},
    "app": {"spec", "blueprint", "engine", "reach", "export", "aws", "kinds", "model", "errors"},
    "cli": {"app", "model", "errors", "sandbox"},
    "sandbox": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
THIRD_PARTY = {
    "spec": {"pydantic", "pydantic_core", "yaml"},
    "aws": {"boto3", "botocore"},
    "cli": {"click", "rich"},
    "sandbox": {"moto", "flask", "flask_cors", "werkzeug", "boto3", "botocore"},
}


def room(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0]
    return part.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                assert node.level == 1, f"{path}:{node.lineno}: an import that climbs out of its room"
                continue
            if node.module == "fargate_net":
                for alias in node.names:
                    yield node.lineno, f"fargate_net.{alias.name}"
            else:
                yield node.lineno, node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    here = room(path)
    wrong = []
    for line, module in imports(path):
        top, _, rest = module.partition(".")
        if top == "fargate_net":
            there = rest.split(".")[0]
            if there in ("", "__version__") or there == here:
                continue
            if there not in OURS[here]:
                wrong.append(f"{line}: {here} may not import {module}")
        elif top not in sys.stdlib_module_names and top not in THIRD_PARTY.get(here, set()):
            wrong.append(f"{line}: {here} may not import the package {top}")
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_clock_and_printing_have_one_home(path: Path) -> None:
    here, wrong = room(path), []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if (
            name in ("time.sleep", "sleep", "datetime.now", "datetime.datetime.now", "time.time", "time.monotonic")
            and here != "sandbox"
            and path.relative_to(ROOT).as_posix() != "engine/patience.py"
        ):
            wrong.append(f"{node.lineno}: {name} outside engine/patience.py")
        if name in ("print", "click.echo", "click.secho") and here not in ("cli", "sandbox"):
            wrong.append(f"{node.lineno}: {name} outside cli")
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "no module docstring"


def test_no_vague_names() -> None:
    vague = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and any(word in node.name.lower() for word in ("manager", "helper", "util"))
    ]
    assert not vague


def test_every_resource_type_is_one_file() -> None:
    """The kind word of a props class is the name of its file, or starts with it (a transit gateway's three nouns)."""
    for path in (ROOT / "kinds").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and node.target.id == "kind"
                and isinstance(node.value, ast.Constant)
            ):
                kind = str(node.value.value)
                assert kind == path.stem or kind.startswith(path.stem.split("_")[0]), f"{path.name} holds {kind}"
