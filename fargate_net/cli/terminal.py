"""The two streams as rich consoles: data goes to stdout, everything else to stderr.

Never here: what is shown.
"""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console

WIDTH = 100
"""Columns that every table fits, and the width of output that goes into a file or a pipe."""


class Screen(Console):
    """A console that shows text as it is: no markup, no emoji codes, no guessed highlights in other people's names."""

    def __init__(self, file: IO[str], *, color: bool) -> None:
        terminal = file.isatty()
        super().__init__(
            file=file,
            width=None if terminal else _columns(),
            soft_wrap=not terminal,  # a line that goes into a file stays one line, so that it can be searched for
            color_system="auto" if color else None,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def on_broken_pipe(self) -> None:
        """Leave it to ``main``, which ends quietly; rich would exit with a failure of its own."""
        raise BrokenPipeError


def out(color: bool = True) -> Screen:
    """The console of data. On a narrow terminal lines are broken by the terminal, rather than ids cut by us."""
    screen = Screen(sys.stdout, color=color and not no_color())
    screen.width = max(screen.width, WIDTH)
    return screen


def err(color: bool = True) -> Screen:
    """The console of progress, questions and failures."""
    return Screen(sys.stderr, color=color and not no_color())


def no_color() -> bool:
    """Whether the environment asks for plain text (no-color.org: set, and not empty)."""
    return bool(os.environ.get("NO_COLOR"))


def can_ask() -> bool:
    """Whether a person sits there: questions are asked on a terminal only."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdigit() and int(given) >= 40 else WIDTH
