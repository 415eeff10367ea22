"""Cheques of a payment into SAP: each once, and adopted only over the same amount."""

from __future__ import annotations

from typing import Any

import pytest

from pos_app.domain.money import Money
from pos_app.services import payment
from pos_app.services.payment import Receipt
from pos_app.store import queue
from pos_app.store.engine import Store
from sandbox.fault import Fault
from tests.office import Office
from tests.services.test_posting_note import MANAGER
from tests.services.test_posting_trade import opened

CHEQUE = {"number": 4711, "bank": "", "branch": "Avondale", "account": "0012", "due": "2026-12-01"}


@pytest.fixture
def books(sqlite_store: Store) -> Office:
    return opened(sqlite_store)


def received(books: Office, **changes: Any) -> str:
    """Seven dollars by cheque and three in cash."""
    money = {"cash": "3.00", "cheque": "7.00", "transfer": "0", "card": "0"}
    means: dict[str, Any] = {name: Money.of(amount, "USD") for name, amount in money.items()}
    details = {"cheques": [{**CHEQUE, "minor": 700, **changes}]}
    asked = Receipt(partner="C0001", currency="USD", details=details, **means)
    return payment.receive(books.shop, MANAGER, asked).id


def row_of(books: Office, payment_id: str) -> dict[str, Any]:
    with books.shop.store.read() as connection:
        return dict(queue.of_documents(connection, [payment_id])[payment_id])


def in_sap(books: Office) -> dict[str, Any]:
    [row] = books.gate.core.books.tables["IncomingPayments"].rows()
    return dict(row)


@pytest.mark.parametrize("fault", ["", "commit_then_drop", "commit_then_502", "drop_before"])
def test_a_cheque_is_in_sap_once_whatever_the_line_loses(books: Office, fault: str) -> None:
    if fault:
        books.arm(Fault(on="POST IncomingPayments", do=fault))
    made = received(books)
    assert books.work_on().waiting == 0
    booked = in_sap(books)
    [cheque] = booked["PaymentChecks"]
    assert row_of(books, made)["state"] == "Completed"
    assert (cheque["CheckNumber"], cheque["CheckSum"], cheque["DueDate"][:10]) == (
        4711,
        7,
        "2026-12-01",
    )
    assert (cheque["Branch"], cheque["AccounttNum"], booked["CashSum"]) == ("Avondale", "0012", 3)


def test_a_cheque_over_another_amount_is_not_adopted(books: Office) -> None:
    books.arm(Fault(on="POST IncomingPayments", do="commit_then_drop"))
    made = received(books)
    books.work()
    row = in_sap(books)
    other = [{**row["PaymentChecks"][0], "CheckSum": 8}]
    books.gate.core.books.tables["IncomingPayments"].put(row | {"PaymentChecks": other})
    books.work_on()
    assert row_of(books, made)["state"] == "RequiresReview"
    assert len(list(books.gate.core.books.tables["IncomingPayments"].rows())) == 1


def test_a_cheque_without_its_number_goes_to_a_person(books: Office) -> None:
    made = received(books, number=0)
    books.work_on()
    row = row_of(books, made)
    assert row["state"] == "RequiresReview"
    assert "without its number" in row["reason"]
    assert list(books.gate.core.books.tables["IncomingPayments"].rows()) == []
