"""The fenced blocks of a page in order, and what a reader does with them: run, save, edit.

Never here: which pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SAVED = re.compile(r"# ([\w.-]+)\n")
_IDS = (
    (re.compile(r"\b(acl|eni|igw|nat|rtb|sg|subnet|vpc|vpce)-[0-9a-f]{8,17}\b"), r"\1-…"),
    (re.compile(r"\b[0-9a-f]{8}\b"), "…"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "… s"),
    (re.compile(r"\b10\.\d+\.\d+\.\d+\b(?!/)"), "10.…"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Command:
    """A line after ``$``, the exit code that ``echo $?`` shows after it (else 0), and the lines it is said to print."""

    line: str
    exit_code: int
    shown: tuple[str, ...]


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Language and content of every block."""
    yield from ((match[1], match[2]) for match in _FENCE.finditer(page))


def commands(block: str) -> list[Command]:
    """The commands of a console block."""
    parts: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            parts.append((line[2:].partition(" # ")[0].strip(), []))
        elif line.strip():
            parts[-1][1].append(line)
    said = []
    for (line, shown), (after, answer) in zip(parts, [*parts[1:], ("", [])], strict=True):
        if line != "echo $?":
            said.append(Command(line, int(answer[0]) if after == "echo $?" else 0, tuple(shown)))
    return said


def save(language: str, block: str, folder: Path) -> None:
    """What a reader saves: a block that begins with a comment that is a file name; and the edits of a diff."""
    if language == "diff":
        _edit(block, next(iter(folder.glob("*.yaml"))))
    elif name := _SAVED.match(block):
        (folder / name[1]).write_text(block)


def alike(line: str) -> str:
    """A line without what differs from run to run: ids, addresses, seconds, the width of columns."""
    for pattern, stands_for in _IDS:
        line = pattern.sub(stands_for, line)
    return line.strip()


def _edit(diff: str, path: Path) -> None:
    lines = diff.splitlines()
    old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    text = path.read_text()
    assert text.count(old) == 1, f"the edit fits {text.count(old)} places of {path.name}:\n{diff}"
    path.write_text(text.replace(old, new))
