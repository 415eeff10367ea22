"""Charges: what each answer makes of each state, when to ask again, which numbers are numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pos_app.domain import charge as rule
from pos_app.domain.charge import ChargeState, Matter, PhoneInvalid, next_look, phone_of, step

NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
ALL = tuple(ChargeState)
PAID_WORDS, END_WORDS = ("success", "refunded"), ("failed", "cancelled", "expired")


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("word", ["pending", "processing", "unknown", "disputed"])
def test_an_answer_that_is_not_final_undoes_nothing(state: ChargeState, word: str) -> None:
    made = step(state, word)
    moves = state is ChargeState.PENDING and word in {"pending", "processing"}
    assert made.state is (ChargeState.PROCESSING if moves else state)
    assert made.matter is (Matter.DISPUTED if word == "disputed" else None)


@pytest.mark.parametrize("state", ALL)
def test_money_always_counts_and_late_money_is_shown(state: ChargeState) -> None:
    made = step(state, "success")
    assert made.state in rule.PAID
    assert made.matter is (Matter.LATE if state in rule.UNPAID else None)


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("word", END_WORDS)
def test_money_that_came_is_not_talked_away(state: ChargeState, word: str) -> None:
    made = step(state, word)
    assert (made.state in rule.PAID) == (state in rule.PAID)
    contradicts = state is ChargeState.SUCCESS
    assert made.matter is (Matter.CONTRADICTION if contradicts else None)
    assert step(made.state, word).state is made.state, "the same again changes nothing"


def test_a_refund_nobody_here_gave_is_shown() -> None:
    assert step(ChargeState.SUCCESS, "refunded").matter is Matter.FOREIGN_REFUND
    assert step(ChargeState.REFUNDED, "refunded").matter is None


def test_it_is_asked_soon_then_ever_later_and_at_last_not_any_more() -> None:
    ends = NOW + timedelta(minutes=5)
    gaps, at, looks = [], NOW, 0
    while (upcoming := next_look(at, looks=looks, expires_at=ends)) is not None:
        gaps.append((upcoming - at).total_seconds())
        at, looks = upcoming, looks + 1
    assert gaps[:4] == [5, 10, 20, 40]
    assert max(gaps) == 6 * 3600
    assert min(gaps) >= 5
    assert at > ends + rule.AFTERWARDS
    assert len(gaps) < 60


@pytest.mark.parametrize("looks", [1, 40])
@pytest.mark.parametrize("ended", [timedelta(seconds=20), timedelta(minutes=40)])
def test_what_ended_is_asked_about_ever_later_whatever_was_asked_before(
    looks: int, ended: timedelta
) -> None:
    ends = NOW + timedelta(minutes=30)
    at = over = min(NOW + ended, ends + rule.GRACE)
    gaps = []
    while (
        upcoming := next_look(at, looks=looks, expires_at=ends, ended_at=NOW + ended)
    ) is not None:
        gaps.append((upcoming - at).total_seconds())
        at = upcoming
    assert gaps[:5] == [60, 60, 120, 240, 480]
    assert (gaps == sorted(gaps), max(gaps)) == (True, 6 * 3600)
    assert at > over + rule.AFTERWARDS
    assert len(gaps) < 30


@pytest.mark.parametrize(
    "said", ["0771234567", "+263771234567", "263 77 123 4567", "771234567", "(077) 123-4567"]
)
def test_a_number_goes_by_one_name(said: str) -> None:
    assert phone_of(said) == "263771234567"


@pytest.mark.parametrize(
    "said", ["", "123", "07712345678", "0242123456", "phone", "٠٧٧١٢٣٤٥٦٧", "+27771234567"]
)
def test_what_is_no_number_is_refused(said: str) -> None:
    with pytest.raises(PhoneInvalid):
        phone_of(said)
