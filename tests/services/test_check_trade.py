"""Orders and quotations recomputed: what was taken of them, and what they come to."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from pos_app.domain.trade import Part
from pos_app.services.check import invariants
from pos_app.services.trade import convert
from pos_app.services.trade.convert import AskedInvoice
from pos_app.store.engine import Store
from pos_app.store.trade import trade_lines, trades
from tests.office import Office
from tests.services.test_posting_trade import BOSS, QUOTATION, opened, promised


@pytest.fixture
def books(store: Store) -> Office:
    return opened(store)


def codes(books: Office) -> set[str]:
    return {row.code for row in invariants.check(books.shop, is_server=True)}


def test_orders_count_what_invoices_took(books: Office) -> None:
    promised(books, QUOTATION)
    made = promised(books)
    convert.to_invoice(books.shop, BOSS, made.entry, AskedInvoice(parts=(Part(1, Decimal(4)),)))
    assert books.work_on().waiting == 0
    assert not codes(books) & {"order_miscounted", "trade_differs"}
    with books.shop.store.write() as connection:
        connection.execute(update(trade_lines).values(fulfilled=Decimal(1)))
        connection.execute(update(trades).values(total=1))
    assert codes(books) >= {"order_miscounted", "trade_differs"}
