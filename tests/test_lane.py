"""A lane goes on: at once while it gets on, later when it says when, and through every fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from pos_app import lane
from pos_app.clock import SystemClock
from pos_app.errors import DiskFull
from pos_app.lane import Lane
from pos_app.services.worked import Worked

PATIENCE = 20.0
LONG = 600.0


class Work:
    """What a lane does, step by step; the last step is repeated."""

    def __init__(self, *steps: Worked | Exception | Callable[[], Worked]) -> None:
        self._steps = steps
        self.times: list[float] = []
        self._condition = threading.Condition()

    def __call__(self) -> Worked:
        with self._condition:
            step = self._steps[min(len(self.times), len(self._steps) - 1)]
            self.times.append(time.monotonic())
            self._condition.notify_all()
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Worked) else step()

    def wait_for(self, count: int) -> None:
        """Until it was done so often."""
        with self._condition:
            assert self._condition.wait_for(lambda: len(self.times) >= count, PATIENCE)


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs() as rows:
        yield rows  # type: ignore[misc]


@pytest.fixture
def run() -> Iterator[Callable[..., Lane]]:
    lanes: list[Lane] = []

    def start(work: Work, **how: object) -> Lane:
        made = Lane("fiscal", work, clock=SystemClock(), **how)  # type: ignore[arg-type]
        lanes.append(made)
        made.start()
        return made

    yield start
    for made in lanes:
        made.stop()


def soon(seconds: float) -> datetime:
    return SystemClock().now() + timedelta(seconds=seconds)


def until(is_so: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.002)


def test_it_goes_on_at_once_while_it_gets_on(run: Callable[..., Lane]) -> None:
    work = Work(Worked(done=1, waiting=2), Worked(done=1, waiting=1), Worked(done=1))
    run(work, idle_seconds=LONG)
    work.wait_for(3)


def test_it_rests_when_nothing_is_left_and_wakes_when_told(run: Callable[..., Lane]) -> None:
    work = Work(Worked())
    made = run(work, idle_seconds=LONG)
    work.wait_for(1)
    made.wake()
    work.wait_for(2)
    assert len(work.times) == 2


def test_a_wake_while_it_works_is_not_forgotten(run: Callable[..., Lane]) -> None:
    made: list[Lane] = []

    def wakes() -> Worked:
        made[0].wake()
        return Worked()

    ready = threading.Event()

    def first() -> Worked:
        ready.wait(PATIENCE)
        return wakes()

    work = Work(first, Worked())
    made.append(run(work, idle_seconds=LONG))
    ready.set()
    work.wait_for(2)


def test_it_comes_back_when_it_said_so(run: Callable[..., Lane]) -> None:
    work = Work(lambda: Worked(waiting=1, next_at=soon(0.2)), Worked())
    run(work, idle_seconds=LONG)
    work.wait_for(2)
    assert work.times[1] - work.times[0] >= 0.19


def test_it_looks_again_no_later_than_its_idle_time(run: Callable[..., Lane]) -> None:
    """Another process may have left something for it meanwhile."""
    work = Work(lambda: Worked(waiting=1, next_at=soon(LONG)), Worked())
    run(work, idle_seconds=0.05)
    work.wait_for(2)


def test_an_instant_that_has_passed_is_now(run: Callable[..., Lane]) -> None:
    work = Work(lambda: Worked(waiting=1, next_at=soon(-LONG)), Worked())
    run(work, idle_seconds=LONG)
    work.wait_for(2)


def test_a_fault_is_logged_and_the_lane_goes_on(
    run: Callable[..., Lane], logged: list[dict[str, object]]
) -> None:
    work = Work(ZeroDivisionError("by zero"), Worked(done=1))
    told = threading.Event()
    made = run(work, idle_seconds=LONG, changed=told.set)
    work.wait_for(1)
    assert told.wait(PATIENCE)
    work.wait_for(2)
    until(lambda: made.problem == "")
    (row,) = logged
    assert (row["event"], row["lane"], row["log_level"]) == ("lane failed", "fiscal", "error")


def test_a_fault_that_lasts_is_one_story_and_is_tried_less_and_less(
    run: Callable[..., Lane], logged: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "FAULT_SECONDS", (0.01, 0.1, 0.2, LONG))
    work = Work(KeyError("row 7"))
    made = run(work, idle_seconds=0.001)
    work.wait_for(4)
    until(lambda: len(logged) == 4)
    waits = [after - before for before, after in zip(work.times, work.times[1:], strict=False)]
    assert [wait >= least for wait, least in zip(waits, (0.01, 0.1, 0.2), strict=True)] == [
        True
    ] * 3
    assert [row["event"] for row in logged] == ["lane failed"] + ["lane failed again"] * 3
    assert "KeyError" in made.problem


def test_another_fault_is_news(
    run: Callable[..., Lane], logged: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "FAULT_SECONDS", (0.01,))
    work = Work(KeyError("a"), KeyError("b"), Worked(), KeyError("b"), Worked())
    run(work, idle_seconds=0.01)
    work.wait_for(5)
    assert [row["event"] for row in logged] == ["lane failed"] * 3


def test_an_error_of_the_shop_is_shown_in_its_own_words(
    logged: list[dict[str, object]],
) -> None:
    work = Work(DiskFull("pos.db"), Worked())
    seen: list[str] = []
    made = Lane(
        "fiscal",
        work,
        clock=SystemClock(),
        idle_seconds=0.01,
        changed=lambda: seen.append(made.problem),
    )
    made.start()
    work.wait_for(2)
    until(lambda: len(seen) == 2)
    made.stop()
    assert seen == [DiskFull("pos.db").sentence, ""]
    assert logged == []


def test_a_watcher_that_fails_stops_no_work(
    run: Callable[..., Lane], logged: list[dict[str, object]]
) -> None:
    """The screen behind it may be gone."""

    def fails() -> None:
        raise RuntimeError("the screen is closed")

    work = Work(Worked(done=1, waiting=1), Worked(done=1, waiting=1), Worked())
    run(work, idle_seconds=LONG, changed=fails)
    work.wait_for(3)
    until(lambda: len(logged) == 2)
    assert {row["event"] for row in logged} == {"lane watcher failed"}


def test_only_news_is_told(run: Callable[..., Lane]) -> None:
    told: list[int] = []
    work = Work(Worked(done=1, waiting=1), Worked(problem="x"), Worked(problem="x"), Worked())
    run(work, idle_seconds=0.01, changed=lambda: told.append(len(work.times)))
    work.wait_for(6)
    assert told == [1, 2, 4]


def test_stopping_waits_for_the_work_at_hand(run: Callable[..., Lane]) -> None:
    entered, may_end = threading.Event(), threading.Event()

    def slow() -> Worked:
        entered.set()
        assert may_end.wait(PATIENCE)
        return Worked(done=1, waiting=1)

    work = Work(slow)
    made = run(work, idle_seconds=LONG)
    assert entered.wait(PATIENCE)
    stopper = threading.Thread(target=made.stop)
    stopper.start()
    stopper.join(0.05)
    assert stopper.is_alive()
    may_end.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    assert len(work.times) == 1


def test_a_lane_that_never_began_can_be_stopped() -> None:
    Lane("fiscal", Work(Worked()), clock=SystemClock()).stop()
