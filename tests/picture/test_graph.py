"""What a picture holds, and ``fargatenet graph`` at the door."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from fargate_net.app import Wire
from fargate_net.app.wishes import Wish
from fargate_net.cli.main import main
from fargate_net.model.picture import INTERNET, Ground, Line
from fargate_net.reach.classes import matrix
from fargate_net.reach.network import Network
from tests.picture.drawn import SPECS, planned

ARTICLE = next(path for path in SPECS if path.stem == "article")
MARKET = SPECS[-1]


def pairs(spec: Path, line: Line) -> dict[tuple[str, str], str]:
    picture = planned(spec)
    titles = {INTERNET: INTERNET, **{key: row.title for key, row in picture.rows.items()}}
    found = [item for item in picture.connections if item.line is line]
    ports = {c: c.text or "; ".join(f"{o.protocol} {', '.join(o.ports)}" for o in c.open) for c in found}
    return {(titles[c.source], titles[c.target]): ports[c] for c in found}


def test_the_article_as_a_picture() -> None:
    picture = planned(ARTICLE)
    (vpc,) = picture.vpcs
    assert vpc.zones == ("eu-west-1a", "eu-west-1b")
    assert {subnet.title: subnet.ground for subnet in vpc.subnets} == {
        "shop-public-a": Ground.PUBLIC,
        "shop-public-b": Ground.PUBLIC,
        "shop-private-a": Ground.PRIVATE,
        "shop-private-b": Ground.PRIVATE,
    }
    assert [row.kind for row in vpc.rows] == ["balancer", "service", "service", "endpoints"]
    assert {gateway.title for gateway in vpc.gateways} == {"internet gateway", "gateway endpoint s3"}
    balancer = vpc.rows[0].title
    assert pairs(ARTICLE, Line.OPEN) == {
        (INTERNET, balancer): "tcp 80",
        (balancer, "web"): "tcp 80",
        ("api", "web"): "tcp 80",
        ("api", "VPC endpoints"): "tcp 443",
        ("web", "VPC endpoints"): "tcp 443",
    }
    assert not pairs(ARTICLE, Line.BROKEN)


def test_expectations_that_are_not_met_stand_out() -> None:
    assert pairs(MARKET, Line.BROKEN) == {
        ("catalogue", "orders"): "8080/tcp is blocked: not as expected",
        ("storefront", "payments"): "8443/tcp is reachable: not as expected",
    }
    assert pairs(MARKET, Line.BLOCKED) == {(INTERNET, "payments"): "8443/tcp blocked"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_open_lines_between_services_are_the_matrix(spec: Path) -> None:
    seen = matrix(Network(Wish([spec], Wire(), offline=True).foreseen))
    services = {item.id: item.services for item in seen.classes}
    told = {
        (source, target)
        for cell in seen.cells
        if cell.open
        for source in services[cell.source]
        for target in services[cell.target]
        if source != target
    }
    names = {name for item in seen.classes for name in item.services}
    drawn = {pair for pair in pairs(spec, Line.OPEN) if set(pair) <= names}
    assert drawn == told


def test_on_stdout_or_into_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["graph", str(ARTICLE), "--planned"]) == 0
    out, err = capsys.readouterr()
    assert ElementTree.fromstring(out).tag.endswith("svg")
    assert "assumed: " in err
    file = tmp_path / "shop.html"
    assert main(["graph", str(ARTICLE), "--planned", "--output", "html", "--to", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert f"Wrote {file}." in err
    assert file.read_text().startswith("<!doctype html>")
    assert main(["graph", str(ARTICLE), "--planned", "--to", str(tmp_path / "none" / "shop.svg")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "neither a spec nor a cluster is named"),
        (("--planned",), "neither a spec nor a cluster is named"),
        (("--planned", "--cluster", "shop"), "--planned judges a spec."),
        ((str(ARTICLE), "--output", "json"), "'json' is not one of 'svg', 'mermaid', 'html'"),
    ],
)
def test_usage_errors(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_without_services_has_nothing_to_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "vpcs.json").write_text('{"Vpcs": []}')
    assert main(["graph", "--snapshot", str(tmp_path)]) == 2
    assert "The services are not known" in capsys.readouterr().err
