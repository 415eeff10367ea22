"""The rules of the spool: no move that could lie, no second original."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from printing.errors import Offline, PaperOut, TooWide, Unconfirmed
from printing.outcome import Outcome, OutcomeKind
from printing.spool import (
    MOVES,
    Event,
    IllegalMove,
    JobState,
    after,
    copy_number,
    lamp,
    late,
    on_restart,
    question,
    retry_seconds,
    settle,
)

NOW = datetime(2026, 9, 11, 12, 0, tzinfo=UTC)
S = JobState


def outcome(kind: OutcomeKind, reason: object = None) -> Outcome:
    return Outcome(kind=kind, job_id="j", reason=reason)  # type: ignore[arg-type]


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(JobState)


@pytest.mark.parametrize(
    ("kind", "reason", "state"),
    [
        (OutcomeKind.CONFIRMED, None, S.CONFIRMED),
        (OutcomeKind.PROBABLY, None, S.PROBABLY),
        (OutcomeKind.UNCONFIRMED, Unconfirmed(), S.UNCONFIRMED),
        (OutcomeKind.UNCONFIRMED, PaperOut(), S.UNCONFIRMED),
        (OutcomeKind.REFUSED, Offline(), S.QUEUED),
        (OutcomeKind.REFUSED, TooWide("It", needs=2, has=1), S.FAILED),
    ],
)
def test_what_becomes_of_an_attempt(kind: OutcomeKind, reason: object, state: JobState) -> None:
    change = settle(outcome(kind, reason), attempts=2, now=NOW)
    assert change.state is state
    assert change.reason == (str(reason) if reason else "")
    assert change.try_at == (NOW + timedelta(seconds=2) if state is S.QUEUED else None)


def test_patience_grows_and_ends() -> None:
    assert [retry_seconds(n) for n in (0, 1, 2, 6, 99)] == [1, 1, 2, 30, 30]


def test_a_sent_job_is_never_queued_again() -> None:
    """Only POSTPONE leads back, and only a refusal (nothing sent) is one."""
    assert not any(S.QUEUED in MOVES[state].values() for state in set(S) - {S.STARTED, S.FAILED})
    assert [event for event, to in MOVES[S.STARTED].items() if to is S.QUEUED] == [Event.POSTPONE]


def test_illegal_moves_are_named() -> None:
    with pytest.raises(IllegalMove, match="confirmed takes nothing, not retry"):
        after(S.CONFIRMED, Event.RETRY)


def test_after_a_restart_nobody_knows() -> None:
    assert on_restart(S.STARTED) is Event.LOSE_TRACK
    assert all(on_restart(state) is None for state in set(S) - {S.STARTED})


def test_late_proof_settles_and_nothing_else_does() -> None:
    assert late(outcome(OutcomeKind.CONFIRMED)) is Event.CONFIRM
    assert late(outcome(OutcomeKind.PROBABLY)) is Event.PROBABLE
    assert late(outcome(OutcomeKind.UNCONFIRMED, Unconfirmed())) is None
    assert late(None) is None
    assert after(S.UNCONFIRMED, Event.PROBABLE) is S.PROBABLY


def test_the_cashier_is_asked_once_and_believed() -> None:
    asked = question(S.UNCONFIRMED, "receipt T01-000042")
    assert asked is not None
    assert "T01-000042" in asked.text
    states = {after(S.UNCONFIRMED, event) for event in asked.answers.values()}
    assert states == {S.CONFIRMED, S.REPLACED}
    assert all(question(state, "x") is None for state in set(S) - {S.UNCONFIRMED})


@pytest.mark.parametrize(
    ("earlier", "number"),
    [
        ([], 0),
        ([S.QUEUED], 1),
        ([S.FAILED], 0),
        ([S.FAILED, S.QUEUED], 1),
        ([S.FAILED, S.CONFIRMED], 1),
        ([S.STARTED], 1),
        ([S.UNCONFIRMED], 1),
        ([S.REPLACED, S.CONFIRMED], 2),
        ([S.PROBABLY], 1),
    ],
)
def test_anything_but_a_proven_unprinted_original_makes_a_copy(
    earlier: list[JobState], number: int
) -> None:
    assert copy_number(earlier) == number


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ([], "pending"),
        ([S.QUEUED], "pending"),
        ([S.STARTED], "pending"),
        ([S.CONFIRMED], "done"),
        ([S.PROBABLY], "done"),
        ([S.UNCONFIRMED], "failed"),
        ([S.FAILED], "failed"),
        ([S.REPLACED], "failed"),
        ([S.REPLACED, S.QUEUED], "pending"),
        ([S.REPLACED, S.CONFIRMED], "done"),
    ],
)
def test_the_lamp(states: list[JobState], shown: str) -> None:
    assert lamp(states) == shown
