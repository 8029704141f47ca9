"""A Compose file as a spec: what has a meaning on Fargate is carried over, the rest is said in comments.

No value that looks like a secret is carried over. Never here: running Docker, guessing values of
variables. Source: the Compose Specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fargate_net.errors import Problem, SpecError
from fargate_net.spec.compose_values import (
    Published,
    arguments,
    container_name,
    environment,
    exposed,
    health,
    names,
    published,
    size,
)
from fargate_net.spec.compose_writer import Box, Task, is_http, write
from fargate_net.spec.load import read_text
from fargate_net.spec.rules.names import RESERVED
from fargate_net.spec.rules.plain_secrets import suspicion
from fargate_net.spec.starter import stack_name
from fargate_net.spec.textual import plain
from fargate_net.spec.yaml_nodes import parse

MOST_WAYS = 5
"""Target groups that ECS takes for one service (ECS Developer Guide, Service load balancing)."""

_LEFT_OUT = {
    "volumes": "volumes are not made: a task's disk is gone with the task",
    "configs": "configs are not carried over: put them into the image",
    "secrets": "file secrets are not carried over: use `secrets` with Secrets Manager or Parameter Store",
    "devices": "devices do not exist on Fargate",
    "privileged": "privileged containers do not exist on Fargate",
    "cap_add": "capabilities cannot be added on Fargate, except SYS_PTRACE",
    "extra_hosts": "extra hosts are not carried over: use names of Cloud Map or Route 53",
    "profiles": "profiles are ignored: every service is converted",
    "extends": "`extends` is not followed: run `docker compose config` first",
    "env_file": "env files are not read: write the variables, or run `docker compose config` first",
}


@dataclass
class _Notes:
    """What a reader must know about one service of the result."""

    lines: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        if text not in self.lines:
            self.lines.append(text)


@dataclass(frozen=True)
class Converted:
    """The text of the spec, and what a person still has to look at."""

    text: str
    notes: tuple[str, ...]


def convert(path: Path, name: str) -> Converted:
    """Convert a Compose file. Raises SpecError when it cannot be read or is none."""
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise SpecError(problems)
    return from_compose(text, str(path), name)


def from_compose(text: str, file: str, name: str) -> Converted:
    """Convert a Compose file. Raises SpecError when the text is no YAML or holds no services."""
    parsed = parse(text, file)
    root = plain(parsed.root) if parsed.root is not None else None
    services = root.get("services") if isinstance(root, dict) else None
    if parsed.problems:
        raise SpecError(parsed.problems)
    if not isinstance(services, dict) or not services or not all(isinstance(s, dict) for s in services.values()):
        raise SpecError([Problem(file, 0, 0, "", "This is no Compose file: it has no `services:`.", "Name another.")])
    known = _unique_names(services)
    owners = {given: _owner(given, services) for given in services}
    tasks: dict[str, Task] = {}
    for given, raw in services.items():
        if owners[given] == given:
            beside = {other: services[other] for other in services if owners[other] == given and other != given}
            tasks[given] = _task(name, known[given], {given: raw, **beside})
    _share_balancers(tasks.values())
    _connect(tasks, services, known, owners)
    notes = tuple(f"{task.name}: {note}" for task in tasks.values() for note in task.notes)
    return Converted(write(name, file, list(tasks.values())), notes)


def _unique_names(services: Iterable[str]) -> dict[str, str]:
    """A name for each service that the spec takes, and no two the same."""
    known: dict[str, str] = {}
    for given in services:
        name = base = stack_name(given, "service")
        number = 1
        while name in RESERVED or name in known.values():
            number += 1
            name = f"{base[:36].rstrip('-')}-{number}"
        known[given] = name
    return known


def _owner(given: str, services: Mapping[str, Any]) -> str:
    """The service whose network this one shares: ``network_mode: service:web`` puts it into the task of web."""
    seen = {given}
    while True:
        mode = str(services[given].get("network_mode", ""))
        other = mode.removeprefix("service:")
        if not mode.startswith("service:") or other not in services or other in seen:
            return given
        given = other
        seen.add(given)


def _task(stack: str, name: str, members: Mapping[str, dict[str, Any]]) -> Task:
    notes = _Notes()
    boxes, ways = [], []
    taken: set[int] = set()
    for given, raw in members.items():
        open_ports = [way for way in published(raw.get("ports")) if way.port not in taken]
        taken |= {way.port for way in open_ports}
        inner = [(port, protocol) for port, protocol in exposed(raw.get("expose")) if port not in taken]
        taken |= {port for port, _ in inner}
        box = _box(stack, name, given, raw, notes)
        box.ports = list(dict.fromkeys([(way.port, way.protocol) for way in open_ports] + inner))
        boxes.append(box)
        ways += [(box.name, way) for way in open_ports if way.is_public]
        for key, why in _LEFT_OUT.items():
            if raw.get(key):
                notes.add(why)
    cpu, memory = size(members.values())
    count = next(iter(members.values())).get("deploy", {})
    replicas = count.get("replicas") if isinstance(count, dict) else None
    return Task(
        name=name,
        boxes=boxes,
        ways=ways,
        cpu=cpu,
        memory=memory,
        count=replicas if type(replicas) is int and 0 <= replicas <= 5000 else 1,
        notes=notes.lines,
    )


def _share_balancers(tasks: Iterable[Task]) -> None:
    """One balancer of each sort serves the stack, so each of its ports leads to one place."""
    taken: set[tuple[bool, int]] = set()
    for task in tasks:
        kept: list[tuple[str, Published]] = []
        for box, way in task.ways:
            if (is_http(way), way.listen) in taken:
                task.notes.append(f"port {way.listen} is published by two services; this one is left out")
                continue
            if len(kept) == MOST_WAYS:
                task.notes.append(f"port {way.listen} is left out: ECS takes {MOST_WAYS} ways in for a service")
                continue
            taken.add((is_http(way), way.listen))
            kept.append((box, way))
            if not is_http(way):
                task.notes.append(f"port {way.listen} is open to everyone, as in Compose; narrow it with `sources`")
        task.ways = kept


def _box(stack: str, service: str, given: str, raw: Mapping[str, Any], notes: _Notes) -> Box:
    name = container_name(given)
    image = raw.get("image")
    if not isinstance(image, str) or not image or raw.get("build"):
        notes.add(f"build the image of {name}, push it to a registry, and name it in `image`")
    if not isinstance(image, str) or not image:
        image = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{service}:latest"
    plain_values, secrets = {}, {}
    for key, value in environment(raw.get("environment")).items():
        if suspicion(key, value or ""):
            secrets[key] = f"/{stack}/{service}/{key}"
            notes.add(f"store the value of {key} as SecureString parameter /{stack}/{service}/{key}")
        elif value is None:
            notes.add(f"{key} came from the shell in Compose; give it a value here")
        else:
            plain_values[key] = value
    for text in (image, *plain_values.values()):
        if "${" in text:
            notes.add("variables such as ${NAME} are not replaced: write the values, or run `docker compose config`")
    return Box(
        name=name,
        image=image,
        environment=plain_values,
        secrets=secrets,
        command=arguments(raw.get("command")),
        entry_point=arguments(raw.get("entrypoint")),
        working_dir=raw["working_dir"] if isinstance(raw.get("working_dir"), str) else "",
        user=str(raw["user"]) if raw.get("user") is not None else "",
        read_only=raw.get("read_only") is True,
        health=health(raw.get("healthcheck")),
    )


def _connect(
    tasks: Mapping[str, Task], services: Mapping[str, Any], known: Mapping[str, str], owners: Mapping[str, str]
) -> None:
    """``depends_on`` and ``links`` say who calls whom: the called one gets a name, and admits the caller."""
    for given, raw in services.items():
        caller = owners[given]
        for other in [*names(raw.get("depends_on")), *names(raw.get("links"))]:
            called = owners.get(other)
            if called is None or called == caller:
                continue
            task = tasks[called]
            if known[caller] not in task.callers:
                task.callers.append(known[caller])
    for task in tasks.values():
        if task.callers and not any(box.ports for box in task.boxes):
            task.notes.append(f"{', '.join(task.callers)} depend on it; name the port it listens on in `ports`")
            task.callers.clear()
        elif not task.callers and not task.ways and any(box.ports for box in task.boxes):
            task.notes.append("nothing may connect to it: in Compose all services could; name callers in `allow_from`")
