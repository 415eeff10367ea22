from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.currency import UnmappedCurrency
from pos_app.domain.money import Money
from pos_app.domain.shift import (
    DENOMINATIONS,
    SIGNS,
    Count,
    CountInvalid,
    DrawerShort,
    Movement,
    MovementKind,
    check_drawer,
    counted,
    expected,
    over_short,
    parse_counts,
)


def money(amount: str, currency: str = "USD") -> Money:
    return Money.of(amount, currency)


def test_reads_counts() -> None:
    counts = parse_counts("USD:20=3, USD:1=7,ZiG:10=2")
    assert counts == (
        Count("USD", Decimal(20), 3),
        Count("USD", Decimal(1), 7),
        Count("ZIG", Decimal(10), 2),
    )
    assert counted(counts) == {"USD": money("67"), "ZIG": money("20", "ZIG")}
    assert parse_counts("") == ()
    assert parse_counts(" , ") == ()
    assert counted(parse_counts("USD:0.5=1,USD:0.25=2")) == {"USD": money("1.00")}


@pytest.mark.parametrize(
    "text",
    ["USD", "USD:20", "USD:20=", "USD:20=-1", "USD:20=1.5", "USD:3=1", "USD:20=3,USD:20=1",
     "ZIG:1000=1", "USD:20=3;USD:1=7", "USD:0.001=1", "USD:20=9999999", "USD:NaN=1",
     "USD:20=\u0663"],
)  # fmt: skip
def test_counts_that_cannot_be_read(text: str) -> None:
    with pytest.raises(CountInvalid):
        parse_counts(text)


def test_counts_of_an_unknown_currency() -> None:
    with pytest.raises(UnmappedCurrency):
        parse_counts("EUR:20=1")


@given(st.integers(0, 10**7), st.sampled_from(["USD", "ZIG"]))
def test_every_amount_can_be_counted(minor: int, currency: str) -> None:
    left, parts = minor, []
    for face in DENOMINATIONS[currency]:
        pieces, left = divmod(left, int(face * 100))
        parts.append(f"{currency}:{face}={pieces}")
    assert left == 0
    assert counted(parse_counts(",".join(parts))) == {currency: Money(minor, currency)}


def test_what_must_be_in_the_drawer() -> None:
    kinds = MovementKind
    rows = [
        Movement(kinds.FLOAT, money("67")),
        Movement(kinds.FLOAT, money("200", "ZIG")),
        Movement(kinds.SALE, money("10")),
        Movement(kinds.CHANGE, money("2")),
        Movement(kinds.CHANGE, money("18.03", "ZIG")),
        Movement(kinds.REFUND, money("1")),
        Movement(kinds.PAID_IN, money("5")),
        Movement(kinds.PAID_OUT, money("3")),
        Movement(kinds.PICKUP, money("40")),
        Movement(kinds.LOAN, money("20")),
    ]
    assert expected(rows) == {"USD": money("56"), "ZIG": money("181.97", "ZIG")}
    assert set(SIGNS) == set(MovementKind)


def test_movements_carry_positive_amounts() -> None:
    assert expected([Movement(MovementKind.SALE, money("0"))]) == {"USD": money("0")}
    with pytest.raises(CountInvalid):
        Movement(MovementKind.SALE, money("-1"))


def test_over_and_short_per_currency() -> None:
    difference = over_short(
        {"USD": money("56"), "ZIG": money("10", "ZIG")}, {"USD": money("55.50")}
    )
    assert difference == {"USD": money("-0.50"), "ZIG": money("-10", "ZIG")}
    assert over_short({}, {"ZIG": money("1", "ZIG")}) == {"ZIG": money("1", "ZIG")}
    assert over_short({}, {}) == {}


def test_no_more_leaves_the_drawer_than_is_in_it() -> None:
    check_drawer({"USD": money("5")}, money("5"))
    with pytest.raises(DrawerShort):
        check_drawer({"USD": money("5")}, money("5.01"))
    with pytest.raises(DrawerShort):
        check_drawer({}, money("0.01", "ZIG"))
