"""Files: reading, merging, and the places of what clashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fargate_net.errors import Problem, SpecError
from fargate_net.spec.load import load
from tests.spec.marked import ECR, stack

API = f'services:\n  api: {{containers: [{{name: app, image: "{ECR}", ports: [8080]}}]}}\n'


def write(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.write_text(text)
        paths.append(path)
    return paths


def faults(paths: list[Path]) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        load(paths)
    return list(caught.value.problems)


def test_services_and_expectations_of_several_files_add_up(tmp_path: Path) -> None:
    reach = "region: eu-west-1\nreach:\n  - {from: api, to: web:80}\n"
    paths = write(tmp_path, a=stack(more="reach: [{from: web, to: api:8080}]"), b=API, c=reach)
    found = load(paths)
    assert list(found.stack.services) == ["web", "api"]
    assert [(entry.source, entry.to) for entry in found.stack.reach] == [("web", "api:8080"), ("api", "web:80")]
    assert found.files == tuple(map(str, paths))


def test_a_clash_names_both_places(tmp_path: Path) -> None:
    paths = write(tmp_path, a=stack(), b="stack: other\nregion: eu-west-1\n" + API.replace("api", "web"))
    first, second = faults(paths)
    assert (first.file, first.line, first.column) == (str(paths[1]), 1, 1)
    assert f"`stack` is given twice; first at {paths[0]}:1:1" in first.message
    assert (second.line, second.column, second.path) == (4, 3, "services.web")
    assert f"first at {paths[0]}:6:3" in second.message


def test_two_networks_clash_even_when_they_are_the_same(tmp_path: Path) -> None:
    paths = write(tmp_path, a=stack(), b="network: {egress: endpoints}\n" + API)
    assert [problem.path for problem in faults(paths)] == ["network"]


def test_a_problem_is_placed_in_its_own_file(tmp_path: Path) -> None:
    paths = write(tmp_path, a=stack(), b=API + "reach:\n  - {from: web, to: ipa:8080}\n")
    (problem,) = faults(paths)
    assert (problem.file, problem.line, problem.column) == (str(paths[1]), 4, 21)
    assert str(problem).startswith(f"{paths[1]}:4:21: reach[0].to: The stack has no service `ipa`.")


def test_an_unreadable_file_is_reported_without_guesses_about_the_rest(tmp_path: Path) -> None:
    (path,) = write(tmp_path, a=stack(more="reach: [{from: web, to: api:8080}]"))
    found = faults([path, tmp_path / "missing.yaml", tmp_path])
    assert [(problem.file, problem.message) for problem in found] == [
        (str(tmp_path), "This is a folder."),
        (str(tmp_path / "missing.yaml"), "There is no such file."),
    ]


def test_text_that_is_not_utf8_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"stack: shop\nregion: \xff\xfe\n")
    (problem,) = faults([path])
    assert (problem.line, problem.column, problem.message) == (2, 9, "The file is not UTF-8 text.")


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    (problem,) = faults([path])
    assert "larger than 1 MiB" in problem.message


def test_no_file_and_a_path_that_cannot_be_one() -> None:
    assert "No spec file" in faults([])[0].message
    assert "cannot be read" in faults([Path("a\0b")])[0].message


def test_expectations_alone_are_a_spec(tmp_path: Path) -> None:
    (path,) = write(tmp_path, a='region: eu-west-1\nreach:\n  - {from: internet, to: "anything:80", expect: blocked}\n')
    found = load([path]).stack
    assert found.is_expectations_only
    assert found.stack is None
    assert found.services == {}
    assert len(found.reach) == 1


def test_the_environment_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION", "us-east-1")
    (path,) = write(tmp_path, a=stack(container='environment: {A: "${REGION}"}'))
    found = load([path])
    assert found.stack.services["web"].containers[0].environment == {"A": "${REGION}"}
    assert ["${REGION}" in warning.message for warning in found.warnings] == [True]


def test_the_models_are_cheap_to_import() -> None:
    code = (
        "import sys, fargate_net.spec.models\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(roots & {'boto3', 'botocore', 'moto', 'rich', 'click'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
