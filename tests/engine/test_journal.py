"""What is written about a run, and what a crash leaves to read."""

from __future__ import annotations

import json
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from fargate_net.engine import journal
from fargate_net.engine.apply import interrupt
from fargate_net.engine.journal import last_run, recorded, redacted
from fargate_net.model.event import Done, Event, Failed, Finished, Notice, Started, Waiting
from tests.engine.fake_cloud import FakeClock, FakeCloud
from tests.engine.running import start
from tests.engine.toys import article

EVENTS: list[Event] = [
    Started(0.0, "vpc/main", "create"),
    Started(0.1, "nat_gateway/a", "create"),
    Waiting(1.0, "nat_gateway/a", "pending", 1.0, 115.0),
    Done(2.0, "vpc/main", "create", "vpc-1", 2.0),
    Started(2.0, "service/web", "update"),
    Failed(3.0, "service/web", "update", "said no", "try password=hunter2 again"),
    Finished(4.0, {"done": 1}),
]


def stream(events: list[Event]) -> Generator[Event]:
    yield from events


def write(state: Path, events: list[Event]) -> list[Event]:
    return list(recorded(stream(events), state, "shop", "up", FakeClock()))


def test_events_pass_unchanged_and_are_written_one_a_line(tmp_path: Path) -> None:
    assert write(tmp_path, EVENTS) == EVENTS
    (path,) = (tmp_path / "runs" / "shop").iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["type"] for line in lines] == [
        "run",
        "started",
        "started",
        "waiting",
        "done",
        "started",
        "failed",
        "finished",
    ]
    assert all(line["v"] == 1 for line in lines)
    assert lines[4] == {
        "v": 1,
        "type": "done",
        "at": 2.0,
        "key": "vpc/main",
        "action": "create",
        "id": "vpc-1",
        "took": 2.0,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_left_half_done_is_read_back(tmp_path: Path) -> None:
    write(tmp_path, EVENTS[:-1])
    last = last_run(tmp_path, "shop")
    assert last is not None
    assert last.open == (("nat_gateway/a", "create"),)
    assert last.failed == (("service/web", "update"),)
    assert not last.finished
    assert last.command == "up"


def test_a_line_cut_by_a_crash_is_skipped(tmp_path: Path) -> None:
    write(tmp_path, EVENTS)
    (path,) = (tmp_path / "runs" / "shop").iterdir()
    text = path.read_text()
    path.write_text(text[: text.rindex('"finished"')])
    last = last_run(tmp_path, "shop")
    assert last is not None
    assert not last.finished


def test_the_newest_run_counts_and_none_is_none(tmp_path: Path) -> None:
    assert last_run(tmp_path, "shop") is None
    write(tmp_path, EVENTS[:2])
    write(tmp_path, EVENTS)
    last = last_run(tmp_path, "shop")
    assert last is not None
    assert last.finished
    assert last_run(tmp_path, "other") is None


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("DB_PASSWORD=hunter2, next", "hunter2"),
        ('{"api_key": "abc def"}', "abc def"),
        ("postgres://bob:geheim@db/x", "geheim"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("session-token: qwerty", "qwerty"),
    ],
)
def test_secrets_are_redacted(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert "REDACTED" in redacted(text)


def test_plain_words_stay() -> None:
    for text in ("the vpc vpc-1 does not exist", "https://ecs.eu-west-1.amazonaws.com/", "secret of success"):
        assert redacted(text) == text


def test_secrets_do_not_reach_the_file(tmp_path: Path) -> None:
    write(tmp_path, EVENTS)
    (path,) = (tmp_path / "runs" / "shop").iterdir()
    assert "hunter2" not in path.read_text()


def test_size_is_bounded_and_ends_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 2000)
    noise: list[Event] = [Waiting(1.0, "nat_gateway/a", "x" * 100, 1.0)] * 1000
    write(tmp_path, [*EVENTS[:2], *noise, EVENTS[-1]])
    (path,) = (tmp_path / "runs" / "shop").iterdir()
    assert path.stat().st_size < 3000
    last = last_run(tmp_path, "shop")
    assert last is not None
    assert last.finished


def test_old_journals_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    for _ in range(6):
        write(tmp_path, EVENTS)
    names = sorted(path.name for path in (tmp_path / "runs" / "shop").iterdir())
    assert len(names) == 3
    assert names[-1].endswith("-005.jsonl")


def test_a_disk_that_refuses_costs_the_journal_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in the way")
    events = write(tmp_path, EVENTS)
    assert isinstance(events[0], Notice)
    assert events[1:] == EVENTS


def test_a_stack_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    list(recorded(stream(EVENTS), tmp_path / "state", "../../x", "up", FakeClock()))
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_an_interrupt_goes_through_the_journal_to_the_run(tmp_path: Path, cloud: FakeCloud) -> None:
    _, _, events = start(cloud, article())
    stream = recorded(events, tmp_path, "shop", "up", cloud.clock)
    next(stream)
    rest = list(interrupt(stream))
    assert isinstance(rest[-1], Finished)
    assert rest[-1].interrupted
    last = last_run(tmp_path, "shop")
    assert last is not None
    assert last.interrupted
