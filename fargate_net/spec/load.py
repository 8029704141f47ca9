"""Spec files to a checked stack: the one door into this room.

Every problem of every file is reported at once, with its place.
Never here: environment variables (nothing is interpolated), AWS calls, rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fargate_net.errors import Problem, SpecError
from fargate_net.spec import rules
from fargate_net.spec.fault import MOST_FAULTS, Fault, shown
from fargate_net.spec.merging import merge
from fargate_net.spec.models import Stack
from fargate_net.spec.placing import place
from fargate_net.spec.shape import shape
from fargate_net.spec.textual import plain
from fargate_net.spec.yaml_nodes import MAX_BYTES, Node, parse

IGNORED = "x-"
"""Top-level keys that begin so are not read: a place for YAML anchors, as in Compose files."""


@dataclass(frozen=True)
class Loaded:
    """A stack that follows every rule that can be checked without AWS, and what is legal but unwise in it."""

    stack: Stack
    warnings: tuple[Problem, ...]
    files: tuple[str, ...]


def load(paths: Sequence[Path | str]) -> Loaded:
    """Read and merge spec files; services and expectations add up, everything else is given once.

    Raises ``SpecError`` with all problems: unreadable files, YAML, unknown keys, broken rules.
    """
    roots: list[Node] = []
    problems: list[Problem] = []
    for path in paths:
        text = read_text(Path(path), problems)
        if text is not None:
            _parse(text, str(path), roots, problems)
    if not paths:
        problems.append(Problem("", 0, 0, "", "No spec file is given.", "Name at least one."))
    return _check(roots, problems, tuple(str(path) for path in paths))


def load_text(text: str, name: str = "spec.yaml") -> Loaded:
    """Like ``load`` for one text; ``name`` stands for the file in problems."""
    roots: list[Node] = []
    problems: list[Problem] = []
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        problems.append(_too_large(name))
    else:
        _parse(text, name, roots, problems)
    return _check(roots, problems, (name,))


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """A file's text, at most 1 MiB of UTF-8; else None, and one more problem."""
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        problems.append(Problem(name, 0, 0, "", "This is a folder.", "Name the spec file in it."))
        return None
    except FileNotFoundError:
        problems.append(Problem(name, 0, 0, "", "There is no such file.", "`fargatenet init` writes a spec."))
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        problems.append(Problem(name, 0, 0, "", f"The file cannot be read: {why}."))
        return None
    if len(raw) > MAX_BYTES:
        problems.append(_too_large(name))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        problems.append(Problem(name, line, column, "", "The file is not UTF-8 text.", "Save it as UTF-8."))
        return None


def _too_large(name: str) -> Problem:
    return Problem(name, 0, 0, "", "The file is larger than 1 MiB.", "A spec is a few kilobytes: is it the right file?")


def _parse(text: str, name: str, roots: list[Node], problems: list[Problem]) -> None:
    parsed = parse(text, name)
    problems += parsed.problems
    if parsed.root is None or (parsed.root.entries is None and parsed.root.items is None and parsed.root.value is None):
        if not parsed.problems:
            hint = "Begin with `stack:` and `services:`, or with `reach:`; `fargatenet init` writes a start."
            problems.append(Problem(name, 0, 0, "", "The file is empty.", hint))
    elif parsed.root.entries is None:
        at, hint = parsed.root.place, "Begin with `stack:` and `services:`, or with `reach:`."
        message = f"The file holds {'a list' if parsed.root.items is not None else 'a text'}, not a spec."
        problems.append(Problem(name, at.line, at.column, "", message, hint))
    else:
        roots.append(parsed.root)


def _check(roots: list[Node], problems: list[Problem], files: tuple[str, ...]) -> Loaded:
    if len(roots) < len(files) or not roots:
        raise SpecError(problems)
    root = merge(roots, problems)
    raw = plain(root)
    draft, faults = shape({key: value for key, value in raw.items() if not key.startswith(IGNORED)})
    if draft is not None:
        found = rules.check(draft)
        faults += [
            Fault(draft.written(fault.path), fault.message, fault.hint, fault.at, fault.is_warning) for fault in found
        ]
    problems += _placed(root, (fault for fault in faults if not fault.is_warning))
    if problems or draft is None:
        raise SpecError(_bounded(list(dict.fromkeys(problems)), files[0]))
    warnings = _placed(root, (fault for fault in faults if fault.is_warning))
    return Loaded(draft.stack, tuple(sorted(dict.fromkeys(warnings))), files)


def _bounded(problems: list[Problem], file: str) -> list[Problem]:
    if len(problems) <= MOST_FAULTS:
        return problems
    more = Problem(file, 0, 0, "", f"There are more than {MOST_FAULTS} problems; these are the first.")
    return [more, *sorted(problems)[:MOST_FAULTS]]


def _placed(root: Node, faults: Iterable[Fault]) -> list[Problem]:
    placed = []
    for fault in faults:
        at = place(root, fault.path, fault.at)
        placed.append(Problem(at.file, at.line, at.column, shown(fault.path), fault.message, fault.hint))
    return placed
