"""``python -m tests.docs.picture`` makes the picture of the README from a real run on the sandbox.

The picture is not made anew by ``make docs``: its ids and times would differ each time. Never here: words of the tool.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich import _export_format
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.docs.terminal import shown
from tests.docs.write import DOCS, ROOT

PICTURE = DOCS / "images" / "up-and-reach-check.svg"
COLUMNS = 100
_FONT_FACE = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)
_WISHES = re.compile(r"    allow_from:\n.*\n|  - \{from: api, to: \"web:80\".*\n")
"""What the spec lacks at first."""
_LEFT = re.compile(r'(<text [^>]*x=")([\d.]+)(" [^>]*textLength=")([\d.]+)("[^>]*>)((?:&#160;)+)')
_CELL = 12.2
"""Width of a character in the frame of rich."""
_THEME = TerminalTheme(
    (22, 27, 34),
    (221, 227, 234),
    [(72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221),
     (177, 186, 196)],
)  # fmt: skip


def main() -> None:
    """Bring a stack up, change its spec, and record the second `up` and a question whose answer is no."""
    program = str(Path(sys.executable).parent / "fargatenet")
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "XDG_STATE_HOME": folder, "TERM": "xterm-256color"}
        for name in ("COLUMNS", "NO_COLOR", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
            env.pop(name, None)
        os.chdir(folder)
        spec = Path("shop.yaml")
        wanted = (ROOT / "examples" / "article.yaml").read_text().replace("count: 2", "count: 1")
        spec.write_text(_WISHES.sub("", wanted))
        subprocess.run([program, "up", "shop.yaml", "--sandbox", "--yes"], env=env, capture_output=True, check=True)
        spec.write_text(wanted)
        paper = Console(
            record=True,
            width=COLUMNS,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
        )
        up = "fargatenet up shop.yaml --sandbox --yes"
        question = "fargatenet reach-check shop.yaml --sandbox --from api --to web:9000"
        try:
            for line in (up, question):
                paper.print(Text.assemble(("$ ", "bold green"), (line, "bold")))
                for row in shown([program, *line.split()[1:]], env, columns=COLUMNS, rows=60):
                    paper.print(Text.from_ansi(row), soft_wrap=True)
                paper.print()
        finally:
            subprocess.run([program, "sandbox", "stop"], env=env, capture_output=True, check=True)
        os.chdir(ROOT)
    # No fonts from elsewhere: a README must not make its reader's browser call anybody.
    frame = _FONT_FACE.sub("", _export_format.CONSOLE_SVG_FORMAT).replace("Fira Code", "ui-monospace, Menlo, Consolas")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(
        _LEFT.sub(_shift, paper.export_svg(title="fargatenet", theme=_THEME, code_format=frame, unique_id="run"))
    )


def _shift(text: re.Match[str]) -> str:
    """A text that begins with spaces, moved right instead: some programs drop spaces at the beginning."""
    width = text[6].count("&#160;") * _CELL
    return f"{text[1]}{float(text[2]) + width:.1f}{text[3]}{float(text[4]) - width:.1f}{text[5]}"


if __name__ == "__main__":
    main()
