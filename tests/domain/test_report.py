"""Figures of reports: days in order, currencies apart, shares by a named rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from pos_app.domain.report import Amounts, Days, ReportPeriodInvalid, Yardstick, share

TODAY = date(2026, 11, 2)
STICK = Yardstick(base="USD", quote="ZIG", rate=Decimal("26.5"))


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, (date(2026, 10, 4), TODAY)),
        (date(2026, 11, 2), None, (TODAY, TODAY)),
        (date(2027, 1, 1), None, (date(2027, 1, 1), date(2027, 1, 1))),
        (None, date(2026, 1, 30), (date(2026, 1, 1), date(2026, 1, 30))),
        (None, date.min, (date.min, date.min)),
        (date.max, None, (date.max, date.max)),
    ],
)
def test_what_is_left_out_is_filled_in(
    since: date | None, until: date | None, found: tuple[date, date]
) -> None:
    days = Days.of(since, until, today=TODAY)
    assert (days.since, days.until) == found


@pytest.mark.parametrize(
    ("since", "until"), [(TODAY, date(2026, 11, 1)), (date(1900, 1, 1), TODAY)]
)
def test_days_out_of_order_or_too_many_are_refused(since: date, until: date) -> None:
    with pytest.raises(ReportPeriodInvalid):
        Days.of(since, until, today=TODAY)


def test_currencies_are_never_added_without_a_rate() -> None:
    mixed = Amounts({"USD": 1000, "ZIG": 2650})
    assert STICK.value(mixed) == Fraction(1100)
    blind = Yardstick(base="USD", quote="ZIG", rate=None)
    assert (blind.value(mixed), blind.money(mixed), blind.percent(mixed, mixed)) == (None,) * 3
    assert blind.value(Amounts({"USD": 5, "ZIG": 0})) == 5, "nothing of it needs no rate"
    assert STICK.value(Amounts({"EUR": 1})) is None
    assert STICK.percent(Amounts({"ZIG": 2650}), mixed) == Decimal("9.09")
    assert (mixed - Amounts({"USD": 1})).of("USD").minor == 999
    assert mixed.average("USD", 3).minor == 333
    assert mixed.average("USD", 0).minor == 0


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 3, "33.33"), (2, 3, "66.67"), (-1, 8, "-12.50"), (0, 0, "0.00"), (1, -4, "-25.00")],
)
def test_shares_are_told_to_two_decimals(part: int, whole: int, percent: str) -> None:
    assert share(part, whole) == Decimal(percent)
