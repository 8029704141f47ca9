"""The JSON files of a snapshot folder, each as one object. Never here: what their keys mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from fargate_net.errors import UsageError

_HINT = "A snapshot holds responses as the AWS CLI prints them; see docs/snapshots.md."


def documents(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every ``.json`` file below the folder, in order of their paths. UsageError for what is not a JSON object."""
    if not folder.exists():
        raise UsageError(
            f"The snapshot folder {folder} does not exist.", hint="Make one with 'fargatenet snapshot DIR'."
        )
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", hint=_HINT)
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not paths:
        raise UsageError(f"The snapshot folder {folder} holds no .json file.", hint=_HINT)
    for path in paths:
        yield path, _document(path)


def misplaced(path: Path, key: str, message: str) -> UsageError:
    """The error for a key that holds what it should not, with its line and column."""
    text = _text(path)
    place = re.search(rf'"{re.escape(key)}"\s*:', text)
    return UsageError(f"{_at(path, text, place.start()) if place else path}: {message}", hint=_HINT)


def _document(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        document = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        problem = "the file ends too early" if error.pos >= len(text.rstrip()) else error.msg[0].lower() + error.msg[1:]
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: not JSON: {problem}.", hint=_HINT) from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply for a response.", hint=_HINT) from None
    except _Constant as constant:
        place = re.search(rf"(?<![\w\"]){constant}", text)
        where = _at(path, text, place.start()) if place else str(path)
        raise UsageError(f"{where}: {constant} is not a JSON number.", hint=_HINT) from None
    except ValueError as error:
        raise UsageError(f"{path}: not JSON: {error}.", hint=_HINT) from None
    if not isinstance(document, dict):
        word = "a list" if isinstance(document, list) else "a single value"
        raise UsageError(f"{path}:1:1: holds {word}, not an object with the keys of a response.", hint=_HINT)
    return document


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        # Windows shells redirect as UTF-16 with a byte order mark.
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: not text: {error.reason} at byte {error.start}.", hint=_HINT) from None


class _Constant(Exception):
    """NaN or Infinity, which Python reads and JSON does not know."""


def _refuse(name: str) -> NoReturn:
    raise _Constant(name)


def _at(path: Path, text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return f"{path}:{line}:{column}"
