"""YAML text to a tree of nodes, each with its place in the file; and from nodes to plain data.

Built on the parser's events, so that nothing recurses over the input, every alias is counted and no tag
constructs an object.
Never here: what the keys of a spec mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from fargate_net.errors import Problem
from fargate_net.spec.yaml_scalars import Scalar, resolve

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 50
_SHOWN_PROBLEMS = 100

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


@dataclass(frozen=True)
class Place:
    """A point in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass
class Node:
    """A value of the document: ``entries`` of a mapping, ``items`` of a list, or a scalar ``value``."""

    place: Place
    value: Scalar = None
    text: str = ""
    entries: dict[str, tuple[Place, Node]] | None = None
    items: list[Node] | None = None
    size: int = 1

    def plain(self, as_text: bool = False) -> Any:
        """Dicts, lists and scalars; with ``as_text`` every number and boolean as it was written."""
        if self.entries is not None:
            return {key: node.plain(as_text) for key, (_, node) in self.entries.items()}
        if self.items is not None:
            return [node.plain(as_text) for node in self.items]
        return self.text if as_text and self.value is not None else self.value


@dataclass
class Parsed:
    """A document: its root (None for an empty file, or when it is no YAML) and everything wrong with it."""

    root: Node | None
    problems: list[Problem]


class _StopReading(Exception):
    """The rest of the file is not worth reading; the reason is among the problems."""


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    node: Node
    anchor: str | None
    key: tuple[Place, str] | None = None
    awaits_key: bool = True
    merges: list[Node] = field(default_factory=list)


def parse(text: str, file: str) -> Parsed:
    """Read one document. Never raises; the work is bounded by the size of the text and ``MAX_NODES``."""
    reader = _Reader(file)
    if found := _UNREADABLE.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        reader.problem(Place(file, line, column), f"The character U+{ord(found[0]):04X} is not allowed in YAML.")
        return Parsed(None, reader.problems)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except _StopReading:
        return Parsed(None, reader.problems)
    except yaml.YAMLError as error:
        reader.not_yaml(error, text)
        return Parsed(None, reader.problems)
    return Parsed(reader.root, reader.problems)


class _Reader:
    """Takes parser events one by one and grows the tree with a stack of its own."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0
        self._documents = 0

    def problem(self, place: Place, message: str, hint: str = "") -> None:
        if len(self.problems) < _SHOWN_PROBLEMS:
            self.problems.append(Problem(place.file, place.line, place.column, "", message, hint))

    def stop(self, place: Place, message: str, hint: str = "") -> _StopReading:
        self.problem(place, message, hint)
        return _StopReading()

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._start(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                hint = "Put each in a file of its own and name all files on the command line."
                raise self.stop(self._place(event), "The file holds more than one YAML document.", hint)

    def not_yaml(self, error: yaml.YAMLError, text: str) -> None:
        """The parser's complaint, with its place, as one sentence."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        lines = text.split("\n")
        written = lines[line - 1] if line <= len(lines) else ""
        hint = ""
        if "\t" in written[: column + 1]:
            hint = "YAML does not allow tabs for indentation: use spaces."
        elif "{{" in written:
            hint = "Templates are not expanded: write the value itself."
        elif re.search(r":\s+[*&@`%]", written):
            hint = "Put a value that begins with *, &, @, ` or % in quotes."
        self.problem(Place(self.file, line, column), f"This is not valid YAML: {why}.", hint)

    def _place(self, event: yaml.Event) -> Place:
        mark: Any = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _count(self, place: Place, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            hint = "Aliases count once for each use." if self._anchors else ""
            raise self.stop(place, f"The file holds more than {MAX_NODES} values.", hint)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = self._place(event)
        self._count(place, 1)
        tag: str | None = event.tag
        if tag is not None and tag not in _TEXT_TAGS:
            self._tag(place, tag)
        text: str = event.value
        if found := _UNREADABLE.search(text):
            self.problem(place, f"The text holds the control character U+{ord(found[0]):04X}.", "Remove it.")
            text = _UNREADABLE.sub("", text)
        plain = tag is None and event.implicit[0]
        node = Node(place, value=resolve(text) if plain else text, text=text)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node, is_key_text=True)

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        place = self._place(event)
        self._count(place, 1)
        if len(self._open) >= MAX_DEPTH:
            raise self.stop(place, f"The file is nested deeper than {MAX_DEPTH} levels.")
        tag: str | None = event.tag
        if tag is not None and tag != "!":
            self._tag(place, tag)
        node = Node(place)
        if isinstance(event, yaml.MappingStartEvent):
            node.entries = {}
        else:
            node.items = []
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(node, event.anchor))

    def _end(self) -> None:
        done = self._open.pop()
        for merged in done.merges:
            self._merge(done.node, merged)
        if done.anchor:
            self._anchors[done.anchor] = done.node
        self._add(done.node, is_key_text=False)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = self._place(event)
        name = event.anchor
        if name not in self._anchors:
            raise self.stop(place, f"The alias *{name} has no anchor &{name} before it.")
        node = self._anchors[name]
        if node is None:
            raise self.stop(place, f"The alias *{name} is inside the value it stands for.")
        self._count(place, node.size)
        depth = len(self._open) + _depth(node)
        if depth > MAX_DEPTH:
            raise self.stop(place, f"The file is nested deeper than {MAX_DEPTH} levels.")
        self._add(node, is_key_text=node.entries is None and node.items is None, place=place)

    def _add(self, node: Node, *, is_key_text: bool, place: Place | None = None) -> None:
        """Put a finished node where the innermost open one waits for it."""
        if not self._open:
            self.root = node
            return
        outer = self._open[-1]
        outer.node.size += node.size
        if outer.node.items is not None:
            outer.node.items.append(node)
        elif outer.awaits_key:
            if not is_key_text:
                hint = "Templates such as {{ name }} are not expanded." if node.entries else ""
                self.problem(place or node.place, "A key must be text, not a list or a mapping.", hint)
            outer.key = (place or node.place, node.text if is_key_text else "")
            outer.awaits_key = False
        else:
            self._entry(outer, node)

    def _entry(self, outer: _Open, node: Node) -> None:
        entries = outer.node.entries
        outer.awaits_key = True
        if outer.key is None or entries is None:
            return
        place, key = outer.key
        if key == "<<":
            outer.merges.append(node)
        elif key in entries:
            first = entries[key][0]
            self.problem(place, f"The key `{clip(key)}` is given twice; first in line {first.line}.", "Keep one.")
        else:
            entries[key] = (place, node)

    def _merge(self, node: Node, merged: Node) -> None:
        """``<<: *defaults``: keys of the merged mapping that are not given beside it."""
        for source in merged.items if merged.items is not None else [merged]:
            if source.entries is None or node.entries is None:
                self.problem(source.place, "`<<` takes a mapping, or a list of mappings.")
                continue
            for key, entry in source.entries.items():
                node.entries.setdefault(key, entry)

    def _tag(self, place: Place, tag: str) -> None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        self.problem(place, f"The tag {clip(shown)} is not allowed: the spec is plain data.", "Remove the tag.")


def _depth(node: Node) -> int:
    """Levels below and with a finished node; finished nodes are never deeper than ``MAX_DEPTH``."""
    return 1 + max((_depth(child) for child in children(node)), default=0)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a mapping or a list."""
    if node.entries is not None:
        yield from (child for _, child in node.entries.values())
    yield from node.items or ()


def clip(text: str, length: int = 60) -> str:
    """The text on one line, shortened for a message."""
    line = text.replace("\n", "⏎").replace("\r", "")
    return line if len(line) <= length else line[: length - 1] + "…"
