from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.move import MoveRefused, check_move
from pos_app.domain.posting import (
    CLAIMABLE,
    FINAL,
    MOVES,
    RETRY,
    FailureKind,
    PostingState,
    RetryRule,
    after_failure,
)

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def test_refusals_spend_attempts_and_end_in_review() -> None:
    first = after_failure(FailureKind.RETRYABLE, NOW, attempts=0, failures=0)
    assert (first.state, first.attempts) == (PostingState.FAILED, 1)
    assert first.next_at == NOW + timedelta(seconds=30)
    assert not first.must_look_up
    second = after_failure(FailureKind.RETRYABLE, NOW, attempts=1, failures=1)
    assert second.next_at == NOW + timedelta(seconds=60)
    third = after_failure(FailureKind.RETRYABLE, NOW, attempts=2, failures=2)
    assert (third.state, third.next_at) == (PostingState.REQUIRES_REVIEW, None)


def test_a_permanent_refusal_goes_to_a_person_at_once() -> None:
    verdict = after_failure(FailureKind.PERMANENT, NOW, attempts=0, failures=0)
    assert (verdict.state, verdict.attempts, verdict.next_at) == (
        PostingState.REQUIRES_REVIEW, 1, None,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [FailureKind.TRANSIENT, FailureKind.WAITING, FailureKind.UNKNOWN])
def test_an_outage_spends_no_attempt_however_long(kind: FailureKind) -> None:
    failures = 0
    for _ in range(500):
        verdict = after_failure(kind, NOW, attempts=2, failures=failures)
        failures = verdict.failures
        assert (verdict.state, verdict.attempts) == (PostingState.PENDING, 2)
    assert failures == 500
    assert verdict.next_at == NOW + RETRY.longest
    assert verdict.must_look_up is (kind is FailureKind.UNKNOWN)


@given(st.integers(0, 10_000))
def test_pauses_grow_and_are_capped(failures: int) -> None:
    rule = RetryRule()
    assert rule.first <= rule.pause(failures) <= rule.pause(failures + 1) <= rule.longest


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_verdict_is_a_legal_move(kind: FailureKind) -> None:
    for attempts in range(4):
        verdict = after_failure(kind, NOW, attempts=attempts, failures=attempts)
        check_move(MOVES, PostingState.PROCESSING, new=verdict.state, kind="posting")
        assert (verdict.next_at is None) is (verdict.state is PostingState.REQUIRES_REVIEW)


def test_final_states_stay_and_claimable_ones_can_be_claimed() -> None:
    for old, new in MOVES:
        assert old not in FINAL, (old, new)
    for state in CLAIMABLE:
        check_move(MOVES, state, new=PostingState.PROCESSING, kind="posting")
    with pytest.raises(MoveRefused) as caught:
        check_move(MOVES, PostingState.PROCESSING, new=PostingState.COLLECTED, kind="posting")
    assert caught.value.details == {"kind": "posting", "old": "Processing", "new": "Collected"}
