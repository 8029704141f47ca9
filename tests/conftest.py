"""What the whole run says at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.namespaces import obstacle

KERNEL = Path(__file__).parent / "kernel"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so when the packet tests were asked for and this machine could not run them."""
    asked = [Path(config.invocation_params.dir, str(argument).partition("::")[0]).resolve() for argument in config.args]
    if not any(path == KERNEL or path in KERNEL.parents or KERNEL in path.parents for path in asked):
        return
    why = obstacle()
    if why:
        terminalreporter.write_line(f"packet tests did not run: {why}", yellow=True)
