"""Which AWS operations a method of a kind can call, read from its compiled code and what it uses inside ``kinds/``.

An operation is a text ``service.operation`` in botocore's words. Never here: pages, calls.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import botocore.session
from botocore import xform_name

SERVICES = {
    "ec2": "Amazon EC2",
    "ecs": "Amazon ECS",
    "elbv2": "Elastic Load Balancing",
    "servicediscovery": "AWS Cloud Map",
    "route53": "Amazon Route 53",
    "iam": "AWS IAM",
    "logs": "Amazon CloudWatch Logs",
    "application-autoscaling": "Application Auto Scaling",
}
"""The word botocore uses for a service, and its name for people."""

_OPERATION = re.compile(rf"^({'|'.join(SERVICES)})\.([a-z0-9_]+)$")
_HALF = re.compile(r"_[a-z]+_$")
_LOOKS = ("describe_", "list_", "get_", "search_")


def reads(operation: str) -> bool:
    """Whether an operation only looks."""
    return operation.partition(".")[2].startswith(_LOOKS)


def operations(kind: Any, methods: Iterable[str]) -> set[str]:
    """The operations these methods of a kind can call; a method that the kind inherits counts too."""
    seen: set[int] = set()
    texts = {text for name in methods for text in _texts(getattr(type(kind), name), type(kind), seen)}
    matches = [match for text in texts if (match := _OPERATION.match(text))]
    # Where code puts service and operation together, the operation is a text of its own.
    open_ended = {text.removesuffix(".") for text in texts if text.removesuffix(".") in SERVICES and text[-1] == "."}
    named = {f"{match[1]}.{name}" for match in matches for name in _named(match[1], match[2])}
    return named | {f"{service}.{text}" for service in open_ended for text in texts & _api_names(service).keys()}


def spelled(operation: str) -> str:
    """An operation as the API reference of its service writes it: ``ec2.describe_vpcs`` is DescribeVpcs."""
    service, _, word = operation.partition(".")
    return _api_names(service)[word]


def _named(service: str, word: str) -> Iterator[str]:
    """The operation; or those that begin so, where code puts the end of the name on."""
    names = _api_names(service)
    return (name for name in names if name == word or (_HALF.search(word) and name.startswith(word)))


@cache
def _api_names(service: str) -> dict[str, str]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def _texts(thing: Any, owner: type | None, seen: set[int]) -> Iterator[str]:
    """Every text that a function, a constant or what they use mentions, as far as it lives in ``kinds/``."""
    thing = inspect.unwrap(thing.func if hasattr(thing, "func") else thing) if callable(thing) else thing
    if isinstance(thing, (str, int, float, type(None))):
        if isinstance(thing, str):
            yield thing
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, FunctionType):
        if thing.__module__.startswith("fargate_net.kinds"):
            yield from _of_code(thing.__code__, thing.__globals__, owner, seen)
    elif isinstance(thing, dict):
        for item in (*thing, *thing.values()):
            yield from _texts(item, None, seen)
    elif isinstance(thing, (tuple, list, set, frozenset)):
        for item in thing:
            yield from _texts(item, None, seen)
    elif isinstance(thing, type) and thing.__module__.startswith("fargate_net.kinds"):
        for item in vars(thing).values():
            if isinstance(item, FunctionType) and not _is_kind(thing):
                yield from _texts(item, thing, seen)


def _of_code(code: CodeType, space: dict[str, Any], owner: type | None, seen: set[int]) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant, space, owner, seen)
        else:
            yield from _texts(constant, None, seen)
    for name in code.co_names:
        if owner is not None and isinstance(method := inspect.getattr_static(owner, name, None), FunctionType):
            yield from _texts(method, owner, seen)
        elif name in space:
            yield from _texts(space[name], None, seen)


def _is_kind(thing: type) -> bool:
    """A kind that another one mentions is a noun there; its calls are its own."""
    return hasattr(thing, "scan")
