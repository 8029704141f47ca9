"""The text of a spec made from a Compose file, with comments where a person must look.

Never here: reading Compose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fargate_net.spec.compose_values import Published

HTTP_PORTS = frozenset({80, 3000, 3001, 4000, 4200, 5000, 5173, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090})
"""Container ports that most likely speak HTTP: they go behind an Application Load Balancer."""

_BARE = re.compile(r"^[A-Za-z/][A-Za-z0-9_./@-]*$")
_OTHER_MEANING = frozenset({"true", "false", "null"})


@dataclass
class Box:
    """One container of the result."""

    name: str
    image: str
    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    entry_point: list[str] = field(default_factory=list)
    working_dir: str = ""
    user: str = ""
    read_only: bool = False
    health: dict[str, Any] = field(default_factory=dict)
    ports: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Task:
    """One service of the result: its containers, its ways in, who calls it, and what to tell the reader."""

    name: str
    boxes: list[Box]
    ways: list[tuple[str, Published]]
    cpu: int
    memory: int
    count: int
    notes: list[str]
    callers: list[str] = field(default_factory=list)


def write(stack: str, source: str, tasks: list[Task]) -> str:
    """The whole spec as text."""
    lines = [
        f"# Made from {' '.join(source.split())}. Lines that begin with `# look:` need you.",
        f"#   fargatenet validate {stack}.yaml",
        f"#   fargatenet up {stack}.yaml --sandbox       try it on an embedded AWS, without an account",
        "",
        f"stack: {stack}",
        "# region: eu-west-1",
        "",
        "network:",
        "  cidr: 10.0.0.0/16",
        "  zones: 2",
        "  egress: nat                   # images and calls to the internet leave through a NAT gateway",
        "",
        "services:",
    ]
    for task in tasks:
        lines += (f"  {line}" if line else "" for line in _service(stack, task))
    expectations = list(_reach(tasks))
    if expectations:
        lines += [
            "reach:                          # what must hold; checked by plan, up and reach-check",
            *expectations,
        ]
    return "\n".join(lines).rstrip() + "\n"


def _service(stack: str, task: Task) -> Iterator[str]:
    yield f"{task.name}:"
    yield from (f"  # look: {note}" for note in task.notes)
    yield f"  cpu: {task.cpu}"
    yield f"  memory: {task.memory}"
    yield f"  count: {task.count}"
    yield "  containers:"
    for box in task.boxes:
        yield from ("    " + line for line in _container(box))
    if task.ways:
        yield "  expose:"
        yield from (f"    - {_way(name, way)}" for name, way in task.ways)
    if task.callers:
        first = next((box.name, port) for box in task.boxes for port, _ in box.ports)
        yield "  discovery:"
        yield (
            f"    - cloud_map: {{namespace: {stack}.local, name: {task.name}, to: {_text(f'{first[0]}:{first[1]}')}}}"
            f"     # others find it as {task.name}.{stack}.local"
        )
        yield f"  allow_from: [{', '.join(task.callers)}]"
    yield ""


def _container(box: Box) -> Iterator[str]:
    yield f"- name: {_text(box.name)}"
    yield f"  image: {_text(box.image)}"
    if box.ports:
        listed = ", ".join(str(port) if protocol == "tcp" else f'"{port}/{protocol}"' for port, protocol in box.ports)
        yield f"  ports: [{listed}]"
    for key, values in (("environment", box.environment), ("secrets", box.secrets)):
        if values:
            yield f"  {key}:"
            yield from (f"    {_text(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())
    for key, words in (("command", box.command), ("entry_point", box.entry_point)):
        if words:
            yield f"  {key}: {json.dumps(words, ensure_ascii=False)}"
    for key, text in (("working_dir", box.working_dir), ("user", box.user)):
        if text:
            yield f"  {key}: {json.dumps(text, ensure_ascii=False)}"
    if box.read_only:
        yield "  read_only_root: true"
    if box.health:
        yield f"  health: {json.dumps(box.health, ensure_ascii=False)}"


def is_http(way: Published) -> bool:
    """Whether a port most likely speaks HTTP, and so goes behind an Application Load Balancer."""
    return way.protocol == "tcp" and way.port in HTTP_PORTS


def _way(box: str, way: Published) -> str:
    to = _text(f"{box}:{way.port}")
    if is_http(way):
        return f"alb: {{listen: {way.listen}, to: {to}}}     # HTTP; use nlb for any other protocol"
    if way.protocol == "udp":
        return f"nlb: {{listen: {way.listen}, protocol: udp, to: {to}}}"
    return f"nlb: {{listen: {way.listen}, to: {to}}}"


def _reach(tasks: list[Task]) -> Iterator[str]:
    for task in tasks:
        for _, way in task.ways:
            suffix = "" if way.protocol == "tcp" else f"/{way.protocol}"
            yield f'  - {{from: internet, to: "{task.name}:{way.port}{suffix}", expect: reachable}}'
        public = {way.port for _, way in task.ways}
        for port, protocol in (pair for box in task.boxes for pair in box.ports):
            suffix = "" if protocol == "tcp" else f"/{protocol}"
            if port not in public:
                yield f'  - {{from: internet, to: "{task.name}:{port}{suffix}", expect: blocked}}'
            for caller in task.callers:
                yield f'  - {{from: {caller}, to: "{task.name}:{port}{suffix}", expect: reachable}}'


def _text(value: str) -> str:
    """A scalar, in quotes when it could be read as anything but this text."""
    if _BARE.match(value) and value.lower() not in _OTHER_MEANING:
        return value
    return json.dumps(value, ensure_ascii=False)
