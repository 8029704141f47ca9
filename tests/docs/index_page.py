"""docs/index.md: every page with its title and its first sentence, by what a reader wants.

Never here: words about a page; they come from the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

SHELVES: dict[str, tuple[str, ...]] = {
    "Learn": ("tutorial", "sandbox", "bring-your-own"),
    "Look up": ("commands", "spec", "errors", "events", "snapshots", "permissions", "kinds/index"),
    "Understand the answers": ("reach-model", "verdicts", "pictures", "packets"),
    "Trust it": ("performance", "robustness"),
    "Change it": ("contributing/one-field-through-the-house",),
}
"""The order of the pages; one that is not named here stands under ``More``."""
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def markdown(folder: Path) -> str:
    """The whole page for the pages that are in the folder now."""
    there = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md")} - {"index"}
    decisions = sorted(name for name in there if name.startswith("decisions/"))
    rest = {name for name in there - set(decisions) if not name.startswith("kinds/") or name == "kinds/index"}
    parts = ["# The docs", "Made by `make docs` from the pages themselves. The way in is the [README](../README.md)."]
    for title, names in SHELVES.items():
        parts += _shelf(folder, title, [name for name in names if name in rest])
    placed = {name for names in SHELVES.values() for name in names}
    parts += _shelf(folder, "More", sorted(rest - placed))
    parts += _shelf(folder, "Decisions", decisions, bare=True)
    return "\n\n".join(parts) + "\n"


def _shelf(folder: Path, title: str, names: Iterable[str], *, bare: bool = False) -> list[str]:
    rows = [f"- [{_title(folder, name)}]({name}.md)" + ("" if bare else f": {_first(folder, name)}") for name in names]
    return [f"## {title}", "\n".join(rows)] if rows else []


def _title(folder: Path, name: str) -> str:
    return (folder / f"{name}.md").read_text().partition("\n")[0].removeprefix("# ")


def _first(folder: Path, name: str) -> str:
    """The first sentence below the title, without its links: they may lead elsewhere from here."""
    _, _, body = (folder / f"{name}.md").read_text().partition("\n")
    paragraph = " ".join(body.strip().partition("\n\n")[0].split())
    sentence = re.split(r"(?<=[.:])\s(?=[A-Z`])", _LINK.sub(r"\1", paragraph), maxsplit=1)[0]
    return sentence.removesuffix(":").removesuffix(".") + "."
