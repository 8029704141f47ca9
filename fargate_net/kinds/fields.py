"""Typed access to the items of a response, so that a wrong type is one sentence and never a traceback.

Live responses are well formed; saved ones were edited by people. Never here: the meaning of a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from fargate_net.errors import UsageError

_UNSET: Any = object()
T = TypeVar("T")


class Absent(Exception):
    """A key that AWS always fills is not there: what depends on it cannot be known. ``str()`` is one sentence."""


class Item:
    """One object of a response. Getters return the default when the key is absent or null.

    Without a default an absent key raises Absent; a value of the wrong type raises UsageError that names the place,
    as in ``SecurityGroups[sg-1].IpPermissions[0].FromPort``.
    """

    __slots__ = ("_label", "_parent", "_position", "raw")

    def __init__(self, raw: Any, label: str, parent: Item | None = None, position: int = -1) -> None:
        self._label = label
        self._parent = parent
        self._position = position
        if not isinstance(raw, dict):
            self.raw: dict[str, Any] = {}
            raise UsageError(f"{self.place} is {_word(raw)}, not an object.", hint=_HINT)
        self.raw = raw

    @property
    def place(self) -> str:
        """Where this object stands in the response."""
        here = self._label if self._position < 0 else f"{self._label}[{self._position}]"
        return f"{self._parent.place}.{here}" if self._parent else here

    def __contains__(self, key: str) -> bool:
        return self.raw.get(key) is not None

    def _typed(self, key: str, default: T, wanted: type | tuple[type, ...], word: str) -> Any:
        value = self.raw.get(key)
        if value is None:
            if default is _UNSET:
                raise Absent(f"{self.place} has no {key}.")
            return default
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int):
            raise UsageError(f"{self.place}.{key} is {_word(value)}, not {word}.", hint=_HINT)
        return value

    def text(self, key: str, default: str = _UNSET) -> str:
        """A string."""
        value = self.raw.get(key)
        if type(value) is str:  # nearly always; a large network has millions of these
            return value
        text: str = self._typed(key, default, str, "a string")
        return text

    def address(self, key: str, default: str = _UNSET, *, family: int = 4) -> str:
        """An address of the family, ``4`` or ``6``; empty text is an absent one where a default is given."""
        text = self.text(key, default)
        if (text or default is _UNSET) and not (_V4.fullmatch(text) if family == 4 else _is_v6(text)):
            raise UsageError(f"{self.place}.{key} is {_word(text)}, not an IPv{family} address.", hint=_HINT)
        return text

    def cidr(self, key: str, default: str = _UNSET, *, family: int = 0) -> str:
        """An address range of the family, ``0`` for either; empty text is an absent one where a default is given."""
        text = self.text(key, default)
        if (text or default is _UNSET) and not is_range(text, family):
            raise UsageError(f"{self.place}.{key} is {_word(text)}, not an address range.", hint=_HINT)
        return text

    def cidrs(self, key: str) -> tuple[str, ...]:
        """The address ranges of a list; none when it is absent."""
        texts = self.texts(key)
        for position, text in enumerate(texts):
            if not is_range(text):
                raise UsageError(f"{self.place}.{key}[{position}] is {_word(text)}, not an address range.", hint=_HINT)
        return texts

    def whole(self, key: str, default: int = _UNSET) -> int:
        """A whole number."""
        value: int = self._typed(key, default, int, "a number")
        return value

    def flag(self, key: str, default: bool = _UNSET) -> bool:
        """True or false."""
        value: bool = self._typed(key, default, bool, "true or false")
        return value

    def time(self, key: str, default: str = _UNSET) -> str:
        """A time as ISO 8601 text, whether it arrives as such or as a datetime."""
        value = self._typed(key, default, (str, datetime), "a time")
        return value.isoformat() if isinstance(value, datetime) else str(value)

    def within(self, key: str) -> Item:
        """An object inside; an empty one when it is absent."""
        return Item(self.raw.get(key) or {}, key, self)

    def many(self, key: str) -> Iterator[Item]:
        """The objects of a list; none when it is absent."""
        for position, value in enumerate(self._typed(key, (), (list, tuple), "a list")):
            yield Item(value, key, self, position)

    def each(self, key: str) -> Iterator[Item]:
        """The objects of a list that AWS always fills, if only with nothing."""
        if self.raw.get(key) is None:
            raise Absent(f"{self.place} has no {key}.")
        return self.many(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """The strings of a list; none when it is absent."""
        values: Iterable[Any] = self._typed(key, (), (list, tuple), "a list")
        for position, value in enumerate(values):
            if not isinstance(value, str):
                raise UsageError(f"{self.place}.{key}[{position}] is {_word(value)}, not a string.", hint=_HINT)
        return tuple(values)

    def tags(self, key: str = "Tags") -> dict[str, str]:
        """Tags as a mapping, whatever case AWS spells ``Key`` and ``Value`` in."""
        return {
            tag.text("Key" if "Key" in tag else "key", ""): tag.text("Value" if "Value" in tag else "value", "")
            for tag in self.many(key)
        }


def items(response: Mapping[str, Any], key: str, id_key: str = "") -> Iterator[Item]:
    """The objects of a response's list, each labelled by its id; UsageError when one has no id."""
    for item in Item(response, "the response").many(key):
        if id_key:
            name = item.raw.get(id_key)
            if not isinstance(name, str) or not name:
                raise UsageError(f"{key}[{item._position}] has no {id_key}.", hint=_HINT)
            yield Item(item.raw, f"{key}[{name}]")
        else:
            yield Item(item.raw, key, None, item._position)


def parts(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Batches of at most ``size``, in order."""
    batch: list[T] = []
    for value in values:
        batch.append(value)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def call_name(operation: str) -> str:
    """``ec2.describe_vpcs`` as AWS writes it in policies: ``ec2:DescribeVpcs``."""
    service, _, method = operation.partition(".")
    name = "".join(part.capitalize() for part in method.split("_"))
    return f"{_PREFIXES.get(service, service)}:{re.sub('Vpc$', 'VPC', name) if service == 'route53' else name}"


@lru_cache(maxsize=4096)
def is_range(text: str, family: int = 0) -> bool:
    """Whether the text is an address range of the family (``0``: either)."""
    try:
        return ip_network(text, strict=False).version in ((4, 6) if family == 0 else (family,)) and "/" in text
    except ValueError:
        return False


def _is_v6(text: str) -> bool:
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


_V4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}")  # a large network has many of these

_HINT = "Save the response again as the AWS CLI prints it."
_PREFIXES = {"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f"the text {value[:40]!r}" if isinstance(value, str) else f"the number {value}"
