"""Real connections on loopback: what connects, what refuses, and what keeps silent, in bounded time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Event

import pytest

from fargate_net.app.probing import knock
from fargate_net.model.probe import NO_NAME, NO_ROUTE, REFUSED, TIMED_OUT, Door


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        yield listening


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as briefly:
        return int(briefly.getsockname()[1])


def test_a_listener_connects_and_a_closed_port_refuses(server: socket.socket) -> None:
    good, bad = Door("127.0.0.1", server.getsockname()[1], "task/1"), Door("127.0.0.1", closed_port(), "task/2")
    probes = knock.knock([bad, good])
    assert [probe.door for probe in probes] == [bad, good]
    assert [(probe.connected, probe.error) for probe in probes] == [(False, REFUSED), (True, "")]
    assert all(0 <= probe.seconds < 2 for probe in probes)


def test_more_doors_than_hands(server: socket.socket) -> None:
    doors = [Door(f"127.0.0.{number}", server.getsockname()[1]) for number in range(1, 100)]
    assert len(doors) > knock.AT_ONCE
    probes = knock.knock(doors)
    assert [probe.door for probe in probes] == doors
    # Only 127.0.0.1 is listened at; the others are the same machine, which refuses.
    assert [probe.connected for probe in probes] == [True] + [False] * 98


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (TimeoutError("timed out"), TIMED_OUT),
        (ConnectionRefusedError(111, "Connection refused"), REFUSED),
        (socket.gaierror(-2, "Name or service not known"), NO_NAME),
        (OSError(101, "Network is unreachable"), NO_ROUTE),
        (OSError(113, "No route to host"), NO_ROUTE),
        (OSError(13, "Permission denied"), "permission denied"),
        (UnicodeError("label too long"), NO_NAME),
    ],
)
def test_every_failure_has_its_word(failure: Exception, error: str) -> None:
    def dial(address: str, port: int, seconds: float) -> None:
        raise failure

    (probe,) = knock.knock([Door("203.0.113.9", 80)], dial=dial)
    assert (probe.connected, probe.error) == (False, error)


def test_what_never_answers_does_not_hold_up_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    never, told = Event(), []

    def dial(address: str, port: int, seconds: float) -> None:
        told.append(seconds)
        if port == 81:
            never.wait(30)

    monkeypatch.setattr(knock, "_LOOK_UP", 0.1)
    probes = knock.knock([Door("203.0.113.9", 81), Door("203.0.113.9", 80)], seconds=0.1, dial=dial)
    never.set()
    assert [(probe.connected, probe.error) for probe in probes] == [(False, TIMED_OUT), (True, "")]
    assert told == [0.1, 0.1]


def test_nothing_to_do() -> None:
    assert knock.knock([]) == ()
