"""Plain documents as YAML text, for ``--output yaml``. Never here: reading YAML, objects other than JSON has.

The spec room owns the YAML library; a writer of six shapes needs none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"^[A-Za-z_/][A-Za-z0-9_./ +-]*$")
_UNPRINTABLE = re.compile("[\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u2028\u2029]")
_OTHER_MEANING = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def dump(document: Any) -> str:
    """The document in block style, with a line feed at the end. Text that could be read as anything else is quoted."""
    return "\n".join(_block(document)) + "\n"


def _block(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            head = f"{_scalar(str(key))}:"
            if isinstance(item, dict) and item:
                yield head
                yield from ("  " + line for line in _block(item))
            elif isinstance(item, (list, tuple)) and item:
                yield head
                yield from _block(item)
            else:
                yield f"{head} {_scalar(item)}"
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            lines = _block(item)
            yield "- " + next(lines)
            yield from ("  " + line for line in lines)
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, str):
        if _PLAIN.match(value) and not value.endswith(" ") and value.lower() not in _OTHER_MEANING:
            return value
        return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    text = json.dumps(value)
    # YAML 1.1 takes 1e-06 for text unless there is a point in it.
    return text.replace("e", ".0e", 1) if isinstance(value, float) and "e" in text and "." not in text else text
