"""What a terminal shows after a program ran on it: lines, colours, and a list that redraws itself.

Never here: which program.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

_CONTROL = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|\r|\n")


def shown(words: Sequence[str], env: Mapping[str, str], *, columns: int, rows: int) -> list[str]:
    """Run a program on a terminal of that size and return the lines that stay, with their colours as SGR codes."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(words, env=dict(env), stdin=its, stdout=its, stderr=its, close_fds=True)
    os.close(its)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux answers EIO when the program has closed its end
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    process.wait()
    return lines(b"".join(parts).decode())


def lines(stream: str) -> list[str]:
    """The lines that are left of a stream of text, colours, line breaks, erasures and moves up."""
    rows = [""]
    at = position = 0
    for control in _CONTROL.finditer(stream):
        rows[at] += stream[position : control.start()]
        position = control.end()
        count, verb = control[1], control[2]
        if control[0] == "\n":
            at += 1
            rows += [""] * (at + 1 - len(rows))
        elif verb == "m":
            rows[at] += control[0]
        elif verb == "K":
            rows[at] = ""
        elif verb == "A":
            at = max(at - int(count or 1), 0)
    rows[at] += stream[position:]
    while rows and not rows[-1].strip():
        rows.pop()
    return rows
