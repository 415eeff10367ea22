"""A fiscal day by the clock, and two accounts of it side by side."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from pos_app.domain.fiscal_day import (
    STEP_MOVES,
    DayFigures,
    DayState,
    DocumentFigure,
    StepState,
    TaxFigure,
    closing_time,
    compare,
    day_state,
    rate_name,
    time_left,
)
from pos_app.domain.money import Money

OPENED = datetime(2026, 11, 2, 6, tzinfo=UTC)
BOTH = ("device", "till")


def figure(net: str, tax: str, *, percent: str | None = "15.5", currency: str = "USD") -> TaxFigure:
    return TaxFigure(
        currency=currency,
        percent=None if percent is None else Decimal(percent),
        net=Money.of(net, currency),
        tax=Money.of(tax, currency),
    )


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (0, DayState.OPEN),
        (21.99, DayState.OPEN),
        (22, DayState.WARNED),
        (23.99, DayState.WARNED),
        (24, DayState.OVER),
        (48, DayState.OVER),
        (-1, DayState.OPEN),
    ],
)
def test_a_day_by_its_hours(hours: float, state: DayState) -> None:
    now = OPENED + timedelta(hours=hours)
    found = day_state(is_open=True, opened_at=OPENED, now=now, hours=24, warn_hours=2)
    assert found is state


def test_a_closed_day_has_no_end_and_an_unseen_one_no_known_end() -> None:
    late = OPENED + timedelta(days=9)
    shared = {"now": late, "hours": 24, "warn_hours": 2}
    assert day_state(is_open=False, opened_at=OPENED, **shared) is DayState.CLOSED
    assert day_state(is_open=True, opened_at=None, **shared) is DayState.OPEN
    assert time_left(None, now=late, hours=24) is None
    assert time_left(OPENED, now=OPENED, hours=24) == timedelta(hours=24)


def test_the_evening_is_the_first_one_after_the_opening() -> None:
    at = time(20, 0)
    assert closing_time(OPENED, at) == OPENED.replace(hour=20)
    night = OPENED.replace(hour=20)
    assert closing_time(night, at) == night + timedelta(days=1)


def test_equal_accounts_have_no_difference_and_zeros_need_no_mention() -> None:
    one = DayFigures(taxes=(figure("10.00", "1.55"), figure("5.00", "0.00", percent="0")))
    other = DayFigures(
        taxes=(
            figure("4.00", "0.62"),
            figure("6.00", "0.93"),
            figure("5.00", "0.00", percent="0"),
            figure("0.00", "0.00", percent=None),
        )
    )
    assert compare(one, other, between=BOTH) == ()


def test_each_figure_that_differs_is_named_with_both_sides() -> None:
    one = DayFigures(taxes=(figure("10.00", "1.55"),), receipts=3)
    other = DayFigures(
        taxes=(figure("10.00", "1.56"), figure("7.00", "0.00", percent=None, currency="ZIG")),
        receipts=4,
    )
    assert [found.sentence for found in compare(one, other, between=BOTH)] == [
        "USD 15.5 % tax: the device says 1.55 and the till 1.56.",
        "ZIG exempt net: the device says nothing and the till 7.00.",
        "receipts: the device says 3 and the till 4.",
    ]


def test_exempt_and_zero_are_not_the_same() -> None:
    one = DayFigures(taxes=(figure("5.00", "0.00", percent="0"),))
    other = DayFigures(taxes=(figure("5.00", "0.00", percent=None),))
    assert len(compare(one, other, between=BOTH)) == 2
    assert (rate_name(None), rate_name(Decimal("0.00"))) == ("exempt", "0 %")


def test_documents_are_compared_where_both_sides_count_them() -> None:
    row = DocumentFigure(currency="USD", kind="invoice", count=2, total=Money.of("3.00", "USD"))
    counted = DayFigures(documents=(row,), receipts=2)
    assert compare(counted, DayFigures(), between=BOTH) == ()
    other = DocumentFigure(currency="USD", kind="invoice", count=2, total=Money.of("4.00", "USD"))
    (found,) = compare(counted, DayFigures(documents=(other,)), between=BOTH)
    assert (found.what, found.said, found.has) == ("USD invoice", "2 over 3.00", "2 over 4.00")


def test_a_step_that_was_sent_ends_by_reading_alone() -> None:
    ends = {new for old, new in STEP_MOVES if old is StepState.SENT}
    assert ends == {StepState.DONE, StepState.REFUSED, StepState.ASKED}
    assert not any(old in {StepState.DONE, StepState.REFUSED} for old, _ in STEP_MOVES)
