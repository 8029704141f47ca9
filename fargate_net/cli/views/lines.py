"""Indented text that is never cut: wrapped on a terminal, one whole line in a file or a pipe.

Never here: words.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text


def marked(head: str, style: str) -> Text:
    """Words in a style; what is appended does not take it over, as it would from ``Text(style=)``."""
    return Text().append(head, style=style)


def indented(console: Console, text: Text, by: int = 4) -> None:
    """Print the text with every line ``by`` columns from the left."""
    lines = text.split("\n") if console.soft_wrap else text.wrap(console, max(console.width - by, 20))
    for line in lines:
        console.print(Text(" " * by).append_text(line))
