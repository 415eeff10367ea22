"""Credit notes of the back office at the fiscal device and in SAP."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from pos_app.domain.credit_note import CreditNoteType
from pos_app.domain.note import OriginalNotFiled
from pos_app.domain.refund import ReturnTooMuch
from pos_app.services import invoice, invoice_paper, invoice_view
from pos_app.services.check import invariants
from pos_app.services.credit_note import draft, make, view
from pos_app.services.credit_note.asked import AskedCreditNote, AskedLine
from pos_app.services.credit_note.draft import NoDevice
from pos_app.services.credit_note.view import CreditNote
from pos_app.services.invoice_order import Line, Order
from pos_app.services.invoice_view import Invoice
from pos_app.store.engine import Store
from tests.counter import Counter, counter
from tests.office import Office
from tests.services.test_posting_trade import BOSS, documents, opened

D = Decimal


def sold(shop: Any, *items: str, quantity: str = "3") -> Invoice:
    lines = tuple(Line(item=item, quantity=D(quantity), warehouse="SHOP1") for item in items)
    return invoice.create(shop, BOSS, Order(partner="C0001", currency="USD", lines=lines))


def credited(shop: Any, of: Invoice, item: str, quantity: str, **how: Any) -> CreditNote:
    asked = AskedCreditNote(
        invoices=(of.number,),
        type=CreditNoteType.RETURN,
        reason="sour",
        lines=(AskedLine(item=item, quantity=D(quantity)),),
    )
    return make.create(shop, BOSS, replace(asked, **how))


@pytest.fixture
def till(store: Store) -> Counter:
    return counter(store)


def test_it_is_filed_as_a_tills_is(till: Counter) -> None:
    made = sold(till.shop, "MILK", "YOGHURT")
    with pytest.raises(OriginalNotFiled):
        credited(till.shop, made, "MILK", "1")
    till.file_all()
    noted = credited(till.shop, made, "MILK", "1")
    assert noted.fiscal.state == "intent"
    till.file_all()
    filed = till.box.ledger()["receipts"][-1]
    assert (filed["number"], filed["type"]) == (noted.receipt, "CreditNote")
    assert filed["original"]["number"] == made.receipt
    known = view.get(till.shop, noted.id)
    assert known.fiscal.is_done
    assert known.fiscal.number == noted.receipt


def test_a_server_without_a_device_corrects_nothing_that_was_filed(till: Counter) -> None:
    made = sold(till.shop, "MILK")
    till.file_all()
    rules = till.shop.rules
    blind = replace(
        till.shop, rules=replace(rules, fiscal=replace(rules.fiscal, is_required=False))
    )
    with pytest.raises(NoDevice):
        credited(blind, made, "MILK", "1")


@pytest.fixture
def books(store: Store) -> Office:
    return opened(store)


def in_sap(books: Office, noted: CreditNote) -> dict[str, Any]:
    entry = view.get(books.shop, noted.id).booked.doc_entry
    assert entry is not None
    row = books.gate.core.books.row("CreditNotes", entry)
    assert row is not None
    return dict(row)


def test_an_open_invoice_is_credited_as_its_base(books: Office) -> None:
    made = sold(books.shop, "MILK", "YOGHURT")
    noted = credited(books.shop, made, "YOGHURT", "2")
    assert books.work_on().waiting == 0
    row = in_sap(books, noted)
    assert (row["DocTotal"], row["NumAtCard"]) == (noted.total.amount, noted.receipt)
    entry = invoice_view.get(books.shop, made.id).booked.doc_entry
    assert {line["BaseEntry"] for line in row["DocumentLines"]} == {entry}
    assert len(documents(books, "CreditNotes")) == 1


def test_what_does_not_come_back_into_stock_stays_out_of_saps(books: Office) -> None:
    made = sold(books.shop, "MILK")
    noted = credited(books.shop, made, "MILK", "2", is_restocked=False)
    assert books.work_on().waiting == 0
    row = in_sap(books, noted)
    assert all(line.get("BaseEntry") is None for line in row["DocumentLines"])
    assert row["DocTotal"] == D("3.98")
    assert {line["WithoutInventoryMovement"] for line in row["DocumentLines"]} == {"tYES"}


def test_the_books_add_up_after_all_of_it(books: Office) -> None:
    made = sold(books.shop, "MILK", "YOGHURT")
    credited(books.shop, made, "YOGHURT", "2")
    credited(books.shop, made, "MILK", "1", is_restocked=False)
    credited(
        books.shop,
        made,
        "MILK",
        "2",
        type=CreditNoteType.ADJUSTMENT,
        lines=(AskedLine(item="MILK", quantity=D(2), unit_price=D("0.50")),),
    )
    assert books.work_on().waiting == 0
    found = invariants.check(books.shop, is_server=True)
    mine = {row.subject for row in found if row.subject.startswith(books.shop.rules.till)}
    assert mine == set(), found


def test_the_page_of_a_filed_invoice_is_the_fiscal_one(till: Counter) -> None:
    made = sold(till.shop, "MILK")
    till.file_all()
    data = invoice_paper.page_of(till.shop, invoice_view.get(till.shop, made.id))
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    assert "FISCAL TAX INVOICE" in text
    assert made.receipt in text
    assert "COPY" not in text


@pytest.mark.postgres
def test_two_who_credit_at_once_pay_back_no_more_than_was_sold(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read what is left before either has written."""
    books = opened(postgres_store)
    made = sold(books.shop, "MILK", quantity="3")
    both = threading.Barrier(2)
    compose = draft.compose

    def together(*args: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return compose(*args)

    monkeypatch.setattr(draft, "compose", together)
    ended: list[str] = []

    def run() -> None:
        try:
            ended.append(credited(books.shop, made, "MILK", "2").number)
        except ReturnTooMuch:
            ended.append("refused")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(ended), ended.count("refused")) == (2, 1)
