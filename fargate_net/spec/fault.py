"""A thing wrong at a path of the document, before anybody knows the line; and the draft that rules look at.

Never here: files, lines, a concrete rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from fargate_net.spec.models import Service, Stack

Path = tuple[str | int, ...]

MOST_FAULTS = 100
"""Faults of one sort that are looked for: nobody reads more, and the work stays bounded."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at ``path``. ``at`` says whether to point at the value there or at its key."""

    path: Path
    message: str
    hint: str = ""
    at: Literal["value", "key"] = "value"
    is_warning: bool = False


@dataclass(frozen=True)
class Draft:
    """A stack in which every value has the right shape, because those that had not were left out.

    Paths count list items as ``stack`` does. ``gaps`` says which items of a list of the file were left out, so
    that ``written`` can give the path in the file. ``broken`` holds the paths, in the file, of all that was left
    out. ``names`` are all services of the file, also those too broken to be in ``stack``.
    """

    stack: Stack
    names: tuple[str, ...] = ()
    broken: frozenset[Path] = frozenset()
    gaps: Mapping[Path, tuple[int, ...]] = field(default_factory=dict)

    def written(self, path: Path) -> Path:
        """The path in the file of a path in ``stack``."""
        return written(path, self.gaps)

    def sound(self, *path: str | int) -> bool:
        """True when nothing at, above or below the path was left out: what is absent there is truly absent."""
        asked = self.written(path)
        below = any(asked[:length] in self.broken for length in range(len(asked) + 1))
        return not below and asked not in self._above_broken

    @cached_property
    def _above_broken(self) -> frozenset[Path]:
        return above(self.broken)

    def services(self) -> Iterator[tuple[str, Service, Path]]:
        """Name, service and path of each service."""
        for name, service in self.stack.services.items():
            yield name, service, ("services", name)


Rule = Callable[[Draft], Iterator[Fault]]


def above(paths: Iterable[Path]) -> frozenset[Path]:
    """The paths themselves and every path above one of them."""
    return frozenset(path[:length] for path in paths for length in range(len(path) + 1))


def written(path: Path, gaps: Mapping[Path, tuple[int, ...]]) -> Path:
    """The path in the file, when some items of its lists were left out."""
    found: Path = ()
    for step in path:
        if isinstance(step, int):
            for gap in gaps.get(found, ()):
                step += gap <= step
        found = (*found, step)
    return found


def shown(path: Path) -> str:
    """``services.web.containers[0].ports[1]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
