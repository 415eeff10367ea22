"""Quotations and sales orders by their rules alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pos_app.domain.move import MoveRefused, check_move
from pos_app.domain.trade import (
    MOVES,
    FulfilledTooMuch,
    NotConvertible,
    Part,
    TradeKind,
    TradeState,
    after_both,
    is_over,
    parts_left,
)

S = TradeState
ORDER_TABLE = {
    S.DRAFT: {S.PENDING, S.APPROVED, S.CANCELLED, S.ON_HOLD, S.REJECTED},
    S.PENDING: {S.DRAFT, S.APPROVED, S.CANCELLED, S.ON_HOLD, S.REJECTED},
    S.APPROVED: {S.PARTIALLY_INVOICED, S.INVOICED, S.CANCELLED, S.ON_HOLD},
    S.PARTIALLY_INVOICED: {S.INVOICED, S.CANCELLED},
    S.ON_HOLD: {S.PENDING, S.APPROVED, S.CANCELLED, S.REJECTED},
    S.REJECTED: {S.DRAFT, S.PENDING, S.CANCELLED},
    S.CANCELLED: {S.DRAFT},
    S.INVOICED: set(),
}


@pytest.mark.parametrize("old", ORDER_TABLE)
@pytest.mark.parametrize("new", ORDER_TABLE)
def test_an_order_moves_as_the_contract_says(old: TradeState, new: TradeState) -> None:
    moves = MOVES[TradeKind.SALES_ORDER]
    if new in ORDER_TABLE[old]:
        assert check_move(moves, old, new=new, kind="order") is new
    else:
        with pytest.raises(MoveRefused):
            check_move(moves, old, new=new, kind="order")


@pytest.mark.parametrize(
    ("own", "header", "both"),
    [("0", "5", "5"), ("5", "0", "5"), ("5", "5", "9.75"), ("33.333333", "7.5", "38.333333"),
     ("100", "5", "100")],
)  # fmt: skip
def test_two_discounts_become_one(own: str, header: str, both: str) -> None:
    assert after_both(Decimal(own), Decimal(header)) == Decimal(both)


def test_a_quotation_holds_through_its_last_day() -> None:
    last = date(2026, 11, 5)
    assert not is_over(S.APPROVED, last, last)
    assert is_over(S.ACCEPTED, last, date(2026, 11, 6))
    assert is_over(S.EXPIRED, None, last)
    assert not is_over(S.DRAFT, last, date(2026, 11, 6)), "nobody was promised anything"
    assert not is_over(S.APPROVED, None, last)


def test_an_invoice_takes_what_is_left_or_less() -> None:
    left = {1: Decimal(4), 2: Decimal(0), 3: Decimal("0.5")}
    assert parts_left("SO-1", left, ()) == [Part(1, Decimal(4)), Part(3, Decimal("0.5"))]
    some = (Part(1, Decimal(1)), Part(1, Decimal(3)))
    assert parts_left("SO-1", left, some) == list(some)
    with pytest.raises(FulfilledTooMuch):
        parts_left("SO-1", left, (*some, Part(1, Decimal(1))))
    with pytest.raises(FulfilledTooMuch):
        parts_left("SO-1", left, (Part(9, Decimal(1)),))
    with pytest.raises(NotConvertible):
        parts_left("SO-1", {1: Decimal(0)}, ())
