from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.retry import NOT_YET, REFUSED, SERVER_AWAY, RetryRule

RULE = RetryRule(first=timedelta(seconds=2), longest=timedelta(seconds=60), attempts=3, jitter=0)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_the_pause_doubles_up_to_the_longest() -> None:
    seconds = [RULE.pause(failures, Random(1)).total_seconds() for failures in range(1, 8)]
    assert seconds == [2, 4, 8, 16, 32, 60, 60]


@given(failures=st.integers(0, 10**9), seed=st.integers())
def test_chance_only_ever_shortens_the_pause(failures: int, seed: int) -> None:
    rule = RetryRule(first=timedelta(seconds=2), longest=timedelta(seconds=60), jitter=0.25)
    pause = rule.pause(failures, Random(seed))
    whole = RULE.pause(failures, Random(seed))
    assert whole * 0.75 <= pause <= whole


def test_the_next_moment_is_the_pause_from_now() -> None:
    assert RULE.next_at(NOW, 2, Random(1)) == NOW + timedelta(seconds=4)


def test_tills_do_not_come_back_in_step() -> None:
    pauses = {SERVER_AWAY.pause(6, Random(seed)) for seed in range(20)}
    assert len(pauses) == 20


def test_refusals_are_counted_and_waiting_is_not() -> None:
    assert [RULE.is_spent(attempts) for attempts in (1, 2, 3, 4)] == [False, False, True, True]
    assert REFUSED.attempts > 1
    assert NOT_YET.pause(1, Random(1)) <= timedelta(seconds=15)
