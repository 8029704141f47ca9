"""Words for people: keys of resources as sentences, property values, port sets, seconds, money.

Never here: layout, colour, anything that programs parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from fargate_net.model.resource import Ref, refs
from fargate_net.model.verdict import Open, Question

NOUNS: dict[str, str] = {
    "block_public_access": "Block Public Access",
    "cluster": "ECS cluster",
    "dhcp_options": "DHCP options",
    "discovery_service": "Cloud Map service",
    "egress_only_gateway": "Egress-only internet gateway",
    "elastic_ip": "Elastic IP",
    "flow_log": "Flow log",
    "hosted_zone": "Hosted zone",
    "instance": "Instance",
    "internet_gateway": "Internet gateway",
    "listener": "Listener",
    "listener_rule": "Listener rule",
    "load_balancer": "Load balancer",
    "log_group": "Log group",
    "namespace": "Cloud Map namespace",
    "nat_gateway": "NAT gateway",
    "network_acl": "Network ACL",
    "network_interface": "Network interface",
    "prefix_list": "Prefix list",
    "record_set": "DNS record",
    "role": "IAM role",
    "route_table": "Route table",
    "scaling_target": "Scaling",
    "security_group": "Security group",
    "security_group_rules": "Rules of security group",
    "service": "ECS service",
    "subnet": "Subnet",
    "target_group": "Target group",
    "task": "Task",
    "task_definition": "Task definition",
    "vpc": "VPC",
    "vpc_endpoint": "VPC endpoint",
}
_ZONAL = frozenset({"elastic_ip", "nat_gateway", "route_table", "subnet"})
_BELONGS = frozenset({"log_group", "role", "scaling_target", "security_group", "target_group", "task_definition"})
_ZONE = re.compile(r"^(?:(?P<rest>.+)-)?(?P<letter>[a-f])$")
_ONLY_ONE = frozenset({"", "main"})


def sentence(key: str, region: str = "") -> str:
    """A resource key in words: ``nat_gateway/a`` is "NAT gateway in eu-west-1a", ``service/web`` "ECS service web"."""
    kind, _, name = key.partition("/")
    noun = NOUNS.get(kind, kind.replace("_", " ").capitalize())
    where = ""
    if kind in _ZONAL and (zone := _ZONE.match(name)):
        name = zone["rest"] or ""
        where = f" in {region}{zone['letter']}" if region else f" in zone {zone['letter']}"
    if name in _ONLY_ONE:
        return noun + where
    return f"{noun}{' of' if kind in _BELONGS else ''} {name}{where}"


def noun(kind: str) -> str:
    """A kind inside a sentence: ``nat_gateway`` is "NAT gateway", ``security_group`` "security group"."""
    word = NOUNS.get(kind, kind.replace("_", " "))
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]


def value(given: Any) -> str:
    """A property value on one line. What refers to a resource that is not there yet is "known after up"."""
    if isinstance(given, Ref):
        return f"{given.key} (known after up)"
    if given is None or given == "":
        return "none"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, Enum):
        return str(given.value)
    if isinstance(given, Mapping):
        return ", ".join(f"{name}={value(item)}" for name, item in sorted(given.items())) or "none"
    if isinstance(given, (set, frozenset)):
        return ", ".join(sorted(value(item) for item in given)) or "none"
    if isinstance(given, (list, tuple)):
        return ", ".join(value(item) for item in given) or "none"
    if is_dataclass(given) and not isinstance(given, type):
        return _record(given)
    return str(given)


def members(given: Any) -> list[str] | None:
    """The elements of a collection as text, sorted where it has no order; None for a single value."""
    if isinstance(given, (set, frozenset)):
        return sorted(value(item) for item in given)
    if isinstance(given, (list, tuple)):
        return [value(item) for item in given]
    return None


def waits(given: Any) -> bool:
    """Whether a value, or a part of it, is only known after up."""
    return next(refs(given), None) is not None


def endpoint(question: Question) -> str:
    """The target with its sockets, as in ``web:80/tcp``; IPv6 with a port stands in brackets."""
    ports = "" if question.ports is None else "-".join(str(port) for port in dict.fromkeys(question.ports))
    target = f"[{question.target}]" if ports and question.target.count(":") > 1 else question.target
    return target + (f":{ports}" if ports else "") + (f"/{question.protocol}" if question.protocol else "")


def sockets(opened: Iterable[Open]) -> str:
    """What is open in short: ``tcp 80, 443; udp 53``, with what narrows it."""
    parts = []
    for entry in opened:
        text = " ".join(part for part in (entry.protocol, ", ".join(entry.ports)) if part)
        limits = [
            f"{word} {', '.join(names)}"
            for word, names in (("for tasks", entry.tasks), ("in", entry.zones), ("from", entry.clients))
            if names
        ]
        if entry.client_ports and entry.client_ports not in (("1024-65535",), ("0-65535",), ("1-65535",)):
            limits.append(f"replies only to client ports {', '.join(entry.client_ports)}")
        parts.append(text + (f" ({'; '.join(limits)})" if limits else ""))
    return "; ".join(parts)


def seconds(duration: float) -> str:
    """``8.4 s``, ``72 s`` or ``3 min 20 s``."""
    if duration < 10:
        return f"{duration:.1f} s"
    whole = round(duration)
    return f"{whole} s" if whole < 180 else f"{whole // 60} min {whole % 60} s"


def count(number: int, noun: str, many: str = "") -> str:
    """``1 service``, ``2 services``."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def _record(given: Any) -> str:
    """A small record: its own words when it has some, else the fields that are not at their default."""
    if "__str__" in vars(type(given)):
        return str(given)
    shown = []
    for item in fields(given):
        content = getattr(given, item.name)
        default = item.default if item.default is not MISSING else None
        if item.compare and content != default and content not in ((), frozenset(), ""):
            shown.append(f"{item.name}={value(content)}")
    return "(" + ", ".join(shown) + ")"
