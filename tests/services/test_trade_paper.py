"""Papers of deals as files: of the server's own documents, by their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos_app.domain.permission import PermissionMissing
from pos_app.domain.trade import Part
from pos_app.errors import RecordNotFound
from pos_app.services import statement_paper
from pos_app.services.saved_paper import Form
from pos_app.services.trade import convert, paper
from pos_app.services.trade.convert import AskedInvoice
from pos_app.store.engine import Store
from tests.office import Office
from tests.services.test_posting_trade import BOSS, QUOTATION, D, opened, promised

NOBODY = replace(BOSS, role="Nobody", permissions=frozenset())


@pytest.fixture
def books(sqlite_store: Store) -> Office:
    return opened(sqlite_store)


def text(books: Office, kind: str, number: str) -> str:
    return paper.save(books.shop, BOSS, kind, number, Form.TEXT).decode()


def test_each_form_of_a_quotation(books: Office) -> None:
    made = promised(books, QUOTATION)
    assert made.number in text(books, "quotation", made.number)
    for form, mark in ((Form.PDF, b"%PDF"), (Form.ESCPOS, b"\x1b@")):
        data = paper.save(books.shop, BOSS, "quotation", made.number, form)
        assert data.startswith(mark)
    with pytest.raises(RecordNotFound):
        text(books, "order", made.number)
    with pytest.raises(PermissionMissing):
        paper.save(books.shop, NOBODY, "quotation", made.number, Form.TEXT)


def test_a_delivery_note_tells_what_is_left_or_what_went(books: Office) -> None:
    made = promised(books)
    sold = convert.to_invoice(
        books.shop, BOSS, made.entry, AskedInvoice(parts=(Part(1, D(4)), Part(2, D(3))))
    )
    left = text(books, "delivery", made.number)
    assert "DELIVERY NOTE" in left
    assert "6 each" in left
    assert "Yoghurt" not in left, "all of it went"
    went = text(books, "delivery", sold.receipt)
    assert "4 each" in went
    assert "Batch Y-SOON (3)" in went
    assert "1.99" not in left + went, "no prices"


def test_a_statement_by_command(books: Office) -> None:
    made = promised(books)
    sold = convert.to_invoice(books.shop, BOSS, made.entry, AskedInvoice())
    told = statement_paper.save(books.shop, BOSS, "C0001", Form.TEXT).decode()
    assert sold.receipt in told
    assert str(sold.total) in told
    with pytest.raises(PermissionMissing):
        statement_paper.save(books.shop, NOBODY, "C0001", Form.TEXT)
