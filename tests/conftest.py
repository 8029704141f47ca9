"""What holds for the whole run: the same random examples for everybody, and what is said at the end."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

import pytest
from botocore import hooks
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from tests.kernel.namespaces import obstacle

# New examples every time are for `make oracle` and for long runs by hand; a change is judged by examples that stay.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
if not os.environ.get("FARGATENET_ORACLE") and not os.environ.get("FARGATENET_RANDOM"):
    settings.load_profile("same")

# Each session of boto3 reads the models of its services anew, a seventh of the whole run; one process reads them once.
_read = cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda _self, file_path: _read(file_path)
# And it inspects the signatures of the same two hundred handlers, which takes as long as five calls.
hooks.accepts_kwargs = lru_cache(1024)(hooks.accepts_kwargs)

KERNEL = Path(__file__).parent / "kernel"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so when the packet tests were asked for and this machine could not run them."""
    asked = [Path(config.invocation_params.dir, str(argument).partition("::")[0]).resolve() for argument in config.args]
    if not any(path == KERNEL or path in KERNEL.parents or KERNEL in path.parents for path in asked):
        return
    why = obstacle()
    if why:
        terminalreporter.write_line(f"packet tests did not run: {why}", yellow=True)
