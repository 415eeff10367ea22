from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.currency import Rate, RateMissing
from pos_app.domain.money import Money
from pos_app.domain.quantity import QuantityInvalid
from pos_app.domain.refund import (
    CreditTooMuch,
    RefundTooOld,
    ReturnLine,
    ReturnTooMuch,
    SoldLine,
    check_age,
    correct_price,
    credited,
    pay_back,
    refund,
    take_back,
)
from pos_app.domain.sale import LineUnknown
from pos_app.domain.tax import TaxGroup
from pos_app.domain.tender import TenderInvalid, TenderType

Groups = Mapping[str, TaxGroup]


@pytest.fixture(scope="session")
def sold(groups: Groups) -> SoldLine:
    return SoldLine(
        number=1,
        item="BREAD",
        quantity=Decimal(3),
        decimals=0,
        uom="each",
        gross=Money.of("1.00", "USD"),
        tax=groups["standard"],
    )


def after(line: SoldLine, back: ReturnLine) -> SoldLine:
    paid = (line.credited or Money.zero("USD")) + back.gross
    return replace(line, returned=line.returned + back.quantity, credited=paid)


def test_sell_three_return_two_return_two(sold: SoldLine) -> None:
    first = take_back(sold, Decimal(2))
    assert str(first.gross) == "0.67"
    left = after(sold, first)
    with pytest.raises(ReturnTooMuch) as caught:
        take_back(left, Decimal(2))
    assert caught.value.details["available"] == "1"
    assert str(take_back(left, Decimal(1)).gross) == "0.33"
    done = after(left, take_back(left, Decimal(1)))
    assert done.returnable == 0
    assert done.creditable.is_zero
    with pytest.raises(ReturnTooMuch):
        take_back(done, Decimal(1))


@pytest.mark.parametrize("quantity", ["0", "-1", "0.5"])
def test_impossible_quantities(sold: SoldLine, quantity: str) -> None:
    with pytest.raises(QuantityInvalid):
        take_back(sold, Decimal(quantity))


@given(
    st.integers(1, 10**7),
    st.lists(st.integers(1, 5000), min_size=1, max_size=8),
)
def test_however_it_comes_back_the_parts_sum_to_the_original(
    sold: SoldLine, minor: int, parts: list[int]
) -> None:
    line = replace(
        sold, gross=Money(minor, "USD"), quantity=Decimal(sum(parts)).scaleb(-3), decimals=3
    )
    paid = 0
    for part in parts:
        back = take_back(line, Decimal(part).scaleb(-3))
        assert back.gross.minor >= 0
        fair = Decimal(minor) * part / sum(parts)
        assert abs(back.gross.minor - fair) <= len(parts)
        paid += back.gross.minor
        line = after(line, back)
    assert paid == minor


def test_a_price_correction_leaves_less_to_return(sold: SoldLine) -> None:
    corrected = correct_price(sold, Money.of("0.40", "USD"))
    assert corrected.quantity == 0
    left = after(sold, corrected)
    assert left.returnable == 3
    assert str(take_back(left, Decimal(3)).gross) == "0.60"
    assert str(correct_price(left, Money.of("0.60", "USD")).gross) == "0.60"
    with pytest.raises(CreditTooMuch) as caught:
        correct_price(left, Money.of("0.61", "USD"))
    assert caught.value.details["available"] == "0.60"
    with pytest.raises(QuantityInvalid):
        correct_price(left, Money.zero("USD"))


def test_a_credit_note_takes_vat_once_per_group(sold: SoldLine, groups: Groups) -> None:
    lines = [
        replace(sold, gross=Money.of("4.50", "USD")),
        replace(sold, number=2, gross=Money.of("0.99", "USD"), tax=groups["zero"]),
        replace(sold, number=3, gross=Money.of("3.00", "USD")),
    ]
    note = refund(lines, {1: Decimal(1), 2: Decimal(3), 3: Decimal(2)})
    assert [str(row.gross) for row in note.lines] == ["1.50", "0.99", "2.00"]
    assert [(row.group.code, str(row.gross), str(row.vat)) for row in note.taxes] == [
        ("B", "0.99", "0.00"),
        ("A", "3.50", "0.47"),
    ]
    assert (str(note.total), str(note.vat)) == ("4.49", "0.47")
    with pytest.raises(LineUnknown):
        refund(lines, {9: Decimal(1)})


def test_an_empty_note_is_nothing() -> None:
    note = credited([])
    assert note.lines == ()
    assert note.total.is_zero


def test_money_goes_back_at_the_receipts_rate(
    tender_types: Mapping[str, TenderType], rate: Rate
) -> None:
    due = Money.of("2.00", "USD")
    back = pay_back(due, tender_types["cash"], currency="ZIG", rate=rate)
    assert (back.settled.label, back.in_document.label) == ("51.50 ZIG", "2.00 USD")
    assert pay_back(due, tender_types["cash"], currency="USD").settled == due
    with pytest.raises(RateMissing):
        pay_back(due, tender_types["cash"], currency="ZIG")
    with pytest.raises(TenderInvalid):
        pay_back(due, tender_types["usd_only"], currency="ZIG", rate=rate)
    with pytest.raises(TenderInvalid):
        pay_back(due, tender_types["ecocash"], currency="USD")


def test_twelve_months_and_no_day_more() -> None:
    check_age(date(2025, 9, 1), date(2026, 9, 1))
    check_age(date(2024, 2, 29), date(2025, 3, 1))
    with pytest.raises(RefundTooOld):
        check_age(date(2025, 9, 1), date(2026, 9, 2))
    with pytest.raises(RefundTooOld):
        check_age(date(2024, 2, 29), date(2025, 3, 2))
