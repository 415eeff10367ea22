from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.money import (
    AmountInvalid,
    CurrencyMismatch,
    Money,
    divide_half_up,
    half_up,
    multiply,
    total,
)

# (value, cents) of published fiscal receipts and of cases where binary floats go wrong
CENTS = [
    ("123.445", 12345),
    ("123.455", 12346),
    ("0.005", 1),
    ("0.015", 2),
    ("-1.005", -101),
    ("945000", 94500000),
    ("0", 0),
    ("1.1", 110),
    ("2.675", 268),
]


@pytest.mark.parametrize(("value", "cents"), CENTS)
def test_rounds_halves_away_from_zero(value: str, cents: int) -> None:
    assert Money.rounded(Decimal(value), "USD").minor == cents


def test_of_takes_text_and_decimal_exactly() -> None:
    assert Money.of("25.99", "USD") == Money(2599, "USD")
    assert Money.of(Decimal("-0.5"), "ZIG") == Money(-50, "ZIG")
    assert Money.of(Decimal("1E+2"), "USD") == Money(10000, "USD")
    assert Money.of("1.500", "USD") == Money(150, "USD")


@pytest.mark.parametrize(
    "amount",
    ["", "abc", "1e9", "1_000", "\u0661\u0662", "1,50", "NaN", "inf", "1.005", "+1", "9" * 41,
     "1000000000000000.01", "1.00000000000000000001",
     Decimal("1." + "0" * 100 + "1"), Decimal("NaN"),
     Decimal("-Infinity"), Decimal("1e400"), 1.5, 3, None],
)  # fmt: skip
def test_of_refuses_what_is_no_amount(amount: object) -> None:
    with pytest.raises(AmountInvalid) as caught:
        Money.of(amount, "USD")  # type: ignore[arg-type]
    assert "25.99" in caught.value.sentence


def test_largest_amount_is_accepted() -> None:
    assert Money.of("1000000000000000.00", "USD").minor == 10**17


@pytest.mark.parametrize("minor", [1.0, True, Decimal(1), "1"])
def test_minor_units_are_whole_numbers_only(minor: object) -> None:
    with pytest.raises(AmountInvalid):
        Money(minor, "USD")  # type: ignore[arg-type]


def test_arithmetic_and_comparison() -> None:
    one, two = Money.of("1.00", "USD"), Money.of("2.50", "USD")
    assert one + two == Money.of("3.50", "USD")
    assert one - two == Money.of("-1.50", "USD")
    assert -two == Money.of("-2.50", "USD")
    assert abs(-two) == two
    assert two * 3 == Money.of("7.50", "USD")
    assert one < two <= Money(250, "USD")
    assert two > one >= Money(100, "USD")
    assert (one - two).is_negative
    assert not Money.zero("USD").is_negative
    assert not one < Money(100, "USD")
    assert not one > Money(100, "USD")
    assert Money.zero("USD").is_zero
    assert not one.is_zero
    assert Money(1, "USD") != Money(1, "ZIG")
    assert len({one, Money(100, "USD")}) == 1


def test_currencies_never_mix() -> None:
    usd, zig = Money(1, "USD"), Money(1, "ZIG")
    for mix in (
        lambda: usd + zig,
        lambda: usd - zig,
        lambda: usd < zig,
        lambda: usd <= zig,
        lambda: usd > zig,
        lambda: usd >= zig,
    ):
        with pytest.raises(CurrencyMismatch):
            mix()


def test_text_always_has_two_decimals() -> None:
    assert str(Money(2599, "USD")) == "25.99"
    assert str(Money(-5, "USD")) == "-0.05"
    assert str(Money(10**17, "USD")) == "1000000000000000.00"
    assert Money(100, "ZIG").label == "1.00 ZIG"


def test_total_of_nothing_is_zero() -> None:
    assert total([], "ZIG") == Money.zero("ZIG")
    assert total([Money(1, "USD"), Money(2, "USD")], "USD").minor == 3


def test_results_do_not_depend_on_the_threads_decimal_context() -> None:
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_DOWN)):
        assert half_up(Decimal("123456.785"), 2) == Decimal("123456.79")
        assert multiply(Decimal("1234.567"), Decimal("1000.001")) == Decimal("1234568.234567")
        assert str(Money.of("12345678.91", "USD")) == "12345678.91"
        assert Money.rounded(Decimal("12345678.915"), "USD").minor == 1234567892


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_division_is_half_up_of_the_exact_quotient(numerator: int, denominator: int) -> None:
    exact = half_up(Decimal(numerator) / Decimal(denominator), 0)
    near_tie = (2 * abs(numerator)) % denominator == 0
    assert near_tie or divide_half_up(numerator, denominator) == exact
    assert divide_half_up(-numerator, denominator) == -divide_half_up(numerator, denominator)


def test_division_of_a_tie_goes_away_from_zero() -> None:
    assert divide_half_up(5, 2) == 3
    assert divide_half_up(-5, 2) == -3


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_shares_sum_exactly_and_are_fair(minor: int, weights: list[int]) -> None:
    money = Money(minor, "USD")
    if sum(weights) == 0 and minor:
        with pytest.raises(AmountInvalid):
            money.split_by(weights)
        return
    parts = money.split_by(weights)
    assert sum(part.minor for part in parts) == minor
    assert tuple(-part for part in parts) == (-money).split_by(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < max(sum(weights), 1)
        assert weight or part.is_zero


def test_equal_remainders_go_to_the_earlier_part() -> None:
    assert [part.minor for part in Money(100, "USD").split_by([1, 1, 1])] == [34, 33, 33]


def test_negative_weights_are_refused() -> None:
    with pytest.raises(AmountInvalid):
        Money(1, "USD").split_by([2, -1])
