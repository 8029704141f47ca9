"""Single values of a Compose file: ports, variables, durations, sizes, health checks.

Every function takes whatever stands in the file and returns only what it understands. Never here: a whole service.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fargate_net.spec.rules.sizes import nearest_size

_PORT = re.compile(
    r"^(?:(?P<host>\[[0-9a-fA-F:]+\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}):)?(?:(?P<listen>[0-9]{1,5}(?:-[0-9]{1,5})?)?:)?"
    r"(?P<port>[0-9]{1,5}(?:-[0-9]{1,5})?)(?:/(?P<protocol>tcp|udp))?$"
)
_DURATION = re.compile(r"(?P<value>[0-9]+(?:\.[0-9]+)?)(?P<unit>h|ms|m|us|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001}
_BYTES = re.compile(r"^([0-9]+(?:\.[0-9]+)?) *(b|k|kb|m|mb|g|gb)?$", re.IGNORECASE)
_MIB = {"": 1 / 1048576, "b": 1 / 1048576, "k": 1 / 1024, "m": 1.0, "g": 1024.0}
_MOST_PORTS = 20
_LOOPBACK = ("127.", "[::1]")


@dataclass(frozen=True)
class Published:
    """A container port that Compose opens on the host: ``listen`` there, ``port`` in the container."""

    listen: int
    port: int
    protocol: str
    is_public: bool


def published(given: Any) -> list[Published]:
    """The entries of ``ports``; those bound to loopback are not public."""
    found: list[Published] = []
    for item in given if isinstance(given, list) else ():
        if isinstance(item, dict):
            target, listen = item.get("target"), item.get("published")
            host = str(item.get("host_ip") or "")
            text = f"{listen}:{target}" if listen not in (None, "") else f"{target}"
            text += f"/{item.get('protocol', 'tcp')}"
        else:
            text, host = str(item), ""
        match = _PORT.match(text)
        if match is None:
            continue
        is_public = not (match["host"] or host).startswith(_LOOPBACK)
        ports, listens = _range(match["port"]), _range(match["listen"] or match["port"])
        if len(listens) != len(ports):
            listens = ports
        protocol = match["protocol"] or "tcp"
        found += [Published(listen, port, protocol, is_public) for listen, port in zip(listens, ports, strict=True)]
    unique: dict[int, Published] = {}
    for way in found:
        unique.setdefault(way.port, way)
    return list(unique.values())[:_MOST_PORTS]


def exposed(given: Any) -> list[tuple[int, str]]:
    """The entries of ``expose``: ports other containers may use."""
    found: list[tuple[int, str]] = []
    for item in given if isinstance(given, list) else ():
        match = _PORT.match(str(item))
        if match is not None:
            found += [(port, match["protocol"] or "tcp") for port in _range(match["port"])]
    return list({port: (port, protocol) for port, protocol in reversed(found)}.values())[::-1][:_MOST_PORTS]


def environment(given: Any) -> dict[str, str | None]:
    """Variables with their values; None for one that Compose takes from the shell."""
    pairs: dict[str, str | None] = {}
    if isinstance(given, Mapping):
        pairs = {str(key): None if value is None else str(value) for key, value in given.items()}
    for item in given if isinstance(given, list) else ():
        key, equals, value = str(item).partition("=")
        pairs[key] = value if equals else None
    return {key: value for key, value in pairs.items() if key and not re.search(r"[=\s]", key)}


def arguments(given: Any) -> list[str]:
    """A command as a list; a line of text is split as a shell would."""
    if isinstance(given, list):
        return [str(item) for item in given]
    if isinstance(given, str):
        try:
            return shlex.split(given)
        except ValueError:
            return given.split()
    return []


def names(given: Any) -> list[str]:
    """Names in ``depends_on`` or ``links``: a list, or the keys of a mapping; ``db:database`` names db."""
    listed = list(given) if isinstance(given, (list, dict)) else []
    return [str(item).partition(":")[0] for item in listed]


def container_name(text: str) -> str:
    """The nearest name a container can have."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", text)[:255] or "main"


def health(given: Any) -> dict[str, Any]:
    """A health check within the limits of ECS (ECS API Reference, HealthCheck); empty when there is none."""
    if not isinstance(given, dict) or given.get("disable") is True:
        return {}
    test = given.get("test")
    if isinstance(test, str) and test.strip():
        command = ["CMD-SHELL", test]
    elif isinstance(test, list) and len(test) > 1 and test[0] in ("CMD", "CMD-SHELL"):
        command = [str(item) for item in test]
        command = ["CMD-SHELL", " ".join(command[1:])] if command[0] == "CMD-SHELL" else command
    else:
        return {}
    check: dict[str, Any] = {"command": command}
    for key, low, high in (("interval", 5, 300), ("timeout", 2, 60), ("start_period", 0, 300)):
        length = _seconds(given.get(key))
        if length is not None:
            check[key] = min(max(round(length), low), high)
    if "timeout" in check:
        check["timeout"] = min(check["timeout"], check.get("interval", 30))
    retries = given.get("retries")
    if isinstance(retries, int) and not isinstance(retries, bool):
        check["retries"] = min(max(retries, 1), 10)
    return check


def size(members: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """The smallest Fargate task that grants what the services of one task ask for."""
    cpu, memory = 0.0, 0.0
    for raw in members:
        deploy = raw.get("deploy")
        resources = deploy.get("resources") if isinstance(deploy, dict) else None
        limits = resources.get("limits") if isinstance(resources, dict) else None
        limits = limits if isinstance(limits, dict) else {}
        cpu += _number(limits.get("cpus", raw.get("cpus"))) * 1024
        memory += _mebibytes(limits.get("memory", raw.get("mem_limit")))
    return nearest_size(math.ceil(cpu) or 256, math.ceil(memory) or 512)


def _range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    low, high = int(first), int(last or first)
    ports: Iterator[int] = (port for port in range(low, min(high, low + _MOST_PORTS) + 1) if 1 <= port <= 65535)
    return list(ports)


def _seconds(given: Any) -> float | None:
    parts = list(_DURATION.finditer(given)) if isinstance(given, str) else []
    return sum(float(part["value"]) * _UNITS[part["unit"]] for part in parts) if parts else None


def _number(given: Any) -> float:
    try:
        number = float(given)
    except (TypeError, ValueError):
        return 0.0
    return number if 0 < number < 1000 else 0.0


def _mebibytes(given: Any) -> float:
    match = _BYTES.match(str(given)) if given is not None else None
    return float(match[1]) * _MIB[(match[2] or "").lower()[:1]] if match else 0.0
