from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.move import MoveRefused
from pos_app.domain.reservation import (
    MOVES,
    DurationInvalid,
    RenewalsExhausted,
    Reservation,
    ReservationExpired,
    ReservationLine,
    ReservationState,
    cancel,
    confirm,
    duration,
    expire,
    fail,
    renew,
)

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
HELD = Reservation(
    id="r1",
    reference="T01-basket-1",
    state=ReservationState.PENDING,
    created_at=NOW,
    expires_at=NOW + duration(),
    lines=(ReservationLine("MILK", "SHOP1", Decimal(2), "B1"),),
)


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def in_state(state: ReservationState) -> Reservation:
    return replace(HELD, state=state)


def test_a_hold_counts_until_it_runs_out() -> None:
    assert HELD.is_counting(NOW)
    assert HELD.is_counting(minutes(59))
    assert not HELD.is_counting(minutes(60))
    assert not in_state(ReservationState.CONFIRMED).is_counting(NOW)


@pytest.mark.parametrize("count", [0, -1, 1441])
def test_impossible_durations(count: int) -> None:
    with pytest.raises(DurationInvalid):
        duration(count)
    with pytest.raises(DurationInvalid):
        renew(HELD, NOW, minutes=count)


def test_renewing_counts_and_is_capped() -> None:
    renewed = renew(HELD, minutes(30))
    assert (renewed.expires_at, renewed.renewals) == (minutes(90), 1)
    long = replace(HELD, expires_at=minutes(3000), renewals=0)
    assert renew(long, minutes(2000), minutes=1440).expires_at == minutes(2 * 1440)


def test_l50_ten_renewals_and_no_more() -> None:
    hold = HELD
    for _ in range(10):
        hold = renew(hold, NOW)
    assert hold.renewals == 10
    with pytest.raises(RenewalsExhausted):
        renew(hold, NOW)


def test_a_hold_that_ran_out_is_over() -> None:
    with pytest.raises(ReservationExpired):
        renew(HELD, minutes(60))
    with pytest.raises(ReservationExpired):
        confirm(HELD, minutes(60))
    overdue = expire(HELD, minutes(60))
    assert overdue.state is ReservationState.EXPIRED
    assert expire(HELD, minutes(59)) is HELD
    assert expire(overdue, minutes(70)) is overdue
    with pytest.raises(ReservationExpired):
        confirm(overdue, minutes(70))


def test_confirm_cancel_fail() -> None:
    assert confirm(HELD, NOW).state is ReservationState.CONFIRMED
    cancelled = cancel(HELD, reason="customer left")
    assert (cancelled.state, cancelled.reason) == (ReservationState.CANCELLED, "customer left")
    assert cancel(cancelled) is cancelled
    assert fail(HELD, reason="refused").state is ReservationState.FAILED


@pytest.mark.parametrize("state", [state for state in ReservationState if state != "Pending"])
def test_every_other_state_is_final(state: ReservationState) -> None:
    over = in_state(state)
    assert not any(old is state for old, _ in MOVES)
    refused = (MoveRefused, ReservationExpired)
    with pytest.raises(refused):
        confirm(over, NOW)
    with pytest.raises(refused):
        renew(over, NOW)
    with pytest.raises(MoveRefused):
        fail(over, reason="")
    if state is not ReservationState.CANCELLED:
        with pytest.raises(MoveRefused):
            cancel(over)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 1440)), max_size=12))
def test_no_chain_of_renewals_outlives_the_cap(steps: list[tuple[int, int]]) -> None:
    hold, now = HELD, NOW
    for wait, count in steps:
        now += timedelta(minutes=wait)
        try:
            hold = renew(hold, now, minutes=count)
        except (ReservationExpired, RenewalsExhausted):
            break
        assert hold.expires_at <= HELD.created_at + timedelta(hours=24) * (hold.renewals + 1)
        assert hold.renewals <= 10
