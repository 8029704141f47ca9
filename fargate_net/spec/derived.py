"""Defaults of a service that hang on its other fields, its name or its network.

Like the short forms: raw YAML data in, raw data out, and what is not understood stays as it is.
Never here: errors, models, reads of anything but the argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from fargate_net.spec.short_forms import is_int, port, to

Raw = dict[str, Any]
Target = tuple[str, int]

_SIZE = re.compile(r"^([0-9]{1,6}(?:\.[0-9]{1,4})?) *(vcpu|gb)$", re.IGNORECASE)


def service(raw: Any) -> Any:
    """Sizes with units, the count that scaling starts from, ports named without their container."""
    if not isinstance(raw, dict):
        return raw
    done = dict(raw)
    for key, unit in (("cpu", "vcpu"), ("memory", "gb")):
        done |= _sized(done, key, unit)
    limits = done.get("scaling")
    if isinstance(limits, dict) and is_int(limits.get("min")):
        done.setdefault("count", limits["min"])
    owners = _owners(done.get("containers"))
    done |= _each(done, "expose", lambda item: _with_targets(item, owners))
    led = _led_to(done)
    done |= _each(done, "discovery", lambda item: _with_discovery(item, owners, led))
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


def _with_discovery(item: Any, owners: Mapping[int, list[str]], led: set[Target]) -> Any:
    """An SRV record holds the only declared port, or else the only one that balancers and Service Connect lead to."""
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
        if wants_port:
            cloud_map = _filled(cloud_map, "to", owners)
        if wants_port and "to" not in cloud_map and len(led) == 1:
            ((name, number),) = led
            cloud_map["to"] = {"container": name, "port": number}
        done["cloud_map"] = cloud_map
    connect = done.get("service_connect")
    if isinstance(connect, dict) and "port" in connect:
        connect = _filled(connect, "port", owners)
        target = to(connect["port"])
        if isinstance(target, dict) and target.get("port") in range(1, 65536):
            connect.setdefault("listen", target["port"])
        done["service_connect"] = connect
    return done


def _led_to(service: Raw) -> set[Target]:
    """The container ports that balancers and Service Connect lead to."""
    entries = [(entry, "to") for item in _items(service.get("expose")) for entry in _inside(item, "alb", "nlb")]
    for item in _items(service.get("discovery")):
        entries += [(entry, "port") for entry in _inside(item, "service_connect")]
    found = [to(entry.get(key)) for entry, key in entries]
    return {
        (long["container"], long["port"])
        for long in found
        if isinstance(long, dict) and isinstance(long.get("container"), str) and is_int(long.get("port"))
    }


def _inside(item: Any, *keys: str) -> list[Raw]:
    return [item[key] for key in keys if isinstance(item, dict) and isinstance(item.get(key), dict)]


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
                if isinstance(long, dict) and is_int(long.get("port")):
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


def _each(raw: Raw, key: str, change: Callable[[Any], Any]) -> Raw:
    items = raw.get(key)
    return {key: [change(item) for item in items]} if isinstance(items, (list, tuple)) else {}


def _items(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, (list, tuple)) else []
