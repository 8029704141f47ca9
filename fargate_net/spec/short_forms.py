"""Short forms of single values, turned into the long form.

Every function takes raw YAML data of any shape and returns raw data. What it does not understand it returns
unchanged: the models then say what is wrong with it.
Never here: errors, models, reads of anything but the argument.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

_PORT = re.compile(r"^(0|[1-9][0-9]{0,8})(?:/([A-Za-z]+))?$")
_TO = re.compile(r"^([^:\s]+):(0|[1-9][0-9]{0,8})$")
_LONGEST_LINE = 64 * 1024
"""Characters; a whole task definition has no more (ECS service quotas)."""


def zones(raw: Any) -> Any:
    """``2`` or ``[eu-west-1a, eu-west-1b]``."""
    if is_int(raw):
        return {"count": raw}
    if isinstance(raw, (list, tuple)):
        return {"count": len(raw), "names": raw}
    if isinstance(raw, dict) and isinstance(raw.get("names"), (list, tuple)):
        return {"count": len(raw["names"]), **raw}
    return raw


def port(raw: Any) -> Any:
    """``80``, ``"80"`` or ``"53/udp"``."""
    if is_int(raw):
        return {"port": raw}
    if isinstance(raw, str) and (match := _PORT.match(raw)):
        number, protocol = match.groups()
        return {"port": int(number)} | ({"protocol": protocol} if protocol else {})
    return raw


def to(raw: Any) -> Any:
    """``nginx:80``."""
    if isinstance(raw, str) and (match := _TO.match(raw)):
        return {"container": match[1], "port": int(match[2])}
    return raw


def health(raw: Any) -> Any:
    """A shell line instead of a check, or instead of its command."""
    if isinstance(raw, str):
        return {"command": ["CMD-SHELL", raw]}
    if isinstance(raw, dict) and isinstance(raw.get("command"), str):
        return {**raw, "command": ["CMD-SHELL", raw["command"]]}
    return raw


def container(raw: Any) -> Any:
    """Commands as one string, ``depends_on`` as a mapping."""
    if not isinstance(raw, dict):
        return raw
    done = dict(raw)
    for key in ("command", "entry_point"):
        if isinstance(done.get(key), str):
            done[key] = _arguments(done[key])
    depends_on = done.get("depends_on")
    if isinstance(depends_on, dict):
        done["depends_on"] = [{"container": name, "condition": value} for name, value in depends_on.items()]
    return done


def scaling(raw: Any) -> Any:
    """Without any goal: hold 60 % CPU."""
    if isinstance(raw, dict) and not {"cpu", "memory", "requests"} & raw.keys():
        return {**raw, "cpu": 60}
    return raw


def alb(raw: Any) -> Any:
    """The port follows the certificate; gRPC has its own usual health check (ALB User Guide, Health checks)."""
    if not isinstance(raw, dict):
        return raw
    done = dict(raw)
    if done.get("certificate") is not None and "listener" not in done:
        done.setdefault("listen", 443)
    check = done.get("health", {})
    if done.get("protocol_version") == "grpc" and isinstance(check, dict):
        done["health"] = {"path": "/AWS.ALB/healthcheck", "codes": "12", **check}
    return done


def nlb(raw: Any) -> Any:
    """Health by TCP unless something only HTTP has is asked for; UDP always shows the client's address."""
    if not isinstance(raw, dict):
        return raw
    done = dict(raw)
    check = done.get("health", {})
    if isinstance(check, dict):
        done["health"] = {"protocol": "http" if {"path", "codes"} & check.keys() else "tcp", **check}
    if done.get("protocol") == "udp":
        done.setdefault("preserve_client_ip", True)
    return done


def _arguments(line: str) -> Any:
    """A command line taken apart as a shell would; with an open quote, or too long for a task, it stays a text."""
    if len(line) > _LONGEST_LINE:
        return line
    try:
        return shlex.split(line)
    except ValueError:
        return line


def is_int(value: Any) -> bool:
    """True for a whole number; a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)
