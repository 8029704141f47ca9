"""docs/kinds/<type>.md: a head that people write, and below it what the code says about the type.

The head ends at ``MARK`` and is kept as it is. Never here: prose about a single type.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from fargate_net.kinds.base import Kind, load_all
from tests.docs.aws_calls import SERVICES, operations, reads, spelled

MARK = "<!-- Below this line `make docs` writes what the code says. -->"
_LOOK = ("scan",)
_WRITE = ("create", "update", "delete")


def head_of(page: str, kind: Kind) -> str:
    """The part people wrote; for a page that does not exist yet a title and the first words of the module."""
    if MARK in page:
        return page.partition(MARK)[0].rstrip()
    module = _prose(sys.modules[type(kind).__module__].__doc__ or "")
    return f"# {kind.name.replace('_', ' ').capitalize()}\n\n{module}"


def page(kind: Kind, head: str) -> str:
    """The whole page of a kind below that head."""
    parts = [head, MARK, "\n".join(_facts(kind)), *_calls(kind), *_fields(kind), *_beside(kind)]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """docs/kinds/index.md: every type with a link to its page."""
    rows = []
    for name, kind in sorted(load_all().items()):
        about = _first_sentence(sys.modules[type(kind).__module__].__doc__ or "")
        rows.append(f"| [`{name}`]({name}.md) | {'made' if kind.write_side else 'read'} | {about} |")
    head = """\
# Resource types

What the tool knows of AWS, one page for each type. Types that are *made* have a write side: `up` creates, changes and
removes them, when they carry the tags of the stack. Types that are *read* are only looked at, whoever owns them.

| type | role | what it is |
| --- | --- | --- |
"""
    return head + "\n".join(rows) + "\n"


def _facts(kind: Kind) -> Iterator[str]:
    if not kind.write_side:
        yield f"- Type `{kind.name}`. Read only: the tool never makes, changes or removes one."
        return
    yield f"- Type `{kind.name}`. Made by the tool; its key in a stack reads `{kind.name}/NAME`."
    if kind.versioned:
        yield "- Any change makes a new revision with a new id; old revisions stay until `down`."
    if not any(not reads(name) for name in operations(kind, ["update"])):
        yield "- AWS changes nothing of it in place: any difference means a replacement."
    elif kind.immutable:
        yield f"- AWS cannot change {_listed(kind.immutable)} in place: a difference there means a replacement."
    if kind.exclusive and kind.exclusive <= {field.name for field in fields(kind.props)}:
        yield (
            f"- Two things with the same {_listed(kind.exclusive)} cannot stand side by side: a replacement that keeps"
            f" {'it' if len(kind.exclusive) == 1 else 'all of them'} removes the old one first."
        )
    if kind.usual:
        yield f"- AWS usually needs {kind.usual:g} seconds from the create call until it works."
    if ready := _own_docstring(kind, "settled") or _own_docstring(kind, "ready"):
        yield f"- What a run waits for: {ready[:1].lower()}{ready[1:]}"


def _calls(kind: Kind) -> Iterator[str]:
    looking = operations(kind, _LOOK)
    yield "## Calls"
    rows = [f"| read | {_spelled(looking)} |"]
    if kind.write_side:
        for method in _WRITE:
            writing = {name for name in operations(kind, [method]) if not reads(name)}
            if writing:
                rows.append(f"| {method} | {_spelled(writing)} |")
        looked = {name for name in operations(kind, _WRITE) if reads(name)} - looking
        if looked:
            rows.append(f"| looks first | {_spelled(looked)} |")
    yield "\n".join(["| to | it can call |", "| --- | --- |", *rows])


def _spelled(names: set[str]) -> str:
    by_service: dict[str, list[str]] = {}
    for name in sorted(names):
        by_service.setdefault(SERVICES[name.partition(".")[0]], []).append(spelled(name))
    return "; ".join(f"{service}: {', '.join(calls)}" for service, calls in sorted(by_service.items())) or "none"


def _fields(kind: Kind) -> Iterator[str]:
    yield "## Normal form"
    yield (
        "What is compared between the spec and AWS, and what reachability reads. *Observed* fields are shown and"
        " reasoned on, but never compared."
        if any(not field.compare for field in fields(kind.props))
        else "What is compared between the spec and AWS, and what reachability reads."
    )
    yield _prose(kind.props.__doc__ or "")
    yield _table(kind.props, kind.immutable)
    for part in _parts(kind.props):
        yield f"### {part.__name__}"
        if not (part.__doc__ or "").startswith(f"{part.__name__}("):  # what dataclasses write by themselves
            yield _prose(part.__doc__ or "")
        yield _table(part, frozenset())


def _table(props: type, immutable: frozenset[str]) -> str:
    notes = _field_notes(props)
    written = props.__annotations__
    rows = []
    for field in fields(props):
        words = []
        if field.name in immutable:
            words.append("immutable")
        if not field.compare:
            words.append("observed")
        note = ". ".join(part for part in (", ".join(words), notes.get(field.name, "")) if part)
        shape = str(written.get(field.name, field.type)).replace("|", "\\|")
        rows.append(f"| `{field.name}` | `{shape}` | {_default(field)} | {note} |")
    return "\n".join(["| field | type | default | notes |", "| --- | --- | --- | --- |", *rows])


def _default(field: Any) -> str:
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else "empty"
    if field.default in ("", (), frozenset(), None):
        return "none"
    if isinstance(field.default, frozenset):  # its order changes from run to run
        return "`{" + ", ".join(sorted(repr(item) for item in field.default)) + "}`"
    return f"`{field.default}`"


def _beside(kind: Kind) -> Iterator[str]:
    if implied := _own_docstring(kind, "implied"):
        yield "## What AWS adds"
        yield f"AWS adds by itself, and a plan foresees it: {implied[:1].lower()}{implied[1:]}"


def _parts(props: type) -> list[type]:
    """The small records inside the fields, in the order they are met."""
    seen: list[type] = []
    for hint in get_type_hints(props).values():
        for inner in _classes(hint):
            if is_dataclass(inner) and inner.__module__.startswith("fargate_net.kinds") and inner not in seen:
                seen += [inner, *(part for part in _parts(inner) if part not in seen)]
    return seen


def _classes(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for inner in get_args(hint):
        yield from _classes(inner)


@cache
def _field_notes(props: type) -> dict[str, str]:
    """The text that stands below a field in the source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(props))).body[0]
    assert isinstance(body, ast.ClassDef)
    notes = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            assert isinstance(below.value, ast.Constant)
            notes[field.target.id] = " ".join(_prose(str(below.value.value)).split())
    return notes


def _own_docstring(kind: Kind, method: str) -> str:
    """The docstring of a method that the kind itself defines, on one line."""
    defined = vars(type(kind)).get(method)
    return " ".join(_prose(defined.__doc__ or "").split()) if defined is not None else ""


def _prose(docstring: str) -> str:
    """A docstring as Markdown, without the sentence on what a module must never hold."""
    text = re.sub(r"\s*Never here:.*?(?=\n\n|\Z)", "", inspect.cleandoc(docstring), flags=re.DOTALL)
    return re.sub(r"\n{3,}", "\n\n", text.replace("``", "`")).strip()


def _first_sentence(docstring: str) -> str:
    return " ".join(_prose(docstring).partition("\n\n")[0].split())


def _listed(names: frozenset[str]) -> str:
    *most, last = [f"`{name}`" for name in sorted(names)]
    return f"{', '.join(most)} and {last}" if most else last
