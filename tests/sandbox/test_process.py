from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fargate_net.sandbox import process
from fargate_net.sandbox.errors import SandboxError, SandboxNotInstalledError


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def test_two_starts_at_once_and_a_third_one_share_one_server(state: Path) -> None:
    found: list[process.Running] = []
    threads = [threading.Thread(target=lambda: found.append(process.start(state))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = process.start(state, pace=50, faults={"throttle": 0.1, "seed": 7})
    assert len({running.pid for running in (*found, again)}) == 1
    assert again.endpoint.startswith("http://127.0.0.1:")
    assert (again.settings["pace"], again.settings["throttle"], again.settings["seed"]) == (50, 0.1, 7)
    process.reset(state)
    shown = process.status(state)
    assert shown is not None
    assert (shown.settings["pace"], shown.settings["throttle"]) == (None, 0)
    with pytest.raises(SandboxError, match="unknown setting: colour"):
        process.start(state, faults={"colour": 1})
    with pytest.raises(SandboxError, match="already runs at") as other_port:
        process.start(state, port=1)
    assert "sandbox stop" in other_port.value.hint
    assert process.stop(state) is True
    assert process.stop(state) is False
    assert process.status(state) is None
    assert not (state / "sandbox.json").exists()


def test_a_taken_port_is_an_error_that_quotes_the_log(state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SandboxError, match="did not start") as caught:
            process.start(state, port=taken.getsockname()[1])
    assert "in use" in caught.value.hint


@pytest.mark.parametrize(
    "left_behind",
    ["", "not json", "{}", '{"endpoint": "http://127.0.0.1:9", "pid": 2147483000, "started": "x"}'],
    ids=["empty", "text", "no keys", "dead"],
)
def test_what_a_dead_sandbox_leaves_behind_is_no_sandbox(tmp_path: Path, left_behind: str) -> None:
    (tmp_path / "sandbox.json").write_text(left_behind, encoding="utf-8")
    assert process.status(tmp_path) is None


def test_a_living_process_that_is_no_sandbox_is_not_taken_for_one(tmp_path: Path) -> None:
    record = {"endpoint": "http://127.0.0.1:9", "pid": os.getpid(), "started": "x"}
    (tmp_path / "sandbox.json").write_text(json.dumps(record), encoding="utf-8")
    assert process.status(tmp_path) is None
    assert process.stop(tmp_path) is False
    with pytest.raises(SandboxError, match="no sandbox runs"):
        process.reset(tmp_path)


def test_missing_packages_are_named_with_the_way_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SandboxNotInstalledError) as caught:
        process.start(tmp_path)
    assert caught.value.hint == "Install it: pip install 'fargatenet[sandbox]'"
    assert "'moto'" in caught.value.what


def test_the_state_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert process.default_state_dir() == Path("/state/fargatenet")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert process.default_state_dir() == Path("/home/someone/.local/state/fargatenet")


def test_the_client_side_imports_no_moto() -> None:
    code = (
        "import sys; from fargate_net.sandbox import process; print([m for m in sys.modules if m in ('moto', 'boto3')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
