"""Where a probe makes no sense it is refused before anything is read or connected."""

from __future__ import annotations

from pathlib import Path

import pytest

from fargate_net.app.probing import knock
from fargate_net.cli.main import main

ARTICLE = str(Path(__file__).parent.parent.parent / "examples" / "article.yaml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((ARTICLE, "--planned"), "A plan has nothing to connect to."),
        (("--cluster", "shop", "--snapshot", "."), "Saved responses have nothing to connect to."),
        ((ARTICLE, "--all"), "--all asks about pairs inside the network"),
        ((ARTICLE, "--against", "."), "--against asks about pairs inside the network"),
        (("--from", "web", "--to", "api:80"), "A probe starts on this machine, not at web."),
        ((ARTICLE, "--endpoint-url", "http://127.0.0.1:9"), "The sandbox has invented addresses"),
        ((ARTICLE, "--endpoint-url", "http://localhost:9"), "The sandbox has invented addresses"),
    ],
)
def test_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(knock, "dial", never)
    assert main(["reach-check", *words, "--probe"]) == 2
    assert said in capsys.readouterr().err


def test_the_environment_can_point_at_the_sandbox_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://[::1]:9")
    assert main(["reach-check", ARTICLE, "--probe"]) == 2
    assert "invented addresses" in capsys.readouterr().err
