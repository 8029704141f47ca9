"""``fargatenet iam-policy`` at the door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fargate_net.cli.main import main

ROOT = Path(__file__).parent.parent.parent
ARTICLE = str(ROOT / "examples" / "article.yaml")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_short_policy_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["iam-policy", ARTICLE, "--read-only", "--account", "123456789012"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["Version"] == "2012-10-17"
    assert "arn:aws:ecs:eu-west-1:123456789012:cluster/shop" in out
    assert "account" not in err


def test_a_long_one_is_a_list_and_can_be_had_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["iam-policy", ARTICLE]) == 0
    out, err = capsys.readouterr()
    whole = json.loads(out)
    assert f"a list of {len(whole)}" in err
    assert "6144 characters" in err
    assert "--account" in err
    parts = []
    for number in range(1, len(whole) + 1):
        assert main(["iam-policy", ARTICLE, "--part", str(number)]) == 0
        parts.append(json.loads(capsys.readouterr().out))
    assert parts == whole
    assert main(["iam-policy", ARTICLE, "--part", str(len(whole) + 1)]) == 2
    assert "there is no part" in capsys.readouterr().err


def test_yaml_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["iam-policy", ARTICLE, "--output", "yaml", "--part", "1"]) == 0
    assert capsys.readouterr().out.startswith('Version: "2012-10-17"\nStatement:\n- Sid: ')


def test_without_a_region_the_policy_holds_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(Path(ARTICLE).read_text().replace("region: eu-west-1\n", ""))
    assert "region:" not in spec.read_text()
    assert main(["iam-policy", str(spec)]) == 0
    out, err = capsys.readouterr()
    assert "names no Region" in err
    assert "arn:aws:ecs:*:*:cluster/shop" in out
    assert "RequestedRegion" not in out
    assert main(["iam-policy", str(spec), "--region", "cn-north-1"]) == 0
    out, err = capsys.readouterr()
    assert "arn:aws-cn:ecs:cn-north-1:*:cluster/shop" in out
    assert "names no Region" not in err


@pytest.mark.parametrize("words", [["--account", "1234"], ["--account", "12345678901a"], ["--part", "0"]])
def test_wrong_values_are_usage_errors(words: list[str]) -> None:
    assert main(["iam-policy", ARTICLE, *words]) == 2
