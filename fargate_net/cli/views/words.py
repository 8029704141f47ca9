"""Words for people: property values, targets, port sets, durations, counts.

Never here: names of resources (sentences.py), layout, colour, anything that programs parse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from fargate_net.model.resource import Ref, refs
from fargate_net.model.verdict import Open, Question


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


def pair(before: Any, after: Any) -> tuple[Any, Any]:
    """Both values so that they can be told apart: records whose words are the same are shown with every field."""
    if before == after or value(before) != value(after):
        return before, after
    return _spelled(before), _spelled(after)


def parts(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """Of two records of one kind without words of their own: each field that differs, before and after."""
    if not is_dataclass(before) or type(before) is not type(after) or "__str__" in vars(type(before)):
        return []
    both = (
        (item.name, getattr(before, item.name), getattr(after, item.name)) for item in fields(before) if item.compare
    )
    return [(name, value(was), value(will_be)) for name, was, will_be in both if was != will_be]


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
            f"{word} {listed(names)}"
            for word, names in (
                ("for tasks", entry.tasks),
                ("in", entry.zones),
                ("from", entry.clients),
                ("to", entry.addresses),
            )
            if names
        ]
        if not every_client_port(entry):
            limits.append(f"for client ports {', '.join(entry.client_ports)} only")
        parts.append(text + (f" ({'; '.join(limits)})" if limits else ""))
    return "; ".join(parts)


def every_client_port(entry: Open) -> bool:
    """Whether replies come back to every port that clients use."""
    return not entry.client_ports or entry.client_ports in (("1024-65535",), ("0-65535",), ("1-65535",))


def listed(names: Sequence[str], shown: int = 6) -> str:
    """The names, a long list cut short: JSON has all of them."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")


def short(id: str) -> str:
    """An id for people: an ARN without the account and Region they are looking at anyway; others as they are."""
    return id.split(":", 5)[5] if id.startswith("arn:") and id.count(":") >= 5 else id


def seconds(duration: float) -> str:
    """``8.4 s``, ``72 s`` or ``3 min 20 s``."""
    if duration < 10:
        return f"{duration:.1f} s"
    whole = round(duration)
    return f"{whole} s" if whole < 180 else f"{whole // 60} min {whole % 60} s"


def count(number: int, noun: str, many: str = "") -> str:
    """``1 service``, ``2 services``."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def _spelled(given: Any) -> Any:
    """The value with every record of it as the text of its fields."""
    if isinstance(given, (set, frozenset)):
        return frozenset(_spelled(item) for item in given)
    if isinstance(given, (list, tuple)):
        return tuple(_spelled(item) for item in given)
    return _fields(given) if is_dataclass(given) and not isinstance(given, type) else given


def _record(given: Any) -> str:
    """A small record: its own words when it has some, else the fields that are not at their default."""
    return str(given) if "__str__" in vars(type(given)) else _fields(given)


def _fields(given: Any) -> str:
    shown = []
    for item in fields(given):
        content = getattr(given, item.name)
        default = item.default if item.default is not MISSING else None
        if item.compare and content != default and content not in ((), frozenset(), ""):
            shown.append(f"{item.name}={value(content)}")
    return "(" + ", ".join(shown) + ")"
