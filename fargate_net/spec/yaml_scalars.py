"""What an unquoted word of YAML means: the core schema of YAML 1.2.

``on``, ``no``, ``22:22``, ``1_000`` and ``080`` are text, as most people expect, and not what YAML 1.1 makes of them.
Never here: quoted text, which is always text.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_LONGEST_INTEGER = 18
_INTEGER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?$")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Numbers too large for any field stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else text
    if _FLOAT.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
