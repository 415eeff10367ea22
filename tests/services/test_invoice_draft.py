"""Draft invoices: what is posted is what the draft says at that moment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pos_app.errors import StaleRecord
from pos_app.services import invoice, invoice_draft, invoice_view
from pos_app.services.invoice_order import Line, Order
from pos_app.store.engine import Store
from tests.stockroom import BOSS, SHOP, stockroom


def asked(quantity: int) -> Order:
    line = Line(item="MILK", quantity=Decimal(quantity), warehouse=SHOP)
    return Order(partner="C0000", lines=(line,), is_fiscal=False)


def test_a_draft_that_changes_while_it_is_confirmed_stays_a_draft(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = stockroom(store).shop
    made = invoice_draft.create(shop, BOSS, asked(1))
    priced = invoice.priced

    def changed_meanwhile(*args: Any, **named: Any) -> Any:
        sale = priced(*args, **named)
        monkeypatch.undo()
        invoice_draft.change(shop, BOSS, made.doc_entry, asked(7))
        return sale

    monkeypatch.setattr(invoice, "priced", changed_meanwhile)
    with pytest.raises(StaleRecord):
        invoice_draft.confirm(shop, BOSS, made.doc_entry, is_fiscal=False)
    known = invoice_view.by_number(shop, made.doc_entry)
    assert (known.status, known.lines[0].quantity) == ("Draft", 7)
    posted = invoice_draft.confirm(shop, BOSS, made.doc_entry, is_fiscal=False)
    assert posted.lines[0].quantity == 7
