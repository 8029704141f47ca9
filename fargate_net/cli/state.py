"""Where files of ours live between runs. Never here: what is in them."""

from __future__ import annotations

import os
from pathlib import Path


def state_dir() -> Path:
    """``$XDG_STATE_HOME/fargatenet``, or ``~/.local/state/fargatenet`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "fargatenet"
