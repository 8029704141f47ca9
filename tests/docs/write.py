"""``python -m tests.docs.write`` writes every generated page of docs/; ``make docs`` calls it.

Never here: what a page says; the picture of the README (picture.py), which needs a run of the sandbox.
"""

from __future__ import annotations

import re
from pathlib import Path

from fargate_net.app import Wire, graph
from fargate_net.cli import docs as commands
from fargate_net.cli.views.picture.svg import svg
from fargate_net.kinds.base import load_all
from fargate_net.sandbox import repairs
from fargate_net.spec import schema
from tests.docs import index_page, kind_pages

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
_TABLE = re.compile(r"\| repair \| AWS \| moto \| source \|\n(?:\|.*\n?)+")


def pages() -> dict[Path, str]:
    """Every generated page as it should be now."""
    sandbox = DOCS / "sandbox.md"
    written = {
        DOCS / "commands.md": commands.markdown(),
        DOCS / "spec.md": schema.markdown(),
        sandbox: _TABLE.sub(lambda _: repairs.as_markdown() + "\n", sandbox.read_text()),
        DOCS / "kinds" / "index.md": kind_pages.index(),
        DOCS / "index.md": index_page.markdown(DOCS),
        DOCS / "images" / "article.svg": svg(graph([ROOT / "examples" / "article.yaml"], Wire(), planned=True)),
    }
    for name, kind in load_all().items():
        path = DOCS / "kinds" / f"{name}.md"
        head = kind_pages.head_of(path.read_text() if path.exists() else "", kind)
        written[path] = kind_pages.page(kind, head)
    return written


def main() -> None:
    """Write what differs."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    main()
