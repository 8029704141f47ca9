"""Short forms of the spec and defaults that hang on another field, turned into the long form.

Every function takes raw YAML data of any shape and returns raw data. What it does not understand it returns
unchanged: the models then say what is wrong with it.
Never here: errors, models, reads of anything but the argument.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

Raw = dict[str, Any]

_PORT = re.compile(r"^(0|[1-9][0-9]{0,8})(?:/([A-Za-z]+))?$")
_TO = re.compile(r"^([^:\s]+):(0|[1-9][0-9]{0,8})$")
_SIZE = re.compile(r"^([0-9]{1,6}(?:\.[0-9]{1,4})?) *(vcpu|gb)$", re.IGNORECASE)


def zones(raw: Any) -> Any:
    """``2`` or ``[eu-west-1a, eu-west-1b]``."""
    if _is_int(raw):
        return {"count": raw}
    if isinstance(raw, (list, tuple)):
        return {"count": len(raw), "names": raw}
    if isinstance(raw, dict) and isinstance(raw.get("names"), (list, tuple)):
        return {"count": len(raw["names"]), **raw}
    return raw


def port(raw: Any) -> Any:
    """``80``, ``"80"`` or ``"53/udp"``."""
    if _is_int(raw):
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


def service(raw: Any) -> Any:
    """Sizes with units, the count that scaling starts from, ports named without their container."""
    if not isinstance(raw, dict):
        return raw
    done = dict(raw)
    for key, unit in (("cpu", "vcpu"), ("memory", "gb")):
        done |= _sized(done, key, unit)
    limits = done.get("scaling")
    if isinstance(limits, dict) and _is_int(limits.get("min")):
        done.setdefault("count", limits["min"])
    owners = _owners(done.get("containers"))
    done |= _each(done, "expose", lambda item: _with_targets(item, owners))
    done |= _each(done, "discovery", lambda item: _with_discovery(item, owners))
    return _with_port_names(done)


def stack(raw: Any) -> Any:
    """Defaults of a service that hang on its name or on the network."""
    if not isinstance(raw, dict) or not isinstance(raw.get("services"), dict):
        return raw
    network = raw.get("network")
    network = network if isinstance(network, dict) else {}
    existing = "vpc" in network
    egress = None if existing else network.get("egress", "nat")
    done = dict(raw)
    done["services"] = {
        name: _in_network(name, item, network, egress) if isinstance(item, dict) else item
        for name, item in raw["services"].items()
    }
    return done


def _in_network(name: Any, raw: Raw, network: Raw, egress: Any) -> Raw:
    done = dict(raw)
    done.setdefault("subnets", "public" if egress == "public" else "private")
    endpoints = egress in ("endpoints", "endpoints+nat")
    done.setdefault("public_ip", done["subnets"] == "public" and not endpoints)
    done |= _each(done, "expose", lambda item: _with_sources(item, network))
    return done | _each(done, "discovery", lambda item: _with_name(item, name))


def _with_sources(item: Any, network: Raw) -> Any:
    """Who may connect to a balancer when the user does not say."""
    if not isinstance(item, dict):
        return item
    done = dict(item)
    for key in ("alb", "nlb"):
        entry = done.get(key)
        if not isinstance(entry, dict) or {"sources", "listener"} & entry.keys():
            continue
        if entry.get("internal") is True:
            cidr = network.get("cidr", "10.0.0.0/16")
            if "vpc" not in network and isinstance(cidr, str):
                done[key] = {**entry, "sources": [cidr]}
        elif network.get("ipv6") is True:
            done[key] = {**entry, "sources": ["0.0.0.0/0", "::/0"]}
    return done


def _with_name(item: Any, name: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {
        key: {"name": name, **entry} if key in ("cloud_map", "service_connect") and isinstance(entry, dict) else entry
        for key, entry in item.items()
    }


def _with_targets(item: Any, owners: Mapping[int, list[str]]) -> Any:
    """``to: 80``, or no ``to`` at all, where only one container port can be meant."""
    if not isinstance(item, dict):
        return item
    done = dict(item)
    for key in ("alb", "nlb"):
        if isinstance(done.get(key), dict):
            done[key] = _filled(done[key], "to", owners)
    return done


def _with_discovery(item: Any, owners: Mapping[int, list[str]]) -> Any:
    if not isinstance(item, dict):
        return item
    done = dict(item)
    cloud_map = done.get("cloud_map")
    if isinstance(cloud_map, dict):
        cloud_map = dict(cloud_map)
        if not owners:
            cloud_map.setdefault("records", ["A"])
        records = cloud_map.get("records", ["A", "SRV"])
        wants_port = isinstance(records, (list, tuple)) and "SRV" in records
        done["cloud_map"] = _filled(cloud_map, "to", owners) if wants_port else cloud_map
    connect = done.get("service_connect")
    if isinstance(connect, dict) and "port" in connect:
        connect = _filled(connect, "port", owners)
        target = to(connect["port"])
        if isinstance(target, dict) and target.get("port") in range(1, 65536):
            connect.setdefault("listen", target["port"])
        done["service_connect"] = connect
    return done


def _filled(entry: Raw, key: str, owners: Mapping[int, list[str]]) -> Raw:
    """The entry with its container named, when the port alone (or nothing) leaves one choice."""
    done = dict(entry)
    asked = done.get(key)
    if key not in done and len(owners) == 1:
        asked = next(iter(owners))
    if isinstance(asked, int) and not isinstance(asked, bool) and len(owners.get(asked, ())) == 1:
        done[key] = {"container": owners[asked][0], "port": asked}
    return done


def _with_port_names(done: Raw) -> Raw:
    """Service Connect refers to ports by name (ECS API Reference, PortMapping): give one to those it needs."""
    wanted = {
        (target.get("container"), target.get("port"))
        for item in _items(done.get("discovery"))
        if isinstance(item, dict) and isinstance(connect := item.get("service_connect"), dict)
        if isinstance(target := to(connect.get("port")), dict)
    }
    if not wanted:
        return done
    return done | _each(done, "containers", lambda item: _named(item, wanted))


def _named(item: Any, wanted: set[tuple[Any, Any]]) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return item

    def named(raw: Any) -> Any:
        long = port(raw)
        if isinstance(long, dict) and "name" not in long and (item.get("name"), long.get("port")) in wanted:
            return {**long, "name": f"{item['name'].lower()[:58].lstrip('-') or 'port'}-{long['port']}"}
        return raw

    return item | _each(item, "ports", named)


def _owners(containers: Any) -> dict[int, list[str]]:
    """Which containers declare each port."""
    owners: dict[int, list[str]] = {}
    for item in _items(containers):
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            for raw in _items(item.get("ports")):
                long = port(raw)
                if isinstance(long, dict) and _is_int(long.get("port")):
                    owners.setdefault(long["port"], []).append(item["name"])
    return owners


def _sized(raw: Raw, key: str, unit: str) -> Raw:
    """``0.5 vCPU`` is 512 CPU units and ``2 GB`` is 2048 MiB (ECS API Reference, RegisterTaskDefinition)."""
    value = raw.get(key)
    match = _SIZE.match(value) if isinstance(value, str) else None
    if not match or match[2].lower() != unit:
        return {}
    whole = float(match[1]) * 1024
    return {key: int(whole)} if whole.is_integer() else {}


def _arguments(line: str) -> Any:
    """A command line taken apart as a shell would; with an open quote it stays a text."""
    try:
        return shlex.split(line)
    except ValueError:
        return line


def _each(raw: Raw, key: str, change: Callable[[Any], Any]) -> Raw:
    items = raw.get(key)
    return {key: [change(item) for item in items]} if isinstance(items, (list, tuple)) else {}


def _items(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, (list, tuple)) else []


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
