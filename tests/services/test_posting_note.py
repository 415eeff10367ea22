"""Notes into SAP: the credit note once, the money out once, after the invoice they correct."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.domain.note import NoteKind, WantedLine
from pos_app.services import invoice, payment, refund, tender
from pos_app.services.invoice_order import Line, Order
from pos_app.services.payment import Application, Receipt
from pos_app.services.posting import by_hand, review
from pos_app.services.refund import AskedNote
from pos_app.services.sale import Posted
from pos_app.services.shop import FiscalRules
from pos_app.store import queue, warehouse
from pos_app.store.engine import Store
from pos_app.store.warehouse import Warehouse
from sandbox.fault import Fault
from tests import shops
from tests.office import Office, office

NO_DEVICE = FiscalRules(device="", is_required=False, deferred_count=0, deferred_hours=0)
MANAGER = replace(shops.actor("manager"), role="Admin")


@pytest.fixture
def books(store: Store) -> Office:
    return office(store, fiscal=NO_DEVICE)


@pytest.fixture
def quick(sqlite_store: Store) -> Office:
    return office(sqlite_store, fiscal=NO_DEVICE)


def give_back(books: Office, of: Posted, *lines: WantedLine, **how: Any) -> Posted:
    shop = books.shop
    how = {"reason": "sour"} | how
    asked = AskedNote(id=shop.ids.new(), receipt=of.receipt, lines=lines, **how)
    noted = refund.post(shop, MANAGER, asked)
    books.queue(noted)
    return noted


def documents(books: Office, kind: str) -> list[dict[str, Any]]:
    rows = books.gate.core.ledger()["documents"]
    return [row for row in rows if row["set"] == kind]


def outgoing(books: Office) -> list[dict[str, Any]]:
    rows = books.gate.core.ledger()["documents"] + books.gate.core.ledger()["payments"]
    return [row for row in rows if row.get("set") == "VendorPayments"]


def back(line: int, quantity: str) -> WantedLine:
    return WantedLine(line=line, quantity=Decimal(quantity))


def test_a_return_is_credited_beside_its_closed_invoice_and_paid_out(books: Office) -> None:
    sold = books.sell("MILK", "YOGHURT", quantity="3")
    books.work_on()
    noted = give_back(books, sold, back(1, "1"), back(2, "2"))
    books.work_on()
    assert books.lamp(noted) == "done"
    [note] = documents(books, "CreditNotes")
    assert (note["U_Van_saleorder"], note["NumAtCard"]) == (noted.sale_id, noted.receipt)
    assert Decimal(note["DocTotal"]) == -noted.total.amount
    assert {(move["item"], move["quantity"]) for move in note["moves"]} == {
        ("MILK", "1"),
        ("YOGHURT", "2"),
    }
    assert [step["kind"] for step in books.steps(noted)] == ["credit_note", "refund"]
    [paid] = outgoing(books)
    assert paid["Remarks"].startswith(f"{noted.receipt}-USD1")
    assert Decimal(paid["CashSum"]) == -noted.total.amount
    before = books.calls("POST")
    books.work_on()
    assert books.calls("POST") == before


def test_a_correction_of_a_price_moves_no_goods_in_sap(quick: Office) -> None:
    sold = quick.sell("MILK", quantity="2")
    quick.work_on()
    lines = (WantedLine(line=1, amount=Money.of("0.50", "USD")),)
    noted = give_back(quick, sold, *lines, reason="shelf price")
    quick.work_on()
    [note] = documents(quick, "CreditNotes")
    assert (note["moves"], Decimal(note["DocTotal"])) == ([], Decimal("0.50"))
    assert quick.lamp(noted) == "done"


def test_money_of_the_other_currency_goes_out_in_it(quick: Office) -> None:
    made = quick.fill("MILK", quantity="2")
    sold = quick.post(made, tender.make(quick.shop, "cash", Money.of("106", "ZIG")))
    quick.work_on()
    noted = give_back(quick, sold)
    quick.work_on()
    [paid] = outgoing(quick)
    assert (paid["DocCurrency"], Decimal(paid["CashSum"])) == ("ZiG", Decimal("105.47"))
    assert quick.lamp(noted) == "done"


def test_a_note_of_an_invoice_that_never_comes_goes_to_a_person(quick: Office) -> None:
    sold = quick.sell("MILK")
    noted = give_back(quick, sold)
    review.cancel(quick.shop, MANAGER, sold.receipt, reason="entered by hand as 4711")
    quick.work_on()
    row = quick.row(noted)
    assert (row["state"], quick.lamp(noted)) == ("RequiresReview", "review")
    assert "by hand" in row["reason"]
    assert documents(quick, "CreditNotes") == []
    body = {
        "CardCode": "C0000",
        "NumAtCard": noted.receipt,
        "DocumentLines": [
            {
                "ItemCode": "MILK",
                "Quantity": 1,
                "PriceAfterVAT": Decimal("1.99"),
                "VatGroup": "O1",
                "WarehouseCode": "SHOP1",
            }
        ],
    }
    number = quick.sap.post("CreditNotes", body)["DocNum"]
    told = by_hand.settle(quick.shop, quick.sap, MANAGER, noted.receipt, number=number)
    assert told.left == ("refund",)
    quick.work_on()
    assert (quick.row(noted)["state"], quick.lamp(noted)) == ("Completed", "done")
    assert (len(documents(quick, "CreditNotes")), len(outgoing(quick))) == (1, 1)


def test_a_note_follows_the_invoice_of_a_receipt_whose_payment_was_taken_out(
    quick: Office,
) -> None:
    quick.arm(Fault(on="POST IncomingPayments", do="error", code=-5002, message="No", times=9))
    sold = quick.sell("MILK")
    quick.work_on()
    review.cancel(quick.shop, MANAGER, sold.receipt, reason="the payment is entered by hand")
    noted = give_back(quick, sold)
    quick.arm()
    quick.work_on()
    [invoice] = quick.invoices()
    [note] = [dict(row) for row in quick.gate.core.books.tables["CreditNotes"].rows()]
    assert [one["RefDocEntr"] for one in note["DocumentReferences"]] == [invoice["DocEntry"]]
    assert (quick.lamp(sold), quick.lamp(noted)) == ("review", "done")


def test_a_payment_of_an_invoice_that_never_comes_goes_to_a_person(quick: Office) -> None:
    with quick.shop.store.write() as connection:
        warehouse.put(connection, [Warehouse("SHOP1", "Shop")])
    line = Line(item="MILK", quantity=Decimal(1), warehouse="SHOP1")
    order = Order(partner="C0001", currency="USD", lines=(line,), is_fiscal=False)
    sold = invoice.create(quick.shop, MANAGER, order)
    one = Money.of("1.00", "USD")
    none = dict.fromkeys(("transfer", "cheque", "card"), Money.zero("USD"))
    applied = (Application(sold.number, one),)
    asked = Receipt(partner="C0001", currency="USD", cash=one, applications=applied, **none)
    paid = payment.receive(quick.shop, MANAGER, asked)
    review.cancel(quick.shop, MANAGER, sold.receipt, reason="entered by hand as 4711")
    quick.work_on()
    with quick.shop.store.read() as connection:
        row = queue.of_documents(connection, [paid.id])[paid.id]
    assert row["state"] == "RequiresReview"
    assert "by hand" in row["reason"]


def test_the_invoice_goes_first(quick: Office) -> None:
    sold = quick.sell("MILK")
    quick.arm(Fault(do="drop_before", on="POST Invoices", times=1))
    noted = give_back(quick, sold)
    quick.work()
    assert documents(quick, "CreditNotes") == []
    assert "goes first" in str(quick.row(noted)["reason"]) or quick.lamp(noted) == "pending"
    quick.work_on()
    assert (quick.lamp(sold), quick.lamp(noted)) == ("done", "done")


@pytest.mark.parametrize("on", ["POST CreditNotes", "POST VendorPayments"])
@pytest.mark.parametrize("do", ["commit_then_drop", "commit_then_502", "drop_before", "hide"])
def test_a_lost_answer_is_looked_for_and_never_repeated(quick: Office, on: str, do: str) -> None:
    sold = quick.sell("MILK", quantity="2")
    quick.work_on()
    quick.arm(Fault(do=do, on=on, times=1, seconds=90))
    noted = give_back(quick, sold, back(1, "1"))
    quick.work_on()
    assert quick.lamp(noted) == "done"
    assert len(documents(quick, "CreditNotes")) == 1
    assert len(outgoing(quick)) == 1


def test_parts_of_an_invoice_come_back_one_by_one(quick: Office) -> None:
    sold = quick.sell("BANANA", quantity="1.234")
    quick.work_on()
    for quantity in ("0.5", "0.234", "0.5"):
        give_back(quick, sold, back(1, quantity))
    quick.work_on()
    notes = documents(quick, "CreditNotes")
    assert sum(Decimal(note["DocTotal"]) for note in notes) == sold.total.amount


def test_a_debit_note_is_for_a_person(quick: Office) -> None:
    rules = replace(quick.shop.rules, fiscal=replace(NO_DEVICE, takes_debit_notes=True))
    quick.shop = replace(quick.shop, rules=rules)
    sold = quick.sell("MILK")
    quick.work_on()
    lines = (WantedLine(line=1, amount=Money.of("0.50", "USD")),)
    noted = give_back(quick, sold, *lines, kind=NoteKind.DEBIT)
    quick.work_on()
    assert (quick.lamp(noted), quick.row(noted)["reason_code"]) == ("review", "debit_note_by_hand")
