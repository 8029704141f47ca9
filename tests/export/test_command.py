"""``fargatenet export cloudformation``: the template on stdout, what is not in it on stderr."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from fargate_net.app import exporting
from fargate_net.cli.main import main
from tests.export.test_cloudformation import EXAMPLES, check

SPEC = """\
stack: shop
services:
  web:
    containers: [{name: app, image: nginx, ports: [80]}]
"""


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Region comes from the environment of whoever runs the tests."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def exported(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[str, str]:
    assert main(["export", "cloudformation", *map(str, words)]) == 0
    return capsys.readouterr()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_yaml_and_json_are_one_whole_template(capsys: pytest.CaptureFixture[str], example: Path) -> None:
    as_yaml, _ = exported(capsys, example)
    as_json, _ = exported(capsys, example, "--output", "json")
    assert yaml.safe_load(as_yaml) == json.loads(as_json)
    check(json.loads(as_json))


def test_what_is_left_out_is_said_apart(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = exported(capsys, next(path for path in EXAMPLES if path.stem == "static-dns"))
    assert "note: The record " in err
    assert "AWS::Route53::RecordSet" not in out


def test_a_region_that_nobody_named_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(SPEC)
    _, err = exported(capsys, spec)
    assert "note: The spec names no Region: the template is drawn for us-east-1." in err
    assert "it stands in us-east-1a, us-east-1b." in err
    out, err = exported(capsys, spec, "--region", "eu-west-1")
    assert "names no Region" not in err
    assert "AvailabilityZone: eu-west-1a" in out
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert "names no Region" not in exported(capsys, spec)[1]
    assert "eu-north-1a" in exported(capsys, spec)[0]


def test_a_template_too_large_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_RESOURCES", 3)
    spec = tmp_path / "shop.yaml"
    spec.write_text(SPEC)
    assert "CloudFormation takes 3. Split the spec." in exported(capsys, spec)[1]


def test_expectations_alone_are_no_stack(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = tmp_path / "reach.yaml"
    spec.write_text("reach: [{from: internet, to: 'web:80'}]\n")
    assert main(["export", "cloudformation", str(spec)]) == 2
    assert "The file holds expectations only" in capsys.readouterr().err
