from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.currency import (
    Currency,
    CurrencyTable,
    Rate,
    RateInvalid,
    RateMissing,
    UnmappedCurrency,
    convert,
    convert_up,
    document_currency,
    normalise,
)
from pos_app.domain.money import Money

AT = datetime(2026, 9, 1, tzinfo=UTC)
TABLE = CurrencyTable(
    (
        Currency("USD", "United States dollar", "USD", "USD"),
        Currency("ZIG", "Zimbabwe Gold", "ZWG", "ZW$"),
        Currency("EUR", "Euro", "EUR", "EUR"),
    )
)


@pytest.mark.parametrize("code", ["USD", "usd", " US$ ", "$"])
def test_every_spelling_of_the_dollar(code: str) -> None:
    assert normalise(code) == "USD"


@pytest.mark.parametrize("code", ["ZIG", "ZiG", "ZWG", "zwl", "ZW$"])
def test_every_spelling_of_zig(code: str) -> None:
    assert normalise(code) == "ZIG"
    assert TABLE.get(code).fiscal_code == "ZWG"


@pytest.mark.parametrize("code", ["", "##", "EUR", "US", "ZAR", "DOLLAR" * 20])
def test_anything_else_is_refused_never_defaulted(code: str) -> None:
    with pytest.raises(UnmappedCurrency) as caught:
        normalise(code)
    assert len(caught.value.sentence) < 150


def test_a_currency_without_a_neighbours_code_is_unmapped() -> None:
    table = CurrencyTable((Currency("ZIG", "Zimbabwe Gold", "ZWG", ""),))
    with pytest.raises(UnmappedCurrency):
        table.get("ZIG")
    with pytest.raises(UnmappedCurrency):
        table.get("USD")


def test_partner_of_all_currencies_takes_the_price_lists() -> None:
    assert document_currency("##", "ZiG") == "ZIG"
    assert document_currency("", "USD") == "USD"
    assert document_currency("US$", "ZiG") == "USD"


@pytest.mark.parametrize(
    "value", ["0", "-1", "NaN", "Infinity", "1.0000001", "1E+999999", "1E-999999"]
)
def test_impossible_rates_are_refused(value: str) -> None:
    with pytest.raises(RateInvalid):
        Rate("USD", "ZIG", Decimal(value), AT)


def test_a_rate_needs_two_currencies() -> None:
    with pytest.raises(RateInvalid):
        Rate("USD", "USD", Decimal(1), AT)


@pytest.mark.parametrize(
    ("usd", "zig"), [("5230.50", "134685.38"), ("125000.50", "3218762.88"), ("0.01", "0.26")]
)
def test_converts_both_ways(usd: str, zig: str, rate: Rate) -> None:
    assert convert(Money.of(usd, "USD"), "ZIG", rate) == Money.of(zig, "ZIG")
    assert convert(Money.of(zig, "ZIG"), "USD", rate) == Money.of(usd, "USD")


def test_same_currency_needs_no_rate() -> None:
    assert convert(Money(7, "USD"), "USD", None) == Money(7, "USD")
    assert convert_up(Money(7, "USD"), "USD", None) == Money(7, "USD")


def test_without_a_rate_nothing_is_guessed(rate: Rate) -> None:
    with pytest.raises(RateMissing):
        convert(Money(7, "USD"), "ZIG", None)
    with pytest.raises(RateMissing):
        convert(Money(7, "USD"), "EUR", rate)


@given(
    st.integers(0, 10**10),
    st.decimals(min_value="0.000001", max_value="100000", places=6),
    st.sampled_from([("USD", "ZIG"), ("ZIG", "USD")]),
)
def test_rounding_up_is_enough_and_one_cent_less_is_not(
    minor: int, value: Decimal, pair: tuple[str, str]
) -> None:
    rate = Rate("USD", "ZIG", value, AT)
    due = Money(minor, pair[0])
    enough = convert_up(due, pair[1], rate)
    numerator, denominator = (rate.micro, 10**6) if pair[0] == "USD" else (10**6, rate.micro)
    assert enough.minor * denominator >= minor * numerator
    assert (enough.minor - 1) * denominator < minor * numerator
    assert abs(convert(due, pair[1], rate).minor - enough.minor) <= 1
