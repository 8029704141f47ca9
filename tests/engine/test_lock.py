"""One writer a stack, whatever the timing."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from fargate_net.engine.lock import EXPIRY, RENEWAL, Lock, keeping, whoami
from fargate_net.errors import AlreadyExists, AwsError, Denied, NotFound, Refused
from fargate_net.model.event import Event, Finished, Notice, Started
from tests.engine.fake_cloud import FakeClock

NAME = "/fargatenet/shop/lock"


class Parameters:
    """SSM parameters with versions; ``before`` runs once before the next call of an operation."""

    region, account, saved = "toy-1", "1", False

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.before: dict[str, Any] = {}
        self.errors: dict[str, AwsError] = {}

    def read(self, operation: str, **params: Any) -> dict[str, Any]:
        self._meet(operation)
        name, _, version = params["Name"].partition(":")
        values = self.values.get(name, [])
        number = int(version) if version else len(values)
        if not 0 < number <= len(values):
            raise NotFound("ParameterNotFound", operation=operation, code="ParameterNotFound")
        return {"Parameter": {"Name": name, "Value": values[number - 1], "Version": number}}

    def write(self, operation: str, **params: Any) -> dict[str, Any]:
        self._meet(operation)
        name = params["Name"]
        if operation == "ssm.delete_parameter":
            if name not in self.values:
                raise NotFound("ParameterNotFound", operation=operation, code="ParameterNotFound")
            del self.values[name]
            return {}
        if name in self.values and not params["Overwrite"]:
            raise AlreadyExists("ParameterAlreadyExists", operation=operation, code="ParameterAlreadyExists")
        self.values.setdefault(name, []).append(params["Value"])
        return {"Version": len(self.values[name])}

    def _meet(self, operation: str) -> None:
        if (act := self.before.pop(operation, None)) is not None:
            act()
        if (error := self.errors.get(operation)) is not None:
            raise error

    @property
    def owner(self) -> str | None:
        return json.loads(self.values[NAME][-1])["owner"] if NAME in self.values else None


@pytest.fixture
def ssm() -> Parameters:
    return Parameters()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def lock(ssm: Parameters, clock: FakeClock, owner: str) -> Lock:
    return Lock(ssm, "shop", clock, owner)


def test_one_holds_it_the_other_is_told_who_and_since_when(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada@laptop pid 1")
    assert ada.acquire() is None
    with pytest.raises(
        Refused, match="ada@laptop pid 1 holds the lock of stack shop since 2026-03-01 12:00"
    ) as refused:
        lock(ssm, clock, "bob").acquire()
    assert refused.value.exit_code == 4
    ada.release()
    assert lock(ssm, clock, "bob").acquire() is None


def test_two_that_start_at_once_do_not_both_win(ssm: Parameters, clock: FakeClock) -> None:
    bob = lock(ssm, clock, "bob")
    ssm.before["ssm.put_parameter"] = bob.acquire
    with pytest.raises(Refused, match="bob holds"):
        lock(ssm, clock, "ada").acquire()
    assert ssm.owner == "bob"


def test_a_stale_lock_is_taken_over_with_a_notice(ssm: Parameters, clock: FakeClock) -> None:
    lock(ssm, clock, "ada").acquire()
    clock.sleep(EXPIRY + 1)
    notice = lock(ssm, clock, "bob").acquire()
    assert notice is not None
    assert "ada" in notice.text
    assert ssm.owner == "bob"


def test_a_lock_is_not_stale_before_it_expires(ssm: Parameters, clock: FakeClock) -> None:
    lock(ssm, clock, "ada").acquire()
    clock.sleep(EXPIRY - 1)
    with pytest.raises(Refused):
        lock(ssm, clock, "bob").acquire()


def test_of_two_that_take_over_at_once_one_wins_and_keeps_the_lock(ssm: Parameters, clock: FakeClock) -> None:
    lock(ssm, clock, "ada").acquire()
    clock.sleep(EXPIRY + 1)
    bob, eve = lock(ssm, clock, "bob"), lock(ssm, clock, "eve")
    # Bob has read the stale lock; before he overwrites it, Eve does everything.
    first = {"reads": 0}

    def between() -> None:
        first["reads"] += 1
        ssm.before["ssm.put_parameter"] = eve.acquire

    ssm.before["ssm.get_parameter"] = between
    with pytest.raises(Refused, match="eve holds"):
        bob.acquire()
    assert first["reads"] == 1
    assert ssm.owner == "eve", "the loser puts back what the winner wrote"
    clock.sleep(RENEWAL + 1)
    assert eve.renew() is None


def test_renewal_keeps_it_and_expiry_moves(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    for _ in range(20):
        clock.sleep(RENEWAL)
        assert ada.renew() is None
    with pytest.raises(Refused):
        lock(ssm, clock, "bob").acquire()


def test_only_our_own_lock_is_released(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    clock.sleep(EXPIRY + 1)
    lock(ssm, clock, "bob").acquire()
    ada.release()
    assert ssm.owner == "bob"


def test_an_answer_that_was_lost_does_not_lock_us_out(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    assert ada.acquire() is None


def twice(ssm: Parameters) -> None:
    """From now on each overwrite is made a second time, as when its answer was lost."""
    write = ssm.write

    def again(operation: str, **params: Any) -> dict[str, Any]:
        if params.get("Overwrite"):
            write(operation, **params)
        return write(operation, **params)

    ssm.write = again  # type: ignore[method-assign]


def test_a_stale_lock_may_be_overwritten_twice_by_one_run(ssm: Parameters, clock: FakeClock) -> None:
    lock(ssm, clock, "ada").acquire()
    clock.sleep(EXPIRY + 1)
    twice(ssm)
    bob = lock(ssm, clock, "bob")
    taken = bob.acquire()
    assert taken is not None
    assert taken.text.startswith("Took over the lock that ada left behind")
    assert ssm.owner == "bob"
    bob.release()
    assert ssm.owner is None


def test_who_overwrites_twice_does_not_win_against_one_who_came_first(ssm: Parameters, clock: FakeClock) -> None:
    """The stale lock was deleted and made anew just before; both overwrites came too late."""
    for _ in range(4):
        held = lock(ssm, clock, "ada")
        ssm.values.setdefault(NAME, []).append(json.dumps(vars(held._me) | {"expires": clock.wall().isoformat()}))
    clock.sleep(EXPIRY + 1)
    cyd, bob = lock(ssm, clock, "cyd"), lock(ssm, clock, "bob")

    def made_anew() -> None:
        del ssm.values[NAME]
        cyd.acquire()

    twice(ssm)
    write = ssm.write

    def late(operation: str, **params: Any) -> dict[str, Any]:
        if params.get("Overwrite"):
            ssm.write = write  # type: ignore[method-assign]
            made_anew()
        return write(operation, **params)

    ssm.write = late  # type: ignore[method-assign]
    with pytest.raises(Refused, match="cyd holds the lock"):
        bob.acquire()
    assert ssm.owner == "cyd"


def test_an_account_that_forbids_it_hears_of_no_lock(ssm: Parameters, clock: FakeClock) -> None:
    ssm.errors["ssm.put_parameter"] = Denied("no", operation="ssm.put_parameter", code="AccessDenied")
    with pytest.raises(Refused) as refused:
        lock(ssm, clock, "ada").acquire()
    assert "--no-lock" in refused.value.hint


def test_a_parameter_of_somebody_else_is_not_overwritten(ssm: Parameters, clock: FakeClock) -> None:
    ssm.values[NAME] = ["hello"]
    with pytest.raises(Refused, match="not a lock of ours"):
        lock(ssm, clock, "ada").acquire()
    assert ssm.values[NAME] == ["hello"]


def run(clock: FakeClock, seen: list[str]) -> Generator[Event]:
    try:
        for n in range(5):
            clock.sleep(RENEWAL)
            yield Started(float(n), f"toy/{n}", "create")
        yield Finished(5.0)
    except KeyboardInterrupt:
        seen.append("interrupted")
        yield Finished(9.0, interrupted=True)


def test_a_run_renews_on_the_way_and_releases_at_the_end(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    seen: list[str] = []
    events = list(keeping(ada, run(clock, seen)))
    assert len(events) == 6
    assert ssm.owner is None
    assert seen == []


def test_a_run_whose_lock_is_taken_stops(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    clock.sleep(EXPIRY + 1)
    lock(ssm, clock, "bob").acquire()
    seen: list[str] = []
    events = list(keeping(ada, run(clock, seen)))
    assert seen == ["interrupted"]
    assert any(isinstance(e, Notice) and "bob took the lock over" in e.text for e in events)
    assert isinstance(events[-1], Finished)
    assert ssm.owner == "bob"


def test_a_network_that_stutters_does_not_stop_the_run(ssm: Parameters, clock: FakeClock) -> None:
    ada = lock(ssm, clock, "ada")
    ada.acquire()
    ssm.errors["ssm.get_parameter"] = AwsError("no answer", operation="ssm.get_parameter", code="ReadTimeoutError")
    clock.sleep(RENEWAL + 1)
    assert ada.renew() is None
    clock.sleep(EXPIRY)
    with pytest.raises(AwsError):
        ada.renew()


def test_the_owner_is_a_person_on_a_machine() -> None:
    assert "@" in whoami()
    assert " pid " in whoami()
