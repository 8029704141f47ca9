"""``reach-check --probe`` on a running stack: its public doors are led to real sockets of this machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fargate_net.app.probing import checks, knock
from tests.story.conftest import Teller

SPEC = """\
stack: doors
region: eu-west-1
network: {cidr: 10.61.0.0/16, zones: 2, egress: public, flow_logs: none}
services:
  web:
    cpu: 256
    memory: 512
    count: 1
    subnets: public
    containers:
      - {name: nginx, image: "public.ecr.aws/nginx/nginx:1.27", ports: [80, {port: 53, protocol: udp}]}
    allow_from: [0.0.0.0/0]
    expose:
      - alb: {listen: 8080, to: "nginx:80"}
      - dns: {zone: app.io, name: direct}
reach:
  - {from: internet, to: "web:80", expect: reachable}
  - {from: internet, to: "web:22", expect: blocked}
  - {from: internet, to: "web:53/udp", expect: reachable}
"""


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()


def test_probes_stand_beside_the_verdicts(
    tell: Teller, tmp_path: Path, server: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell.client("route53").create_hosted_zone(Name="app.io", CallerReference="1")
    spec = tmp_path / "doors.yaml"
    spec.write_text(SPEC)
    up = tell("up", spec, "--yes")
    assert up.exit_code == 0, up.stderr
    (task,) = tell.data("describe", spec)["services"][0]["tasks"]

    knocked: list[tuple[str, int]] = []
    shut: set[int] = set()

    def dial(address: str, port: int, seconds: float) -> None:
        knocked.append((address, port))
        if port in shut:
            raise ConnectionRefusedError(111, "Connection refused")
        socket.create_connection(server, seconds).close()

    monkeypatch.setattr(checks, "is_imagined", lambda wire: False)
    monkeypatch.setattr(knock, "dial", dial)

    told = tell.data("reach-check", spec, "--probe")
    by_target = {(answer["from"], answer["to"]): answer for answer in told["answers"]}
    web = by_target["internet", "web:80/tcp"]
    balancer = next(probe for probe in web["probes"] if probe["behind"].startswith("lb/"))
    assert balancer["port"] == 8080
    assert balancer["address"].endswith(".amazonaws.com")
    direct = {(probe["address"], probe["port"]) for probe in web["probes"] if probe["behind"] == f"task/{task['id']}"}
    assert direct == {(task["public_ip"], 80), ("direct.app.io", 80)}
    assert all(probe["connected"] and probe["error"] is None and probe["seconds"] < 2 for probe in web["probes"])
    assert sorted(knocked) == sorted((probe["address"], probe["port"]) for probe in web["probes"])
    assert "probes" not in by_target["internet", "web:22/tcp"]
    datagrams = by_target["internet", "web:53/udp"]
    assert datagrams["probes"] == []
    assert "UDP is not probed" in datagrams["not_probed"][0]
    assert "probes" not in next(answer for answer in told["answers"] if answer["from"] != "internet")

    shut.add(80)
    failed = tell("reach-check", spec, "--probe")
    assert failed.exit_code == 3
    assert f"✗ probe {task['public_ip']}:80 (task/{task['id']}) refused" in failed.stdout
    assert "the verdict is reachable, the connection failed: somebody answered and refused" in failed.stdout
    assert "✓ probe" in failed.stdout
    assert "3 connections tried from here: 1 made, 2 failed." in failed.stderr

    one = tell(
        "reach-check", spec, "--from", "internet", "--to", "web:80", "--via", "alb", "--probe", "--output", "json"
    )
    assert one.exit_code == 0, one.stderr
    (answer,) = json.loads(one.stdout)["answers"]
    assert [probe["port"] for probe in answer["probes"]] == [8080]

    cluster = tell("reach-check", "--cluster", "doors", "--region", "eu-west-1", "--probe")
    assert cluster.exit_code == 3
    assert "What is open to the internet" in cluster.stdout
    shut.clear()
    assert tell("reach-check", "--cluster", "doors", "--region", "eu-west-1", "--probe").exit_code == 0

    # The same network as a picture: of the spec, of the cluster, and of what was saved of it.
    pictures = [tell("graph", spec, "--output", "mermaid")]
    pictures.append(tell("graph", "--cluster", "doors", "--region", "eu-west-1", "--output", "mermaid"))
    assert tell("snapshot", tmp_path / "saved", "--cluster", "doors", "--region", "eu-west-1").exit_code == 0
    saved = ("graph", "--cluster", "doors", "--snapshot", tmp_path / "saved", "--output", "mermaid")
    pictures.append(tell(*saved, at=False))
    assert [picture.exit_code for picture in pictures] == [0, 0, 0], pictures
    bodies = [picture.stdout.partition("flowchart TB")[2] for picture in pictures]
    assert f"web<br/>1 of 1 task, behind a balancer on 80; may call the internet<br/>{task['zone']}" in bodies[0]
    assert 'internet -->|"tcp 8080"|' in bodies[0]
    assert '-.-x|"22/tcp blocked"|' in bodies[0]
    drawn = [[line for line in body.splitlines() if "-.-x" not in line and "linkStyle" not in line] for body in bodies]
    assert drawn[0] == drawn[1] == drawn[2]
    assert tell("down", spec, "--yes").exit_code == 0
